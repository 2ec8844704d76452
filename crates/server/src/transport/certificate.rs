//! A certificate with its key, and the one that is shown at the moment.

use std::{
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use data_encoding::HEXUPPER;
use rustls::{
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tacita_domain::Timestamp;
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
};

use super::{TlsError, files};

/// A certificate with its key.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) key: Arc<CertifiedKey>,
    /// From when and until when it holds, in seconds since 1970.
    pub(super) from: i64,
    pub(super) until: i64,
    /// The names and addresses that it holds for, as text, in order.
    pub(super) names: Vec<String>,
}

/// The certificate that is shown at the moment.
#[derive(Debug, Default)]
pub(super) struct Shown(RwLock<Option<Arc<CertifiedKey>>>);

impl Identity {
    /// The one that two PEM texts hold, which are said to come from `chain_path` and `key_path`.
    pub(super) fn parse(
        (chain_path, chain): (&Path, &[u8]),
        (key_path, key): (&Path, &[u8]),
        provider: &CryptoProvider,
    ) -> Result<Self, TlsError> {
        let not = |path: &Path, why: String| TlsError::Content(path.to_owned(), why);
        let chain = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| not(chain_path, format!("not a PEM file with certificates: {error}")))?;
        let Some(own) = chain.first() else {
            return Err(not(chain_path, "there is no certificate in it".to_owned()));
        };
        let (from, until, names) = read(own).ok_or_else(|| {
            not(chain_path, "its first certificate can't be read as X.509 version 3".to_owned())
        })?;
        // The parser's errors may show what is in the file.
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| not(key_path, "not a PEM file with an unencrypted private key".to_owned()))?;
        let key = CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => not(
                key_path,
                format!("it is not the key of the first certificate in `{}`", chain_path.display()),
            ),
            _ => not(key_path, "no private key that TLS can use: RSA, ECDSA or Ed25519".to_owned()),
        })?;
        Ok(Self { key: Arc::new(key), from, until, names })
    }

    /// The one that lies in a file with its key.
    pub(super) fn read(path: &Path, provider: &CryptoProvider) -> Result<Self, TlsError> {
        let both = files::read_secret(path)?;
        Self::parse((path, &both), (path, &both), provider)
    }

    /// Whether it holds at `now`.
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        (self.from..self.until).contains(&seconds(now))
    }

    /// Seconds for which it still holds; negative afterwards.
    pub(super) fn left(&self, now: Timestamp) -> i64 {
        self.until - seconds(now)
    }

    /// Seconds for which it holds in all.
    pub(super) fn lifetime(&self) -> i64 {
        self.until - self.from
    }

    /// SHA-256 of the certificate, as browsers show it.
    pub(super) fn fingerprint(&self) -> String {
        let own = self.key.cert.first().map_or(&[][..], AsRef::as_ref);
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, own);
        let pairs: Vec<_> = digest.as_ref().iter().map(|byte| HEXUPPER.encode(&[*byte])).collect();
        pairs.join(":")
    }

    /// What an operator is told about it.
    pub(super) fn describe(&self) -> String {
        let until = Timestamp::from_micros(self.until.saturating_mul(1_000_000));
        let names = if self.names.is_empty() { "no name".to_owned() } else { self.names.join(", ") };
        format!("for {names}, until {until}")
    }
}

impl Shown {
    /// Shows this one from the next handshake on.
    pub(super) fn show(&self, identity: &Identity) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&identity.key));
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// From when and until when a certificate holds, and for which names.
fn read(certificate: &CertificateDer<'_>) -> Option<(i64, i64, Vec<String>)> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let validity = parsed.validity();
    let alternatives = parsed.subject_alternative_name().ok()?;
    let names = alternatives.map(|names| names.value.general_names.iter().filter_map(name).collect());
    let mut names: Vec<_> = names.unwrap_or_default();
    names.sort();
    Some((validity.not_before.timestamp(), validity.not_after.timestamp(), names))
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(std::net::IpAddr::from);
            let address = v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(std::net::IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

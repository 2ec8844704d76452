//! What an authority is shown to prove that a name is ours: a certificate of our own making, over TLS (RFC 8737).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::{
    ServerConfig,
    crypto::CryptoProvider,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::TlsError;

/// The protocol in which an authority asks.
const PROTOCOL: &[u8] = b"acme-tls/1";

/// What is shown at the moment, by name in lower case.
#[derive(Debug, Default)]
pub(super) struct Challenges(Mutex<HashMap<String, Arc<CertifiedKey>>>);

/// Whether it is an authority who calls: it asks for this protocol alone.
pub(super) fn asks(hello: &ClientHello<'_>) -> bool {
    hello.alpn().is_some_and(|mut protocols| protocols.all(|protocol| protocol == PROTOCOL))
}

impl Challenges {
    /// Shows the proof for `name`: the digest of what the authority gave out, which only its account can know.
    pub(super) fn show(&self, name: &str, digest: &[u8], provider: &CryptoProvider) -> Result<(), TlsError> {
        let proof = proof(name, digest, provider)?;
        self.lock().insert(name.to_ascii_lowercase(), Arc::new(proof));
        Ok(())
    }

    /// Shows nothing any more.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// How an authority is spoken to.
    pub(super) fn config(self: &Arc<Self>, provider: &Arc<CryptoProvider>) -> Arc<ServerConfig> {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(provider))
            .with_safe_default_protocol_versions()
            .expect("the provider has suites for both versions")
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as _);
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Arc::new(config)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<CertifiedKey>>> {
        // Each change is one call, so that what is there is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Challenges {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?.to_ascii_lowercase();
        self.lock().get(&name).cloned()
    }
}

fn proof(name: &str, digest: &[u8], provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let failed = |error: rcgen::Error| TlsError::Making(error.to_string());
    if digest.len() != 32 {
        return Err(TlsError::Acme("the authority's token has no SHA-256".to_owned()));
    }
    let key = KeyPair::generate().map_err(failed)?;
    let mut certificate = CertificateParams::new([name.to_owned()]).map_err(failed)?;
    certificate.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let signed = certificate.self_signed(&key).map_err(failed)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    CertifiedKey::from_der(vec![signed.der().clone()], key, provider)
        .map_err(|error| TlsError::Making(error.to_string()))
}

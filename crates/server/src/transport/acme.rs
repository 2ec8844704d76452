//! A certificate from an authority, which is got and renewed by itself (ACME, RFC 8555).

use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use data_encoding::HEXLOWER;
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, Order, OrderStatus,
    RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use rustls::crypto::CryptoProvider;
use tacita_domain::Timestamp;
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

use super::{
    Acme, TlsError,
    acme_tls::Challenges,
    certificate::{Identity, Shown},
    counts::TlsCounts,
    files,
};

/// How often it is asked whether a certificate is due.
const LOOK: Duration = Duration::from_secs(60 * 60);
/// How long it waits after a failure: at first, and at most. Authorities allow five failures an hour for a name.
const RETRY: [Duration; 2] = [Duration::from_secs(5 * 60), Duration::from_secs(6 * 60 * 60)];
/// How long an authority may take for one order.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Gets a certificate, and another one when a third of its time is left.
#[derive(Debug)]
pub(super) struct Renewal {
    acme: Acme,
}

impl Renewal {
    /// For settings that can be meant.
    pub(super) fn new(acme: &Acme) -> Result<Self, TlsError> {
        let refuse = |why: String| Err(TlsError::Acme(why));
        if !acme.directory.starts_with("https://") {
            return refuse(format!("`{}` is no `https` URL of a directory", acme.directory));
        }
        if acme.names.is_empty() {
            return refuse("say in `names` which names the certificate is for".to_owned());
        }
        for name in &acme.names {
            let plain = name.split('.').count() > 1
                && name.parse::<IpAddr>().is_err()
                && name.split('.').all(|label| !label.is_empty() && label.len() < 64)
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
            if !plain {
                return refuse(format!(
                    "`{name}` is no name such as `tacita.example.org`; wildcards and addresses are not given out in this way"
                ));
            }
        }
        if let Some(contact) = acme.contact.iter().find(|contact| !contact.starts_with("mailto:")) {
            return refuse(format!("`{contact}` is no contact such as `mailto:privacy@example.org`"));
        }
        let mut acme = acme.clone();
        for name in &mut acme.names {
            name.make_ascii_lowercase();
        }
        acme.names.sort();
        acme.names.dedup();
        Ok(Self { acme })
    }

    /// The certificate of the last start, if it is for these names and holds.
    pub(super) fn kept(
        &self,
        provider: &CryptoProvider,
        now: Timestamp,
    ) -> Result<Option<Identity>, TlsError> {
        let path = self.certificate();
        if !path.exists() {
            return Ok(None);
        }
        let kept = Identity::read(&path, provider)?;
        Ok((kept.names == self.acme.names && kept.holds(now)).then_some(kept))
    }

    /// Keeps the certificate fresh, for ever.
    pub(super) async fn keep(
        &self,
        challenges: &Arc<Challenges>,
        shown: &Shown,
        provider: &CryptoProvider,
        counts: &TlsCounts,
        clock: fn() -> Timestamp,
    ) {
        let mut kept = self.kept(provider, clock()).unwrap_or_default();
        if kept.is_none() {
            tracing::info!(
                "there is no certificate yet, and nobody can connect until {} has given one out for {}",
                self.acme.directory,
                self.acme.names.join(", ")
            );
        }
        let mut wait = RETRY[0];
        loop {
            if kept.as_ref().is_some_and(|kept| !is_due(kept, clock())) {
                sleep(LOOK).await;
                continue;
            }
            let got = timeout(PATIENCE, self.get(challenges, provider)).await;
            challenges.clear();
            match got.unwrap_or_else(|_| Err(TlsError::Acme("the authority took too long".to_owned()))) {
                Ok(identity) => {
                    tracing::info!("a new certificate is shown: {}", identity.describe());
                    shown.show(&identity);
                    counts.until(identity.until);
                    kept = Some(identity);
                    wait = RETRY[0];
                }
                Err(error) => {
                    tracing::error!("{error}; it is tried again in {} minutes", wait.as_secs() / 60);
                    sleep(wait).await;
                    wait = (wait * 2).min(RETRY[1]);
                }
            }
        }
    }

    /// Gets one, and keeps it.
    pub(super) async fn get(
        &self,
        challenges: &Challenges,
        provider: &CryptoProvider,
    ) -> Result<Identity, TlsError> {
        let account = self.account().await?;
        let names: Vec<_> = self.acme.names.iter().cloned().map(Identifier::Dns).collect();
        let mut order = account.new_order(&NewOrder::new(&names)).await.map_err(|error| refused(&error))?;
        prove(&mut order, challenges, provider).await?;
        let retry = RetryPolicy::new().timeout(PATIENCE);
        let status = order.poll_ready(&retry).await.map_err(|error| refused(&error))?;
        if status != OrderStatus::Ready {
            return Err(TlsError::Acme(why_not(&mut order).await));
        }
        let failed = |error: rcgen::Error| TlsError::Making(error.to_string());
        let key = KeyPair::generate().map_err(failed)?;
        let mut request = CertificateParams::new(self.acme.names.clone()).map_err(failed)?;
        request.distinguished_name = DistinguishedName::new();
        let request = request.serialize_request(&key).map_err(failed)?;
        order.finalize_csr(request.der()).await.map_err(|error| refused(&error))?;
        let chain = order.poll_certificate(&retry).await.map_err(|error| refused(&error))?;
        let both = Zeroizing::new(format!("{chain}\n{}", *Zeroizing::new(key.serialize_pem())));
        let path = self.certificate();
        // What an authority sends is looked at before it takes the place of one that works.
        let identity = Identity::parse((&path, both.as_bytes()), (&path, both.as_bytes()), provider)?;
        files::write_secret(&path, both.as_bytes())?;
        Ok(identity)
    }

    /// The account at the authority; a new one where there is none yet.
    async fn account(&self) -> Result<Account, TlsError> {
        let builder = match &self.acme.root {
            Some(root) => Account::builder_with_root(root),
            None => Account::builder(),
        };
        let builder = builder.map_err(|error| refused(&error))?;
        let path = self.account_file();
        if path.exists() {
            let kept = files::read_secret(&path)?;
            let credentials = serde_json::from_slice(&kept)
                .map_err(|_| TlsError::Content(path.clone(), "it is no account of ACME".to_owned()))?;
            return builder.from_credentials(credentials).await.map_err(|error| refused(&error));
        }
        let contact: Vec<_> = self.acme.contact.iter().map(String::as_str).collect();
        let new =
            NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let created = builder.create(&new, self.acme.directory.clone(), None).await;
        let (account, credentials) = created.map_err(|error| refused(&error))?;
        let text = serde_json::to_vec(&credentials).map(Zeroizing::new);
        let text = text.map_err(|error| TlsError::Making(error.to_string()))?;
        files::write_secret(&path, &text)?;
        Ok(account)
    }

    fn certificate(&self) -> PathBuf {
        self.acme.folder.join("acme.pem")
    }

    /// An account belongs to one authority.
    fn account_file(&self) -> PathBuf {
        let directory = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.acme.directory.as_bytes());
        let name = HEXLOWER.encode(&directory.as_ref()[..8]);
        self.acme.folder.join(format!("acme-account-{name}.json"))
    }
}

/// Authorities ask to renew when a third of the time is left.
fn is_due(kept: &Identity, now: Timestamp) -> bool {
    kept.left(now) < kept.lifetime() / 3
}

/// Shows the proof for each name that is still to be proven, and has the authority look.
async fn prove(
    order: &mut Order,
    challenges: &Challenges,
    provider: &CryptoProvider,
) -> Result<(), TlsError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(|error| refused(&error))?;
        if authorization.status != AuthorizationStatus::Pending {
            continue;
        }
        let name = authorization.identifier().to_string();
        let challenge = authorization.challenge(ChallengeType::TlsAlpn01);
        let Some(mut challenge) = challenge else {
            return Err(TlsError::Acme(format!(
                "the authority does not look at `{name}` over TLS (`tls-alpn-01`)"
            )));
        };
        challenges.show(&name, challenge.key_authorization().digest().as_ref(), provider)?;
        challenge.set_ready().await.map_err(|error| refused(&error))?;
    }
    Ok(())
}

/// What the authority says was wrong with the proofs.
async fn why_not(order: &mut Order) -> String {
    let mut authorizations = order.authorizations();
    while let Some(Ok(authorization)) = authorizations.next().await {
        let error = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref());
        if let Some(detail) = error.and_then(|problem| problem.detail.as_deref()) {
            return format!(
                "the authority has not found the proof for `{}` ({detail}): it must reach this server on port 443 of that name",
                authorization.identifier()
            );
        }
    }
    "the authority has refused the order and says not why".to_owned()
}

fn refused(error: &instant_acme::Error) -> TlsError {
    use std::error::Error;
    // The cause of a connection that failed stands two levels below.
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    TlsError::Acme(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acme() -> Acme {
        Acme {
            directory: "https://acme.example.org/directory".to_owned(),
            contact: vec!["mailto:privacy@example.org".to_owned()],
            names: vec!["tacita.example.org".to_owned()],
            folder: "tls".into(),
            root: None,
        }
    }

    #[test]
    fn settings_that_no_authority_would_take_are_refused_before_it_is_asked() {
        assert!(Renewal::new(&acme()).is_ok());
        for name in ["*.example.org", "192.0.2.1", "2001:db8::1", "localhost", "", "a..b", "a b.example.org"]
        {
            let error = Renewal::new(&Acme { names: vec![name.to_owned()], ..acme() }).unwrap_err();
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        }
        assert!(Renewal::new(&Acme { names: Vec::new(), ..acme() }).is_err());
        assert!(Renewal::new(&Acme { directory: "http://acme.example.org".to_owned(), ..acme() }).is_err());
        assert!(Renewal::new(&Acme { contact: vec!["privacy@example.org".to_owned()], ..acme() }).is_err());
        let twice = ["B.example.org", "a.example.org", "b.example.org"].map(str::to_owned).to_vec();
        let renewal = Renewal::new(&Acme { names: twice, ..acme() }).unwrap();
        assert_eq!(renewal.acme.names, ["a.example.org", "b.example.org"]);
    }
}

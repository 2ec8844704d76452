//! What all requests share.

use std::sync::Arc;

use tacita_detect::{OptionsError, Reader};
use tacita_service::Service;

use crate::{
    Config,
    api::ready::LastAnswer,
    cookie::SessionCookie,
    detectors::Detectors,
    limits::{Clock, Enforced},
    metrics::Metrics,
};

/// What all requests share. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Server(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    /// What may be asked, and how far it is used up.
    pub(crate) limits: Arc<Enforced>,
    pub(crate) detectors: Detectors,
    pub(crate) metrics: Metrics,
    pub(crate) cookie: SessionCookie,
    pub(crate) ready: LastAnswer,
    /// The use-cases that need a store; none where the server keeps nothing.
    pub(crate) service: Option<Service>,
}

impl Server {
    /// A server with the limits, rules and readers of `config`, and the use-cases over its store.
    pub(crate) fn new(config: &Config, service: Option<Service>, clock: Clock) -> Result<Self, OptionsError> {
        let Config { rules, readers, presidio, .. } = config;
        let limits = Arc::new(Enforced::new(&config.limits(), clock));
        let presidio_reader = presidio.iter().map(|analyzer| Arc::clone(analyzer) as Arc<dyn Reader>);
        let readers = readers.iter().cloned().chain(presidio_reader).collect();
        let detectors = Detectors::new(rules.clone(), readers)?;
        let metrics = Metrics::new(presidio.clone(), service.clone(), &limits, &config.transport);
        // A proxy on this machine needs no `plaintext = true`: then the address that browsers have says it.
        let is_public = service.as_ref().is_some_and(|service| service.public_url().is_secure());
        let cookie = SessionCookie { secure: config.transport.is_secure() || is_public };
        let ready = LastAnswer::default();
        Ok(Self(Arc::new(Shared { limits, detectors, metrics, cookie, service, ready })))
    }
}

impl std::ops::Deref for Server {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

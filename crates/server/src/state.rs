//! What all requests share.

use std::sync::Arc;

use tacita_detect::{OptionsError, Reader};
use tacita_service::Service;

use crate::{Config, Limits, cookie::SessionCookie, detectors::Detectors, metrics::Metrics};

/// What all requests share. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Server(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) detectors: Detectors,
    pub(crate) metrics: Metrics,
    pub(crate) cookie: SessionCookie,
    /// The use-cases that need a store; none where the server keeps nothing.
    pub(crate) service: Option<Service>,
}

impl Server {
    /// A server with the limits, rules and readers of `config`, and the use-cases over its store.
    pub(crate) fn new(config: &Config, service: Option<Service>) -> Result<Self, OptionsError> {
        let Config { limits, rules, readers, presidio, .. } = config;
        let presidio_reader = presidio.iter().map(|analyzer| Arc::clone(analyzer) as Arc<dyn Reader>);
        let readers = readers.iter().cloned().chain(presidio_reader).collect();
        let detectors = Detectors::new(rules.clone(), readers)?;
        let metrics = Metrics::new(presidio.clone(), service.clone());
        let cookie = SessionCookie { secure: config.secure_cookies };
        Ok(Self(Arc::new(Shared { limits: limits.clone(), detectors, metrics, cookie, service })))
    }
}

impl std::ops::Deref for Server {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

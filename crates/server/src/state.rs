//! What all requests share.

use std::sync::Arc;

use tacita_detect::{OptionsError, Reader, Rules};

use crate::{Limits, detectors::Detectors, metrics::Metrics};

/// What all requests share. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Server(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) detectors: Detectors,
    pub(crate) metrics: Metrics,
}

impl Server {
    /// A server with these limits, rules and readers.
    pub(crate) fn new(
        limits: Limits,
        rules: Rules,
        readers: Vec<Arc<dyn Reader>>,
    ) -> Result<Self, OptionsError> {
        let detectors = Detectors::new(rules, readers)?;
        Ok(Self(Arc::new(Shared { limits, detectors, metrics: Metrics::new() })))
    }
}

impl std::ops::Deref for Server {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

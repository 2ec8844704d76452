//! What all requests share.

use std::sync::Arc;

use tacita_detect::{OptionsError, Rules};

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
    /// A server with these limits and rules.
    pub(crate) fn new(limits: Limits, rules: Rules) -> Result<Self, OptionsError> {
        Ok(Self(Arc::new(Shared { limits, detectors: Detectors::new(rules)?, metrics: Metrics::new() })))
    }
}

impl std::ops::Deref for Server {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

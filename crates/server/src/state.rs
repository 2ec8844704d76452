//! What all requests share.

use std::sync::Arc;

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
    /// A server with these limits.
    pub(crate) fn new(limits: Limits) -> Self {
        Self(Arc::new(Shared { limits, detectors: Detectors::new(), metrics: Metrics::new() }))
    }
}

impl std::ops::Deref for Server {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

//! What the routes do alike with what they found.

use std::collections::BTreeMap;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tacita_detect::{Detector, EntityId, Finding};

use crate::metrics::Metrics;

/// An answer as JSON.
pub(crate) fn json(answer: &impl Serialize) -> Response {
    let body = serde_json::to_vec(answer).expect("what is answered has string keys and finite numbers");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        // What is read from a cache is read without an account.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, body).into_response()
}

/// Counts a scanned text.
pub(super) fn count(metrics: &Metrics, detector: &Detector, bytes: usize, findings: &[Finding]) {
    metrics.bytes.inc_by(bytes as u64);
    let mut found = BTreeMap::<EntityId, u64>::new();
    for finding in findings {
        *found.entry(finding.entity).or_default() += 1;
    }
    for (entity, count) in found {
        metrics.findings(detector.entity_name(entity)).inc_by(count);
    }
}

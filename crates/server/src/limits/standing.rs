//! How somebody stands with a limit, as headers of the answer (draft-ietf-httpapi-ratelimit-headers-10).

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::rates::Gcra;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// How much of one limit is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    of: &'static str,
    per_minute: u32,
    left: u64,
    /// Seconds until nothing of it is used up.
    whole_in: u64,
}

impl Standing {
    pub(super) fn new(of: &'static str, rule: &Gcra, used: u64) -> Self {
        let whole_in = used.min(rule.whole).div_ceil(1_000_000);
        Self { of, per_minute: rule.per_minute(), left: rule.left(used), whole_in }
    }

    /// Whether both are about the same limit.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        self.of == other.of
    }

    /// Says it in the headers of an answer.
    pub(crate) fn tell(all: &[Self], headers: &mut HeaderMap) {
        if all.is_empty() {
            return;
        }
        let (mut policy, mut limit) = (String::new(), String::new());
        for Self { of, per_minute, left, whole_in } in all {
            let comma = if policy.is_empty() { "" } else { ", " };
            // Writing to a string can't fail.
            let _ = write!(policy, "{comma}\"{of}\";q={per_minute};w=60");
            let _ = write!(limit, "{comma}\"{of}\";r={left};t={whole_in}");
        }
        for (name, value) in [(POLICY, policy), (LIMIT, limit)] {
            headers.insert(name, HeaderValue::try_from(value).expect("words and numbers make a header"));
        }
    }
}

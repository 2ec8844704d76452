//! Headers that every answer has, whatever it says: they tell browsers what they must not do with it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::Transport;

/// What a page may load: what this server serves, and pictures that are in the page itself. Styles in attributes are what the
/// page of the API sets while it runs.
const PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// What an answer for programs may load: nothing, if a browser shows it all the same.
const DATA: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
);
/// A year, as browsers ask. Sub-domains are not ours to decide.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The same for all answers.
const ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-embedder-policy"), HeaderValue::from_static("require-corp")),
];

/// Headers that every answer of a route has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Headers {
    tls: bool,
    page: bool,
}

impl Headers {
    /// Those of a route, which is a page for people, or not.
    pub(crate) fn new(transport: &Transport, page: bool) -> Self {
        Self { tls: matches!(transport, Transport::Tls(_)), page }
    }

    /// Adds them to an answer.
    pub(crate) fn add(self, headers: &mut HeaderMap) {
        headers.reserve(ALWAYS.len() + 3);
        for (name, value) in ALWAYS {
            headers.insert(name, value);
        }
        // A page of ours that needs less says so itself.
        let policy = if self.page { PAGE } else { DATA };
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
        if self.tls {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
        // An answer may hold personal data; what may be kept says so itself, and the page of the API holds none.
        if !self.page {
            headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        }
    }
}

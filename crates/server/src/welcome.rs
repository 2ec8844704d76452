//! The page by which somebody makes their account, whom a link has brought there.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

/// Nothing but what comes from here, and no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

pub(crate) async fn page() -> Response {
    file("text/html; charset=utf-8", include_str!("welcome/welcome.html"))
}

pub(crate) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("welcome/welcome.css"))
}

pub(crate) async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("welcome/welcome.js"))
}

fn file(media: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, content).into_response()
}

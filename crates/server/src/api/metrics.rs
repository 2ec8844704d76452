//! `GET /metrics`: what the server counts.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
};

use crate::state::Server;

const OPENMETRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// What the server counts, in the text format of OpenMetrics.
#[utoipa::path(
    get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "Counters", body = String, content_type = "application/openmetrics-text")),
)]
pub(crate) async fn metrics(State(server): State<Server>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, OPENMETRICS)], server.metrics.render())
}

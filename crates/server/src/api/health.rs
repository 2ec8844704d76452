//! `GET /health`: whether the server answers.

/// Whether the server answers.
#[utoipa::path(
    get, path = "/health", tag = "operation",
    responses((status = 200, description = "It does", body = String, content_type = "text/plain")),
)]
pub(crate) async fn health() -> &'static str {
    "ok"
}

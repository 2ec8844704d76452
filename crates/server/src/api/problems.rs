//! `GET /problems/…`: what the `type` of a problem means.

use axum::http::Uri;

use crate::problem::{Kind, Problem};

/// The kind in words; its path is the `type`.
pub(crate) async fn problem(uri: Uri) -> Result<String, Problem> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.uri() == uri.path()).ok_or_else(unknown_path)?;
    Ok(format!("{} (HTTP status {}).\n", kind.title(), kind.status().as_u16()))
}

pub(crate) async fn not_found() -> Problem {
    unknown_path()
}

pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "look the path's methods up at `/docs`")
}

fn unknown_path() -> Problem {
    Problem::new(Kind::NotFound, "look the paths up at `/docs`")
}

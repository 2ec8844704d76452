//! What stands behind the `?` of a path.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::{problem::Problem, state::Server};

/// What stands behind the `?` of a path. What can't be understood is not repeated: it may be somebody's.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Server> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Server) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri).map(|Query(parameters)| Self(parameters)).map_err(|_| {
            Problem::invalid("the parameters behind `?` are not those of this path; look them up at `/docs`")
        })
    }
}

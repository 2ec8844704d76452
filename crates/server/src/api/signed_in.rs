//! Who sends a request.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use tacita_corridor::{Denied, Reason, Refusal};
use tacita_domain::{Actor, Role};
use tacita_service::{Caller, Error, Service};

use crate::{
    problem::{Kind, Problem},
    state::Server,
    trace::Trace,
};

/// A request whose sender is known, and the use-cases for them.
pub(crate) struct SignedIn {
    pub(crate) service: Service,
    pub(crate) caller: Caller,
}

impl SignedIn {
    /// Refuses all but those in `role`: what is set here is no personal data, so that no passage asks.
    pub(crate) fn in_role(self, role: Role) -> Result<Self, Problem> {
        match self.caller.actor {
            Actor::Service(_, theirs) if theirs == role => Ok(self),
            _ => Err(Problem::new(Kind::Refused, format!("it takes a token in the role `{role}`"))),
        }
    }
}

impl FromRequestParts<Server> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let Some(service) = server.service.clone() else {
            return Err(Problem::new(Kind::Unavailable, "this server was started without a store"));
        };
        let trace = *parts.extensions.get::<Trace>().expect("every route is observed, and so has a trace");
        let unknown = || {
            Problem::new(
                Kind::SignIn,
                "send `Authorization: Bearer …` with a token made by `tacita token create`",
            )
        };
        let secret = bearer(&parts.headers).ok_or_else(unknown)?;
        let caller = service.sign_in(secret, trace.to_domain()).await.map_err(problem)?;
        let caller = caller.ok_or_else(unknown)?;
        server.limits.caller(&caller, &parts.extensions).await?;
        Ok(Self { service, caller })
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The problem that an error of a use-case is for whoever asked.
pub(super) fn problem(error: Error) -> Problem {
    match error {
        Error::Refused(refusal) => refused(&refusal),
        Error::NotFound => Problem::new(Kind::NotFound, error.to_string()),
        Error::Changed | Error::Exists => Problem::new(Kind::Conflict, error.to_string()),
        Error::Invalid(why) => Problem::invalid(why),
        Error::Store(cause) => store(&cause),
        Error::Witness(cause) => {
            // Which witnesses there are is the operator's affair.
            tracing::error!("{cause}");
            Problem::new(
                Kind::Unavailable,
                "nothing is signed in the log at the moment, as a witness does not confirm it; the server's log says why",
            )
        }
        Error::Files(cause) => {
            tracing::error!("the folder of files can't be used: {cause}");
            Problem::new(
                Kind::Unavailable,
                "files can't be kept or read at the moment; the server's log says why",
            )
        }
        _ => Problem::internal(),
    }
}

fn refused(refusal: &Refusal) -> Problem {
    let kind = match refusal.reason {
        Reason::BasisChanged => Kind::Conflict,
        Reason::Denied(Denied::Unknown) => Kind::Unavailable,
        _ => Kind::Refused,
    };
    Problem::new(kind, refusal.to_string())
}

fn store(cause: &tacita_service::StoreError) -> Problem {
    use tacita_service::StoreError;
    match cause {
        StoreError::BasisChanged => Problem::new(Kind::Conflict, cause.to_string()),
        StoreError::Ledger(_) => {
            tracing::error!("{cause}");
            Problem::new(Kind::Unavailable, cause.to_string())
        }
        StoreError::Denied(_) => Problem::new(Kind::Refused, cause.to_string()),
        StoreError::Busy | StoreError::Stopped | StoreError::Unsure(_) => {
            Problem::new(Kind::Unavailable, cause.to_string())
        }
        _ => {
            // The operator has to know what is wrong with the database; who asked need not.
            tracing::error!("the store failed: {cause}");
            Problem::new(
                Kind::Unavailable,
                "the store can't be used at the moment; the server's log says why",
            )
        }
    }
}

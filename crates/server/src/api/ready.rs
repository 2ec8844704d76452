//! `GET /ready`: whether the server can do its work.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::extract::State;
use tokio::{sync::Mutex, time::timeout};

use crate::{
    problem::{Kind, Problem, ProblemBody},
    state::Server,
};

/// How long the store may take to answer, and for how long its answer holds: whoever asks often does not ask the store as often.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the store said last, and when.
pub(crate) type LastAnswer = Arc<Mutex<Option<(Instant, bool)>>>;

/// Whether the server can do its work: its store answers within a second. It is asked at most once a second.
#[utoipa::path(
    get, path = "/ready", tag = "operation",
    responses(
        (status = 200, description = "It can", body = String, content_type = "text/plain"),
        (status = 503, description = "The store does not answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[expect(
    clippy::disallowed_methods,
    reason = "how old the last answer is, which nothing depends on but the load"
)]
pub(crate) async fn ready(State(server): State<Server>) -> Result<&'static str, Problem> {
    let Some(service) = &server.service else { return Ok("ready") };
    let mut last = server.ready.lock().await;
    let answers = match *last {
        Some((at, answers)) if at.elapsed() < PATIENCE => answers,
        _ => {
            let answers = matches!(timeout(PATIENCE, service.answers()).await, Ok(true));
            *last = Some((Instant::now(), answers));
            answers
        }
    };
    if answers { Ok("ready") } else { Err(Problem::new(Kind::Unavailable, "the store does not answer")) }
}

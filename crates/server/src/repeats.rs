//! `Idempotency-Key`: a request that changes something and is sent again is carried out once (draft-ietf-httpapi-idempotency-key-header).

use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, Limited};
use tacita_domain::SubjectId;
use tacita_service::{Answer, Repeat};

use crate::{
    api::signed_in::{SignedIn, problem},
    body,
    problem::{Kind, Problem},
    state::Server,
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Headers that are kept of an answer.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];
/// The longest answer that is kept, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

/// How the work of a request is marked, so that its transaction says that it was done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marked(pub(crate) [u8; 32]);

/// Whom an answer is about: with their key it is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About(pub(crate) SubjectId);

/// Around the routes that change something: carries out a request with a key once.
pub(crate) async fn once(State(server): State<Server>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    carried_out(&server, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn carried_out(server: &Server, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    // Whoever is not let in leaves no claim. What it is, the route itself asks again.
    let SignedIn { service, caller } = SignedIn::from_request_parts(&mut parts, server).await?;
    let key = key(&parts.headers)?;
    let read = Request::from_parts(parts.clone(), body);
    let body = body::read(read, server).await?;
    let route = format!("{} {}", parts.method, parts.uri.path_and_query().map_or("/", |path| path.as_str()));
    let digest = tacita_service::sha256(&[body.as_ref()]);
    let (mark, claim) = match service.claim_request(&caller, &route, &key, digest).await.map_err(problem)? {
        Repeat::First(mark, claim) => (mark, claim),
        Repeat::Again(answer) => return Ok(again(answer)),
        Repeat::Busy => {
            return Err(Problem::new(
                Kind::Conflict,
                "the same request is being carried out; send it again in a moment",
            ));
        }
        Repeat::Another => {
            return Err(Problem::invalid(
                "this `Idempotency-Key` was sent with another request before: give each request one of its own",
            ));
        }
        Repeat::Unanswered(operation) => {
            return Err(Problem::new(
                Kind::Conflict,
                format!(
                    "it was carried out, of several parts at least one, by the operation `{operation}`; what was answered is lost: look \
                     what is there before you send it with another key"
                ),
            ));
        }
    };
    parts.extensions.insert(Marked(claim));
    let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    // What was not carried out may be sent again. Where it was, this gives nothing up.
    if !answer.status().is_success() {
        drop(service.give_up(&caller, claim).await);
        return Ok(answer);
    }
    let about = answer.extensions().get::<About>().map(|about| about.0);
    let (parts, body) = answer.into_parts();
    let bytes = Limited::new(body, LONGEST).collect().await.map_err(|_| Problem::internal())?.to_bytes();
    if let Ok(text) = String::from_utf8(bytes.to_vec()) {
        let answer = Answer { status: parts.status.as_u16(), headers: kept(&parts.headers), body: text };
        // Where it can't be kept, a repeat is told which operation it was.
        drop(service.keep_answer(&caller, (mark, claim), about, &answer).await);
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut keys = headers.get_all(KEY).iter();
    match (keys.next().map(HeaderValue::to_str), keys.next()) {
        (Some(Ok(key)), None) => Ok(key.to_owned()),
        _ => Err(Problem::invalid("send one `Idempotency-Key` of visible ASCII characters, such as a UUID")),
    }
}

fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    let kept = KEPT.iter().filter_map(|name| {
        let value = headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    kept.collect()
}

/// An answer as it was given before.
fn again(answer: Answer) -> Response {
    let Answer { status, headers, body } = answer;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

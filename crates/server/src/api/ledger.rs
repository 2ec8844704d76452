//! `/ledger/…`: an organisation's log as files, as C2SP's tlog-tiles lays it out; receipts and the keys that verify them.

use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use tacita_domain::{Action, OperationId, OrganisationId};
use tacita_ledger::tiles::{Bundle, Tile};

use super::signed_in::{SignedIn, problem};
use crate::problem::{Kind, Problem, ProblemBody};

/// What never changes may be kept for ever, but by the one who asked alone.
const IMMUTABLE: &str = "private, max-age=31536000, immutable";
/// What changes is asked for again each time.
const CHANGING: &str = "private, no-cache";

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

/// The newest signed checkpoint of an organisation's log.
///
/// Takes a token of that organisation that may read its log. There is none before the first entry.
#[utoipa::path(
    get, path = "/ledger/{organisation}/checkpoint", tag = "ledger",
    extensions(("x-actions" = json!(["ledger.read"]))),
    params(("organisation" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "A signed note: https://c2sp.org/tlog-checkpoint", body = String, content_type = "text/plain"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn checkpoint(
    signed_in: SignedIn,
    Path(organisation): Path<String>,
) -> Result<Response, Problem> {
    let (SignedIn { service, .. }, organisation) = reader(signed_in, &organisation).await?;
    let checkpoint = service.checkpoint(organisation).await.map_err(problem)?;
    Ok(file(TEXT, CHANGING, checkpoint))
}

/// A tile or a bundle of entries of an organisation's log.
///
/// Takes a token of that organisation that may read its log.
#[utoipa::path(
    get, path = "/ledger/{organisation}/tile/{*path}", tag = "ledger",
    extensions(("x-actions" = json!(["ledger.read"]))),
    params(
        ("organisation" = String, Path, description = "Its id"),
        ("*path" = String, Path, description = "`<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`: https://c2sp.org/tlog-tiles"),
    ),
    responses(
        (status = 200, description = "Hashes of 32 bytes each, or entries behind their lengths", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn tile(
    signed_in: SignedIn,
    Path((organisation, path)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (SignedIn { service, .. }, organisation) = reader(signed_in, &organisation).await?;
    let path = format!("tile/{path}");
    // A tile of a given width never changes, be it full or not.
    let bytes = if let Ok(bundle) = path.parse::<Bundle>() {
        service.bundle(organisation, bundle).await
    } else if let Ok(tile) = path.parse::<Tile>() {
        service.tile(organisation, tile).await
    } else {
        return Err(Problem::new(
            Kind::NotFound,
            "no path of a tile; https://c2sp.org/tlog-tiles says how it is made",
        ));
    };
    Ok(file(BYTES, IMMUTABLE, bytes.map_err(problem)?))
}

/// The receipt of an operation, to keep: `tacita verify` verifies it without this server.
///
/// It shows the sealed body and the proof that it is in the log, and holds after what it is about was deleted. An entry that has
/// no place in the log yet gets one first.
#[utoipa::path(
    get, path = "/api/v1/receipts/{operation}", tag = "ledger",
    extensions(("x-actions" = json!(["ledger.receipt"]))),
    params(("operation" = String, Path, description = "The id that an answer called `operation`")),
    responses(
        (status = 200, description = "The receipt", body = String, content_type = "text/plain"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Another process works on the log, or the log is not the one that was signed", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn receipt(signed_in: SignedIn, Path(operation): Path<String>) -> Result<Response, Problem> {
    let SignedIn { service, caller } = signed_in.permitted(Action::LedgerReceipt).await?;
    let operation: OperationId =
        operation.parse().map_err(|error| Problem::invalid(format!("`operation` is {error}")))?;
    let receipt = service.receipt(caller.organisation, operation).await.map_err(problem)?;
    Ok(file(TEXT, CHANGING, receipt))
}

/// The public keys of the organisation's log: what `tacita verify --keys` takes.
///
/// A verifier key in each line, as https://c2sp.org/signed-note writes them; their name is the origin of the log. Get them once, on
/// a way that you trust: whoever can change them can make you believe another log.
#[utoipa::path(
    get, path = "/api/v1/ledger/keys", tag = "ledger",
    extensions(("x-actions" = json!(["ledger.keys"]))),
    responses(
        (status = 200, description = "The keys, each of which signs every checkpoint", body = String, content_type = "text/plain"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn keys(signed_in: SignedIn) -> Result<Response, Problem> {
    let SignedIn { service, caller } = signed_in.permitted(Action::LedgerKeys).await?;
    let keys = service.ledger_keys(caller.organisation).await.map_err(problem)?;
    Ok(file(TEXT, CHANGING, keys))
}

/// Whoever may read the log of the organisation that the path names. No body is opened, so that no passage asks.
async fn reader(signed_in: SignedIn, organisation: &str) -> Result<(SignedIn, OrganisationId), Problem> {
    let theirs = signed_in.caller.organisation;
    if organisation.parse() != Ok(theirs) {
        return Err(Problem::new(Kind::NotFound, "there is no such log that this token may read"));
    }
    Ok((signed_in.permitted(Action::LedgerRead).await?, theirs))
}

fn file(media: &'static str, cache: &'static str, content: impl IntoResponse) -> Response {
    let mut answer = content.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    answer
}

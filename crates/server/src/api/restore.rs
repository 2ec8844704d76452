//! `POST /api/v1/restore`: redacted texts in, the originals out.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use tacita_detect::redact::{Key, Vault, restore as restore_text};
use utoipa::ToSchema;

use super::{
    answer::json,
    options::{Text, Texts},
    secret::Secret,
};
use crate::{
    body::JsonBody,
    problem::{Problem, ProblemBody},
    work,
};

/// What to restore. Exactly one of `text` and `texts` is given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreRequest<'a> {
    /// A redacted text, or what became of it: whatever else changed, its placeholders are put back.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, example = "Reply to [EMAIL_ADDRESS_001]")]
    text: Option<Text<'a>>,
    /// Several texts.
    #[serde(borrow)]
    #[schema(value_type = Option<Vec<String>>)]
    texts: Option<Vec<Text<'a>>>,
    /// The vault that `redact` gave.
    #[serde(borrow)]
    #[schema(value_type = String)]
    vault: Text<'a>,
    /// The secret that sealed it.
    #[serde(borrow)]
    secret: Secret<'a>,
}

/// What is answered.
#[derive(Serialize, ToSchema)]
#[schema(as = RestoreAnswer)]
#[serde(untagged)]
pub(crate) enum Answer {
    /// Of a request with `text`.
    One(RestoredText),
    /// Of a request with `texts`: one per text, in the same order.
    Many { results: Vec<RestoredText> },
}

/// A restored text.
#[derive(Serialize, ToSchema)]
pub(crate) struct RestoredText {
    /// The text.
    text: String,
    /// How many placeholders, hashes and encrypted values were put back.
    restored: usize,
    /// How many stayed, as vault and secret do not know them.
    unknown: usize,
}

/// Restore redacted text.
#[utoipa::path(
    post, path = "/api/v1/restore", tag = "detection",
    extensions(("x-actions" = json!(["text.restore"]))),
    request_body = RestoreRequest,
    responses(
        (status = 200, description = "The restored text or texts", body = Answer),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn restore(body: JsonBody) -> Result<Response, Problem> {
    work::aside(move || {
        let request: RestoreRequest<'_> = body.parse()?;
        let texts = Texts::new(request.text, request.texts)?;
        let (vault, key) = request.secret.open(&request.vault.0)?;
        let answer = match &texts {
            Texts::One(text) => Answer::One(restored(text, &vault, &key)),
            Texts::Many(texts) => {
                Answer::Many { results: texts.iter().map(|text| restored(&text.0, &vault, &key)).collect() }
            }
        };
        Ok(json(&answer))
    })
    .await
}

fn restored(text: &str, vault: &Vault, key: &Key) -> RestoredText {
    let restored = restore_text(text, vault, key);
    RestoredText { text: restored.text, restored: restored.known, unknown: restored.unknown }
}

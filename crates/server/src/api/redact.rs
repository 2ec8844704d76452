//! `POST /api/v1/redact`: texts in, texts without personal data out, and a sealed vault that undoes it.

use std::borrow::Cow;

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use tacita_detect::{
    Detector, Finding, OffsetUnit, convert_offsets,
    redact::{Key, Policy, Redactor, Vault, system_random},
};
use utoipa::ToSchema;

use super::{
    answer::{count, json},
    options::{Offsets, Overlaps, Text, Texts, detector},
    secret::{Secret, seal},
};
use crate::{
    body::JsonBody,
    metrics::Metrics,
    problem::{Problem, ProblemBody},
    state::Server,
    work,
};

/// What to redact, and how. Exactly one of `text` and `texts` is given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedactRequest<'a> {
    /// A text.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, example = "Write to mara.lind@example.org")]
    text: Option<Text<'a>>,
    /// Several texts of one scope: the same value gets the same placeholder in all of them.
    #[serde(borrow)]
    #[schema(value_type = Option<Vec<String>>)]
    texts: Option<Vec<Text<'a>>>,
    /// The types to redact; all where it is missing.
    entities: Option<Vec<String>>,
    /// Findings with a lower score stay; 0.5 where it is missing.
    #[schema(minimum = 0, maximum = 1)]
    threshold: Option<f32>,
    /// The operator of every type; numbered placeholders where it is missing.
    #[serde(default)]
    #[schema(value_type = Option<PolicyBody>)]
    policy: Policy,
    /// Seals the vault; without one there is no vault, and nothing can be restored.
    #[serde(borrow)]
    secret: Option<Secret<'a>>,
    /// A vault to go on with, sealed with the same secret.
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    vault: Option<Text<'a>>,
    /// The name of a new vault's scope: hashes, surrogates and date shifts of two scopes differ.
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    scope: Option<Text<'a>>,
    #[serde(default)]
    #[schema(inline)]
    offsets: Offsets,
}

/// The operator of every type. An operator is its name, or an object of its name as `operator` and its settings:
/// `replace` (`with`), `redact`, `mask` (`character`, `count`, `from_end`), `hash`, `encrypt`, `keep`, `shift_date`
/// (`max_days`, `day_first`), `placeholder`, `surrogate`.
#[derive(ToSchema)]
#[schema(as = Policy, example = json!({"default": "placeholder", "entities": {"URL": "keep", "US_SSN": {"operator": "mask", "count": 5}}}))]
#[expect(dead_code, reason = "it only describes")]
struct PolicyBody {
    /// For the types that `entities` does not name.
    #[schema(value_type = Option<Object>)]
    default: (),
    /// By the name of the type.
    #[schema(value_type = Option<Object>)]
    entities: (),
}

/// What is answered.
#[derive(Serialize, ToSchema)]
#[schema(as = RedactAnswer)]
pub(crate) struct Answer<'a> {
    #[serde(flatten)]
    texts: Redacted<'a>,
    /// What `restore` needs, sealed with the secret. There if a secret was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    vault: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Redacted<'a> {
    /// Of a request with `text`.
    One(RedactedText<'a>),
    /// Of a request with `texts`: one per text, in the same order.
    Many { results: Vec<RedactedText<'a>> },
}

/// A redacted text.
#[derive(Serialize, ToSchema)]
struct RedactedText<'a> {
    /// The text.
    text: String,
    /// What was treated, in order.
    items: Vec<ItemBody<'a>>,
}

/// One place that was treated.
#[derive(Serialize, ToSchema)]
#[schema(as = RedactedItem)]
struct ItemBody<'a> {
    /// What stood there.
    entity_type: &'a str,
    /// What was done.
    operator: &'static str,
    /// Where what stands there now starts in the redacted text, in the unit of `offsets`.
    start: usize,
    /// One past its end.
    end: usize,
}

/// Redact personal data in text.
#[utoipa::path(
    post, path = "/api/v1/redact", tag = "detection",
    extensions(("x-actions" = json!(["text.redact"]))),
    request_body = RedactRequest,
    responses(
        (status = 200, description = "The redacted text or texts", body = Answer),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn redact(State(server): State<Server>, body: JsonBody) -> Result<Response, Problem> {
    work::aside(move || {
        let request: RedactRequest<'_> = body.parse()?;
        let texts = Texts::new(request.text, request.texts)?;
        // Of overlapping findings each is treated where it stands: a URL that is kept must not hide the address in it.
        let detector = detector(&server, request.entities, request.threshold, Overlaps::All)?;
        let (vault, key) = memory(request.secret.as_ref(), request.vault, request.scope, &request.policy)?;
        let redactor = Redactor::new(request.policy, &key, vault, system_random);
        let mut redactor = redactor.map_err(|error| Problem::invalid(error.to_string()))?;
        let unit = request.offsets.into();
        let mut treat = |text: &str| redacted(&server.metrics, &detector, &mut redactor, text, unit);
        let texts = match &texts {
            Texts::One(text) => Redacted::One(treat(text)),
            Texts::Many(texts) => {
                Redacted::Many { results: texts.iter().map(|text| treat(&text.0)).collect() }
            }
        };
        let vault = request.secret.is_some().then(|| seal(redactor.vault(), &key));
        Ok(json(&Answer { texts, vault }))
    })
    .await
}

/// The vault to go on with and the key, which without a secret is forgotten with the request.
fn memory(
    secret: Option<&Secret<'_>>,
    vault: Option<Text<'_>>,
    scope: Option<Text<'_>>,
    policy: &Policy,
) -> Result<(Vault, Key), Problem> {
    match (secret, vault) {
        (Some(_), Some(_)) if scope.is_some() => {
            Err(Problem::invalid("`vault` has its scope already; leave `scope` out"))
        }
        (Some(secret), Some(Text(vault))) => secret.open(&vault),
        (None, Some(_)) => Err(Problem::invalid("`vault` needs the `secret` that sealed it")),
        (None, None) if policy.encrypts() => {
            Err(Problem::invalid("operator `encrypt` needs a `secret`: without one nobody could decrypt"))
        }
        (secret, None) => {
            let key = secret.map_or_else(|| Ok(Key::generate(&mut system_random)), Secret::key)?;
            let scope = scope.map_or(Cow::Borrowed(""), |Text(scope)| scope);
            Ok((Vault::new(&scope), key))
        }
    }
}

fn redacted<'a>(
    metrics: &Metrics,
    detector: &'a Detector,
    redactor: &mut Redactor,
    text: &str,
    unit: OffsetUnit,
) -> RedactedText<'a> {
    let findings = detector.detect(text);
    count(metrics, detector, text.len(), &findings);
    let redacted = redactor
        .redact(text, &findings, |entity| detector.entity_name(entity))
        .expect("the detector's findings lie in the text, on the edges of characters");
    let mut places: Vec<_> = redacted
        .items
        .iter()
        .map(|item| Finding { entity: item.entity, start: item.start, end: item.end, score: 1.0 })
        .collect();
    convert_offsets(&redacted.text, unit, &mut places);
    let items = redacted.items.iter().zip(places).map(|(item, place)| ItemBody {
        entity_type: detector.entity_name(item.entity),
        operator: item.operator.name(),
        start: place.start,
        end: place.end,
    });
    RedactedText { items: items.collect(), text: redacted.text }
}

//! `POST /api/v1/detect`: texts in, findings out.

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::json,
    engine::{Engine, FindingBody, Profile},
    options::{Offsets, Overlaps, Text, Texts},
};
use crate::{
    body::JsonBody,
    presidio,
    problem::{Problem, ProblemBody},
    state::Server,
    work,
};

/// What to detect in, and how. Exactly one of `text` and `texts` is given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DetectRequest<'a> {
    /// A text.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, example = "Write to mara.lind@example.org")]
    text: Option<Text<'a>>,
    /// Several texts.
    #[serde(borrow)]
    #[schema(value_type = Option<Vec<String>>)]
    texts: Option<Vec<Text<'a>>>,
    #[serde(default)]
    #[schema(inline)]
    profile: Profile,
    /// The types to look for; all where it is missing.
    entities: Option<Vec<String>>,
    /// Findings with a lower score are left out. Where it is missing, 0.5 in profile `native`, 0 in `presidio`.
    #[schema(minimum = 0, maximum = 1)]
    threshold: Option<f32>,
    #[serde(default)]
    #[schema(inline)]
    overlaps: Overlaps,
    #[serde(default)]
    #[schema(inline)]
    offsets: Offsets,
}

/// Of a request with `text`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Findings<'a> {
    /// In order of start; those of the profile `presidio` the surest first.
    #[schema(value_type = Vec<FindingBody>)]
    findings: Vec<FindingBody<'a>>,
}

/// Of a request with `texts`.
#[derive(Serialize, ToSchema)]
pub(crate) struct FindingsOfSeveral<'a> {
    /// One per text, in the same order.
    #[schema(value_type = Vec<Findings>)]
    results: Vec<Findings<'a>>,
}

/// Find personal data in text.
#[utoipa::path(
    post, path = "/api/v1/detect", tag = "detection",
    extensions(("x-actions" = json!(["text.detect"]))),
    request_body = DetectRequest,
    responses(
        (status = 200, description = "`Findings` for `text`, `FindingsOfSeveral` for `texts`", body = Answer),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn detect(State(server): State<Server>, body: JsonBody) -> Result<Response, Problem> {
    let small = if server.detectors.take_long() {
        0
    } else if body.mentions("presidio") {
        // The profile is not known yet, but where its name is in the body it may be chosen.
        presidio::SMALL
    } else {
        work::SMALL
    };
    work::run(small, body.len(), move || {
        let request: DetectRequest<'_> = body.parse()?;
        let texts = Texts::new(request.text, request.texts)?;
        let engine =
            Engine::new(&server, request.profile, request.entities, request.threshold, request.overlaps)?;
        let find = |text: &str| {
            let findings = engine.findings(&server.metrics, text, request.offsets.into())?;
            Ok::<_, Problem>(Findings { findings })
        };
        let answer = match &texts {
            Texts::One(text) => Answer::One(find(text)?),
            Texts::Many(texts) => {
                let results = texts.iter().map(|text| find(&text.0)).collect::<Result<_, _>>()?;
                Answer::Many(FindingsOfSeveral { results })
            }
        };
        Ok(json(&answer))
    })
    .await
}

/// What is answered.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Answer<'a> {
    #[schema(value_type = Findings)]
    One(Findings<'a>),
    #[schema(value_type = FindingsOfSeveral)]
    Many(FindingsOfSeveral<'a>),
}

//! `POST /api/v1/detect`: texts in, findings out.

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use tacita_detect::{Detector, Finding, OffsetUnit, convert_offsets};
use utoipa::ToSchema;

use super::{
    answer::{count, json},
    options::{Offsets, Overlaps, Text, Texts, detector},
};
use crate::{
    body::JsonBody,
    metrics::Metrics,
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
    /// The types to look for; all where it is missing.
    entities: Option<Vec<String>>,
    /// Findings with a lower score are left out; 0.5 where it is missing.
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
    /// In order of start.
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

/// One piece of personal data.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingBody<'a> {
    /// What it is.
    #[schema(example = "EMAIL_ADDRESS")]
    entity_type: &'a str,
    /// Where it starts, in the unit of `offsets`.
    start: usize,
    /// One past its end.
    end: usize,
    /// Confidence between 0 and 1.
    score: f32,
}

/// Find personal data in text.
#[utoipa::path(
    post, path = "/api/v1/detect", tag = "detection",
    request_body = DetectRequest,
    responses(
        (status = 200, description = "`Findings` for `text`, `FindingsOfSeveral` for `texts`", body = Answer),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn detect(State(server): State<Server>, body: JsonBody) -> Result<Response, Problem> {
    work::run(work::SMALL, body.len(), move || {
        let request: DetectRequest<'_> = body.parse()?;
        let texts = Texts::new(request.text, request.texts)?;
        let detector = detector(&server, request.entities, request.threshold, request.overlaps)?;
        let unit = request.offsets.into();
        let answer = match &texts {
            Texts::One(text) => Answer::One(findings(&server.metrics, &detector, text, unit)),
            Texts::Many(texts) => Answer::Many(FindingsOfSeveral {
                results: texts
                    .iter()
                    .map(|text| findings(&server.metrics, &detector, &text.0, unit))
                    .collect(),
            }),
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

fn findings<'a>(metrics: &Metrics, detector: &'a Detector, text: &str, unit: OffsetUnit) -> Findings<'a> {
    let mut findings = detector.detect(text);
    convert_offsets(text, unit, &mut findings);
    count(metrics, detector, text.len(), &findings);
    Findings {
        findings: findings
            .into_iter()
            .map(|Finding { entity, start, end, score }| FindingBody {
                entity_type: detector.entity_name(entity),
                start,
                end,
                score,
            })
            .collect(),
    }
}

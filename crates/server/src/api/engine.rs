//! The profile a request chose, ready to find.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};
use tacita_detect::{
    Detector, Finding, OffsetUnit, OptionsError, convert_char_offsets, convert_offsets,
    presidio::{AnalyzeRequest, Analyzer, AnalyzerResult, written},
};
use utoipa::ToSchema;

use super::{
    answer::count,
    options::{Overlaps, detector},
};
use crate::{metrics::Metrics, problem::Problem, state::Server};

/// Which rules score a finding.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Profile {
    /// Confidence; context on both sides.
    #[default]
    Native,
    /// What Microsoft Presidio answers about English text. Much slower.
    Presidio,
}

/// One piece of personal data.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingBody<'a> {
    /// What it is.
    #[schema(example = "EMAIL_ADDRESS")]
    entity_type: Cow<'a, str>,
    /// Where it starts, in the unit of `offsets`.
    start: usize,
    /// One past its end.
    end: usize,
    /// Confidence between 0 and 1.
    score: f32,
}

/// The profile a request chose, ready to find.
pub(super) enum Engine {
    Native(Arc<Detector>),
    /// What every text is asked; its own text is empty.
    Presidio(AnalyzeRequest),
}

impl Engine {
    pub(super) fn new(
        server: &Server,
        profile: Profile,
        entities: Option<Vec<String>>,
        threshold: Option<f32>,
        overlaps: Overlaps,
    ) -> Result<Self, Problem> {
        match profile {
            Profile::Native => detector(server, entities, threshold, overlaps).map(Self::Native),
            Profile::Presidio if overlaps == Overlaps::All => {
                Err(Problem::invalid("profile `presidio` has its own rule for `overlaps`; leave it out"))
            }
            Profile::Presidio => presidio(entities, threshold).map(Self::Presidio),
        }
    }

    /// What is found in `text`, counted in `unit`.
    pub(super) fn findings(
        &self,
        metrics: &Metrics,
        text: &str,
        unit: OffsetUnit,
    ) -> Result<Vec<FindingBody<'_>>, Problem> {
        match self {
            Self::Native(detector) => {
                let mut findings = detector.detect(text);
                convert_offsets(text, unit, &mut findings);
                count(metrics, detector, text.len(), &findings);
                let body = |Finding { entity, start, end, score }| {
                    let entity_type = Cow::Borrowed(detector.entity_name(entity));
                    FindingBody { entity_type, start, end, score }
                };
                Ok(findings.into_iter().map(body).collect())
            }
            Self::Presidio(request) => {
                let request = AnalyzeRequest { text: text.to_owned(), ..request.clone() };
                let results = Analyzer::new().analyze(&request);
                let results =
                    results.map_err(|_| Problem::invalid("profile `presidio` finds none of `entities`"))?;
                metrics.analyzed(text.len(), &results);
                Ok(converted(text, unit, results))
            }
        }
    }
}

fn presidio(entities: Option<Vec<String>>, threshold: Option<f32>) -> Result<AnalyzeRequest, Problem> {
    let threshold = threshold.unwrap_or(0.0);
    if !(0.0..=1.0).contains(&threshold) {
        return Err(Problem::invalid(OptionsError::Threshold(threshold).to_string()));
    }
    let score_threshold = Some(written(threshold));
    Ok(AnalyzeRequest { entities, score_threshold, ..AnalyzeRequest::new("", "en") })
}

/// Results, which count code points, in another unit.
fn converted(text: &str, unit: OffsetUnit, results: Vec<AnalyzerResult>) -> Vec<FindingBody<'static>> {
    let body = |result: AnalyzerResult| FindingBody {
        entity_type: result.entity_type,
        start: result.start,
        end: result.end,
        score: result.score as f32,
    };
    let mut bodies: Vec<_> = results.into_iter().map(body).collect();
    convert_char_offsets(text, unit, bodies.iter_mut().flat_map(|body| [&mut body.start, &mut body.end]));
    bodies
}

//! The analyzer's routes.

use axum::{
    extract::{Request, State},
    http::{StatusCode, Uri},
    response::Response,
};
use serde_json::Value;
use tacita_detect::presidio::{AnalyzeError, AnalyzeRequest, Analyzer, AnalyzerResult, Recognizer};

use super::{
    INTERNAL, PresidioError, SMALL, healthy, json,
    request::{Asked, Refusal, Texts},
};
use crate::{body, metrics::Metrics, state::Server, work};

/// What Presidio's own service answers with, unless it is configured otherwise.
const ANALYZER: Analyzer = Analyzer::new();

/// Find personal data as Presidio's analyzer does.
#[utoipa::path(
    post, path = "/presidio/analyzer/analyze", tag = "presidio",
    request_body(content = Object, description = "`text` (or a list of texts), `language`, and optionally `entities`, \
        `score_threshold`, `context`, `allow_list`, `allow_list_match`, `regex_flags`, `ad_hoc_recognizers`, \
        `return_decision_process`, `correlation_id`", example = json!({"text": "Write to mara.lind@example.org", "language": "en"})),
    responses(
        (status = 200, description = "The findings of the text, or of each text", body = Vec<Object>),
        (status = 400, description = "A field of the wrong type: `{\"error\": …}`", body = Object),
        (status = 500, description = "Anything else that is wrong with the request: `{\"error\": …}`", body = Object),
    ),
)]
pub(crate) async fn analyze(
    State(server): State<Server>,
    request: Request,
) -> Result<Response, PresidioError> {
    let is_json = body::is_json(request.headers());
    let body = body::read(request, &server).await?;
    work::run(SMALL, body.len(), move || {
        let body: Value = is_json
            .then(|| serde_json::from_slice(&body).ok())
            .flatten()
            .ok_or_else(|| PresidioError::new(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL))?;
        let Asked { texts, mut request } = Asked::new(&body, &ANALYZER)?;
        let mut results = |text| results(&server.metrics, &mut request, text);
        Ok(match texts {
            Texts::One(text) => json(&results(text)?),
            Texts::Many(texts) => json(&texts.into_iter().map(results).collect::<Result<Vec<_>, _>>()?),
        })
    })
    .await
}

/// Names of the recognisers for a language.
#[utoipa::path(
    get, path = "/presidio/analyzer/recognizers", tag = "presidio",
    params(("language" = Option<String>, Query, description = "A language the analyzer knows; all where it is missing")),
    responses(
        (status = 200, description = "Names", body = Vec<String>),
        (status = 500, description = "There are none for the language", body = Object),
    ),
)]
pub(crate) async fn recognizers(uri: Uri) -> Result<Response, PresidioError> {
    let language = language(&uri)?;
    let names = ANALYZER.recognizers(language.as_deref()).map(Recognizer::name);
    Ok(json(&names.collect::<Vec<_>>()))
}

/// Types that can be found in texts of a language.
#[utoipa::path(
    get, path = "/presidio/analyzer/supportedentities", tag = "presidio",
    params(("language" = Option<String>, Query, description = "A language the analyzer knows; all where it is missing")),
    responses(
        (status = 200, description = "Names", body = Vec<String>),
        (status = 500, description = "There are none for the language", body = Object),
    ),
)]
pub(crate) async fn supported_entities(uri: Uri) -> Result<Response, PresidioError> {
    let language = language(&uri)?;
    Ok(json(&ANALYZER.supported_entities(language.as_deref())))
}

/// Whether the analyzer answers.
#[utoipa::path(
    get, path = "/presidio/analyzer/health", tag = "presidio",
    responses((status = 200, description = "It does", body = String, content_type = "text/html")),
)]
pub(crate) async fn health() -> Response {
    healthy("Presidio Analyzer service is up")
}

/// The language asked for; an empty one is none.
fn language(uri: &Uri) -> Result<Option<String>, PresidioError> {
    let query = uri.query().unwrap_or_default();
    let language = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "language");
    let language =
        language.map(|(_, language)| language.into_owned()).filter(|language| !language.is_empty());
    match language {
        Some(language) if !ANALYZER.languages().contains(&language.as_str()) => {
            Err(Refusal::from(AnalyzeError::NoRecognizers).into())
        }
        language => Ok(language),
    }
}

fn results(
    metrics: &Metrics,
    request: &mut AnalyzeRequest,
    text: String,
) -> Result<Vec<AnalyzerResult>, Refusal> {
    request.text = text;
    let results = ANALYZER.analyze(request)?;
    metrics.analyzed(request.text.len(), &results);
    Ok(results)
}

//! A body of `/analyze` into what the analyzer is asked, with Presidio's refusals in Presidio's order.

use axum::http::StatusCode;
use serde_json::{Map, Value};
use tacita_detect::presidio::{
    AllowListMatch, AnalyzeError, AnalyzeRequest, Analyzer, RegexFlags, anonymizer::is_true,
};

use super::{
    PresidioError, ad_hoc,
    python::{items, text, type_name},
};

const NESTED: &str = "Analyzer.analyze_iterator only works on primitive types (int, float, bool, str). Lists of \
                      objects are not yet supported.";

/// Texts and what is asked about each.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) texts: Texts,
    /// For every text; its own text is empty.
    pub(super) request: AnalyzeRequest,
}

#[derive(Debug)]
pub(super) enum Texts {
    One(String),
    Many(Vec<String>),
}

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Python's `TypeError`: status 400.
    Type(String),
    /// Any other exception: status 500.
    Other(String),
}

impl From<Refusal> for PresidioError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Type(message) => Self::new(
                StatusCode::BAD_REQUEST,
                format!("Failed to parse /analyze request for AnalyzerEngine.analyze(). {message}"),
            ),
            Refusal::Other(message) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, message),
        }
    }
}

impl From<AnalyzeError> for Refusal {
    fn from(error: AnalyzeError) -> Self {
        Self::Other(error.to_string())
    }
}

impl Asked {
    pub(super) fn new(body: &Value, analyzer: &Analyzer) -> Result<Self, Refusal> {
        let Value::Object(body) = body else {
            return Err(no_attribute(body, "get"));
        };
        let field = |name| body.get(name).filter(|value| is_true(value));
        let ad_hoc_recognizers = field("ad_hoc_recognizers").map(ad_hoc::recognizers).transpose()?;
        let Some(texts) = field("text") else { return Err(Refusal::Other("No text provided".to_owned())) };
        let Some(language) = field("language") else {
            return Err(Refusal::Other("No language provided".to_owned()));
        };
        let language = language.as_str().filter(|language| analyzer.languages().contains(language));
        let language = language.ok_or(AnalyzeError::NoRecognizers)?.to_owned();
        let request = AnalyzeRequest {
            text: String::new(),
            language,
            entities: field("entities").map(names).transpose()?,
            score_threshold: body
                .get("score_threshold")
                .filter(|v| !v.is_null())
                .map(threshold)
                .transpose()?,
            context: field("context").map(words).transpose()?,
            ad_hoc_recognizers,
            return_decision_process: Some(field("return_decision_process").is_some()),
            ..AnalyzeRequest::default()
        };
        Ok(Self { texts: Texts::new(texts)?, request: allow_list(request, body)? })
    }
}

impl Texts {
    fn new(value: &Value) -> Result<Self, Refusal> {
        let one = |value| text(value).ok_or_else(|| Refusal::Other(NESTED.to_owned()));
        match value {
            Value::Array(values) => values.iter().map(one).collect::<Result<_, _>>().map(Self::Many),
            value => one(value).map(Self::One),
        }
    }
}

/// Names of types. What is no text is a type that no recogniser finds.
fn names(value: &Value) -> Result<Vec<String>, Refusal> {
    let names = items(value).map_err(Refusal::Type)?;
    Ok(names.iter().map(|name| name.as_str().map_or_else(|| name.to_string(), str::to_owned)).collect())
}

pub(super) fn words(value: &Value) -> Result<Vec<String>, Refusal> {
    let words = items(value).map_err(Refusal::Type)?;
    words
        .iter()
        .map(|word| word.as_str().map(str::to_owned).ok_or_else(|| no_attribute(word, "lower")))
        .collect()
}

fn threshold(value: &Value) -> Result<f64, Refusal> {
    number(value).ok_or_else(|| {
        Refusal::Type(format!("'>=' not supported between instances of 'float' and '{}'", type_name(value)))
    })
}

/// A number, which in Python a Boolean is too.
pub(super) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_bool().map(|value| f64::from(u8::from(value))))
}

/// The request with the body's allow list. A text instead of a list is one entry.
fn allow_list(mut request: AnalyzeRequest, body: &Map<String, Value>) -> Result<AnalyzeRequest, Refusal> {
    let Some(list) = body.get("allow_list").filter(|value| is_true(value)) else { return Ok(request) };
    request.allow_list_match = match body.get("allow_list_match").map(Value::as_str) {
        None | Some(Some("exact")) => AllowListMatch::Exact,
        Some(Some("regex")) => AllowListMatch::Regex,
        Some(_) => {
            return Err(Refusal::Other(
                "allow_list_match must either be set to 'exact' or 'regex'.".to_owned(),
            ));
        }
    };
    let list = match list {
        Value::String(entry) => vec![Value::String(entry.clone())],
        list => items(list)
            .map_err(|_| Refusal::Type(format!("argument of type '{}' is not iterable", type_name(list))))?,
    };
    let mut entries = Vec::with_capacity(list.len());
    for (i, entry) in list.iter().enumerate() {
        match entry {
            Value::String(entry) => entries.push(entry.clone()),
            // No text is equal to it.
            _ if request.allow_list_match == AllowListMatch::Exact => {}
            _ => {
                let found = type_name(entry);
                return Err(Refusal::Type(format!(
                    "sequence item {i}: expected str instance, {found} found"
                )));
            }
        }
    }
    request.allow_list = Some(entries);
    request.regex_flags = body.get("regex_flags").map(flags).transpose()?;
    Ok(request)
}

pub(super) fn flags(value: &Value) -> Result<RegexFlags, Refusal> {
    serde_json::from_value(value.clone()).map_err(|_| {
        Refusal::Type(format!("unsupported operand type(s) for &: '{}' and 'RegexFlag'", type_name(value)))
    })
}

/// What Python says of a value that lacks a method.
pub(super) fn no_attribute(value: &Value, name: &str) -> Refusal {
    Refusal::Other(format!("'{}' object has no attribute '{name}'", type_name(value)))
}

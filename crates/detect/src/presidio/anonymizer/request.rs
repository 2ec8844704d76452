//! Requests, and how they are read from JSON.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Number, Value};

use super::{
    AnonymizerError, ConflictResolution,
    python::{self, Kind},
};

/// A text, what was found in it, and what is to become of it.
pub struct AnonymizeRequest {
    /// The text.
    pub text: String,
    /// What the analyzer found.
    pub analyzer_results: Vec<Entity>,
    /// By type; `DEFAULT` for the others, which are else replaced by their type.
    pub operators: Operators,
    /// What becomes of entities that overlap.
    pub conflict_resolution: ConflictResolution,
    /// Whether entities of one type with nothing but spaces between them are one.
    pub merge_entities_with_spaces: bool,
    /// Operators beside those of Presidio; `custom` is one of them.
    pub added: Vec<CustomOperator>,
}

impl AnonymizeRequest {
    /// A request that replaces what was found by its type.
    #[must_use]
    pub fn new(text: &str, analyzer_results: Vec<Entity>) -> Self {
        Self {
            text: text.to_owned(),
            analyzer_results,
            operators: Operators::new(),
            conflict_resolution: ConflictResolution::default(),
            merge_entities_with_spaces: true,
            added: Vec::new(),
        }
    }

    /// The body of `POST /anonymize`: `text`, `analyzer_results`, `anonymizers`.
    ///
    /// # Errors
    /// As Presidio.
    pub fn from_json(body: &Value) -> Result<Self, AnonymizerError> {
        let body = fields(body)?;
        let operators = operators(body.get("anonymizers"))?;
        if operators.values().any(|config| config.name == "custom") {
            return Err(AnonymizerError::BadRequest("Custom type anonymizer is not supported"));
        }
        let results = body.get("analyzer_results").filter(|results| !results.is_null());
        let results = results.ok_or_else(|| {
            AnonymizerError::InvalidParam("Invalid input, request must contain analyzer results".to_owned())
        })?;
        let analyzer_results = entities(results, Entity::from_analyzer)?;
        Ok(Self { operators, ..Self::new(text(body)?, analyzer_results) })
    }
}

/// No values: a request holds the text.
impl fmt::Debug for AnonymizeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnonymizeRequest")
            .field("analyzer_results", &self.analyzer_results)
            .finish_non_exhaustive()
    }
}

/// A text of [`anonymize`](super::anonymize), and what is to become of its entities.
pub struct DeanonymizeRequest {
    /// The text.
    pub text: String,
    /// Where the entities stand in it.
    pub anonymizer_results: Vec<Entity>,
    /// By type; `DEFAULT` for the others.
    pub operators: Operators,
}

impl DeanonymizeRequest {
    /// The body of `POST /deanonymize`: `text`, `anonymizer_results`, `deanonymizers`.
    ///
    /// # Errors
    /// As Presidio.
    pub fn from_json(body: &Value) -> Result<Self, AnonymizerError> {
        let body = fields(body)?;
        let results = body.get("anonymizer_results").filter(|results| python::is_true(results));
        let anonymizer_results = match results {
            Some(results) => entities(results, Entity::from_anonymizer)?,
            None => Vec::new(),
        };
        let operators = operators(body.get("deanonymizers"))?;
        Ok(Self { text: text(body)?.to_owned(), anonymizer_results, operators })
    }
}

/// No values: a request holds the text.
impl fmt::Debug for DeanonymizeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeanonymizeRequest")
            .field("anonymizer_results", &self.anonymizer_results)
            .finish_non_exhaustive()
    }
}

/// Operators by type.
pub type Operators = BTreeMap<String, OperatorConfig>;

/// An operator and its parameters, checked when they are used.
#[derive(Clone, PartialEq)]
pub struct OperatorConfig {
    pub(super) name: Value,
    pub(super) params: Map<String, Value>,
}

impl OperatorConfig {
    /// The operator of this name.
    ///
    /// # Errors
    /// When the name is empty.
    pub fn new(name: impl Into<Value>, params: Map<String, Value>) -> Result<Self, AnonymizerError> {
        let name = name.into();
        if !python::is_true(&name) {
            return Err(must_contain("operator config", "operator_name"));
        }
        Ok(Self { name, params })
    }

    fn from_json(config: &Value) -> Result<Self, AnonymizerError> {
        let mut params = config.as_object().ok_or(AnonymizerError::Internal)?.clone();
        let name = params.remove("type").unwrap_or_default();
        Self::new(name, params)
    }

    /// The name, which need not be that of an operator.
    pub(super) fn name(&self) -> Result<String, AnonymizerError> {
        match &self.name {
            Value::Array(_) | Value::Object(_) => Err(AnonymizerError::Internal),
            name => Ok(python::str(name)),
        }
    }
}

/// Parameters may hold keys and salts.
impl fmt::Debug for OperatorConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperatorConfig").field("name", &self.name).finish_non_exhaustive()
    }
}

/// An operator that is a function of the value.
pub struct CustomOperator {
    /// Its name, in the place of which it is used.
    pub name: String,
    /// The function.
    pub apply: Box<dyn Fn(&str) -> String + Send + Sync>,
}

/// A place in a text, in code points, and its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    /// The type.
    pub entity_type: String,
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// The analyzer's score, in the form it came in: Presidio gives `1` back as `1` and `1.0` as `1.0`.
    pub score: Option<Number>,
}

impl Entity {
    fn from_analyzer(result: &Value) -> Result<Self, AnonymizerError> {
        let (fields, entity) = Self::from_fields(result)?;
        let score = fields.get("score").filter(|score| !score.is_null());
        match (entity, score.ok_or_else(|| must_contain("analyzer result", "score"))?) {
            (Some(entity), Value::Number(score)) => Ok(Self { score: Some(score.clone()), ..entity }),
            _ => Err(AnonymizerError::Internal),
        }
    }

    fn from_anonymizer(result: &Value) -> Result<Self, AnonymizerError> {
        let score = match result.get("score") {
            None | Some(Value::Null) => None,
            Some(Value::Number(score)) => score.as_f64(),
            Some(Value::Bool(score)) => Some(f64::from(u8::from(*score))),
            Some(Value::String(score)) => Some(score.trim().parse().map_err(|_| AnonymizerError::Internal)?),
            Some(_) => return Err(AnonymizerError::Internal),
        };
        let (_, entity) = Self::from_fields(result)?;
        Ok(Self { score: score.and_then(Number::from_f64), ..entity.ok_or(AnonymizerError::Internal)? })
    }

    /// The entity without its score; `None` where Presidio takes what it can't use later on.
    fn from_fields(result: &Value) -> Result<(&Map<String, Value>, Option<Self>), AnonymizerError> {
        let fields = result.as_object().ok_or(AnonymizerError::Internal)?;
        let start = position(fields, "start")?;
        let end = position(fields, "end")?;
        let entity_type = fields.get("entity_type").filter(|name| python::is_true(name));
        let entity_type = entity_type.ok_or_else(|| must_contain("result", "entity_type"))?;
        // Of Python's `float`, only 0.0 comes here: it can be compared, but not used as a position.
        let number = |value: &Value| if value.is_f64() { Some(0) } else { python::integer(value) };
        let (Some(first), Some(last)) = (number(start), number(end)) else { return Ok((fields, None)) };
        if first < 0 || last < 0 {
            return Err(AnonymizerError::InvalidParam(
                "Invalid input, result start and end must be positive".to_owned(),
            ));
        }
        if first > last {
            let (start, end) = (python::str(start), python::str(end));
            return Err(AnonymizerError::InvalidParam(format!(
                "Invalid input, start index '{start}' must be smaller than end index '{end}'"
            )));
        }
        let entity = || {
            if start.is_f64() || end.is_f64() {
                return None;
            }
            let (start, end) = (usize::try_from(first).ok()?, usize::try_from(last).ok()?);
            Some(Self { entity_type: entity_type.as_str()?.to_owned(), start, end, score: None })
        };
        Ok((fields, entity()))
    }
}

/// The entities of a list. That one is not valid comes before that one can't be used: Presidio reads all of them
/// first.
fn entities(
    list: &Value,
    read: impl Fn(&Value) -> Result<Entity, AnonymizerError>,
) -> Result<Vec<Entity>, AnonymizerError> {
    let (entities, errors): (Vec<_>, Vec<_>) = elements(list)?.iter().map(read).partition(Result::is_ok);
    let mut errors: Vec<_> = errors.into_iter().filter_map(Result::err).collect();
    errors.sort_by_key(|error| *error == AnonymizerError::Internal);
    match errors.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(entities.into_iter().flatten().collect()),
    }
}

/// A position that passes Presidio's checks, which need not be a number.
fn position<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a Value, AnonymizerError> {
    let value =
        fields.get(name).filter(|value| !value.is_null()).ok_or_else(|| must_contain("result", name))?;
    python::check_kind(value, name, Kind::Number)?;
    Ok(value)
}

fn must_contain(entity: &str, name: &str) -> AnonymizerError {
    AnonymizerError::InvalidParam(format!("Invalid input, {entity} must contain {name}"))
}

fn fields(body: &Value) -> Result<&Map<String, Value>, AnonymizerError> {
    if !python::is_true(body) {
        return Err(AnonymizerError::BadRequest("Invalid request json"));
    }
    body.as_object().ok_or(AnonymizerError::Internal)
}

fn text(body: &Map<String, Value>) -> Result<&str, AnonymizerError> {
    body.get("text").map_or(Some(""), Value::as_str).ok_or(AnonymizerError::Internal)
}

fn operators(configs: Option<&Value>) -> Result<Operators, AnonymizerError> {
    match configs {
        None | Some(Value::Null) => Ok(Operators::new()),
        Some(Value::Object(configs)) => configs
            .iter()
            .map(|(key, config)| Ok((key.clone(), OperatorConfig::from_json(config)?)))
            .collect(),
        Some(_) => Err(AnonymizerError::Internal),
    }
}

/// The elements of a list. An empty object or text has none; others have some that are no entities.
fn elements(value: &Value) -> Result<&[Value], AnonymizerError> {
    match value {
        Value::Array(values) => Ok(values),
        Value::Object(_) | Value::String(_) if !python::is_true(value) => Ok(&[]),
        _ => Err(AnonymizerError::Internal),
    }
}

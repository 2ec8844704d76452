//! JSON values as Python sees them.

use serde_json::Value;

use super::AnonymizerError;

/// A type that a parameter must have, by the name it has in messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    Boolean,
    /// Python's `int`, which a boolean is too.
    Number,
    /// Python's `bytes`, which no JSON value is.
    Bytes,
}

impl Kind {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::String => Some("string"),
            Self::Boolean => Some("boolean"),
            Self::Number => Some("number"),
            Self::Bytes => None,
        }
    }

    fn has(self, value: &Value) -> bool {
        match value {
            Value::String(_) => self == Self::String,
            Value::Bool(_) => matches!(self, Self::Boolean | Self::Number),
            Value::Number(number) => self == Self::Number && !number.is_f64(),
            _ => false,
        }
    }
}

/// Whether Python takes it for true: `if value:`.
#[must_use]
pub fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// The parameter, unless it is missing or true and of another type. What is false passes whatever its type.
pub(super) fn parameter<'a>(
    value: Option<&'a Value>,
    name: &str,
    kind: Kind,
) -> Result<&'a Value, AnonymizerError> {
    let value = value.filter(|value| !value.is_null());
    let value = value.ok_or_else(|| AnonymizerError::InvalidParam(format!("Expected parameter {name}")))?;
    check_kind(value, name, kind)?;
    Ok(value)
}

/// Refuses what is true and of another type.
pub(super) fn check_kind(value: &Value, name: &str, kind: Kind) -> Result<(), AnonymizerError> {
    if !is_true(value) || kind.has(value) {
        return Ok(());
    }
    // Presidio has no names for Python's `float`, `dict` and `bytes`.
    let actual = match value {
        Value::String(_) => Some("string"),
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) if !number.is_f64() => Some("number"),
        Value::Array(_) => Some("array"),
        _ => None,
    };
    Err(AnonymizerError::InvalidParam(match (kind.name(), actual) {
        (Some(expected), Some(actual)) => {
            format!("Invalid parameter value for {name}. Expecting '{expected}', but got '{actual}'.")
        }
        _ => format!("Invalid parameter value for '{name}'."),
    }))
}

/// The integer that a value is; `None` where Python would fail to use it as one.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Number(number) if !number.is_f64() => Some(number.as_i64().unwrap_or(i64::MAX)),
        _ => None,
    }
}

/// Python's `str`.
pub(super) fn str(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

fn repr(value: &Value) -> String {
    let list = |values: Vec<String>| values.join(", ");
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
            let mut out = String::from(quote);
            for c in text.chars() {
                match c {
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    c if c == quote || c == '\\' => out.extend(['\\', c]),
                    c => out.push(c),
                }
            }
            out.push(quote);
            out
        }
        Value::Array(values) => format!("[{}]", list(values.iter().map(repr).collect())),
        Value::Object(fields) => {
            let fields =
                fields.iter().map(|(key, value)| format!("{}: {}", repr(&key.as_str().into()), repr(value)));
            format!("{{{}}}", list(fields.collect()))
        }
    }
}

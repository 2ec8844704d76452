//! Presidio's operators.

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use serde_json::{Map, Value};

use super::{
    AnonymizerError, cipher,
    python::{self, Kind},
    request::OperatorConfig,
};
use crate::redact::Random;

pub(super) fn anonymize(
    name: &str,
    config: &OperatorConfig,
    entity_type: &str,
    value: &str,
    random: &mut impl Random,
) -> Result<String, AnonymizerError> {
    let params = &config.params;
    match name {
        "replace" => replace(params, entity_type),
        "redact" => Ok(String::new()),
        "keep" => Ok(value.to_owned()),
        "mask" => mask(params, value),
        "hash" => hash(params, value, random),
        "encrypt" => cipher::encrypt(key(params)?, value, random).ok_or(AnonymizerError::Internal),
        "custom" => Err(invalid("New value must be a callable function")),
        other => Err(unknown(other)),
    }
}

pub(super) fn deanonymize(
    name: &str,
    config: &OperatorConfig,
    value: &str,
) -> Result<String, AnonymizerError> {
    match name {
        "decrypt" => cipher::decrypt(key(&config.params)?, value).ok_or(AnonymizerError::Internal),
        "deanonymize_keep" => Ok(value.to_owned()),
        other => Err(unknown(other)),
    }
}

fn unknown(name: &str) -> AnonymizerError {
    invalid(format!("Invalid operator class '{name}'."))
}

fn invalid(message: impl Into<String>) -> AnonymizerError {
    AnonymizerError::InvalidParam(message.into())
}

fn replace(params: &Map<String, Value>, entity_type: &str) -> Result<String, AnonymizerError> {
    let value = params.get("new_value").unwrap_or(&Value::Null);
    python::check_kind(value, "new_value", Kind::String)?;
    Ok(match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        _ => format!("<{entity_type}>"),
    })
}

fn mask(params: &Map<String, Value>, value: &str) -> Result<String, AnonymizerError> {
    let by = python::parameter(params.get("masking_char"), "masking_char", Kind::String)?;
    // A list or object that is empty has a length too; it fails only when it is to be repeated.
    let by = match by {
        Value::String(by) if by.chars().count() > 1 => {
            return Err(invalid("Invalid input, masking_char must be a character"));
        }
        Value::String(by) => Some(by),
        Value::Array(_) | Value::Object(_) => None,
        _ => return Err(AnonymizerError::Internal),
    };
    let count = python::parameter(params.get("chars_to_mask"), "chars_to_mask", Kind::Number)?;
    let from_end = python::parameter(params.get("from_end"), "from_end", Kind::Boolean)?;
    let by = by.ok_or(AnonymizerError::Internal)?;
    let count = match count {
        // Only a zero comes here.
        Value::Number(number) if number.is_f64() => 0,
        count => python::integer(count).ok_or(AnonymizerError::Internal)?,
    };

    let length = value.chars().count();
    let count = usize::try_from(count).unwrap_or(0).min(length);
    let (masked, kept) = (by.repeat(count), length - count);
    let at = |chars: usize| value.char_indices().nth(chars).map_or(value.len(), |(at, _)| at);
    Ok(match python::is_true(from_end) {
        true => value[..at(kept)].to_owned() + &masked,
        false => masked + &value[at(count)..],
    })
}

fn hash(
    params: &Map<String, Value>,
    value: &str,
    random: &mut impl Random,
) -> Result<String, AnonymizerError> {
    let algorithm = match params.get("hash_type") {
        None => &digest::SHA256,
        Some(Value::Null) => return Err(invalid("Expected parameter hash_type")),
        Some(Value::String(name)) if name == "sha256" => &digest::SHA256,
        Some(Value::String(name)) if name == "sha512" => &digest::SHA512,
        Some(other) => {
            return Err(invalid(format!(
                "Parameter hash_type value {} is not in range of values ['sha256', 'sha512']",
                python::str(other)
            )));
        }
    };
    let mut context = digest::Context::new(algorithm);
    context.update(value.as_bytes());
    match params.get("salt") {
        None => {
            let mut salt = [0; 32];
            random(&mut salt);
            context.update(&salt);
        }
        Some(salt) => context.update(checked_salt(salt)?),
    }
    Ok(HEXLOWER.encode(context.finish().as_ref()))
}

fn checked_salt(salt: &Value) -> Result<&[u8], AnonymizerError> {
    let length = match salt {
        Value::String(text) => text.len(),
        Value::Array(values) => values.len(),
        Value::Object(fields) => fields.len(),
        _ => return Err(AnonymizerError::Internal),
    };
    match (length, salt) {
        (0, _) => Err(invalid(
            "Salt parameter cannot be empty. Either omit the salt parameter to auto-generate a random salt, or \
             provide a salt of at least 16 bytes (128 bits).",
        )),
        (1..16, _) => Err(invalid(format!(
            "Salt must be at least 16 bytes (128 bits). Provided salt is {length} bytes."
        ))),
        (_, Value::String(text)) => Ok(text.as_bytes()),
        _ => Err(AnonymizerError::Internal),
    }
}

/// The key of `encrypt` and `decrypt`. Its length is right, though 64 bytes are let through here that no cipher takes.
fn key(params: &Map<String, Value>) -> Result<&[u8], AnonymizerError> {
    let key = match params.get("key") {
        Some(Value::String(key)) => key.as_bytes(),
        other => match python::parameter(other, "key", Kind::Bytes)? {
            Value::Array(_) | Value::Object(_) => &[],
            _ => return Err(AnonymizerError::Internal),
        },
    };
    match key.len() {
        16 | 24 | 32 | 64 => Ok(key),
        _ => Err(invalid("Invalid input, key must be of length 128, 192 or 256 bits")),
    }
}

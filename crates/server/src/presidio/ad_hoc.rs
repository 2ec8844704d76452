//! The recognisers in a body of `/analyze`, refused as Python refuses the arguments of a call.

use serde_json::{Map, Value};
use tacita_detect::presidio::{AdHocPattern, AdHocRecognizer, anonymizer::is_true};

use super::{
    python::{items, listed, text, type_name},
    request::{Refusal, flags, no_attribute, number, words},
};

const RECOGNIZER_FIELDS: [&str; 11] = [
    "context",
    "country_code",
    "deny_list",
    "deny_list_score",
    "global_regex_flags",
    "name",
    "patterns",
    "supported_entities",
    "supported_entity",
    "supported_language",
    "version",
];
const PATTERN_FIELDS: [&str; 3] = ["name", "regex", "score"];

pub(super) fn recognizers(value: &Value) -> Result<Vec<AdHocRecognizer>, Refusal> {
    items(value).map_err(Refusal::Type)?.iter().map(recognizer).collect()
}

fn recognizer(value: &Value) -> Result<AdHocRecognizer, Refusal> {
    let Value::Object(fields) = value else {
        // A list can be copied, and fails at the next step.
        return Err(no_attribute(value, if value.is_array() { "get" } else { "copy" }));
    };
    let field = |name| fields.get(name).filter(|value| is_true(value));
    let patterns = field("patterns").map(patterns).transpose()?;
    let entity = entity(fields)?;
    refuse_unknown("PatternRecognizer", fields, &RECOGNIZER_FIELDS)?;
    let entity = entity.ok_or_else(|| missing("PatternRecognizer", &["supported_entity"]))?;
    if !is_true(&entity) {
        return Err(Refusal::Other("Pattern recognizer should be initialized with entity".to_owned()));
    }
    let deny_list = field("deny_list").map(deny_list).transpose()?;
    if patterns.is_none() && deny_list.is_none() {
        let message = "Pattern recognizer should be initialized with patterns or with deny list";
        return Err(Refusal::Other(message.to_owned()));
    }
    Ok(AdHocRecognizer {
        supported_entity: text(&entity),
        supported_entities: None,
        name: field("name").and_then(text),
        // What is no text is a language that no request has.
        supported_language: fields
            .get("supported_language")
            .map_or(Some("en".to_owned()), text)
            .unwrap_or_default(),
        patterns,
        deny_list,
        deny_list_score: fields.get("deny_list_score").map_or(Ok(1.0), score)?,
        context: field("context").map(words).transpose()?,
        global_regex_flags: fields.get("global_regex_flags").map(flags).transpose()?.unwrap_or_default(),
        version: None,
        country_code: None,
    })
}

/// The type it finds: `supported_entity`, or the first of `supported_entities`.
fn entity(fields: &Map<String, Value>) -> Result<Option<Value>, Refusal> {
    match (fields.get("supported_entity"), fields.get("supported_entities")) {
        (Some(_), Some(_)) => Err(Refusal::Other(
            "Both 'supported_entity' and 'supported_entities' are present in the input dictionary. Only one should be \
             provided."
                .to_owned(),
        )),
        (Some(entity), None) => Ok(Some(entity.clone())),
        (None, Some(entities)) if is_true(entities) => {
            Ok(items(entities).map_err(Refusal::Type)?.into_iter().next())
        }
        _ => Ok(None),
    }
}

fn patterns(value: &Value) -> Result<Vec<AdHocPattern>, Refusal> {
    items(value).map_err(Refusal::Type)?.iter().map(pattern).collect()
}

fn pattern(value: &Value) -> Result<AdHocPattern, Refusal> {
    let Value::Object(fields) = value else {
        let found = type_name(value);
        return Err(Refusal::Type(format!(
            "presidio_analyzer.pattern.Pattern() argument after ** must be a mapping, not {found}"
        )));
    };
    refuse_unknown("Pattern", fields, &PATTERN_FIELDS)?;
    let (Some(name), Some(regex), Some(value)) =
        (fields.get("name"), fields.get("regex"), fields.get("score"))
    else {
        let absent: Vec<_> = PATTERN_FIELDS.into_iter().filter(|name| !fields.contains_key(*name)).collect();
        return Err(missing("Pattern", &absent));
    };
    let Some(regex) = regex.as_str() else {
        return Err(Refusal::Type("first argument must be a string or compiled pattern".to_owned()));
    };
    Ok(AdHocPattern { name: text(name).unwrap_or_default(), regex: regex.to_owned(), score: score(value)? })
}

fn deny_list(value: &Value) -> Result<Vec<String>, Refusal> {
    let words = items(value).map_err(Refusal::Type)?;
    let word = |word: &Value| {
        // Each word is escaped character by character.
        let found = type_name(word);
        word.as_str()
            .map(str::to_owned)
            .ok_or_else(|| Refusal::Type(format!("'{found}' object is not iterable")))
    };
    words.iter().map(word).collect()
}

fn score(value: &Value) -> Result<f64, Refusal> {
    number(value).ok_or_else(|| {
        Refusal::Type(format!("'<' not supported between instances of '{}' and 'int'", type_name(value)))
    })
}

fn refuse_unknown(class: &str, fields: &Map<String, Value>, known: &[&str]) -> Result<(), Refusal> {
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            Err(Refusal::Type(format!("{class}.__init__() got an unexpected keyword argument '{name}'")))
        }
    }
}

fn missing(class: &str, names: &[&str]) -> Refusal {
    let (count, arguments) = (names.len(), if names.len() == 1 { "argument" } else { "arguments" });
    Refusal::Type(format!(
        "{class}.__init__() missing {count} required positional {arguments}: {}",
        listed(names)
    ))
}

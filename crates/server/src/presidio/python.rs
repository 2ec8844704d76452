//! How Python sees a JSON value: clients rely on what Presidio's server makes of values of another type.

use serde_json::Value;

/// The name of the value's type.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// What `for item in value` gives: the characters of a text, the keys of an object.
pub(super) fn items(value: &Value) -> Result<Vec<Value>, String> {
    match value {
        Value::Array(items) => Ok(items.clone()),
        Value::String(text) => Ok(text.chars().map(|c| Value::String(c.into())).collect()),
        Value::Object(entries) => Ok(entries.keys().cloned().map(Value::String).collect()),
        _ => Err(format!("'{}' object is not iterable", type_name(value))),
    }
}

/// `str(value)` of a value that holds no others.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("None".to_owned()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Names as Python lists them: `'a', 'b', and 'c'`.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [all @ .., last] => format!("{}, and {last}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_types() {
        let values = json!([null, true, 1, 1.5, "", [], {}]);
        let names: Vec<_> = values.as_array().unwrap().iter().map(type_name).collect();
        assert_eq!(names, ["NoneType", "bool", "int", "float", "str", "list", "dict"]);
    }

    #[test]
    fn lists_names() {
        assert_eq!(listed(&["a"]), "'a'");
        assert_eq!(listed(&["a", "b"]), "'a' and 'b'");
        assert_eq!(listed(&["a", "b", "c"]), "'a', 'b', and 'c'");
    }

    #[test]
    fn iterates() {
        assert_eq!(items(&json!("ab")).unwrap(), [json!("a"), json!("b")]);
        assert_eq!(items(&json!({"a": 1})).unwrap(), [json!("a")]);
        assert_eq!(items(&json!(true)).unwrap_err(), "'bool' object is not iterable");
    }
}

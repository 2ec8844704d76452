//! The notation of the templates: `{EMAIL_ADDRESS:mara.lind@example.org}` stands for its value, which is a finding.
//!
//! A name is of capitals, digits and underscores; the value ends at the next `}`. Any other brace is text.

use anyhow::{Context, Result, ensure};

use super::{Expected, Place};

/// A value that was put into a text.
#[derive(Debug, PartialEq)]
pub(super) struct Planted {
    entity: String,
    value: String,
    /// Where it starts, in bytes.
    pub(super) at: usize,
}

impl Planted {
    pub(super) fn expected(self, place: Place) -> Expected {
        Expected { entity_type: self.entity, value: self.value, place }
    }
}

/// The text of a template and the values in it.
pub(super) fn fill(template: &str) -> Result<(String, Vec<Planted>)> {
    let mut text = String::with_capacity(template.len());
    let mut planted = Vec::new();
    let mut rest = template;
    while let Some(brace) = rest.find('{') {
        text.push_str(&rest[..brace]);
        rest = &rest[brace + 1..];
        let Some((entity, after)) = name(rest) else {
            text.push('{');
            continue;
        };
        let (value, after) = after.split_once('}').with_context(|| format!("`{{{entity}:` is not closed"))?;
        ensure!(!value.is_empty(), "`{{{entity}:}}` has no value");
        planted.push(Planted { entity: entity.to_owned(), value: value.to_owned(), at: text.len() });
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    Ok((text, planted))
}

/// An entity's name and what follows its colon.
fn name(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once(':')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    is_name.then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_braces_are_text() {
        let (text, planted) = fill("{\"a\": {IP_ADDRESS:192.0.2.7}, ${HOME} {}").expect("well formed");
        assert_eq!(text, "{\"a\": 192.0.2.7, ${HOME} {}");
        assert_eq!(planted, [Planted { entity: "IP_ADDRESS".into(), value: "192.0.2.7".into(), at: 6 }]);
    }

    #[test]
    fn an_unclosed_or_empty_value_is_refused() {
        assert!(fill("{AGE:54").is_err());
        assert!(fill("{AGE:}").is_err());
    }
}

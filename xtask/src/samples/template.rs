//! The notation of the templates: `{EMAIL_ADDRESS:mara.lind@example.org}` stands for its value, which is a finding.
//!
//! A name is of capitals, digits and underscores; the value ends at the next `}`. Any other brace is text.

use anyhow::{Context, Result, ensure};

use tacita_detect::{
    Recognizer,
    checks::{self, Check},
    recognizers,
};

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
        findable(entity, value)?;
        planted.push(Planted { entity: entity.to_owned(), value: value.to_owned(), at: text.len() });
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    Ok((text, planted))
}

/// Refuses what could never be found: a type that nobody recognises, a number whose check digits are wrong.
fn findable(entity: &str, value: &str) -> Result<()> {
    ensure!(!value.is_empty(), "`{{{entity}:}}` has no value");
    let ours: Vec<&Recognizer> = recognizers().iter().filter(|r| r.entity == entity).collect();
    ensure!(!ours.is_empty(), "no recogniser finds `{entity}`");
    // Dates have formats beside those that the check reads.
    let checks: Vec<Check> = ours.iter().filter_map(|r| checks::by_name(r.check)).collect();
    let checked = checks.len() == ours.len() && !entity.starts_with("DATE_");
    ensure!(!checked || checks.iter().any(|check| check(value.as_bytes())), "`{value}` is no valid {entity}");
    Ok(())
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
    fn what_can_not_be_found_is_refused() {
        for template in ["{AGE:54", "{AGE:}", "{NO_SUCH_TYPE:54}", "{IBAN_CODE:DE88 3704 0044 0532 0130 00}"]
        {
            assert!(fill(template).is_err(), "{template}");
        }
    }
}

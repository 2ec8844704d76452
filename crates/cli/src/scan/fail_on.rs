//! `--fail-on`: which findings make a scan fail.

use std::str::FromStr;

use crate::report::Hit;

/// Which findings make the exit code 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FailOn {
    Any,
    /// That score at least this.
    Score(f32),
    /// Of one of these types.
    Types(Vec<String>),
}

impl FailOn {
    pub(crate) fn matches(&self, hit: &Hit<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Score(least) => hit.score >= *least,
            Self::Types(types) => types.iter().any(|name| name == hit.entity),
        }
    }
}

impl FromStr for FailOn {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "any" {
            return Ok(Self::Any);
        }
        if let Ok(score) = text.parse() {
            return if (0.0..=1.0).contains(&score) {
                Ok(Self::Score(score))
            } else {
                Err("a score is from 0 to 1")
            };
        }
        let types: Vec<_> = text.split(',').map(|name| name.trim().to_owned()).collect();
        if types.iter().any(String::is_empty) {
            return Err("give `any`, a score from 0 to 1, or types with commas between them");
        }
        Ok(Self::Types(types))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_a_score_or_types() {
        assert_eq!("any".parse(), Ok(FailOn::Any));
        assert_eq!("0.85".parse(), Ok(FailOn::Score(0.85)));
        assert_eq!("US_SSN, IBAN_CODE".parse(), Ok(FailOn::Types(vec!["US_SSN".into(), "IBAN_CODE".into()])));
        for bad in ["", "2", "-1", "nan", "US_SSN,"] {
            assert!(bad.parse::<FailOn>().is_err(), "{bad}");
        }
    }
}

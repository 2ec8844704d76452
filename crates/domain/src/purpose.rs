//! What data is processed for.

use std::{error::Error, fmt, str::FromStr};

use crate::{DataClass, LawfulBasis};

/// The name of a purpose within an organisation, such as `support` or `billing.invoices`: 1 to 64 lower-case letters, digits,
/// `.`, `-` and `_`, the first a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PurposeName(Box<str>);

impl PurposeName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no name of a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadPurpose;

impl fmt::Display for BadPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a purpose's name: give 1 to 64 lower-case letters, digits, `.`, `-` or `_`, the first a letter")
    }
}

impl Error for BadPurpose {}

impl FromStr for PurposeName {
    type Err = BadPurpose;

    fn from_str(text: &str) -> Result<Self, BadPurpose> {
        if is_name(text) { Ok(Self(text.into())) } else { Err(BadPurpose) }
    }
}

impl fmt::Display for PurposeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text is a name in the sense of [`PurposeName`]; kinds of records follow the same rule.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b))
}

/// A purpose as it stands in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// Its name.
    pub name: PurposeName,
    /// Counts its changes, from 1.
    pub version: u32,
    /// Why data may be processed for it.
    pub basis: LawfulBasis,
    /// How much may be kept.
    pub class: DataClass,
    /// Whether anything may be processed for it now.
    pub enabled: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in ["a", "support", "billing.invoices", "ads_2", "x-y", &"a".repeat(64)] {
            assert_eq!(good.parse::<PurposeName>().map(|name| name.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "Support", "1a", ".a", "a b", "ä", "a/b", &"a".repeat(65)] {
            assert_eq!(bad.parse::<PurposeName>(), Err(BadPurpose), "{bad}");
        }
    }
}

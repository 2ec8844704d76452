//! Scopes: what somebody may do at most, whatever their role allows.

use std::{error::Error, fmt, str::FromStr};

use crate::Action;

/// A set of actions. As text it is their names with spaces between (RFC 6749 §3.3), where `record.*` stands for all that begin so.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope(u128);

/// Why a text is no scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadScope(String);

impl fmt::Display for BadScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_str() {
            "" => f.write_str("a scope names at least one action, such as `record.read` or `record.*`"),
            word => {
                write!(f, "`{}` is no action: give such as `record.read` or `record.*`", word.escape_debug())
            }
        }
    }
}

impl Error for BadScope {}

impl Scope {
    /// Whatever the role allows.
    pub const FULL: Self = Self(u128::MAX);

    /// Whether it has an action in it.
    #[must_use]
    pub const fn allows(self, action: Action) -> bool {
        self.0 & bit(action) != 0
    }

    /// Whether it has nothing in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What both allow.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

const fn bit(action: Action) -> u128 {
    1 << action as u8
}

impl FromStr for Scope {
    type Err = BadScope;

    fn from_str(text: &str) -> Result<Self, BadScope> {
        let mut set = 0;
        for word in text.split_ascii_whitespace() {
            let meant = Action::ALL.iter().filter(|action| is_word_of(word, **action));
            let bits = meant.fold(0, |bits, action| bits | bit(*action));
            if bits == 0 {
                return Err(BadScope(word.to_owned()));
            }
            set |= bits;
        }
        if set == 0 { Err(BadScope(String::new())) } else { Ok(Self(set)) }
    }
}

fn is_word_of(word: &str, action: Action) -> bool {
    word == action.as_str()
        || word
            .strip_suffix('*')
            .is_some_and(|start| start.ends_with('.') && action.as_str().starts_with(start))
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = Action::ALL.iter().filter(|action| self.allows(**action)).map(|action| action.as_str());
        f.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::FULL { f.write_str("Scope(full)") } else { write!(f, "Scope({self})") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_place_of_its_own() {
        assert!(Action::ALL.len() < 128);
        let mut seen = 0;
        for &action in Action::ALL {
            assert_eq!(seen & bit(action), 0, "{action}");
            seen |= bit(action);
        }
    }

    #[test]
    fn a_scope_is_read_as_it_is_written_and_allows_what_it_names() {
        let scope: Scope = "record.read  record.list record.read".parse().unwrap();
        assert_eq!(scope.to_string(), "record.read record.list");
        assert_eq!(scope.to_string().parse(), Ok(scope));
        assert!(scope.allows(Action::RecordRead) && !scope.allows(Action::RecordDelete));
        let all: Scope = "record.*".parse().unwrap();
        assert!(all.allows(Action::RecordDelete) && !all.allows(Action::AuditRead));
        assert_eq!(all.and("record.read audit.read".parse().unwrap()).to_string(), "record.read");
        assert!(Action::ALL.iter().all(|&action| Scope::FULL.allows(action)));
    }

    #[test]
    fn what_names_no_action_is_refused() {
        for text in ["", " ", "record", "*", "record*", "record.read records.list", "Record.read", "rec.*"] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
        let error = "record.read walk".parse::<Scope>().unwrap_err();
        assert_eq!(error.to_string(), "`walk` is no action: give such as `record.read` or `record.*`");
    }
}

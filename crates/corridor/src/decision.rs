//! What the policies said.

use std::fmt;

/// Which policies decided, and out of which set. Both stand in the account, so that it can be shown later why something was
/// permitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    policies: Vec<Box<str>>,
    set: PolicySetId,
}

impl Decision {
    /// The policies with these ids decided, out of that set.
    #[must_use]
    pub fn new(policies: impl IntoIterator<Item = Box<str>>, set: PolicySetId) -> Self {
        let mut policies: Vec<_> = policies.into_iter().collect();
        policies.sort_unstable();
        policies.dedup();
        Self { policies, set }
    }

    /// The ids of the policies that permitted it, or, where it is denied, of those that forbid it; in order.
    #[must_use]
    pub fn policies(&self) -> &[Box<str>] {
        &self.policies
    }

    /// Which set of policies counted.
    #[must_use]
    pub const fn set(&self) -> PolicySetId {
        self.set
    }
}

/// Why the policies do not permit it.
impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.policies[..] {
            [] => f.write_str("no policy permits it"),
            [one] => write!(f, "the policy `{one}` forbids it"),
            several => {
                let names: Vec<_> = several.iter().map(|name| format!("`{name}`")).collect();
                write!(f, "the policies {} forbid it", names.join(", "))
            }
        }
    }
}

/// The first eight bytes of the digest of a set of policies; sixteen hexadecimal digits as a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PolicySetId([u8; 8]);

impl PolicySetId {
    /// The one of this digest.
    #[must_use]
    pub fn of(digest: &[u8; 32]) -> Self {
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        Self(first)
    }
}

impl fmt::Display for PolicySetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_what_forbids_it_in_one_order() {
        let said = |names: &[&str]| {
            Decision::new(names.iter().map(|name| Box::from(*name)), PolicySetId::default()).to_string()
        };
        assert_eq!(said(&[]), "no policy permits it");
        assert_eq!(said(&["a", "a"]), "the policy `a` forbids it");
        assert_eq!(said(&["b", "a"]), "the policies `a`, `b` forbid it");
    }

    #[test]
    fn a_set_is_known_by_the_first_sixteen_digits() {
        let mut digest = [0xff; 32];
        digest[..9].copy_from_slice(&[0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x55]);
        assert_eq!(PolicySetId::of(&digest).to_string(), "0123456789abcdef");
    }
}

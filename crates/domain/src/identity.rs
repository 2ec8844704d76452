//! By what a data subject is known.

use std::{error::Error, fmt};

use unicode_normalization::UnicodeNormalization;

use crate::named::named;

named! {
    /// What an identity is.
    IdentityKind {
        /// An e-mail address.
        Email = "email",
        /// A telephone number.
        Phone = "phone",
        /// What the organisation calls the data subject.
        ExternalId = "external-id",
    }
}

/// Longest identity, in bytes.
const LONGEST: usize = 320;

/// Why a text is no identity. It is not quoted: it may be somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadIdentity(IdentityKind);

impl fmt::Display for BadIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            IdentityKind::Email => "not an e-mail address: give one such as `mara.lind@example.org`",
            IdentityKind::Phone => {
                "not a telephone number: give one with its country's code, such as `+44 20 7946 0958`"
            }
            IdentityKind::ExternalId => "not an external id: give 1 to 320 bytes without control characters",
        })
    }
}

impl Error for BadIdentity {}

impl IdentityKind {
    /// One spelling for all that mean the same: addresses in small letters, numbers as `+` and digits.
    ///
    /// # Errors
    /// When `text` is no identity of this kind.
    pub fn normalise(self, text: &str) -> Result<String, BadIdentity> {
        // Compatibility forms, such as full-width letters or composed accents, are one spelling (UAX #15).
        let text = text.trim().nfkc().collect::<String>();
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST || text.chars().any(|c| c.is_control() || is_invisible(c))
        {
            return Err(BadIdentity(self));
        }
        match self {
            Self::Email => match text.rsplit_once('@') {
                Some((local, domain)) if !local.is_empty() && domain.contains('.') && !text.contains(' ') => {
                    // `bücher.example` and `xn--bcher-kva.example` are one domain (RFC 5890, UTS #46).
                    let domain = idna::domain_to_ascii(domain).map_err(|_| BadIdentity(self))?;
                    Ok(format!("{}@{domain}", local.to_lowercase()))
                }
                _ => Err(BadIdentity(self)),
            },
            Self::Phone => {
                let number = text.strip_prefix('+').ok_or(BadIdentity(self))?;
                let digits: String = number.chars().filter(char::is_ascii_digit).collect();
                let plain = number.chars().all(|c| c.is_ascii_digit() || " -./()".contains(c));
                // The longest number of ITU-T E.164 has fifteen digits.
                if plain && (7..=15).contains(&digits.len()) {
                    Ok(format!("+{digits}"))
                } else {
                    Err(BadIdentity(self))
                }
            }
            Self::ExternalId => Ok(text.to_owned()),
        }
    }
}

/// Signs that show nothing and would make two identities of one: joiners, marks of direction, soft hyphens.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_person_are_one() {
        for (kind, spellings) in [
            (IdentityKind::Email, ["Mara.Lind@Example.org", " mara.lind@example.org\n"]),
            (IdentityKind::Phone, ["+44 20 7946-0958", "+44 (20) 7946 0958"]),
            (IdentityKind::Email, ["jose\u{301}@example.org", "jos\u{e9}@example.org"]),
            (IdentityKind::Email, ["\u{ff4d}ara@example.org", "\u{a0}mara@example.org"]),
            (IdentityKind::Email, ["mara@B\u{fc}cher.example", "mara@xn--bcher-kva.example"]),
            (IdentityKind::ExternalId, ["C-1007", " C-1007"]),
        ] {
            let [first, second] = spellings.map(|text| kind.normalise(text).unwrap());
            assert_eq!(first, second);
        }
    }

    #[test]
    fn what_is_none_is_refused_and_not_quoted() {
        for (kind, text) in [
            (IdentityKind::Email, "nobody"),
            (IdentityKind::Email, "mara lind@example.org"),
            (IdentityKind::Email, "@other.example"),
            (IdentityKind::Phone, "020 7946 0958"),
            (IdentityKind::Phone, "+44x20"),
            (IdentityKind::Phone, "+1234567890123456"),
            (IdentityKind::Email, "mara\u{200b}@example.org"),
            (IdentityKind::ExternalId, ""),
            (IdentityKind::ExternalId, "a\u{0}b"),
        ] {
            let error = kind.normalise(text).unwrap_err().to_string();
            assert!(text.is_empty() || !error.contains(text), "{error}");
        }
    }
}

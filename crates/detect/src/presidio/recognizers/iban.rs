//! International bank account numbers, with the national formats that Presidio knows.

use crate::{checks::generic::mod_97, presidio::python_regex::Match};

/// Groups of four, then what may not belong to the number: [`ends`] tries without it.
pub(super) const PATTERN: &str = "(?<![A-Z0-9])\
    (?P<groups>[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,6})(?P<group>(?:[ -]?[A-Z0-9]{4})?)(?P<rest>(?:[ -]?[A-Z0-9]{1,3})?)\
    (?![A-Z0-9])";

/// What follows the country and its two check digits: counts, each of `n` digits, `a` upper-case letters, `c` letters
/// or digits, or zeros. More may follow.
const FORMATS: &[(&str, &str)] = &[
    ("AD", "8n12c"),
    ("AL CY", "8n16c"),
    ("AT BA EE XK LT", "16n"),
    ("AZ", "4c20n"),
    ("BE", "12n"),
    ("BG", "4a6n8c"),
    ("BH", "4a14c"),
    ("BR", "23n1a1c"),
    ("BY", "4c4n16c"),
    ("CR", "1z17n"),
    ("CZ SK ES SE TN", "20n"),
    ("DE ME RS VA", "18n"),
    ("DK FO FI GL", "14n"),
    ("DO", "4a20n"),
    ("EG", "25n"),
    ("FR MC", "10n11c2n"),
    ("GB", "4a14n"),
    ("GE", "2c16n"),
    ("GI", "4a15c"),
    ("GR", "7n16c"),
    ("GT", "24c"),
    ("HR PT", "17n"),
    ("HU PL", "24n"),
    ("IE", "4c14n"),
    ("IQ", "4a15n"),
    ("IS", "22n"),
    ("IT SM", "1a10n12c"),
    ("JO", "4a22n"),
    ("KW", "4a22c"),
    ("KZ LU", "3n13c"),
    ("LB", "4n20c"),
    ("LC", "4a24c"),
    ("LI CH", "5n12c"),
    ("LV", "4a13c"),
    ("LY", "21n"),
    ("MD", "20c"),
    ("MK", "3n10c2n"),
    ("MR", "23n"),
    ("MT", "4a5n18c"),
    ("MU", "4a19n1a"),
    ("NL", "4a10n"),
    ("NO", "11n"),
    ("PK VG", "4c16n"),
    ("PS", "4c17n"),
    ("QA", "4a17c"),
    ("RO", "4a16c"),
    ("SA", "2n18c"),
    ("SC", "4a20n3a"),
    ("SI", "15n"),
    ("TL IL AE", "19n"),
    ("TR", "5n17c"),
    ("UA", "6n19c"),
];

/// The whole match, then without its last part, then without its last two.
pub(super) fn ends(matched: &Match<'_>) -> Vec<usize> {
    ["rest", "group", "groups"].iter().filter_map(|part| matched.group_end(part)).collect()
}

/// A number in lower case is possible, not certain.
pub(super) fn validate(value: &str) -> Option<bool> {
    let number: String = value.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let upper = number.to_uppercase();
    if !has_check_digits(&upper) {
        Some(false)
    } else if has_format(&number) {
        Some(true)
    } else if has_format(&upper) {
        None
    } else {
        Some(false)
    }
}

fn has_check_digits(number: &str) -> bool {
    if !number.bytes().all(|c| c.is_ascii_alphanumeric()) || number.len() < 4 {
        return false;
    }
    let (country, check, account) = (&number[..2], &number[2..4], &number[4..]);
    let remainder = mod_97(account.bytes().chain(country.bytes()).chain(*b"00"));
    check.parse() == Ok(98 - remainder)
}

fn has_format(number: &str) -> bool {
    let Some((country, rest)) = number.split_at_checked(2) else { return false };
    let Some((_, format)) =
        FORMATS.iter().find(|(countries, _)| countries.split(' ').any(|known| known == country))
    else {
        return false;
    };
    let mut account = rest.bytes().skip(2);
    format.split_inclusive(|c: char| c.is_ascii_alphabetic()).all(|part| {
        let (count, kind) = part.split_at(part.len() - 1);
        let fits = |c: u8| match kind {
            "n" => c.is_ascii_digit(),
            "a" => c.is_ascii_uppercase(),
            "z" => c == b'0',
            _ => c.is_ascii_alphanumeric(),
        };
        (0..count.parse().unwrap_or(0)).all(|_| account.next().is_some_and(fits))
    })
}

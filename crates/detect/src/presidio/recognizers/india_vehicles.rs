//! Which Indian vehicle registrations exist, as far as Presidio knows.

use super::digits;

/// The districts of each state or union territory that has any; one digit may stand for two.
const DISTRICTS: &[(&str, &[(u64, u64)])] = &[
    ("AN", &[(1, 1)]),
    ("AP", &[(39, 40)]),
    ("AR", &[(1, 17), (19, 20), (22, 22)]),
    ("AS", &[(1, 20), (22, 34)]),
    ("BR", &[(1, 11), (19, 19), (21, 22), (24, 34), (37, 39), (43, 46), (50, 53), (55, 56)]),
    ("CG", &[(1, 30)]),
    ("CH", &[(1, 4)]),
    ("DD", &[(1, 3)]),
    ("DL", &[(1, 13)]),
    ("DN", &[(9, 9)]),
    ("GA", &[(1, 12)]),
    ("GJ", &[(1, 39)]),
    ("HP", &[(1, 20), (22, 99)]),
    ("HR", &[(1, 20), (22, 99)]),
    ("JH", &[(1, 20), (22, 24)]),
    ("JK", &[(1, 20), (22, 22)]),
    ("KA", &[(1, 20), (22, 71)]),
    ("KL", &[(1, 20), (22, 99)]),
    ("LA", &[(1, 2)]),
    ("LD", &[(1, 9)]),
    ("MH", &[(1, 20), (22, 51)]),
    ("ML", &[(1, 10)]),
    ("MN", &[(1, 7)]),
    ("MP", &[(1, 20), (22, 71)]),
    ("MZ", &[(1, 8)]),
    ("NL", &[(1, 10)]),
    ("OD", &[(1, 20), (22, 35)]),
    ("OR", &[(1, 20), (22, 31)]),
    ("PB", &[(1, 20), (22, 99)]),
    ("PY", &[(1, 5)]),
    ("RJ", &[(1, 20), (22, 58)]),
    ("SK", &[(1, 8)]),
    ("TN", &[(1, 20), (22, 99)]),
    ("TR", &[(1, 8)]),
    ("TS", &[(1, 20), (22, 38)]),
    ("UK", &[(1, 20)]),
    ("UP", &[(11, 20), (22, 96)]),
    ("WB", &[(1, 20), (22, 98)]),
];

/// A number of a known district is certain; any other is as likely as its pattern.
///
/// Presidio looks a district up as written and without its leading zero, so that a single digit is known in Delhi and
/// Gujarat only.
pub(super) fn validate(value: &str) -> Option<bool> {
    let number: Vec<char> = value.chars().filter(|c| !matches!(c, '-' | ' ' | ':')).collect();
    if number.len() < 8 {
        return None;
    }
    let state: String = number[..2].iter().flat_map(|c| c.to_uppercase()).collect();
    let (_, districts) = DISTRICTS.iter().find(|(known, _)| *known == state)?;
    let tens = digits::value(number[2])?;
    let (district, digits_of_district) = match digits::value(number[3]) {
        Some(units) => (digits::number(&[tens, units]), 2),
        None => (u64::from(tens), 1),
    };
    let unpadded = matches!(state.as_str(), "DL" | "GJ");
    let written_so = unpadded || digits_of_district == 2;
    let known = districts.iter().any(|(first, last)| (*first..=*last).contains(&district));
    let serial = number[number.len() - 4..].iter().map(|&c| digits::value(c)).collect::<Option<Vec<_>>>()?;
    (known && written_so && digits::number(&serial) > 0).then_some(true)
}

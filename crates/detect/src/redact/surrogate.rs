//! Invented values of the same shape, which pass the same checksum.
//!
//! Digits become digits, vowels vowels, consonants consonants, each in its script and case; all else stays. What has
//! a checksum is drawn again until it holds. Where addresses are set aside for examples, those are taken (RFC 2606,
//! RFC 5737, RFC 3849), so that nobody gets mail meant for an invented person.

use std::net::IpAddr;

use aws_lc_rs::hmac;

use super::{dates, redactor::digest};
use crate::{
    checks::{self, Check},
    phone, recognizers,
};

/// How many values to draw whole until one passes its check.
const DRAWS: usize = 1_000;
/// How many small changes to try where none did.
const CHANGES: usize = 50_000;

/// A value for `value`, always the same under one key; `None` when there is nothing to invent, or no valid value was
/// found.
///
/// Case and separators don't enter into what is drawn: however a card number is written, its digits become the same.
pub(super) fn invent(entity: &str, value: &str, key: &hmac::Key) -> Option<String> {
    let plain: String = value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if plain.is_empty() {
        return None;
    }
    let mut draw = Draw::new(&digest(key, &[entity, &plain]));
    match entity {
        "EMAIL_ADDRESS" => Some(email(value, &mut draw)),
        "URL" => Some(url(value, &mut draw)),
        "IP_ADDRESS" => ip(value, &mut draw),
        "DATE_TIME" | "DATE_OF_BIRTH" => dates::shifted(value, dates::shift(&digest(key, &[]), 3650), false),
        "PHONE_NUMBER" => phone(value, &mut draw),
        "IBAN_CODE" => valid(value, 2, check(entity, value), &mut draw),
        "AGE" => Some(value.chars().map(|c| if c.is_numeric() { draw.like(c) } else { c }).collect()),
        "CRYPTO" => Some(wallet(value, &mut draw)),
        "CREDIT_CARD" => valid(value, 1, check(entity, value), &mut draw),
        "PRIVATE_KEY" => None,
        _ => valid(value, kind_prefix(value), check(entity, value), &mut draw),
    }
}

/// How many letters in front of a number say what kind of number it is, as in `HRB 12345` or `ghp_9fKq2`.
fn kind_prefix(value: &str) -> usize {
    let letters = value.bytes().take_while(u8::is_ascii_alphabetic).count();
    let is_kind = value[letters..].starts_with(['-', '_', ' ']) && value.bytes().any(|b| b.is_ascii_digit());
    if is_kind { letters } else { 0 }
}

/// The check that `value` passes as one of its type: of those that recognisers declare for the type, or of the type's
/// own name.
fn check(entity: &str, value: &str) -> Option<Check> {
    let declared = recognizers().iter().filter(|known| known.entity == entity).map(|known| known.check);
    let own = entity.to_lowercase();
    let stricter = format!("{own}_checked");
    declared
        .chain([stricter.as_str(), own.as_str()])
        .filter_map(checks::by_name)
        .find(|check| check(value.as_bytes()))
}

/// A value of the shape of `value` that differs from it and passes `check`. The first `keep` letters or digits stay.
fn valid(value: &str, keep: usize, check: Option<Check>, draw: &mut Draw) -> Option<String> {
    let passes = |drawn: &String| drawn != value && check.is_none_or(|check| check(drawn.as_bytes()));
    let drawn = (0..DRAWS).map(|_| shaped(value, keep, draw)).find(passes);
    drawn.or_else(|| wander(value, keep, check?, draw))
}

/// As [`valid`], for identifiers of which few of a shape are valid, as they hold a date, a province and check digits:
/// two or three symbols change at a time, from one valid value to the next, until each has had several occasions.
fn wander(value: &str, keep: usize, check: Check, draw: &mut Draw) -> Option<String> {
    let hex = is_hex(value);
    let mut now = value.as_bytes().to_vec();
    let places: Vec<usize> =
        (0..now.len()).filter(|&at| now[at].is_ascii_alphanumeric()).skip(keep).collect();
    if !value.is_ascii() || places.is_empty() {
        return None;
    }
    let wanted = 4 * places.len();
    let mut steps = 0;
    for _ in 0..CHANGES {
        let mut next = now.clone();
        for _ in 0..2 + draw.below(2) {
            let at = places[draw.below(places.len())];
            let symbol = char::from(next[at]);
            let symbol = if hex { draw.hex(symbol) } else { draw.like(symbol) };
            next[at] = u8::try_from(symbol).expect("what is drawn for ASCII is ASCII");
        }
        if next != now && check(&next) {
            now = next;
            steps += 1;
            if steps >= wanted && now != value.as_bytes() {
                return String::from_utf8(now).ok();
            }
        }
    }
    None
}

fn shaped(value: &str, keep: usize, draw: &mut Draw) -> String {
    let hex = is_hex(value);
    let mut kept = 0;
    value
        .chars()
        .map(|c| {
            if !c.is_alphanumeric() {
                return c;
            }
            kept += 1;
            if kept <= keep {
                c
            } else if hex {
                draw.hex(c)
            } else {
                draw.like(c)
            }
        })
        .collect()
}

/// Whether letters must stay hexadecimal: a hash, UUID or hardware address.
fn is_hex(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    digits > 0
        && value.bytes().filter(u8::is_ascii_alphanumeric).count() >= 12
        && value
            .trim_start_matches("0x")
            .chars()
            .all(|c| c.is_ascii_hexdigit() || matches!(c, '-' | ':' | '.'))
}

fn email(value: &str, draw: &mut Draw) -> String {
    let local = value.rsplit_once('@').map_or(value, |(local, _)| local);
    shaped(local, 0, draw) + "@example.org"
}

fn url(value: &str, draw: &mut Draw) -> String {
    let (scheme, rest) = value.split_once("://").map_or(("", value), |(scheme, rest)| (scheme, rest));
    let path = rest.find(['/', '?', '#']).map_or("", |at| &rest[at..]);
    let between = if scheme.is_empty() { "" } else { "://" };
    [scheme, between, "example.org", &shaped(path, 0, draw)].concat()
}

fn ip(value: &str, draw: &mut Draw) -> Option<String> {
    match value.parse().ok()? {
        IpAddr::V4(_) => {
            let network = ["192.0.2", "198.51.100", "203.0.113"][draw.below(3)];
            Some(format!("{network}.{}", 1 + draw.below(254)))
        }
        IpAddr::V6(_) => {
            let mut group = || draw.below(0x1_0000);
            Some(format!("2001:db8:{:x}:{:x}::{:x}", group(), group(), group()))
        }
    }
}

/// An address of the same network. Its checksum does not hold, so that nobody can pay into nowhere.
fn wallet(value: &str, draw: &mut Draw) -> String {
    let prefix = ["0x", "bc1", "tb1", "ltc1"].into_iter().find(|prefix| value.starts_with(prefix));
    shaped(value, prefix.map_or(1, str::len), draw)
}

/// A North American number becomes one of those set aside for fiction (555-0100 to 555-0199); of another one country
/// and area stay.
fn phone(value: &str, draw: &mut Draw) -> Option<String> {
    let digits: Vec<u8> = value.bytes().filter(u8::is_ascii_digit).collect();
    let national = match digits.as_slice() {
        [b'1', rest @ ..] if rest.len() == 10 => rest,
        rest if rest.len() == 10 && !value.starts_with('+') => rest,
        _ => &[],
    };
    if !matches!(national, [b'2'..=b'9', _, _, b'2'..=b'9', ..]) {
        let keep = if value.starts_with('+') { 5 } else { 3 };
        let keep = keep.min(digits.len().saturating_sub(4));
        return valid(value, keep, is_phone_number(value.as_bytes()).then_some(is_phone_number), draw);
    }
    let area = ["202", "303", "404", "512", "617", "702", "808", "917"][draw.below(8)];
    let number = format!("{area}55501{:02}", draw.below(100));
    let mut invented = number.chars();
    let mut country = digits.len() - 10;
    Some(
        value
            .chars()
            .map(|c| {
                if !c.is_ascii_digit() {
                    c
                } else if country > 0 {
                    country -= 1;
                    c
                } else {
                    invented.next().unwrap_or(c)
                }
            })
            .collect(),
    )
}

/// Whether it is a number of the country whose code it begins with.
fn is_phone_number(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    phone::matcher::find(text, "").contains(&(0..text.len()))
}

/// Draws from a keyed seed. Only the seed must be unpredictable: who works it out of what was drawn has a digest.
struct Draw(u64);

impl Draw {
    fn new(seed: &[u8; 32]) -> Self {
        Self(u64::from_le_bytes(*seed.first_chunk().expect("32 bytes have 8")))
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        // The product's upper half is below `count`; its bias of 2⁻⁴⁸ and less does not matter.
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }

    fn one_of(&mut self, choices: &[u8]) -> char {
        char::from(choices[self.below(choices.len())])
    }

    fn hex(&mut self, like: char) -> char {
        match like {
            '0'..='9' => self.one_of(b"0123456789"),
            'A'..='F' => self.one_of(b"ABCDEF"),
            _ => self.one_of(b"abcdef"),
        }
    }

    fn like(&mut self, c: char) -> char {
        match c {
            '0'..='9' => self.one_of(b"0123456789"),
            'a' | 'e' | 'i' | 'o' | 'u' => self.one_of(b"aeiou"),
            'A' | 'E' | 'I' | 'O' | 'U' => self.one_of(b"AEIOU"),
            'a'..='z' => self.one_of(b"bcdfghjklmnpqrstvwxyz"),
            'A'..='Z' => self.one_of(b"BCDFGHJKLMNPQRSTVWXYZ"),
            _ => self.like_in_script(c),
        }
    }

    fn like_in_script(&mut self, c: char) -> char {
        let script = SCRIPTS.iter().find(|(first, last)| (*first..=*last).contains(&c));
        match script {
            Some(&(first, last)) => {
                let offset = u32::try_from(self.below((last as usize) - (first as usize) + 1)).unwrap_or(0);
                char::from_u32(first as u32 + offset).unwrap_or(first)
            }
            None if c.is_numeric() => self.like('0'),
            None if c.is_uppercase() => self.one_of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            None => self.one_of(b"abcdefghijklmnopqrstuvwxyz"),
        }
    }
}

/// Runs of letters or digits of one script and case without gaps, first and last. Source: Unicode 16 code charts.
const SCRIPTS: [(char, char); 19] = [
    ('\u{3b1}', '\u{3c9}'),
    ('\u{391}', '\u{3a1}'),
    ('\u{430}', '\u{44f}'),
    ('\u{410}', '\u{42f}'),
    ('\u{561}', '\u{586}'),
    ('\u{5d0}', '\u{5ea}'),
    ('\u{627}', '\u{63a}'),
    ('\u{641}', '\u{64a}'),
    ('\u{660}', '\u{669}'),
    ('\u{6f0}', '\u{6f9}'),
    ('\u{915}', '\u{939}'),
    ('\u{966}', '\u{96f}'),
    ('\u{e01}', '\u{e2e}'),
    ('\u{10d0}', '\u{10f0}'),
    ('\u{3041}', '\u{3094}'),
    ('\u{30a1}', '\u{30f4}'),
    ('\u{4e00}', '\u{9fa5}'),
    ('\u{ac00}', '\u{d7a3}'),
    ('\u{ff10}', '\u{ff19}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, b"tests")
    }

    fn invented(entity: &str, value: &str) -> String {
        invent(entity, value, &key()).expect("a value of this type can be invented")
    }

    /// Digits as `9`, letters as `a` and `A`, the rest as it is.
    fn shape(value: &str) -> String {
        let like = |c: char| match c {
            '0'..='9' => '9',
            c if c.is_uppercase() => 'A',
            c if c.is_alphabetic() => 'a',
            c => c,
        };
        value.chars().map(like).collect()
    }

    #[test]
    fn shape_and_checksum_stay() {
        for (entity, value) in [
            ("CREDIT_CARD", "4111 1111 1111 1111"),
            ("CREDIT_CARD", "3782-822463-10005"),
            ("IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
            ("IBAN_CODE", "GB82WEST12345698765432"),
            ("US_SSN", "536-90-4399"),
            ("US_NPI", "1234567893"),
            ("UK_NHS", "943 476 5919"),
            ("ABA_ROUTING_NUMBER", "021000021"),
            ("DE_TAX_ID", "86095742719"),
            ("NL_BSN", "111222333"),
            ("FR_NIR", "255081416802538"),
            ("DK_CPR", "211062-5629"),
            ("IT_FISCAL_CODE", "RSSMRA85T10A562S"),
            ("RO_CNP", "1630615123457"),
            ("PHONE_NUMBER", "+44 20 7946 0018"),
            ("UUID", "123e4567-e89b-12d3-a456-426614174000"),
            ("MAC_ADDRESS", "00:1B:44:11:3A:B7"),
            ("PERSON", "Mara Lind-Øster"),
            ("PERSON", "Мара Линд"),
            ("ORGANIZATION", "株式会社テスト"),
        ] {
            let drawn = invented(entity, value);
            assert_ne!(drawn, value);
            assert_eq!(shape(&drawn), shape(value), "{entity} {drawn}");
            if let Some(check) = check(entity, value) {
                assert!(check(drawn.as_bytes()), "{entity} {drawn}");
            }
        }
        assert!(checks::iban(invented("IBAN_CODE", "DE89 3704 0044 0532 0130 00").as_bytes()));
        assert!(checks::credit_card(invented("CREDIT_CARD", "4111111111111111").as_bytes()));
    }

    #[test]
    fn what_is_set_aside_for_examples_is_taken() {
        assert!(invented("AGE", "34 years old").ends_with(" years old"));
        assert!(invented("CRYPTO", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4").starts_with("bc1"));
        assert!(invented("EMAIL_ADDRESS", "mara.lind@firm.example").ends_with("@example.org"));
        assert!(invented("URL", "https://firm.example/a?b=1").starts_with("https://example.org/"));
        assert_eq!(invented("URL", "firm.example"), "example.org");
        assert!(invented("IP_ADDRESS", "2001:4860:4860::8888").starts_with("2001:db8:"));
        let ip = invented("IP_ADDRESS", "8.8.8.8");
        assert!(
            ["192.0.2.", "198.51.100.", "203.0.113."].iter().any(|network| ip.starts_with(network)),
            "{ip}"
        );
        let phone = invented("PHONE_NUMBER", "+1 (212) 736-5000");
        assert!(phone.contains(") 555-01") && phone.starts_with("+1 ("), "{phone}");
        let phone = invented("PHONE_NUMBER", "+49 30 901820");
        assert!(phone.starts_with("+49 30 9") && is_phone_number(phone.as_bytes()), "{phone}");
    }

    #[test]
    fn same_value_same_surrogate_however_it_is_written() {
        let digits = |text: String| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let spaced = digits(invented("US_SSN", "536 90 4399"));
        assert_eq!(spaced, digits(invented("US_SSN", "536-90-4399")));
        let other = hmac::Key::new(hmac::HMAC_SHA256, b"another scope");
        assert_ne!(invent("US_SSN", "536-90-4399", &other), Some(invented("US_SSN", "536-90-4399")));
    }

    #[test]
    fn nothing_is_invented_for_nothing() {
        assert_eq!(invent("PERSON", "--", &key()), None);
        assert_eq!(invent("DATE_TIME", "yesterday", &key()), None);
    }
}

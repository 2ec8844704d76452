//! Types that belong to no country.

use super::{Spec, digits, iban, pattern};
use crate::{
    checks::generic::luhn_sum,
    presidio::{RegexFlags, phones::Line},
};
use aws_lc_rs::digest::{SHA256, digest};

const CREDIT_CARD: Spec = Spec::new("CreditCardRecognizer", "CREDIT_CARD")
    .enabled()
    .patterns(&[pattern(
        "All Credit Cards (weak)",
        0.3,
        r"\b(?!1\d{12}(?!\d))(?:[136]\d{3}|4\d{3}|5[0-5]\d{2})[- ]?\d{3,4}[- ]?\d{3,4}[- ]?\d{3,5}\b",
    )])
    .validate(credit_card);

pub(super) const RECOGNIZERS: &[Spec] = &[
    CREDIT_CARD.context(&[
        "credit",
        "card",
        "visa",
        "mastercard",
        "cc",
        "amex",
        "discover",
        "jcb",
        "diners",
        "maestro",
        "instapayment",
    ]),
    CREDIT_CARD.languages(&["es"]).context(&[
        "tarjeta",
        "credito",
        "visa",
        "mastercard",
        "cc",
        "amex",
        "discover",
        "jcb",
        "diners",
        "maestro",
        "instapayment",
    ]),
    // Presidio's configuration gives these no context words, so they keep the class's, a trailing space among them.
    CREDIT_CARD.languages(&["it", "pl"]).context(&[
        "credit",
        "card",
        "visa",
        "mastercard",
        "cc ",
        "amex",
        "discover",
        "jcb",
        "diners",
        "maestro",
        "instapayment",
    ]),
    Spec::new("CryptoRecognizer", "CRYPTO")
        .any_language()
        .enabled()
        .patterns(&[pattern("Crypto (Medium)", 0.5, r"(?:bc1|[13])[a-zA-HJ-NP-Z0-9]{25,59}")])
        .context(&["wallet", "btc", "bitcoin", "crypto"])
        .validate(bitcoin_address),
    Spec::new("IbanRecognizer", "IBAN_CODE")
        .any_language()
        .enabled()
        .flags(RegexFlags::CASE_SENSITIVE)
        .patterns(&[pattern("IBAN Generic", 0.5, iban::PATTERN)])
        .context(&["iban", "bank", "transaction"])
        .ends(iban::ends)
        .validate(iban::validate),
    Spec::new("PhoneRecognizer", "PHONE_NUMBER")
        .any_language()
        .enabled()
        .phones(&["US", "GB", "DE", "FR", "IL", "IN", "CA", "BR"], Line::Any)
        .context(&["phone", "number", "telephone", "cell", "cellphone", "mobile", "call"]),
    Spec::new("UuidRecognizer", "UUID")
        .any_language()
        .enabled()
        .patterns(&[pattern("UUID (hyphenated)", 0.5, r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")])
        .context(&["uuid", "guid", "unique identifier"])
        .invalidate(not_uuid),
];

fn credit_card(value: &str) -> Option<bool> {
    Some(luhn_sum(&digits::values(value)).is_multiple_of(10))
}

/// Versions 1 to 8 of the variant in RFC 9562.
fn not_uuid(value: &str) -> bool {
    let groups: Vec<&str> = value.split('-').collect();
    let [_, _, version, variant, _] = groups[..] else { return true };
    !(version.starts_with(|c| ('1'..='8').contains(&c))
        && variant.starts_with(['8', '9', 'a', 'b', 'A', 'B']))
}

/// Presidio asks less than the standard: any version byte and any length in Base58Check; in Bech32 neither the witness
/// version nor the length, and `bc1` only in lower case.
fn bitcoin_address(value: &str) -> Option<bool> {
    if value.starts_with(['1', '3']) { Some(base58_check(value)) } else { Some(bech32(value)) }
}

fn base58_check(value: &str) -> bool {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let significant = value.trim_start_matches('1');
    // The number in base 256, its lowest byte first.
    let mut number: Vec<u8> = Vec::with_capacity(value.len());
    for symbol in significant.bytes() {
        let Some(mut carry) = ALPHABET.iter().position(|&letter| letter == symbol) else { return false };
        for byte in &mut number {
            carry += usize::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            number.push(carry as u8);
        }
    }
    number.resize(number.len() + value.len() - significant.len(), 0);
    number.reverse();
    let Some((payload, checksum)) = number.split_last_chunk::<4>() else { return false };
    let hash = digest(&SHA256, digest(&SHA256, payload).as_ref());
    hash.as_ref().starts_with(checksum)
}

/// BIP 173 and BIP 350, the checksum only.
fn bech32(value: &str) -> bool {
    const ALPHABET: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    const BECH32: u32 = 1;
    const BECH32M: u32 = 0x2bc8_30a3;
    let Some((prefix, data)) = value.rsplit_once('1') else { return false };
    let upper = value.bytes().any(|c| c.is_ascii_uppercase());
    if upper || !value.is_ascii() || prefix.is_empty() || data.len() < 6 || value.len() > 90 {
        return false;
    }
    let Some(data) = data.chars().map(|c| ALPHABET.find(c)).collect::<Option<Vec<_>>>() else { return false };
    let high = prefix.bytes().map(|c| u32::from(c >> 5));
    let low = prefix.bytes().map(|c| u32::from(c & 31));
    let values = high.chain([0]).chain(low).chain(data.into_iter().map(|value| value as u32));
    let checksum = values.fold(1_u32, |checksum, value| {
        let top = checksum >> 25;
        let shifted = (checksum & 0x01ff_ffff) << 5 ^ value;
        GENERATOR
            .iter()
            .enumerate()
            .filter(|(i, _)| top >> i & 1 == 1)
            .fold(shifted, |sum, (_, term)| sum ^ term)
    });
    checksum == BECH32 || checksum == BECH32M
}

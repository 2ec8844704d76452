//! Cards, accounts, banks and securities.

use super::{
    country::is_country,
    generic::{base_36, luhn_sum, mod_97, weighted},
    iban_registry,
    symbols::{all_same, alphanumerics, alphanumerics_up_to, digits, digits_up_to, number},
};

/// First six digits from, to, and the lengths of a card scheme's numbers.
struct Issuer {
    from: u32,
    to: u32,
    lengths: &'static [usize],
}

const AMEX: &[Issuer] = &[issuer(340_000, 349_999, &[15]), issuer(370_000, 379_999, &[15])];
const DINERS: &[Issuer] = &[
    issuer(300_000, 305_999, &[14, 16, 17, 18, 19]),
    issuer(309_500, 309_599, &[14, 16, 17, 18, 19]),
    issuer(360_000, 369_999, &[14, 15, 16, 17, 18, 19]),
    issuer(380_000, 399_999, &[14, 16, 17, 18, 19]),
];
const DISCOVER: &[Issuer] = &[
    issuer(601_100, 601_199, &[16, 17, 18, 19]),
    issuer(622_126, 622_925, &[16, 17, 18, 19]),
    issuer(644_000, 659_999, &[16, 17, 18, 19]),
];
const JCB: &[Issuer] = &[issuer(352_800, 358_999, &[16, 17, 18, 19])];
const MASTERCARD: &[Issuer] = &[issuer(222_100, 272_099, &[16]), issuer(510_000, 559_999, &[16])];
const UNIONPAY: &[Issuer] =
    &[issuer(620_000, 629_999, &[16, 17, 18, 19]), issuer(810_000, 817_199, &[16, 17, 18, 19])];
const VISA: &[Issuer] = &[issuer(400_000, 499_999, &[13, 16, 19])];
/// Maestro, Mir, RuPay, Troy, UATP, Verve, InterPayment and InstaPayment, Uzcard, Humo.
const OTHERS: &[Issuer] = &[
    issuer(100_000, 199_999, &[15]),
    issuer(220_000, 220_499, &[16, 17, 18, 19]),
    issuer(353_000, 353_999, &[16]),
    issuer(356_000, 356_999, &[16]),
    issuer(500_000, 509_999, &[12, 13, 14, 15, 16, 17, 18, 19]),
    issuer(560_000, 589_999, &[12, 13, 14, 15, 16, 17, 18, 19]),
    issuer(600_000, 609_999, &[16]),
    issuer(630_400, 630_499, &[12, 13, 14, 15, 16, 17, 18, 19]),
    issuer(636_000, 639_999, &[16, 17, 18, 19]),
    issuer(670_000, 679_999, &[12, 13, 14, 15, 16, 17, 18, 19]),
    issuer(817_200, 829_999, &[16]),
    issuer(860_000, 860_099, &[16]),
    issuer(979_200, 979_299, &[16]),
    issuer(986_000, 986_099, &[16]),
];

/// A payment card number: Luhn, and a first six digits and length that a scheme issues (ISO/IEC 7812; the schemes'
/// published ranges).
pub fn credit_card(value: &[u8]) -> bool {
    card_of(value, &[VISA, MASTERCARD, AMEX, DISCOVER, DINERS, JCB, UNIONPAY, OTHERS])
}

/// An American Express number: 34 or 37, 15 digits.
pub fn credit_card_amex(value: &[u8]) -> bool {
    card_of(value, &[AMEX])
}

/// A Diners Club number: 300–305, 3095, 36, 38, 39.
pub fn credit_card_diners(value: &[u8]) -> bool {
    card_of(value, &[DINERS])
}

/// A Discover number: 6011, 622126–622925, 644–659.
pub fn credit_card_discover(value: &[u8]) -> bool {
    card_of(value, &[DISCOVER])
}

/// A JCB number: 3528–3589.
pub fn credit_card_jcb(value: &[u8]) -> bool {
    card_of(value, &[JCB])
}

/// A Mastercard number: 51–55 or 2221–2720, 16 digits.
pub fn credit_card_mastercard(value: &[u8]) -> bool {
    card_of(value, &[MASTERCARD])
}

/// A UnionPay number: 62 or 8100–8171. UnionPay debit cards may lack a Luhn digit; those are not taken.
pub fn credit_card_unionpay(value: &[u8]) -> bool {
    card_of(value, &[UNIONPAY])
}

/// A Visa number: 4; 13, 16 or 19 digits.
pub fn credit_card_visa(value: &[u8]) -> bool {
    card_of(value, &[VISA])
}

/// An International Bank Account Number: ISO 13616, the country's format in the SWIFT registry, MOD 97-10.
pub fn iban(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<34>(value) else { return false };
    let Some((head, account)) = symbols.split_at_checked(4) else { return false };
    let check = base_36(head[2]) * 10 + base_36(head[3]);
    head[2..].iter().all(u8::is_ascii_digit)
        && (2..99).contains(&check)
        && iban_registry::format([head[0], head[1]])
            .is_some_and(|format| iban_registry::follows(account, format))
        && mod_97(account.iter().chain(head).copied()) == 1
}

/// A Business Identifier Code (SWIFT code): ISO 9362, in upper case, with a country of ISO 3166.
pub fn bic(value: &[u8]) -> bool {
    matches!(value.len(), 8 | 11)
        && value[..4].iter().all(u8::is_ascii_uppercase)
        && is_country([value[4], value[5]])
        && value[6..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// An ABA routing transit number: Federal Reserve district, weights 3 7 1 (American Bankers Association).
pub fn aba_routing(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        matches!(number(&digits[..2]), 0..=12 | 21..=32 | 61..=72 | 80)
            && !all_same(&digits)
            && weighted(&digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
    })
}

/// An International Securities Identification Number: ISO 6166, Luhn over letters as two digits.
pub fn isin(value: &[u8]) -> bool {
    /// Prefixes of ISO 6166 that are no country: international issues, over-the-counter derivatives, the European Union.
    const SUPRANATIONAL: [[u8; 2]; 7] = [*b"XS", *b"XA", *b"XB", *b"XC", *b"XD", *b"EZ", *b"EU"];
    let Some(symbols) = alphanumerics::<12>(value) else { return false };
    let country = [symbols[0], symbols[1]];
    if !symbols[11].is_ascii_digit() || !(is_country(country) || SUPRANATIONAL.contains(&country)) {
        return false;
    }
    let (mut digits, mut len) = ([0; 24], 0);
    for value in symbols.map(base_36) {
        if value >= 10 {
            digits[len] = (value / 10) as u8;
            len += 1;
        }
        digits[len] = (value % 10) as u8;
        len += 1;
    }
    luhn_sum(&digits[..len]).is_multiple_of(10)
}

/// A Legal Entity Identifier: ISO 17442, 18 letters and digits and two check digits, MOD 97-10.
pub fn lei(value: &[u8]) -> bool {
    alphanumerics::<20>(value).is_some_and(|symbols| {
        symbols[18..].iter().all(u8::is_ascii_digit) && !all_same(&symbols) && mod_97(symbols) == 1
    })
}

const fn issuer(from: u32, to: u32, lengths: &'static [usize]) -> Issuer {
    Issuer { from, to, lengths }
}

fn card_of(value: &[u8], schemes: &[&[Issuer]]) -> bool {
    let Some(digits) = digits_up_to::<19>(value) else { return false };
    if digits.len() < 12 || !luhn_sum(&digits).is_multiple_of(10) {
        return false;
    }
    let first_six = number(&digits[..6]) as u32;
    schemes.iter().copied().flatten().any(|issuer| {
        (issuer.from..=issuer.to).contains(&first_six) && issuer.lengths.contains(&digits.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_need_luhn_issuer_and_length() {
        assert!(credit_card(b"4111 1111 1111 1111") && credit_card_visa(b"4111-1111-1111-1111"));
        assert!(credit_card(b"378282246310005") && credit_card_amex(b"378282246310005"));
        assert!(credit_card_mastercard(b"5555555555554444") && credit_card_jcb(b"3530111333300000"));
        assert!(credit_card_diners(b"30569309025904") && credit_card_discover(b"6011000990139424"));
        assert!(!credit_card(b"4111111111111112") && !credit_card(b"0000000000000000"));
        assert!(!credit_card_visa(b"5555555555554444") && !credit_card(b"41111111111112"));
    }

    #[test]
    fn ibans_follow_their_country() {
        assert!(iban(b"DE89 3704 0044 0532 0130 00") && iban(b"GB29NWBK60161331926819"));
        assert!(!iban(b"DE88370400440532013000"), "checksum");
        assert!(!iban(b"XX2237040044053201300") && !iban(b"DE89") && !iban(b""));
    }

    #[test]
    fn codes_of_banks_and_securities() {
        assert!(bic(b"DEUTDEFF") && bic(b"DEUTDEFF500") && !bic(b"DEUTXXFF") && !bic(b"deutdeff"));
        assert!(aba_routing(b"021000021") && !aba_routing(b"021000022") && !aba_routing(b"000000000"));
        assert!(
            isin(b"US0378331005")
                && isin(b"AU0000XVGZA3")
                && !isin(b"US0378331006")
                && !isin(b"QQ0378331005")
        );
        assert!(lei(b"5493001KJTIIGC8Y1R12") && !lei(b"5493001KJTIIGC8Y1R13"));
    }
}

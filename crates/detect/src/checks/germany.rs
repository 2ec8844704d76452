//! Germany.

use super::{
    dates::is_short_date,
    generic::{icao_9303_holds, mod_11_10, weighted},
    symbols::{all_same, alphanumerics, alphanumerics_up_to, digits, number, values, without_prefix},
};

/// A tax identification number (Steueridentifikationsnummer, § 139b AO): 11 digits, not starting with 0; of the first
/// ten exactly one digit occurs twice or three times, not three times in a row; MOD 11,10.
pub fn de_tax_id(value: &[u8]) -> bool {
    let Some(digits) = digits::<11>(value) else { return false };
    let mut counts = [0_u8; 10];
    for &digit in &digits[..10] {
        counts[usize::from(digit)] += 1;
    }
    let mut repeated = counts.iter().filter(|&&count| count > 1);
    digits[0] != 0
        && matches!((repeated.next(), repeated.next()), (Some(2 | 3), None))
        && !digits[..10].windows(3).any(all_same)
        && mod_11_10(&digits)
}

/// A pension insurance number (Rentenversicherungsnummer, VKVV §§ 2–4): area, date of birth (day plus 50 to tell
/// numbers apart), initial, serial, check digit.
pub fn de_social_security(value: &[u8]) -> bool {
    const WEIGHTS: [u8; 12] = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let Some(symbols) = alphanumerics::<12>(value) else { return false };
    let (Some(head), Some(serial)) = (values::<8>(&symbols[..8]), values::<3>(&symbols[9..])) else {
        return false;
    };
    if !symbols[8].is_ascii_uppercase() {
        return false;
    }
    let [tens, ones] = initial(symbols[8]);
    let (day, month, year) = (number(&head[2..4]), number(&head[4..6]), number(&head[6..]));
    let mut payload = [0; 12];
    payload[..8].copy_from_slice(&head);
    payload[8..].copy_from_slice(&[tens, ones, serial[0], serial[1]]);
    let sum: u8 = payload.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).map(cross_sum).sum();
    is_short_date(year, month, if day > 50 { day - 50 } else { day }) && sum % 10 == serial[2]
}

/// A health insurance number (unveränderbarer Teil der Krankenversichertennummer, § 290 SGB V): a letter, eight digits
/// and a check digit by weights 1, 2 with cross sums.
pub fn de_health_insurance(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<10>(value) else { return false };
    let Some(digits) = values::<9>(&symbols[1..]) else { return false };
    if !symbols[0].is_ascii_uppercase() {
        return false;
    }
    let [tens, ones] = initial(symbols[0]);
    let payload = [tens, ones].into_iter().chain(digits[..8].iter().copied());
    let sum: u8 =
        payload.zip([1, 2].into_iter().cycle()).map(|(digit, weight)| cross_sum(digit * weight)).sum();
    sum % 10 == digits[8]
}

/// The serial number of an identity card: nine symbols that begin with a letter of the issuing authority, or ten of
/// which the last is the check digit of ICAO Doc 9303; `T` and eight digits before 2010.
pub fn de_id_card(value: &[u8]) -> bool {
    document(value, |first| matches!(first, b'L'..=b'N' | b'P' | b'R' | b'T' | b'V'..=b'Z'))
}

/// The serial number of a passport: nine symbols that begin with C, F, G, H, J or K, or ten of which the last is the
/// check digit of ICAO Doc 9303.
pub fn de_passport(value: &[u8]) -> bool {
    document(value, |first| matches!(first, b'C' | b'F'..=b'H' | b'J' | b'K'))
}

/// A physician's number (lebenslange Arztnummer, KBV-Arztnummern-Richtlinie): six digits, a check digit by weights 4
/// and 9, two digits for the speciality.
pub fn de_lanr(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        !all_same(&digits[..7])
            && (weighted(&digits, &[4, 9, 4, 9, 4, 9]) + u32::from(digits[6])).is_multiple_of(10)
    })
}

/// A practice's number (Betriebsstättennummer): nine digits that begin with the key of an association of statutory
/// health insurance physicians, which is not 00. It has no check digit.
pub fn de_bsnr(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| number(&digits[..2]) != 0 && !all_same(&digits))
}

/// A VAT identification number (Umsatzsteuer-Identifikationsnummer): nine digits, not starting with 0, MOD 11,10.
pub fn de_vat(value: &[u8]) -> bool {
    digits::<9>(without_prefix(value, b"DE")).is_some_and(|digits| digits[0] != 0 && mod_11_10(&digits))
}

/// Nine symbols of the alphabet that documents use (digits, and consonants that resemble none of them), or ten with a
/// check digit.
fn document(value: &[u8], first: impl Fn(u8) -> bool) -> bool {
    let Some(symbols) = alphanumerics_up_to::<10>(value) else { return false };
    let alphabet =
        |symbol: &u8| !matches!(symbol, b'A' | b'B' | b'D' | b'E' | b'I' | b'O' | b'Q' | b'S' | b'U');
    let Some((serial, check)) = symbols.split_at_checked(9) else { return false };
    first(serial[0])
        && serial.iter().all(alphabet)
        && serial.iter().any(u8::is_ascii_digit)
        && (check.is_empty() || icao_9303_holds(&symbols))
}

/// A letter's place in the alphabet, in two digits.
fn initial(letter: u8) -> [u8; 2] {
    let place = letter - b'A' + 1;
    [place / 10, place % 10]
}

fn cross_sum(product: u8) -> u8 {
    product / 10 + product % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax() {
        assert!(de_tax_id(b"36574261809") && de_tax_id(b"65 929 970 489") && de_tax_id(b"26954371827"));
        assert!(!de_tax_id(b"36574261890"), "checksum");
        assert!(!de_tax_id(b"65299970489"), "three in a row");
        assert!(de_vat(b"DE136695976") && de_vat(b"136 695 976") && !de_vat(b"DE136695978"));
    }

    #[test]
    fn insurance_and_health() {
        assert!(de_social_security(b"15070649C103") && !de_social_security(b"15070649C104"));
        assert!(!de_social_security(b"15071349C103"), "month");
        assert!(de_health_insurance(b"A123456780") && !de_health_insurance(b"A123456781"));
        assert!(de_lanr(b"123456601") && !de_lanr(b"123456701") && !de_lanr(b"000000000"));
        assert!(de_bsnr(b"387654321") && !de_bsnr(b"007654321"));
    }

    #[test]
    fn documents() {
        assert!(de_id_card(b"T220001293") && de_id_card(b"T22000129") && !de_id_card(b"T220001294"));
        assert!(de_passport(b"C01X00T478") && de_passport(b"C01X00T47") && !de_passport(b"C01X00T479"));
        assert!(!de_id_card(b"C01X00T47") && !de_passport(b"CFGHJKLMN") && !de_passport(b"C01X00O47"));
    }
}

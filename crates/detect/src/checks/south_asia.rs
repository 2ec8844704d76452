//! India, Pakistan, Sri Lanka, and South-East Asia.

use super::{
    dates::is_short_date,
    generic::{base_36, luhn_sum, verhoeff_holds, weighted},
    symbols::{all_same, alphanumerics, alphanumerics_up_to, digits, digits_up_to, number, values},
};

/// An Indian Aadhaar number: twelve digits that don't begin with 0 or 1, no palindrome, Verhoeff (UIDAI). A colon may
/// part the groups too.
pub fn in_aadhaar(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| {
        digits[0] >= 2 && !digits.iter().eq(digits.iter().rev()) && verhoeff_holds(&digits)
    })
}

/// An Indian permanent account number (PAN): three letters, the kind of holder, a letter, four digits that aren't 0000,
/// a letter. The rule of the last isn't public.
pub fn in_pan(value: &[u8]) -> bool {
    alphanumerics::<10>(value).is_some_and(|symbols| is_pan(&symbols))
}

/// An Indian goods and services tax number (GSTIN): state, PAN, count, `Z`, check symbol of Luhn over base 36.
pub fn in_gstin(value: &[u8]) -> bool {
    alphanumerics::<15>(value).is_some_and(|symbols| {
        let terms = symbols.iter().rev().enumerate().map(|(i, &symbol)| match base_36(symbol) {
            value if i % 2 == 0 => value,
            value => value * 2 / 36 + value * 2 % 36,
        });
        let state = values::<2>(&symbols[..2]).map(|state| number(&state));
        matches!(state, Some(1..=38 | 97 | 99))
            && is_pan(&symbols[2..12])
            && symbols[12] != b'0'
            && symbols[13] == b'Z'
            && terms.sum::<u32>().is_multiple_of(36)
    })
}

/// An Indian voter's card number (EPIC): three letters, seven digits, Luhn.
pub fn in_epic(value: &[u8]) -> bool {
    alphanumerics::<10>(value).is_some_and(|symbols| {
        symbols[..3].iter().all(u8::is_ascii_uppercase)
            && values::<7>(&symbols[3..]).is_some_and(|digits| luhn_sum(&digits).is_multiple_of(10))
    })
}

/// An Indian vehicle registration: state, district, up to three letters, four digits that aren't 0000; or a Bharat
/// series: year, `BH`, four digits, one or two letters.
pub fn in_vehicle(value: &[u8]) -> bool {
    const STATES: [&[u8; 2]; 42] = [
        b"AN", b"AP", b"AR", b"AS", b"BR", b"CG", b"CH", b"DD", b"DL", b"DN", b"GA", b"GJ", b"HP", b"HR",
        b"JH", b"JK", b"KA", b"KL", b"LA", b"LD", b"MH", b"ML", b"MN", b"MP", b"MZ", b"NL", b"OD", b"OR",
        b"PB", b"PN", b"PY", b"RJ", b"SK", b"TG", b"TN", b"TR", b"TS", b"UA", b"UK", b"UP", b"UT", b"WB",
    ];
    let Some(symbols) = alphanumerics_up_to::<11>(value) else { return false };
    let run = |from: &[u8], of: fn(&u8) -> bool| from.iter().take_while(|&symbol| of(symbol)).count();
    if let [b'2'..=b'9', year, b'B', b'H', rest @ ..] = &*symbols {
        let count = run(rest, u8::is_ascii_digit);
        let letters = rest.len() - count.min(rest.len());
        return year.is_ascii_digit()
            && count == 4
            && rest[..4] != *b"0000"
            && matches!(letters, 1 | 2)
            && rest[4..].iter().all(|letter| letter.is_ascii_uppercase() && !matches!(letter, b'I' | b'O'));
    }
    let Some((state, rest)) = symbols.split_first_chunk::<2>() else { return false };
    let district = run(rest, u8::is_ascii_digit).min(2);
    let letters = run(&rest[district..], u8::is_ascii_uppercase);
    let serial = &rest[district + letters..];
    STATES.contains(&state)
        && district > 0
        && rest[..district].iter().any(|digit| *digit != b'0')
        && letters <= 3
        && serial.len() == 4
        && serial.iter().all(u8::is_ascii_digit)
        && serial != b"0000"
}

/// A Pakistani identity card number (CNIC): province 1 to 7, twelve digits of which the last tells the sex.
pub fn pk_cnic(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| matches!(digits[0], 1..=7) && digits[12] != 0)
}

/// A Sri Lankan identity card number: year, day of the year (plus 500 for women), serial, and `V` or `X`; twelve digits
/// since 2016.
pub fn lk_nic(value: &[u8]) -> bool {
    let day_exists = |day: u64| matches!(day, 1..=366 | 501..=866);
    if let Some(digits) = digits::<12>(value) {
        return (1900..2100).contains(&number(&digits[..4])) && day_exists(number(&digits[4..7]));
    }
    alphanumerics::<10>(value).is_some_and(|symbols| {
        matches!(symbols[9], b'V' | b'X')
            && values::<9>(&symbols[..9])
                .is_some_and(|digits| digits[0] != 0 && day_exists(number(&digits[2..5])))
    })
}

/// A Thai identity number: thirteen digits that don't begin with 0 or 9, weights 13 to 2, modulus 11.
pub fn th_tnin(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let sum = weighted(&digits, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
        matches!(digits[0], 1..=8) && !all_same(&digits) && (11 - sum % 11) % 10 == u32::from(digits[12])
    })
}

/// A Singaporean identity number (NRIC, FIN): S, T, F, G or M, seven digits, a check letter by weights 2 7 6 5 4 3 2.
pub fn sg_nric(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<9>(value) else { return false };
    let Some(digits) = values::<7>(&symbols[1..8]) else { return false };
    let (offset, letters) = match symbols[0] {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    let sum = weighted(&digits, &[2, 7, 6, 5, 4, 3, 2]) + offset;
    letters[(sum % 11) as usize] == symbols[8]
}

/// A Singaporean unique entity number (UEN): of a business (eight digits, letter), of a company (year, five digits,
/// letter), or of another body (T, S or R, year, kind, four digits, letter) (ACRA).
pub fn sg_uen(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<10>(value) else { return false };
    let Some((check, payload)) = symbols.split_last() else { return false };
    if let Some(digits) = values::<8>(payload) {
        let sum = weighted(&digits, &[10, 4, 9, 3, 8, 2, 7, 1]);
        return b"XMKECAWLJDB"[(sum % 11) as usize] == *check;
    }
    if let Some(digits) = values::<9>(payload) {
        let sum = weighted(&digits, &[10, 8, 6, 4, 9, 7, 5, 3, 1]);
        return (1800..2100).contains(&number(&digits[..4])) && b"ZKCMDNERGWH"[(sum % 11) as usize] == *check;
    }
    is_other_uen(payload, *check)
}

/// A Malaysian identity card number (MyKad): date of birth, place of birth, order.
pub fn my_nric(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| {
        is_short_date(number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]))
            && matches!(number(&digits[6..8]), 1..=16 | 21..=68 | 71 | 72 | 74..=79 | 82..=93 | 98 | 99)
    })
}

/// An Indonesian identity number (NIK): province, regency, district, date of birth (day plus 40 for women), serial.
pub fn id_nik(value: &[u8]) -> bool {
    digits::<16>(value).is_some_and(|digits| {
        let (day, month, year) = (number(&digits[6..8]), number(&digits[8..10]), number(&digits[10..12]));
        matches!(number(&digits[..2]), 11..=19 | 21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=97)
            && number(&digits[2..4]) != 0
            && is_short_date(year, month, if day > 40 { day - 40 } else { day })
            && number(&digits[12..]) != 0
    })
}

/// A Vietnamese citizen card number (CCCD): province, sex and century, year of birth, six digits.
pub fn vn_cccd(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| matches!(number(&digits[..3]), 1..=96) && digits[3] <= 3)
}

/// A Vietnamese tax number (MST): ten digits, weights 31 29 23 19 17 13 7 5 3, modulus 11; three more for a branch.
pub fn vn_mst(value: &[u8]) -> bool {
    digits_up_to::<13>(value).is_some_and(|digits| {
        matches!(digits.len(), 10 | 13)
            && number(&digits[2..9]) != 0
            && (digits.len() == 10 || number(&digits[10..]) != 0)
            && 10 - weighted(&digits, &[31, 29, 23, 19, 17, 13, 7, 5, 3]) % 11 == u32::from(digits[9])
    })
}

/// A Philippine taxpayer number (TIN): nine digits, weights 9 to 2, modulus 11; three or five more for a branch.
pub fn ph_tin(value: &[u8]) -> bool {
    digits_up_to::<14>(value).is_some_and(|digits| {
        matches!(digits.len(), 9 | 12 | 14)
            && !all_same(&digits)
            && weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == u32::from(digits[8])
    })
}

fn is_pan(symbols: &[u8]) -> bool {
    symbols[..5].iter().all(u8::is_ascii_uppercase)
        && matches!(symbols[3], b'A' | b'B' | b'C' | b'F' | b'G' | b'H' | b'J' | b'K' | b'L' | b'P' | b'T')
        && symbols[5..9].iter().all(u8::is_ascii_digit)
        && symbols[5..9] != *b"0000"
        && symbols[9].is_ascii_uppercase()
}

fn is_other_uen(payload: &[u8], check: u8) -> bool {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789";
    const WEIGHTS: [usize; 9] = [4, 3, 5, 3, 10, 2, 2, 5, 7];
    const KINDS: [&[u8; 2]; 39] = [
        b"CC", b"CD", b"CH", b"CL", b"CM", b"CP", b"CS", b"CX", b"DP", b"FB", b"FC", b"FM", b"FN", b"GA",
        b"GB", b"GS", b"HC", b"HS", b"LL", b"LP", b"MB", b"MC", b"MD", b"MH", b"MM", b"MQ", b"NB", b"NR",
        b"PA", b"PB", b"PF", b"RF", b"RP", b"SM", b"SS", b"TC", b"TU", b"VH", b"XL",
    ];
    let [b'R' | b'S' | b'T', year @ .., first, second, _, _, _, _] = payload else { return false };
    if year.len() != 2 || !KINDS.contains(&&[*first, *second]) {
        return false;
    }
    let mut sum = 0;
    for (symbol, weight) in payload.iter().zip(WEIGHTS) {
        let Some(place) = ALPHABET.iter().position(|letter| letter == symbol) else { return false };
        sum += place * weight;
    }
    let digits = year.iter().chain(&payload[5..]);
    digits.into_iter().all(u8::is_ascii_digit) && ALPHABET[(sum + 6) % 11] == check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn india() {
        assert!(
            in_aadhaar(b"2984 4886 3364") && !in_aadhaar(b"2984 4886 3365") && !in_aadhaar(b"123456789012")
        );
        assert!(
            in_pan(b"ACUPA7085R")
                && !in_pan(b"ABMPA32111")
                && !in_pan(b"ACUPA0000R")
                && !in_pan(b"ACUQA7085R")
        );
        assert!(
            in_gstin(b"27AAPFU0939F1ZV") && !in_gstin(b"27AAPFU0939F1ZO") && !in_gstin(b"98AAPFU0939F1ZV")
        );
        assert!(in_epic(b"WKH1186253") && !in_epic(b"WKH1186263"));
        for plate in ["MH-12-AB-1234", "DL1CAB1234", "KA 51 M 1234", "22BH6517A"] {
            assert!(in_vehicle(plate.as_bytes()), "{plate}");
        }
        for no_plate in ["XX12AB1234", "MH12AB0000", "MH12ABCD1234", "MH", "22BH0000A", "22BH"] {
            assert!(!in_vehicle(no_plate.as_bytes()), "{no_plate}");
        }
    }

    #[test]
    fn neighbours() {
        assert!(pk_cnic(b"34201-0891231-8") && !pk_cnic(b"84201-0891231-8") && !pk_cnic(b"34201-0891231-0"));
        assert!(
            lk_nic(b"722222222V")
                && lk_nic(b"199931512253")
                && !lk_nic(b"188888388x")
                && !lk_nic(b"199940012253")
        );
    }

    #[test]
    fn singapore() {
        assert!(
            sg_nric(b"S1234567D") && sg_nric(b"T1234567J") && sg_nric(b"F1234567N") && sg_nric(b"G1234567X")
        );
        assert!(sg_nric(b"M1234567K") && !sg_nric(b"S1234567E") && !sg_nric(b"A1234567D"));
        assert!(
            sg_uen(b"00192200M") && sg_uen(b"197401143C") && sg_uen(b"S16FC0121D") && sg_uen(b"T01FC6132D")
        );
        assert!(
            !sg_uen(b"00192200K")
                && !sg_uen(b"197401143D")
                && !sg_uen(b"S16FC0121E")
                && !sg_uen(b"S16ZZ0121D")
        );
    }

    #[test]
    fn south_east_asia() {
        assert!(th_tnin(b"1-2345-45678-78-1") && !th_tnin(b"1-2345-45678-78-9"));
        assert!(my_nric(b"770305-02-1234") && !my_nric(b"771305-02-1234") && !my_nric(b"770305-17-1234"));
        assert!(id_nik(b"3171011708450001") && id_nik(b"3171015708450001") && !id_nik(b"3171013208450001"));
        assert!(vn_mst(b"0100233488") && vn_mst(b"0314409058-002") && !vn_mst(b"0100233480"));
        assert!(vn_cccd(b"001099012345") && !vn_cccd(b"097099012345"));
        assert!(ph_tin(b"123-456-782") && ph_tin(b"123-456-794-000") && !ph_tin(b"123-456-789"));
    }
}

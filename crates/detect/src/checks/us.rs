//! United States.

use super::{
    generic::{luhn_sum, weighted},
    symbols::{all_same, digits, digits_up_to, is_separator, number, values},
};

/// A Social Security number as the Social Security Administration issues it: no area 000, 666 or 900–999, no group 00,
/// no serial 0000, none of the numbers known from advertisements; one kind of separator.
pub fn us_ssn(value: &[u8]) -> bool {
    let Some(digits) = nine_digits(value) else { return false };
    let (area, group, serial) = (number(&digits[..3]), number(&digits[3..5]), number(&digits[5..]));
    !matches!(area, 0 | 666 | 900..)
        && group != 0
        && serial != 0
        && !all_same(&digits)
        && !matches!(number(&digits), 78_051_120 | 219_099_999 | 123_456_789)
}

/// An Individual Taxpayer Identification Number: 9, and a group that the Internal Revenue Service assigns (50–65,
/// 70–88, 90–92, 94–99; IRM 3.21.263).
pub fn us_itin(value: &[u8]) -> bool {
    nine_digits(value).is_some_and(|digits| {
        digits[0] == 9 && matches!(number(&digits[3..5]), 50..=65 | 70..=88 | 90..=92 | 94..=99)
    })
}

/// An Employer Identification Number with a prefix that the Internal Revenue Service assigns; parted after it or not at
/// all.
pub fn us_ein(value: &[u8]) -> bool {
    let parted = value.len() == 10 && matches!(value[2], b'-' | b' ');
    if !parted && value.len() != 9 {
        return false;
    }
    digits::<9>(value).is_some_and(|digits| {
        !matches!(number(&digits[..2]), 0 | 7..=9 | 17..=19 | 28..=29 | 49 | 69 | 70 | 78..=79 | 89 | 96..=97)
    })
}

/// A National Provider Identifier: 1 or 2, ten digits, Luhn after the issuer prefix 80840 (45 CFR 162.406).
pub fn us_npi(value: &[u8]) -> bool {
    /// What the prefix 80840 adds to the Luhn sum.
    const PREFIX: u32 = 24;
    digits::<10>(value).is_some_and(|digits| {
        matches!(digits[0], 1 | 2)
            && !all_same(&digits[..9])
            && (luhn_sum(&digits) + PREFIX).is_multiple_of(10)
    })
}

/// A registration number of the Drug Enforcement Administration: registrant type, initial of the name or 9, six digits
/// and a check digit.
pub fn us_dea(value: &[u8]) -> bool {
    let Some((&[kind, initial], rest)) = value.split_first_chunk::<2>() else { return false };
    let Some(digits) = values::<7>(rest) else { return false };
    matches!(kind.to_ascii_uppercase(), b'A'..=b'H' | b'J'..=b'M' | b'P' | b'R'..=b'U' | b'X')
        && (initial.is_ascii_alphabetic() || initial == b'9')
        && weighted(&digits, &[1, 2, 1, 2, 1, 2]) % 10 == u32::from(digits[6])
}

/// A Medicare Beneficiary Identifier: 11 symbols in the order that the Centers for Medicare & Medicaid Services set,
/// without S, L, O, I, B, Z.
pub fn us_mbi(value: &[u8]) -> bool {
    let letter = |symbol: u8| {
        symbol.is_ascii_alphabetic()
            && !matches!(symbol.to_ascii_uppercase(), b'S' | b'L' | b'O' | b'I' | b'B' | b'Z')
    };
    let mut count = 0;
    for &symbol in value.iter().filter(|&&byte| !is_separator(byte)) {
        let fits = match count {
            0 => matches!(symbol, b'1'..=b'9'),
            1 | 4 | 7 | 8 => letter(symbol),
            2 | 5 => letter(symbol) || symbol.is_ascii_digit(),
            3 | 6 | 9 | 10 => symbol.is_ascii_digit(),
            _ => false,
        };
        if !fits {
            return false;
        }
        count += 1;
    }
    count == 11
}

/// A ZIP code, perhaps with four more digits, whose first three digits are in use (USPS).
pub fn us_zip(value: &[u8]) -> bool {
    let Some(digits) = digits_up_to::<9>(value) else { return false };
    matches!(digits.len(), 5 | 9)
        && !matches!(
            number(&digits[..3]),
            0..=4 | 99 | 213 | 269 | 343 | 345 | 348 | 353 | 419 | 428 | 429 | 517..=519 | 529 | 533 | 536 | 552 | 568
                | 578 | 579 | 589 | 621 | 632 | 642 | 643 | 659 | 663 | 682 | 694..=699 | 702 | 709 | 715 | 732 | 742
                | 771 | 817..=819 | 839 | 848 | 849 | 854 | 858 | 861 | 862 | 866..=869 | 876 | 886..=888 | 892 | 896
                | 899 | 909 | 929 | 987
        )
}

/// Nine digits, parted by at most one kind of separator: `123-45.6789` is no way to write one number.
fn nine_digits(value: &[u8]) -> Option<[u8; 9]> {
    let mut separators = value.iter().filter(|&&byte| is_separator(byte));
    let first = separators.next();
    if separators.any(|separator| Some(separator) != first) { None } else { digits(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people() {
        assert!(us_ssn(b"536-90-4399") && us_ssn(b"536 90 4399") && us_ssn(b"536904399"));
        for never_issued in [
            "000-12-3456",
            "666-12-3456",
            "912-12-3456",
            "536-00-4399",
            "536-90-0000",
            "078-05-1120",
            "536-90.4399",
        ] {
            assert!(!us_ssn(never_issued.as_bytes()), "{never_issued}");
        }
        assert!(us_itin(b"911-70-1234") && !us_itin(b"911-93-1234") && !us_itin(b"811-70-1234"));
        assert!(us_zip(b"90210") && us_zip(b"20500-0003") && !us_zip(b"00000") && !us_zip(b"9021"));
        assert!(us_ein(b"12-3456789") && !us_ein(b"07-3456789") && !us_ein(b"1-23456789"));
    }

    #[test]
    fn health_care() {
        assert!(us_npi(b"1234567893") && !us_npi(b"1234567890") && !us_npi(b"3234567893"));
        assert!(
            us_dea(b"BB1388568") && us_dea(b"F91234563") && !us_dea(b"BB1388569") && !us_dea(b"IB1388568")
        );
        assert!(
            us_mbi(b"1EG4-TE5-MK73")
                && us_mbi(b"1EG4TE5MK73")
                && !us_mbi(b"1SG4TE5MK73")
                && !us_mbi(b"1EG4TE5MK7")
        );
    }
}

//! Dates inside identifiers.

/// Whether a day of the Gregorian calendar exists.
pub(crate) fn is_date(year: u64, month: u64, day: u64) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// The same for a year of two digits of which the century is unknown: 29 February of year 00 exists, in 2000.
pub(crate) fn is_short_date(year: u64, month: u64, day: u64) -> bool {
    is_date(2000 + year % 100, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leap_years_follow_the_gregorian_rule() {
        assert!(is_date(2000, 2, 29) && is_date(2024, 2, 29) && is_short_date(0, 2, 29));
        assert!(!is_date(1900, 2, 29) && !is_date(2023, 2, 29) && !is_short_date(23, 2, 29));
        assert!(
            !is_date(2023, 4, 31) && !is_date(2023, 13, 1) && !is_date(2023, 0, 1) && !is_date(2023, 1, 0)
        );
    }
}

//! Days as old formats count them, written as people write them.

/// `2025-03-04` of days since 1970; `None` outside the years that a document can mean.
pub(super) fn date(days: i64) -> Option<String> {
    if !(-1_000_000..3_000_000).contains(&days) {
        return None;
    }
    // Years that begin in March have their odd day at the end; 400 of them have 146,097 days.
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (year, day) = (year + era * 400, day - (153 * month + 2) / 5 + 1);
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// The same with the time of the day, which is left out at midnight.
pub(super) fn moment(seconds: i64) -> Option<String> {
    let date = date(seconds.div_euclid(86_400))?;
    let second = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    Some(if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date} {hour:02}:{minute:02}:{second:02}")
    })
}

/// Of the 100 nanoseconds since 1601 that Windows counts.
pub(super) fn filetime(ticks: u64) -> Option<String> {
    moment(i64::try_from(ticks / 10_000_000).ok()? - 11_644_473_600)
}

#[cfg(test)]
mod tests {
    use super::{date, filetime, moment};

    #[test]
    fn counts_days() {
        assert_eq!(date(0).as_deref(), Some("1970-01-01"));
        assert_eq!(date(11_016).as_deref(), Some("2000-02-29"));
        assert_eq!(date(-25_567).as_deref(), Some("1900-01-01"));
        assert_eq!(date(i64::MAX), None);
        assert_eq!(moment(951_827_696).as_deref(), Some("2000-02-29 12:34:56"));
        assert_eq!(moment(86_400).as_deref(), Some("1970-01-02"));
        assert_eq!(filetime(116_444_736_000_000_000).as_deref(), Some("1970-01-01"));
        assert_eq!(filetime(u64::MAX), None);
    }
}

//! Days as old formats count them, written as people write them.

use jiff::{Timestamp, civil::Time, tz::TimeZone};

/// Seconds since 1970, without the time of the day at midnight; `None` outside the years that a document can mean.
pub(super) fn moment(seconds: i64) -> Option<String> {
    let moment = Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC).datetime();
    let midnight = moment.time() == Time::midnight();
    Some(moment.strftime(if midnight { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" }).to_string())
}

/// Of the 100 nanoseconds since 1601 that Windows counts.
pub(super) fn filetime(ticks: u64) -> Option<String> {
    moment(i64::try_from(ticks / 10_000_000).ok()? - 11_644_473_600)
}

#[cfg(test)]
mod tests {
    use super::{filetime, moment};

    #[test]
    fn counts_days() {
        let day = |days: i64| moment(days.saturating_mul(86_400));
        assert_eq!(day(0).as_deref(), Some("1970-01-01"));
        assert_eq!(day(11_016).as_deref(), Some("2000-02-29"));
        assert_eq!(day(-25_567).as_deref(), Some("1900-01-01"));
        assert_eq!(day(i64::MAX), None);
        assert_eq!(moment(951_827_696).as_deref(), Some("2000-02-29 12:34:56"));
        assert_eq!(moment(86_400).as_deref(), Some("1970-01-02"));
        assert_eq!(filetime(116_444_736_000_000_000).as_deref(), Some("1970-01-01"));
        assert_eq!(filetime(u64::MAX), None);
    }
}

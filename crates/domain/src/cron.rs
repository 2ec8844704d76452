//! Times that come again: the five fields of cron, in UTC.

use std::{error::Error, fmt};

use cronexpr::{Crontab, FallbackTimezoneOption, MakeTimestamp, ParseOptions};

use crate::Timestamp;

/// Minute, hour, day of the month, month, day of the week, in UTC: `17 3 * * *` is each night at 03:17.
#[derive(Clone, Debug)]
pub struct Cron(Crontab);

/// Why a text says no times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadCron;

impl fmt::Display for BadCron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not the five fields of cron: give minute, hour, day, month and weekday, such as `17 3 * * *`",
        )
    }
}

impl Error for BadCron {}

impl Cron {
    /// The times that a text says.
    ///
    /// # Errors
    /// When it has other than five fields, or one of them is out of range.
    pub fn parse(text: &str) -> Result<Self, BadCron> {
        // A sixth would be a zone, and UTC has no hour that is skipped or comes twice.
        if text.split_ascii_whitespace().count() != 5 {
            return Err(BadCron);
        }
        let mut options = ParseOptions::default();
        options.fallback_timezone_option = FallbackTimezoneOption::UTC;
        cronexpr::parse_crontab_with(text, options).map(Self).map_err(|_| BadCron)
    }

    /// The first such time after `time`; none where there is none within four years, such as on the 30th of February.
    #[must_use]
    pub fn after(&self, time: Timestamp) -> Option<Timestamp> {
        let start = MakeTimestamp::from_microsecond(time.micros()).ok()?;
        let next = self.0.find_next(start).ok()?;
        Some(Timestamp::from_micros(next.timestamp().as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As RFC 3339 without seconds.
    fn after(cron: &str, time: &str) -> Option<String> {
        let time: jiff::Timestamp = time.parse().unwrap();
        let time = Timestamp::from_micros(time.as_microsecond());
        Cron::parse(cron).unwrap().after(time).map(|next| next.to_string().chars().take(16).collect())
    }

    #[test]
    fn the_next_time_is_the_first_after() {
        for (cron, time, next) in [
            ("17 3 * * *", "2026-11-28T03:16:59.999999Z", "2026-11-28T03:17"),
            ("17 3 * * *", "2026-11-28T03:17:00Z", "2026-11-29T03:17"),
            ("*/15 * * * *", "2026-12-31T23:50:00Z", "2027-01-01T00:00"),
            ("0 0 29 2 *", "2026-11-28T00:00:00Z", "2028-02-29T00:00"),
            ("0 0 * * 7", "2026-11-28T00:00:00Z", "2026-11-29T00:00"),
            // Where both days are given, either will do.
            ("0 0 13 * 5", "2026-11-28T00:00:00Z", "2026-12-04T00:00"),
            // On the day when the clocks of Europe are put forward.
            ("30 2 * * *", "2026-03-29T00:00:00Z", "2026-03-29T02:30"),
        ] {
            assert_eq!(after(cron, time).as_deref(), Some(next), "{cron} after {time}");
        }
        assert_eq!(after("0 0 30 2 *", "2026-11-28T00:00:00Z"), None);
    }

    #[test]
    fn what_is_no_cron_is_refused() {
        for text in
            ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "a b c d e"]
        {
            assert_eq!(Cron::parse(text).err(), Some(BadCron), "{text}");
        }
        for text in ["17 3 * * * UTC", "17 3 * * * Europe/Berlin", "0 17 3 * * *", "H 3 * * *"] {
            assert_eq!(Cron::parse(text).err(), Some(BadCron), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_daily_time_comes_once_a_day(minute in 0_i64..60, hour in 0_i64..24, micros in 0_i64..4_000_000_000_000_000) {
            let cron = Cron::parse(&format!("{minute} {hour} * * *")).unwrap();
            let time = Timestamp::from_micros(micros);
            let next = cron.after(time).unwrap();
            prop_assert!(next > time && next <= time.after_seconds(24 * 60 * 60));
            prop_assert_eq!(next.micros() % 86_400_000_000, (hour * 60 + minute) * 60_000_000);
        }
    }
}

//! Dates moved by a number of days, in the format they were written in.

use jiff::{
    ToSpan,
    civil::Date,
    fmt::strtime::{self, BrokenDownTime},
};

/// How many days a scope's dates move: 1 to `max_days`, forward or back, by the scope's secret.
pub(super) fn shift(secret: &[u8; 32], max_days: u16) -> i32 {
    let (number, rest) = secret.split_first_chunk().expect("32 bytes have 8");
    let days = 1 + u64::from_le_bytes(*number) % u64::from(max_days.max(1));
    let days = i32::try_from(days).expect("at most 65,536 days");
    if rest[0] & 1 == 0 { days } else { -days }
}

/// `value` moved by `days`; a time of day behind the date stays. `None` when it is no date with day, month and year
/// that can be read, or leaves the years 1 to 9999.
pub(super) fn shifted(value: &str, days: i32, day_first: bool) -> Option<String> {
    let (english, language) = in_english(value);
    let value = english.as_deref().unwrap_or(value);
    let orders = if day_first { [DAY_FIRST, MONTH_FIRST] } else { [MONTH_FIRST, DAY_FIRST] };
    let formats = [CERTAIN].into_iter().chain(orders).flatten();
    let shifted = formats.copied().find_map(|format| with_separators(value, format, days))?;
    Some(match language {
        Some(language) => from_english(&shifted, language),
        None => shifted,
    })
}

/// Formats that have one reading. Where a day of two digits fits two of them, the first is the likelier one to have
/// written it. `/` stands for any separator, `#` behind a day for its English ordinal.
const CERTAIN: &[&str] = &[
    "%Y/%m/%d",
    "%Y/%-m/%-d",
    "%Y%m%d",
    "%Y年%-m月%-d日",
    "%Y年%m月%d日",
    "%Y년 %-m월 %-d일",
    "%d/%b/%Y",
    "%-d/%b/%Y",
    "%d/%b/%y",
    "%-d %B %Y",
    "%-d/%B/%Y",
    "%d/%B/%Y",
    "%-d. %B %Y",
    "%d. %B %Y",
    "%-d de %B de %Y",
    "%d de %B de %Y",
    "%-d# %B %Y",
    "%-d# of %B %Y",
    "%-d# of %B, %Y",
    "%B %-d, %Y",
    "%B %d, %Y",
    "%B %-d#, %Y",
    "%B %-d# %Y",
    "%B %-d %Y",
    "%b %-d, %Y",
    "%b %d, %Y",
    "%b %-d %Y",
    "%b. %-d, %Y",
    "%b %-d#, %Y",
    "%A, %B %-d, %Y",
    "%A, %-d %B %Y",
    "%A, %-d. %B %Y",
    "%A %-d %B %Y",
    "%a, %d %b %Y",
    "%a, %-d %b %Y",
    "%Y/%b/%d",
];
const DAY_FIRST: &[&str] = &["%d/%m/%Y", "%-d/%-m/%Y", "%d/%m/%y", "%-d/%-m/%y"];
const MONTH_FIRST: &[&str] = &["%m/%d/%Y", "%-m/%-d/%Y", "%m/%d/%y", "%-m/%-d/%y"];

fn with_separators(value: &str, format: &str, days: i32) -> Option<String> {
    if !format.contains('/') {
        return with_ordinals(value, format, days);
    }
    // A date with dots is written day first everywhere, as Unicode's CLDR has it.
    let separators =
        if format.starts_with("%m") || format.starts_with("%-m") { &["/", "-"] } else { SEPARATORS };
    separators.iter().find_map(|separator| with_ordinals(value, &format.replace('/', separator), days))
}

const SEPARATORS: &[&str] = &["/", "-", ".", " ", ". "];

fn with_ordinals(value: &str, format: &str, days: i32) -> Option<String> {
    if !format.contains('#') {
        return with_format(value, format, format, days);
    }
    ["st", "nd", "rd", "th"].iter().find_map(|ending| {
        let moved = with_format(value, &format.replace('#', ending), format, days)?;
        // `#` stands behind the day.
        let at = moved.find('#')?;
        let day = moved[..at].rsplit(|c: char| !c.is_ascii_digit()).next()?;
        Some(moved.replace('#', ordinal(day.parse().ok()?)))
    })
}

fn ordinal(day: u8) -> &'static str {
    match (day / 10, day % 10) {
        (0 | 2 | 3, 1) => "st",
        (0 | 2, 2) => "nd",
        (0 | 2, 3) => "rd",
        _ => "th",
    }
}

/// `value`, read in the format `read`, moved and written in the format `write`. A format is right if it writes what
/// it has read as it was, letter case aside.
fn with_format(value: &str, read: &str, write: &str, days: i32) -> Option<String> {
    let (parsed, length) = BrokenDownTime::parse_prefix(read, value).ok()?;
    let (written, time) = value.split_at_checked(length)?;
    let date: Date = parsed.to_date().ok()?;
    let again = strtime::format(read, date).ok()?;
    if !is_time(time) || again.to_lowercase() != written.to_lowercase() {
        return None;
    }
    let moved = strtime::format(write, date.checked_add(i64::from(days).days()).ok()?).ok()?;
    let is_any = |is: fn(char) -> bool| written.chars().any(is);
    let moved = match (is_any(char::is_uppercase), is_any(char::is_lowercase)) {
        (true, false) => moved.to_uppercase(),
        (false, true) => moved.to_lowercase(),
        _ => moved,
    };
    Some(moved + time)
}

/// Whether what follows a date is nothing or a time of day.
fn is_time(text: &str) -> bool {
    let is_part = |c: char| {
        c.is_ascii_digit()
            || matches!(c, ' ' | ',' | 'T' | 'Z' | ':' | '.' | '+' | '-' | 'A' | 'P' | 'M' | 'a' | 'p' | 'm')
    };
    text.is_empty() || (text.starts_with([' ', ',', 'T']) && text.contains(':') && text.chars().all(is_part))
}

/// Months and weekdays from Monday, of the languages in which dates are read beside English. Source: Unicode CLDR.
struct Language {
    months: [&'static str; 12],
    weekdays: [&'static str; 7],
    /// The word between day, month and year, if there is one.
    between: Option<&'static str>,
}

const ENGLISH: Language = Language {
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    between: None,
};

const LANGUAGES: [Language; 6] = [
    Language {
        months: [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        weekdays: ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
        between: None,
    },
    Language {
        months: [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        weekdays: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
        between: None,
    },
    Language {
        months: [
            "januari",
            "februari",
            "maart",
            "april",
            "mei",
            "juni",
            "juli",
            "augustus",
            "september",
            "oktober",
            "november",
            "december",
        ],
        weekdays: ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
        between: None,
    },
    Language {
        months: [
            "gennaio",
            "febbraio",
            "marzo",
            "aprile",
            "maggio",
            "giugno",
            "luglio",
            "agosto",
            "settembre",
            "ottobre",
            "novembre",
            "dicembre",
        ],
        weekdays: ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"],
        between: None,
    },
    Language {
        months: [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
        weekdays: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
        between: Some(" de "),
    },
    Language {
        months: [
            "janeiro",
            "fevereiro",
            "março",
            "abril",
            "maio",
            "junho",
            "julho",
            "agosto",
            "setembro",
            "outubro",
            "novembro",
            "dezembro",
        ],
        weekdays: [
            "segunda-feira",
            "terça-feira",
            "quarta-feira",
            "quinta-feira",
            "sexta-feira",
            "sábado",
            "domingo",
        ],
        between: Some(" de "),
    },
];

/// `value` with English names, and the language it was in; nothing when it is in none of [`LANGUAGES`].
fn in_english(value: &str) -> (Option<String>, Option<&'static Language>) {
    let lower = value.to_lowercase();
    let is_english = |word: &str| ENGLISH.months.iter().any(|month| month.eq_ignore_ascii_case(word));
    let mut words = lower.split(|c: char| !c.is_alphabetic());
    if value.is_ascii() && words.any(is_english) && !lower.contains(". ") {
        return (None, None);
    }
    for language in &LANGUAGES {
        // Danish, Dutch and Norwegian share months with German, but write them small.
        let is_capital =
            language.months[0].starts_with(char::is_uppercase) && !value.contains(char::is_uppercase);
        if is_capital || language.between.is_some_and(|between| !lower.contains(between)) {
            continue;
        }
        let (months, has_month) = rename(&lower, &language.months, &ENGLISH.months);
        if has_month {
            let (named, _) = rename(&months, &language.weekdays, &ENGLISH.weekdays);
            return (Some(named), Some(language));
        }
    }
    (None, None)
}

fn from_english(value: &str, language: &Language) -> String {
    let (months, _) = rename(&value.to_lowercase(), &ENGLISH.months, &language.months);
    rename(&months, &ENGLISH.weekdays, &language.weekdays).0
}

/// The first of the names `from` that stands in `text`, which is in lower case, as a word of its own becomes that of
/// `to`.
fn rename(text: &str, from: &[&str], to: &[&str]) -> (String, bool) {
    for (name, new) in from.iter().zip(to) {
        let name = name.to_lowercase();
        let Some(at) = text.find(&name) else { continue };
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        if !before.ends_with(char::is_alphabetic) && !after.starts_with(char::is_alphabetic) {
            return ([before, new, after].concat(), true);
        }
    }
    (text.to_owned(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_move_in_their_format() {
        for (value, moved) in [
            ("2024-02-28", "2024-03-09"),
            ("2024/2/8", "2024/2/18"),
            ("2024.02.08", "2024.02.18"),
            ("20240228", "20240309"),
            ("28.02.2024", "09.03.2024"),
            ("8.2.2024", "18.2.2024"),
            ("8. 2. 2024", "18. 2. 2024"),
            ("28/02/2024", "09/03/2024"),
            ("02/28/2024", "03/09/2024"),
            ("2/8/24", "2/18/24"),
            ("08-FEB-2024", "18-FEB-2024"),
            ("28 February 2024", "9 March 2024"),
            ("February 28, 2024", "March 9, 2024"),
            ("Feb 28, 2024", "Mar 9, 2024"),
            ("may 3rd, 2024", "may 13th, 2024"),
            ("MAY 22, 2024", "JUNE 1, 2024"),
            ("May 22nd, 2024", "June 1st, 2024"),
            ("the 3rd", ""),
            ("Wednesday, February 28, 2024", "Saturday, March 9, 2024"),
            ("Thursday, February 28, 2024", ""),
            ("Wed, 28 Feb 2024 10:15:00 +0100", "Sat, 09 Mar 2024 10:15:00 +0100"),
            ("2024-02-28T10:15:00Z", "2024-03-09T10:15:00Z"),
            ("2024-02-28 10:15", "2024-03-09 10:15"),
            ("28. Februar 2024", "9. März 2024"),
            ("7. Mai 2024", "17. Mai 2024"),
            ("25. august 2024", "4. september 2024"),
            ("Mittwoch, 28. Februar 2024", "Samstag, 9. März 2024"),
            ("28 février 2024", "9 mars 2024"),
            ("28 de febrero de 2024", "9 de marzo de 2024"),
            ("28 de fevereiro de 2024", "9 de março de 2024"),
            ("28 febbraio 2024", "9 marzo 2024"),
            ("2024年2月28日", "2024年3月9日"),
            ("2024-02-30", ""),
            ("31.12.9999", ""),
            ("2024", ""),
            ("May 2024", ""),
            ("2024-02-28 or so", ""),
            ("yesterday", ""),
            ("", ""),
        ] {
            assert_eq!(shifted(value, 10, false).as_deref().unwrap_or(""), moved, "{value}");
        }
    }

    #[test]
    fn order_decides_only_where_both_readings_are_dates() {
        assert_eq!(shifted("03/04/2024", 1, false).as_deref(), Some("03/05/2024"));
        assert_eq!(shifted("03/04/2024", 1, true).as_deref(), Some("04/04/2024"));
        assert_eq!(shifted("13/04/2024", 1, false).as_deref(), Some("14/04/2024"));
        assert_eq!(shifted("04/13/2024", 1, true).as_deref(), Some("04/14/2024"));
        assert_eq!(shifted("03.04.2024", 1, false).as_deref(), Some("04.04.2024"));
    }

    #[test]
    fn shift_is_never_nothing_and_never_too_far() {
        for seed in 0..=255 {
            for max in [1, 7, u16::MAX] {
                let days = shift(&[seed; 32], max);
                assert!(days != 0 && days.unsigned_abs() <= u32::from(max));
            }
        }
    }
}

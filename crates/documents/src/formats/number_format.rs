//! How workbooks show numbers, as far as it makes them what they mean: dates, and digits with what stands between them.

use super::calendar;

/// Sections, letters and digits of a format that are looked at.
const LONGEST: usize = 256;

/// How the numbers of a cell are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    /// About as it is.
    #[default]
    Plain,
    Date,
    /// Each digit in its place: `000\-00\-0000` shows the zeros that a number has lost.
    Digits(String),
}

impl Look {
    /// That of the format of this number, where the workbook does not say what it is.
    pub(super) fn of_number(format: u16) -> Self {
        if matches!(format, 14..=22 | 27..=36 | 45..=47 | 50..=58) { Self::Date } else { Self::Plain }
    }

    pub(super) fn of_code(code: &str) -> Self {
        if shows_date(code) {
            Self::Date
        } else if code.len() <= LONGEST && shows_digits(code) {
            Self::Digits(code.to_owned())
        } else {
            Self::Plain
        }
    }

    /// The number as it is shown; nothing if it is shown as it is. Days count from 1900 or 1904.
    pub(super) fn text(&self, number: f64, since_1904: bool) -> Option<String> {
        match self {
            Self::Plain => None,
            Self::Date => {
                let days = if since_1904 { 24_107.0 } else { 25_569.0 };
                let seconds = ((number - days) * 86_400.0).round();
                let counts = number >= 1.0 && seconds.abs() < 1e12;
                counts.then(|| calendar::moment(seconds as i64)).flatten()
            }
            Self::Digits(code) => digits(code, number),
        }
    }
}

/// A format of dates has letters for day, year or hour outside of quotes and brackets.
fn shows_date(code: &str) -> bool {
    shown(code).any(|shown| matches!(shown, Shown::Sign('d' | 'y' | 'h' | 'D' | 'Y' | 'H')))
}

/// Places for digits, and nothing that reckons. One place alone shows every number as it is.
fn shows_digits(code: &str) -> bool {
    let places = shown(code).filter(|shown| shown.is_place()).count();
    places > 1
        && shown(code).all(|shown| match shown {
            Shown::Sign(sign) => matches!(sign, '0' | '#' | '-' | ' ' | '(' | ')' | '/' | '+' | ';'),
            Shown::Word(_) => true,
        })
}

fn digits(code: &str, number: f64) -> Option<String> {
    if !(0.0..1e15).contains(&number) || number.fract() != 0.0 {
        return None;
    }
    let mut left = (number as u64).to_string();
    let shown: Vec<Shown> = shown(section(code, number)).collect();
    let first = shown.iter().position(|shown| shown.is_place());
    let mut text: Vec<char> = Vec::new();
    for (at, shown) in shown.into_iter().enumerate().rev() {
        match shown {
            Shown::Word(c) => text.push(c),
            Shown::Sign('0') => text.push(left.pop().unwrap_or('0')),
            Shown::Sign('#') => text.extend(left.pop()),
            Shown::Sign(sign) => text.push(sign),
        }
        if Some(at) == first {
            text.extend(std::mem::take(&mut left).chars().rev());
        }
    }
    Some(text.into_iter().rev().collect())
}

/// The section for this number: the first, unless it is for small numbers only, `[<=9999999]###\-####;…`.
fn section(code: &str, number: f64) -> &str {
    let Some((first, second)) = code.split_once(';') else { return code };
    let most =
        first.strip_prefix("[<=").and_then(|rest| rest.split(']').next()).and_then(|most| most.parse().ok());
    if most.is_some_and(|most: f64| number > most) {
        second.split(';').next().unwrap_or_default()
    } else {
        first
    }
}

/// A letter of a format.
#[derive(Clone, Copy, Debug)]
enum Shown {
    /// It says how the number is shown.
    Sign(char),
    /// It is shown itself.
    Word(char),
}

impl Shown {
    /// A digit stands here, the first with all that have no place of their own.
    fn is_place(self) -> bool {
        matches!(self, Self::Sign('0' | '#'))
    }
}

/// The letters of a format without quotes and what is in brackets.
fn shown(code: &str) -> impl Iterator<Item = Shown> {
    let (mut quoted, mut bracket, mut escaped) = (false, false, false);
    code.chars().filter_map(move |letter| {
        if escaped {
            escaped = false;
            return Some(Shown::Word(letter));
        }
        match letter {
            '"' if !bracket => quoted = !quoted,
            _ if quoted => return Some(Shown::Word(letter)),
            '[' => bracket = true,
            ']' => bracket = false,
            _ if bracket => {}
            '\\' => escaped = true,
            _ => return Some(Shown::Sign(letter)),
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Look;

    #[test]
    fn shows_days_as_dates() {
        let date = |number, since_1904| Look::Date.text(number, since_1904);
        assert_eq!(date(30_569.0, false).as_deref(), Some("1983-09-10"));
        assert_eq!(date(29_107.0, true).as_deref(), Some("1983-09-10"));
        assert_eq!(date(30_569.5, false).as_deref(), Some("1983-09-10 12:00:00"));
        for odd in [f64::NAN, f64::INFINITY, -1.0, 0.5, 1e300] {
            assert_eq!(date(odd, false), None);
        }
        for code in ["[$-407]d. mmmm yyyy", "h:mm", "yyyy\\-mm\\-dd;@"] {
            assert_eq!(Look::of_code(code), Look::Date, "{code}");
        }
        assert_eq!(Look::of_number(14), Look::Date);
        assert_eq!(Look::of_number(2), Look::Plain);
    }

    #[test]
    fn shows_digits_in_their_places() {
        for (code, number, expected) in [
            ("000\\-00\\-0000", 78_051_120.0, "078-05-1120"),
            ("00000", 1234.0, "01234"),
            ("[<=9999999]###\\-####;\\(###\\)\\ ###\\-####", 5_550_123.0, "555-0123"),
            ("[<=9999999]###\\-####;\\(###\\)\\ ###\\-####", 2_125_550_123.0, "(212) 555-0123"),
            ("\"+49 \"000 0", 12_345_678.0, "+49 1234567 8"),
        ] {
            assert_eq!(Look::of_code(code).text(number, false).as_deref(), Some(expected), "{code}");
        }
        for code in ["0", "General", "#,##0", "0.00", "0%", "0.00E+00", "@", "", "#,##0 \"days\";[Red]0"] {
            assert_eq!(Look::of_code(code), Look::Plain, "{code}");
        }
        for odd in [f64::NAN, -1.0, 0.5, 1e15] {
            assert_eq!(Look::of_code("00000").text(odd, false), None);
        }
    }

    proptest! {
        #[test]
        fn no_format_and_no_number_is_too_odd(code in r#"[0#\-\\"\[\];<=9()dé ]{0,12}"#, number in any::<f64>()) {
            let _ = Look::of_code(&code).text(number, false);
        }
    }
}

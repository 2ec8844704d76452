//! Digits as Python reads them: of every script.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

/// The values of the digits in `text`, everything else left out.
pub(super) fn values(text: &str) -> Vec<u8> {
    text.chars().filter_map(value).collect()
}

/// The number that `digits` write in base ten.
pub(super) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |number, &digit| number * 10 + u64::from(digit))
}

/// The value of a decimal digit of any script, as Python's `int` gives it.
pub(super) fn value(c: char) -> Option<u8> {
    /// First and last of each run of decimal digits. Every script's ten digits stand in order from 0 to 9.
    static RUNS: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| {
        let digits = regex_syntax::parse(r"\d").expect("`\\d` is a regular expression");
        let HirKind::Class(Class::Unicode(class)) = digits.kind() else { return Vec::new() };
        class.ranges().iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect()
    });
    if c.is_ascii() {
        return c.to_digit(10).map(|digit| digit as u8);
    }
    let code = u32::from(c);
    let run = RUNS.iter().find(|(first, last)| (*first..=*last).contains(&code))?;
    Some(((code - run.0) % 10) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_any_script_have_their_value() {
        assert_eq!(values("0٣x९𝟗"), [0, 3, 9, 9]);
    }
}

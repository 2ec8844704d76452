//! What is written as phone numbers are and isn't one.

use super::candidate::{Candidate, Gap};

/// Whether `number` is a year that people write about.
pub(super) fn is_year(number: u64) -> bool {
    (1000..=2100).contains(&number)
}

/// Whether `text` begins as most times of a log do, with `2003-08-28`: [`is_date`] of it, before a candidate is made.
pub(super) fn begins_with_date(text: &[u8]) -> bool {
    let Some((date, rest)) = text.split_first_chunk::<10>() else { return false };
    let [year @ .., b'-', m, n, b'-', d, e] = date else { return false };
    let value = |digits: &[u8]| digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    let digits = [year, &[*m, *n][..], &[*d, *e]];
    digits.iter().all(|digits| digits.iter().all(u8::is_ascii_digit))
        && !rest.first().is_some_and(|next| next.is_ascii_digit() || *next >= 0x80)
        && is_year(value(digits[0]))
        && (1..=12).contains(&value(digits[1]))
        && (1..=31).contains(&value(digits[2]))
}

/// `2003-08-28 12`, `28.08.2003`, `12/05/2021`, `28-08-03 10`: the first three groups are a date.
pub(super) fn is_date(candidate: &Candidate) -> bool {
    if candidate.plus && candidate.group_len(0) < 4
        || candidate.groups().len() < 3
        || candidate.groups()[0].bracketed
    {
        return false;
    }
    if candidate.group_len(1) > 2 {
        return false;
    }
    let [first, second, third] =
        [0, 1, 2].map(|group| (candidate.group_len(group), candidate.group_value(group)));
    let gap = candidate.groups()[1].gap;
    if gap == Gap::None || candidate.groups()[2].gap != gap {
        return false;
    }
    let year = |(len, value)| len == 4 && is_year(value);
    let small = |(len, value): (usize, u64), most| len <= 2 && (1..=most).contains(&value);
    let day_and_month = |a, b| small(a, 31) && small(b, 12) || small(a, 12) && small(b, 31);
    let short_year =
        (gap == Gap::Slash || gap == Gap::Dot || candidate.groups().len() > 3 && gap == Gap::Dash)
            && third.0 == 2
            && candidate.groups().get(3).is_none_or(|group| group.gap != gap);
    (year(first) && day_and_month(second, third))
        || (day_and_month(first, second) && (year(third) || short_year))
}

/// Whether a bare row of digits is surely something else: `20030828`, `20030828121352`, 2³¹ and 2³¹ − 1.
pub(super) fn is_other_bare(digits: &[u8]) -> bool {
    let date = |year: &[u8], month: &[u8], day: &[u8]| {
        (1900..=2100).contains(&number(year))
            && (1..=12).contains(&number(month))
            && (1..=31).contains(&number(day))
    };
    let compact_date = match digits.len() {
        0..8 => false,
        8 => {
            let (day_or_month, rest) = digits.split_at(2);
            date(&digits[..4], &digits[4..6], &digits[6..])
                || date(&rest[2..], &rest[..2], day_or_month)
                || date(&rest[2..], day_or_month, &rest[..2])
        }
        _ => date(&digits[..4], &digits[4..6], &digits[6..8]),
    };
    compact_date || matches!(number(digits), 2_147_483_647 | 2_147_483_648)
}

fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |number, &digit| number * 10 + u64::from(digit))
}

/// Whether the first `groups` groups are surely something else: a decimal, an address of the internet, a range of years or
/// hours, a card, a dump of bytes, a social security number.
pub(super) fn is_other(candidate: &Candidate, groups: usize) -> bool {
    let len = |group| candidate.group_len(group);
    let gaps = &candidate.groups()[1..groups];
    let all = |gap| gaps.iter().all(|group| group.gap == gap);
    let zero_first = candidate.digits(1)[0] == 0 && len(0) > 1;
    let bracketed = candidate.groups()[..groups].iter().any(|group| group.bracketed);
    if bracketed {
        return false;
    }
    let lengths_are =
        |lengths: &[usize]| lengths.len() == groups && lengths.iter().enumerate().all(|(i, &l)| len(i) == l);
    let decimal = || groups == 2 && all(Gap::Dot) && !(zero_first && len(0) > 2);
    let internet = || {
        groups == 4
            && all(Gap::Dot)
            && (0..4).all(|group| len(group) <= 3 && candidate.group_value(group) < 256)
    };
    let years = || {
        groups == 2
            && len(0) == 4
            && len(1) == 4
            && is_year(candidate.group_value(0))
            && is_year(candidate.group_value(1))
    };
    let hour = |group| {
        len(group) == 4 && candidate.group_value(group) <= 2400 && candidate.group_value(group) % 100 < 60
    };
    let hours = || groups == 2 && all(Gap::Dash) && hour(0) && hour(1);
    let grouped = || all(Gap::Dot) && len(0) <= 3 || all(Gap::Space) && len(0) == 1;
    let thousands = || grouped() && !zero_first && (1..groups).all(|group| len(group) == 3);
    let card = || groups > 2 && !zero_first && (0..groups).all(|group| len(group) == 4);
    let single = || (1..groups).any(|group| len(group) == 1);
    let zeros = || (0..groups).filter(|&group| candidate.group_value(group) == 0).count();
    let counted =
        || (1..groups).all(|group| candidate.group_value(group) == candidate.group_value(group - 1) + 1);
    let dump = || (0..groups).all(|group| len(group) == 2) && (zeros() > 1 || counted());
    // A slash sets off the area code only.
    let slashed = || gaps.iter().skip(1).any(|group| group.gap == Gap::Slash);
    let social_security = || lengths_are(&[3, 2, 4]);
    let postcode = || lengths_are(&[5, 4]) && all(Gap::Dash);
    decimal()
        || internet()
        || years()
        || hours()
        || thousands()
        || card()
        || single()
        || dump()
        || slashed()
        || social_security()
        || postcode()
}

/// `0069 0307 0300`: rows of four digits are the code points of a character table, not a number after `00`.
pub(super) fn is_code_points(candidate: &Candidate, groups: usize) -> bool {
    groups > 1 && (0..groups).all(|group| candidate.group_len(group) == 4)
}

/// Whether the first `groups` groups, in no shape that a region uses, are too odd even beside a word that speaks of phones.
pub(super) fn is_weak_other(candidate: &Candidate, groups: usize) -> bool {
    let trunk = candidate.group_len(0) > 1 || matches!(candidate.group_value(0), 0 | 1 | 8);
    groups > 5
        || !trunk
        || candidate.groups()[1..groups].iter().any(|group| group.gap == Gap::Dot && groups < 3)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_begins_with_a_date_is_one(text in "[12][0-9]{3}-[01][0-9]-[0-3][0-9][0-9 ./()é-]{0,12}") {
            let candidate = Candidate::at(text.as_bytes(), 0).expect("digits");
            prop_assert!(!begins_with_date(text.as_bytes()) || is_date(&candidate));
        }
    }
}

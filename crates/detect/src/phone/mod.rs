//! Phone numbers of every region, by its numbering plan.
//!
//! The plans are compiled into one automaton over digits (see `plan`), so that telling a number costs a table look-up
//! per digit and nothing is parsed or allocated. Nearly any eight digits are a number somewhere; therefore how they are
//! written counts as much as the plan: what is grouped as people of a region group its numbers stands on its own
//! (`Strength::Strong`), the rest needs a word beside it that says what it is.

mod candidate;
mod extension;
mod lookalike;
pub mod matcher;
mod neighbours;
mod plan;
#[cfg(test)]
#[allow(clippy::print_stdout)] // What was measured is to be seen.
mod tests;

use candidate::{Candidate, Gap, Symbol, symbol};
use neighbours::{Before, Label, follows};

/// The fewest digits of a number in national form; shorter ones are service codes.
pub(crate) const SHORTEST: usize = 7;
/// The most digits of a number in national form, its prefix included.
const LONGEST: usize = 12;
/// The fewest digits that stand on their own for their leading zero: `0700-1900` are opening hours.
const SHORTEST_STRONG: usize = 9;
/// A shape whose area code is in brackets.
const BRACKETS: u32 = 1 << 31;

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// With its country code.
    International,
    /// As dialled within its region, in groups.
    NationalFormatted,
    /// As dialled within its region, in one row of digits.
    NationalBare,
}

/// Whether a number can stand on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    /// Written as only phone numbers are.
    Strong,
    /// Valid somewhere, but so is much else: only with a word beside it that speaks of phones.
    Weak,
}

/// A phone number in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PhoneMatch {
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte, the extension included.
    pub(crate) end: usize,
    /// How it is written.
    pub(crate) kind: Kind,
    /// Whether it can stand on its own.
    pub(crate) strength: Strength,
}

/// The phone number whose first digit is at `digit`: it may begin up to two characters before, with a plus sign and a
/// bracket.
pub(crate) fn with_first_digit(text: &[u8], digit: usize) -> Option<PhoneMatch> {
    let leads = text[..digit].iter().rev().take(2).take_while(|byte| matches!(byte, b'+' | b'(')).count();
    (digit - leads..=digit).find_map(|start| at(text, start))
}

/// The phone number that begins at `start`: a plus sign, an opening bracket, or the first digit of a row.
///
/// Looks at no more than 192 bytes after `start` and 40 before it, whatever the text.
fn at(text: &[u8], start: usize) -> Option<PhoneMatch> {
    let before = Before::of(text, start)?;
    if lookalike::begins_with_date(&text[start..]) || before.goes_on_at(text, start) {
        return None;
    }
    let candidate = Candidate::at(text, start)?;
    if lookalike::is_date(&candidate) {
        return None;
    }
    let (groups, (kind, strength)) = (1..=candidate.groups().len()).rev().find_map(|groups| {
        let written = Written { text, start, candidate: &candidate, groups, before };
        written.judge().map(|judged| (groups, judged))
    })?;
    let number_end = candidate.end(groups);
    let end = extension::end(text, number_end).unwrap_or(number_end);
    Some(PhoneMatch { start, end, kind, strength })
}

/// Whether `number` is valid: an international number, or one as dialled within `region` (ISO 3166), with or without its
/// national prefix or the country code. What stands between the digits doesn't matter.
#[must_use]
pub fn valid(number: &str, region: Option<&str>) -> bool {
    let mut digits = Vec::new();
    let mut plus = false;
    let mut at = 0;
    while at < number.len() {
        let (symbol, width) = symbol(number.as_bytes(), at);
        match symbol {
            Symbol::Digit(digit) => digits.push(digit),
            Symbol::Plus if digits.is_empty() => plus = true,
            Symbol::Other if !number.as_bytes()[at].is_ascii_whitespace() => return false,
            _ => {}
        }
        at += width.max(1);
    }
    let Some(region) = region.map(plan::region) else {
        return plus && plan::accepts(plan::INTERNATIONAL, &digits);
    };
    let Some(region) = region else { return false };
    let after = |prefix: &str| strip(&digits, prefix).is_some_and(|rest| plan::accepts(region.numbers, rest));
    let code = region.country_code;
    let abroad = strip(&digits, "00").and_then(|rest| strip(rest, code));
    after(code)
        || abroad.is_some_and(|rest| plan::accepts(region.numbers, rest))
        || !plus && (after("") || after(region.prefix))
}

fn strip<'a>(digits: &'a [u8], prefix: &str) -> Option<&'a [u8]> {
    let (start, rest) = digits.split_at_checked(prefix.len())?;
    prefix.bytes().map(|digit| digit - b'0').eq(start.iter().copied()).then_some(rest)
}

/// The first groups of a candidate, to be judged as one number.
struct Written<'a> {
    text: &'a [u8],
    start: usize,
    candidate: &'a Candidate,
    groups: usize,
    before: Before,
}

impl Written<'_> {
    fn judge(&self) -> Option<(Kind, Strength)> {
        let digits = self.candidate.digits(self.groups);
        if self.candidate.plus {
            return self.international(digits, true);
        }
        match digits {
            [0, 0, rest @ ..] if !lookalike::is_code_points(self.candidate, self.groups) => {
                self.international(rest, false)
            }
            [0, 1, 1, rest @ ..] if rest.len() > 8 && self.groups > 1 => self.international(rest, false),
            _ => None,
        }
        .or_else(|| self.national(digits))
    }

    /// `digits` begin with the country code.
    fn international(&self, digits: &[u8], plus: bool) -> Option<(Kind, Strength)> {
        self.ends_here(plus)?;
        let mut without_zero = [0; 20];
        let digits = self.without_bracketed_zero(digits, &mut without_zero);
        let formatted = self.groups > 1;
        if plan::accepts(plan::INTERNATIONAL, digits) {
            let strength = if plus || formatted { Strength::Strong } else { Strength::Weak };
            return Some((Kind::International, strength)).filter(|_| plus || self.before.is_open());
        }
        // Plans change faster than tables of them: as many digits as the country code takes will do.
        let possible = plus && plan::accepts(plan::POSSIBLE, digits);
        let strength = if formatted { Strength::Strong } else { Strength::Weak };
        possible.then_some((Kind::International, strength))
    }

    /// `+41 (0)69 979 80 58`: the zero is dialled within the country only.
    fn without_bracketed_zero<'b>(&self, digits: &'b [u8], buffer: &'b mut [u8; 20]) -> &'b [u8] {
        let second = self.candidate.groups().get(1).filter(|_| self.groups > 2);
        let after_first = self.candidate.digits(self.groups).len() - self.candidate.group_len(0);
        // The zero may itself be of the prefix that was taken off: `0 (0)44 …`.
        let zero = digits.len().checked_sub(after_first).filter(|_| {
            second.is_some_and(|group| group.bracketed)
                && self.candidate.group_len(1) == 1
                && self.candidate.group_value(1) == 0
        });
        let Some(zero) = zero else { return digits };
        let (code, rest) = (&digits[..zero], &digits[zero + 1..]);
        buffer[..zero].copy_from_slice(code);
        buffer[zero..zero + rest.len()].copy_from_slice(rest);
        &buffer[..zero + rest.len()]
    }

    fn national(&self, digits: &[u8]) -> Option<(Kind, Strength)> {
        if !(SHORTEST..=LONGEST).contains(&digits.len()) {
            return None;
        }
        self.ends_here(false)?;
        if self.groups == 1 {
            return self.bare(digits);
        }
        if lookalike::is_other(self.candidate, self.groups) {
            return None;
        }
        if self.is_usual(digits) && self.before.allows_strong(self.candidate, self.groups) {
            return Some((Kind::NationalFormatted, Strength::Strong));
        }
        let weak = self.before.is_open()
            && self.is_whole()
            && self.has_even_gaps(2)
            && plan::accepts(plan::ANYWHERE, digits)
            && !lookalike::is_weak_other(self.candidate, self.groups);
        weak.then_some((Kind::NationalFormatted, Strength::Weak))
    }

    fn bare(&self, digits: &[u8]) -> Option<(Kind, Strength)> {
        let possible = self.is_whole()
            && self.before.is_open()
            && !self.candidate.groups()[0].bracketed
            && !lookalike::is_other_bare(digits)
            && plan::accepts(plan::ANYWHERE, digits);
        if !possible {
            return None;
        }
        let label = Label::before(self.text, self.start);
        let assigned = self.before == Before::Sign || self.text[..self.start].ends_with(b"= ");
        if label == Label::Other || assigned && self.text.get(self.end()) == Some(&b';') {
            return None;
        }
        let strong = digits.len() == 10
            && label == Label::None
            && self.before.is_blank()
            && follows(self.text, self.end()).is_blank()
            && !neighbours::is_in_table(self.text, self.end())
            && plan::accepts(plan::NORTH_AMERICA, digits);
        Some((Kind::NationalBare, if strong { Strength::Strong } else { Strength::Weak }))
    }

    /// Whether the groups are those in which people of a region write such numbers, in a way that little else is written.
    fn is_usual(&self, digits: &[u8]) -> bool {
        let groups = &self.candidate.groups()[..self.groups];
        let key = (0..self.groups).fold(0, |key, group| key << 4 | self.candidate.group_len(group) as u32);
        let written_so = |key| plan::shape(key).is_some_and(|state| plan::accepts(state, digits));
        if groups.iter().any(|group| group.bracketed) {
            let area = groups.iter().position(|group| group.bracketed).unwrap_or(0);
            let len = self.candidate.group_len(area);
            return len > 1
                && !(len == 4 && lookalike::is_year(self.candidate.group_value(area)))
                && self.has_even_gaps(area + 2)
                && written_so(key | BRACKETS);
        }
        let american = match key {
            0x334 => plan::accepts(plan::NORTH_AMERICA, digits),
            0x1334 => digits[0] == 1 && plan::accepts(plan::NORTH_AMERICA, &digits[1..]),
            _ => false,
        };
        (american && self.has_even_gaps(1))
            || (digits[0] == 0 && digits.len() >= SHORTEST_STRONG && self.has_even_gaps(2) && written_so(key))
    }

    /// Whether the gaps from that before group `first` on are of one kind.
    fn has_even_gaps(&self, first: usize) -> bool {
        let mut gaps = self.candidate.groups()[..self.groups]
            .iter()
            .skip(first)
            .map(|group| group.gap)
            .filter(|&gap| gap != Gap::None);
        let kind = gaps.next();
        gaps.all(|gap| Some(gap) == kind)
    }

    /// Whether these are all groups there are.
    fn is_whole(&self) -> bool {
        self.groups == self.candidate.groups().len() && !self.candidate.cut
    }

    /// Whether the number can end after these groups.
    fn ends_here(&self, plus: bool) -> Option<()> {
        let all = self.candidate.groups();
        if self.groups == all.len() {
            let ends = extension::end(self.text, self.end()).is_some()
                || follows(self.text, self.end()).ends_number();
            return (ends && (plus || !self.candidate.cut)).then_some(());
        }
        // A further group may begin something else if it is set off in another way than the groups of this number.
        let next = all[self.groups];
        let mut inner = all[..self.groups].windows(2).filter(|pair| !pair[0].bracketed);
        let set_off = next.bracketed || !inner.any(|pair| pair[1].gap == next.gap);
        let joined = !next.bracketed && matches!(next.gap, Gap::Dash | Gap::Dot);
        (plus || (set_off && !joined && self.groups > 1)).then_some(())
    }

    fn end(&self) -> usize {
        self.candidate.end(self.groups)
    }
}

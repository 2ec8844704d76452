//! What is written as phone numbers are: groups of digits with little between them.

/// The most digits: those of the longest number, its international prefix and a bracketed zero.
const DIGITS: usize = 20;
/// The most groups of digits.
pub(super) const GROUPS: usize = 8;

/// What stands before a group of digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gap {
    /// Nothing, or a bracket only.
    None,
    Space,
    Dash,
    Dot,
    Slash,
    /// A dash between spaces.
    SpacedDash,
}

#[derive(Clone, Copy)]
pub(super) struct Group {
    pub(super) gap: Gap,
    pub(super) bracketed: bool,
    /// How many digits end with this group.
    pub(super) digits: usize,
    /// One past the last byte, a closing bracket included.
    pub(super) end: usize,
}

/// Groups of digits from a place on.
pub(super) struct Candidate {
    pub(super) plus: bool,
    /// The values, not the characters.
    digits: [u8; DIGITS],
    groups: [Group; GROUPS],
    len: usize,
    /// Whether more digits follow than numbers have.
    pub(super) cut: bool,
}

impl Candidate {
    /// The groups from `start` on, which is a digit, an opening bracket or a plus sign.
    pub(super) fn at(text: &[u8], start: usize) -> Option<Self> {
        let none = Group { gap: Gap::None, bracketed: false, digits: 0, end: start };
        let mut found = Self { plus: false, digits: [0; DIGITS], groups: [none; GROUPS], len: 0, cut: false };
        let mut at = start;
        if let (Symbol::Plus, width) = symbol(text, at) {
            found.plus = true;
            at += width;
        }
        let mut gap = Gap::None;
        while let Some(group) = found.group(text, at, gap) {
            if found.cut || found.len == GROUPS {
                found.cut = true;
                break;
            }
            found.groups[found.len] = group;
            found.len += 1;
            let Some((next, after)) = read_gap(text, group) else { break };
            (gap, at) = (next, after);
        }
        (found.len > 0).then_some(found)
    }

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups[..self.len]
    }

    /// The digits of the first `groups` groups.
    pub(super) fn digits(&self, groups: usize) -> &[u8] {
        &self.digits[..self.groups[groups - 1].digits]
    }

    pub(super) fn group_len(&self, group: usize) -> usize {
        self.groups[group].digits - if group == 0 { 0 } else { self.groups[group - 1].digits }
    }

    /// The digits of one group as a number.
    pub(super) fn group_value(&self, group: usize) -> u64 {
        let first = self.groups[group].digits - self.group_len(group);
        self.digits[first..self.groups[group].digits].iter().fold(0, |n, &digit| n * 10 + u64::from(digit))
    }

    fn group(&mut self, text: &[u8], mut at: usize, gap: Gap) -> Option<Group> {
        let (first, width) = symbol(text, at);
        let bracketed = first == Symbol::Open;
        if bracketed {
            // Beyond the country code and a prefix, a bracket begins something else.
            if self.len > 1 || self.len == 1 && self.groups[0].digits > 3 {
                return None;
            }
            at += width;
            if let (0, (Symbol::Plus, width)) = (self.len, symbol(text, at)) {
                self.plus = true;
                at += width;
            }
        } else if gap == Gap::None && self.len > 0 && !self.groups[self.len - 1].bracketed {
            return None;
        }
        let before = self.groups[self.len.saturating_sub(1)].digits;
        let mut digits = if self.len == 0 { 0 } else { before };
        let first_digit = digits;
        while let (Symbol::Digit(digit), width) = symbol(text, at) {
            if digits == DIGITS {
                self.cut = true;
                break;
            }
            self.digits[digits] = digit;
            digits += 1;
            at += width;
        }
        if digits == first_digit {
            return None;
        }
        if bracketed {
            let (Symbol::Close, width) = symbol(text, at) else { return None };
            at += width;
        }
        Some(Group { gap, bracketed, digits, end: at })
    }
}

/// What separates `group` from the next, and where that begins.
fn read_gap(text: &[u8], group: Group) -> Option<(Gap, usize)> {
    let begins_group = |at| matches!(symbol(text, at).0, Symbol::Digit(_) | Symbol::Open);
    let (first, width) = symbol(text, group.end);
    let second_at = group.end + width;
    let (second, second_width) = symbol(text, second_at);
    let (gap, at) = match (first, second) {
        (Symbol::Digit(_), _) if group.bracketed => (Gap::None, group.end),
        (Symbol::Open, _) => (Gap::None, group.end),
        (Symbol::Space, Symbol::Dash) => {
            let (third, third_width) = symbol(text, second_at + second_width);
            let wide = if third == Symbol::Space { third_width } else { return None };
            (Gap::SpacedDash, second_at + second_width + wide)
        }
        (Symbol::Dash, Symbol::Space) if group.bracketed => (Gap::SpacedDash, second_at + second_width),
        (Symbol::Space, _) => (Gap::Space, second_at),
        (Symbol::Dash, _) => (Gap::Dash, second_at),
        (Symbol::Dot, _) => (Gap::Dot, second_at),
        (Symbol::Slash, _) => (Gap::Slash, second_at),
        _ => return None,
    };
    begins_group(at).then_some((gap, at))
}

/// A character as far as numbers are concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Symbol {
    Digit(u8),
    Plus,
    Open,
    Close,
    Space,
    Dash,
    Dot,
    Slash,
    Other,
}

/// The symbol at a place, and its bytes. The end of the text is [`Symbol::Other`] of no bytes.
pub(super) fn symbol(text: &[u8], at: usize) -> (Symbol, usize) {
    let Some(&byte) = text.get(at) else { return (Symbol::Other, 0) };
    let symbol = match byte {
        b'0'..=b'9' => Symbol::Digit(byte - b'0'),
        b' ' => Symbol::Space,
        b'-' => Symbol::Dash,
        b'.' => Symbol::Dot,
        b'/' => Symbol::Slash,
        b'(' => Symbol::Open,
        b')' => Symbol::Close,
        b'+' => Symbol::Plus,
        0..0x80 => Symbol::Other,
        _ => return wide_symbol(text, at),
    };
    (symbol, 1)
}

/// No-break spaces, typographic dashes and the full-width forms of East Asian text.
fn wide_symbol(text: &[u8], at: usize) -> (Symbol, usize) {
    match text[at..] {
        [0xC2, 0xA0, ..] => (Symbol::Space, 2),
        [0xE2, 0x80, 0xAF, ..] | [0xE3, 0x80, 0x80, ..] => (Symbol::Space, 3),
        [0xE2, 0x80, 0x90..=0x95, ..] | [0xE2, 0x88, 0x92, ..] | [0xEF, 0xBC, 0x8D, ..] => (Symbol::Dash, 3),
        [0xEF, 0xBC, digit @ 0x90..=0x99, ..] => (Symbol::Digit(digit - 0x90), 3),
        [0xEF, 0xBC, 0x88, ..] => (Symbol::Open, 3),
        [0xEF, 0xBC, 0x89, ..] => (Symbol::Close, 3),
        [0xEF, 0xBC, 0x8B, ..] => (Symbol::Plus, 3),
        _ => (Symbol::Other, 1),
    }
}

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

/// A group of digits. Small, for a candidate is made wherever two groups stand beside each other.
#[derive(Clone, Copy)]
pub(super) struct Group {
    pub(super) gap: Gap,
    pub(super) bracketed: bool,
    /// How many digits end with this group.
    digits: u8,
    /// Bytes from the candidate's start to the end of the group, a closing bracket included.
    len: u8,
}

/// Groups of digits from a place on.
pub(super) struct Candidate {
    start: usize,
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
        let none = Group { gap: Gap::None, bracketed: false, digits: 0, len: 0 };
        let mut found =
            Self { start, plus: false, digits: [0; DIGITS], groups: [none; GROUPS], len: 0, cut: false };
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
            let Some((next, after)) = read_gap(text, found.end(found.len), group.bracketed) else { break };
            (gap, at) = (next, after);
        }
        (found.len > 0).then_some(found)
    }

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups[..self.len]
    }

    /// One past the last byte of the first `groups` groups.
    pub(super) fn end(&self, groups: usize) -> usize {
        self.start + usize::from(self.groups[groups - 1].len)
    }

    /// The digits of the first `groups` groups.
    pub(super) fn digits(&self, groups: usize) -> &[u8] {
        &self.digits[..self.ends_at(groups)]
    }

    pub(super) fn group_len(&self, group: usize) -> usize {
        self.ends_at(group + 1) - self.ends_at(group)
    }

    /// The digits of one group as a number.
    pub(super) fn group_value(&self, group: usize) -> u64 {
        let digits = &self.digits[self.ends_at(group)..self.ends_at(group + 1)];
        digits.iter().fold(0, |number, &digit| number * 10 + u64::from(digit))
    }

    /// How many digits the first `groups` groups have.
    fn ends_at(&self, groups: usize) -> usize {
        if groups == 0 { 0 } else { usize::from(self.groups[groups - 1].digits) }
    }

    fn group(&mut self, text: &[u8], mut at: usize, gap: Gap) -> Option<Group> {
        let (first, width) = symbol(text, at);
        let bracketed = first == Symbol::Open;
        if bracketed {
            // Beyond the country code and a prefix, a bracket begins something else.
            if self.len > 1 || self.len == 1 && self.ends_at(1) > 3 {
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
        let first_digit = self.ends_at(self.len);
        let mut digits = first_digit;
        while let Some(&byte) = text.get(at) {
            let (digit, width) = match byte {
                b'0'..=b'9' => (byte - b'0', 1),
                0x80.. if let (Symbol::Digit(digit), width) = wide_symbol(text, at) => (digit, width),
                _ => break,
            };
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
        // At most 20 digits, 8 gaps and brackets, of up to three bytes each.
        let [digits, len] = [digits, at - self.start].map(|number| u8::try_from(number).unwrap_or(u8::MAX));
        Some(Group { gap, bracketed, digits, len })
    }
}

/// What separates a group that ends at `end` from the next, and where that begins.
fn read_gap(text: &[u8], end: usize, bracketed: bool) -> Option<(Gap, usize)> {
    let (first, width) = symbol(text, end);
    let second_at = end + width;
    let (second, second_width) = symbol(text, second_at);
    let begins = |symbol| matches!(symbol, Symbol::Digit(_) | Symbol::Open);
    let (gap, at) = match first {
        Symbol::Digit(_) if bracketed => return Some((Gap::None, end)),
        Symbol::Open if begins(second) => return Some((Gap::None, end)),
        Symbol::Space => (Gap::Space, second_at),
        Symbol::Dash => (Gap::Dash, second_at),
        Symbol::Dot => (Gap::Dot, second_at),
        Symbol::Slash => (Gap::Slash, second_at),
        _ => return None,
    };
    if begins(second) {
        return Some((gap, at));
    }
    let third_at = second_at + second_width;
    let (third, third_width) = symbol(text, third_at);
    let after = match (first, second, third) {
        (Symbol::Space, Symbol::Dash, Symbol::Space) => third_at + third_width,
        (Symbol::Dash, Symbol::Space, Symbol::Digit(_)) if bracketed => third_at,
        _ => return None,
    };
    begins(symbol(text, after).0).then_some((Gap::SpacedDash, after))
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
#[inline]
pub(super) fn symbol(text: &[u8], at: usize) -> (Symbol, usize) {
    match text.get(at) {
        Some(&byte) if byte < 0x80 => (ASCII[usize::from(byte)], 1),
        Some(_) => wide_symbol(text, at),
        None => (Symbol::Other, 0),
    }
}

/// A table, for a `match` would be a jump that no processor foretells.
static ASCII: [Symbol; 128] = {
    let mut symbols = [Symbol::Other; 128];
    let mut digit = 0;
    while digit < 10 {
        symbols[(b'0' + digit) as usize] = Symbol::Digit(digit);
        digit += 1;
    }
    symbols[b' ' as usize] = Symbol::Space;
    symbols[b'-' as usize] = Symbol::Dash;
    symbols[b'.' as usize] = Symbol::Dot;
    symbols[b'/' as usize] = Symbol::Slash;
    symbols[b'(' as usize] = Symbol::Open;
    symbols[b')' as usize] = Symbol::Close;
    symbols[b'+' as usize] = Symbol::Plus;
    symbols
};

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

//! Takes a Python pattern apart: what must stand before, at and after the match, and the match itself.

use super::python_regex::{RegexError, RegexFlags};

/// The parts of a pattern, each in Rust's syntax.
pub(super) struct Anatomy {
    /// Matches what must stand before; `None` if nothing must.
    pub(super) behind: Option<String>,
    /// What must, or must not, follow from the match's start.
    pub(super) aheads: Vec<Ahead>,
    pub(super) body: String,
    /// Matches what must stand after.
    pub(super) after: Option<String>,
    /// The flags given, with those that the pattern sets itself.
    pub(super) flags: RegexFlags,
}

/// `(?=through*target)`, or `(?!…)` if negative.
pub(super) struct Ahead {
    pub(super) negative: bool,
    pub(super) through: Option<String>,
    pub(super) target: String,
}

pub(super) fn dissect(pattern: &str, flags: RegexFlags) -> Result<Anatomy, RegexError> {
    let mut scanner = Scanner { pattern, rest: pattern, flags, depth: 0 };
    let mut items = scanner.sequence()?;
    let flags = scanner.flags;
    let misplaced = || RegexError::LookAround(pattern.to_owned());

    let (mut behind, mut aheads) = (None, Vec::new());
    let after = if items.iter().any(|item| matches!(item, Item::Bar)) {
        None
    } else {
        let after = take_after(&mut items).map(|after| after.ok_or_else(misplaced)).transpose()?;
        let mut at = 0;
        while at < items.len() {
            match &items[at] {
                Item::Assertion(_) => at += 1,
                Item::Look { ahead: false, negative, inner } if behind.is_none() => {
                    let condition = if *negative { absence(inner, r"\A") } else { render(inner) };
                    behind = Some(condition.ok_or_else(misplaced)?);
                    items.remove(at);
                }
                Item::Look { ahead: true, negative, inner } => {
                    aheads.push(ahead(*negative, inner).ok_or_else(misplaced)?);
                    items.remove(at);
                }
                _ => break,
            }
        }
        after
    };
    Ok(Anatomy { behind, aheads, body: render(&items).ok_or_else(misplaced)?, after, flags })
}

/// A piece of a pattern, its text already in Rust's syntax.
#[derive(Clone)]
enum Item {
    /// Matches exactly one character.
    Atom(String),
    /// How often the item before it.
    Repeat(String),
    /// Matches a place, not a character.
    Assertion(String),
    Bar,
    Group {
        open: String,
        inner: Vec<Item>,
    },
    Look {
        ahead: bool,
        negative: bool,
        inner: Vec<Item>,
    },
}

/// Removes a look-ahead from the end of `items`; `Some(None)` if there is one that cannot be expressed.
fn take_after(items: &mut Vec<Item>) -> Option<Option<String>> {
    let [_, .., Item::Look { ahead: true, negative, inner }] = items.as_slice() else { return None };
    let after =
        if *negative { absence(inner, r"\z") } else { render(inner).map(|inner| format!("(?:{inner})")) };
    items.pop();
    Some(after)
}

fn ahead(negative: bool, inner: &[Item]) -> Option<Ahead> {
    let one_way = !inner.iter().any(|item| matches!(item, Item::Bar));
    let (through, rest) = match inner {
        [Item::Atom(atom), Item::Repeat(repeat), rest @ ..]
            if one_way && matches!(repeat.as_str(), "*" | "*?") =>
        {
            (Some(atom.clone()), rest)
        }
        _ => (None, inner),
    };
    let mut rest = rest.to_vec();
    let after = if one_way { take_after(&mut rest) } else { None };
    let target = format!("{}{}", render(&rest)?, after.unwrap_or(Some(String::new()))?);
    Some(Ahead { negative, through, target })
}

/// Matches what shows that none of the alternatives in `inner` stands here: `edge` of the text, or other characters.
/// Alternatives of more than two characters cannot be expressed so.
fn absence(inner: &[Item], edge: &str) -> Option<String> {
    let (mut first, mut longer) = (String::new(), String::new());
    for alternative in inner.split(|item| matches!(item, Item::Bar)) {
        match alternative {
            [Item::Atom(one)] => first.push_str(one),
            [Item::Atom(one), Item::Atom(two)] if edge == r"\z" => {
                first.push_str(one);
                longer.push_str(&format!(r"|{one}(?:\z|[^{two}])"));
            }
            _ => return None,
        }
    }
    Some(format!("(?:{edge}|[^{first}]{longer})"))
}

/// The text of `items`; `None` if there is look-around among them.
fn render(items: &[Item]) -> Option<String> {
    let mut text = String::new();
    for item in items {
        match item {
            Item::Atom(part) | Item::Repeat(part) | Item::Assertion(part) => text.push_str(part),
            Item::Bar => text.push('|'),
            Item::Group { open, inner } => text.push_str(&format!("{open}{})", render(inner)?)),
            Item::Look { .. } => return None,
        }
    }
    Some(text)
}

/// Groups may nest this deep.
const DEPTH: usize = 50;

struct Scanner<'a> {
    pattern: &'a str,
    rest: &'a str,
    flags: RegexFlags,
    depth: usize,
}

impl Scanner<'_> {
    /// Everything up to the end or the parenthesis that closes this group.
    fn sequence(&mut self) -> Result<Vec<Item>, RegexError> {
        let mut items = Vec::new();
        while let Some(c) = self.next() {
            match c {
                ')' if self.depth > 0 => return Ok(items),
                ')' => return Err(self.syntax("unbalanced parenthesis")),
                '|' => items.push(Item::Bar),
                '^' | '$' => items.push(Item::Assertion(c.to_string())),
                '.' => items.push(Item::Atom(".".to_owned())),
                '[' => items.push(Item::Atom(self.class()?)),
                '\\' => items.push(self.escape()?),
                '*' | '+' | '?' => items.push(self.repeat(c.to_string())?),
                '{' => match self.bounds() {
                    Some(bounds) => items.push(self.repeat(bounds)?),
                    None => items.push(Item::Atom(r"\{".to_owned())),
                },
                '(' => items.extend(self.group()?),
                c if c.is_whitespace() && self.flags.verbose() => {}
                '#' if self.flags.verbose() => while self.next().is_some_and(|c| c != '\n') {},
                c => items.push(Item::Atom(self.literal(c))),
            }
        }
        if self.depth > 0 { Err(self.syntax("missing closing parenthesis")) } else { Ok(items) }
    }

    fn group(&mut self) -> Result<Option<Item>, RegexError> {
        if self.take("?#") {
            while self.next().is_some_and(|c| c != ')') {}
            return Ok(None);
        }
        let look = |ahead, negative| Item::Look { ahead, negative, inner: Vec::new() };
        let plain = |open: &str| Item::Group { open: open.to_owned(), inner: Vec::new() };
        let mut group = if self.take("?=") {
            look(true, false)
        } else if self.take("?!") {
            look(true, true)
        } else if self.take("?<=") {
            look(false, false)
        } else if self.take("?<!") {
            look(false, true)
        } else if self.take("?:") {
            plain("(?:")
        } else if self.take("?P<") || self.take("?<") {
            let (name, rest) =
                self.rest.split_once('>').ok_or_else(|| self.syntax("missing `>` of a group name"))?;
            let open = format!("(?P<{name}>");
            self.rest = rest;
            plain(&open)
        } else if self.rest.starts_with('?') {
            return self.inline_flags();
        } else {
            plain("(?:")
        };
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.syntax("groups nest too deep"));
        }
        let content = self.sequence()?;
        self.depth -= 1;
        match &mut group {
            Item::Group { inner, .. } | Item::Look { inner, .. } => *inner = content,
            _ => unreachable!("only groups and look-around are made above"),
        }
        Ok(Some(group))
    }

    /// `(?i)`: in Python's older behaviour, which is its default, flags hold for the whole pattern.
    fn inline_flags(&mut self) -> Result<Option<Item>, RegexError> {
        let (letters, rest) =
            self.rest[1..].split_once(')').ok_or_else(|| self.syntax("missing `)` of flags"))?;
        if letters.is_empty() || !letters.bytes().all(|c| b"imsxau".contains(&c)) {
            return Err(RegexError::Backtracking(self.pattern.to_owned()));
        }
        self.flags = self.flags.with(letters);
        self.rest = rest;
        Ok(None)
    }

    fn repeat(&mut self, mut text: String) -> Result<Item, RegexError> {
        if self.take("+") {
            return Err(RegexError::Backtracking(self.pattern.to_owned()));
        }
        if self.take("?") {
            text.push('?');
        }
        Ok(Item::Repeat(text))
    }

    /// `{2}`, `{2,}`, `{,5}`, `{2,5}`; any other brace is a literal.
    fn bounds(&mut self) -> Option<String> {
        let (bounds, rest) = self.rest.split_once('}')?;
        let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
        let text = match bounds.split_once(',') {
            None if !bounds.is_empty() && digits(bounds) => format!("{{{bounds}}}"),
            Some((low, high)) if bounds.len() > 1 && digits(low) && digits(high) => {
                format!("{{{},{high}}}", if low.is_empty() { "0" } else { low })
            }
            _ => return None,
        };
        self.rest = rest;
        Some(text)
    }

    fn escape(&mut self) -> Result<Item, RegexError> {
        let c = self.next().ok_or_else(|| self.syntax("bad escape at the pattern's end"))?;
        Ok(match c {
            'b' | 'B' | 'A' => Item::Assertion(format!(r"\{c}")),
            'Z' => Item::Assertion(r"\z".to_owned()),
            '1'..='9' | 'g' | 'K' | 'G' | 'X' | 'L' => {
                return Err(RegexError::Backtracking(self.pattern.to_owned()));
            }
            c => Item::Atom(self.escaped_character(c)),
        })
    }

    /// The escape `\c`, where it stands for one character.
    fn escaped_character(&mut self, c: char) -> String {
        match c {
            'p' | 'P' if self.rest.starts_with('{') => {
                let name = self.rest.split_inclusive('}').next().unwrap_or_default();
                self.rest = &self.rest[name.len()..];
                format!(r"\{c}{name}")
            }
            'x' | 'u' | 'U' => {
                let digits = match c {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let code = self.rest.get(..digits).unwrap_or(self.rest);
                self.rest = &self.rest[code.len()..];
                format!(r"\x{{{code}}}")
            }
            '0' => r"\x00".to_owned(),
            'a'..='z' | 'A'..='Z' => format!(r"\{c}"),
            c => self.literal(c),
        }
    }

    fn class(&mut self) -> Result<String, RegexError> {
        let mut class = String::from("[");
        if self.take("^") {
            class.push('^');
        }
        let mut low: Option<char> = None;
        let mut first = true;
        loop {
            let c = self.next().ok_or_else(|| self.syntax("unterminated character set"))?;
            match c {
                ']' if !first => break,
                '[' if self.rest.starts_with(':') && self.rest.contains(":]") => {
                    let name = self.rest.split_inclusive(":]").next().unwrap_or_default();
                    class.push_str(&format!("[{name}"));
                    self.rest = &self.rest[name.len()..];
                    low = None;
                }
                '-' if low.is_some() && !self.rest.starts_with(']') => {
                    let high = self.next().ok_or_else(|| self.syntax("unterminated character set"))?;
                    let high = if high == '\\' { self.next().unwrap_or('\\') } else { high };
                    let low = low.take().expect("the guard saw it");
                    class.push('-');
                    class.push_str(&regex_syntax::escape(&high.to_string()));
                    self.push_turkish(&mut class, low, high);
                }
                '\\' => {
                    let c = self.next().ok_or_else(|| self.syntax("unterminated character set"))?;
                    low = None;
                    match c {
                        'b' => class.push_str(r"\x08"),
                        'a'..='z' | 'A'..='Z' | '0' => class.push_str(&self.escaped_character(c)),
                        c => {
                            class.push_str(&regex_syntax::escape(&c.to_string()));
                            low = Some(c);
                        }
                    }
                }
                c => {
                    class.push_str(&regex_syntax::escape(&c.to_string()));
                    low = Some(c);
                    if !self.rest.starts_with('-') {
                        self.push_turkish(&mut class, c, c);
                    }
                }
            }
            first = false;
        }
        class.push(']');
        Ok(class)
    }

    /// What Python adds to the letters from `low` to `high` when it ignores case.
    fn push_turkish(&self, class: &mut String, low: char, high: char) {
        if self.flags.ignore_case() {
            if (low..=high).contains(&'i') {
                class.push('İ');
            }
            if (low..=high).contains(&'I') {
                class.push('ı');
            }
        }
    }

    fn literal(&self, c: char) -> String {
        match c {
            'i' if self.flags.ignore_case() => "[iİ]".to_owned(),
            'I' if self.flags.ignore_case() => "[Iı]".to_owned(),
            c => regex_syntax::escape(&c.to_string()),
        }
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        Some(c)
    }

    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn syntax(&self, reason: &str) -> RegexError {
        RegexError::Syntax { pattern: self.pattern.to_owned(), reason: reason.to_owned() }
    }
}

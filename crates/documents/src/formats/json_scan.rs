//! The tokens of JSON with their places, which no parser that builds values gives. Strict, without recursion.

use std::ops::Range;

use memchr::memchr2;

/// A token. Ranges of strings are those between the quotes, escapes unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    ObjectBegins,
    ArrayBegins,
    /// Of an object or array.
    Ends,
    Key(Range<usize>),
    String(Range<usize>),
    Number(Range<usize>),
    /// `true`, `false` or `null`.
    Word,
}

/// What is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub at: usize,
    pub kind: FaultKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    Unexpected,
    /// The text ends inside a value.
    Truncated,
    /// A whole value, and more behind it.
    Trailing,
    TooDeep,
}

/// Reads one value.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    /// Of each open value: is it an object?
    open: Vec<bool>,
    expect: Expect,
    depth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
    Nothing,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, depth: usize) -> Self {
        Self { text: text.as_bytes(), at: 0, open: Vec::new(), expect: Expect::Value, depth }
    }

    /// The next token; `None` at the end of the value.
    pub(super) fn next(&mut self) -> Result<Option<Token>, Fault> {
        self.skip_space();
        let Some(&byte) = self.text.get(self.at) else {
            return if self.expect == Expect::Nothing {
                Ok(None)
            } else {
                Err(self.fault(FaultKind::Truncated))
            };
        };
        match (self.expect, byte) {
            (Expect::Nothing, _) => Err(self.fault(FaultKind::Trailing)),
            (Expect::CommaOrEnd, b',') => {
                self.at += 1;
                self.expect = if self.in_object() { Expect::Key } else { Expect::Value };
                self.next()
            }
            (Expect::CommaOrEnd | Expect::KeyOrEnd, b'}') if self.in_object() => Ok(Some(self.end())),
            (Expect::CommaOrEnd | Expect::ValueOrEnd, b']') if !self.in_object() => Ok(Some(self.end())),
            (Expect::Key | Expect::KeyOrEnd, b'"') => {
                let key = self.string()?;
                self.skip_space();
                self.literal(b":")?;
                self.expect = Expect::Value;
                Ok(Some(Token::Key(key)))
            }
            (Expect::Value | Expect::ValueOrEnd, _) => self.value(byte).map(Some),
            _ => Err(self.fault(FaultKind::Unexpected)),
        }
    }

    fn value(&mut self, byte: u8) -> Result<Token, Fault> {
        if matches!(byte, b'{' | b'[') {
            if self.open.len() == self.depth {
                return Err(self.fault(FaultKind::TooDeep));
            }
            self.at += 1;
            self.open.push(byte == b'{');
            let object = byte == b'{';
            self.expect = if object { Expect::KeyOrEnd } else { Expect::ValueOrEnd };
            return Ok(if object { Token::ObjectBegins } else { Token::ArrayBegins });
        }
        let token = match byte {
            b'"' => Token::String(self.string()?),
            b'-' | b'0'..=b'9' => Token::Number(self.number()?),
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            _ => return Err(self.fault(FaultKind::Unexpected)),
        };
        self.value_read();
        Ok(token)
    }

    fn end(&mut self) -> Token {
        self.at += 1;
        self.open.pop();
        self.value_read();
        Token::Ends
    }

    fn value_read(&mut self) {
        self.expect = if self.open.is_empty() { Expect::Nothing } else { Expect::CommaOrEnd };
    }

    /// At its opening quote.
    fn string(&mut self) -> Result<Range<usize>, Fault> {
        self.at += 1;
        let start = self.at;
        loop {
            match memchr2(b'"', b'\\', &self.text[self.at..]) {
                None => {
                    self.at = self.text.len();
                    return Err(self.fault(FaultKind::Truncated));
                }
                Some(plain) if self.text[self.at + plain] == b'"' => {
                    let end = self.at + plain;
                    self.at = end + 1;
                    return Ok(start..end);
                }
                // An escape has at least one character behind the backslash, and that may be a quote.
                Some(plain) => self.at = (self.at + plain + 2).min(self.text.len()),
            }
        }
    }

    fn number(&mut self) -> Result<Range<usize>, Fault> {
        let start = self.at;
        self.at += usize::from(self.text[self.at] == b'-');
        self.digits()?;
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.text.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(start..self.at)
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let digits = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        if digits == 0 { Err(self.unexpected()) } else { Ok(()) }
    }

    fn literal(&mut self, word: &[u8]) -> Result<Token, Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.unexpected());
        }
        self.at += word.len();
        Ok(Token::Word)
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    fn in_object(&self) -> bool {
        self.open.last() == Some(&true)
    }

    fn unexpected(&self) -> Fault {
        self.fault(if self.at < self.text.len() { FaultKind::Unexpected } else { FaultKind::Truncated })
    }

    fn fault(&self, kind: FaultKind) -> Fault {
        Fault { at: self.at, kind }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FaultKind, Scanner, Token};

    fn fault(text: &str) -> Option<FaultKind> {
        let mut scanner = Scanner::new(text, 64);
        loop {
            match scanner.next() {
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(fault) => return Some(fault.kind),
            }
        }
    }

    #[test]
    fn names_what_is_wrong() {
        assert_eq!(fault("{\"a\": [1, -2.5e+3, \"x\\\"\", true, {}]} "), None);
        assert_eq!(fault("{\"a\": 1"), Some(FaultKind::Truncated));
        assert_eq!(fault("{} {}"), Some(FaultKind::Trailing));
        assert_eq!(fault("{a: 1}"), Some(FaultKind::Unexpected));
        assert_eq!(fault("[1,]"), Some(FaultKind::Unexpected));
        assert_eq!(fault(&"[".repeat(65)), Some(FaultKind::TooDeep));
    }

    #[test]
    fn gives_what_stands_between_the_quotes() {
        let mut scanner = Scanner::new(r#"{"k\"":"v"}"#, 64);
        scanner.next().unwrap();
        assert_eq!(scanner.next(), Ok(Some(Token::Key(2..5))));
        assert_eq!(scanner.next(), Ok(Some(Token::String(8..9))));
    }

    proptest! {
        #[test]
        fn takes_all_that_serde_takes(text in r#"([\[\]{}:, ]|"[a-z]?"|1|-|0|\.|e|true|null){0,14}"#) {
            if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok() {
                prop_assert_eq!(fault(&text), None);
            }
        }

        #[test]
        fn takes_little_that_serde_refuses(text in r#"([\[\]{}:, ]|"[a-z]?"|1|true|null){0,14}"#) {
            // Numbers with a leading zero are the one thing taken beyond the standard, and none are made here.
            prop_assert_eq!(fault(&text).is_none(), serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok());
        }
    }
}

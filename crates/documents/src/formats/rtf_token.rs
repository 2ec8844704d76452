//! The syntax of RTF: groups, control words, bytes.

/// What stands next in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    /// A control word and its number.
    Word(&'a str, Option<i32>),
    /// A backslash before something that is no letter.
    Symbol(u8),
    /// A byte of text, plain or as `\'hh`.
    Byte(u8),
    /// What follows `\bin`.
    Binary(&'a [u8]),
}

/// Reads on whatever it is given: there are no errors, only bytes.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let (&first, rest) = self.rest.split_first()?;
        if first == b'\'' {
            self.rest = rest;
            let Some(byte) =
                rest.get(..2).and_then(|digits| Some(nibble(digits[0])? << 4 | nibble(digits[1])?))
            else {
                return Some(Token::Symbol(first));
            };
            self.rest = &rest[2..];
            return Some(Token::Byte(byte));
        }
        if !first.is_ascii_alphabetic() {
            self.rest = rest;
            return Some(Token::Symbol(first));
        }
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (word, rest) = self.rest.split_at(length);
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = if digits == 0 { None } else { text(&rest[..sign + digits]).parse().ok() };
        self.rest = if digits == 0 { rest } else { &rest[sign + digits..] };
        // One space belongs to the word.
        self.rest = self.rest.strip_prefix(b" ").unwrap_or(self.rest);
        let word = text(word);
        if let ("bin", Some(length)) = (word, number) {
            let length = usize::try_from(length).unwrap_or(0).min(self.rest.len());
            let (data, rest) = self.rest.split_at(length);
            self.rest = rest;
            return Some(Token::Binary(data));
        }
        Some(Token::Word(word, number))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            match byte {
                b'{' => return Some(Token::Open),
                b'}' => return Some(Token::Close),
                b'\\' => return self.control(),
                // Line ends are there for the eyes of programmers.
                0 | b'\r' | b'\n' => {}
                byte => return Some(Token::Byte(byte)),
            }
        }
    }
}

/// What hexadecimal digits say; other bytes between them are passed over.
pub(super) fn unhex(digits: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = digits.iter().filter_map(|&digit| nibble(digit)).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

fn text(ascii: &[u8]) -> &str {
    std::str::from_utf8(ascii).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Token, Tokens, unhex};

    #[test]
    fn splits_words_symbols_and_bytes() {
        let tokens: Vec<Token<'_>> = Tokens::new(b"{\\b0 x\\u-10\\'e9\\~\\bin3 }{\\}\\'zz\n").collect();
        assert_eq!(
            tokens,
            [
                Token::Open,
                Token::Word("b", Some(0)),
                Token::Byte(b'x'),
                Token::Word("u", Some(-10)),
                Token::Byte(0xe9),
                Token::Symbol(b'~'),
                Token::Binary(b"}{\\"),
                Token::Close,
                Token::Symbol(b'\''),
                Token::Byte(b'z'),
                Token::Byte(b'z'),
            ]
        );
        assert_eq!(unhex(b"4d 5A\n6"), b"MZ");
    }
}

//! Text from outside, made safe to show: no control character reaches a terminal, no value is shown whole.

use std::{
    borrow::Cow,
    fmt::{self, Write},
    path::Path,
};

/// Shows text with control, bidirectional and invisible characters escaped, so that a hostile file cannot move
/// the cursor, set a title or disguise what is shown.
pub(crate) struct Escaped<'a>(Cow<'a, [u8]>);

impl<'a> Escaped<'a> {
    pub(crate) fn text(text: &'a str) -> Self {
        Self(Cow::Borrowed(text.as_bytes()))
    }

    /// A path; bytes that are not UTF-8 show as `\xff`.
    pub(crate) fn path(path: &'a Path) -> Self {
        Self(Cow::Borrowed(path.as_os_str().as_encoded_bytes()))
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            let valid = chunk.valid();
            // Nearly all that is shown.
            if valid.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
                f.write_str(valid)?;
            } else {
                escape(valid, f)?;
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

fn escape(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|character| {
        if unsafe_to_show(character) {
            fmt::Display::fmt(&character.escape_default(), f)
        } else {
            f.write_char(character)
        }
    })
}

/// A value as it may be shown to anyone: first and last character around three stars, which hide the length;
/// values under six characters show nothing.
pub(crate) fn mask(value: &str) -> String {
    let mut characters = value.chars();
    match (characters.next(), characters.next_back()) {
        (Some(first), Some(last)) if characters.nth(3).is_some() => format!("{first}***{last}"),
        _ => "***".to_owned(),
    }
}

fn unsafe_to_show(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidirectional_characters_are_escaped() {
        assert_eq!(Escaped::text("a\x1b[2J\u{202e}b\u{9b}é").to_string(), "a\\u{1b}[2J\\u{202e}b\\u{9b}é");
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_utf8_shows_its_bytes() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        let path = Path::new(OsStr::from_bytes(b"caf\xe9\n.txt"));
        assert_eq!(Escaped::path(path).to_string(), "caf\\xe9\\n.txt");
    }

    #[test]
    fn masks_keep_at_most_two_characters() {
        assert_eq!(mask("mara.lind@example.org"), "m***g");
        assert_eq!(mask("äbcdeö"), "ä***ö");
        assert_eq!(mask("12345"), "***");
        assert_eq!(mask(""), "***");
    }
}

//! Names of sheets, each a unit: what refers to a sheet goes on doing so when it has got another name.

use std::{collections::HashMap, iter};

use crate::{
    codec::Codec,
    layout::{Layout, Raw},
    segment::Spot,
};

/// Digits of a placeholder's number, as the redactor writes it.
const DIGITS: std::ops::RangeInclusive<usize> = 3..=20;

/// Bytes of the longest reference in quotes, which names two sheets; a longer one names none.
const LONGEST_QUOTED: usize = 1 << 10;

/// How formulas write that a cell is one of another sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    /// `'Name'!A1`.
    Excel,
    /// `['Name'.A1]`; a dot outside of brackets belongs to a function.
    Formula,
    /// `'Name'.A1`.
    Address,
}

/// What the sheets of a workbook are called in its copy, by what they were called, in small letters.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, String>);

/// A name without what no program allows in it.
///
/// A placeholder `[PERSON_001]` is written `(PERSON_001)`, and [`lay_out`] reads that as the placeholder again; so who
/// restores the copy, looking for brackets, finds it, and the copy can be opened.
pub(super) fn allowed(name: &str) -> String {
    let letter = |c| match c {
        '[' => '(',
        ']' => ')',
        ':' | '\\' | '/' | '?' | '*' => '_',
        c => c,
    };
    let name: String = name.chars().map(letter).collect();
    let name = name.trim_matches('\'');
    if name.trim().is_empty() { "_" } else { name }.to_owned()
}

/// Lays out the name of a sheet, with placeholders as they were before [`allowed`].
pub(super) fn lay_out(name: &Raw<'_>, spot: Spot, layout: &mut Layout<'_>) {
    let part = |start: usize, end: usize| Raw { text: &name.text[start..end], at: name.at + start, ..*name };
    let (mut from, mut behind) = (0, 0);
    // None holds a bracket, so only the last that opens before one that closes can begin one.
    for (close, _) in name.text.match_indices(')') {
        let open = name.text[behind..close].rfind('(').map(|at| behind + at);
        behind = close + 1;
        let Some(at) = open.filter(|at| is_placeholder(&name.text[at + 1..close])) else { continue };
        if from < at {
            layout.raw(&part(from, at), spot);
        }
        layout.shown(&part(at, behind), &format!("[{}]", &name.text[at + 1..close]), spot);
        from = behind;
    }
    if from < name.text.len() {
        layout.raw(&part(from, name.text.len()), spot);
    }
}

/// Label, underscore and number.
fn is_placeholder(text: &str) -> bool {
    text.rsplit_once('_').is_some_and(|(label, number)| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && DIGITS.contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

impl Names {
    /// Of sheets in their order. If there are not as many as there were, nobody knows which is which.
    pub(super) fn new(old: &[String], new: &[String]) -> Self {
        if old.len() != new.len() {
            return Self::default();
        }
        Self(old.iter().map(|name| name.to_lowercase()).zip(new.iter().cloned()).collect())
    }

    /// No sheet has got another name.
    pub(super) fn are_kept(&self) -> bool {
        self.0.iter().all(|(old, new)| *old == new.to_lowercase())
    }

    pub(super) fn of(&self, old: &str) -> Option<&str> {
        self.0.get(&old.to_lowercase()).map(String::as_str)
    }

    /// What `original`, which became `changed`, must be, so that it means what it meant: other words in strings, other names
    /// of sheets. `None` where something else of it was replaced, a number: then it is no formula any more.
    pub(super) fn in_formula(&self, grammar: Grammar, original: &str, changed: &str) -> Option<String> {
        let mark = if grammar == Grammar::Excel { '!' } else { '.' };
        let (mut out, mut at, mut left, mut depth) = (String::new(), 0, changed, 0_usize);
        // The last character that is no `$`.
        let mut before = None;
        while let Some(first) = original[at..].chars().next() {
            let rest = &original[at..];
            let names_sheet = match grammar {
                Grammar::Excel => before != Some(']'),
                Grammar::Formula => depth > 0 && before != Some('#'),
                Grammar::Address => before != Some('#') || original.starts_with('#'),
            };
            let (length, names) = match first {
                '"' => {
                    let literal = &left[..quoted_length(left, '"')?];
                    out.push_str(literal);
                    (at, left) = (at + quoted_length(rest, '"')?, &left[literal.len()..]);
                    before = Some('"');
                    continue;
                }
                '\'' => match quoted_length(&rest[..rest.floor_char_boundary(LONGEST_QUOTED)], '\'')
                    .filter(|length| rest[*length..].starts_with(mark))
                {
                    Some(length) => (length, self.all(&rest[1..length - 1].replace("''", "'"))),
                    None => (1, None),
                },
                c if is_word(c) => {
                    let mut length = word_length(rest, mark);
                    // From one sheet to another.
                    if let Some(second) = rest[length..].strip_prefix(':').map(|rest| word_length(rest, mark))
                        && second > 0
                        && rest[length + 1 + second..].starts_with(mark)
                        && self.all(&rest[..length + 1 + second]).is_some()
                    {
                        length += 1 + second;
                    }
                    (
                        length,
                        Some(&rest[..length])
                            .filter(|_| rest[length..].starts_with(mark))
                            .and_then(|name| self.all(name)),
                    )
                }
                '[' => {
                    depth += 1;
                    (1, None)
                }
                ']' => {
                    depth = depth.saturating_sub(1);
                    (1, None)
                }
                c => (c.len_utf8(), None),
            };
            match names.filter(|_| names_sheet) {
                Some(name) => {
                    let end = if first == '\'' {
                        left.strip_prefix('\'')?.find(&format!("'{mark}"))? + 2
                    } else {
                        left.find(mark)?
                    };
                    let old = &rest[..length];
                    if name == plain(old) {
                        out.push_str(old);
                    } else {
                        out.extend(["'", &name.replace('\'', "''"), "'"]);
                    }
                    left = &left[end..];
                }
                None => {
                    out.push_str(&rest[..length]);
                    left = left.strip_prefix(&rest[..length])?;
                }
            }
            if first != '$' {
                before = rest[..length].chars().next_back();
            }
            at += length;
        }
        left.is_empty().then_some(out)
    }

    /// The new name of a sheet, or of the first and the last of several.
    fn all(&self, old: &str) -> Option<String> {
        if let Some(name) = self.of(old) {
            return Some(name.to_owned());
        }
        let (first, last) = old.split_once(':')?;
        Some(format!("{}:{}", self.of(first)?, self.of(last)?))
    }
}

/// A name without its quotes.
fn plain(name: &str) -> String {
    match name.strip_prefix('\'').and_then(|name| name.strip_suffix('\'')) {
        Some(name) => name.replace("''", "'"),
        None => name.to_owned(),
    }
}

/// Bytes of what stands in quotes at the start of `text`; twice they mean themselves.
fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut quotes = text.strip_prefix(quote)?.match_indices(quote).map(|(at, _)| at + 1).peekable();
    iter::from_fn(|| {
        let at = quotes.next()?;
        let doubled = quotes.next_if_eq(&(at + 1)).is_some();
        Some((at, doubled))
    })
    .find_map(|(at, doubled)| (!doubled).then_some(at + 1))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word_length(text: &str, mark: char) -> usize {
    text.find(|c| !is_word(c) && (c != '.' || mark == '.')).unwrap_or(text.len())
}

/// A text as an attribute has it.
pub(super) fn encoded(text: &str) -> String {
    let mut written = String::new();
    Codec::XmlAttribute.encode(text, &mut written);
    written
}

#[cfg(test)]
mod tests {
    use super::{Grammar, Names, allowed, is_placeholder};

    fn names() -> Names {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Names::new(
            &owned(&["Mara Lind", "Mara", "Data", "O'Hara"]),
            &owned(&["(P_001)", "(P_002)", "Data", "(P_003)"]),
        )
    }

    #[test]
    fn formulas_follow_their_sheets() {
        for (original, changed, expected) in [
            ("SUM('Mara Lind'!B2:B3)+1", "SUM('[P_001]'!B2:B3)+1", Some("SUM('(P_001)'!B2:B3)+1")),
            ("mara!B2&Data!A1", "mara!B2&[P_009]!A1", Some("'(P_002)'!B2&Data!A1")),
            ("'O''Hara'!A1", "'O'[P_003]'!A1", Some("'(P_003)'!A1")),
            ("Mara:Data!A1", "Mara:Data!A1", Some("'(P_002):Data'!A1")),
            (
                "IF(A1=\"Mara \"\"L\"\"!\",Mara!A1)",
                "IF(A1=\"[P_001]!\",Mara!A1)",
                Some("IF(A1=\"[P_001]!\",'(P_002)'!A1)"),
            ),
            ("[1]Mara!A1+'[1]Mara'!A1", "[1]Mara!A1+'[1]Mara'!A1", Some("[1]Mara!A1+'[1]Mara'!A1")),
            ("'[1]Tom'!A1", "'[1][P_004]'!A1", None),
            ("B3+4915112345678", "B3+[CARD_001]", None),
            ("T[It's]", "T[It's]", Some("T[It's]")),
            ("\"open", "\"open", None),
        ] {
            let written = names().in_formula(Grammar::Excel, original, changed);
            assert_eq!(written.as_deref(), expected, "{original}");
        }
        for (grammar, original, changed, expected) in [
            (
                Grammar::Formula,
                "of:=['Mara Lind'.A1]+[$Mara.B2:.C3]",
                "of:=['[P_001]'.A1]+[$Mara.B2:.C3]",
                Some("of:=['(P_001)'.A1]+[$'(P_002)'.B2:.C3]"),
            ),
            (
                Grammar::Formula,
                "of:=MARA.X([.A1];\"Tom\")",
                "of:=MARA.X([.A1];\"[X]\")",
                Some("of:=MARA.X([.A1];\"[X]\")"),
            ),
            (
                Grammar::Formula,
                "of:=['file:///a.ods'#$Mara.A1]",
                "of:=['file:///a.ods'#$Mara.A1]",
                Some("of:=['file:///a.ods'#$Mara.A1]"),
            ),
            (
                Grammar::Address,
                "Mara.A1:Mara.B2 $'Mara Lind'.$A$1",
                "[X].A1:[X].B2 $'[P]'.$A$1",
                Some("'(P_002)'.A1:'(P_002)'.B2 $'(P_001)'.$A$1"),
            ),
            (Grammar::Address, "#Mara.A1", "#Mara.A1", Some("#'(P_002)'.A1")),
        ] {
            assert_eq!(names().in_formula(grammar, original, changed).as_deref(), expected, "{original}");
        }
        assert!(!names().are_kept() && Names::default().are_kept());
    }

    #[test]
    fn placeholders_in_names_are_known_again() {
        assert_eq!(allowed("[PERSON_001] a/b"), "(PERSON_001) a_b");
        assert!(is_placeholder("PERSON_001") && is_placeholder("US_SSN_0012"));
        for other in ["PERSON", "Q_24", "_001", "a b_001", "PERSON_00x"] {
            assert!(!is_placeholder(other), "{other}");
        }
    }
}

//! Lines of programs, in which a lone word with a capital is the name of a type far more often than that of a person.

use std::ops::Range;

/// How far a line is looked at on each side.
const REACH: usize = 160;
/// What a name of one word must be worth to be one in a line of a program. The tagger's confidence was measured on prose;
/// in headers of C++ and in Python nine in ten below this are types, variables and acronyms.
const LONE: f32 = 0.75;

/// Whether a name that was found at `place` is left alone, for it is one word in a line of a program. A text in quotes is
/// no part of the program.
pub(super) fn is_identifier(text: &[u8], place: &Range<usize>, score: f32) -> bool {
    let beside = [place.start.checked_sub(1).map(|at| text[at]), text.get(place.end).copied()];
    let quoted = beside.iter().all(|byte| matches!(byte, Some(b'"' | b'\'' | b'`')));
    score < LONE && !quoted && !text[place.clone()].contains(&b' ') && is_program(line(text, place))
}

/// The line around `place`, of a long one what is near it.
fn line<'a>(text: &'a [u8], place: &Range<usize>) -> &'a [u8] {
    let before = &text[place.start.saturating_sub(REACH)..place.start];
    let after = &text[place.end..text.len().min(place.end + REACH)];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let end = after.iter().position(|byte| *byte == b'\n').unwrap_or(after.len());
    &text[place.start - before.len() + start..place.end + end]
}

/// A comment of a program, or a line with at least two signs that it is one.
fn is_program(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    if [&b"//"[..], b"/*", b"* "].iter().any(|opens| line.starts_with(opens)) {
        return true;
    }
    let ends = match line.last() {
        Some(b';' | b'{' | b'}') => 2,
        Some(b',') if line.contains(&b'=') => 1,
        Some(b':') if line.contains(&b'(') => 1,
        _ => 0,
    };
    let word = |byte: u8| byte.is_ascii_alphanumeric();
    let signs = line.windows(3).map(|near| match *near {
        [_, b':', b':'] | [_, b'-' | b'=', b'>'] | [_, b'&', b'&'] | [_, b'|', b'|'] | [_, b'=', b'='] => 2,
        [before, b'(', _] if word(before) => 1,
        [before, b'_' | b'=' | b'<' | b'>', after] if word(before) && word(after) => 1,
        [b' ' | b'(', b'*' | b'&', after] if word(after) => 1,
        [b' ', b'=', b' '] => 1,
        _ => 0,
    });
    ends + signs.sum::<u32>() >= 2
}

#[cfg(test)]
mod tests {
    use super::is_identifier;

    fn is(line: &str, name: &str, score: f32) -> bool {
        let text = format!("Mara Lind wrote\n{line}\nthis; and = that()\n");
        let start = text.find(name).expect("it is in the line");
        is_identifier(text.as_bytes(), &(start..start + name.len()), score)
    }

    #[test]
    fn a_lone_word_in_a_program_is_a_type() {
        for (line, name) in [
            ("static CallInst *Create(const Twine &NameStr = \"\",", "Twine"),
            ("    if Val2 is None and options.get(key):", "Val2"),
            ("/// Returns a reference to the AMD loader.", "AMD"),
            (" * preshared key authentication in AP mode", "AP"),
            ("    return Neon::from(value)", "Neon"),
            ("usage=None,", "None"),
        ] {
            assert!(is(line, name, 0.7), "{line}");
            assert!(!is(line, name, 0.8), "{line}: what is sure stays");
        }
    }

    #[test]
    fn prose_tables_and_texts_in_programs_are_left_as_they_are() {
        for (line, name) in [
            ("Yesterday Mara (40) went to Bonn & back.", "Mara"),
            ("<Mara> on my way", "Mara"),
            ("user=Mara", "Mara"),
            ("insert_person(\"Mara\", at_home);", "Mara"),
            ("| Mara | Bonn | 1990 |", "Mara"),
            ("// written by Mara Lind", "Mara Lind"),
        ] {
            assert!(!is(line, name, 0.6), "{line}");
        }
    }
}

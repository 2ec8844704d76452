//! The texts in PDF, without regard to what they are there for: packed streams unpacked, strings as they are meant
//! (ISO 32000-2 §7.3.4).

use std::{iter, ops::Range};

use memchr::memmem;

/// Where streams begin and end that are no pictures, as far as words tell.
pub(crate) fn streams(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    const END: &[u8] = b"endstream";
    memmem::find_iter(bytes, b"stream").filter_map(move |at| {
        let begin = at + b"stream".len();
        let data = match bytes.get(begin..)? {
            [b'\r', b'\n', ..] => begin + 2,
            [b'\n' | b'\r', ..] => begin + 1,
            _ => return None,
        };
        let entries = &bytes[memmem::rfind(&bytes[..at], b" obj").unwrap_or(0)..at];
        (!entries.ends_with(b"end") && memmem::find(entries, b"/Image").is_none())
            .then(|| data..memmem::find(&bytes[data..], END).map_or(bytes.len(), |end| data + end))
    })
}

/// What all strings say: those of one array as one text, since fonts part words where they set them closer.
pub(crate) fn strings(bytes: &[u8]) -> Vec<u8> {
    let mut said = Vec::new();
    let mut depth = 0_usize;
    let mut rest = bytes;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = match byte {
            b'(' => literal(behind, &mut said),
            b'<' if behind.starts_with(b"<") => &behind[1..],
            b'<' => in_brackets(behind, &mut said),
            b'[' => {
                depth += 1;
                behind
            }
            b']' => {
                depth = depth.saturating_sub(1);
                behind
            }
            _ => {
                rest = behind;
                continue;
            }
        };
        if depth == 0 && said.last().is_some_and(|last| *last != b'\n') {
            said.push(b'\n');
        }
    }
    said
}

/// Returns what is behind it.
fn literal<'b>(mut rest: &'b [u8], said: &mut Vec<u8>) -> &'b [u8] {
    let mut open = 1;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            b'(' => open += 1,
            b')' => {
                open -= 1;
                if open == 0 {
                    return rest;
                }
            }
            b'\\' => {
                let digits = rest.iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                if digits > 0 {
                    let value = rest[..digits]
                        .iter()
                        .fold(0, |value: u32, digit| value * 8 + u32::from(digit - b'0'));
                    said.push(value as u8);
                    rest = &rest[digits..];
                } else if let Some((escaped, behind)) = rest.split_first() {
                    rest = behind;
                    match escaped {
                        b'n' | b'r' | b't' => said.push(b' '),
                        // A line that goes on.
                        b'\n' | b'\r' => {}
                        other => said.push(*other),
                    }
                }
                continue;
            }
            _ => {}
        }
        said.push(byte);
    }
    rest
}

fn in_brackets<'b>(rest: &'b [u8], said: &mut Vec<u8>) -> &'b [u8] {
    let end = rest.iter().position(|byte| !byte.is_ascii_hexdigit() && !byte.is_ascii_whitespace());
    let Some(end) = end.filter(|end| rest[*end] == b'>') else { return rest };
    said.extend(hexadecimal(&rest[..end]));
    &rest[end + 1..]
}

/// What digits mean, whatever stands between them; one that is missing is 0.
pub(crate) fn hexadecimal(digits: &[u8]) -> Vec<u8> {
    let mut digits = digits.iter().filter_map(|byte| char::from(*byte).to_digit(16)).map(|digit| digit as u8);
    iter::from_fn(|| Some(digits.next()? << 4 | digits.next().unwrap_or(0))).collect()
}

#[cfg(test)]
mod tests {
    use super::{streams, strings};

    #[test]
    fn strings_say_what_they_mean() {
        let content = br"[(Ma) -20 (ra)] TJ (L\151n\d\) \(x) Tj <4D61 72 6> << /A (b) >> <x>";
        assert_eq!(strings(content), b"Mara\nLind) (x\nMar`\nb\n");
        assert_eq!(strings(b"(open \\"), b"open \n");
    }

    #[test]
    fn streams_lie_between_their_words() {
        let bytes =
            b"1 0 obj << >> stream\r\nab\nendstream 2 0 obj << /Subtype /Image >> stream\nno endstream \
            3 0 obj << >> stream\ncd endstream stream x stream\nend";
        let found: Vec<&[u8]> = streams(bytes).map(|range| &bytes[range]).collect();
        assert_eq!(found, [&b"ab\n"[..], b"cd ", b"end"]);
    }
}

//! The texts of Jupyter notebooks as their JSON writes them: by lines, without the colours of a terminal, by the tags of
//! markup.

use std::ops::Range;

use memchr::{memchr, memchr2, memchr3};

use super::html::INLINE;
use crate::{codec::Codec, layout::Layout, segment::Spot};

/// The pieces of a string of JSON between line ends and colours, and whether a line ends with each.
pub(super) fn pieces(raw: &str) -> impl Iterator<Item = (Range<usize>, bool)> {
    let bytes = raw.as_bytes();
    let (mut start, mut at) = (0, 0);
    std::iter::from_fn(move || {
        while start < bytes.len() {
            let Some(escape) = memchr(b'\\', &bytes[at..]).map(|found| at + found) else {
                let piece = start..bytes.len();
                start = bytes.len();
                return Some((piece, false));
            };
            let colour = colour_length(&bytes[escape..]);
            if bytes.get(escape + 1) == Some(&b'n') || colour > 0 {
                let end = if colour > 0 { escape } else { escape + 2 };
                let piece = start..end;
                start = escape + colour.max(2);
                at = start;
                return Some((piece, colour == 0));
            }
            at = (escape + 2).min(bytes.len());
        }
        None
    })
}

/// The length of a sequence that sets a colour or moves the cursor, as `\u001b[0;31m`.
fn colour_length(bytes: &[u8]) -> usize {
    let Some((opening, rest)) = bytes.split_at_checked(br"\u001b[".len()) else { return 0 };
    if !opening.eq_ignore_ascii_case(br"\u001b[") {
        return 0;
    }
    let parameters = rest.iter().take_while(|byte| matches!(byte, b' '..=b'?') && **byte != b'"').count();
    match rest.get(parameters) {
        Some(b'@'..=b'[' | b']'..=b'~') => opening.len() + parameters + 1,
        _ => 0,
    }
}

/// Markup in strings of JSON, each of which goes on where the one before ended.
#[derive(Debug, Default)]
pub(super) struct Markup<'n> {
    /// The quote that is open, if any, in the tag that is open.
    tag: Option<Option<u8>>,
    /// What tags say beside their names; it stands behind the line of text that they interrupt.
    waiting: Vec<Waiting<'n>>,
}

#[derive(Debug)]
struct Waiting<'n> {
    raw: &'n str,
    at: usize,
    spot: Spot,
}

impl<'n> Markup<'n> {
    /// The string `raw`, which stands at `offset` of the source.
    pub(super) fn take(
        &mut self,
        raw: &'n str,
        offset: usize,
        line: &mut u32,
        spot: &dyn Fn(u32) -> Spot,
        layout: &mut Layout<'_>,
    ) {
        let bytes = raw.as_bytes();
        let (mut start, mut at) = (0, 0);
        // What goes over lines stands where it begins.
        let mut begun = *line;
        loop {
            let found = match self.tag {
                None => memchr2(b'<', b'\\', &bytes[at..]),
                Some(_) => memchr3(b'>', b'\'', b'\\', &bytes[at..]),
            };
            let next = found.map_or(bytes.len(), |found| at + found);
            let behind = bytes.get(next + 1).copied();
            at = (next + 1).min(bytes.len());
            match (self.tag, bytes.get(next)) {
                (None, None) => return text(&raw[start..], offset + start, spot(begun), layout),
                (Some(_), None) => return self.wait(&raw[start..], offset + start, spot(begun)),
                (tag, Some(b'\\')) => {
                    at = (next + 2).min(bytes.len());
                    match (tag, behind) {
                        (None, Some(b'n')) => {
                            text(&raw[start..at], offset + start, spot(begun), layout);
                            start = at;
                            *line += 1;
                            begun = *line;
                        }
                        (Some(_), Some(b'n')) => *line += 1,
                        (Some(quote), Some(b'"')) => self.tag = Some(toggled(quote, b'"')),
                        _ => {}
                    }
                }
                (Some(quote), Some(b'\'')) => self.tag = Some(toggled(quote, b'\'')),
                (Some(None), Some(_)) => {
                    self.wait(&raw[start..next], offset + start, spot(begun));
                    self.tag = None;
                    (start, begun) = (at, *line);
                }
                (Some(Some(_)), Some(_)) => {}
                (None, Some(_)) => {
                    if behind.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, b'/' | b'!' | b'?')) {
                        text(&raw[start..next], offset + start, spot(begun), layout);
                        let name = name(&raw[at..]);
                        if !INLINE.contains(&name.to_ascii_lowercase().as_str()) {
                            self.end(layout);
                        }
                        at += usize::from(behind == Some(b'/')) + name.len();
                        self.tag = Some(None);
                        (start, begun) = (at, *line);
                    }
                }
            }
        }
    }

    /// Ends a block.
    pub(super) fn end(&mut self, layout: &mut Layout<'_>) {
        self.tag = None;
        for Waiting { raw, at, spot } in self.waiting.drain(..) {
            layout.begin("");
            layout.value(raw, at, Codec::JsonMarkup, spot);
        }
        layout.begin("");
    }

    fn wait(&mut self, raw: &'n str, at: usize, spot: Spot) {
        if raw.chars().any(char::is_alphanumeric) {
            self.waiting.push(Waiting { raw, at, spot });
        }
    }
}

fn text(raw: &str, at: usize, spot: Spot, layout: &mut Layout<'_>) {
    // Space before a block is how the markup is indented.
    let blank = raw.strip_suffix("\\n").unwrap_or(raw).trim_start().is_empty();
    if !(blank && layout.begins_block()) {
        layout.value(raw, at, Codec::JsonMarkup, spot);
    }
}

fn toggled(open: Option<u8>, quote: u8) -> Option<u8> {
    match open {
        None => Some(quote),
        Some(open) if open == quote => None,
        open => open,
    }
}

/// The name of the tag that opens or ends.
fn name(raw: &str) -> &str {
    let raw = raw.strip_prefix('/').unwrap_or(raw);
    let end = raw.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(raw.len());
    &raw[..end]
}

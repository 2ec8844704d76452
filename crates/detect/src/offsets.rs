//! Byte offsets into code points or UTF-16 units, in one pass.

use crate::Finding;

/// The unit in which a caller counts positions in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OffsetUnit {
    /// Bytes of UTF-8.
    Bytes,
    /// Unicode code points, as Python and Presidio count.
    #[default]
    Chars,
    /// UTF-16 code units, as JavaScript and Java count.
    Utf16,
}

/// Turns the byte offsets of `findings` into `unit`. O(text + n log n); any order, overlaps allowed.
///
/// # Panics
/// If a finding does not lie on character boundaries of `text`.
pub fn convert_offsets(text: &str, unit: OffsetUnit, findings: &mut [Finding]) {
    if unit == OffsetUnit::Bytes || text.is_ascii() {
        return;
    }
    let mut places: Vec<&mut usize> = Vec::with_capacity(findings.len() * 2);
    for finding in findings {
        places.push(&mut finding.start);
        places.push(&mut finding.end);
    }
    places.sort_unstable();
    let (mut byte, mut units) = (0, 0);
    for place in places {
        units += count(&text[byte..*place], unit);
        byte = *place;
        *place = units;
    }
}

/// Turns `places`, which count code points of `text`, into `unit`. O(text + n log n); any order.
pub fn convert_char_offsets<'a>(
    text: &str,
    unit: OffsetUnit,
    places: impl IntoIterator<Item = &'a mut usize>,
) {
    if unit == OffsetUnit::Chars || text.is_ascii() {
        return;
    }
    let mut places: Vec<&mut usize> = places.into_iter().collect();
    places.sort_unstable();
    let mut characters = text.chars();
    let (mut seen, mut units) = (0, 0);
    for place in places {
        let passed = characters.by_ref().take(*place - seen);
        units += passed
            .map(|c| if unit == OffsetUnit::Bytes { c.len_utf8() } else { c.len_utf16() })
            .sum::<usize>();
        seen = *place;
        *place = units;
    }
}

fn count(text: &str, unit: OffsetUnit) -> usize {
    match unit {
        OffsetUnit::Bytes => text.len(),
        OffsetUnit::Chars => text.chars().count(),
        OffsetUnit::Utf16 => text.encode_utf16().count(),
    }
}

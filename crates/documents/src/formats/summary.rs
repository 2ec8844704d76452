//! The property sets of old Office documents: author, company, and what people added (MS-OLEPS).

use std::collections::HashMap;

use super::compound::{Compound, size_at, u16_at, u32_at};
use crate::{
    ReadError,
    codepage::{Codepage, utf16},
    layout::Layout,
};

const SUMMARY: &[(u32, &str)] = &[
    (2, "title"),
    (3, "subject"),
    (4, "author"),
    (5, "keywords"),
    (6, "comment"),
    (7, "template"),
    (8, "last modified by"),
];
const DOCUMENT: &[(u32, &str)] = &[
    (2, "category"),
    (13, "part"),
    (14, "manager"),
    (15, "company"),
    (26, "content type"),
    (27, "status"),
    (28, "language"),
];
/// Properties of one set that are looked at.
const MOST: usize = 10_000;

/// Lays out the property sets at the root.
pub(super) fn read(file: &mut Compound<'_>, layout: &mut Layout<'_>) -> Result<(), ReadError> {
    for (stream, names) in
        [("\u{5}SummaryInformation", SUMMARY), ("\u{5}DocumentSummaryInformation", DOCUMENT)]
    {
        let bytes = file.stream(&format!("/{stream}"))?.unwrap_or_default();
        for (index, names) in [names, &[]].into_iter().enumerate() {
            for (name, value) in set(&bytes, index, names).unwrap_or_default() {
                layout.property(&name, &value);
            }
        }
    }
    Ok(())
}

/// The set of this number; `None` where it is damaged or missing.
fn set(bytes: &[u8], index: usize, names: &[(u32, &str)]) -> Option<Vec<(String, String)>> {
    if u16_at(bytes, 0)? != 0xFFFE || size_at(bytes, 24)? <= index {
        return None;
    }
    let set = bytes.get(size_at(bytes, 28 + index * 20 + 16)?..)?;
    let entries: Vec<(u32, usize)> = (0..size_at(set, 4)?.min(MOST))
        .map_while(|entry| Some((u32_at(set, 8 + entry * 8)?, size_at(set, 12 + entry * 8)?)))
        .collect();
    let codepage = entries.iter().find(|(id, _)| *id == 1).and_then(|&(_, at)| u16_at(set, at + 4));
    let strings = Strings(codepage.and_then(|number| Codepage::of(number.into())).unwrap_or_default());
    let mut names: HashMap<u32, String> = names.iter().map(|&(id, name)| (id, name.to_owned())).collect();
    if let Some(&(_, at)) = entries.iter().find(|(id, _)| *id == 0) {
        strings.dictionary(set, at, &mut names);
    }
    let mut values = Vec::new();
    for (id, at) in entries {
        let Some(name) = names.get(&id) else { continue };
        values.extend(strings.value(set, at).into_iter().map(|value| (name.clone(), value)));
    }
    Some(values)
}

struct Strings(Codepage);

impl Strings {
    fn value(&self, set: &[u8], at: usize) -> Vec<String> {
        let kind = u32_at(set, at).unwrap_or(0);
        let mut at = at.saturating_add(4);
        match kind {
            0x1E | 0x1F => self.string(set, &mut at, kind == 0x1F).into_iter().collect(),
            0x101E | 0x101F => {
                let count = size_at(set, at).unwrap_or(0).min(MOST);
                at += 4;
                (0..count).map_while(|_| self.string(set, &mut at, kind == 0x101F)).collect()
            }
            // The targets of all links: numbers and texts, each behind its kind.
            0x41 => {
                let count = size_at(set, at + 4).unwrap_or(0).min(MOST);
                at += 8;
                let mut texts = Vec::new();
                for _ in 0..count {
                    match u32_at(set, at) {
                        Some(0x1F) => {
                            at += 4;
                            let Some(text) = self.string(set, &mut at, true) else { break };
                            texts.push(text);
                        }
                        Some(3) => at += 8,
                        _ => break,
                    }
                }
                texts
            }
            2 | 3 => u32_at(set, at).map(|number| (number as i32).to_string()).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The string at `at`, which moves behind it.
    fn string(&self, set: &[u8], at: &mut usize, wide: bool) -> Option<String> {
        let length = size_at(set, *at)?;
        let bytes = length.checked_mul(if wide { 2 } else { 1 })?;
        let raw = set.get(at.checked_add(4)?..)?.get(..bytes)?;
        *at += 4 + bytes;
        if wide {
            // Padded to four bytes.
            *at += bytes % 4;
            return Some(utf16(raw));
        }
        Some(self.decode(raw))
    }

    fn decode(&self, raw: &[u8]) -> String {
        self.0.decode(raw).split('\0').next().unwrap_or_default().to_owned()
    }

    /// The names of properties that people added.
    fn dictionary(&self, set: &[u8], at: usize, names: &mut HashMap<u32, String>) {
        let wide = Codepage::of(1200) == Some(self.0);
        let mut at = at;
        for _ in 0..size_at(set, at).unwrap_or(0).min(MOST) {
            let Some((id, length)) = u32_at(set, at + 4).zip(size_at(set, at + 8)) else { return };
            let bytes = if wide { length.saturating_mul(2) } else { length };
            let Some(raw) = set.get(at + 12..).and_then(|rest| rest.get(..bytes)) else { return };
            names.insert(id, self.decode(raw));
            at += 8 + bytes + if wide { bytes % 4 } else { 0 };
        }
    }
}

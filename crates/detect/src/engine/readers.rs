//! What other readers find.

use std::{borrow::Cow, ops::Range, str, sync::Arc};

use super::{Evidence, Scan};
use crate::{
    EntityId,
    reader::{Reader, Reading},
};

/// A reader, and what becomes of its findings.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub reader: Arc<dyn Reader>,
    /// Our number for each of its types, of those that are wanted.
    pub entities: Vec<Option<EntityId>>,
}

/// Takes what the readers find in the window. The types that one of them stands for the tagger in.
pub(super) fn find(scan: &mut Scan<'_>) -> Vec<EntityId> {
    let mut tagged = Vec::new();
    if scan.wanted.readers.is_empty() {
        return tagged;
    }
    let Range { start: from, end } = scan.around();
    let text = same_length(&scan.text[from..end]);
    for Wanted { reader, entities } in &scan.wanted.readers {
        // A text that may leave the machine does so only for what somebody wants to know.
        if entities.iter().all(Option::is_none) {
            continue;
        }
        let Some(readings) = reader.read(&text) else { continue };
        if reader.stands_for_tagger() {
            tagged.extend(entities.iter().flatten());
        }
        for Reading { entity, start, end, score } in readings {
            // What comes from outside is not trusted to be a place in this text.
            let is_place = start < end && text.is_char_boundary(start) && text.is_char_boundary(end);
            if let (Some(Some(entity)), true) = (entities.get(entity), is_place) {
                scan.push_entity(*entity, from + start..from + end, score.clamp(0.0, 1.0), Evidence::Shape);
            }
        }
    }
    tagged
}

/// The text as UTF-8, every byte at its place: those that are no part of a character become question marks.
fn same_length(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::same_length;

    #[test]
    fn keeps_every_byte_at_its_place() {
        assert_eq!(same_length(b"Zo\xC3\xAB"), "Zo\u{EB}");
        assert_eq!(same_length(b"\xAB Zo\xC3\xAB \xFF\xFE \xE2\x82"), "? Zo\u{EB} ?? ??");
    }
}

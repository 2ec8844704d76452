//! Values of tables that are bytes: a text, a document of its own, or the data of a program.

use std::collections::BTreeMap;

use super::strings::{is_readable, texts};
use crate::{
    Note, Part, ReadError,
    format::{Context, is_known, read_within},
    layout::Layout,
    segment::Spot,
};

/// Reads such values, and counts those that it can't.
#[derive(Debug, Default)]
pub(super) struct Blobs {
    /// How many, by the column and the reason.
    skipped: BTreeMap<(String, String), usize>,
}

/// Where a value stands, in the layout and in words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat<'a> {
    /// What the value is put behind.
    pub label: &'a str,
    pub spot: Spot,
    /// The row and the column.
    pub part: &'a str,
    /// The column alone.
    pub column: &'a str,
}

impl Blobs {
    /// Lays out what a value says.
    ///
    /// # Errors
    /// When a document in it meets a limit for the whole file.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        seat: Seat<'_>,
        layout: &mut Layout<'_>,
        context: &Context<'_>,
    ) -> Result<(), ReadError> {
        if bytes.is_empty() {
            return Ok(());
        }
        if is_known(bytes) {
            context.budget.enter(1, context.limits)?;
            match read_within("", None, bytes, context) {
                Ok(document) => layout.absorb(&Part::Entry(seat.part.to_owned()), document),
                Err(reason) if context.budget.is_spent() => return Err(reason),
                Err(reason) => self.skip(seat.column, reason.to_string()),
            }
            return Ok(());
        }
        let mut put = |text: &str| {
            layout.begin(seat.label);
            layout.text(text, seat.spot);
        };
        match std::str::from_utf8(bytes).ok().filter(|text| is_readable(text)) {
            Some(text) => put(text),
            None => {
                texts(bytes).iter().for_each(|text| put(text));
                self.skip(seat.column, "of this binary data only the texts were read".to_owned());
            }
        }
        Ok(())
    }

    fn skip(&mut self, column: &str, reason: String) {
        *self.skipped.entry((column.to_owned(), reason)).or_default() += 1;
    }

    /// One note for a column and a reason: a table has millions of rows.
    pub(super) fn note(self, layout: &mut Layout<'_>) {
        for ((column, reason), count) in self.skipped {
            let part = if count == 1 { column } else { format!("{count} values of {column}") };
            layout.note(Note::Skipped { part, reason });
        }
    }
}

//! The write-ahead log of a SQLite database (`-wal`): pages that were written and are not in the database's file yet.

use std::collections::HashMap;

use super::{
    sqlite::Database,
    sqlite_page::{Pages, be32, is_page_size},
};
use crate::{
    Document, Marks, ReadError,
    format::{Context, Format, Sight},
    layout::Layout,
};

pub(crate) static FORMAT: Format = Format {
    name: "sqlite-wal",
    title: "SQLite write-ahead log",
    extensions: &["sqlite-wal", "sqlite3-wal", "db-wal", "db3-wal"],
    media_types: &[],
    recognise: |bytes| {
        if MARKS.iter().any(|mark| bytes.starts_with(mark)) { Sight::Sure } else { Sight::No }
    },
    read,
};

/// With checksums of either end first.
const MARKS: [&[u8]; 2] = [b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"];
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Every frame is read: those that a later one has replaced, or a checkpoint has left behind, still hold their rows.
fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let layout = Layout::new(&FORMAT, bytes, context);
    if bytes.is_empty() {
        return layout.finish();
    }
    let size = be32(bytes, 8).map(|size| size as usize).filter(|size| is_page_size(*size));
    let broken = || ReadError::broken(&FORMAT, "its header says no size of its pages");
    let size = size.ok_or_else(broken)?;
    let frames = (HEADER..bytes.len()).step_by(FRAME_HEADER + size);
    let places: Vec<_> =
        frames.filter_map(|frame| Some((be32(bytes, frame)?, frame + FRAME_HEADER))).collect();
    // Of the frames of a page the last is current.
    let current: HashMap<_, _> = places.iter().copied().collect();
    let whole = current.contains_key(&1);
    let mut database = Database::new(Pages::of_log(bytes, size, current), layout, context);
    if whole {
        database.tables()?;
    }
    database.remains(&places, Marks::default())?;
    database.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Limits,
        fixtures::{damage, damages, notes, place, read_as},
        read,
    };

    const ROWS: &[u8] = include_bytes!("../../tests/files/rows.db-wal");
    /// With the page that names the tables.
    const WHOLE: &[u8] = include_bytes!("../../tests/files/whole.db-wal");

    #[test]
    fn finds_rows_that_only_the_log_has() {
        let document = read("", ROWS, &Limits::default()).unwrap();
        assert_eq!(document.format().name, "sqlite-wal");
        assert_eq!(place(&document, "Tom Berg"), "row 2, column 2");
        assert_eq!(place(&document, "tom@example.org"), "row 2, column 3");
        assert_eq!(place(&document, "berg@example.org"), "row 2, column 3");
        assert_eq!(notes(&document), [""; 0]);
    }

    #[test]
    fn names_columns_where_the_log_says_them() {
        let document = read("", WHOLE, &Limits::default()).unwrap();
        for (needle, expected) in [
            ("berg@example.org", "table people, row 2, column email"),
            // A frame that a later one has replaced.
            ("tom@example.org", "table people, row 2, column email"),
            ("ida@example.org", "table people, row 3, column email"),
            ("030 1234567", "table people, row 3, column notes"),
        ] {
            assert_eq!(place(&document, needle), expected, "{needle}");
        }
    }

    #[test]
    fn says_that_its_header_is_damaged() {
        let error = read("", &ROWS[..10], &Limits::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the SQLite write-ahead log is damaged: its header says no size of its pages"
        );
        assert_eq!(place(&read("", &ROWS[..800], &Limits::default()).unwrap(), "tom@"), "row 2, column 3");
    }

    proptest! {
        #[test]
        fn damaged_logs_do_not_panic(places in damages(5)) {
            let mut bytes = WHOLE.to_vec();
            damage(&mut bytes, &places);
            let _ = read_as(&super::FORMAT, &bytes, &Limits::default());
        }
    }
}

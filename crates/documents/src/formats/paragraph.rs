//! A paragraph with what is inserted, deleted, hidden or linked in it.

use crate::{
    Marks,
    layout::{Layout, Raw},
    segment::Spot,
};

/// A paragraph as it stands, then as it was before its deletions, which need their neighbours to be understood, both behind
/// their label; then the targets of its links, each in its pieces.
pub(super) fn lay_out<'l>(
    label: &str,
    pieces: &[(Raw<'_>, Marks)],
    links: impl Iterator<Item = &'l [Raw<'l>]>,
    spot: Spot,
    layout: &mut Layout<'_>,
) {
    let deleted = |marks: Marks| marks.contains(Marks::DELETED);
    let mut stays = pieces.iter().filter(|(_, marks)| !deleted(*marks)).peekable();
    layout.begin(if stays.peek().is_some() { label } else { "" });
    for (raw, marks) in stays {
        layout.mark(*marks);
        layout.raw(raw, spot);
    }
    if pieces.iter().any(|(_, marks)| deleted(*marks)) {
        layout.begin(label);
        for (raw, marks) in
            pieces.iter().filter(|(_, marks)| !marks.contains(Marks::INSERTED) || deleted(*marks))
        {
            if deleted(*marks) {
                layout.mark(*marks);
                layout.raw(raw, spot);
            } else {
                layout.context(&raw.meaning());
            }
        }
    }
    layout.mark(Marks::LINK);
    for link in links {
        layout.begin("");
        for raw in link {
            layout.raw(raw, spot);
        }
    }
    layout.mark(Marks::default());
    layout.begin("");
}

//! A paragraph with what is inserted, deleted, hidden or linked in it.

use crate::{
    Marks,
    layout::{Layout, Raw},
    segment::Spot,
};

/// A paragraph as it stands, then as it was before its deletions, which need their neighbours to be understood; then the
/// targets of its links, each in its pieces.
pub(super) fn lay_out<'l>(
    pieces: &[(Raw<'_>, Marks)],
    links: impl Iterator<Item = &'l [Raw<'l>]>,
    spot: Spot,
    layout: &mut Layout<'_>,
) {
    layout.begin("");
    for (raw, marks) in pieces.iter().filter(|(_, marks)| !marks.contains(Marks::DELETED)) {
        layout.mark(*marks);
        layout.raw(raw, spot);
    }
    if pieces.iter().any(|(_, marks)| marks.contains(Marks::DELETED)) {
        layout.begin("");
        for (raw, marks) in pieces
            .iter()
            .filter(|(_, marks)| !marks.contains(Marks::INSERTED) || marks.contains(Marks::DELETED))
        {
            if marks.contains(Marks::DELETED) {
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

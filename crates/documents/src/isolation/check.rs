//! Whether what another process answered is a document that this one can go by without a panic.

use crate::{
    Document,
    codec::Codec,
    segment::{Name, Node, Spot},
};

/// Every index is one of its table, every offset a character's, every chain of parents ends.
pub(super) fn holds(document: &Document<'_>) -> bool {
    segments_hold(document) && trees_hold(document) && columns_hold(document) && cleaned_hold(document)
}

fn segments_hold(document: &Document<'_>) -> bool {
    let text = document.text();
    let source = document.source.as_ref().map_or("", |source| &source.text);
    let mut behind = 0;
    document.segments.iter().all(|segment| {
        let own = segment.text();
        let from = segment.source();
        let in_order = behind <= own.start && own.start < own.end;
        behind = own.end;
        let placed = match segment.codec {
            Codec::None | Codec::Lost => true,
            _ => from.start <= from.end && source.get(from).is_some(),
        };
        in_order
            && placed
            && text.get(own).is_some()
            && (segment.part as usize) < document.parts.len()
            && spot_holds(document, segment.spot)
    })
}

/// What a copy loses lies in the source, and begins and ends at characters.
fn cleaned_hold(document: &Document<'_>) -> bool {
    let source = document.source.as_ref().map_or("", |source| &source.text);
    document.cleaned.iter().all(|range| source.get(range.clone()).is_some())
}

fn spot_holds(document: &Document<'_>, spot: Spot) -> bool {
    match spot {
        Spot::Text | Spot::NotebookCell { .. } => true,
        Spot::Cell { column, .. } => (column as usize) < document.columns.len(),
        Spot::Value(node) | Spot::Key(node) => node_holds(document, node, document.nodes.len()),
        Spot::Attribute { node, name } => {
            (node as usize) < document.nodes.len() && (name as usize) < document.names.len()
        }
        Spot::Element(node) => (node as usize) < document.nodes.len(),
        Spot::Place(place) => (place as usize) < document.places.len(),
    }
}

fn columns_hold(document: &Document<'_>) -> bool {
    let names = document.names.len();
    document.columns.iter().all(|column| column.of.is_none_or(|of| (of.name() as usize) < names))
}

/// A parent comes before its children, so that no way up is a circle.
fn node_holds(document: &Document<'_>, node: Node, at: usize) -> bool {
    let named = match node.name {
        Name::Root | Name::Record(_) | Name::Document(_) | Name::Index(_) => true,
        Name::Key { start, end } => document.text().get(start as usize..end as usize).is_some(),
        Name::Element { name, .. } => (name as usize) < document.names.len(),
    };
    let parent = node.parent as usize;
    // A leaf may hang on nothing.
    named && (parent <= at || document.nodes.get(parent).is_none())
}

fn trees_hold(document: &Document<'_>) -> bool {
    let nodes = document.nodes.iter().enumerate().all(|(at, node)| node_holds(document, *node, at));
    let parts = document.parts.iter().enumerate().all(|(at, within)| match within.part {
        Some(_) => (within.parent as usize) < at,
        None => true,
    });
    nodes && parts && !document.parts.is_empty()
}

#[cfg(test)]
mod tests {
    use super::holds;
    use crate::{
        Document,
        formats::text::TEXT,
        segment::{Column, Grid},
    };

    #[test]
    fn the_sheet_of_a_column_has_a_name() {
        let mut document = Document::empty(&TEXT, b"");
        document.columns.push(Column { number: 1, name: None, of: Some(Grid::Sheet(0)) });
        assert!(!holds(&document));
        document.names.push("Leute".to_owned());
        assert!(holds(&document));
    }
}

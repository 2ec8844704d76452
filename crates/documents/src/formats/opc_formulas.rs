//! Formulas of Excel's copies: they follow sheets that have got other names, and none is left that is no formula any more.

use std::{collections::HashSet, ops::Range};

use super::{
    markup::{Markup, Piece, Tag},
    sheet_names::{Grammar, Names},
};
use crate::layout::Raw;

/// Deeper than any part that was read.
const DEPTH: usize = 1 << 16;
/// Elements whose words are a formula, or a place in a sheet.
const FORMULAS: &[&str] = &[
    "f",
    "definedName",
    "formula",
    "formula1",
    "formula2",
    "oldFormula",
    "calculatedColumnFormula",
    "totalsRowFormula",
    "FmlaLink",
    "FmlaRange",
    "FmlaTxbx",
    "FmlaGroup",
];
/// Attributes that are one.
const PLACES: &[&str] = &["location", "textlink", "fmlaLink", "fmlaRange", "fmlaTxbx", "fmlaGroup"];

/// What names a sheet.
#[derive(Debug)]
struct Site<'x> {
    kind: Kind,
    /// Mostly one.
    words: Vec<Raw<'x>>,
    /// The whole element; nothing of an attribute.
    element: Range<usize>,
    /// The number of the formula that many cells share.
    shared: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of a cell, which has a value too.
    Cell,
    Formula,
    /// A link's can have blanks as in addresses.
    Place,
    /// The name and nothing else.
    Sheet,
}

/// The names of the sheets of a workbook, in order.
pub(super) fn sheets(workbook: &str) -> Vec<Raw<'_>> {
    let mut names = Vec::new();
    let mut markup = Markup::new(workbook, 0, DEPTH);
    while let Ok(Some(piece)) = markup.next() {
        if let Piece::Start(tag) = piece
            && tag.name() == "sheet"
        {
            names.extend(tag.attribute("name"));
        }
    }
    names
}

/// What to write over which range of a part, and whether a cell loses its formula.
pub(super) fn splices(original: &str, changed: &str, names: &Names) -> (Vec<(Range<usize>, String)>, bool) {
    let (old, new) = (sites(original), sites(changed));
    let mut splices = Vec::new();
    // A copy has the elements of its original.
    if old.len() != new.len() {
        return (splices, false);
    }
    let (mut dropped, mut lost) = (HashSet::new(), false);
    for (old, new) in old.iter().zip(&new) {
        let (before, after) = (meaning(old), meaning(new));
        let is_empty = before.is_empty() && after.is_empty();
        let written = match new.kind {
            Kind::Sheet => names.of(&before).map(str::to_owned),
            Kind::Place => {
                let blank = |link: &str| link.replace("%20", " ");
                let written = names.in_formula(Grammar::Excel, &blank(&before), &blank(&after));
                written.map(|link| if before.contains("%20") { link.replace(' ', "%20") } else { link })
            }
            _ => names.in_formula(Grammar::Excel, &before, &after),
        };
        match (written, new.kind) {
            (Some(written), _) if written == after => {}
            (Some(written), _) => write(new, &written, &mut splices),
            (None, Kind::Cell) => {
                lost = true;
                dropped.extend(new.shared.as_ref());
                splices.push((new.element.clone(), String::new()));
            }
            // A text where a number was: a name must say something, and a rule compare with something.
            (None, Kind::Formula) if !is_empty => {
                write(new, &format!("\"{}\"", after.replace('"', "\"\"")), &mut splices);
            }
            (None, _) => {}
        }
    }
    // The cells that share a formula go by the first.
    let shares = |site: &&Site<'_>| site.shared.as_ref().is_some_and(|shared| dropped.contains(shared));
    let others = new.iter().filter(shares).filter(|site| meaning(site).is_empty());
    splices.extend(others.map(|site| (site.element.clone(), String::new())));
    (splices, lost)
}

/// From its first bracket to its last.
pub(super) fn element(xml: &str, tag: &Tag<'_>) -> Range<usize> {
    let start = tag.end_of_name() - tag.full_name().len() - 1;
    let end_at = |at: usize, mark: &str| xml[at..].find(mark).map_or(xml.len(), |end| at + end + mark.len());
    let end = end_at(tag.end_of_name(), ">");
    if xml[..end].ends_with("/>") {
        return start..end;
    }
    start..end_at(end, &format!("</{}>", tag.full_name()))
}

fn meaning(site: &Site<'_>) -> String {
    site.words.iter().map(Raw::meaning).collect()
}

fn write(site: &Site<'_>, text: &str, splices: &mut Vec<(Range<usize>, String)>) {
    for (number, words) in site.words.iter().enumerate() {
        let mut written = String::new();
        if number == 0 {
            words.codec.encode(text, &mut written);
        }
        splices.push((words.at..words.at + words.text.len(), written));
    }
}

fn sites(xml: &str) -> Vec<Site<'_>> {
    let mut sites = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut formula = None;
    let mut markup = Markup::new(xml, 0, DEPTH);
    while let Ok(Some(piece)) = markup.next() {
        match piece {
            Piece::Start(tag) => {
                let of_cell = open.first() == Some(&"worksheet") && open.last() == Some(&"c");
                if FORMULAS.contains(&tag.name()) {
                    formula = Some(open.len());
                    sites.push(Site {
                        kind: match open.first() {
                            _ if of_cell && tag.name() == "f" => Kind::Cell,
                            Some(&("worksheet" | "workbook" | "table")) => Kind::Formula,
                            // That of a chart can be nothing but a place.
                            _ => Kind::Place,
                        },
                        words: Vec::new(),
                        element: element(xml, &tag),
                        shared: tag.value("si"),
                    });
                }
                for (key, value) in tag.attributes() {
                    let key = key.rsplit(':').next().unwrap_or(key);
                    let kind = match (tag.name(), key) {
                        ("worksheetSource" | "rangeSet" | "dataRef", "sheet") => Kind::Sheet,
                        ("Relationship", "Target") if value.text.starts_with('#') => Kind::Place,
                        _ if PLACES.contains(&key) => Kind::Place,
                        _ => continue,
                    };
                    sites.push(Site { kind, words: vec![value], element: 0..0, shared: None });
                }
                open.push(tag.name());
            }
            Piece::Words(words) if formula.is_some_and(|depth| depth + 1 == open.len()) => {
                if let Some(site) = sites.last_mut() {
                    site.words.push(words);
                }
            }
            Piece::Words(_) => {}
            Piece::End => {
                open.pop();
                formula = formula.filter(|depth| *depth < open.len());
            }
        }
    }
    sites
}

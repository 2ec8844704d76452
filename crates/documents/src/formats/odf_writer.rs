//! Copies of OpenDocument's packages: names of sheets that programs take, in all that refers to them too, and cells of text
//! where a number or a date was replaced.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
};

use super::{
    archive::Fate,
    markup::{Markup, Piece, Tag, local},
    odf::{CONTENT, REPLACEMENTS, THUMBNAILS},
    package::{self, Originals, spliced, xml},
    sheet_names::{self, Grammar, Names, encoded},
};
use crate::{
    RewriteError,
    layout::Raw,
    sources::{Change, Changes},
};

/// Attributes that reckon.
const FORMULAS: &[&str] = &["table:formula", "table:condition", "table:expression", "calcext:value"];
/// How the names of attributes end that name cells.
const ADDRESSES: &[&str] = &["-address", "-addresses", "-range", "-ranges", "-cell", "table:buttons"];
/// Values of another kind than text, by their attributes.
const VALUES: &[&str] = &["office:value", "office:date-value", "office:time-value", "office:boolean-value"];

/// What refers to a sheet.
#[derive(Debug)]
struct Site<'x> {
    words: Raw<'x>,
    kind: Kind,
    /// The whole attribute, with its name.
    attribute: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of a cell, which has a value too.
    Cell,
    Formula,
    Address,
    /// The name and nothing else.
    Sheet,
}

/// The package with its parts changed, which nobody signed as it is now.
pub(super) fn write(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, RewriteError> {
    let mut originals = Originals::open(bytes)?;
    // An object in the document can be a workbook itself; a chart refers to the sheets around it.
    let mut books: BTreeMap<String, Names> = BTreeMap::new();
    for (name, change) in changes {
        if let Some(folder) = name.strip_suffix(CONTENT)
            && let Some(original) = originals.part(name)
        {
            let names = match change {
                Change::Write(changed) => names(&original, changed),
                _ => names(&original, &original),
            };
            books.extend(names.map(|names| (folder.to_owned(), names)));
        }
    }
    let none = Names::default();
    let mut mended = Changes::new();
    for (name, change) in changes {
        let folder = name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let names = books.get(&folder).or_else(|| books.get("")).unwrap_or(&none);
        let change = match change {
            Change::Write(changed) if name.ends_with(".xml") => {
                let original = originals.part(name);
                Change::Write(mend(original.as_deref().unwrap_or(changed), changed, names))
            }
            Change::Keep if name.ends_with(".xml") && !names.are_kept() => {
                originals.part(name).map_or(Change::Keep, |part| Change::Write(mend(&part, &part, names)))
            }
            other => other.clone(),
        };
        mended.insert(name.clone(), change);
    }
    package::write_parts(bytes, &mended, |name, change| match name {
        _ if name.starts_with("META-INF/") && name.ends_with("signatures.xml") => Fate::LeaveOut,
        _ if name.starts_with(THUMBNAILS) || name.starts_with(REPLACEMENTS) => Fate::Write(&[]),
        _ => package::fate(name, change),
    })
}

/// What the sheets of a workbook are called in its copy.
fn names(original: &[u8], changed: &[u8]) -> Option<Names> {
    let (original, changed) = (xml(original)?.1, xml(changed)?.1);
    let old: Vec<String> = sheets(original).iter().map(Raw::meaning).collect();
    let mut taken = HashSet::new();
    let new: Vec<String> =
        sheets(changed).iter().map(|name| sheet_name(&name.meaning(), &mut taken)).collect();
    (!old.is_empty()).then(|| Names::new(&old, &new))
}

/// A name that no other sheet has.
fn sheet_name(given: &str, taken: &mut HashSet<String>) -> String {
    let allowed = sheet_names::allowed(given);
    let others = (2..).map(|number| format!("{allowed} {number}"));
    let name = std::iter::once(allowed.clone()).chain(others).find(|name| taken.insert(name.to_lowercase()));
    name.unwrap_or_default()
}

/// The names of the sheets of a workbook, in order.
fn sheets(content: &str) -> Vec<Raw<'_>> {
    let mut names = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut markup = Markup::again(content);
    while let Ok(Some(piece)) = markup.next() {
        match piece {
            Piece::Start(tag) => {
                if tag.full_name() == "table:table" && open.last() == Some(&"office:spreadsheet") {
                    names.extend(tag.attribute("name"));
                }
                open.push(tag.full_name());
            }
            Piece::End => {
                open.pop();
            }
            Piece::Words(_) => {}
        }
    }
    names
}

fn mend(original: &[u8], changed: &[u8], names: &Names) -> Vec<u8> {
    let (Some((_, original)), Some((mark, text))) = (xml(original), xml(changed)) else {
        return changed.to_vec();
    };
    let (old, _) = sites(original);
    let (new, mut splices) = sites(text);
    // A copy has the elements of its original.
    if old.len() == new.len() {
        for (old, new) in old.iter().zip(&new) {
            let (before, after) = (old.words.meaning(), new.words.meaning());
            let written = match new.kind {
                Kind::Sheet => names.of(&before).map(str::to_owned),
                Kind::Address => {
                    let blank = |link: &str| link.replace("%20", " ");
                    // LibreOffice keeps the links of Excel's workbooks as they are.
                    let written = [Grammar::Address, Grammar::Excel]
                        .into_iter()
                        .filter_map(|grammar| names.in_formula(grammar, &blank(&before), &blank(&after)))
                        .reduce(|first, second| if first == blank(&after) { second } else { first });
                    written.map(|link| if before.contains("%20") { link.replace(' ', "%20") } else { link })
                }
                Kind::Cell | Kind::Formula => names.in_formula(Grammar::Formula, &before, &after),
            };
            match written {
                Some(written) if written == after => {}
                Some(written) => {
                    let at = new.words.at;
                    splices.push((at..at + new.words.text.len(), encoded(&written)));
                }
                None if new.kind == Kind::Cell => splices.push((new.attribute.clone(), String::new())),
                None => {}
            }
        }
    }
    splices.sort_by_key(|(range, _)| range.start);
    spliced(mark, text, &splices)
}

/// What refers to sheets; and what to write where values are none of their kind.
fn sites(xml: &str) -> (Vec<Site<'_>>, Vec<(Range<usize>, String)>) {
    let (mut sites, mut splices) = (Vec::new(), Vec::new());
    let mut open: Vec<&str> = Vec::new();
    let mut active = false;
    let mut markup = Markup::again(xml);
    while let Ok(Some(piece)) = markup.next() {
        match piece {
            Piece::Start(tag) => {
                let name = tag.full_name();
                let is_sheet = match name {
                    "table:table" => open.last() == Some(&"office:spreadsheet"),
                    _ => name == "config:config-item-map-entry",
                };
                active = name == "config:config-item" && tag.value("name").as_deref() == Some("ActiveTable");
                for (key, words) in tag.attributes() {
                    let kind = match key {
                        "table:formula" if name.ends_with("table-cell") => Kind::Cell,
                        _ if FORMULAS.contains(&key) => Kind::Formula,
                        _ if local(key) == "name" && is_sheet => Kind::Sheet,
                        _ if local(key) == "href" && words.text.starts_with('#') => Kind::Address,
                        _ if ADDRESSES.iter().any(|end| key.ends_with(end)) => Kind::Address,
                        _ => continue,
                    };
                    let end = words.at + words.text.len() + 1;
                    sites.push(Site { words, kind, attribute: key_at(xml, &tag, key, &words)..end });
                }
                value(xml, &tag, &mut splices);
                open.push(name);
            }
            Piece::Words(words) if active => {
                sites.push(Site { words, kind: Kind::Sheet, attribute: 0..0 });
            }
            Piece::Words(_) => {}
            Piece::End => {
                active = false;
                open.pop();
            }
        }
    }
    (sites, splices)
}

/// Where the name of an attribute begins.
fn key_at(xml: &str, tag: &Tag<'_>, key: &str, value: &Raw<'_>) -> usize {
    let from = tag.end_of_name();
    xml[from..value.at].rfind(key).map_or(value.at, |at| from + at)
}

/// Makes what holds a number or a date that is none any more hold a text.
fn value(xml: &str, tag: &Tag<'_>, splices: &mut Vec<(Range<usize>, String)>) {
    let attributes: Vec<_> = tag.attributes().collect();
    let odd = attributes.iter().find(|(key, value)| VALUES.contains(key) && !fits(key, value.text));
    let Some((key, value)) = odd else { return };
    let at = key_at(xml, tag, key, value);
    if attributes.iter().any(|(key, _)| *key == "office:string-value") {
        splices.push((at..value.at + value.text.len() + 1, String::new()));
    } else {
        splices.push((at..at + key.len(), "office:string-value".to_owned()));
    }
    for (_, kind) in attributes.iter().filter(|(key, _)| local(key) == "value-type") {
        splices.push((kind.range(), "string".to_owned()));
    }
}

fn fits(key: &str, value: &str) -> bool {
    let value = value.trim();
    match key {
        "office:boolean-value" => matches!(value, "true" | "false"),
        "office:date-value" => {
            value.bytes().all(|byte| byte.is_ascii_digit() || b"-:.+TZ".contains(&byte))
                && value.contains(|c: char| c.is_ascii_digit())
        }
        "office:time-value" => {
            value.trim_start_matches('-').starts_with('P')
                && value.bytes().all(|byte| byte.is_ascii_digit() || b"-.PTYMDHS".contains(&byte))
        }
        _ => value.parse::<f64>().is_ok(),
    }
}

//! What pivot tables keep of the data they sum up, even where the sheet with it is gone.

use super::{
    markup::{Piece, Tag},
    opc::Opc,
};
use crate::{ReadError, layout::Layout, segment::Spot};

/// Bytes of a name that stands before every value.
const LONGEST_NAME: usize = 64;

/// Lays out the values by the names of their fields.
pub(super) fn read(opc: &mut Opc<'_, '_>, name: &str) -> Result<(), ReadError> {
    let Some(part) = opc.part(name)? else { return Ok(()) };
    let spot = opc.property("pivot table's data");
    let author = opc.property("author of the pivot table");
    let mut fields: Vec<String> = Vec::new();
    opc.pieces(name, &part, |piece, layout| {
        let Piece::Start(tag) = piece else { return };
        match tag.name() {
            "pivotCacheDefinition" => {
                if let Some(name) = tag.attribute("refreshedBy") {
                    layout.clean(&name);
                    layout.begin("author");
                    layout.raw(&name, author);
                }
            }
            "cacheField" => {
                let name = tag.attribute("name");
                fields.push(name.map(|name| name.meaning()).unwrap_or_default());
                for value in [name, tag.attribute("caption"), tag.attribute("formula")].into_iter().flatten()
                {
                    layout.begin("field");
                    layout.raw(&value, spot);
                }
            }
            "s" | "n" | "d" => value(&tag, fields.last(), spot, layout),
            // Where the data came from, what was reckoned from it, and what servers call its parts.
            _ => {
                for (key, value) in tag.attributes() {
                    let told = ["sheet", "name", "formula", "uniqueName", "caption"].contains(&key);
                    if told && !value.text.trim().is_empty() {
                        layout.begin(key);
                        layout.raw(&value, spot);
                    }
                }
            }
        }
    })?;
    for records in opc.targets(name, &["pivotCacheRecords"])? {
        let Some(part) = opc.part(&records)? else { continue };
        let mut number = 0;
        opc.pieces(&records, &part, |piece, layout| {
            let Piece::Start(tag) = piece else { return };
            if tag.name() == "r" {
                number = 0;
            } else {
                value(&tag, fields.get(number), spot, layout);
                number += 1;
            }
        })?;
    }
    Ok(())
}

/// A string, a number or a date; `x` is the number of a value that stands at the field.
fn value(tag: &Tag<'_>, field: Option<&String>, spot: Spot, layout: &mut Layout<'_>) {
    if let Some(caption) = tag.attribute("c").filter(|caption| !caption.text.trim().is_empty()) {
        layout.begin("caption");
        layout.raw(&caption, spot);
    }
    if matches!(tag.name(), "s" | "n" | "d")
        && let Some(value) = tag.attribute("v").filter(|value| !value.text.trim().is_empty())
    {
        layout.begin(field.filter(|field| field.len() <= LONGEST_NAME).map_or("", |field| field.trim()));
        layout.raw(&value, spot);
    }
}

//! Formulas of Excel's copies: they follow sheets that have got other names, and none is left that is no formula any more.

use std::{collections::HashSet, ops::Range};

use super::{
    markup::{Markup, Piece, local},
    sheet_names::{Grammar, Names},
};
use crate::layout::Raw;

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
    let mut markup = Markup::again(workbook);
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

fn meaning(site: &Site<'_>) -> String {
    site.words.iter().map(Raw::meaning).collect()
}

fn write(site: &Site<'_>, text: &str, splices: &mut Vec<(Range<usize>, String)>) {
    for (number, words) in site.words.iter().enumerate() {
        let mut written = String::new();
        if number == 0 {
            words.codec.encode(text, &mut written);
        }
        splices.push((words.range(), written));
    }
}

fn sites(xml: &str) -> Vec<Site<'_>> {
    let mut sites: Vec<Site<'_>> = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    // Formulas that are open: how deep, and the number of the site. One can hold another that is its words.
    let mut formulas: Vec<(usize, usize)> = Vec::new();
    let mut markup = Markup::again(xml);
    while let Ok(Some(piece)) = markup.next() {
        match piece {
            Piece::Start(tag) => {
                let of_cell = open.first() == Some(&"worksheet") && open.last() == Some(&"c");
                if FORMULAS.contains(&tag.name()) {
                    formulas.push((open.len(), sites.len()));
                    sites.push(Site {
                        kind: match open.first() {
                            _ if of_cell && tag.name() == "f" => Kind::Cell,
                            Some(&("worksheet" | "workbook" | "table")) => Kind::Formula,
                            // That of a chart can be nothing but a place.
                            _ => Kind::Place,
                        },
                        words: Vec::new(),
                        element: tag.start()..tag.start(),
                        shared: tag.value("si"),
                    });
                }
                for (key, value) in tag.attributes() {
                    let kind = match (tag.name(), local(key)) {
                        ("worksheetSource" | "rangeSet" | "dataRef", "sheet") => Kind::Sheet,
                        ("Relationship", "Target") if value.text.starts_with('#') => Kind::Place,
                        (_, key) if PLACES.contains(&key) => Kind::Place,
                        _ => continue,
                    };
                    sites.push(Site { kind, words: vec![value], element: 0..0, shared: None });
                }
                open.push(tag.name());
            }
            Piece::Words(words) => {
                if let Some((depth, site)) = formulas.last()
                    && depth + 1 == open.len()
                {
                    sites[*site].words.push(words);
                }
            }
            Piece::End => {
                open.pop();
                if let Some((_, site)) = formulas.pop_if(|(depth, _)| *depth == open.len()) {
                    sites[site].element.end = markup.position();
                }
            }
        }
    }
    sites
}

#[cfg(test)]
mod tests {
    use crate::{
        Document, Limits, Replacement,
        fixtures::{archive, parts, replace_by},
        read, rewrite,
    };

    const LINKS: &str = "<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
        <Relationship Id=\"r2\" Type=\"x/worksheet\" Target=\"worksheets/sheet2.xml\"/>\
        <Relationship Id=\"c\" Type=\"x/calcChain\" Target=\"calcChain.xml\"/></Relationships>";

    fn document(bytes: &[u8]) -> Document<'_> {
        read("a.xlsx", bytes, &Limits::default()).unwrap()
    }

    /// A workbook with this sheet behind one of a person's name, and the order in which its formulas are reckoned.
    fn named(sheet: &str) -> Vec<u8> {
        let workbook = "<workbook><sheets><sheet name=\"Mara Lind\" r:id=\"r1\"/><sheet name=\"All\" r:id=\"r2\"/></sheets>\
            <definedNames><definedName name=\"born\">'Mara Lind'!$A$1</definedName><definedName name=\"card\">4915112345678</definedName></definedNames></workbook>";
        let sheet = format!(
            "<worksheet><sheetData><row>{sheet}</row></sheetData><hyperlinks><hyperlink ref=\"A1\" location=\"'Mara%20Lind'!A1\"/></hyperlinks></worksheet>"
        );
        archive(&[
            (
                "[Content_Types].xml",
                "<Types><Override PartName=\"/xl/calcChain.xml\" ContentType=\"c\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"w\"/></Types>",
            ),
            ("xl/workbook.xml", workbook),
            ("xl/_rels/workbook.xml.rels", LINKS),
            ("xl/calcChain.xml", "<calcChain><c r=\"A1\" i=\"2\"/></calcChain>"),
            ("xl/worksheets/sheet1.xml", "<worksheet/>"),
            ("xl/worksheets/sheet2.xml", &sheet),
            ("xl/charts/chart1.xml", "<c:chart><c:f>'Mara Lind'!$A$1</c:f></c:chart>"),
            (
                "xl/pivotCache/pivotCacheDefinition1.xml",
                "<pivotCacheDefinition><cacheSource><worksheetSource ref=\"A1:B2\" sheet=\"Mara Lind\"/></cacheSource></pivotCacheDefinition>",
            ),
        ])
    }

    #[test]
    fn a_sheet_with_another_name_is_still_referred_to_and_gets_its_name_back() {
        let bytes = named("<c><f>'Mara Lind'!A1&amp;\"of Mara Lind\"</f><v>7</v></c>");
        let copy = replace_by("a.xlsx", &document(&bytes), &bytes, &[("Mara Lind", "[PERSON_001]")]).unwrap();
        let written = parts(&copy.bytes);
        assert!(written["xl/workbook.xml"].contains("<sheet name=\"(PERSON_001)\""));
        assert!(written["xl/workbook.xml"].contains(">'(PERSON_001)'!$A$1<"));
        let sheet = &written["xl/worksheets/sheet2.xml"];
        assert!(sheet.contains("<f>'(PERSON_001)'!A1&amp;\"of [PERSON_001]\"</f>"), "{sheet}");
        assert!(sheet.contains("location=\"&#39;(PERSON_001)&#39;!A1\""), "{sheet}");
        assert!(written["xl/charts/chart1.xml"].contains("<c:f>'(PERSON_001)'!$A$1</c:f>"));
        assert!(written["xl/pivotCache/pivotCacheDefinition1.xml"].contains("sheet=\"(PERSON_001)\""));
        assert!(written.contains_key("xl/calcChain.xml"));
        // One that was found nowhere but in its own place is a unit too.
        let text = document(&bytes).text().to_owned();
        let at = text.find("sheet: Mara Lind").unwrap() + 7;
        let only = Replacement::of(&text, at..at + 9, "[PERSON_001]").unwrap();
        let once = rewrite("a.xlsx", &bytes, &[only], &Limits::default()).unwrap();
        assert_eq!(parts(&once.bytes)["xl/charts/chart1.xml"], written["xl/charts/chart1.xml"]);
        let copied = document(&copy.bytes);
        assert!(copied.text().contains("sheet: [PERSON_001]\n"), "{}", copied.text());
        let original = parts(&bytes);
        let restored = replace_by("a.xlsx", &copied, &copy.bytes, &[("[PERSON_001]", "Mara Lind")]).unwrap();
        let restored = parts(&restored.bytes);
        for part in ["xl/workbook.xml", "xl/charts/chart1.xml", "xl/pivotCache/pivotCacheDefinition1.xml"] {
            assert_eq!(restored[part], original[part]);
        }
        assert_eq!(
            restored["xl/worksheets/sheet2.xml"].replace("&#39;", "'"),
            original["xl/worksheets/sheet2.xml"].replace("%20", " ")
        );
    }

    #[test]
    fn no_formula_holds_what_is_none() {
        let bytes = named(
            "<c r=\"A1\"><f t=\"shared\" ref=\"A1:B1\" si=\"0\">C1+4915112345678</f><v>4915112345678</v></c><c r=\"B1\"><f t=\"shared\" si=\"0\"/><v>7</v></c><c r=\"C1\"><f>D1+1</f><v>8</v></c>",
        );
        let copy =
            replace_by("a.xlsx", &document(&bytes), &bytes, &[("4915112345678", "[CARD_001]")]).unwrap();
        let written = parts(&copy.bytes);
        let sheet = &written["xl/worksheets/sheet2.xml"];
        assert!(
            sheet.contains("<c t=\"str\" r=\"A1\"><v>[CARD_001]</v></c><c r=\"B1\"><v>7</v></c><c r=\"C1\"><f>D1+1</f><v>8</v></c>"),
            "{sheet}"
        );
        assert!(written["xl/workbook.xml"].contains("<definedName name=\"card\">\"[CARD_001]\"<"));
        assert!(!written.contains_key("xl/calcChain.xml"));
        assert_eq!(
            written["[Content_Types].xml"],
            "<Types><Override PartName=\"/xl/workbook.xml\" ContentType=\"w\"/></Types>"
        );
        assert!(!written["xl/_rels/workbook.xml.rels"].contains("calcChain"));
    }

    #[test]
    fn a_formula_ends_where_its_element_does() {
        let bytes = named(
            "<c r=\"A1\"><f>C1+4915112345678</f ><v>8</v></c><c r=\"B1\"><f>A2</f><v>4915112345678</v></c>",
        );
        let copy =
            replace_by("a.xlsx", &document(&bytes), &bytes, &[("4915112345678", "[CARD_001]")]).unwrap();
        let written = parts(&copy.bytes);
        let sheet = &written["xl/worksheets/sheet2.xml"];
        assert!(
            sheet.contains("<c r=\"A1\"><v>8</v></c><c t=\"str\" r=\"B1\"><f>A2</f><v>[CARD_001]</v></c>"),
            "{sheet}"
        );
    }

    #[test]
    fn runs_of_one_sign_cost_no_more_than_they_are_long() {
        for sign in ["$", "'", "(", "\"\""] {
            let bytes = named(&format!("<c><f>{}'Mara Lind'!A1</f></c>", sign.repeat(1 << 17)));
            let _ =
                replace_by("a.xlsx", &document(&bytes), &bytes, &[("Mara Lind", "[PERSON_001]")]).unwrap();
        }
    }
}

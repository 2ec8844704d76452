//! What the columns of a table hold: by their names, and by what is found in some of their cells.
//!
//! ```
//! use tacita_detect::{Detector, Options, columns::classify};
//!
//! let detector = Detector::new(Options::default())?;
//! let cells = ["mara.lind@example.org", "jonas.berg@example.com", "n/a"];
//! let classes = classify(&detector, Some("contact"), &cells);
//! assert_eq!(classes[0].kind, "EMAIL_ADDRESS");
//! assert_eq!((classes[0].cells, classes[0].of), (2, 3));
//! # Ok::<(), tacita_detect::OptionsError>(())
//! ```

mod words;

use std::collections::BTreeMap;

use crate::Detector;

/// How many cells of a column are looked into: enough to tell a share of a tenth from one of a fifth.
pub const SAMPLE: usize = 200;
/// What a column's name alone is worth.
const NAME: f32 = 0.6;
/// A type in fewer cells than this share is a stray.
const SHARE: f32 = 0.02;
/// So much of a cell is the value, or the value stands in a text.
const WHOLE: f32 = 0.6;

/// Something that a column holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// A type of finding, such as `EMAIL_ADDRESS`; or what only a name can tell, in small letters: `salary`.
    pub kind: String,
    /// From 0 to 1.
    pub confidence: f32,
    /// The column's name says so.
    pub by_name: bool,
    /// In so many cells of those that were looked into.
    pub cells: usize,
    /// So many were.
    pub of: usize,
    /// It stands in the midst of longer texts.
    pub in_text: bool,
}

/// What a column of this name with such cells holds, the surest first; empty cells count for nothing.
///
/// Looks into as many as [`SAMPLE`], evenly over the column.
#[must_use]
pub fn classify(detector: &Detector, name: Option<&str>, cells: &[&str]) -> Vec<Class> {
    let filled: Vec<&str> = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    let sample = spread(&filled);
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let mut text = String::new();
    for cell in &sample {
        text.clear();
        // As in a document: the column's name is what stands before the value.
        let label = name.map(|name| format!("{}: ", name.trim())).unwrap_or_default();
        text.push_str(&label);
        text.push_str(cell);
        let mut here: BTreeMap<&str, Found> = BTreeMap::new();
        for finding in detector.detect(&text) {
            let (start, end) = (finding.start.max(label.len()), finding.end);
            if start >= end {
                continue;
            }
            let one = here.entry(detector.entity_name(finding.entity)).or_default();
            one.score = one.score.max(finding.score);
            one.covered += letters(&text[start..end]);
        }
        let all = letters(cell).max(1.0);
        for (kind, one) in here {
            let sum = found.entry(kind.to_owned()).or_default();
            sum.cells += 1;
            sum.score += one.score;
            sum.whole += usize::from(one.covered / all >= WHOLE);
        }
    }
    let named = name.and_then(words::kind);
    let of = sample.len();
    let mut classes: Vec<Class> = found
        .into_iter()
        .filter(|(_, found)| found.cells as f32 >= SHARE * of as f32)
        .map(|(kind, found)| {
            let by_name = named.is_some_and(|named| named == kind || broader(named, &kind));
            let content = lower_bound(found.cells, of) * found.score / found.cells as f32;
            let confidence = if by_name { 1.0 - (1.0 - content) * (1.0 - NAME) } else { content };
            Class {
                kind,
                confidence,
                by_name,
                cells: found.cells,
                of,
                in_text: found.whole * 2 < found.cells,
            }
        })
        .collect();
    if let Some(named) = named
        && !classes.iter().any(|class| class.by_name)
    {
        let kind = named.to_owned();
        classes.push(Class { kind, confidence: NAME, by_name: true, cells: 0, of, in_text: false });
    }
    classes.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.kind.cmp(&b.kind)));
    classes
}

#[derive(Clone, Copy, Debug, Default)]
struct Found {
    cells: usize,
    score: f32,
    covered: f32,
    /// In so many cells there is little else.
    whole: usize,
}

/// A column called so may hold that.
fn broader(named: &str, kind: &str) -> bool {
    match named {
        "NATIONAL_ID" | "TAX_ID" => kind.get(2..3) == Some("_"),
        "PASSPORT" => kind.ends_with("_PASSPORT"),
        "DRIVER_LICENSE" => kind.contains("DRIV") || kind.contains("FUEHRERSCHEIN"),
        "POSTAL_CODE" => {
            kind.ends_with("_PLZ") || kind.ends_with("POSTCODE") || kind.ends_with("POSTAL_CODE")
        }
        "LICENSE_PLATE" => kind.ends_with("PLATE") || kind.ends_with("_KFZ") || kind.contains("VEHICLE"),
        _ => false,
    }
}

/// As many as are looked into, from the first to the last.
fn spread<'c>(cells: &[&'c str]) -> Vec<&'c str> {
    if cells.len() <= SAMPLE {
        return cells.to_vec();
    }
    (0..SAMPLE).map(|n| cells[n * (cells.len() - 1) / (SAMPLE - 1)]).collect()
}

/// The share that so many of these are at least, by the score interval of Wilson (1927) at one standard deviation: 3 of 3 are
/// less sure a sign than 200 of 200.
fn lower_bound(of_these: usize, all: usize) -> f32 {
    let (share, n) = (of_these as f32 / all as f32, all as f32);
    let middle = share + 0.5 / n;
    let width = (share * (1.0 - share) / n + 0.25 / (n * n)).sqrt();
    (middle - width) / (1.0 + 1.0 / n)
}

fn letters(text: &str) -> f32 {
    text.chars().filter(|c| c.is_alphanumeric()).count() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    fn best(name: Option<&str>, cells: &[&str]) -> Class {
        let detector = Detector::new(Options::default()).unwrap();
        classify(&detector, name, cells).into_iter().next().unwrap()
    }

    #[test]
    fn name_and_cells_are_surer_together() {
        let cells = ["mara.lind@example.org", "jonas.berg@example.com", "eva@example.org"];
        let (both, cells_alone) = (best(Some("E-Mail"), &cells), best(Some("x7"), &cells));
        assert_eq!((both.kind.as_str(), both.by_name, both.cells, both.of), ("EMAIL_ADDRESS", true, 3, 3));
        assert_eq!((cells_alone.kind.as_str(), cells_alone.by_name), ("EMAIL_ADDRESS", false));
        assert!(both.confidence > cells_alone.confidence && cells_alone.confidence > 0.6);
        let name_alone = best(Some("E-Mail"), &["", " "]);
        assert_eq!((name_alone.kind.as_str(), name_alone.cells, name_alone.of), ("EMAIL_ADDRESS", 0, 0));
        assert!(name_alone.confidence < both.confidence);
    }

    #[test]
    fn what_no_cell_can_show_a_name_can() {
        for (name, kind) in [
            ("monthly_salary", "salary"),
            ("Gehalt", "salary"),
            ("diagnosis", "health"),
            ("Konfession", "religion"),
            ("sex", "gender"),
        ] {
            assert_eq!(best(Some(name), &["4200", "3100"]).kind, kind, "{name}");
        }
    }

    #[test]
    fn values_in_the_midst_of_texts_are_said_to_be() {
        let note = "asked to be called back at +49 30 901820 before noon about the invoice of last month";
        let class = best(Some("notes"), &[note, note]);
        assert_eq!((class.kind.as_str(), class.in_text), ("PHONE_NUMBER", true));
    }

    #[test]
    fn a_column_of_nothing_is_of_no_class() {
        let detector = Detector::new(Options::default()).unwrap();
        assert_eq!(classify(&detector, Some("quantity"), &["1", "2", "3"]), []);
    }

    #[test]
    fn a_few_of_a_few_say_less_than_many_of_many() {
        assert!(lower_bound(3, 3) < lower_bound(200, 200));
        assert!((lower_bound(200, 200) - 0.995).abs() < 0.001);
        assert!(lower_bound(0, 10) < 0.001);
    }
}

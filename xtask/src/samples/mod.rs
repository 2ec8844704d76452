//! Makes `samples/` from the templates in `xtask/samples/`: documents of invented people, and the findings that were
//! put into them. The same templates give the same bytes.
//!
//! | template | sample |
//! |---|---|
//! | `NAME` | the text itself |
//! | `NAME.pdf.txt` | `NAME.pdf`, a page per part between lines of `---` |
//! | `NAME.docx/` | `NAME.docx`, the folder's parts zipped |

mod docx;
mod pdf;
mod template;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::house::House;

const TEMPLATES: &str = "xtask/samples";
const SAMPLES: &str = "samples";
const EXPECTED: &str = "expected.json";
/// Written by hand: what the folder is, and that a scan leaves the expectation out.
const BY_HAND: [&str; 2] = ["README.md", ".tacitaignore"];

/// A finding that a sample holds, by construction.
#[derive(Serialize)]
struct Expected {
    entity_type: String,
    value: String,
    #[serde(flatten)]
    place: Place,
}

/// Where a person finds it; all count from 1.
#[derive(Serialize)]
#[serde(untagged)]
enum Place {
    /// In a text file; the column in characters.
    Line { line: usize, column: usize },
    /// In a mailbox, or the only message of a mail.
    Message { message: usize },
    /// In a document of pages.
    Page { page: usize },
    /// In a part of a packed document.
    Part { part: String },
}

/// A sample's bytes and what they hold.
struct Sample {
    bytes: Vec<u8>,
    expected: Vec<Expected>,
}

/// Writes what the templates make.
pub(crate) fn write() -> Result<()> {
    let root = House::open()?.root;
    let made = make(&root.join(TEMPLATES))?;
    let folder = root.join(SAMPLES);
    fs::create_dir_all(&folder)?;
    for stale in stale(&folder, &made)? {
        fs::remove_file(folder.join(&stale)).with_context(|| format!("cannot remove `{stale}`"))?;
        println!("removed {SAMPLES}/{stale}");
    }
    for (name, bytes) in &made {
        fs::write(folder.join(name), bytes).with_context(|| format!("cannot write `{name}`"))?;
    }
    println!("wrote {} files into {SAMPLES}/", made.len());
    Ok(())
}

/// Fails where the disk differs from what the templates make.
pub(crate) fn verify() -> Result<()> {
    let (files, problems) = differences()?;
    if problems.is_empty() {
        println!("{files} files in {SAMPLES}/ are what the generator makes");
        return Ok(());
    }
    bail!("{}", problems.join("\n"))
}

/// How many files the templates make, and which of them differ on the disk.
pub(crate) fn differences() -> Result<(usize, Vec<String>)> {
    let root = House::open()?.root;
    let made = make(&root.join(TEMPLATES))?;
    let folder = root.join(SAMPLES);
    let changed = made
        .iter()
        .filter(|(name, bytes)| fs::read(folder.join(name)).ok().as_ref() != Some(bytes))
        .map(|(name, _)| name.clone());
    let problems = changed
        .chain(stale(&folder, &made)?)
        .map(|name| format!("{SAMPLES}/{name} is not what the generator makes: `cargo xtask samples`"))
        .collect();
    Ok((made.len(), problems))
}

/// Files of an earlier generation.
fn stale(folder: &Path, made: &BTreeMap<String, Vec<u8>>) -> Result<Vec<String>> {
    let names = entries(folder)?.into_iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    Ok(names.filter(|name| !BY_HAND.contains(&name.as_str()) && !made.contains_key(name)).collect())
}

/// Every file of `samples/`, by name.
fn make(templates: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut expected = BTreeMap::new();
    for path in entries(templates)? {
        let template =
            path.file_name().and_then(|name| name.to_str()).context("a template's name is UTF-8")?;
        let (name, sample) = one(&path, template).with_context(|| format!("in the template `{template}`"))?;
        expected.insert(name.to_owned(), sample.expected);
        files.insert(name.to_owned(), sample.bytes);
    }
    let mut json = serde_json::to_vec_pretty(&expected)?;
    json.push(b'\n');
    files.insert(EXPECTED.to_owned(), json);
    Ok(files)
}

fn one<'a>(path: &Path, template: &'a str) -> Result<(&'a str, Sample)> {
    if path.is_dir() {
        return Ok((template, docx::pack(path)?));
    }
    let text = fs::read_to_string(path)?;
    match template.strip_suffix(".txt").filter(|name| name.ends_with(".pdf")) {
        Some(name) => Ok((name, pdf::print(&text)?)),
        None if template.ends_with(".eml") || template.ends_with(".mbox") => Ok((template, mail(&text)?)),
        None => Ok((template, plain(&text)?)),
    }
}

/// A mail, or a mailbox whose messages begin with a line `From …`.
fn mail(template: &str) -> Result<Sample> {
    let (text, planted) = template::fill(template)?;
    let expected = planted.into_iter().map(|planted| {
        let begun = text[..planted.at].lines().filter(|line| line.starts_with("From ")).count();
        planted.expected(Place::Message { message: begun.max(1) })
    });
    Ok(Sample { expected: expected.collect(), bytes: text.into_bytes() })
}

fn plain(template: &str) -> Result<Sample> {
    let (text, planted) = template::fill(template)?;
    let expected = planted.into_iter().map(|planted| {
        let before = &text[..planted.at];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let place = Place::Line {
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
        };
        planted.expected(place)
    });
    Ok(Sample { expected: expected.collect(), bytes: text.into_bytes() })
}

/// What a folder holds, sorted by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listing = fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let mut paths = listing.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let sample = plain("Grüße\nan Mara: {EMAIL_ADDRESS:mara.lind@example.org}\n").expect("well formed");
        let json = serde_json::to_value(&sample.expected).expect("plain data");
        assert_eq!(
            json,
            serde_json::json!([{
                "entity_type": "EMAIL_ADDRESS", "value": "mara.lind@example.org", "line": 2, "column": 10
            }])
        );
    }

    #[test]
    fn the_generator_is_deterministic() {
        let templates = House::open().expect("a checkout").root.join(TEMPLATES);
        assert_eq!(make(&templates).expect("good templates"), make(&templates).expect("good templates"));
    }
}

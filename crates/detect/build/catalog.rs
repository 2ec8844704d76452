//! `recognizers/*.toml` into `catalog.rs` and automata.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{openings, tables::Table};

type Result<T> = std::result::Result<T, String>;

/// Patterns of this confidence are looked for wherever their opening stands, others only near a word that is context.
const ALONE: f32 = 0.5;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    recognizer: Vec<Recognizer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recognizer {
    entity: String,
    #[serde(default)]
    country: String,
    about: String,
    example: String,
    #[serde(default)]
    check: String,
    #[serde(default)]
    context: Vec<String>,
    #[serde(default)]
    patterns: Vec<Pattern>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    labelled: Vec<Pattern>,
    #[serde(default)]
    grammar: String,
    #[serde(default)]
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    regex: String,
    score: f32,
    near: Option<f32>,
    check: Option<String>,
    #[serde(default)]
    syntax: Syntax,
}

/// What must stand between a label and its value.
#[derive(Deserialize, Debug, Default)]
#[serde(rename_all = "lowercase")]
enum Syntax {
    #[default]
    Any,
    Inline,
    Assigned,
    Quoted,
}

/// Reads every file of `folder` and writes the generated code and automata to `out`.
pub(crate) fn generate(folder: &Path, out: &Path) -> Result<()> {
    let recognizers = read(folder)?;
    let mut entities: Vec<&str> = Vec::new();
    for recognizer in &recognizers {
        if !entities.contains(&recognizer.entity.as_str()) {
            entities.push(&recognizer.entity);
        }
    }
    let mut code = String::new();
    line(&mut code, format_args!("pub(crate) const ENTITIES: &[&str] = &{entities:?};"));
    line(&mut code, format_args!("pub(crate) const RECOGNIZERS: &[Recognizer] = &["));
    for r in &recognizers {
        let entity = entities.iter().position(|name| *name == r.entity).unwrap_or_default();
        line(
            &mut code,
            format_args!(
                "Recognizer {{ entity: {:?}, id: EntityId({entity}), country: {:?}, about: {:?}, example: {:?}, check: {:?}, context: &{:?}, labels: &{:?}, grammar: {:?} }},",
                r.entity, r.country, r.about, r.example, r.check, r.context, r.labels, r.grammar
            ),
        );
    }
    line(&mut code, format_args!("];"));
    let mut free = |name, alone: bool| {
        sources(&recognizers, name, out, &mut code, |r| {
            r.patterns.iter().filter(|p| (p.score >= ALONE) == alone).collect()
        })
    };
    let (alone, beside) = (free("ALONE", true)?, free("BESIDE", false)?);
    let openings = openings::generate([&alone, &beside], out)?;
    line(&mut code, format_args!("static OPENINGS: &[u8] = {openings};"));
    sources(&recognizers, "LABELLED", out, &mut code, |r| r.labelled.iter().collect())?;
    words(&recognizers, &mut code)?;
    fs::write(out.join("catalog.rs"), code).map_err(|e| e.to_string())
}

/// Writes the source of an automaton for each recogniser that has patterns, as the list `name`.
fn sources<'a>(
    recognizers: &'a [Recognizer],
    name: &str,
    out: &Path,
    code: &mut String,
    patterns: impl Fn(&'a Recognizer) -> Vec<&'a Pattern>,
) -> Result<Vec<Option<Table>>> {
    let mut tables = Vec::new();
    line(code, format_args!("static {name}: &[Source] = &["));
    for (index, recognizer) in recognizers.iter().enumerate() {
        let patterns = patterns(recognizer);
        if patterns.is_empty() {
            line(code, format_args!("Source {{ patterns: &[], table: None }},"));
            tables.push(None);
            continue;
        }
        line(code, format_args!("Source {{ patterns: &["));
        for p in &patterns {
            let check = p.check.as_ref().unwrap_or(&recognizer.check);
            let (score, near, syntax) = (p.score, p.near.unwrap_or(p.score), &p.syntax);
            line(
                code,
                format_args!(
                    "Pattern {{ recognizer: {index}, score: {score:?}, near: {near:?}, check: {check:?}, syntax: Syntax::{syntax:?} }},"
                ),
            );
        }
        let regexes: Vec<&str> = patterns.iter().map(|p| p.regex.as_str()).collect();
        let name = format!("{}-{index}", name.to_lowercase());
        let table = Table::new(&regexes, &name)?;
        line(code, format_args!("], table: Some({}) }},", table.write(&name, out)?));
        tables.push(Some(table));
    }
    line(code, format_args!("];"));
    Ok(tables)
}

fn line(code: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(code, "{text}");
}

fn read(source: &Path) -> Result<Vec<Recognizer>> {
    let mut files: Vec<PathBuf> = fs::read_dir(source)
        .map_err(|e| format!("{}: {e}", source.display()))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let mut recognizers = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let file: File = toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
        recognizers.extend(file.recognizer);
    }
    Ok(recognizers)
}

/// What a word in the text can stand for.
#[derive(Default, Clone)]
struct Roles {
    context: [u64; 4],
    labels: Vec<usize>,
    grammars: Vec<usize>,
}

/// Words and phrases: folded, and sorted so that those with one first word stand together, the longest first.
fn words(recognizers: &[Recognizer], code: &mut String) -> Result<()> {
    let mut phrases: BTreeMap<String, Roles> = BTreeMap::new();
    for (index, recognizer) in recognizers.iter().enumerate() {
        if index >= 256 {
            return Err("more than 256 recognisers: widen the context sets".to_owned());
        }
        for word in recognizer.context.iter().flat_map(|word| inflections(word)) {
            phrases.entry(fold(&word)).or_default().context[index / 64] |= 1 << (index % 64);
        }
        for label in &recognizer.labels {
            let roles = phrases.entry(fold(label)).or_default();
            roles.labels.push(index);
            roles.context[index / 64] |= 1 << (index % 64);
        }
        for word in &recognizer.words {
            phrases.entry(fold(word)).or_default().grammars.push(index);
        }
    }
    let mut by_first: BTreeMap<String, Vec<(Vec<String>, Roles)>> = BTreeMap::new();
    for (phrase, roles) in phrases {
        let mut words = phrase.split(' ').map(str::to_owned);
        let first = words.next().unwrap_or_default();
        by_first.entry(first).or_default().push((words.collect(), roles));
    }
    line(code, format_args!("pub(crate) const WORDS: &[Word] = &["));
    for (first, mut phrases) in by_first {
        phrases.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        line(code, format_args!("Word {{ first: &{:?}, phrases: &[", fold_bytes(&first)));
        for (rest, roles) in phrases {
            let rest: Vec<String> = rest.iter().map(|word| format!("&{:?}", fold_bytes(word))).collect();
            line(
                code,
                format_args!(
                    "Phrase {{ rest: &[{}], context: RecognizerSet({:?}), labels: &{:?}, grammars: &{:?} }},",
                    rest.join(", "),
                    roles.context,
                    roles.labels,
                    roles.grammars
                ),
            );
        }
        line(code, format_args!("] }},"));
    }
    line(code, format_args!("];"));
    Ok(())
}

/// A context word counts in its plural too.
fn inflections(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    if word.len() > 2 && word.is_ascii() {
        forms.push(format!("{word}s"));
        if let Some(stem) = word.strip_suffix('y') {
            forms.push(format!("{stem}ies"));
        } else if word.ends_with(['s', 'x', 'h']) {
            forms.push(format!("{word}es"));
        }
    }
    forms
}

/// A phrase as its words: runs of letters in lower case, parted by one space.
fn fold(phrase: &str) -> String {
    phrase
        .split(|c: char| c.is_ascii() && !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The bytes the engine compares: every one with bit 5 set, which makes ASCII and Latin-1 letters lower-case.
fn fold_bytes(word: &str) -> Vec<u8> {
    word.bytes().map(|byte| byte | 0x20).collect()
}

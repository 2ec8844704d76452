//! `recognizers/*.toml` into `catalog.rs` and two automata.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::tables;

type Result<T> = std::result::Result<T, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    automaton: Group,
    recognizer: Vec<Recognizer>,
}

/// The automaton that a file's patterns go into. What is alike goes together: an automaton of unlike patterns has
/// to keep the product of what each is waiting for, and grows tenfold.
#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Group {
    Identifiers,
    Dates,
    Secrets,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recognizer {
    #[serde(skip)]
    group: Option<Group>,
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
    let groups = [("IDENTIFIERS", Group::Identifiers), ("DATES", Group::Dates), ("SECRETS", Group::Secrets)];
    for (name, group) in groups {
        let members = recognizers.iter().enumerate().filter(|(_, r)| r.group == Some(group));
        let patterns =
            members.flat_map(|(i, r)| r.patterns.iter().map(move |p| (i, r, p))).collect::<Vec<_>>();
        line(&mut code, format_args!("static {name}: Source = {};", source(&patterns, name, out)?));
    }
    line(&mut code, format_args!("static LABELLED: &[Source] = &["));
    for (index, recognizer) in recognizers.iter().enumerate() {
        let patterns: Vec<_> = recognizer.labelled.iter().map(|p| (index, recognizer, p)).collect();
        line(&mut code, format_args!("{},", source(&patterns, &format!("labelled-{index}"), out)?));
    }
    line(&mut code, format_args!("];"));
    words(&recognizers, &mut code)?;
    fs::write(out.join("catalog.rs"), code).map_err(|e| e.to_string())
}

/// The code of an automaton's source: its patterns' rules and its bytes.
fn source(patterns: &[(usize, &Recognizer, &Pattern)], name: &str, out: &Path) -> Result<String> {
    if patterns.is_empty() {
        return Ok("Source { patterns: &[], table: None }".to_owned());
    }
    let mut code = "Source { patterns: &[".to_owned();
    for (index, recognizer, p) in patterns {
        let check = p.check.as_ref().unwrap_or(&recognizer.check);
        let (score, near) = (p.score, p.near.unwrap_or(p.score));
        line(
            &mut code,
            format_args!(
                "Pattern {{ recognizer: {index}, score: {score:?}, near: {near:?}, check: {check:?} }},"
            ),
        );
    }
    let regexes: Vec<&str> = patterns.iter().map(|(_, _, p)| p.regex.as_str()).collect();
    let table = tables::generate(&regexes, &name.to_lowercase(), out)?;
    line(&mut code, format_args!("], table: Some({table}) }}"));
    Ok(code)
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
        let group = Some(file.automaton);
        recognizers.extend(file.recognizer.into_iter().map(|r| Recognizer { group, ..r }));
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
                    "Phrase {{ rest: &[{}], context: ContextSet({:?}), labels: &{:?}, grammars: &{:?} }},",
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

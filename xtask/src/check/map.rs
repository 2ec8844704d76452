//! `ARCHITECTURE.md` against the disk: its tree in both directions, and the paths its text names.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};

use super::{Report, plural};
use crate::house::House;

const MAP: &str = "ARCHITECTURE.md";
/// The tree is the first code block that opens like this.
const FENCE: &str = "```tree";

pub(super) fn check(house: &House) -> Result<Report> {
    let text = house.read(MAP)?;
    let listed = tree(&text)?;
    let mut problems = differences(&listed, &house.files);
    problems.extend(
        named(&text)
            .filter(|place| !house.files.iter().any(|file| lies_at(file, place)))
            .map(|place| format!("{MAP} speaks of `{place}`, which does not exist: correct the path")),
    );
    Ok(Report {
        summary: format!("{} lists {}", MAP, plural(listed.len(), "place")),
        problems,
        ..Report::default()
    })
}

/// The paths of the tree; folders end in `/`. Two spaces indent; the words after the name are for people.
fn tree(text: &str) -> Result<BTreeSet<String>> {
    let block = text
        .split_once(FENCE)
        .and_then(|(_, rest)| rest.split_once("\n```"))
        .with_context(|| format!("{MAP} has no code block that opens with `{FENCE}`"))?
        .0;
    let mut folders: Vec<&str> = Vec::new();
    let mut listed = BTreeSet::new();
    for line in block.lines().filter(|line| !line.trim().is_empty()) {
        let depth = (line.len() - line.trim_start_matches(' ').len()) / 2;
        let Some(name) = line.split_whitespace().next() else { continue };
        if depth > folders.len() {
            bail!("`{name}` in the tree of {MAP} is indented deeper than the folder above it");
        }
        folders.truncate(depth);
        listed.insert(format!("{}{name}", folders.concat()));
        if name.ends_with('/') {
            folders.push(name);
        }
    }
    Ok(listed)
}

/// Places listed but absent, and files or folders whose siblings are listed but they are not.
fn differences(listed: &BTreeSet<String>, files: &[String]) -> Vec<String> {
    let on_disk: BTreeSet<&str> = files.iter().flat_map(|file| with_folders(file)).collect();
    let opened: BTreeSet<&str> = listed.iter().map(|place| folder(place)).collect();
    let absent = listed
        .iter()
        .filter(|place| !on_disk.contains(place.as_str()))
        .map(|place| format!("{MAP} lists `{place}`, which does not exist: remove it or correct its name"));
    let unlisted = on_disk
        .iter()
        .filter(|place| opened.contains(folder(place)) && !listed.contains(**place))
        .map(|place| format!("`{place}` is not in the tree of {MAP}: add it with a few words"));
    absent.chain(unlisted).collect()
}

/// What stands in backticks and looks like a path.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    quoted.filter(|words| {
        let is_path =
            words.ends_with(".rs") || words.ends_with(".md") || words.trim_end_matches('/').contains('/');
        is_path && words.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
    })
}

/// Whether `file` is or lies in `place`, whose first folders may be left out.
fn lies_at(file: &str, place: &str) -> bool {
    let (file, place) = (format!("/{file}/"), format!("/{}/", place.trim_matches('/')));
    file.contains(&place)
}

/// A file's own path and those of the folders it lies in, which end in `/`.
fn with_folders(file: &str) -> impl Iterator<Item = &str> {
    file.match_indices('/').map(|(at, _)| &file[..=at]).chain([file])
}

/// The folder a place lies in, with its `/`; empty at the top.
fn folder(place: &str) -> &str {
    let inner = place.strip_suffix('/').unwrap_or(place);
    inner.rfind('/').map_or("", |at| &inner[..=at])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "```tree\nrun  starts it\ncrates/\n  detect/  finds\n    lib.rs\n  cli/\n```\n";

    fn problems(files: &[&str]) -> Vec<String> {
        let files: Vec<String> = files.iter().map(ToString::to_string).collect();
        differences(&tree(TEXT).expect("the tree is well formed"), &files)
    }

    #[test]
    fn a_true_map_passes_and_an_unopened_folder_is_nobodys_business() {
        assert!(problems(&["run", "crates/detect/lib.rs", "crates/cli/main.rs"]).is_empty());
    }

    #[test]
    fn paths_in_the_text_are_read() {
        let text = "`serve` of `cli/src/scan/` and\n`walk.rs` take `recognizers/*.toml`; `tacita scan a/b`";
        assert_eq!(named(text).collect::<Vec<_>>(), ["cli/src/scan/", "walk.rs"]);
        assert!(lies_at("crates/cli/src/scan/walk.rs", "cli/src/scan/"));
        assert!(lies_at("crates/cli/src/scan/walk.rs", "walk.rs"));
        assert!(!lies_at("crates/cli/src/scan/walk.rs", "alk.rs"));
    }

    #[test]
    fn both_directions_are_seen() {
        let problems = problems(&["run", "crates/detect/new.rs", "crates/cli/main.rs"]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("`crates/detect/lib.rs`, which does not exist"));
        assert!(problems[1].contains("`crates/detect/new.rs` is not in the tree"));
    }
}

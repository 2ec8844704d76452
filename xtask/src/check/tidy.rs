//! Scripts that run, files that name nobody's machine, crates that share the lints.

use anyhow::{Context, Result};

use super::{Report, plural};
use crate::house::House;

/// Texts whose subject is other people's paths: invented ones.
const INVENTED: [&str; 2] = ["samples/", "xtask/samples/"];

/// Run bits, and paths that exist on one machine only.
pub(super) fn check(house: &House) -> Result<Report> {
    let mut report = Report::default();
    let mut scripts = 0;
    for file in &house.files {
        let text = house.read(file)?;
        if text.starts_with("#!") && !text.starts_with("#![") {
            scripts += 1;
            if !runnable(house, file)? {
                report.problems.push(format!("{file} lacks its run bit: `chmod +x {file}`"));
            }
        }
        if !INVENTED.iter().any(|folder| file.starts_with(folder)) {
            let root = house.root.to_string_lossy();
            let lines = text.lines().enumerate().filter(|(_, line)| names_a_machine(line, &root));
            report.problems.extend(
                lines.map(|(at, _)| {
                    format!("{file}:{} names a path of one machine: make it relative", at + 1)
                }),
            );
        }
    }
    report.summary = format!("{}, {}", plural(house.files.len(), "file"), plural(scripts, "runnable script"));
    Ok(report)
}

/// Every crate takes the workspace's lints and its edition.
pub(super) fn workspace_lints(house: &House) -> Result<Report> {
    let mut report = Report::default();
    let manifests: Vec<&String> = house.files.iter().filter(|file| file.ends_with("/Cargo.toml")).collect();
    for file in &manifests {
        let manifest: toml::Table =
            house.read(file)?.parse().with_context(|| format!("{file} is not understood"))?;
        let inherits = |table: &str, key: &str| {
            manifest.get(table).and_then(|t| t.get(key)).is_some_and(|v| match v {
                toml::Value::Table(inner) => inner.get("workspace") == Some(&toml::Value::Boolean(true)),
                value => value == &toml::Value::Boolean(true),
            })
        };
        if !inherits("lints", "workspace") {
            report
                .problems
                .push(format!("{file} does not take the shared lints: add `[lints] workspace = true`"));
        }
        for key in ["edition", "license", "rust-version"] {
            if !inherits("package", key) {
                report
                    .problems
                    .push(format!("{file} does not take the shared {key}: write `{key}.workspace = true`"));
            }
        }
    }
    report.summary = format!("{} share lints, edition and licence", plural(manifests.len(), "crate"));
    Ok(report)
}

#[cfg(unix)]
fn runnable(house: &House, file: &str) -> Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(house.root.join(file).metadata()?.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn runnable(_: &House, _: &str) -> Result<bool> {
    Ok(true)
}

/// A home folder, or the folder of this checkout.
fn names_a_machine(line: &str, root: &str) -> bool {
    let home = ["/home/", "/Users/"].iter().any(|home| {
        line.match_indices(home).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + home.len()..].chars().next();
            before.is_none_or(|c| !c.is_alphanumeric() && c != '.')
                && after.is_some_and(char::is_alphanumeric)
        })
    });
    home || line.match_indices(root).any(|(at, _)| line[at + root.len()..].starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_are_seen() {
        let home = ["", "home", "mara", "x"].join("/");
        assert!(names_a_machine(&format!("open {home}"), "/srv/checkout"));
        assert!(names_a_machine("see /srv/checkout/run", "/srv/checkout"));
        assert!(!names_a_machine("https://example.org/home/start", "/srv/checkout"));
        assert!(!names_a_machine("in /usr/share/doc", "/srv/checkout"));
    }
}

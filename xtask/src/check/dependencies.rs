//! Dependencies that no source file names.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use cargo_metadata::{Dependency, Package};

use super::{Report, plural};
use crate::house::House;

pub(super) fn check(house: &House) -> Result<Report> {
    let metadata = house.metadata()?;
    let mut report = Report::default();
    let mut inherited = BTreeSet::new();
    let mut count = 0;
    for package in metadata.workspace_packages() {
        let words = words(house, package)?;
        let ignored = ignored(package);
        for dependency in &package.dependencies {
            count += 1;
            inherited.insert(dependency.name.as_str());
            let name = imported_name(dependency);
            if !words.contains(&name) && !ignored.contains(&dependency.name) {
                report.problems.push(format!(
                    "{} does not use `{}`: remove it, or list it under `package.metadata.cargo-machete.ignored` with why",
                    package.name, dependency.name
                ));
            }
        }
    }
    for unused in shared(house)?.iter().filter(|name| !inherited.contains(name.as_str())) {
        report.problems.push(format!("no crate uses the workspace's dependency `{unused}`: remove it"));
    }
    report.summary = format!("{}, all used", plural(count, "declared dependency").replace("ys", "ies"));
    Ok(report)
}

/// Every identifier in the package's Rust files.
fn words(house: &House, package: &Package) -> Result<BTreeSet<String>> {
    let folder = package.manifest_path.parent().context("a manifest lies in a folder")?;
    let folder = folder.strip_prefix(&house.root).context("a crate lies in the checkout")?;
    let prefix = format!("{folder}/");
    let mut words = BTreeSet::new();
    for file in house.files.iter().filter(|file| file.starts_with(&prefix) && file.ends_with(".rs")) {
        let text = house.read(file)?;
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        words.extend(
            code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_')).map(str::to_owned),
        );
    }
    Ok(words)
}

/// The name by which the code knows it.
fn imported_name(dependency: &Dependency) -> String {
    dependency.rename.as_ref().unwrap_or(&dependency.name).replace('-', "_")
}

/// Dependencies used in a way that no file shows, such as for a feature alone.
fn ignored(package: &Package) -> Vec<String> {
    let list = package.metadata.pointer("/cargo-machete/ignored").and_then(|list| list.as_array());
    list.into_iter().flatten().filter_map(|name| name.as_str()).map(str::to_owned).collect()
}

/// The names in `[workspace.dependencies]`.
fn shared(house: &House) -> Result<Vec<String>> {
    let manifest: toml::Table = house.read("Cargo.toml")?.parse()?;
    let table = manifest.get("workspace").and_then(|w| w.get("dependencies")).and_then(toml::Value::as_table);
    Ok(table.map(|table| table.keys().cloned().collect()).unwrap_or_default())
}

//! `deny.toml`: the licences we accept, the crates we don't, and where crates come from. The file is in the format
//! of cargo-deny, which can be run on it too.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use cargo_metadata::Package;
use serde::Deserialize;
use spdx::{Expression, LicenseItem, LicenseReq};

use super::{Report, plural};
use crate::house::House;

const POLICY: &str = "deny.toml";

#[derive(Deserialize)]
struct Policy {
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// Further licences for one crate.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

pub(super) fn check(house: &House) -> Result<Report> {
    let policy: Policy =
        toml::from_str(&house.read(POLICY)?).with_context(|| format!("{POLICY} is not understood"))?;
    let metadata = house.metadata()?;
    let built = house.built()?;
    let mut report = Report::default();
    for package in &metadata.packages {
        report.problems.extend(licence_problem(&policy.licenses, package));
        report.problems.extend(source_problem(&policy.sources, package));
    }
    report.problems.extend(ban_problems(&policy.bans, &built));
    for exception in &policy.licenses.exceptions {
        if !metadata.packages.iter().any(|package| package.name.as_str() == exception.name) {
            report.problems.push(format!(
                "{POLICY} makes an exception for `{}`, which we don't use: remove it",
                exception.name
            ));
        }
    }
    report.summary =
        format!("{} with accepted licences and sources", plural(metadata.packages.len(), "crate"));
    Ok(report)
}

fn licence_problem(licences: &Licences, package: &Package) -> Option<String> {
    let name = &package.name;
    let Some(licence) = &package.license else {
        return Some(format!("crate `{name}` names no licence: read it, then do without the crate"));
    };
    let Ok(expression) = Expression::parse_mode(licence, spdx::ParseMode::LAX) else {
        return Some(format!("crate `{name}` has a licence that is no SPDX expression: `{licence}`"));
    };
    let own = licences.exceptions.iter().filter(|exception| exception.name == name.as_str());
    let allowed: Vec<&str> =
        licences.allow.iter().chain(own.flat_map(|exception| &exception.allow)).map(String::as_str).collect();
    let accepted = expression.evaluate(|requirement| allowed.contains(&written(requirement).as_str()));
    (!accepted).then(|| {
        format!("crate `{name}` is under `{licence}`, which {POLICY} does not allow: do without it, or allow the licence if it is permissive")
    })
}

/// The licence as SPDX writes it, with its exception.
fn written(requirement: &LicenseReq) -> String {
    let licence = match &requirement.license {
        LicenseItem::Spdx { id, .. } => id.name.to_owned(),
        other => other.to_string(),
    };
    match &requirement.addition {
        Some(addition) => format!("{licence} WITH {addition}"),
        None => licence,
    }
}

fn source_problem(sources: &Sources, package: &Package) -> Option<String> {
    let source = package.source.as_ref()?;
    let registry = source.repr.strip_prefix("registry+").unwrap_or(&source.repr);
    (!sources.allow_registry.iter().any(|allowed| allowed == registry)).then(|| {
        format!("crate `{}` comes from `{}`: take a release from crates.io", package.name, source.repr)
    })
}

fn ban_problems(bans: &Bans, built: &BTreeSet<String>) -> impl Iterator<Item = String> {
    bans.deny.iter().filter(|ban| built.contains(&ban.name)).map(|Ban { name, reason }| {
        format!("crate `{name}` is banned ({reason}); `cargo tree --invert {name}` shows who brings it")
    })
}

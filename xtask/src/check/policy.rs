//! `deny.toml`: the licences we accept, the crates we don't, and where crates come from. The file is in the format
//! of cargo-deny, which can be run on it too.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, Package};
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
    /// The crates that may depend on it all the same.
    #[serde(default)]
    wrappers: Vec<String>,
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
    report.problems.extend(ban_problems(&policy.bans, &built, &dependents(&metadata)));
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

/// Who depends on what, directly.
type Dependents = BTreeMap<String, BTreeSet<String>>;

fn dependents(metadata: &Metadata) -> Dependents {
    let mut dependents = Dependents::new();
    for node in metadata.resolve.iter().flat_map(|resolve| &resolve.nodes) {
        for dependency in &node.dependencies {
            dependents
                .entry(metadata[dependency].name.to_string())
                .or_default()
                .insert(metadata[&node.id].name.to_string());
        }
    }
    dependents
}

fn ban_problems(bans: &Bans, built: &BTreeSet<String>, dependents: &Dependents) -> Vec<String> {
    let mut problems = Vec::new();
    for Ban { name, reason, wrappers } in &bans.deny {
        let users = dependents.get(name).into_iter().flatten().filter(|user| built.contains(*user));
        let wrapped = !wrappers.is_empty() && users.clone().all(|user| wrappers.contains(user));
        if built.contains(name) && !wrapped {
            problems.push(format!(
                "crate `{name}` is banned ({reason}); `cargo tree --invert {name}` shows who brings it"
            ));
        }
        for wrapper in wrappers.iter().filter(|wrapper| !users.clone().any(|user| user == *wrapper)) {
            problems.push(format!("{POLICY} lets `{wrapper}` use `{name}`, which it does not: remove that"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banned_crate_is_for_its_wrappers_alone() {
        let bans = |wrappers: &[&str]| Bans {
            deny: vec![Ban {
                name: "openssl-sys".to_owned(),
                reason: "one provider".to_owned(),
                wrappers: wrappers.iter().map(ToString::to_string).collect(),
            }],
        };
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let problems = |wrappers: &[&str], users: &[&str]| {
            let built = names(&[users, &["openssl-sys"]].concat());
            ban_problems(&bans(wrappers), &built, &[("openssl-sys".to_owned(), names(users))].into())
        };
        assert!(problems(&["sqlite"], &["sqlite"]).is_empty());
        assert!(problems(&[], &["sqlite"])[0].contains("banned"));
        assert!(problems(&["sqlite"], &["sqlite", "curl"])[0].contains("banned"));
        assert!(problems(&["sqlite", "curl"], &["sqlite"])[0].contains("remove that"));
    }
}

//! Which crate may depend on which.

use anyhow::Result;

use super::{Report, plural};
use crate::house::House;

/// A crate and the crates of ours it may depend on, in tests and build scripts too. Arrows point down.
const ARROWS: [(&str, &[&str]); 12] = [
    ("tacita-domain", &[]),
    ("tacita-detect", &[]),
    ("tacita-documents", &[]),
    ("tacita-ledger", &[]),
    ("tacita-corridor", &["tacita-domain"]),
    ("tacita-vault", &["tacita-corridor", "tacita-domain"]),
    ("tacita-language", &["tacita-detect"]),
    ("tacita-store", &["tacita-vault", "tacita-ledger", "tacita-corridor", "tacita-domain"]),
    (
        "tacita-service",
        &[
            "tacita-store",
            "tacita-vault",
            "tacita-ledger",
            "tacita-corridor",
            "tacita-domain",
            "tacita-documents",
            "tacita-language",
            "tacita-detect",
        ],
    ),
    (
        "tacita-server",
        &[
            "tacita-service",
            "tacita-ledger",
            "tacita-corridor",
            "tacita-domain",
            "tacita-documents",
            "tacita-language",
            "tacita-detect",
        ],
    ),
    (
        "tacita",
        &[
            "tacita-server",
            "tacita-service",
            "tacita-ledger",
            "tacita-domain",
            "tacita-documents",
            "tacita-language",
            "tacita-detect",
        ],
    ),
    (
        "xtask",
        &["tacita", "tacita-server", "tacita-ledger", "tacita-documents", "tacita-language", "tacita-detect"],
    ),
];

pub(super) fn check(house: &House) -> Result<Report> {
    let metadata = house.metadata()?;
    let ours = metadata.workspace_packages();
    let mut report = Report::default();
    let mut arrows = 0;
    for package in &ours {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name.as_str()) else {
            report.problems.push(format!(
                "crate {} is not listed in {}: say what it may depend on",
                package.name,
                file!()
            ));
            continue;
        };
        for dependency in
            package.dependencies.iter().filter(|d| ours.iter().any(|p| p.name.as_str() == d.name))
        {
            arrows += 1;
            if !allowed.contains(&dependency.name.as_str()) {
                report.problems.push(format!(
                    "{} may not depend on {}: move what it needs down, or hand it in from above",
                    package.name, dependency.name
                ));
            }
        }
    }
    for (gone, _) in ARROWS.iter().filter(|(name, _)| !ours.iter().any(|p| p.name.as_str() == *name)) {
        report.problems.push(format!("{} lists crate {gone}, which does not exist: remove it", file!()));
    }
    report.summary = format!("{}, {}, all listed", plural(ours.len(), "crate"), plural(arrows, "arrow"));
    Ok(report)
}

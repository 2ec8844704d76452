//! `--policy` and `--operator`: what becomes of which type.

use std::{fs, path::PathBuf};

use clap::Args;
use tacita_detect::redact::{Operator, Policy};

use crate::{escape::Escaped, failure::Failure};

/// What becomes of what is found.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyArgs {
    /// placeholder, replace, redact, mask, hash, encrypt, keep, shift_date or surrogate; for one type as TYPE=OPERATOR
    /// [default: placeholder]
    #[arg(long = "operator", value_name = "[TYPE=]OPERATOR")]
    operators: Vec<String>,
    /// A TOML file with `default = "…"` and a table `[entities]` of operators by type
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl PolicyArgs {
    /// The policy of the file, with the operators on top.
    pub(crate) fn policy(&self) -> Result<Policy, Failure> {
        let mut policy = match &self.policy {
            Some(path) => {
                let text = fs::read_to_string(path).map_err(Failure::read(path))?;
                toml::from_str(&text).map_err(|cause| {
                    Failure::Policy(format!("`{}`: {}", Escaped::path(path), cause.to_string().trim()))
                })?
            }
            None => Policy::default(),
        };
        for written in &self.operators {
            let (entity, name) =
                written.split_once('=').map_or((None, written.as_str()), |(e, n)| (Some(e), n));
            let operator: Operator = name.parse().map_err(|cause| Failure::Policy(format!("{cause}")))?;
            match entity {
                Some(entity) => drop(policy.entities.insert(entity.trim().to_owned(), operator)),
                None => policy.default = operator,
            }
        }
        policy.check().map_err(|cause| Failure::Policy(cause.to_string()))?;
        Ok(policy)
    }
}

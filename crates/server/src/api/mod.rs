//! Tacita's own API, one file per feature.

pub(crate) mod accounts;
pub(crate) mod answer;
pub(crate) mod attachments;
pub(crate) mod audit;
pub(crate) mod detect;
mod engine;
pub(crate) mod health;
pub(crate) mod ledger;
pub(crate) mod members;
pub(crate) mod metrics;
mod options;
mod parameters;
pub(crate) mod passkeys;
pub(crate) mod policies;
pub(crate) mod problems;
pub(crate) mod purposes;
pub(crate) mod ready;
pub(crate) mod records;
pub(crate) mod redact;
pub(crate) mod restore;
mod secret;
pub(crate) mod sessions;
pub(crate) mod signed_in;
mod subjects;

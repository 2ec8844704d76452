//! Every route, from the outside.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

mod client;

mod accounts;
mod analyzer;
mod anonymizer;
mod attachments;
mod authenticator;
mod beside;
mod canary;
mod detect;
mod docs;
mod doors;
mod hostile;
mod keeping;
mod ledger;
mod limits;
mod operation;
mod passkeys;
mod permissions;
mod policies;
mod problems;
mod records;
mod redact;
mod repeats;

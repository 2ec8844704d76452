//! One suite over a store, stamped onto each database. A case is a function that gets a [`House`](house::House) of its own.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test
#![allow(clippy::print_stdout, reason = "figures and skips are told")]

mod account;
mod accounts;
mod attachments;
mod backend;
mod commit;
mod epoch;
mod holdings;
mod house;
mod isolation;
mod jobs;
mod jobs_killed;
mod keyring;
mod kill;
mod ledger;
mod links;
mod lost;
mod members;
mod organisations;
mod passkeys;
mod policies;
mod prune;
mod purposes;
mod records;
mod refusals;
mod repeats;
mod rotation;
mod schema;
mod scope;
mod sessions;
mod subjects;
mod tokens;
mod verify;
mod witness;

/// Makes of each case a test for each database.
macro_rules! conformance {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $case() { crate::backend::run(crate::backend::Backend::Sqlite, super::$case); })+
        }
        mod postgres {
            $(#[test] fn $case() { crate::backend::run(crate::backend::Backend::Postgres, super::$case); })+
        }
    };
}
pub(crate) use conformance;

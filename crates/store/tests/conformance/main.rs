//! One suite over a store, stamped onto each database. A case is a function that gets a [`House`](house::House) of its own.

mod account;
mod backend;
mod commit;
mod house;
mod isolation;
mod keyring;
mod ledger;
mod organisations;
mod purposes;
mod records;
mod refusals;
mod schema;
mod subjects;
mod tokens;

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

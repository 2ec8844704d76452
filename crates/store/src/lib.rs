//! The two databases behind one type.
//!
//! A [`Store`] keeps an organisation's data in SQLite (encrypted by SQLCipher) or PostgreSQL, and its keys in a database of their
//! own, the [`KeyRing`]. Personal data is read and written by a [`Passage`](tacita_corridor::Passage) alone:
//! [`Store::commit`] does a feature's work and writes its account in one transaction, and answers when both are on the disk.
//!
//! The functions of a feature (`records::insert`, `purposes::put`, …) take a transaction and run statements. One text serves both
//! databases; it can't be written without naming the organisation ([`Scoped`]), except for the work under a named
//! [`SystemScope`].
//!
//! An operation is done by its passage:
//!
//! ```
//! # use {tacita_corridor::*, tacita_store::*};
//! async fn write(store: &Store, by: Passage) {
//!     drop(store.commit(by, None, |_| Ok(())).await);
//! }
//! ```
//!
//! and not by what was merely asked for:
//!
//! ```compile_fail
//! # use {tacita_corridor::*, tacita_store::*};
//! async fn write(store: &Store, by: Operation) {
//!     drop(store.commit(by, None, |_| Ok(())).await);
//! }
//! ```

mod account;
pub mod accounts;
pub mod attachments;
pub mod audit;
pub mod challenges;
mod commit;
mod database;
pub mod doctor;
pub mod epoch;
mod error;
pub mod holdings;
pub mod jobs;
mod keyring;
pub mod ledger;
pub mod links;
pub mod members;
pub mod organisations;
pub mod passkeys;
pub mod policies;
pub mod prune;
pub mod purposes;
pub mod records;
pub mod repeats;
mod scope;
pub mod sessions;
mod store;
pub mod subjects;
pub mod tokens;
pub mod verify;
pub mod witness;

pub use commit::Commits;
pub use database::{
    Column, Facts, FromColumn, Kind, Place, Reading, Row, Scoped, Spanning, Steps, Text, Unscoped, Value,
    Writing, numbered,
};
pub use error::Error;
pub use keyring::{Identity, KeyRing, OrganisationKeys, Rotation, Sample, Verified, verify};
pub use scope::{SystemScope, Used, used};
pub use store::{Settings, Store};

/// What time it is.
pub type Clock = fn() -> tacita_domain::Timestamp;

/// Where randomness comes from: [`tacita_vault::system_random`] outside tests.
pub type Chance = fn(&mut [u8]);

//! The corridor: the one way to personal data.
//!
//! An [`Operation`] says what is to be done, to whom, for what and by whom. [`Gate::admit`] asks whether the actor may
//! ([`Policy`]) and whether there is a lawful basis ([`Basis`]), and makes a [`Passage`] of it. Nothing else can make one, and
//! everything that touches personal data asks for one: a transaction of the store, opening a sealed field, handing a value to
//! somebody ([`Egress`]). The store consumes the passage and writes its [`Account`] in the same transaction as the data, so that
//! there is no write without a basis and no read without a record. A passage that is dropped leaves an account too: it was
//! abandoned.
//!
//! What holds this is the compiler. Each of these differs in one thing from one that compiles. The gate makes a passage:
//!
//! ```
//! # use tacita_corridor::*;
//! async fn passage<P: Policy, B: Basis, J: Journal>(gate: &Gate<P, B, J>, operation: Operation) -> Option<Passage> {
//!     gate.admit(operation).await.ok()
//! }
//! ```
//!
//! and there is no other value of this type to return, nor can one be put together: its parts are private.
//!
//! ```compile_fail
//! # use tacita_corridor::*;
//! async fn passage<P: Policy, B: Basis, J: Journal>(gate: &Gate<P, B, J>, operation: Operation) -> Option<Passage> {
//!     Some(Passage { inner: None, recipients: Default::default() })
//! }
//! ```
//!
//! What was opened is given out by the account that is on the disk:
//!
//! ```
//! # use tacita_corridor::*;
//! fn give(value: Sensitive<String>, account: &Committed) -> Option<String> {
//!     value.release(account).ok()
//! }
//! ```
//!
//! and not by a passage, of which nothing is written yet:
//!
//! ```compile_fail
//! # use tacita_corridor::*;
//! fn give(value: Sensitive<String>, account: &Passage) -> Option<String> {
//!     value.release(account).ok()
//! }
//! ```
//!
//! It leaves the process by an egress, which the account names:
//!
//! ```
//! # use tacita_corridor::*;
//! fn tell<'v>(value: &'v Sensitive<String>, to: &Egress<'_>) -> Option<&'v str> {
//!     value.send(to).ok().map(|text| text.as_str())
//! }
//! ```
//!
//! and by nothing less:
//!
//! ```compile_fail
//! # use tacita_corridor::*;
//! fn tell<'v>(value: &'v Sensitive<String>, to: &Recipient) -> Option<&'v str> {
//!     value.send(to).ok().map(|text| text.as_str())
//! }
//! ```
//!
//! Nor does it print itself: [`Sensitive`] has `Debug`, which says `[redacted]`,
//!
//! ```
//! # use tacita_corridor::*;
//! fn show(value: &Sensitive<String>) -> String {
//!     format!("{value:?}")
//! }
//! ```
//!
//! and no `Display`:
//!
//! ```compile_fail
//! # use tacita_corridor::*;
//! fn show(value: &Sensitive<String>) -> String {
//!     format!("{value}")
//! }
//! ```

mod account;
mod decision;
mod egress;
mod gate;
mod operation;
mod passage;
mod sensitive;

pub use account::{Account, Committed, Outcome};
pub use decision::{Decision, PolicySetId};
pub use egress::{Egress, Recipient};
pub use gate::{Basis, Denied, Gate, Ground, Journal, Policy, Reason, Refusal, Unrecorded};
pub use operation::Operation;
pub use passage::Passage;
pub use sensitive::{Sensitive, Unaccounted};

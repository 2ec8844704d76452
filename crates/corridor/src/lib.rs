//! The corridor: the one way to personal data.
//!
//! An [`Operation`] says what is to be done, to whom, for what and by whom. [`Gate::admit`] asks whether the actor may
//! ([`Policy`]) and whether there is a lawful basis ([`Basis`]), and makes a [`Passage`] of it. Nothing else can make one, and
//! everything that touches personal data asks for one: a transaction of the store, opening a sealed field, handing a value to
//! somebody ([`Egress`]). The store consumes the passage and writes its [`Account`] in the same transaction as the data, so that
//! there is no write without a basis and no read without a record. A passage that is dropped leaves an account too: it was
//! abandoned.
//!
//! ```compile_fail
//! // A passage has no constructor.
//! let passage = tacita_corridor::Passage { };
//! ```
//!
//! ```compile_fail
//! # fn leak(value: tacita_corridor::Sensitive<String>) -> String {
//! // What was opened can't be taken out without a passage that is on disk.
//! value.into_inner()
//! # }
//! ```
//!
//! ```compile_fail
//! # fn leak(value: &tacita_corridor::Sensitive<String>) -> String {
//! // Nor does it print itself.
//! value.to_string()
//! # }
//! ```

mod account;
mod egress;
mod gate;
mod operation;
mod passage;
mod sensitive;

pub use account::{Account, Committed, Outcome};
pub use egress::{Egress, Recipient};
pub use gate::{Basis, Denied, Gate, Ground, Journal, Policy, Reason, Refusal, Unrecorded};
pub use operation::Operation;
pub use passage::Passage;
pub use sensitive::{Sensitive, Unaccounted};

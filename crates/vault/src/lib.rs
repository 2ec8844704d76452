//! The vault: keys, what they seal, and the memory they lie in.
//!
//! A [`Root`] key wraps the keys of organisations ([`OrganisationKey`]), which wrap the keys of data subjects ([`SubjectKey`]),
//! which seal fields and files. Each value is sealed for its [`Place`] and opens nowhere else; each key opens only as what it was
//! wrapped as. A subject key is random and made by nothing else: where it is destroyed, what it sealed is noise, in every backup
//! too. What is opened needs a [`Passage`](tacita_corridor::Passage) and comes out as
//! [`Sensitive`](tacita_corridor::Sensitive).
//!
//! There is no database here: wrapped keys and sealed values are bytes, which the store keeps. Keys lie in [`SecureMemory`]; the
//! expanded form of a key lies in ordinary memory for the microsecond in which it seals or opens, and is wiped.
//!
//! ```
//! use tacita_domain::{OrganisationId, SubjectId, Timestamp};
//! use tacita_vault::{
//!     KeyKind, KeyName, OrganisationKey, Place, Root, RootKey, Sealed, SecureMemory, SubjectKey, Wrapped, system_random,
//! };
//!
//! # use tacita_corridor::*;
//! # fn passage(organisation: OrganisationId) -> Passage {
//! #     #[derive(Clone)]
//! #     struct Yes;
//! #     impl Policy for Yes {
//! #         async fn permit(&self, _: &Operation) -> Result<Decision, Denied> { Ok(Decision::default()) }
//! #     }
//! #     impl Basis for Yes {
//! #         async fn ground(&self, _: &Operation) -> Result<Ground, Denied> {
//! #             let (basis, class) = (tacita_domain::LawfulBasis::Contract, tacita_domain::DataClass::Personal);
//! #             Ok(Ground { version: 1, basis, class })
//! #         }
//! #     }
//! #     impl Journal for Yes {
//! #         async fn refused(&self, _: &Refusal) -> Result<(), Unrecorded> { Ok(()) }
//! #         fn abandoned(&self, _: Refusal) {}
//! #     }
//! #     let at = Timestamp::from_micros(0);
//! #     let operation = Operation {
//! #         id: tacita_domain::OperationId::new(at, [1; 10]), organisation, at,
//! #         action: tacita_domain::Action::RecordRead, purpose: "support".parse().unwrap(), subject: None,
//! #         actor: tacita_domain::Actor::System("example"), trace: tacita_domain::Trace::from_bytes([1; 16]).unwrap(),
//! #     };
//! #     let gate = Gate::new(Yes, Yes, Yes);
//! #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! #     match std::pin::pin!(gate.admit(operation)).poll(&mut context) {
//! #         std::task::Poll::Ready(Ok(passage)) => passage,
//! #         _ => unreachable!(),
//! #     }
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let memory = SecureMemory::new();
//! let random = &mut system_random;
//! let organisation = OrganisationId::new(Timestamp::from_micros(0), [1; 10]);
//! let subject = SubjectId::new(Timestamp::from_micros(0), [2; 10]);
//!
//! // Once: keys are made, and lie wrapped in the key ring.
//! let root = Root::Local(RootKey::generate(&memory, random));
//! let key = OrganisationKey::generate(organisation, &memory, random);
//! let wrapped: Wrapped = key.wrap(&root, random)?;
//! let name = KeyName { organisation, subject, kind: KeyKind::Subject };
//! let wrapped_subject = key.wrap_subject(&SubjectKey::generate(name, &memory, random), random)?;
//!
//! // Later: they come from there.
//! let key = OrganisationKey::unwrap(&root, organisation, 1, &wrapped, &memory)?;
//! let subject_key = key.unwrap_subject(name, &wrapped_subject, &memory)?;
//!
//! // A field is sealed for where it lies, and opens there, by a passage.
//! let place = Place { organisation, table: "record", column: "payload", row: &[7; 16] };
//! let sealed = subject_key.seal(&place, b"Mara Lind", random)?;
//! let stored: Vec<u8> = sealed.into_bytes();
//!
//! let passage = passage(organisation);
//! let opened = subject_key.open(&passage, &place, &Sealed::parse(stored.clone())?)?;
//! assert_eq!(opened.read(&passage), b"Mara Lind");
//! assert_eq!(format!("{opened:?} {subject_key:?}"), "[redacted] SubjectKey([secret])");
//!
//! let elsewhere = Place { row: &[8; 16], ..place };
//! assert!(subject_key.open(&passage, &elsewhere, &Sealed::parse(stored)?).is_err());
//! # Ok(())
//! # }
//! ```
//!
//! A field is opened by a passage, which the gate alone makes:
//!
//! ```
//! # use {tacita_corridor::*, tacita_vault::*};
//! fn open(key: &SubjectKey, by: &Passage, place: &Place<'_>, sealed: &Sealed) {
//!     drop(key.open(by, place, sealed));
//! }
//! ```
//!
//! and by nothing that anybody can make:
//!
//! ```compile_fail
//! # use {tacita_corridor::*, tacita_vault::*};
//! fn open(key: &SubjectKey, by: &Operation, place: &Place<'_>, sealed: &Sealed) {
//!     drop(key.open(by, place, sealed));
//! }
//! ```

mod cache;
mod claims;
mod derive;
mod harden;
mod memory;
mod organisation;
mod password;
mod place;
mod random;
mod recovery;
mod root;
mod sealed;
mod secret;
mod stream;
mod subject;
#[cfg(test)]
mod testing;
mod token;
mod totp;
mod wrapped;

pub use cache::{KeyCache, Lookup, Overtaken, Vacancy};
pub use claims::{BadClaims, ClaimsKey, PublicClaimsKey};
pub use harden::{HardenError, Hardening, harden};
pub use memory::{Protection, SecureMemory};
pub use organisation::{BlindIndex, Compartment, OrganisationKey};
pub use password::{LONGEST_PASSWORD, PasswordError, PasswordHash, sha1_of_password};
pub use place::Place;
pub use random::{Random, system_random};
pub use recovery::RecoveryCodes;
pub use root::{
    ExportError, Root, RootError, RootId, RootKey, RootSource, Start, Transit, TransitError, TransitSettings,
};
pub use sealed::{FIELD_LIMIT, OVERHEAD, OpenError, SealError, Sealed};
pub use secret::Secret;
pub use stream::{OpeningReader, SealingWriter, StreamError};
pub use subject::{Destroyed, KeyKind, KeyName, SubjectKey};
pub use token::{Token, TokenError, TokenHash, are_equal, sha256};
pub use totp::TotpSecret;
pub use wrapped::{UnwrapError, Wrapped};

//! Redaction: findings become placeholders, hashes, masks …, and what can be undone is undone.
//!
//! A [`Policy`] says which [`Operator`] treats which type. A [`Redactor`] applies it to the texts of one scope: the
//! same value gets the same placeholder, hash, surrogate and date shift throughout the scope. What it must remember
//! to undo its work is a [`Vault`], which leaves the process only sealed. [`restore`] needs that vault and the key.
//!
//! What may overlap in the findings never corrupts the text, see [`Redactor::redact`]. What in the text already
//! looks like a token of ours is itself replaced by a token, so that `restore(redact(text))` is `text`, and stays it
//! when the text around the tokens was changed, the tokens reordered, repeated or dropped.
//!
//! ```
//! use tacita_detect::{Detector, Options};
//! use tacita_detect::redact::{Key, Operator, Policy, Redactor, Vault, restore, system_random};
//!
//! let detector = Detector::new(Options::default())?;
//! let key = Key::generate(&mut system_random);
//! let policy = Policy::all(Operator::Placeholder);
//! let mut redactor = Redactor::new(policy, &key, Vault::new("letters"), system_random)?;
//!
//! let text = "Write to mara.lind@example.org";
//! let redacted = redactor.redact(text, &detector.detect(text), |entity| detector.entity_name(entity))?;
//! assert_eq!(redacted.text, "Write to [EMAIL_ADDRESS_001]");
//!
//! let sealed = redactor.vault().seal(&key, &mut system_random);
//! let vault = Vault::open(&sealed, &key)?;
//! assert_eq!(restore("Reply to [EMAIL_ADDRESS_001]!", &vault, &key).text, "Reply to mara.lind@example.org!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod dates;
mod draft;
mod key;
mod policy;
mod random;
mod redactor;
mod restore;
mod spans;
mod spread;
mod surrogate;
mod token;
mod vault;

pub use key::{Key, KeyError};
pub use policy::{Operator, OperatorKind, Policy, PolicyError};
pub use random::{Random, system_random};
pub use redactor::{Change, Item, RedactError, Redacted, Redactor};
pub use restore::{Restored, Restorer, restore};
pub use spread::spread;
pub use vault::{Vault, VaultError};

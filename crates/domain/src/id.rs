//! Identifiers: UUIDv7 (RFC 9562 §5.7), so that rows lie in the order they were made in; a type per thing, so that none is
//! taken for another.

use std::{error::Error, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::Timestamp;

/// Why a text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadId;

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id: give a UUID such as `01990a1e-7c3a-7b52-8e0f-3f6f2b9d5a10`")
    }
}

impl Error for BadId {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new one, made at `at` with ten bytes of chance, of which 74 bits are used.
            #[must_use]
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                Self(Builder::from_unix_timestamp_millis(at.millis(), &random).into_uuid())
            }

            /// The one with these bytes, in network order.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Its bytes, in network order.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                // The hyphenated form only, so that an id has one spelling in paths and logs.
                let uuid = Uuid::try_parse(text).map_err(|_| BadId)?;
                if text.len() == 36 { Ok(Self(uuid)) } else { Err(BadId) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }
    )+};
}

ids! {
    /// An organisation: the tenant, usually the controller.
    OrganisationId,
    /// A data subject: whom data is about.
    SubjectId,
    /// A record of a data subject.
    RecordId,
    /// A file that belongs to a record.
    AttachmentId,
    /// An operation; also the id of its entry in the ledger and of its run in the lineage.
    OperationId,
    /// A job: something to be done later.
    JobId,
    /// A token by which a service signs in.
    TokenId,
    /// A person's account, by which they sign in, whatever organisations they belong to.
    AccountId,
    /// Where somebody is signed in.
    SessionId,
    /// A passkey by which somebody signs in.
    PasskeyId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_are_greater_and_keep_their_spelling() {
        let first = RecordId::new(Timestamp::from_micros(1_000_000), [0xff; 10]);
        let second = RecordId::new(Timestamp::from_micros(1_001_000), [0; 10]);
        assert!(first < second);
        assert_eq!(first.to_string().parse(), Ok(first));
        assert_eq!(first.as_bytes()[6] >> 4, 7, "version 7");
    }

    #[test]
    fn other_spellings_are_refused() {
        let id = RecordId::new(Timestamp::from_micros(0), [1; 10]).to_string();
        for text in ["", "x", &id.replace('-', ""), &format!("{{{id}}}"), &format!("urn:uuid:{id}"), &id[1..]]
        {
            assert_eq!(text.parse::<RecordId>(), Err(BadId), "{text}");
        }
    }
}

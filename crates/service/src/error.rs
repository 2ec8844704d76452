//! Why a use-case could not do what it was asked.

use std::{error, fmt};

use tacita_corridor::{Refusal, Unaccounted};

use crate::WitnessError;

/// Why a use-case could not do what it was asked. Values of the request never stand in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// It was not admitted, or no longer when it came to it.
    Refused(Box<Refusal>),
    /// There is no such thing in this organisation, or it is gone.
    NotFound,
    /// It stands at another version by now.
    Changed,
    /// What is to be made is there already.
    Exists,
    /// A password or a code is wrong.
    Wrong,
    /// Whoever asks has not shown lately that it is them.
    Stale,
    /// The request does not make sense; the message says why.
    Invalid(String),
    /// The folder of files could not be used.
    Files(std::io::Error),
    /// The store could not do it.
    Store(tacita_store::Error),
    /// What a witness knows of a log speaks against signing it.
    Witness(WitnessError),
    /// A value was to be given out without its account.
    Unaccounted(Unaccounted),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::NotFound => f.write_str("there is no such thing in this organisation"),
            Self::Changed => f.write_str("it was changed meanwhile; read it again"),
            Self::Exists => f.write_str("it exists already"),
            Self::Wrong => f.write_str("the password or the code is wrong"),
            Self::Stale => f.write_str(
                "it takes somebody who has just shown that it is them: sign in again, or send the account's `password` where it is taken",
            ),
            Self::Invalid(why) => f.write_str(why),
            Self::Files(cause) => write!(f, "the folder of files can't be used: {cause}"),
            Self::Store(cause) => cause.fmt(f),
            Self::Witness(cause) => cause.fmt(f),
            Self::Unaccounted(cause) => cause.fmt(f),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Files(cause) => Some(cause),
            Self::Store(cause) => Some(cause),
            _ => None,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Unaccounted> for Error {
    fn from(cause: Unaccounted) -> Self {
        Self::Unaccounted(cause)
    }
}

impl From<tacita_store::Error> for Error {
    fn from(cause: tacita_store::Error) -> Self {
        match cause {
            tacita_store::Error::NotFound => Self::NotFound,
            tacita_store::Error::Exists => Self::Exists,
            tacita_store::Error::Changed => Self::Changed,
            tacita_store::Error::Full | tacita_store::Error::LastOwner | tacita_store::Error::Unrelated => {
                Self::Invalid(cause.to_string())
            }
            cause => Self::Store(cause),
        }
    }
}

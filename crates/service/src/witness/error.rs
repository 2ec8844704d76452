//! Why a log is not signed.

use std::fmt;

/// Why a log is not signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WitnessError {
    /// A witness knows more entries than there are.
    Behind {
        /// The witness.
        witness: String,
        /// The log.
        origin: String,
        /// How many entries the witness knows.
        known: u64,
        /// How many the database has.
        ours: u64,
    },
    /// A witness knows other entries.
    Forked {
        /// The witness.
        witness: String,
        /// The log.
        origin: String,
        /// How many entries the checkpoint has that the database does not continue.
        known: u64,
        /// How many the database has.
        ours: u64,
    },
    /// A witness knows a later epoch.
    Later {
        /// The witness.
        witness: String,
        /// The log.
        origin: String,
        /// Its epoch in the database, from 1.
        epoch: u64,
        /// The epoch that the witness knows.
        known: u64,
    },
    /// The database does not continue what this process has signed.
    Lost {
        /// The log.
        origin: String,
        /// How many entries this process has signed.
        known: u64,
        /// How many the database has.
        ours: u64,
    },
    /// No witness could say what it knows; which was asked last, and why it could not.
    Unasked {
        /// The witness.
        witness: String,
        /// Why.
        why: String,
    },
}

impl fmt::Display for WitnessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Behind { witness, origin, known, ours } => write!(
                f,
                "the witness `{witness}` knows {known} entries of the log `{origin}`, and this database has {ours}: an older \
                 database was put back, and nothing is signed; put the newest one back, or let the log go on from here by `tacita \
                 ledger begin-epoch`"
            ),
            Self::Forked { witness, origin, known, ours } => write!(
                f,
                "of the {ours} entries of the log `{origin}` the first {known} are not those that the witness `{witness}` knows: \
                 the log was rewritten, or went on from an older database, and nothing more is signed; keep the database as it \
                 is, and compare it with a backup"
            ),
            Self::Later { witness, origin, epoch, known } => write!(
                f,
                "the witness `{witness}` knows epoch {known} of the log, and this database is in epoch {epoch}, `{origin}`: an older \
                 database was put back, and nothing is signed; put the newest one back, or let the log go on from here by `tacita \
                 ledger begin-epoch`"
            ),
            Self::Lost { origin, known, ours } => write!(
                f,
                "this process has signed {known} entries of the log `{origin}`, and the database, which has {ours}, does not continue \
                 them: it was put back, or another took its place, and nothing is signed; put the newest one back, or stop the server \
                 and let the log go on from here by `tacita ledger begin-epoch`"
            ),
            Self::Unasked { witness, why } => write!(
                f,
                "whether the database is the newest is not known, and nothing is signed until a witness says so: `{witness}`: {why}"
            ),
        }
    }
}

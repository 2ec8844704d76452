//! What the process gives up, so that nobody reads keys out of it.

use std::io;

/// What could not be given up. The program can go on; its operator should know.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HardenError {
    /// A crash may write memory to disk.
    #[error("core dumps can't be switched off ({0}); a crash may write keys to disk: set `ulimit -c 0`")]
    CoreDumps(#[source] io::Error),
    /// Other processes of the same user may read this one's memory.
    #[error("other processes of this user may read this one's memory ({0}); run it under a user of its own")]
    Readable(#[source] io::Error),
    /// The limit of locked memory can't be read or raised.
    #[error("the limit of locked memory can't be raised ({0}); set `ulimit -l` or `LimitMEMLOCK=`")]
    LockedMemory(#[source] io::Error),
    /// The operating system is one for which nothing is done.
    #[error("on this operating system memory is not protected; use Linux where that matters")]
    Unsupported,
}

/// What [`harden`] has brought about.
#[derive(Debug, Default)]
pub struct Hardening {
    /// How many bytes may be locked; none where there is no limit, or none is known.
    pub lockable: Option<u64>,
    /// What could not be done.
    pub problems: Vec<HardenError>,
}

/// Switches off core dumps, keeps other processes of the same user from reading or tracing this one, and raises the limit of
/// locked memory as far as the operating system allows. To be called first, before there are keys and threads.
///
/// Who administers the machine can still read the memory of keys, unless it is [`Protection::Secret`](crate::Protection::Secret).
#[must_use]
pub fn harden() -> Hardening {
    #[cfg(unix)]
    return unix::harden();
    #[cfg(not(unix))]
    Hardening { lockable: None, problems: vec![HardenError::Unsupported] }
}

#[cfg(unix)]
mod unix {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::{HardenError, Hardening};

    pub(super) fn harden() -> Hardening {
        let mut problems = Vec::new();
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        if let Err(error) = setrlimit(Resource::Core, none) {
            problems.push(HardenError::CoreDumps(error.into()));
        }
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{DumpableBehavior, set_dumpable_behavior};
            if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
                problems.push(HardenError::Readable(error.into()));
            }
        }
        #[cfg(not(target_os = "linux"))]
        problems.push(HardenError::Unsupported);
        // Only a privileged process may lift the limit altogether; any may go up to its own maximum.
        if setrlimit(Resource::Memlock, Rlimit { current: None, maximum: None }).is_err() {
            let maximum = getrlimit(Resource::Memlock).maximum;
            if let Err(error) = setrlimit(Resource::Memlock, Rlimit { current: maximum, maximum }) {
                problems.push(HardenError::LockedMemory(error.into()));
            }
        }
        Hardening { lockable: getrlimit(Resource::Memlock).current, problems }
    }
}

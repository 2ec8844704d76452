//! A scan: what lies under the paths, what is in it, in the order of the paths.

mod examine;
mod fail_on;
mod hits;
mod stream;
mod walk;

pub(crate) use examine::{Examined, Examiner};
pub(crate) use fail_on::FailOn;
pub(crate) use hits::{Detail, masked_names, with_masked};
pub(crate) use stream::scan_stream;
pub(crate) use walk::{Found, Walk, WalkArgs, check_roots};

//! The public evaluation data, which is no part of the repository.

use std::{env, fs, path::Path};

/// A file of it, or nothing where it is not at hand, which only a developer's machine may lack.
#[allow(clippy::print_stdout, reason = "a skipped test says so; some who include this allow it anyway")]
pub(crate) fn data(name: &str) -> Option<String> {
    let Some(folder) = env::var_os("TACITA_EVAL_DATA") else {
        assert!(env::var_os("CI").is_none(), "TACITA_EVAL_DATA must be set in CI");
        println!("skipped: TACITA_EVAL_DATA is not set");
        return None;
    };
    let path = Path::new(&folder).join("detect").join(name);
    Some(fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

//! The HTTP surface: the API of Tacita, and what Presidio clients speak.
//!
//! ```no_run
//! use tacita_server::Config;
//!
//! tacita_server::run(&Config::default())?;
//! # Ok::<(), tacita_server::ServeError>(())
//! ```

mod config;
mod serve;

pub use config::{Config, Limits};
pub use serve::{ServeError, run, serve};

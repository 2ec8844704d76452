//! The HTTP surface: the API of Tacita, and what Presidio clients speak.
//!
//! ```no_run
//! use tacita_server::Config;
//!
//! tacita_server::run(&Config::default())?;
//! # Ok::<(), tacita_server::ServeError>(())
//! ```

mod api;
mod body;
mod config;
mod cookie;
mod detectors;
mod limits;
mod metrics;
mod oauth;
mod observe;
mod presidio;
mod problem;
mod repeats;
mod router;
mod serve;
mod state;
mod trace;
mod transport;
mod welcome;
mod work;

pub use config::Config;
pub use limits::{ForwardedBy, Limits, Rate, Rates, SharedRates};
pub use router::router;
pub use serve::{ServeError, run, serve};
pub use transport::{Acme, Certificate, PostQuantum, Tls, TlsError, Transport};

//! Finds and redacts personal data in text.
//!
//! Pure: no I/O, no async, no clock. Offsets are bytes into the text unless a function says otherwise, `end`
//! exclusive. No type of this crate prints a value it was given: a [`Finding`] carries a place, never the text.
//!
//! ```
//! use tacita_detect::{Detector, Options};
//!
//! let detector = Detector::new(Options::default()).expect("the default options are valid");
//! let text = "Write to mara.lind@example.org";
//! let findings = detector.detect(text);
//! assert_eq!(detector.entity_name(findings[0].entity), "EMAIL_ADDRESS");
//! assert_eq!(&text[findings[0].start..findings[0].end], "mara.lind@example.org");
//! ```

mod catalog;
pub mod checks;
pub mod columns;
mod detector;
mod engine;
pub mod evaluation;
mod finding;
pub mod names;
mod offsets;
pub mod phone;
pub mod presidio;
mod reader;
pub mod redact;
pub mod rules;

pub use catalog::{Recognizer, recognizers};
pub use detector::{Detector, Options, OptionsError, Overlaps, Stream};
pub use finding::{EntityId, Finding};
pub use offsets::{OffsetUnit, convert_char_offsets, convert_offsets};
pub use reader::{Reader, Reading};
pub use rules::{Rules, RulesError};

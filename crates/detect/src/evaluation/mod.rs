//! How good detection is, measured on texts in which people marked what there is to find.
//!
//! [`read()`] reads such texts, a [`Mapping`] turns the types they name into ours, [`score()`] compares what was found.
//!
//! ```
//! use tacita_detect::{Detector, Options, evaluation};
//!
//! let file = r#"{"text": "Write to mara.lind@example.org", "spans": [[9, 30, "EMAIL"]]}"#;
//! let mut texts = evaluation::read(file)?;
//! let mut mapping = evaluation::Mapping::default();
//! mapping.add("EMAIL", "EMAIL_ADDRESS");
//! mapping.apply(&mut texts);
//!
//! let detector = Detector::new(Options::default()).expect("the default options are valid");
//! let found: Vec<_> = texts.iter().map(|text| evaluation::find(&detector, &text.text)).collect();
//! let scores = evaluation::score(&texts, &found, |_| true, 0.75);
//! assert_eq!(scores.row("EMAIL_ADDRESS").expect("it is marked").exact.f1.value, 1.0);
//! # Ok::<(), evaluation::ReadError>(())
//! ```

mod addresses;
mod figures;
mod mapping;
mod read;
mod score;

use std::{collections::BTreeMap, ops::Range};

pub use addresses::join_addresses;
pub use figures::{Figure, Interval, Quality, RESAMPLES, Row};
pub use mapping::Mapping;
pub use read::{Mistake, ReadError, read};
pub use score::{Bin, Grouping, Scores, score};

use crate::Detector;

/// A text and what people marked in it.
#[derive(Clone, Default)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// What is marked, as the file has it.
    pub spans: Vec<Span>,
    /// Groups that the people named in it belong to: `region` → `South Asia`.
    pub groups: BTreeMap<String, String>,
}

/// A stretch of a text and its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Bytes of the text.
    pub place: Range<usize>,
    /// The type.
    pub entity: String,
}

/// What a detector found in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<'a> {
    /// Bytes of the text.
    pub place: Range<usize>,
    /// The type.
    pub entity: &'a str,
    /// The confidence.
    pub score: f32,
}

/// What `detector` finds in `text`.
#[must_use]
pub fn find<'a>(detector: &'a Detector, text: &str) -> Vec<Found<'a>> {
    let found = detector.detect(text).into_iter().map(|finding| Found {
        place: finding.start..finding.end,
        entity: detector.entity_name(finding.entity),
        score: finding.score,
    });
    found.collect()
}

//! Reads the text out of documents, with the place each part of it stands at.
//!
//! [`read`] takes the bytes of a file and gives a [`Document`]: one text in which to detect, the way from each offset of
//! it to a place a person can go to, and, for textual formats, the way to write the file again with parts replaced.
//!
//! ```
//! use tacita_documents::{Limits, read};
//!
//! let table = b"name,email\nMara Lind,mara.lind@example.org\n";
//! let document = read("customers.csv", table, &Limits::default())?;
//! let start = document.text().find("mara.lind").expect("the address is in the text");
//! let finding = start..start + "mara.lind@example.org".len();
//! for part in document.clip(finding.clone()) {
//!     assert_eq!(document.locate(part).to_string(), "row 2, column email");
//! }
//! let redacted = document.rewrite(&[(finding, "[EMAIL]")])?;
//! assert_eq!(redacted, b"name,email\nMara Lind,[EMAIL]\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod budget;
mod codec;
mod codec_yaml;
mod codepage;
mod columns;
mod deadline;
mod decode;
mod document;
mod error;
#[cfg(test)]
mod fixtures;
mod format;
mod formats;
pub mod isolation;
mod kinds;
mod layout;
mod limits;
mod lines;
mod place;
mod recognise;
mod residue;
mod residue_pdf;
mod rewrite;
mod segment;
mod sources;
mod stream;
mod tree;

pub use columns::TableColumn;
pub use document::Document;
pub use error::{Note, ReadError, RewriteError};
pub use format::{FORMATS, Format, read};
pub use limits::Limits;
pub use place::{Location, Marks, Part, Place, Story};
pub use recognise::Tesseract;
pub use residue::{Residue, residue};
pub use rewrite::{Replacement, Rewritten, SOME_TIME, rewrite_file as rewrite};
pub use stream::utf8;

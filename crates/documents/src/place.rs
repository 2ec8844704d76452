//! Where something stands, in words a person can follow and in JSON.

use std::{fmt, ops::Range};

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Serialize, Serializer, ser::SerializeSeq};

/// Where a finding stands: what [`Document::locate`](crate::Document::locate) answers.
///
/// Printed it is a way a person can go: `row 14, column email`, `attachment cv.docx: paragraph 3 (deleted)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The documents it lies in, outermost first; empty for the file itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<Part>,
    /// The place in the innermost document.
    #[serde(flatten)]
    pub place: Place,
    /// Line from 1: of the file where it is textual, else of the page or body that `place` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column from 1, in code points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Bytes of the original file, where it is textual and UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Range<usize>>,
    /// What a reader of the document may not see.
    #[serde(skip_serializing_if = "Marks::is_empty")]
    pub marks: Marks,
}

/// A document within a document.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The number of a message in a mailbox, from 1.
    Message(u32),
    /// The text of a mail.
    Body,
    /// The HTML text of a mail.
    HtmlBody,
    /// A file in a mail, by its name.
    Attachment(String),
    /// A mail within a mail.
    AttachedMail,
    /// A file in an archive, by its path there.
    Entry(String),
}

/// A place in a document, by the words of its format.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Place {
    /// Running text: the line says it all.
    Text,
    /// A cell of a table of data.
    Cell {
        /// The table, where the file has several.
        #[serde(skip_serializing_if = "Option::is_none")]
        table: Option<String>,
        /// Record from 1, a header included; in a database the number it has there.
        row: i64,
        /// Column from 1.
        column_number: u32,
        /// The header's name for it.
        #[serde(skip_serializing_if = "Option::is_none")]
        column_name: Option<String>,
    },
    /// A cell of a workbook.
    SheetCell {
        /// The sheet's name.
        sheet: String,
        /// Column and row as the program shows them: `B4`.
        cell: String,
    },
    /// What stands in a sheet of a workbook beside its cells.
    SheetPart {
        /// The sheet's name.
        sheet: String,
        /// What it is: `page header`, `drawing`.
        part: String,
    },
    /// A value of JSON or YAML, or one of their keys.
    Pointer {
        /// The record's line in a file of one value per line.
        #[serde(skip_serializing_if = "Option::is_none")]
        record: Option<u32>,
        /// The number of the document in a file of several, from the second on.
        #[serde(skip_serializing_if = "Option::is_none")]
        document: Option<u32>,
        /// RFC 6901; empty for the whole value.
        pointer: String,
        /// The key itself, not its value.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        key: bool,
    },
    /// Text or attribute of an element.
    Element {
        /// Element names from the root with the ordinal among those of the same name; in HTML the element's name alone.
        path: String,
        /// The attribute, if not the text.
        #[serde(skip_serializing_if = "Option::is_none")]
        attribute: Option<String>,
    },
    /// A comment in markup or YAML.
    MarkupComment,
    /// A header field of a mail.
    Header {
        /// Its name.
        name: String,
    },
    /// A paragraph outside tables.
    Paragraph {
        /// Which of the document's texts.
        #[serde(flatten)]
        story: Story,
        /// From 1 in that text, those in tables not counted.
        paragraph: u32,
    },
    /// A cell of a table in a text document.
    TableCell {
        /// Which of the document's texts.
        #[serde(flatten)]
        story: Story,
        /// Table from 1 in that text.
        table: u32,
        /// Row from 1.
        row: u32,
        /// Cell from 1 in its row.
        column_number: u32,
    },
    /// A line of a cell of a notebook, or of what the cell put out.
    NotebookCell {
        /// From 1.
        cell: u32,
        /// From 1 in its cell.
        #[serde(skip_serializing_if = "Option::is_none")]
        output: Option<u32>,
        /// From 1 in the cell or output.
        #[serde(skip_serializing_if = "Option::is_none")]
        cell_line: Option<u32>,
    },
    /// A page.
    Page {
        /// From 1.
        page: u32,
    },
    /// A property of the document: author, title, …
    Property {
        /// Its name.
        name: String,
    },
}

/// Which of the texts of a text document.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "story", content = "story_number", rename_all = "snake_case")]
pub enum Story {
    /// The main text.
    Body,
    /// A page header, numbered as in the file.
    PageHeader(u32),
    /// A page footer.
    PageFooter(u32),
    /// A footnote.
    Footnote(u32),
    /// An endnote.
    Endnote(u32),
    /// A comment in the margin.
    Comment(u32),
    /// A slide of a presentation, in the order of showing.
    Slide(u32),
    /// Charts and diagrams on a slide.
    SlideDrawing(u32),
    /// What the speaker of a slide has before them.
    SlideNotes(u32),
    /// The comments on a slide.
    SlideComment(u32),
}

/// What a reader of the document may not see.
#[derive(BorshDeserialize, BorshSerialize, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks(u8);

impl Marks {
    /// Inserted, and the insertion not yet accepted.
    pub const INSERTED: Self = Self(1);
    /// Deleted, but the deletion not yet accepted: the text is still in the file.
    pub const DELETED: Self = Self(2);
    /// Formatted as hidden.
    pub const HIDDEN: Self = Self(4);
    /// The target of a link or the code of a field.
    pub const LINK: Self = Self(8);

    const NAMES: [(Self, &'static str); 4] = [
        (Self::INSERTED, "inserted"),
        (Self::DELETED, "deleted"),
        (Self::HIDDEN, "hidden"),
        (Self::LINK, "link"),
    ];

    /// No mark.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// All marks of `other` are set.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Their names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(mark, _)| self.contains(*mark)).map(|(_, name)| name)
    }
}

impl std::ops::BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Serialize for Marks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut names = serializer.serialize_seq(None)?;
        for name in self.names() {
            names.serialize_element(name)?;
        }
        names.end()
    }
}

/// `AB4` of row 4 and column 28.
pub(crate) fn cell_name(row: i64, column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = column;
    while left > 0 {
        letters.push(char::from(b'A' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    let letters: String = letters.iter().rev().collect();
    format!("{letters}{row}")
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.within {
            write!(f, "{part}: ")?;
        }
        match (&self.place, self.line, self.column) {
            (Place::Text, Some(line), Some(column)) => write!(f, "line {line}, column {column}")?,
            (Place::Page { .. }, Some(line), _) => write!(f, "{}, line {line}", self.place)?,
            (Place::Element { .. } | Place::MarkupComment, Some(line), Some(column)) => {
                write!(f, "line {line}, column {column} ({})", self.place)?;
            }
            _ => write!(f, "{}", self.place)?,
        }
        if !self.marks.is_empty() {
            write!(f, " ({})", self.marks.names().collect::<Vec<_>>().join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(number) => write!(f, "message {number}"),
            Self::Body => f.write_str("body"),
            Self::HtmlBody => f.write_str("HTML body"),
            Self::Attachment(name) => write!(f, "attachment {name}"),
            Self::Entry(name) => f.write_str(name),
            Self::AttachedMail => f.write_str("attached mail"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Cell { table, row, column_number, column_name } => {
                if let Some(table) = table {
                    write!(f, "table {table}, ")?;
                }
                match column_name {
                    Some(name) => write!(f, "row {row}, column {name}"),
                    None => write!(f, "row {row}, column {column_number}"),
                }
            }
            Self::SheetCell { sheet, cell } => write!(f, "sheet {sheet}, cell {cell}"),
            Self::SheetPart { sheet, part } => write!(f, "sheet {sheet}, {part}"),
            Self::Pointer { record, document, pointer, key } => {
                if let Some(record) = record {
                    write!(f, "line {record}, ")?;
                }
                if let Some(document) = document {
                    write!(f, "document {document}, ")?;
                }
                f.write_str(if pointer.is_empty() { "/" } else { pointer })?;
                if *key { f.write_str(" (key)") } else { Ok(()) }
            }
            Self::Element { path, attribute: Some(attribute) } => write!(f, "{path}/@{attribute}"),
            Self::Element { path, .. } => f.write_str(path),
            Self::MarkupComment => f.write_str("comment"),
            Self::Header { name } => write!(f, "header {name}"),
            Self::Paragraph { story, paragraph } => write!(f, "{story}paragraph {paragraph}"),
            Self::TableCell { story, table, row, column_number } => {
                write!(f, "{story}table {table}, row {row}, column {column_number}")
            }
            Self::NotebookCell { cell, output, cell_line } => {
                write!(f, "cell {cell}")?;
                if let Some(output) = output {
                    write!(f, ", output {output}")?;
                }
                cell_line.map_or(Ok(()), |line| write!(f, ", line {line}"))
            }
            Self::Page { page } => write!(f, "page {page}"),
            Self::Property { name } => write!(f, "property {name}"),
        }
    }
}

/// Empty for the main text, else with a comma behind it.
impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => Ok(()),
            Self::PageHeader(number) => write!(f, "page header {number}, "),
            Self::PageFooter(number) => write!(f, "page footer {number}, "),
            Self::Footnote(number) => write!(f, "footnote {number}, "),
            Self::Endnote(number) => write!(f, "endnote {number}, "),
            Self::Comment(number) => write!(f, "comment {number}, "),
            Self::Slide(number) => write!(f, "slide {number}, "),
            Self::SlideDrawing(number) => write!(f, "slide {number}, drawing, "),
            Self::SlideNotes(number) => write!(f, "slide {number}, notes, "),
            Self::SlideComment(number) => write!(f, "slide {number}, comment, "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cell_name;

    #[test]
    fn names_cells_as_programs_do() {
        assert_eq!(cell_name(1, 26), "Z1");
        assert_eq!(cell_name(4, 28), "AB4");
        assert_eq!(cell_name(1_048_576, 16_384), "XFD1048576");
        assert_eq!(cell_name(u32::MAX.into(), u32::MAX), "MWLQKWU4294967295");
    }
}

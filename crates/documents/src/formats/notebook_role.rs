//! What the values of a Jupyter notebook are, by the format's versions 3 and 4.

/// What a value of the notebook is, by the keys above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The notebook itself, or a worksheet of an old one.
    Book,
    Worksheets,
    Cells,
    Cell,
    /// A text, or the lines of one.
    Lines,
    /// Texts, each of several lines.
    Traceback,
    Markup,
    /// In base64.
    File,
    Outputs,
    Output,
    /// Any value of an output.
    Put,
    /// Files of a cell, by name.
    Attachments,
    /// The same in several types.
    Bundle,
    /// What is not JSON of a widget's state.
    Buffers,
    Buffer,
    Other,
}

impl Role {
    /// That of a value in one of this role: an element, or behind a key.
    pub(super) fn below(self, key: Option<&str>) -> Self {
        match (self, key.unwrap_or_default()) {
            (Self::Book, "cells") => Self::Cells,
            (Self::Book, "worksheets") => Self::Worksheets,
            (Self::Worksheets, "") => Self::Book,
            (Self::Cells, "") => Self::Cell,
            (Self::Cell, "source" | "input") => Self::Lines,
            (Self::Cell, "outputs") => Self::Outputs,
            (Self::Cell, "attachments") => Self::Attachments,
            (Self::Attachments, _) | (Self::Output, "data") => Self::Bundle,
            (Self::Bundle, media_type) => Self::of_type(media_type),
            (Self::Outputs, "") => Self::Output,
            (Self::Output, "text" | "latex" | "javascript") => Self::Lines,
            (Self::Output, "traceback") => Self::Traceback,
            (Self::Output, "html" | "svg") => Self::Markup,
            (Self::Output, "png" | "jpeg" | "pdf") => Self::File,
            (Self::Output, _) => Self::Put,
            // The lines of a text, all that is in a value.
            (role, _) if role.is_text() || role == Self::Put => role,
            (_, "buffers") => Self::Buffers,
            (Self::Buffers, "") => Self::Buffer,
            (Self::Buffer, "data") => Self::File,
            _ => Self::Other,
        }
    }

    /// A string, or an array of strings that are one.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Lines | Self::Traceback | Self::Markup | Self::File)
    }

    fn of_type(media_type: &str) -> Self {
        match media_type {
            "text/html" => Self::Markup,
            xml if xml.ends_with("+xml") => Self::Markup,
            "application/javascript" => Self::Lines,
            "application/pdf" | "application/octet-stream" => Self::File,
            _ => match media_type.split_once('/') {
                Some(("text", _)) => Self::Lines,
                Some(("image" | "audio" | "video" | "font", _)) => Self::File,
                _ => Self::Put,
            },
        }
    }
}

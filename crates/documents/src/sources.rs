//! What a document is written in, kept to write it again with other words.
//!
//! A package is written in the texts of its parts, an archive in those of its files. Laid end to end, in the order in which
//! they were read, they are the sources that segments point into.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    RewriteError,
    decode::{Charset, Source},
};

/// A part of a package, or a file in an archive.
#[derive(Debug)]
pub(crate) struct Member {
    /// By which the package knows it.
    pub name: String,
    /// Index into the document's parts; that of the package itself for a part of its own.
    pub part: u32,
    /// Where its source begins.
    pub base: usize,
    pub content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    Text {
        bytes: Vec<u8>,
        /// Bytes before the text: the byte order mark.
        offset: usize,
        charset: Charset,
    },
    Package {
        bytes: Vec<u8>,
        writer: Writer,
        members: Vec<Member>,
    },
    /// Words that no bytes write: a page paints them. Its writer is told which of them to replace.
    Painted {
        text: String,
        /// What of a page words in pictures cover, where that is all that tells them.
        boxes: Vec<(Range<usize>, Area)>,
    },
    /// Its format can't be written.
    Opaque,
    /// Nothing was read in it, so nobody knows what is.
    Unread,
}

/// Left, bottom, right and top on a page.
pub(crate) type Area = [f64; 4];

/// Writes a package again, with its members as told.
pub(crate) type Writer = fn(&[u8], &Changes) -> Result<Vec<u8>, RewriteError>;

/// What becomes of the members, by name.
pub(crate) type Changes = BTreeMap<String, Change>;

#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// It stays as it is.
    Keep,
    Write(Vec<u8>),
    /// Other words in these ranges of what is painted, in order.
    Paint(Vec<(Range<usize>, String)>),
    /// Other words in the place of what covers these areas of a page.
    Cover(Vec<(Vec<Area>, String)>),
    /// Something is to be replaced in it, and can't be.
    LeaveOut,
    /// Nothing was read in it.
    Unread,
}

/// A document, or a member of one, with its bytes at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'v> {
    pub bytes: &'v [u8],
    /// Where its source begins.
    pub base: usize,
    pub kind: Kind<'v>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind<'v> {
    Text { offset: usize, charset: Charset },
    Painted { boxes: &'v [(Range<usize>, Area)] },
    Package { writer: Writer, members: &'v [Member] },
}

impl Member {
    /// Where the tables it refers to begin so much later.
    pub(crate) fn moved(mut self, parts: u32, base: usize) -> Self {
        self.part += parts;
        self.base += base;
        if let Content::Package { members, .. } = &mut self.content {
            let moved = std::mem::take(members).into_iter().map(|member| member.moved(parts, base));
            *members = moved.collect();
        }
        self
    }

    /// Nothing if it can't be written.
    pub(crate) fn view(&self) -> Option<View<'_>> {
        let (bytes, kind) = match &self.content {
            Content::Text { bytes, offset, charset } => {
                (bytes, Kind::Text { offset: *offset, charset: *charset })
            }
            Content::Package { bytes, writer, members } => {
                (bytes, Kind::Package { writer: *writer, members })
            }
            Content::Painted { text, boxes } => {
                return Some(View { bytes: text.as_bytes(), base: self.base, kind: Kind::Painted { boxes } });
            }
            Content::Opaque | Content::Unread => return None,
        };
        Some(View { bytes, base: self.base, kind })
    }
}

impl<'v> View<'v> {
    /// All texts in it with where they begin, in this order.
    pub(crate) fn texts(&self, into: &mut Vec<(usize, Source<'v>)>) {
        match self.kind {
            Kind::Text { offset, charset } => {
                into.push((self.base, Source::again(self.bytes, offset, charset)));
            }
            Kind::Painted { .. } => into.push((self.base, Source::again(self.bytes, 0, Charset::Utf8))),
            Kind::Package { members, .. } => {
                members.iter().filter_map(Member::view).for_each(|view| view.texts(into));
            }
        }
    }
}

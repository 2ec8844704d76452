//! What a document is written in, kept to write it again with other words.
//!
//! A package is written in the texts of its parts, an archive in those of its files. Laid end to end, in the order in which
//! they were read, they are the sources that segments point into.

use std::collections::BTreeMap;

use crate::{RewriteError, decode::Charset};

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
    /// Its format can't be written.
    Opaque,
}

/// Writes a package again, with these of its members changed.
pub(crate) type Writer = fn(&[u8], &Changes) -> Result<Vec<u8>, RewriteError>;

/// The new bytes of members by name; nothing for one that is left out.
pub(crate) type Changes = BTreeMap<String, Option<Vec<u8>>>;

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
}

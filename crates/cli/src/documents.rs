//! Files as documents: asked about, then read in a process of their own.

use std::io;

use clap::Args;
use tacita_documents::{Document, ReadError, RewriteError, isolation::Readers};

use crate::{
    clamd::{Clamd, ClamdArgs},
    failure::Failure,
    limits::{LimitArgs, told},
    ocr::OcrArgs,
};

/// How files are read.
#[derive(Clone, Debug, Args)]
pub(crate) struct DocumentArgs {
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    #[command(flatten)]
    ocr: OcrArgs,
    #[command(flatten)]
    clamd: ClamdArgs,
}

/// What reads files.
pub(crate) struct Documents {
    pub(crate) readers: Readers,
    clamd: Option<Clamd>,
}

/// Why a file is not read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It holds nothing that is read.
    Skipped(String),
    Failed(String),
}

impl DocumentArgs {
    pub(crate) fn documents(&self) -> Result<Documents, Failure> {
        let readers = self.ocr.readers(self.limits.readers())?;
        Ok(Documents { readers, clamd: self.clamd.clamd()? })
    }
}

impl Documents {
    pub(crate) fn read<'a>(&self, name: &str, bytes: &'a [u8]) -> Result<Document<'a>, Unread> {
        if let Some(clamd) = &self.clamd {
            clamd.ask(bytes).map_err(Unread::Failed)?;
        }
        self.readers.read(name, bytes).map_err(Unread::from)
    }

    /// Says what was read without asking.
    pub(crate) fn tell(&self) {
        self.clamd.iter().for_each(Clamd::tell);
    }
}

impl From<ReadError> for Unread {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::UnknownKind(_) => Self::Skipped(error.to_string()),
            _ => Self::Failed(told(&error)),
        }
    }
}

impl From<RewriteError> for Unread {
    fn from(error: RewriteError) -> Self {
        match error {
            RewriteError::Read(error) => error.into(),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<io::Error> for Unread {
    fn from(cause: io::Error) -> Self {
        Self::Failed(cause.to_string())
    }
}

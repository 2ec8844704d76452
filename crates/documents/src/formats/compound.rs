//! Compound files, the containers of old Office documents: streams by their paths, as in a small file system.

use std::io::Cursor;

use cfb::CompoundFile;

use crate::{
    ReadError,
    format::{Context, Format},
};

const MARK: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

pub(super) fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(MARK)
}

/// An open compound file. What is read of it counts against the limits together.
#[derive(Debug)]
pub(super) struct Compound<'a> {
    file: CompoundFile<Cursor<&'a [u8]>>,
    /// Of the whole file.
    length: usize,
    context: Context<'a>,
}

impl<'a> Compound<'a> {
    pub(super) fn open(
        bytes: &'a [u8],
        format: &'static Format,
        context: &Context<'a>,
    ) -> Result<Self, ReadError> {
        let file = CompoundFile::open(Cursor::new(bytes))
            .map_err(|_| ReadError::broken(format, "its container is not whole; open and save it again"))?;
        // The entries of a hostile file may go round in circles.
        let entries = file.walk().take(context.limits.entries.saturating_add(1)).count();
        context.budget.enter(entries, context.limits)?;
        Ok(Self { file, length: bytes.len(), context: *context })
    }

    /// A stream; `None` if there is none of this path. A damaged one is read as far as it goes.
    pub(super) fn stream(&mut self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        if !self.file.is_stream(path) {
            return Ok(None);
        }
        let Ok(stream) = self.file.open_stream(path) else { return Ok(None) };
        let Context { limits, budget, .. } = self.context;
        // Nothing is packed: no stream is longer than the file.
        let (bytes, _damaged) = budget.unpack(stream, self.length, limits)?;
        Ok(Some(bytes))
    }

    /// The names in a storage, sorted; whether each is a storage itself.
    pub(super) fn names(&self, storage: &str) -> Vec<(String, bool)> {
        let Ok(entries) = self.file.read_storage(storage) else { return Vec::new() };
        let mut names: Vec<_> = entries.map(|entry| (entry.name().to_owned(), entry.is_storage())).collect();
        names.sort_unstable();
        names
    }

    /// The paths of all streams.
    pub(super) fn streams(&self) -> Vec<String> {
        let streams = self.file.walk().filter(cfb::Entry::is_stream);
        streams.map(|entry| entry.path().to_string_lossy().into_owned()).collect()
    }
}

/// Whether `bytes` are a compound file that has a stream of this name at its root.
pub(super) fn has_stream(bytes: &[u8], name: &str) -> bool {
    is_compound(bytes)
        && CompoundFile::open(Cursor::new(bytes)).is_ok_and(|file| file.is_stream(format!("/{name}")))
}

/// Numbers, little end first, where they are.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// The same as an offset or length.
pub(super) fn size_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}

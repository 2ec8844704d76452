//! Secrets of other parts of the program.

use std::io;

use crate::{
    Place, Random, SealingWriter, SecureMemory,
    derive::expand,
    memory::Slot,
    stream::{OpeningReader, StreamError},
};

/// 32 secret bytes in secure memory: the seed of a signature key, the key of a database file or of a backup. A
/// [`Root`](crate::Root) or an [`OrganisationKey`](crate::OrganisationKey) wraps it.
#[derive(Debug)]
pub struct Secret(Slot);

impl Secret {
    /// A new one.
    pub fn generate(memory: &SecureMemory, random: &mut impl Random) -> Self {
        let mut slot = memory.slot();
        random(&mut slot.bytes_mut()[..32]);
        Self(slot)
    }

    /// The secret that these bytes are; whoever has them wipes them.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32], memory: &SecureMemory) -> Self {
        let mut slot = memory.slot();
        slot.bytes_mut()[..32].copy_from_slice(bytes);
        Self(slot)
    }

    /// Its bytes, to work with where they lie. What copies them wipes the copy.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.first()
    }

    /// A secret for one use, made of this one (HKDF-SHA-256). It comes out the same each time, and tells nothing of this one.
    #[must_use]
    pub fn derive(&self, label: &str, memory: &SecureMemory) -> Self {
        Self::from_bytes(&expand(self.expose(), "tacita derived secret 1", &[label.as_bytes()]), memory)
    }

    /// Seals what is written as a file, such as a backup, whose contents are sealed rows.
    ///
    /// # Errors
    /// When `to` can't be written.
    pub fn seal_stream<W: io::Write>(
        &self,
        place: &Place<'_>,
        to: W,
        random: &mut impl Random,
    ) -> io::Result<SealingWriter<W>> {
        SealingWriter::new(self.expose(), 1, place, to, random)
    }

    /// Opens what [`Secret::seal_stream`] sealed.
    ///
    /// # Errors
    /// When `from` can't be read or is no sealed stream.
    pub fn open_stream<R: io::Read>(
        &self,
        place: &Place<'_>,
        from: R,
    ) -> Result<OpeningReader<R>, StreamError> {
        OpeningReader::new(self.expose(), 1, place, from)
    }
}

//! Sealed files.

use std::{
    fmt,
    io::{self, ErrorKind, Read, Write},
};

use aws_lc_rs::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};
use zeroize::{Zeroize, Zeroizing};

use crate::{Place, Random, derive::expand, sealed::cipher};

/// Bytes of the file in each chunk but the last.
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
/// The first byte of the form; 1 and 2 are those of fields and wrapped keys.
const FORMAT: u8 = 3;
const SALT: usize = 32;
const HEADER: usize = 1 + 4 + SALT;

/// Seals what is written to it, chunk by chunk, so that files of any length need little memory. The form:
///
/// | bytes | |
/// |---|---|
/// | 1 | format: 3 |
/// | 4 | version of the key, big-endian |
/// | 32 | salt, random |
/// | 65,552 each | chunks of 65,536 bytes, AES-256-GCM, each with its tag of 16 bytes |
/// | 16 to 65,552 | the last chunk, empty only where the file is |
///
/// The key of a file is made of the given key, the salt and the [`Place`]; the nonce of a chunk is its number (11 bytes,
/// big-endian) and a byte that is 1 in the last one. This is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015).
///
/// Promise: what is read is the file's beginning, unchanged and in order, and the end is reached only where it was. Limit: the
/// length shows, and rollback protection is not provided.
///
/// [`SealingWriter::finish`] has to be called: a file without its last chunk is refused. While a file is written or read, its
/// own key lies in ordinary memory, and is wiped afterwards.
pub struct SealingWriter<W> {
    key: LessSafeKey,
    number: u64,
    /// What was not sealed yet, with room for its tag.
    chunk: Zeroizing<Vec<u8>>,
    to: W,
    failed: bool,
}

impl<W: Write> SealingWriter<W> {
    pub(crate) fn new(
        key: &[u8; 32],
        version: u32,
        place: &Place<'_>,
        mut to: W,
        random: &mut impl Random,
    ) -> io::Result<Self> {
        let mut salt = [0; SALT];
        random(&mut salt);
        to.write_all(&[FORMAT])?;
        to.write_all(&version.to_be_bytes())?;
        to.write_all(&salt)?;
        let chunk = Zeroizing::new(Vec::with_capacity(CHUNK + TAG));
        Ok(Self { key: file_key(key, version, place, &salt), number: 0, chunk, to, failed: false })
    }

    /// Seals what is left and marks the end.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("writing failed before; write the file again from its beginning"));
        }
        // What was sealed and only partly written must not be sealed again.
        self.failed = true;
        let nonce = nonce(self.number, last);
        self.key
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut *self.chunk)
            .map_err(|_| io::Error::other("a chunk can't be sealed"))?;
        self.to.write_all(&self.chunk)?;
        self.chunk.clear();
        self.number += 1;
        self.failed = false;
        Ok(())
    }
}

impl<W: Write> Write for SealingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until it is known not to be the last.
        if self.chunk.len() == CHUNK && !bytes.is_empty() || self.failed {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Passes on what is sealed; a chunk that is not full stays.
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Opens a sealed file while it is read. Each byte that comes out is authentic; but only when the end was reached without an
/// error is it known that nothing is missing, so what was read before an error is not the file.
pub struct OpeningReader<R> {
    key: LessSafeKey,
    number: u64,
    /// A chunk and the byte after it, which tells that there is another.
    chunk: Zeroizing<Vec<u8>>,
    /// What of `chunk` is opened and was not read yet.
    opened: std::ops::Range<usize>,
    from: R,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Reading,
    Ended,
    Refused,
}

/// Why a sealed file can't be written or does not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// Somebody works for one organisation and reaches for a file of another.
    #[error("the file belongs to another organisation than the operation")]
    OtherOrganisation,
    /// Somebody works for one data subject and reaches for a file of another.
    #[error("the file belongs to another data subject than the operation")]
    OtherSubject,
    /// It is not a sealed file at all.
    #[error("not a sealed file, or one of a newer version")]
    Malformed,
    /// The key was rotated and another version was handed in.
    #[error(
        "sealed by version {sealed} of the key and opened with version {given}; fetch that version from the key ring"
    )]
    OtherVersion {
        /// What the file says.
        sealed: u32,
        /// The version of the key it was opened with.
        given: u32,
    },
    /// It was cut off, changed or moved, or another key sealed it.
    #[error(
        "the file does not open from byte {at} of its contents on: it was cut off, changed, moved, or sealed with \
         another key; restore it from a backup"
    )]
    Refused {
        /// How many bytes of its contents were whole.
        at: u64,
    },
    /// The key was destroyed while it was held.
    #[error("the key was destroyed because its data subject was erased")]
    Destroyed,
    /// What it is read from or written to failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl<R: Read> OpeningReader<R> {
    pub(crate) fn new(
        key: &[u8; 32],
        version: u32,
        place: &Place<'_>,
        mut from: R,
    ) -> Result<Self, StreamError> {
        let mut header = [0; HEADER];
        from.read_exact(&mut header).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => StreamError::Malformed,
            _ => StreamError::Io(error),
        })?;
        let [FORMAT, a, b, c, d, salt @ ..] = &header else { return Err(StreamError::Malformed) };
        let sealed = u32::from_be_bytes([*a, *b, *c, *d]);
        if sealed != version {
            return Err(StreamError::OtherVersion { sealed, given: version });
        }
        let chunk = Zeroizing::new(Vec::with_capacity(CHUNK + TAG + 1));
        let key = file_key(key, version, place, salt);
        Ok(Self { key, number: 0, chunk, opened: 0..0, from, state: State::Reading })
    }

    fn open_next(&mut self) -> io::Result<()> {
        // Of the chunk before, the byte after it is left.
        let next = self.chunk.get(CHUNK + TAG).copied();
        if self.number > 0 {
            self.chunk.zeroize();
            self.chunk.extend(next);
        }
        let wanted = (CHUNK + TAG + 1 - self.chunk.len()) as u64;
        let read = self.from.by_ref().take(wanted).read_to_end(&mut self.chunk);
        if let Err(error) = read {
            // What was read of the chunk stays, but it is not known how the source goes on.
            self.state = State::Refused;
            return Err(error);
        }
        let last = self.chunk.len() <= CHUNK + TAG;
        let end = self.chunk.len().min(CHUNK + TAG);
        let nonce = nonce(self.number, last);
        let opened =
            self.key.open_in_place(nonce, Aad::empty(), &mut self.chunk[..end]).map(|opened| opened.len());
        match opened {
            // Only an empty file has an empty chunk: each file has one form.
            Ok(length) if length > 0 || self.number == 0 => {
                self.opened = 0..length;
                self.number += 1;
                if last {
                    self.state = State::Ended;
                }
                Ok(())
            }
            _ => {
                self.state = State::Refused;
                Err(self.refusal())
            }
        }
    }

    fn refusal(&self) -> io::Error {
        let at = self.number * CHUNK as u64;
        io::Error::new(ErrorKind::InvalidData, StreamError::Refused { at })
    }
}

impl<R: Read> Read for OpeningReader<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        if self.opened.is_empty() {
            match self.state {
                State::Reading => self.open_next()?,
                State::Ended => return Ok(0),
                State::Refused => return Err(self.refusal()),
            }
        }
        let length = self.opened.len().min(to.len());
        let end = self.opened.start + length;
        to[..length].copy_from_slice(&self.chunk[self.opened.start..end]);
        self.opened.start = end;
        Ok(length)
    }
}

fn file_key(key: &[u8; 32], version: u32, place: &Place<'_>, salt: &[u8]) -> LessSafeKey {
    let place = place.associated("tacita file 1", version);
    cipher(&expand(key, "tacita file key 1", &[salt, &place]))
}

fn nonce(number: u64, last: bool) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(last);
    Nonce::assume_unique_for_key(nonce)
}

impl<W> fmt::Debug for SealingWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingWriter([secret])")
    }
}

impl<R> fmt::Debug for OpeningReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpeningReader([secret])")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{chance, organisation, place};

    const KEY: [u8; 32] = [7; 32];
    const SEALED_CHUNK: usize = CHUNK + TAG;

    fn seal(bytes: &[u8], pieces: usize) -> Vec<u8> {
        let at = place(organisation(1));
        let mut writer = SealingWriter::new(&KEY, 1, &at, Vec::new(), &mut chance(1)).unwrap();
        for piece in bytes.chunks(pieces.max(1)) {
            writer.write_all(piece).unwrap();
            writer.flush().unwrap();
        }
        writer.finish().unwrap()
    }

    fn open(bytes: &[u8], place: &Place<'_>) -> Result<Vec<u8>, StreamError> {
        let mut opened = Vec::new();
        let read = OpeningReader::new(&KEY, 1, place, bytes)?.read_to_end(&mut opened);
        match read {
            Ok(_) => Ok(opened),
            Err(error) => Err(error.downcast().unwrap()),
        }
    }

    /// Whether it is refused, and at which byte.
    fn refused(bytes: &[u8]) -> Option<u64> {
        match open(bytes, &place(organisation(1))) {
            Err(StreamError::Refused { at }) => Some(at),
            Err(StreamError::Malformed) => Some(0),
            _ => None,
        }
    }

    fn contents(length: usize) -> Vec<u8> {
        (0..length).map(|index| (index / 3) as u8).collect()
    }

    #[test]
    fn files_come_back_whatever_their_length() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK - 1, 3 * CHUNK, 3 * CHUNK + 1] {
            let file = contents(length);
            let sealed = seal(&file, 10_007);
            let chunks = length.div_ceil(CHUNK).max(1);
            assert_eq!(sealed.len(), HEADER + length + chunks * TAG);
            assert_eq!(open(&sealed, &place(organisation(1))).unwrap(), file, "{length} bytes");
        }
    }

    #[test]
    fn a_file_that_was_cut_off_is_refused() {
        for length in [2 * CHUNK, 2 * CHUNK + 5] {
            let sealed = seal(&contents(length), CHUNK);
            for cut in 0..=length / CHUNK {
                let boundary = HEADER + cut * SEALED_CHUNK;
                for end in boundary.saturating_sub(2)..=(boundary + TAG + 2).min(sealed.len() - 1) {
                    assert!(refused(&sealed[..end]).is_some(), "the first {end} of {} bytes", sealed.len());
                }
            }
        }
        // What comes before the cut is authentic.
        let sealed = seal(&contents(3 * CHUNK), CHUNK);
        assert_eq!(refused(&sealed[..HEADER + 2 * SEALED_CHUNK]), Some(CHUNK as u64));
    }

    #[test]
    fn chunks_that_were_exchanged_repeated_or_left_out_are_refused() {
        let sealed = seal(&contents(3 * CHUNK), CHUNK);
        let (header, chunks) = sealed.split_at(HEADER);
        let chunks: Vec<_> = chunks.chunks(SEALED_CHUNK).collect();
        let of = |order: &[usize]| {
            let chunks = order.iter().map(|index| chunks[*index]);
            [header].into_iter().chain(chunks).collect::<Vec<_>>().concat()
        };
        assert_eq!(refused(&of(&[0, 1, 2])), None);
        for order in [
            &[1, 0, 2][..],
            &[0, 2, 1],
            &[2, 1, 0],
            &[0, 2],
            &[1, 2],
            &[2],
            &[0, 0, 1, 2],
            &[0, 1, 1, 2],
            &[0, 1, 2, 2],
        ] {
            assert!(refused(&of(order)).is_some(), "{order:?}");
        }
        // Of another file under the same key, at the same number.
        let at = place(organisation(1));
        let mut writer = SealingWriter::new(&KEY, 1, &at, Vec::new(), &mut chance(2)).unwrap();
        writer.write_all(&contents(3 * CHUNK)).unwrap();
        let other = writer.finish().unwrap();
        let mut mixed = sealed.clone();
        mixed[HEADER + SEALED_CHUNK..].copy_from_slice(&other[HEADER + SEALED_CHUNK..]);
        assert_eq!(refused(&mixed), Some(CHUNK as u64));
    }

    #[test]
    fn appended_bytes_are_refused() {
        for length in [0, 5, CHUNK, CHUNK + 5] {
            let sealed = seal(&contents(length), CHUNK);
            for more in [1, TAG, TAG + 1, CHUNK, SEALED_CHUNK, SEALED_CHUNK + 1] {
                let more = vec![0; more];
                assert!(
                    refused(&[&sealed[..], &more].concat()).is_some(),
                    "{length} bytes and {}",
                    more.len()
                );
            }
        }
    }

    #[test]
    fn an_empty_last_chunk_is_refused_though_it_is_authentic() {
        let at = place(organisation(1));
        let mut writer = SealingWriter::new(&KEY, 1, &at, Vec::new(), &mut chance(1)).unwrap();
        writer.write_all(&contents(CHUNK)).unwrap();
        writer.seal(false).unwrap();
        let sealed = writer.finish().unwrap();
        assert_eq!(refused(&sealed), Some(CHUNK as u64));
    }

    #[test]
    fn every_changed_bit_is_refused() {
        let sealed = seal(b"Mara Lind", 3);
        for bit in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&bad, &place(organisation(1))).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_file_opens_in_its_place_and_by_its_key_alone() {
        let sealed = seal(b"Mara Lind", 100);
        let at = place(organisation(1));
        for place in [
            Place { organisation: organisation(2), ..at },
            Place { table: "attachment", ..at },
            Place { column: "content", ..at },
            Place { row: b"row 2", ..at },
        ] {
            assert!(matches!(open(&sealed, &place), Err(StreamError::Refused { at: 0 })), "{place:?}");
        }
        let other = OpeningReader::new(&KEY, 2, &at, &sealed[..]);
        assert!(matches!(other, Err(StreamError::OtherVersion { sealed: 1, given: 2 })));
        let mut other = OpeningReader::new(&[8; 32], 1, &at, &sealed[..]).unwrap();
        assert!(other.read_to_end(&mut Vec::new()).is_err());
    }

    #[test]
    fn a_refusal_stays_one() {
        let mut sealed = seal(&contents(2 * CHUNK), CHUNK);
        sealed[HEADER + SEALED_CHUNK] ^= 1;
        let mut reader = OpeningReader::new(&KEY, 1, &place(organisation(1)), &sealed[..]).unwrap();
        let mut buffer = vec![0; CHUNK];
        reader.read_exact(&mut buffer).unwrap();
        for _ in 0..3 {
            let error = reader.read(&mut buffer).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData);
            assert!(error.to_string().contains("from byte 65536"), "{error}");
        }
    }

    /// Writes so many bytes, then fails once.
    struct Failing(usize);

    impl Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Err(io::Error::other("full")) } else { Ok(taken) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_failed_writer_seals_nothing_more() {
        let at = place(organisation(1));
        let to = Failing(HEADER + 100);
        let mut writer = SealingWriter::new(&KEY, 1, &at, to, &mut chance(1)).unwrap();
        assert_eq!(writer.write_all(&contents(2 * CHUNK)).unwrap_err().to_string(), "full");
        writer.to = Failing(usize::MAX);
        let again = writer.write(b"more").unwrap_err().to_string();
        assert!(again.contains("failed before"), "{again}");
        assert!(writer.finish().is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn files_come_back_however_they_are_written_and_read(
            length in 0..3 * CHUNK, written in 1..2 * CHUNK, read in 1..2 * CHUNK,
        ) {
            let file = contents(length);
            let sealed = seal(&file, written);
            let mut reader = OpeningReader::new(&KEY, 1, &place(organisation(1)), &sealed[..]).unwrap();
            let mut opened = Vec::new();
            let mut buffer = vec![0; read];
            loop {
                let length = reader.read(&mut buffer).unwrap();
                if length == 0 {
                    break;
                }
                opened.extend_from_slice(&buffer[..length]);
            }
            prop_assert_eq!(opened, file);
        }
    }
}

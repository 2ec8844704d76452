//! A text that is read as it comes, in constant memory.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding};

use crate::decode::{SAMPLE, refuse_binary, wide};

/// How much is decoded at once.
const PIECE: usize = 64 << 10;

/// The text that `input` holds: UTF-16 as UTF-8 and without its byte order mark, anything else byte for byte.
///
/// # Errors
/// When `input` can't be read; with [`io::ErrorKind::InvalidData`] when its first kilobytes are of no text.
pub fn utf8<'a>(mut input: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut head = Vec::with_capacity(SAMPLE);
    input.by_ref().take(SAMPLE as u64).read_to_end(&mut head)?;
    let refused = |cause| io::Error::new(io::ErrorKind::InvalidData, cause);
    let Some((charset, mark)) = wide(&head).map_err(refused)? else {
        refuse_binary(&head).map_err(refused)?;
        return Ok(Box::new(io::Cursor::new(head).chain(input)));
    };
    let mut head = io::Cursor::new(head);
    head.set_position(mark as u64);
    Ok(Box::new(Decoded::new(charset.encoding(), head.chain(input))))
}

/// What `input` holds in an encoding, in UTF-8.
struct Decoded<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: io::Cursor<Vec<u8>>,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    fn new(encoding: &'static Encoding, input: R) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { input, decoder, raw: vec![0; PIECE], text: io::Cursor::default(), ended: false }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let read = self.input.read(&mut self.raw)?;
        self.ended = read == 0;
        let longest = self.decoder.max_utf8_buffer_length(read).expect("a piece is far below the limit");
        let mut text = std::mem::take(&mut self.text).into_inner();
        text.resize(longest, 0);
        // The room is for the longest text that so many bytes can be, so all of them are taken.
        let (_, _, written, _) = self.decoder.decode_to_utf8(&self.raw[..read], &mut text, self.ended);
        text.truncate(written);
        self.text = io::Cursor::new(text);
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.text.read(buffer)?;
            if read > 0 || buffer.is_empty() || self.ended {
                return Ok(read);
            }
            self.decode_more()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives `piece` bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = self.1.min(buffer.len());
            self.0.read(&mut buffer[..piece])
        }
    }

    fn text(bytes: &[u8], piece: usize) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        utf8(Slow(bytes, piece))?.read_to_end(&mut text)?;
        Ok(text)
    }

    #[test]
    fn utf16_becomes_utf8_however_it_is_cut() {
        let words = "Grüße 😀 an mara.lind@example.org\n".repeat(600);
        for mark in ["", "\u{feff}"] {
            let written = format!("{mark}{words}");
            let little: Vec<u8> = written.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = written.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for (bytes, piece) in [(&little, 1), (&little, 5), (&big, 4096), (&big, 3)] {
                assert!(text(bytes, piece).unwrap() == words.as_bytes(), "pieces of {piece}");
            }
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for bytes in [&b""[..], b"x", b"\xef\xbb\xbfMara", b"M\xe4ra \xff", &[b'a'; 20_000]] {
            assert_eq!(text(bytes, 7).unwrap(), bytes);
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let wide: Vec<u8> = "\u{feff}Mara Lind".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
        for bytes in [&[0; 100][..], &wide, &wide[4..]] {
            assert_eq!(text(bytes, 7).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }
}

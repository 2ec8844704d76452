//! Measures what a PDF unpacks to and how deep it nests, before a reader that limits neither reads it.

use std::io::Read;

use flate2::read::{DeflateDecoder, ZlibDecoder};
use memchr::memmem;
use weezl::{BitOrder, decode::Decoder};

use crate::{ReadError, limits::Limits};

/// A stream can be packed more than once.
const LAYERS: usize = 4;
/// How far before its bytes a stream's filters are named.
const DICTIONARY: usize = 512;
const BUFFER: usize = 64 << 10;

/// # Errors
/// When the streams together unpack to more than the limit, or objects nest deeper: the time to read them grows with
/// the square of the depth.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), ReadError> {
    let mut left = limits.text_bytes;
    let (mut structure, mut streams) = (0, 0);
    let mut words = memmem::find_iter(bytes, b"stream").peekable();
    while let Some(at) = words.next() {
        if bytes[..at].ends_with(b"end") {
            structure = at;
            continue;
        }
        let data = &bytes[at + b"stream".len()..];
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let Some(data) = data.strip_prefix(b"\n") else { continue };
        streams += 1;
        if streams > limits.entries {
            return Err(ReadError::TooMany { what: "streams", limit: limits.entries });
        }
        Nesting::new(limits).feed(&bytes[structure..at])?;
        structure = at;
        let window = &bytes[at.saturating_sub(DICTIONARY)..at];
        let dictionary = &window[memmem::rfind(window, b" obj").unwrap_or(0)..];
        let has = |name: &[u8]| memmem::find(dictionary, name).is_some();
        // Pictures and fonts are no objects, and their bytes look like anything.
        let objects = has(b"ObjStm") || !(has(b"/Subtype") || has(b"/Length1") || has(b"/N "));
        let mut nesting = objects.then(|| Nesting::new(limits));
        let unpacked = match () {
            () if has(b"LZW") => lzw(data, left, &mut nesting)?,
            () if has(b"Fl") || has_zlib_header(data) => inflated(data, left, &mut nesting)?,
            () => 0,
        };
        if unpacked == 0 && objects {
            let end = words.peek().copied().unwrap_or(bytes.len());
            Nesting::new(limits).feed(&bytes[at..end])?;
        }
        left = left.checked_sub(unpacked).ok_or(ReadError::TooMuchText(limits.text_bytes))?;
    }
    Nesting::new(limits).feed(&bytes[structure..])
}

/// Counts dictionaries in dictionaries.
struct Nesting {
    depth: usize,
    limit: usize,
    last: u8,
}

impl Nesting {
    fn new(limits: &Limits) -> Self {
        Self { depth: 0, limit: limits.depth, last: 0 }
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        for &byte in bytes {
            match (self.last, byte) {
                (b'<', b'<') => {
                    (self.depth, self.last) = (self.depth + 1, 0);
                    if self.depth > self.limit {
                        return Err(ReadError::TooDeep(self.limit));
                    }
                }
                (b'>', b'>') => (self.depth, self.last) = (self.depth.saturating_sub(1), 0),
                _ => self.last = byte,
            }
        }
        Ok(())
    }
}

fn has_zlib_header(data: &[u8]) -> bool {
    matches!(data, [method, flags, ..] if method & 0x0F == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31))
}

/// How many bytes come out, all layers together, counted to one beyond `most`.
fn inflated(data: &[u8], most: usize, nesting: &mut Option<Nesting>) -> Result<usize, ReadError> {
    let mut total = 0;
    for layers in 1..=LAYERS {
        let unpacked = count(unpack(data, layers), most.saturating_sub(total), nesting)?;
        total += unpacked;
        if unpacked == 0 || total > most {
            break;
        }
    }
    // Readers are lenient with a header that is missing, and so are those who hide something.
    if total == 0 { count(Box::new(DeflateDecoder::new(data)), most, nesting) } else { Ok(total) }
}

fn unpack(data: &[u8], layers: usize) -> Box<dyn Read + '_> {
    (0..layers).fold(Box::new(data), |packed, _| Box::new(ZlibDecoder::new(packed)))
}

fn lzw(data: &[u8], most: usize, nesting: &mut Option<Nesting>) -> Result<usize, ReadError> {
    let mut decoder = Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let mut out = vec![0; BUFFER];
    let (mut at, mut total) = (0, 0);
    loop {
        let result = decoder.decode_bytes(&data[at..], &mut out);
        at += result.consumed_in;
        total += result.consumed_out;
        if let Some(nesting) = nesting {
            nesting.feed(&out[..result.consumed_out])?;
        }
        let stuck = result.consumed_in == 0 && result.consumed_out == 0;
        if stuck || total > most || result.status.is_err() {
            return Ok(total);
        }
    }
}

fn count(
    mut packed: Box<dyn Read + '_>,
    most: usize,
    nesting: &mut Option<Nesting>,
) -> Result<usize, ReadError> {
    let mut buffer = vec![0; BUFFER];
    let mut total = 0;
    while total <= most {
        match packed.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => {
                if let Some(nesting) = nesting {
                    nesting.feed(&buffer[..read])?;
                }
                total += read;
            }
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::check;
    use crate::{Limits, ReadError};

    fn packed(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn stops_bombs_of_all_kinds() {
        let limits = Limits { text_bytes: 1 << 20, ..Limits::default() };
        let stream = |dictionary: &str, data: &[u8]| [dictionary.as_bytes(), b"stream\r\n", data].concat();
        let small = packed(&[0; 1000]);
        assert_eq!(check(&stream("<< /Filter /FlateDecode >>", &small).repeat(10), &limits), Ok(()));
        let bomb = packed(&vec![0; 2 << 20]);
        let too_much = Err(ReadError::TooMuchText(1 << 20));
        assert_eq!(check(&stream("<< /Filter /FlateDecode >>", &bomb), &limits), too_much);
        // Twice packed, each layer is small but the last.
        assert_eq!(
            check(&stream("<< /Filter [/FlateDecode /FlateDecode] >>", &packed(&bomb)), &limits),
            too_much
        );
        let lzw = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8)
            .encode(&vec![0; 2 << 20])
            .unwrap();
        assert_eq!(check(&stream("<< /Filter /LZWDecode >>", &lzw), &limits), too_much);
    }

    #[test]
    fn stops_deep_nesting() {
        let limits = Limits::default();
        let deep = "<</a ".repeat(10_000);
        let too_deep = Err(ReadError::TooDeep(512));
        assert_eq!(check(deep.as_bytes(), &limits), too_deep);
        let stream = [b"1 0 obj << /Filter /FlateDecode >> stream\n", &packed(deep.as_bytes())[..]].concat();
        assert_eq!(check(&stream, &limits), too_deep);
        let plain = format!("1 0 obj << /Length 60000 >> stream\n{deep}\nendstream");
        assert_eq!(check(plain.as_bytes(), &limits), too_deep);
        let picture = [b"1 0 obj << /Subtype /Image >> stream\n", &packed(&[b'<'; 10_000])[..]].concat();
        assert_eq!(check(&picture, &limits), Ok(()));
    }
}

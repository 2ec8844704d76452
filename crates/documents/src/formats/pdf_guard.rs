//! Measures what the streams of a PDF unpack to, before a reader that has no limits unpacks them.

use std::io::Read;

use flate2::read::{DeflateDecoder, ZlibDecoder};
use memchr::memmem;
use weezl::{BitOrder, decode::Decoder};

use crate::{ReadError, limits::Limits};

/// A stream can be packed more than once.
const LAYERS: usize = 4;
/// How far before its bytes a stream's filters are named.
const DICTIONARY: usize = 512;

/// # Errors
/// When the streams together unpack to more than the limit.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), ReadError> {
    let mut left = limits.text_bytes;
    for at in memmem::find_iter(bytes, b"stream") {
        let data = &bytes[at + b"stream".len()..];
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let Some(data) = data.strip_prefix(b"\n") else { continue };
        let dictionary = &bytes[at.saturating_sub(DICTIONARY)..at];
        let unpacked =
            if memmem::rfind(dictionary, b"LZW").is_some() { lzw(data, left) } else { inflated(data, left) };
        left = left.checked_sub(unpacked).ok_or(ReadError::TooMuchText(limits.text_bytes))?;
    }
    Ok(())
}

/// How many bytes come out, all layers together, counted to one beyond `most`.
fn inflated(data: &[u8], most: usize) -> usize {
    let mut total = 0;
    for layers in 1..=LAYERS {
        let unpacked = count(unpack(data, layers), most.saturating_sub(total));
        total += unpacked;
        if unpacked == 0 || total > most {
            break;
        }
    }
    if total == 0 { count(Box::new(DeflateDecoder::new(data)), most) } else { total }
}

fn unpack(data: &[u8], layers: usize) -> Box<dyn Read + '_> {
    (0..layers).fold(Box::new(data), |packed, _| Box::new(ZlibDecoder::new(packed)))
}

fn lzw(data: &[u8], most: usize) -> usize {
    let mut decoder = Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let mut out = vec![0; 64 << 10];
    let (mut at, mut total) = (0, 0);
    loop {
        let result = decoder.decode_bytes(&data[at..], &mut out);
        at += result.consumed_in;
        total += result.consumed_out;
        let stuck = result.consumed_in == 0 && result.consumed_out == 0;
        if stuck || total > most || result.status.is_err() {
            return total;
        }
    }
}

fn count(mut packed: Box<dyn Read + '_>, most: usize) -> usize {
    let mut buffer = vec![0; 64 << 10];
    let mut total = 0;
    while total <= most {
        match packed.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => total += read,
        }
    }
    total
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
}

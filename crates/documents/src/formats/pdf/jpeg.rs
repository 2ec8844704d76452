//! JPEG in PDF: whose camera took it where, which a PDF keeps with the picture (ITU-T T.81 annex B).

use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro_interpret::hayro_syntax::{Filter, object::Stream};

use crate::residue_pdf::hexadecimal;

/// Begins a marker.
const MARK: u8 = 0xFF;
const START: u8 = 0xD8;
const END: u8 = 0xD9;
/// Behind it come the pixels.
const SCAN: u8 = 0xDA;
/// What applications add, and comments; without how large a pixel is, how colours are meant, and how they are turned.
const ADDED: [u8; 14] = [0xE1, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xEB, 0xEC, 0xED, 0xEF, 0xFE];
/// The JPEG that a picture is, unpacked from what it is packed in. Nothing if it is none.
pub(super) fn of(picture: &Stream<'_>) -> Option<Vec<u8>> {
    let filters = picture.filters();
    let (Filter::DctDecode, around) = filters.split_last()? else { return None };
    let mut data = picture.raw_data().into_owned();
    for filter in around {
        data = match filter {
            Filter::AsciiHexDecode => {
                hexadecimal(data.split(|byte| *byte == b'>').next().unwrap_or_default())
            }
            Filter::Ascii85Decode => base85(&data),
            Filter::FlateDecode => {
                let mut unpacked = Vec::new();
                ZlibDecoder::new(&*data).read_to_end(&mut unpacked).ok()?;
                unpacked
            }
            _ => return None,
        };
    }
    Some(data)
}

/// ISO 32000-2 §7.4.3: five letters from `!` to `u` for four bytes, `z` for four that are 0, to the first `~`.
fn base85(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 5 * 4);
    let mut group: Vec<u32> = Vec::with_capacity(5);
    let four = |group: &[u32]| {
        let padded = group.iter().copied().chain(std::iter::repeat(84)).take(5);
        padded.fold(0_u32, |all, digit| all.wrapping_mul(85).wrapping_add(digit)).to_be_bytes()
    };
    for &byte in text.iter().take_while(|byte| **byte != b'~') {
        match byte {
            b'z' if group.is_empty() => bytes.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => group.push(u32::from(byte - b'!')),
            _ => {}
        }
        if group.len() == 5 {
            bytes.extend_from_slice(&four(&group));
            group.clear();
        }
    }
    if group.len() > 1 {
        bytes.extend_from_slice(&four(&group)[..group.len() - 1]);
    }
    bytes
}

/// It may say more than it shows.
pub(super) fn says_something(jpeg: &[u8]) -> bool {
    bare(jpeg).is_none_or(|bare| bare.len() < jpeg.len())
}

/// The picture with nothing but what shows it. Nothing if it is none.
pub(super) fn bare(jpeg: &[u8]) -> Option<Vec<u8>> {
    let mut bare = vec![MARK, START];
    let mut rest = jpeg.strip_prefix(&[MARK, START])?;
    loop {
        let kind = match rest {
            [MARK, MARK, ..] => {
                rest = &rest[1..];
                continue;
            }
            [MARK, END, ..] => {
                bare.extend_from_slice(&[MARK, END]);
                return Some(bare);
            }
            [MARK, kind, ..] => *kind,
            _ => return None,
        };
        let length = usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?])) + 2;
        let (segment, behind) = rest.split_at_checked(length)?;
        // Pixels go on to the next marker, of which some belong to them.
        let pixels = if kind == SCAN { pixels(behind) } else { 0 };
        if !ADDED.contains(&kind) {
            bare.extend_from_slice(segment);
            bare.extend_from_slice(&behind[..pixels]);
        }
        rest = &behind[pixels..];
    }
}

fn pixels(bytes: &[u8]) -> usize {
    let ends = |at: &usize| !matches!(bytes.get(at + 1), Some(0 | 0xD0..=0xD7));
    memchr::memchr_iter(MARK, bytes).find(ends).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::{bare, base85, says_something};

    #[test]
    fn text_is_unpacked() {
        assert_eq!(base85(b"87cURD]i,\"Ebo80z!!~>x"), b"Hello World!\0\0\0\0\0");
        assert_eq!(base85(b"87 cUR\nD]i~>"), b"Hello ");
    }

    #[test]
    fn only_what_shows_the_picture_stays() {
        let segment = |kind: u8, content: &[u8]| {
            let length = (content.len() as u16 + 2).to_be_bytes();
            [&[0xFF, kind], &length[..], content].concat()
        };
        let shown = |between: &[u8], behind: &[u8]| {
            let tables = segment(0xDB, b"tables");
            let scan = [segment(0xDA, b"scan"), b"\x12\xFF\x00\x34\xFF\xD3\x56".to_vec()].concat();
            [
                &[0xFF, 0xD8],
                &segment(0xE0, b"JFIF\0")[..],
                between,
                &tables,
                &scan,
                between,
                &scan,
                &[0xFF, 0xD9],
                behind,
            ]
            .concat()
        };
        let added =
            [segment(0xE1, b"Exif\0\0Mara"), segment(0xED, b"Photoshop 3.0\0"), segment(0xFE, b"Lind")]
                .concat();
        let jpeg = shown(&added, b"\xFF\xD8 another");
        assert!(says_something(&jpeg));
        let bare_jpeg = bare(&jpeg).unwrap();
        assert_eq!(bare_jpeg, shown(b"", b""));
        assert!(!says_something(&bare_jpeg));
        for cut in 0..bare_jpeg.len() - 1 {
            assert_eq!(bare(&bare_jpeg[..cut]), None, "{cut}");
        }
    }
}

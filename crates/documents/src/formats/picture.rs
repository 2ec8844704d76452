//! Pictures: what cameras and programs wrote into them about places and people. What they show is not read.

use std::io::Cursor;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::{
    picture_tags::{exif, resources},
    rtf_token::unhex,
    text, xml,
};
use crate::{
    Document, Note, Part, ReadError,
    codepage::Codepage,
    format::{Context, Format, Sight},
    layout::Layout,
};

pub(crate) static FORMAT: Format = Format {
    name: "picture",
    title: "picture",
    extensions: &[
        "jpg", "jpeg", "png", "gif", "tif", "tiff", "webp", "heic", "heif", "avif", "bmp", "ico", "emf",
        "wmf", "jp2", "jxl",
    ],
    media_types: &["image/jpeg", "image/png", "image/gif", "image/tiff", "image/webp", "image/heic"],
    recognise: |bytes| if Kind::of(bytes).is_some() { Sight::Sure } else { Sight::No },
    read,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Jpeg,
    Png,
    Gif,
    Tiff,
    /// WebP and HEIF: the EXIF crate knows where to look in them.
    Boxed,
    /// Only XMP is looked for.
    Other,
}

impl Kind {
    fn of(bytes: &[u8]) -> Option<Self> {
        let at = |at: usize, mark: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(mark));
        let heif = || {
            ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "mif2", "msf1", "avif", "avis"]
                .iter()
                .any(|brand| at(8, brand.as_bytes()))
        };
        Some(match () {
            () if at(0, b"\xff\xd8\xff") => Self::Jpeg,
            () if at(0, b"\x89PNG\r\n\x1a\n") => Self::Png,
            () if at(0, b"GIF87a") || at(0, b"GIF89a") => Self::Gif,
            () if at(0, b"II*\0") || at(0, b"MM\0*") => Self::Tiff,
            () if at(0, b"RIFF") && at(8, b"WEBP") || at(4, b"ftyp") && heif() => Self::Boxed,
            // What is reserved is zero, which no text is.
            () if at(0, b"BM") && at(6, &[0; 4]) => Self::Other,
            () if at(0, b"\0\0\x01\0") || at(0, b"\xd7\xcd\xc6\x9a") => Self::Other,
            () if at(0, b"\x01\0\0\0") && at(40, b" EMF") => Self::Other,
            () if at(0, b"\0\0\0\x0cjP  ") || at(0, b"\0\0\0\x0cJXL ") => Self::Other,
            () => return None,
        })
    }
}

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let Some(kind) = Kind::of(bytes) else {
        // Only its name says that it is one.
        return text::read(bytes, &text::TEXT, context);
    };
    let mut picture = Picture { layout: Layout::new(&FORMAT, bytes, context), context: context.inner() };
    let end = match kind {
        Kind::Jpeg => picture.jpeg(bytes),
        Kind::Png => picture.png(bytes)?,
        Kind::Gif => picture.gif(bytes),
        Kind::Tiff => {
            picture.exif(bytes);
            None
        }
        Kind::Boxed => {
            let read =
                exif::Reader::new().continue_on_error(true).read_from_container(&mut Cursor::new(bytes));
            exif(read, &mut picture.layout);
            None
        }
        Kind::Other => None,
    };
    picture.xmp(bytes);
    if let Some(end) = end
        && bytes.get(end..).is_some_and(|rest| rest.iter().filter(|&&byte| byte != 0).count() > 8)
    {
        let part = "what follows the end of the picture".to_owned();
        picture.layout.note(Note::Skipped { part, reason: "it is no part of the picture".to_owned() });
    }
    picture.layout.note(Note::Pictures(1));
    picture.layout.finish()
}

struct Picture<'a, 'c> {
    layout: Layout<'a>,
    context: Context<'c>,
}

impl Picture<'_, '_> {
    /// Where the picture ends, if it does.
    fn jpeg(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 2;
        // XMP that is too long for one segment comes in pieces.
        let mut extended: Vec<(&[u8], &[u8])> = Vec::new();
        let end = loop {
            let Some(&[mark, kind]) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else { break None };
            if mark != 0xFF {
                // Pixels, up to the next mark.
                let Some(length) = memchr::memchr(0xFF, &bytes[at..]) else { break None };
                at += length;
                continue;
            }
            match kind {
                0xD9 => break Some(at + 2),
                0xFF => at += 1,
                0 | 1 | 0xD0..=0xD8 => at += 2,
                _ => {
                    let length = bytes.get(at + 2..).and_then(|rest| rest.first_chunk());
                    let Some(length) = length.map(|length| usize::from(u16::from_be_bytes(*length))) else {
                        break None;
                    };
                    let segment = bytes.get(at + 4..(at + 2 + length).min(bytes.len())).unwrap_or_default();
                    if let Some(piece) = segment.strip_prefix(b"http://ns.adobe.com/xmp/extension/\0")
                        && let Some((offset, piece)) =
                            piece.get(36..).and_then(|rest| rest.split_at_checked(4))
                    {
                        extended.push((offset, piece));
                    } else {
                        self.segment(kind, segment);
                    }
                    at += 2 + length.max(2);
                }
            }
        };
        if !extended.is_empty() {
            extended.sort_by_key(|(offset, _)| *offset);
            let whole: Vec<u8> = extended.iter().flat_map(|(_, piece)| *piece).copied().collect();
            self.packet(&whole);
        }
        end
    }

    /// What a camera wrote, without the container that a kind of pictures keeps it in.
    fn exif(&mut self, data: &[u8]) {
        exif(exif::Reader::new().continue_on_error(true).read_raw(data.to_vec()), &mut self.layout);
    }

    fn segment(&mut self, kind: u8, segment: &[u8]) {
        if kind == 0xFE {
            self.layout.property("comment", &guessed(segment));
        } else if let Some(data) = segment.strip_prefix(b"Exif\0\0") {
            self.exif(data);
        } else if let Some(data) = segment.strip_prefix(b"Photoshop 3.0\0") {
            resources(data, &mut self.layout);
        }
    }

    fn png(&mut self, bytes: &[u8]) -> Result<Option<usize>, ReadError> {
        let mut at = 8;
        loop {
            let Some((length, rest)) = bytes.get(at..).and_then(|rest| rest.split_first_chunk::<4>()) else {
                return Ok(None);
            };
            let length = u32::from_be_bytes(*length) as usize;
            let Some((kind, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
            let data = &rest[..length.min(rest.len())];
            match kind {
                b"tEXt" | b"zTXt" | b"iTXt" => self.png_text(*kind, data)?,
                b"eXIf" => self.exif(data),
                b"IEND" => return Ok(Some(at + 12 + length)),
                _ => {}
            }
            at = at.saturating_add(12 + length);
        }
    }

    fn png_text(&mut self, kind: [u8; 4], data: &[u8]) -> Result<(), ReadError> {
        let Some((keyword, rest)) = split(data) else { return Ok(()) };
        let keyword = guessed(keyword);
        let text = match (&kind, rest) {
            (b"tEXt", _) => guessed(rest),
            (b"zTXt", [_, packed @ ..]) => guessed(&self.unpack(packed)?),
            (b"iTXt", [packed, _, rest @ ..]) => {
                let Some((_, rest)) = split(rest) else { return Ok(()) };
                let Some((translated, text)) = split(rest) else { return Ok(()) };
                self.layout.property("keyword", &guessed(translated));
                if *packed == 0 { guessed(text) } else { guessed(&self.unpack(text)?) }
            }
            _ => return Ok(()),
        };
        if keyword == "XML:com.adobe.xmp" {
            // What is not packed is found with that of other pictures.
            if kind == *b"iTXt" && rest.first() != Some(&0) {
                self.packet(text.as_bytes());
            }
        } else if keyword.starts_with("Raw profile type ") {
            // ImageMagick's way: the kind, the length, hexadecimal digits.
            let digits = text.trim_start().splitn(3, '\n').nth(2).unwrap_or_default();
            let raw = unhex(digits.as_bytes());
            match keyword.rsplit(' ').next() {
                Some("exif" | "APP1") => {
                    self.exif(raw.strip_prefix(b"Exif\0\0").unwrap_or(&raw));
                }
                Some("iptc" | "8bim") => resources(&raw, &mut self.layout),
                _ => self.packet(&raw),
            }
        } else {
            self.layout.property(&keyword, &text);
        }
        Ok(())
    }

    /// # Errors
    /// When it unpacks to more than the limits allow.
    fn unpack(&mut self, packed: &[u8]) -> Result<Vec<u8>, ReadError> {
        let Context { limits, budget, .. } = self.context;
        // What is damaged is read up to there.
        let (text, _damaged) = budget.unpack(ZlibDecoder::new(packed), packed.len(), limits)?;
        Ok(text)
    }

    fn gif(&mut self, bytes: &[u8]) -> Option<usize> {
        let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
        let mut at = 13 + table(*bytes.get(10)?);
        loop {
            match *bytes.get(at)? {
                0x21 => {
                    let label = *bytes.get(at + 1)?;
                    let (data, end) = blocks(bytes, at + 2);
                    // A comment, or text to be drawn.
                    match label {
                        0xFE => self.layout.property("comment", &guessed(&data)),
                        0x01 => self.layout.property("text", &guessed(data.get(12..).unwrap_or_default())),
                        _ => {}
                    }
                    at = end;
                }
                0x2C => at = blocks(bytes, at + 11 + table(*bytes.get(at + 9)?)).1,
                0x3B => return Some(at + 1),
                _ => return None,
            }
        }
    }

    /// Adobe's packets of XML, which stand in clear in nearly all kinds of pictures.
    fn xmp(&mut self, bytes: &[u8]) {
        let (start, end) = (memmem::Finder::new("<x:xmpmeta"), memmem::Finder::new("</x:xmpmeta>"));
        let mut rest = bytes;
        while let Some(at) = start.find(rest) {
            let length = end.find(&rest[at..]).map_or(rest.len() - at, |length| length + 12);
            self.packet(&rest[at..at + length]);
            rest = &rest[at + length..];
        }
    }

    fn packet(&mut self, xml: &[u8]) {
        self.layout.take_in(&Part::Entry("XMP".to_owned()), (xml::FORMAT.read)(xml, &self.context));
    }
}

/// The blocks of a GIF from `at` as one, and where they end.
fn blocks(bytes: &[u8], mut at: usize) -> (Vec<u8>, usize) {
    let mut all = Vec::new();
    while let Some(&length) = bytes.get(at)
        && length > 0
    {
        let block = bytes.get(at + 1..).unwrap_or_default();
        all.extend_from_slice(&block[..usize::from(length).min(block.len())]);
        at += 1 + usize::from(length);
    }
    (all, at + 1)
}

/// What is before and behind the first zero.
fn split(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(0, data)?;
    Some((&data[..at], &data[at + 1..]))
}

/// Text that is UTF-8 if it can be, else in the letters of western Europe.
pub(super) fn guessed(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => Codepage::default().decode(bytes).into_owned(),
    };
    text.trim_matches(['\0', ' ', '\n', '\r', '\t']).to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};
    use proptest::prelude::*;

    use crate::{
        Limits, ReadError,
        fixtures::{damage, damages, place, read_as},
        read,
    };

    fn files() -> [(&'static str, &'static [u8]); 7] {
        [
            ("exif.jpg", include_bytes!("../../tests/files/exif.jpg")),
            ("exif.png", include_bytes!("../../tests/files/exif.png")),
            ("exif.webp", include_bytes!("../../tests/files/exif.webp")),
            ("exif.tiff", include_bytes!("../../tests/files/exif.tiff")),
            ("exif.avif", include_bytes!("../../tests/files/exif.avif")),
            ("text.png", include_bytes!("../../tests/files/text.png")),
            ("comment.gif", include_bytes!("../../tests/files/comment.gif")),
        ]
    }

    #[test]
    fn reads_what_a_camera_wrote() {
        for (name, bytes) in &files()[..5] {
            let document = read("", bytes, &Limits::default()).unwrap();
            assert_eq!(document.format().name, "picture", "{name}");
            assert_eq!(place(&document, "Mara Lind"), "property Artist", "{name}");
            assert_eq!(place(&document, "Tom at home"), "property ImageDescription", "{name}");
            assert_eq!(
                document.notes()[0].to_string(),
                "text in 1 picture is not read",
                "{name} {:?}",
                document.notes()
            );
            if *name == "exif.tiff" {
                continue;
            }
            assert_eq!(place(&document, "52.5200, -13.4050"), "property GPS position", "{name}");
            assert!(document.text().contains("GPS position: 52.5200, -13.4050\n"));
            assert_eq!(place(&document, "call 030 1234567"), "property UserComment", "{name}");
            assert_eq!(place(&document, "Jan Roth"), "property CameraOwnerName", "{name}");
            assert_eq!(place(&document, "SN-4711"), "property BodySerialNumber", "{name}");
            assert_eq!(place(&document, "LS-88"), "property LensSerialNumber", "{name}");
            assert_eq!(place(&document, "2025:03:04"), "property DateTimeOriginal", "{name}");
            assert_eq!(place(&document, "Zoë Roth"), "property XPAuthor", "{name}");
            assert_eq!(place(&document, "Eva's phone"), "property HostComputer", "{name}");
        }
    }

    #[test]
    fn reads_texts_comments_and_packets() {
        let files = files();
        let document = read("", files[5].1, &Limits::default()).unwrap();
        assert_eq!(place(&document, "Mara Lind"), "property Author");
        assert_eq!(place(&document, "call Zoë"), "property Comment");
        assert_eq!(place(&document, "für Ida"), "property Title");
        assert_eq!(
            place(&document, "Kai Lind"),
            "XMP: /x:xmpmeta/rdf:RDF/rdf:Description/dc:creator/rdf:Seq/rdf:li"
        );
        let document = read("", files[0].1, &Limits::default()).unwrap();
        assert_eq!(place(&document, "Ida Lind"), "property comment");
        let document = read("", files[6].1, &Limits::default()).unwrap();
        assert_eq!(place(&document, "gif by Mara"), "property comment");
    }

    #[test]
    fn reads_what_agencies_wrote() {
        let data = |set: u8, text: &str| [&[0x1C, 2, set, 0, text.len() as u8], text.as_bytes()].concat();
        let iptc =
            [data(80, "Mara Lind"), data(90, "Köln"), data(120, "Tom at home"), data(200, "odd")].concat();
        let mut resource = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0".to_vec();
        resource.push(iptc.len() as u8);
        resource.extend(iptc);
        let segment = [&b"\xff\xed"[..], &(resource.len() as u16 + 2).to_be_bytes(), &resource].concat();
        let bytes = [b"\xff\xd8", &segment[..], b"\xff\xd9", &[0; 20], b"hidden there"].concat();
        let document = read("", &bytes, &Limits::default()).unwrap();
        assert_eq!(place(&document, "Mara Lind"), "property by-line");
        assert_eq!(place(&document, "Köln"), "property city");
        assert_eq!(place(&document, "Tom at home"), "property caption");
        assert_eq!(place(&document, "odd"), "property IPTC 200");
        assert_eq!(
            document.notes()[0].to_string(),
            "skipped what follows the end of the picture: it is no part of the picture"
        );
    }

    #[test]
    fn stops_bombs() {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&vec![b' '; 4 << 20]).unwrap();
        let data = [b"Comment\0\0", &packed.finish().unwrap()[..]].concat();
        let chunk = [&(data.len() as u32).to_be_bytes(), &b"zTXt"[..], &data, &[0; 4]].concat();
        let bytes = [b"\x89PNG\r\n\x1a\n", &chunk[..]].concat();
        assert_eq!(read("", &bytes, &Limits::default()).unwrap_err(), ReadError::Bomb(200));
        let limits = Limits { text_bytes: 1000, ..Limits::default() };
        assert_eq!(read("", &bytes, &limits).unwrap_err(), ReadError::TooMuchText(1000));
    }

    #[test]
    fn a_text_with_the_name_of_a_picture_is_read() {
        let document = read("a.jpg", b"Mara Lind", &Limits::default()).unwrap();
        assert_eq!((document.format().name, document.text()), ("text", "Mara Lind"));
        assert!(read("a.jpg", &[7; 100], &Limits::default()).is_err());
    }

    proptest! {
        #[test]
        fn damaged_pictures_do_not_panic(file in 0..7_usize, places in damages(1), cut in any::<prop::sample::Index>()) {
            let mut bytes = files()[file].1.to_vec();
            damage(&mut bytes, &places);
            let _ = read_as(&super::FORMAT, &bytes, &Limits::default());
            bytes.truncate(cut.index(bytes.len()));
            let _ = read_as(&super::FORMAT, &bytes, &Limits::default());
        }
    }
}

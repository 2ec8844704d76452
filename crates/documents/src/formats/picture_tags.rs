//! The two old ways to write about a picture within it: EXIF of cameras, IPTC of news agencies.

use exif::{Context, Error, Exif, Field, In, Tag, Value};

use super::picture::guessed;
use crate::{Note, codepage::utf16, layout::Layout};

/// Tags of Windows in UTF-16 that the crate has no names for.
const WINDOWS: &[(u16, &str)] = &[
    (0x9C9B, "XPTitle"),
    (0x9C9C, "XPComment"),
    (0x9C9D, "XPAuthor"),
    (0x9C9E, "XPKeywords"),
    (0x9C9F, "XPSubject"),
];
/// Others that hold text of people.
const NAMES: &[(u16, &str)] = &[
    (0x013C, "HostComputer"),
    (0x010D, "DocumentName"),
    (0x011D, "PageName"),
    (0x0151, "TargetPrinter"),
    (0xA430, "CameraOwnerName"),
    (0xC614, "UniqueCameraModel"),
    (0xC62F, "CameraSerialNumber"),
    (0xC68B, "OriginalRawFileName"),
];
/// Tags that hold IPTC, and Photoshop's resources.
const IPTC: u16 = 0x83BB;
const RESOURCES: u16 = 0x8649;
/// What a maker wrote is not documented; runs of letters this long are read in it.
const SHORTEST_RUN: usize = 5;
const MOST_RUNS: usize = 100;

/// What a dataset of IPTC record 2 holds.
const DATASETS: &[(u8, &str)] = &[
    (5, "title"),
    (25, "keywords"),
    (40, "instructions"),
    (55, "date created"),
    (80, "by-line"),
    (85, "by-line title"),
    (90, "city"),
    (92, "sublocation"),
    (95, "province"),
    (101, "country"),
    (103, "reference"),
    (105, "headline"),
    (110, "credit"),
    (115, "source"),
    (116, "copyright"),
    (118, "contact"),
    (120, "caption"),
    (122, "writer"),
];

pub(super) fn exif(read: Result<Exif, Error>, layout: &mut Layout<'_>) {
    let mut damaged = false;
    // Some programs leave rubbish where nothing follows; nothing is lost by it.
    let harmless = |error: &Error| matches!(error, Error::InvalidFormat("Unexpected next IFD"));
    let distilled = |errors: Vec<Error>| damaged = !errors.iter().all(harmless);
    let exif = match read.or_else(|error| error.distill_partial_result(distilled)) {
        Ok(exif) => exif,
        Err(Error::NotFound(_)) => return,
        Err(_) => {
            layout.note(Note::Damaged("the EXIF data is not whole".to_owned()));
            return;
        }
    };
    if damaged {
        layout.note(Note::Damaged("a part of the EXIF data is not whole".to_owned()));
    }
    let part = |tag, direction| degrees(&exif, tag, direction);
    if let (Some(latitude), Some(longitude)) =
        (part(Tag::GPSLatitude, Tag::GPSLatitudeRef), part(Tag::GPSLongitude, Tag::GPSLongitudeRef))
    {
        layout.property("GPS position", &format!("{latitude:.4}, {longitude:.4}"));
    }
    for field in exif.fields() {
        self::field(field, layout);
    }
}

fn field(field: &Field, layout: &mut Layout<'_>) {
    let Tag(context, number) = field.tag;
    let known = NAMES.iter().find(|(known, _)| *known == number).map(|(_, name)| (*name).to_owned());
    let name = known.unwrap_or_else(|| field.tag.to_string());
    match (&field.value, number) {
        (Value::Byte(bytes), IPTC) | (Value::Undefined(bytes, _), IPTC) => iptc(bytes, layout),
        // Some write it in numbers of four bytes.
        (Value::Long(words), IPTC) => {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
            let swapped: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            iptc(if bytes.first() == Some(&0x1C) { &bytes } else { &swapped }, layout);
        }
        (Value::Byte(bytes) | Value::Undefined(bytes, _), RESOURCES) => resources(bytes, layout),
        (Value::Ascii(_), _) if is_direction(context, number) => {}
        (Value::Ascii(texts), _) => {
            for text in texts {
                layout.property(&name, &guessed(text));
            }
        }
        (Value::Byte(bytes), _) if context == Context::Tiff => {
            if let Some((_, name)) = WINDOWS.iter().find(|(known, _)| *known == number) {
                layout.property(name, &utf16(bytes));
            }
        }
        (Value::Undefined(bytes, _), _) if field.tag == Tag::MakerNote => {
            for run in runs(bytes) {
                layout.property(&name, &run);
            }
        }
        (Value::Undefined(bytes, _), _) => layout.property(&name, &coded(bytes)),
        _ => {}
    }
}

/// North or south, metres or feet: what says how to read a number is none itself.
fn is_direction(context: Context, number: u16) -> bool {
    context == Context::Gps && matches!(number, 1 | 3 | 9 | 10 | 12 | 14 | 16 | 19 | 21 | 23 | 25)
}

fn degrees(exif: &Exif, tag: Tag, direction: Tag) -> Option<f64> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let part =
        |index: usize| parts.get(index).filter(|part| part.denom != 0).map_or(0.0, exif::Rational::to_f64);
    let degrees = part(0) + part(1) / 60.0 + part(2) / 3600.0;
    let direction = exif.get_field(direction, In::PRIMARY).map(|field| &field.value);
    let negative = matches!(direction, Some(Value::Ascii(texts)) if texts.iter().any(|text| text.starts_with(b"S") || text.starts_with(b"W")));
    Some(if negative { -degrees } else { degrees })
}

/// Text behind eight bytes that say how it is written; other data is none.
fn coded(bytes: &[u8]) -> String {
    let Some((code, text)) = bytes.split_first_chunk::<8>() else { return String::new() };
    match code {
        b"UNICODE\0" if text.first() == Some(&0) => {
            text.chunks_exact(2).map(|pair| char::from(pair[1])).collect()
        }
        b"UNICODE\0" => utf16(text),
        b"ASCII\0\0\0" | b"JIS\0\0\0\0\0" | b"\0\0\0\0\0\0\0\0" => guessed(text),
        _ => String::new(),
    }
}

fn runs(bytes: &[u8]) -> Vec<String> {
    bytes
        .split(|byte| !(b' '..=b'~').contains(byte))
        .filter(|run| run.len() >= SHORTEST_RUN && run.iter().any(u8::is_ascii_alphanumeric))
        .take(MOST_RUNS)
        .map(|run| String::from_utf8_lossy(run).trim().to_owned())
        .collect()
}

/// Photoshop's list of what goes with a picture; data that is no such list is taken for IPTC itself.
pub(super) fn resources(bytes: &[u8], layout: &mut Layout<'_>) {
    let Some(mut rest) = bytes.strip_prefix(b"8BIM") else { return iptc(bytes, layout) };
    loop {
        let Some((&[high, low], behind)) = rest.split_first_chunk::<2>() else { return };
        // A name with its length before it, and the size of the data: both to an even length.
        let name = usize::from(behind.first().copied().unwrap_or(0)) / 2 * 2 + 2;
        let Some((size, data)) = behind.get(name..).and_then(|rest| rest.split_first_chunk::<4>()) else {
            return;
        };
        let size = u32::from_be_bytes(*size) as usize;
        let (data, behind) = data.split_at(size.min(data.len()));
        match u16::from_be_bytes([high, low]) {
            0x0404 => iptc(data, layout),
            0x040B => layout.property("URL", &guessed(data)),
            _ => {}
        }
        let behind = behind.get(size % 2..).unwrap_or_default();
        let Some(next) = behind.strip_prefix(b"8BIM") else { return };
        rest = next;
    }
}

/// Datasets one after the other (IPTC-IIM 4.2), those of record 2 as properties.
pub(super) fn iptc(bytes: &[u8], layout: &mut Layout<'_>) {
    let mut rest = bytes;
    while let Some((&[mark, record, set, high, low], behind)) = rest.split_first_chunk::<5>() {
        if mark != 0x1C {
            return;
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        // Longer ones say how long their length is; no text of people is so long.
        let (data, behind) = behind.split_at(length.min(behind.len()));
        rest = behind;
        if record != 2 || set == 0 {
            continue;
        }
        let name = DATASETS.iter().find(|(known, _)| *known == set).map(|(_, name)| (*name).to_owned());
        layout.property(&name.unwrap_or_else(|| format!("IPTC {set}")), &guessed(data));
    }
}

//! A file that is compressed on its own: read as what it unpacks to.

use std::io::{self, Read, Write};

use flate2::{
    Compression,
    bufread::{GzDecoder, MultiGzDecoder},
    write::GzEncoder,
};
use ruzstd::{
    decoding::{FrameDecoder, StreamingDecoder},
    encoding::{CompressionLevel, compress_to_vec},
};

use crate::{
    Document, Part, ReadError, RewriteError,
    format::{Context, Format, Sight, read_within},
    layout::Layout,
    sources::{Change, Changes, Writer},
};

pub(crate) static GZIP: Format = Format {
    name: "gzip",
    title: "gzip file",
    extensions: &["gz", "tgz"],
    media_types: &["application/gzip", "application/x-gzip"],
    // Deflate is the only method there is.
    recognise: |bytes| if bytes.starts_with(b"\x1f\x8b\x08") { Sight::Sure } else { Sight::No },
    read: read_gzip,
};

pub(crate) static ZSTD: Format = Format {
    name: "zstd",
    title: "zstd file",
    extensions: &["zst", "tzst"],
    media_types: &["application/zstd"],
    recognise: |bytes| if bytes.starts_with(b"\x28\xb5\x2f\xfd") { Sight::Sure } else { Sight::No },
    read: read_zstd,
};

const FILE_NAME: &str = "file name";

/// The member's header may name the file and comment on it, RFC 1952.
fn read_gzip<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let decoder = GzDecoder::new(bytes);
    let said = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let header = decoder.header();
    let name = said(header.and_then(|header| header.filename()));
    let comment = said(header.and_then(|header| header.comment()));
    let unpacked = MultiGzDecoder::new(bytes);
    read_unpacked(&GZIP, write_gzip, bytes, unpacked, &[(FILE_NAME, &name), ("comment", &comment)], context)
}

fn read_zstd<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    read_unpacked(&ZSTD, write_zstd, bytes, Frames::new(bytes), &[], context)
}

/// Without the name and comment in the header.
fn write_gzip(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, RewriteError> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    let written = match changed(changes)? {
        Some(new) => out.write_all(new),
        None => io::copy(&mut MultiGzDecoder::new(bytes), &mut out).map(drop),
    };
    let written = written.and_then(|()| out.finish());
    written.map_err(|_| RewriteError::Unwritten("it can't be packed"))
}

fn write_zstd(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, RewriteError> {
    let new = changed(changes)?;
    Ok(new.map_or_else(|| bytes.to_vec(), |new| compress_to_vec(new, CompressionLevel::Fastest)))
}

/// The only thing that is inside. Without it there is no file.
fn changed(changes: &Changes) -> Result<Option<&[u8]>, RewriteError> {
    match changes.values().next() {
        Some(Change::Write(new)) => Ok(Some(new)),
        Some(Change::Keep) => Ok(None),
        _ => Err(RewriteError::Unwritten("what is packed in it can't be written in its format")),
    }
}

/// `said` are what the file says of itself, its name among it.
fn read_unpacked<'a>(
    format: &'static Format,
    writer: Writer,
    bytes: &'a [u8],
    unpacked: impl Read,
    said: &[(&str, &str)],
    context: &Context<'_>,
) -> Result<Document<'a>, ReadError> {
    context.budget.enter(1, context.limits)?;
    let (inside, read) = context.budget.unpack(unpacked, bytes.len(), context.limits)?;
    read.map_err(|_| ReadError::broken(format, "it can't be unpacked to its end"))?;
    let mut layout = Layout::new(format, bytes, context);
    layout.written_by(writer);
    for (name, value) in said {
        layout.lost(name, value);
    }
    let named = said.iter().find(|(name, value)| *name == FILE_NAME && !value.is_empty());
    let name = named.map_or_else(|| unpacked_name(context.name), |(_, name)| (*name).to_owned());
    let document = read_within(&name, None, &inside, &context.inner())?;
    let part = if name.is_empty() { document.format().title.to_owned() } else { name };
    layout.absorb(&Part::Entry(part), document);
    layout.finish()
}

/// The name without its last extension, as the programs that unpack give it.
fn unpacked_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    match name.rsplit_once('.') {
        Some((stem, "tgz" | "tzst")) => format!("{stem}.tar"),
        Some((stem, _)) => stem.to_owned(),
        None => String::new(),
    }
}

/// All frames of a file, one after the other.
pub(crate) struct Frames<'a> {
    open: Option<StreamingDecoder<&'a [u8], FrameDecoder>>,
    /// Behind the one that is open.
    rest: &'a [u8],
}

impl<'a> Frames<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { open: None, rest: bytes }
    }
}

impl Read for Frames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.open {
                let read = frame.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
            }
            if let Some(ended) = self.open.take() {
                self.rest = ended.into_inner();
            }
            if self.rest.is_empty() {
                return Ok(0);
            }
            self.open = Some(StreamingDecoder::new(self.rest).map_err(io::Error::other)?);
        }
    }
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use crate::{Limits, read};

    #[test]
    fn reads_every_frame() {
        let frame = |text: &[u8]| compress_to_vec(text, CompressionLevel::Fastest);
        let bytes = [frame(b"name,phone\nIda Lind,"), frame(b"030 123456\n")].concat();
        let document = read("people.csv.zst", &bytes, &Limits::default()).unwrap();
        let at = document.text().find("030 123456").unwrap();
        assert_eq!(document.locate(at..at + 10).to_string(), "people.csv: row 2, column phone");
        let error = read("", &bytes[..bytes.len() - 3], &Limits::default()).unwrap_err();
        assert_eq!(error.to_string(), "the zstd file is damaged: it can't be unpacked to its end");
    }

    #[test]
    fn a_bomb_is_refused() {
        let bytes = compress_to_vec(&vec![b'0'; 8 << 20][..], CompressionLevel::Fastest);
        let error = read("", &bytes, &Limits::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a part unpacks to more than 200 times its size, the limit against archive bombs"
        );
    }
}

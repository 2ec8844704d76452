//! The pages of a column of a Parquet file. They are unpacked here and not by the `parquet` crate, so that what they claim
//! to unpack to is held against the limits first, and all in Rust.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use parquet::{
    basic::{Compression, Encoding},
    column::page::{Page, PageMetadata, PageReader},
    errors::{ParquetError, Result},
};
use ruzstd::decoding::StreamingDecoder;

use super::thrift::{Fields, Reader};

/// Fields of a page's header; its statistics have most of them.
const MOST_FIELDS: usize = 1000;

/// What the pages of a file may still unpack to, and how many values of one batch of rows may still come.
#[derive(Debug)]
pub(super) struct Allowance {
    pub bytes: AtomicUsize,
    pub values: AtomicUsize,
}

impl Allowance {
    /// When there is not enough, nothing is left for what comes later, either.
    fn take(from: &AtomicUsize, count: usize, what: &str) -> Result<()> {
        let left = from.load(Ordering::Relaxed).checked_sub(count);
        from.store(left.unwrap_or(0), Ordering::Relaxed);
        left.map(drop).ok_or_else(|| damaged(what))
    }
}

/// The pages of a column in a row group.
#[derive(Debug)]
pub(super) struct Pages {
    pub rest: Bytes,
    pub compression: Compression,
    pub allowance: Arc<Allowance>,
    /// A row may have any number of values, so that batches of rows don't bound them.
    pub repeated: bool,
}

impl Pages {
    fn page(&mut self) -> Result<Option<Page>> {
        while !self.rest.is_empty() {
            let mut reader = Reader { rest: &self.rest, elements: MOST_FIELDS };
            let header = reader.structure(0).ok_or_else(|| damaged("a page has no whole header"))?;
            let body = self.rest.len() - reader.rest.len();
            let packed = size(&header, 3)?;
            let end = body.checked_add(packed).filter(|end| *end <= self.rest.len());
            let end = end.ok_or_else(|| damaged("a page is cut"))?;
            let data = self.rest.slice(body..end);
            self.rest = self.rest.slice(end..);
            if let Some(page) = self.open(&header, data)? {
                return Ok(Some(page));
            }
        }
        Ok(None)
    }

    /// `None` for a page that holds no values.
    fn open(&self, header: &Fields, data: Bytes) -> Result<Option<Page>> {
        let unpacked = size(header, 2)?;
        let part = |id| header.structure(id).ok_or_else(|| damaged("a page has no whole header"));
        Ok(match header.number(1) {
            Some(0) => {
                let fields = part(5)?;
                let num_values = self.values(fields)?;
                Some(Page::DataPage {
                    buf: self.unpack(data, unpacked)?,
                    num_values,
                    encoding: encoding(fields, 2)?,
                    def_level_encoding: encoding(fields, 3)?,
                    rep_level_encoding: encoding(fields, 4)?,
                    statistics: None,
                })
            }
            Some(2) => {
                let fields = part(7)?;
                let buf = self.unpack(data, unpacked)?;
                let num_values = number(fields, 1)?;
                if num_values as usize > buf.len() {
                    return Err(damaged("a dictionary has more values than bytes"));
                }
                let is_sorted = fields.number(3) == Some(1);
                Some(Page::DictionaryPage { buf, num_values, encoding: encoding(fields, 2)?, is_sorted })
            }
            Some(3) => {
                let fields = part(8)?;
                let num_values = self.values(fields)?;
                let (def_levels_byte_len, rep_levels_byte_len) = (number(fields, 5)?, number(fields, 6)?);
                let levels = (def_levels_byte_len as usize).checked_add(rep_levels_byte_len as usize);
                let levels = levels.filter(|levels| *levels <= data.len().min(unpacked));
                let levels = levels.ok_or_else(|| damaged("a page is cut"))?;
                let buf = match fields.number(7) {
                    Some(0) => data,
                    _ => {
                        let values = self.unpack(data.slice(levels..), unpacked - levels)?;
                        [&data[..levels], &values].concat().into()
                    }
                };
                Some(Page::DataPageV2 {
                    buf,
                    num_values,
                    encoding: encoding(fields, 4)?,
                    num_nulls: number(fields, 2)?,
                    num_rows: number(fields, 3)?,
                    def_levels_byte_len,
                    rep_levels_byte_len,
                    is_compressed: false,
                    statistics: None,
                })
            }
            _ => None,
        })
    }

    fn values(&self, fields: &Fields) -> Result<u32> {
        let count = number(fields, 1)?;
        if self.repeated {
            Allowance::take(&self.allowance.values, count as usize, "its rows have too many values")?;
        }
        Ok(count)
    }

    fn unpack(&self, data: Bytes, size: usize) -> Result<Bytes> {
        Allowance::take(&self.allowance.bytes, size, "it unpacks to too much")?;
        if self.compression == Compression::UNCOMPRESSED || data.is_empty() {
            return Ok(data);
        }
        let unpacked = unpack(self.compression, &data, size);
        let unpacked = unpacked.map_err(|_| damaged("a page can't be unpacked"))?;
        if unpacked.len() == size { Ok(unpacked.into()) } else { Err(damaged("a page can't be unpacked")) }
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.page()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        let page = PageMetadata { num_rows: None, num_levels: None, is_dict: false };
        Ok((!self.rest.is_empty()).then_some(page))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.page().map(drop)
    }
}

/// No more than `size` bytes.
fn unpack(compression: Compression, data: &[u8], size: usize) -> io::Result<Vec<u8>> {
    let read = |unpacked: &mut dyn Read| {
        let mut bytes = Vec::new();
        unpacked.take(size as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match compression {
        Compression::SNAPPY => {
            let mut bytes = vec![0; size];
            let length = snap::raw::Decoder::new().decompress(data, &mut bytes)?;
            bytes.truncate(length);
            Ok(bytes)
        }
        Compression::GZIP(_) => read(&mut MultiGzDecoder::new(data)),
        Compression::BROTLI(_) => read(&mut brotli_decompressor::Decompressor::new(data, 4096)),
        Compression::ZSTD(_) => read(&mut StreamingDecoder::new(data).map_err(io::Error::other)?),
        Compression::LZ4_RAW => lz4(data, size),
        Compression::LZ4 => lz4_frames(data, size).or_else(|_| lz4(data, size)),
        Compression::LZO | Compression::UNCOMPRESSED => Err(io::ErrorKind::Unsupported.into()),
    }
}

fn lz4(data: &[u8], size: usize) -> io::Result<Vec<u8>> {
    lz4_flex::block::decompress(data, size).map_err(io::Error::other)
}

/// As Hadoop frames it: before each block its size, unpacked and packed.
fn lz4_frames(mut data: &[u8], size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some((head, rest)) = data.split_first_chunk::<8>() {
        let [unpacked, packed] =
            [0, 4].map(|at| head[at..at + 4].iter().fold(0, |n, &b| n << 8 | usize::from(b)));
        if unpacked > size - bytes.len() || packed > rest.len() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        bytes.extend(lz4(&rest[..packed], unpacked)?);
        data = &rest[packed..];
    }
    if data.is_empty() { Ok(bytes) } else { Err(io::ErrorKind::InvalidData.into()) }
}

fn size(fields: &Fields, id: i16) -> Result<usize> {
    number(fields, id).map(|number| number as usize)
}

fn number(fields: &Fields, id: i16) -> Result<u32> {
    let number = fields.number(id).and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| damaged("a page has no whole header"))
}

fn encoding(fields: &Fields, id: i16) -> Result<Encoding> {
    Ok(match number(fields, id)? {
        0 => Encoding::PLAIN,
        2 => Encoding::PLAIN_DICTIONARY,
        3 => Encoding::RLE,
        #[expect(deprecated, reason = "old files have it")]
        4 => Encoding::BIT_PACKED,
        5 => Encoding::DELTA_BINARY_PACKED,
        6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        7 => Encoding::DELTA_BYTE_ARRAY,
        8 => Encoding::RLE_DICTIONARY,
        9 => Encoding::BYTE_STREAM_SPLIT,
        _ => return Err(damaged("a page is written in an unknown way")),
    })
}

fn damaged(reason: &str) -> ParquetError {
    ParquetError::General(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of data that says to unpack from `packed` bytes to `unpacked`, below 64.
    fn pages(compression: Compression, unpacked: u8, data: &[u8], values: usize) -> Pages {
        let header =
            [0x15, 0, 0x15, unpacked * 2, 0x15, data.len() as u8 * 2, 0x2C, 0x15, 8, 0x15, 0, 0x15, 6];
        Pages {
            rest: [&header[..], &[0x15, 6, 0, 0], data].concat().into(),
            compression,
            allowance: Arc::new(Allowance { bytes: AtomicUsize::new(40), values: AtomicUsize::new(values) }),
            repeated: true,
        }
    }

    #[test]
    fn takes_of_what_is_allowed() {
        let mut pages = pages(Compression::UNCOMPRESSED, 5, b"abcde", 10);
        let page = pages.get_next_page().unwrap().unwrap();
        assert_eq!((&page.buffer()[..], page.num_values()), (&b"abcde"[..], 4));
        assert!(pages.get_next_page().unwrap().is_none());
        let left = |of: &AtomicUsize| of.load(Ordering::Relaxed);
        assert_eq!((left(&pages.allowance.bytes), left(&pages.allowance.values)), (35, 6));
    }

    #[test]
    fn unpacks_nothing_that_is_not_allowed() {
        let error = |mut pages: Pages| pages.get_next_page().unwrap_err().to_string();
        assert!(error(pages(Compression::SNAPPY, 41, b"abc", 10)).ends_with("it unpacks to too much"));
        assert!(error(pages(Compression::SNAPPY, 5, b"abc", 3)).ends_with("its rows have too many values"));
        assert!(error(pages(Compression::SNAPPY, 5, b"abc", 10)).ends_with("a page can't be unpacked"));
        let mut cut = pages(Compression::UNCOMPRESSED, 5, b"abcde", 10);
        cut.rest.truncate(20);
        assert!(error(cut).ends_with("a page is cut"));
    }

    #[test]
    fn unpacks_what_hadoop_framed() {
        let block = |text: &[u8]| {
            let packed = lz4_flex::block::compress(text);
            let sizes = [text.len() as u32, packed.len() as u32].map(u32::to_be_bytes).concat();
            [sizes, packed].concat()
        };
        let framed = [block(b"Mara Lind, "), block(b"Tom Lind")].concat();
        assert_eq!(unpack(Compression::LZ4, &framed, 19).unwrap(), b"Mara Lind, Tom Lind");
        assert!(unpack(Compression::LZ4, &framed, 18).is_err());
        let bare = lz4_flex::block::compress(b"Mara Lind");
        assert_eq!(unpack(Compression::LZ4, &bare, 9).unwrap(), b"Mara Lind");
    }
}

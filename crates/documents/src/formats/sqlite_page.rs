//! The pages of a SQLite database, and the cells in them (<https://www.sqlite.org/fileformat2.html>).

use std::{collections::HashMap, ops::Range};

use super::sqlite_record::varint;
use crate::decode::Charset;

/// Before the first page's own header.
pub(super) const FILE_HEADER: usize = 100;

/// Before what a page holds of a long value.
pub(super) const OVERFLOW_HEADER: usize = 4;

/// So many bytes of a page, at least, are not reserved.
const LEAST_USABLE: usize = 480;

pub(super) fn is_page_size(size: usize) -> bool {
    (512..=1 << 16).contains(&size) && size.is_power_of_two()
}

/// The pages of a database, by their numbers from 1.
#[derive(Debug)]
pub(super) struct Pages<'a> {
    bytes: &'a [u8],
    pub size: usize,
    /// Bytes of a page without those that extensions reserve at its end.
    usable: usize,
    /// Where the pages of a log begin; those of a database follow each other.
    log: Option<HashMap<u32, usize>>,
    pub charset: Charset,
}

impl<'a> Pages<'a> {
    /// Those of a database; `None` if its header says nothing of use.
    pub(super) fn of_database(bytes: &'a [u8]) -> Option<Self> {
        let size = match be16(bytes, 16)? {
            1 => 1 << 16,
            size => size,
        };
        let usable = size.checked_sub(usize::from(*bytes.get(20)?))?;
        let whole = is_page_size(size) && usable >= LEAST_USABLE;
        let charset = charset(bytes);
        whole.then_some(Self { bytes, size, usable, log: None, charset })
    }

    /// Those of a log, where the current ones begin.
    pub(super) fn of_log(bytes: &'a [u8], size: usize, places: HashMap<u32, usize>) -> Self {
        let mut pages = Self { bytes, size, usable: size, log: Some(places), charset: Charset::Utf8 };
        if let Some(first) = pages.page(1) {
            pages.charset = charset(first);
            let reserved = first.get(20).map_or(0, |&bytes| usize::from(bytes));
            pages.usable = size.saturating_sub(reserved).max(LEAST_USABLE);
        }
        pages
    }

    /// Where a page begins, in a log the current one of its number.
    pub(super) fn place(&self, number: u32) -> Option<usize> {
        match &self.log {
            Some(places) => places.get(&number).copied(),
            None => (number as usize).checked_sub(1)?.checked_mul(self.size),
        }
    }

    /// The page that begins here, without what is reserved; less than a page at the end of a file that is cut.
    pub(super) fn at(&self, place: usize) -> Option<&'a [u8]> {
        let rest = self.bytes.get(place..).filter(|rest| !rest.is_empty())?;
        Some(&rest[..self.usable.min(rest.len())])
    }

    pub(super) fn page(&self, number: u32) -> Option<&'a [u8]> {
        self.at(self.place(number)?)
    }

    /// How many there are, begun ones included.
    pub(super) fn count(&self) -> usize {
        self.bytes.len().div_ceil(self.size)
    }

    /// The tree's page that these bytes are.
    pub(super) fn tree(&self, bytes: &'a [u8], number: u32) -> Option<Tree<'a>> {
        let head = if number == 1 { FILE_HEADER } else { 0 };
        let kind = Kind::of(*bytes.get(head)?)?;
        let count = be16(bytes, head + 3)?;
        let below = if kind.is_leaf() { None } else { be32(bytes, head + 8) };
        Some(Tree { bytes, usable: self.usable, longest: self.bytes.len(), head, kind, count, below })
    }

    /// A cell of this kind, whatever page it is from.
    pub(super) fn cell(&self, bytes: &'a [u8], kind: Kind, at: usize) -> Option<Cell<'a>> {
        cell(bytes, self.usable, self.bytes.len(), kind, at)
    }

    /// What a page of a long value holds of it, and the page where it goes on.
    pub(super) fn overflow(&self, number: u32) -> Option<(&'a [u8], u32)> {
        let page = self.page(number)?;
        // The number of the next page is too large for any file: this is a page of a tree.
        let next = be32(page, 0).filter(|next| *next < 1 << 24)?;
        Some((page.get(OVERFLOW_HEADER..)?, next))
    }
}

/// What a page of a tree holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    IndexInterior,
    TableInterior,
    IndexLeaf,
    TableLeaf,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            2 => Self::IndexInterior,
            5 => Self::TableInterior,
            10 => Self::IndexLeaf,
            13 => Self::TableLeaf,
            _ => return None,
        })
    }

    pub(super) fn is_leaf(self) -> bool {
        matches!(self, Self::IndexLeaf | Self::TableLeaf)
    }

    /// Those of the leaves in the same tree.
    pub(super) fn of_leaves(self) -> &'static [Self] {
        if self.is_of_table() { &[Self::TableLeaf] } else { &[Self::IndexLeaf] }
    }

    /// Its cells have numbers of rows.
    fn is_of_table(self) -> bool {
        matches!(self, Self::TableInterior | Self::TableLeaf)
    }
}

/// A page of a tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tree<'a> {
    pub bytes: &'a [u8],
    usable: usize,
    longest: usize,
    head: usize,
    pub kind: Kind,
    count: usize,
    /// The rightmost page below this one.
    pub below: Option<u32>,
}

impl<'a> Tree<'a> {
    /// Behind the pointers to the cells, and behind those to cells that are gone: two bytes that could be text only if the
    /// first were a control character.
    pub(super) fn body(&self) -> usize {
        let start = self.pointers().end.min(self.bytes.len());
        let pairs = self.bytes[start..].chunks_exact(2);
        let is_pointer = |pair: &[u8]| {
            let at = usize::from(pair[0]) << 8 | usize::from(pair[1]);
            pair[0] < 0x20 && (start..self.bytes.len()).contains(&at)
        };
        start + 2 * pairs.take_while(|pair| is_pointer(pair)).count()
    }

    fn pointers(&self) -> Range<usize> {
        let start = self.head + if self.kind.is_leaf() { 8 } else { 12 };
        start..start + 2 * self.count
    }

    /// The cells in order, and whether all of them were there.
    pub(super) fn cells(&self) -> (Vec<Cell<'a>>, bool) {
        let mut cells = Vec::new();
        // Cells that overlap would let a small page say much.
        let mut left = self.bytes.len();
        let mut whole = true;
        for pointer in self.pointers().step_by(2) {
            let Some(at) = be16(self.bytes, pointer) else { return (cells, false) };
            match cell(self.bytes, self.usable, self.longest, self.kind, at) {
                Some(cell) if at >= self.pointers().start && cell.place.len() <= left => {
                    left -= cell.place.len();
                    cells.push(cell);
                }
                _ => whole = false,
            }
        }
        (cells, whole)
    }

    /// What no cell takes.
    pub(super) fn free(&self, cells: &[Cell<'_>]) -> Vec<Range<usize>> {
        let mut places: Vec<_> = cells.iter().map(|cell| cell.place.clone()).collect();
        places.sort_unstable_by_key(|place| place.start);
        let mut at = self.body();
        let mut free = Vec::new();
        for place in places {
            if at < place.start {
                free.push(at..place.start);
            }
            at = at.max(place.end);
        }
        free.push(at..self.bytes.len());
        free
    }
}

/// An entry of a tree's page.
#[derive(Clone, Debug)]
pub(super) struct Cell<'a> {
    /// Where it lies in its page.
    pub place: Range<usize>,
    pub child: Option<u32>,
    /// The number of the row, in a table.
    pub row: Option<i64>,
    /// Bytes of its payload.
    pub payload: usize,
    /// Those that lie in the page.
    pub local: &'a [u8],
    /// The page where the rest begins.
    pub overflow: Option<u32>,
}

fn cell(bytes: &[u8], usable: usize, longest: usize, kind: Kind, start: usize) -> Option<Cell<'_>> {
    let (child, mut at) = if kind.is_leaf() { (None, start) } else { (Some(be32(bytes, start)?), start + 4) };
    let mut number = || -> Option<u64> {
        let (number, used) = varint(bytes.get(at..)?)?;
        at += used;
        Some(number)
    };
    let payload = if kind == Kind::TableInterior { 0 } else { number()? };
    let row = if kind.is_of_table() { Some(number()? as i64) } else { None };
    let payload = usize::try_from(payload).ok().filter(|payload| *payload <= longest)?;
    let least = (usable - 12) * 32 / 255 - 23;
    let most = if kind == Kind::TableLeaf { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    let here = match least + payload.saturating_sub(least) % (usable - 4) {
        _ if payload <= most => payload,
        here if here <= most => here,
        _ => least,
    };
    let local = bytes.get(at..at.checked_add(here)?)?;
    at += here;
    let overflow = if here < payload {
        at += 4;
        Some(be32(bytes, at - 4)?)
    } else {
        None
    };
    Some(Cell { place: start..at, child, row, payload, local, overflow })
}

/// How the texts of a database are written, as its header says.
fn charset(header: &[u8]) -> Charset {
    match be32(header, 56) {
        Some(2) => Charset::Utf16Le,
        Some(3) => Charset::Utf16Be,
        _ => Charset::Utf8,
    }
}

pub(super) fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?)))
}

pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

//! The numbers in structures of Thrift's compact protocol, by the ids of their fields.
//!
//! Nothing is believed of what lists say of their lengths: every element has to be there.

/// Deeper than any description of a table.
const DEEPEST: usize = 32;

/// The fields of a structure that are of use: numbers, structures, and lists of structures.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    numbers: Vec<(i16, i64)>,
    structures: Vec<(i16, Fields)>,
    lists: Vec<(i16, Vec<Fields>)>,
}

impl Fields {
    pub(super) fn number(&self, id: i16) -> Option<i64> {
        self.numbers.iter().find(|(own, _)| *own == id).map(|(_, number)| *number)
    }

    pub(super) fn structure(&self, id: i16) -> Option<&Self> {
        self.structures.iter().find(|(own, _)| *own == id).map(|(_, fields)| fields)
    }

    pub(super) fn list(&self, id: i16) -> &[Self] {
        self.lists.iter().find(|(own, _)| *own == id).map_or(&[], |(_, list)| list)
    }
}

/// Reads a structure with so many elements in it at most.
pub(super) struct Reader<'a> {
    pub rest: &'a [u8],
    pub elements: usize,
}

impl Reader<'_> {
    /// The structure that begins here; `None` if it is not whole, too deep or too large.
    pub(super) fn structure(&mut self, depth: usize) -> Option<Fields> {
        if depth > DEEPEST {
            return None;
        }
        let mut fields = Fields::default();
        let mut id: i16 = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(fields);
            }
            self.elements = self.elements.checked_sub(1)?;
            id = match head >> 4 {
                0 => i16::try_from(self.signed()?).ok()?,
                step => id.checked_add(i16::from(step))?,
            };
            match head & 0xF {
                1 => fields.numbers.push((id, 1)),
                2 => fields.numbers.push((id, 0)),
                3 => fields.numbers.push((id, i64::from(self.byte()? as i8))),
                4..=6 => fields.numbers.push((id, self.signed()?)),
                12 => fields.structures.push((id, self.structure(depth + 1)?)),
                9 | 10 => {
                    let list = self.list(depth + 1)?;
                    if !list.is_empty() {
                        fields.lists.push((id, list));
                    }
                }
                kind => self.skip(kind, depth + 1)?,
            }
        }
    }

    /// The structures in a list; other elements are left out.
    fn list(&mut self, depth: usize) -> Option<Vec<Fields>> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.unsigned()?,
            count => u64::from(count),
        };
        let mut list = Vec::new();
        for _ in 0..count {
            self.elements = self.elements.checked_sub(1)?;
            match head & 0xF {
                12 => list.push(self.structure(depth)?),
                1 | 2 => drop(self.byte()?),
                kind => self.skip(kind, depth)?,
            }
        }
        Some(list)
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            1 | 2 => {}
            3 => drop(self.byte()?),
            4..=6 => drop(self.unsigned()?),
            7 => self.bytes(8)?,
            8 => {
                let length = usize::try_from(self.unsigned()?).ok()?;
                self.bytes(length)?;
            }
            9 | 10 if depth <= DEEPEST => drop(self.list(depth + 1)?),
            12 => drop(self.structure(depth)?),
            13 => self.bytes(16)?,
            // Descriptions of tables have no maps.
            _ => return None,
        }
        Some(())
    }

    fn bytes(&mut self, length: usize) -> Option<()> {
        self.rest = self.rest.get(length..)?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Reader;

    #[test]
    fn reads_numbers_by_their_fields() {
        let bytes =
            [0x15, 0x01, 0x25, 0x80, 0x02, 0x18, 1, b'x', 0x1C, 0x11, 0, 0x19, 0x1C, 0x15, 2, 0, 0, 9];
        let mut reader = Reader { rest: &bytes, elements: 100 };
        let fields = reader.structure(0).unwrap();
        assert_eq!((fields.number(1), fields.number(3), fields.number(4)), (Some(-1), Some(128), None));
        assert_eq!(fields.structure(5).unwrap().number(1), Some(1));
        assert_eq!(fields.list(6)[0].number(1), Some(1));
        assert_eq!(reader.rest, [9]);
        let few = |elements| Reader { rest: &bytes, elements }.structure(0);
        assert_eq!((few(7), few(8).is_some()), (None, true));
    }

    #[test]
    fn believes_no_length() {
        let reader = |rest| Reader { rest, elements: usize::MAX }.structure(0);
        assert_eq!(reader(&[0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), None);
        assert_eq!(reader(&[0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]), None);
        assert_eq!(reader(&[0x1C; 100_000]), None);
        assert_eq!(reader(&[&[0x19][..], &[0x19; 100_000]].concat()), None);
    }

    proptest! {
        #[test]
        fn any_bytes_have_an_end(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = Reader { rest: &bytes, elements: 1000 }.structure(0);
        }
    }
}

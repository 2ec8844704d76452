//! The records of a SQLite database: values one after the other, behind a header of their types.

/// SQLite takes no more by itself.
const MOST_COLUMNS: usize = 2000;

/// A number in one to nine bytes, and how many they are.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(9).enumerate() {
        if index == 8 {
            return Some((value << 8 | u64::from(byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7F);
        if byte < 0x80 {
            return Some((value, index + 1));
        }
    }
    None
}

/// A value as it is stored. A text is in the encoding of its database.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

/// The values of a record, as far as it goes.
#[derive(Clone, Debug)]
pub(super) struct Record<'a> {
    types: &'a [u8],
    body: &'a [u8],
}

impl<'a> Record<'a> {
    /// That of a cell's payload.
    pub(super) fn new(payload: &'a [u8]) -> Option<Self> {
        let (size, begin) = varint(payload)?;
        let size = usize::try_from(size).ok()?.min(payload.len());
        Some(Self { types: payload.get(begin..size)?, body: &payload[size..] })
    }

    /// One whose header has lost its beginning.
    pub(super) fn of(types: &'a [u8], body: &'a [u8]) -> Self {
        Self { types, body }
    }
}

impl<'a> Iterator for Record<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, used) = varint(self.types)?;
        self.types = &self.types[used..];
        let length = length(kind)?;
        let (bytes, rest) = self.body.split_at(length.min(self.body.len()));
        self.body = rest;
        Some(match kind {
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            1..=7 if bytes.len() < length => Value::Null,
            1..=6 => Value::Integer(integer(bytes)),
            7 => Value::Real(f64::from_bits(integer(bytes) as u64)),
            0..=11 => Value::Null,
            _ if kind % 2 == 0 => Value::Blob(bytes),
            _ => Value::Text(bytes),
        })
    }
}

/// What a header says of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Bytes of the header, or of the types where it has lost its beginning.
    pub header: usize,
    /// Bytes of all values.
    pub body: usize,
    pub columns: usize,
}

impl Shape {
    /// That of a record that begins here, if its header is whole, says nothing impossible, and no more than so many bytes
    /// of values. Every type that is looked at takes of the effort.
    pub(super) fn of_record(bytes: &[u8], most: usize, effort: &mut usize) -> Option<Self> {
        let (size, begin) = varint(bytes)?;
        let size = usize::try_from(size).ok()?;
        let types = bytes.get(begin..size)?;
        let shape = Self::of_types(types, MOST_COLUMNS, most, effort)?;
        (shape.header == types.len()).then_some(Self { header: size, ..shape })
    }

    /// That of the types that begin here, up to so many of them.
    pub(super) fn of_types(bytes: &[u8], columns: usize, most: usize, effort: &mut usize) -> Option<Self> {
        let mut shape = Self { header: 0, body: 0, columns: 0 };
        while shape.header < bytes.len() && shape.columns < columns {
            *effort = effort.checked_sub(1)?;
            let (kind, used) = varint(&bytes[shape.header..])?;
            shape.header += used;
            shape.body = shape.body.checked_add(length(kind)?).filter(|body| *body <= most)?;
            shape.columns += 1;
        }
        (shape.columns > 0).then_some(shape)
    }
}

/// The bytes that a value of this type takes; `None` for those that no file may have.
fn length(kind: u64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => Some(kind as usize),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => usize::try_from((kind - 12) / 2).ok(),
    }
}

/// Signed, big end first.
pub(super) fn integer(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(sign, |value, &byte| value << 8 | i64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_of_all_lengths() {
        assert_eq!(varint(&[0x7F]), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00]), Some((128, 2)));
        assert_eq!(varint(&[0xFF; 9]), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0xFF; 8]), None);
        assert_eq!(varint(&[]), None);
    }

    #[test]
    fn reads_values_of_all_types() {
        let types = [13, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 17];
        let body = [
            &[0xFF][..],
            &[1, 0],
            &[0xFF, 0xFF, 0xFE],
            &[0, 0, 0, 9],
            &[0, 0, 0, 0, 1, 0],
            &i64::MIN.to_be_bytes(),
            &1.5_f64.to_be_bytes(),
            b"\x07",
            b"ab",
        ]
        .concat();
        let payload = [&types[..], &body].concat();
        let values: Vec<_> = Record::new(&payload).unwrap().collect();
        let expected = [
            Value::Null,
            Value::Integer(-1),
            Value::Integer(256),
            Value::Integer(-2),
            Value::Integer(9),
            Value::Integer(256),
            Value::Integer(i64::MIN),
            Value::Real(1.5),
            Value::Integer(0),
            Value::Integer(1),
            Value::Blob(&[7]),
            Value::Text(b"ab"),
        ];
        assert_eq!(values, expected);
        let shape = Shape { header: 13, body: body.len(), columns: 12 };
        assert_eq!(Shape::of_record(&payload, 100, &mut 100), Some(shape));
        assert_eq!(Shape::of_record(&payload, 100, &mut 11), None);
        assert_eq!(Shape::of_record(&payload, body.len() - 1, &mut 100), None);
        assert_eq!(Shape::of_record(&[2, 10], 100, &mut 100), None);
        assert_eq!(Record::new(&payload[..payload.len() - 1]).unwrap().last(), Some(Value::Text(b"a")));
        assert_eq!(Record::new(&[]).map(Iterator::count), None);
    }
}

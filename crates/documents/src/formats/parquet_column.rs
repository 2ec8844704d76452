//! The columns of a Parquet file, and how their values are written for people.

use std::borrow::Cow;

use half::f16;
use num_bigint::{BigInt, Sign};
use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical},
    column::reader::ColumnReader,
    data_type::{ByteArray, FixedLenByteArray, Int96},
    errors::Result,
    schema::types::{ColumnDescriptor, Type},
};

use super::calendar;

/// The longest decimal that any program writes has 32 bytes.
const LONGEST_DECIMAL: usize = 32;
/// Longer ways to a column are cut at their start: every column has its own.
const LONGEST_NAME: usize = 1 << 10;
const SECONDS_OF_DAY: i64 = 86_400;

/// What the values of a column mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Plain,
    /// Days since 1970.
    Date,
    /// So many in a second, since 1970.
    Moment(i64),
    /// So many in a second, since midnight.
    Clock(i64),
    /// So many digits behind the point.
    Decimal(usize),
    Unsigned,
    Uuid,
    Half,
    Text,
}

impl Meaning {
    fn of(column: &ColumnDescriptor) -> Self {
        let in_second = |unit: &TimeUnit| match unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => 1_000_000_000,
        };
        let digits = |scale: i32| Self::Decimal(usize::try_from(scale).unwrap_or(0).min(1000));
        match column.logical_type_ref() {
            Some(LogicalType::Date) => Self::Date,
            Some(LogicalType::Timestamp(moment)) => Self::Moment(in_second(&moment.unit)),
            Some(LogicalType::Time(time)) => Self::Clock(in_second(&time.unit)),
            Some(LogicalType::Decimal(decimal)) => digits(decimal.scale),
            Some(LogicalType::Integer(integer)) if !integer.is_signed => Self::Unsigned,
            Some(LogicalType::Uuid) => Self::Uuid,
            Some(LogicalType::Float16) => Self::Half,
            Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) => Self::Text,
            _ => match column.converted_type() {
                ConvertedType::DATE => Self::Date,
                ConvertedType::TIMESTAMP_MILLIS => Self::Moment(1_000),
                ConvertedType::TIMESTAMP_MICROS => Self::Moment(1_000_000),
                ConvertedType::TIME_MILLIS => Self::Clock(1_000),
                ConvertedType::TIME_MICROS => Self::Clock(1_000_000),
                ConvertedType::DECIMAL => digits(column.type_scale()),
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64 => Self::Unsigned,
                ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Self::Text,
                _ => Self::Plain,
            },
        }
    }

    fn integer(self, number: i64, bits: u32) -> String {
        match self {
            Self::Date => number.checked_mul(SECONDS_OF_DAY).and_then(calendar::moment),
            Self::Moment(in_second) => calendar::moment(number.div_euclid(in_second)),
            Self::Clock(in_second) => Some(number.div_euclid(in_second))
                .filter(|seconds| (0..SECONDS_OF_DAY).contains(seconds))
                .map(|seconds| format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)),
            Self::Decimal(digits) => Some(with_point(number < 0, &number.unsigned_abs().to_string(), digits)),
            Self::Unsigned => Some((number as u64 & (u64::MAX >> (64 - bits))).to_string()),
            Self::Plain | Self::Uuid | Self::Half | Self::Text => None,
        }
        .unwrap_or_else(|| number.to_string())
    }

    /// `None` if the bytes are all that is known.
    fn bytes(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        let number = match self {
            Self::Text => return Some(String::from_utf8_lossy(bytes)),
            Self::Decimal(digits) if bytes.len() <= LONGEST_DECIMAL => {
                let number = BigInt::from_signed_bytes_be(bytes);
                Some(with_point(number.sign() == Sign::Minus, &number.magnitude().to_string(), digits))
            }
            Self::Uuid if bytes.len() == 16 => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                Some([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
            }
            Self::Half => bytes.first_chunk().map(|bytes| f16::from_le_bytes(*bytes).to_f64().to_string()),
            _ => None,
        };
        number.map(Cow::Owned)
    }
}

/// A value as it is laid out.
#[derive(Debug, PartialEq)]
pub(super) enum Written<'a> {
    Text(Cow<'a, str>),
    Bytes(&'a [u8]),
}

/// The values of a batch of rows.
enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Int96(Vec<Int96>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(Vec<ByteArray>),
    Fixed(Vec<FixedLenByteArray>),
}

/// A column of a row group: one batch of its rows after the other.
pub(super) struct Column {
    reader: ColumnReader,
    meaning: Meaning,
    /// At this level a value is there.
    defined: i16,
    repeated: bool,
    values: Values,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    /// The next of the levels and of the values.
    level: usize,
    value: usize,
}

impl Column {
    pub(super) fn new(column: &ColumnDescriptor, reader: ColumnReader) -> Self {
        let values = match column.physical_type() {
            Physical::BOOLEAN => Values::Bool(Vec::new()),
            Physical::INT32 => Values::Int32(Vec::new()),
            Physical::INT64 => Values::Int64(Vec::new()),
            Physical::INT96 => Values::Int96(Vec::new()),
            Physical::FLOAT => Values::Float(Vec::new()),
            Physical::DOUBLE => Values::Double(Vec::new()),
            Physical::BYTE_ARRAY => Values::Bytes(Vec::new()),
            Physical::FIXED_LEN_BYTE_ARRAY => Values::Fixed(Vec::new()),
        };
        Self {
            reader,
            meaning: Meaning::of(column),
            defined: column.max_def_level(),
            repeated: column.max_rep_level() > 0,
            values,
            definitions: Vec::new(),
            repetitions: Vec::new(),
            level: 0,
            value: 0,
        }
    }

    /// Reads the next rows, up to so many, and says how many there are.
    pub(super) fn fill(&mut self, rows: usize) -> Result<usize> {
        self.definitions.clear();
        self.repetitions.clear();
        (self.level, self.value) = (0, 0);
        let levels = (Some(&mut self.definitions), Some(&mut self.repetitions));
        macro_rules! fill {
            ($($column:ident => $values:ident),*) => {
                match (&mut self.reader, &mut self.values) {
                    $((ColumnReader::$column(reader), Values::$values(values)) => {
                        values.clear();
                        reader.read_records(rows, levels.0, levels.1, values)
                    })*
                    // They are made for each other.
                    _ => Ok((0, 0, 0)),
                }
            };
        }
        let (rows, values, _) = fill!(
            BoolColumnReader => Bool,
            Int32ColumnReader => Int32,
            Int64ColumnReader => Int64,
            Int96ColumnReader => Int96,
            FloatColumnReader => Float,
            DoubleColumnReader => Double,
            ByteArrayColumnReader => Bytes,
            FixedLenByteArrayColumnReader => Fixed
        )?;
        // A value that must be there has no level.
        if self.defined == 0 && !self.repeated {
            self.definitions.resize(values, 0);
        }
        Ok(rows)
    }

    /// The values of the next row.
    pub(super) fn row(&mut self, mut put: impl FnMut(Written<'_>)) {
        loop {
            let Some(definition) = self.definitions.get(self.level) else { return };
            self.level += 1;
            if *definition == self.defined {
                if let Some(written) = self.written(self.value) {
                    put(written);
                }
                self.value += 1;
            }
            // The next row begins where nothing is repeated.
            if !self.repeated || self.repetitions.get(self.level).is_none_or(|level| *level == 0) {
                return;
            }
        }
    }

    fn written(&self, index: usize) -> Option<Written<'_>> {
        let text = |text| Written::Text(Cow::Owned(text));
        let bytes = |bytes| self.meaning.bytes(bytes).map_or(Written::Bytes(bytes), Written::Text);
        Some(match &self.values {
            Values::Bool(values) => text(values.get(index)?.to_string()),
            Values::Int32(values) => text(self.meaning.integer(i64::from(*values.get(index)?), 32)),
            Values::Int64(values) => text(self.meaning.integer(*values.get(index)?, 64)),
            Values::Int96(values) => {
                let seconds = values.get(index)?.to_seconds();
                text(calendar::moment(seconds).unwrap_or_else(|| seconds.to_string()))
            }
            Values::Float(values) => text(format!("{:?}", values.get(index)?)),
            Values::Double(values) => text(format!("{:?}", values.get(index)?)),
            Values::Bytes(values) => bytes(values.get(index)?.data()),
            Values::Fixed(values) => bytes(values.get(index)?.data()),
        })
    }
}

/// The names of the columns: the way to each, without the groups that only make a list or a map of it.
pub(super) fn names(group: &Type, way: &str, found: &mut Vec<String>) {
    for field in group.get_fields() {
        let own = &field.name()[..field.name().floor_char_boundary(LONGEST_NAME)];
        let way = if way.is_empty() || way.len() + own.len() > LONGEST_NAME {
            own.to_owned()
        } else {
            format!("{way}.{own}")
        };
        name(field, way, found);
    }
}

fn name(field: &Type, way: String, found: &mut Vec<String>) {
    if field.is_primitive() {
        found.push(way);
        return;
    }
    let info = field.get_basic_info();
    let is = |logical: LogicalType, converted: &[ConvertedType]| {
        info.logical_type_ref() == Some(&logical) || converted.contains(&info.converted_type())
    };
    let is_map = is(LogicalType::Map, &[ConvertedType::MAP, ConvertedType::MAP_KEY_VALUE]);
    let is_list = is(LogicalType::List, &[ConvertedType::LIST]);
    match field.get_fields() {
        [inner] if inner.is_group() && (is_list || is_map) => match inner.get_fields() {
            [element] if is_list => name(element, way, found),
            _ => names(inner, &way, found),
        },
        [_] if is_list => found.push(way),
        _ => names(field, &way, found),
    }
}

fn with_point(negative: bool, digits: &str, behind: usize) -> String {
    let sign = if negative { "-" } else { "" };
    if behind == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = behind + 1);
    let (before, behind) = digits.split_at(digits.len() - behind);
    format!("{sign}{before}.{behind}")
}

#[cfg(test)]
mod tests {
    use super::{Meaning, with_point};

    #[test]
    fn writes_numbers_as_people_do() {
        assert_eq!(Meaning::Date.integer(5000, 32), "1983-09-10");
        assert_eq!(Meaning::Moment(1000).integer(951_827_696_789, 64), "2000-02-29 12:34:56");
        assert_eq!(Meaning::Moment(1_000_000_000).integer(-1, 64), "1969-12-31 23:59:59");
        assert_eq!(Meaning::Moment(1000).integer(i64::MAX, 64), i64::MAX.to_string());
        assert_eq!(Meaning::Clock(1_000_000).integer(45_296_000_000, 64), "12:34:56");
        assert_eq!(Meaning::Clock(1000).integer(-1, 32), "-1");
        assert_eq!(Meaning::Unsigned.integer(-1, 32), u32::MAX.to_string());
        assert_eq!(Meaning::Unsigned.integer(-1, 64), u64::MAX.to_string());
        assert_eq!(Meaning::Decimal(2).integer(-5, 32), "-0.05");
        assert_eq!(Meaning::Decimal(1).bytes(&[0xFF, 0x85]).unwrap(), "-12.3");
        assert_eq!(
            Meaning::Uuid.bytes(&(0..16).collect::<Vec<_>>()).unwrap(),
            "00010203-0405-0607-0809-0a0b0c0d0e0f"
        );
        assert_eq!(Meaning::Plain.bytes(b"x"), None);
        let long = 1_u128 << 100;
        assert_eq!(Meaning::Decimal(0).bytes(&long.to_be_bytes()).unwrap(), long.to_string());
        assert_eq!(Meaning::Decimal(0).bytes(&[0x80]).unwrap(), "-128");
        assert_eq!(Meaning::Decimal(0).bytes(&[]).unwrap(), "0");
        assert_eq!(with_point(false, "12345", 2), "123.45");
        for (bits, number) in [(0x3E00_u16, 1.5), (0xC000, -2.0), (1, 2_f64.powi(-24))] {
            assert_eq!(Meaning::Half.bytes(&bits.to_le_bytes()).unwrap(), number.to_string());
        }
    }
}

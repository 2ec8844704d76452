//! What goes into a query and comes out of it: whole numbers, texts, bytes.

use tacita_domain::{
    AccountId, AttachmentId, JobId, OperationId, OrganisationId, PasskeyId, RecordId, SessionId, SubjectId,
    Timestamp, TokenId,
};

use crate::Error;

/// A parameter of a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A number; every number's column is a BIGINT.
    Int(i64),
    /// A text.
    Text(&'a str),
    /// Bytes; ids are 16 of them.
    Bytes(&'a [u8]),
}

impl Value<'_> {
    /// Its length in bytes.
    pub(crate) const fn len(&self) -> usize {
        match self {
            Self::Null => 0,
            Self::Int(_) => size_of::<i64>(),
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

macro_rules! from {
    ($($type:ty => |$value:ident| $make:expr;)+) => {$(
        impl<'a> From<$type> for Value<'a> {
            fn from($value: $type) -> Self {
                $make
            }
        }
    )+};
}

from! {
    i64 => |number| Self::Int(number);
    u32 => |number| Self::Int(number.into());
    bool => |flag| Self::Int(flag.into());
    Timestamp => |time| Self::Int(time.micros());
    &'a str => |text| Self::Text(text);
    &'a [u8] => |bytes| Self::Bytes(bytes);
    &'a Vec<u8> => |bytes| Self::Bytes(bytes);
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

macro_rules! ids {
    ($($id:ident),+) => {$(
        impl<'a> From<&'a $id> for Value<'a> {
            fn from(id: &'a $id) -> Self {
                Self::Bytes(id.as_bytes())
            }
        }

        impl FromColumn for $id {
            fn from_column(column: Column<'_>) -> Option<Self> {
                <[u8; 16]>::from_column(column).map(Self::from_bytes)
            }
        }
    )+};
}

ids!(
    AccountId,
    AttachmentId,
    JobId,
    OperationId,
    OrganisationId,
    PasskeyId,
    RecordId,
    SessionId,
    SubjectId,
    TokenId
);

/// A value of a row.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// What can be read from a column.
pub trait FromColumn: Sized {
    /// The value; none where the column holds something else.
    fn from_column(column: Column<'_>) -> Option<Self>;
}

impl FromColumn for i64 {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Int(number) = column { Some(number) } else { None }
    }
}

impl FromColumn for u32 {
    fn from_column(column: Column<'_>) -> Option<Self> {
        i64::from_column(column)?.try_into().ok()
    }
}

impl FromColumn for bool {
    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Int(0) => Some(false),
            Column::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl FromColumn for Timestamp {
    fn from_column(column: Column<'_>) -> Option<Self> {
        i64::from_column(column).map(Self::from_micros)
    }
}

impl FromColumn for String {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Text(text) = column { Some(text.to_owned()) } else { None }
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Bytes(bytes) = column { Some(bytes.to_owned()) } else { None }
    }
}

impl<const N: usize> FromColumn for [u8; N] {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Bytes(bytes) = column { bytes.try_into().ok() } else { None }
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Null = column { Some(None) } else { T::from_column(column).map(Some) }
    }
}

/// A row of an answer.
#[derive(Debug)]
pub struct Row<'a>(pub(crate) RowOf<'a>);

#[derive(Debug)]
pub(crate) enum RowOf<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The value at `index`, from 0.
    ///
    /// # Errors
    /// When the column holds something else: the row was not written by this program.
    pub fn get<T: FromColumn>(&self, index: usize) -> Result<T, Error> {
        let value = match &self.0 {
            RowOf::Sqlite(row) => {
                use rusqlite::types::ValueRef;
                match row.get_ref(index).map_err(Error::from)? {
                    ValueRef::Null => T::from_column(Column::Null),
                    ValueRef::Integer(number) => T::from_column(Column::Int(number)),
                    ValueRef::Text(text) => {
                        str::from_utf8(text).ok().map(Column::Text).and_then(T::from_column)
                    }
                    ValueRef::Blob(bytes) => T::from_column(Column::Bytes(bytes)),
                    ValueRef::Real(_) => None,
                }
            }
            RowOf::Postgres(row) => {
                let column: AnyColumn<'_> = row.try_get(index).map_err(Error::from)?;
                T::from_column(column.0)
            }
        };
        value.ok_or(Error::Corrupt("a column holds a value of another kind"))
    }
}

/// A column of PostgreSQL in one of the types that our schema has.
struct AnyColumn<'a>(Column<'a>);

impl<'a> tokio_postgres::types::FromSql<'a> for AnyColumn<'a> {
    fn from_sql(
        kind: &tokio_postgres::types::Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        use tokio_postgres::types::Type;
        Ok(Self(match *kind {
            Type::BYTEA => Column::Bytes(raw),
            Type::INT8 => Column::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Column::Int(i32::from_sql(kind, raw)?.into()),
            Type::BOOL => Column::Int(bool::from_sql(kind, raw)?.into()),
            _ => Column::Text(<&str>::from_sql(kind, raw)?),
        }))
    }

    fn from_sql_null(
        _: &tokio_postgres::types::Type,
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Column::Null))
    }

    fn accepts(kind: &tokio_postgres::types::Type) -> bool {
        use tokio_postgres::types::Type;
        matches!(
            *kind,
            Type::BYTEA | Type::INT8 | Type::INT4 | Type::BOOL | Type::TEXT | Type::VARCHAR | Type::NAME
        )
    }
}

impl tokio_postgres::types::ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &tokio_postgres::types::Type,
        out: &mut bytes::BytesMut,
    ) -> Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(tokio_postgres::types::IsNull::Yes),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &tokio_postgres::types::Type) -> bool {
        use tokio_postgres::types::Type;
        matches!(*kind, Type::BYTEA | Type::INT8 | Type::TEXT)
    }

    tokio_postgres::types::to_sql_checked!();
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

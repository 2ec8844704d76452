//! What may be done inside a transaction.

use tacita_domain::OrganisationId;

use super::{
    connection::Connection,
    query::{Scoped, Unscoped},
    value::{Row, Value},
};
use crate::Error;

/// Parameters a query may have.
const PARAMETERS: usize = 24;

/// A reading transaction within one organisation.
pub struct Reading<'c> {
    connection: &'c mut Connection,
    organisation: OrganisationId,
}

/// A writing transaction within one organisation: a savepoint of a group that reaches the disk together.
pub struct Writing<'c>(Reading<'c>);

/// A transaction across organisations.
pub struct Spanning<'c> {
    connection: &'c mut Connection,
}

impl<'c> Reading<'c> {
    pub(crate) const fn new(connection: &'c mut Connection, organisation: OrganisationId) -> Self {
        Self { connection, organisation }
    }

    /// Whose data it sees.
    #[must_use]
    pub const fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// The rows of an answer, each as `read` makes it of them. `values` are the parameters from `$2` on.
    ///
    /// # Errors
    /// When the database can't answer, or `read` can't read a row.
    pub fn query<T>(
        &mut self,
        query: Scoped,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        self.each(query, values, &mut |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row of an answer, as `read` makes it.
    ///
    /// # Errors
    /// When the database can't answer, or `read` can't read the row.
    pub fn query_one<T>(
        &mut self,
        query: Scoped,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut first = None;
        self.each(query, values, &mut |row| {
            if first.is_none() {
                first = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(first)
    }

    fn each(
        &mut self,
        query: Scoped,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut all = [Value::Null; PARAMETERS];
        let all = with_organisation(&self.organisation, values, &mut all);
        self.connection.query(query.0, all, each)
    }
}

impl<'c> Writing<'c> {
    pub(crate) const fn new(connection: &'c mut Connection, organisation: OrganisationId) -> Self {
        Self(Reading::new(connection, organisation))
    }

    /// Runs a statement and says how many rows it touched. `values` are the parameters from `$2` on.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn execute(&mut self, query: Scoped, values: &[Value<'_>]) -> Result<u64, Error> {
        let mut all = [Value::Null; PARAMETERS];
        let all = with_organisation(&self.0.organisation, values, &mut all);
        self.0.connection.execute(query.0, all)
    }

    /// Runs a statement whose count nobody needs, such as an insertion. Where statements cost a round trip it goes together with
    /// those after it, and its error is then the operation's, whose work is taken back.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn queue(&mut self, query: Scoped, values: &[Value<'_>]) -> Result<(), Error> {
        let mut all = [Value::Null; PARAMETERS];
        let all = with_organisation(&self.0.organisation, values, &mut all);
        self.0.connection.queue(query.0, all)
    }

    /// Inserts many rows. `rows` are the parameters from `$2` on; the text ends with `VALUES ($1, …)`.
    ///
    /// # Errors
    /// When the database refuses one; then the transaction is to be taken back.
    pub(crate) fn insert_all<'v, const N: usize>(
        &mut self,
        query: Scoped,
        rows: impl Iterator<Item = [Value<'v>; N]>,
    ) -> Result<(), Error> {
        let organisation = self.0.organisation;
        self.0.connection.insert_all(query.0, organisation, rows)
    }

    /// The connection, for what the store keeps of a transaction.
    pub(crate) const fn connection(&mut self) -> &mut Connection {
        self.0.connection
    }

    /// Runs a statement that must touch exactly one row.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it touches none, [`Error::Corrupt`] when it touches several.
    pub fn execute_one(&mut self, query: Scoped, values: &[Value<'_>]) -> Result<(), Error> {
        match self.execute(query, values)? {
            0 => Err(Error::NotFound),
            1 => Ok(()),
            _ => Err(Error::Corrupt("several rows have the same key")),
        }
    }
}

impl<'c> std::ops::Deref for Writing<'c> {
    type Target = Reading<'c>;

    fn deref(&self) -> &Reading<'c> {
        &self.0
    }
}

impl std::ops::DerefMut for Writing<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<'c> Spanning<'c> {
    pub(crate) const fn new(connection: &'c mut Connection) -> Self {
        Self { connection }
    }

    /// The rows of an answer, each as `read` makes it of them.
    ///
    /// # Errors
    /// When the database can't answer, or `read` can't read a row.
    pub fn query<T>(
        &mut self,
        query: Unscoped,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        self.connection.query(query.0, values, &mut |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Runs a statement and says how many rows it touched.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn execute(&mut self, query: Unscoped, values: &[Value<'_>]) -> Result<u64, Error> {
        self.connection.execute(query.0, values)
    }

    /// Lets nobody else write what the root key wraps until the transaction ends.
    pub(crate) fn seize_root(&mut self) {
        self.connection.seize_root();
    }

    /// Works within one organisation.
    pub const fn within(&mut self, organisation: OrganisationId) -> Writing<'_> {
        Writing::new(self.connection, organisation)
    }
}

/// `$1` and the rest.
fn with_organisation<'v>(
    organisation: &'v OrganisationId,
    values: &[Value<'v>],
    all: &'v mut [Value<'v>; PARAMETERS],
) -> &'v [Value<'v>] {
    assert!(values.len() < PARAMETERS, "no query has so many parameters");
    all[0] = organisation.into();
    all[1..=values.len()].copy_from_slice(values);
    &all[..=values.len()]
}

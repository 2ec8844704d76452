//! A connection to either database: the one place that tells them apart.

use tacita_domain::{OrganisationId, Purpose, PurposeName};

use super::{
    Kind, Place, dialect,
    postgres::Postgres,
    query::Text,
    sqlite::Sqlite,
    value::{Row, Value},
};
use crate::{Error, SystemScope};

/// Within what a transaction works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One organisation; nothing else can be seen.
    Organisation(OrganisationId),
    /// All of them, for a named reason.
    System(SystemScope),
}

pub(crate) struct Connection {
    either: Either,
    /// Within what the transaction works at the moment.
    scope: Option<Scope>,
    /// What was read of purposes in this transaction.
    basis: Basis,
    /// How many bytes its statements were given.
    bytes: usize,
    /// Whether the transaction put a job in the queue.
    has_job: bool,
}

enum Either {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Connection {
    fn new(either: Either) -> Self {
        Self { either, scope: None, basis: Basis::default(), bytes: 0, has_job: false }
    }

    /// Connects, and makes the file where it is missing.
    pub(crate) fn open(place: &Place) -> Result<Self, Error> {
        Ok(Self::new(match place {
            Place::File { path, key } => Either::Sqlite(Sqlite::open(path, key)?),
            Place::Server(config) => Either::Postgres(Box::new(Postgres::open(config)?)),
        }))
    }

    /// Connects and checks that the database can be used, without writing; none where there is no file.
    pub(crate) fn look(place: &Place) -> Result<Option<Self>, Error> {
        Ok(match place {
            Place::File { path, key } => Sqlite::look(path, key)?.map(|it| Self::new(Either::Sqlite(it))),
            Place::Server(config) => {
                let mut connection = Postgres::open(config)?;
                connection.check()?;
                Some(Self::new(Either::Postgres(Box::new(connection))))
            }
        })
    }

    /// Which database of which server it is.
    pub(super) fn identity(&mut self) -> Result<String, Error> {
        let mut identity = String::new();
        self.query(dialect::IDENTITY, &[], &mut |row| {
            identity = row.get(0)?;
            Ok(())
        })?;
        Ok(identity)
    }

    pub(crate) const fn kind(&self) -> Kind {
        match self.either {
            Either::Sqlite(_) => Kind::Sqlite,
            Either::Postgres(_) => Kind::Postgres,
        }
    }

    /// Connects again where the connection was lost.
    pub(crate) fn revive(&mut self) -> Result<(), Error> {
        match &mut self.either {
            Either::Sqlite(_) => Ok(()),
            Either::Postgres(connection) => connection.revive(),
        }
    }

    /// Runs statements without parameters.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), Error> {
        match &mut self.either {
            Either::Sqlite(connection) => connection.batch(sql),
            Either::Postgres(connection) => connection.batch(sql),
        }
    }

    /// Ends a transaction, or a savepoint.
    pub(crate) fn step(&mut self, sql: &'static str) -> Result<(), Error> {
        match &mut self.either {
            Either::Sqlite(connection) => connection.step(sql),
            Either::Postgres(connection) => connection.batch(sql),
        }
    }

    /// Opens a transaction or a savepoint. Where that takes a round trip, it goes along with the first statement.
    fn step_ahead(&mut self, sql: &'static str) -> Result<(), Error> {
        match &mut self.either {
            Either::Sqlite(connection) => connection.step(sql),
            Either::Postgres(connection) => {
                connection.batch_ahead(sql);
                Ok(())
            }
        }
    }

    pub(crate) fn begin_writing(&mut self) -> Result<(), Error> {
        self.begin(dialect::begin_writing(self.kind()))
    }

    pub(crate) fn begin_reading(&mut self) -> Result<(), Error> {
        self.begin(dialect::begin_reading(self.kind()))
    }

    fn begin(&mut self, sql: &'static str) -> Result<(), Error> {
        self.scope = None;
        self.basis = Basis::default();
        self.bytes = 0;
        self.has_job = false;
        self.step_ahead(sql)
    }

    /// How many bytes the transaction's statements were given so far.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Opens a savepoint within `scope`, whose purposes nobody changes until the commit.
    pub(crate) fn savepoint(&mut self, scope: Scope) -> Result<(), Error> {
        self.step_ahead("SAVEPOINT work")?;
        let moves = self.scope != Some(scope);
        self.confine(scope)?;
        if let (Either::Postgres(connection), Scope::Organisation(organisation), true) =
            (&mut self.either, scope, moves)
        {
            connection.batch_ahead(dialect::share_basis(organisation));
        }
        Ok(())
    }

    /// Keeps what was done since the savepoint.
    pub(crate) fn release(&mut self) -> Result<(), Error> {
        self.step("RELEASE SAVEPOINT work")
    }

    /// Takes back what was done since the savepoint.
    pub(crate) fn take_back(&mut self) -> Result<(), Error> {
        // It may have been read from what is taken back; and whom it may see is as it was before.
        (self.basis, self.scope) = (Basis::default(), None);
        match &mut self.either {
            Either::Sqlite(connection) => {
                connection.step("ROLLBACK TO SAVEPOINT work")?;
                connection.step("RELEASE SAVEPOINT work")
            }
            Either::Postgres(connection) => {
                connection.forget_queued();
                connection.batch("ROLLBACK TO SAVEPOINT work; RELEASE SAVEPOINT work")
            }
        }
    }

    /// Confines what follows to `scope`, where the database itself can.
    pub(crate) fn confine(&mut self, scope: Scope) -> Result<(), Error> {
        if self.scope != Some(scope) {
            self.scope = Some(scope);
            if let Either::Postgres(connection) = &mut self.either {
                connection.confine(scope)?;
            }
        }
        Ok(())
    }

    /// Lets nobody else write what the root key wraps until the transaction ends.
    pub(crate) fn seize_root(&mut self) {
        if let Either::Postgres(connection) = &mut self.either {
            connection.batch_ahead(dialect::SEIZE_ROOT);
        }
    }

    /// What this transaction has read of a purpose, or reads now.
    pub(crate) fn purpose(
        &mut self,
        organisation: OrganisationId,
        name: &PurposeName,
        read: impl FnOnce(&mut Self) -> Result<Option<Purpose>, Error>,
    ) -> Result<Option<&Purpose>, Error> {
        let place = match self.basis.place(organisation, name) {
            Some(place) => place,
            None => {
                let purpose = read(self)?;
                self.basis.remember(organisation, name, purpose)
            }
        };
        Ok(self.basis.0[place].2.as_ref())
    }

    /// Notes that the transaction puts a job in the queue.
    pub(crate) const fn note_job(&mut self) {
        self.has_job = true;
    }

    /// Whether the transaction has put a job in the queue, or tried to.
    pub(crate) const fn has_job(&self) -> bool {
        self.has_job
    }

    pub(crate) fn execute(&mut self, text: Text, values: &[Value<'_>]) -> Result<u64, Error> {
        self.before(text, values);
        match &mut self.either {
            Either::Sqlite(connection) => connection.execute(text, values),
            Either::Postgres(connection) => connection.execute(text, values),
        }
    }

    /// Runs a statement whose count nobody needs: on PostgreSQL together with those after it, in one round trip. Its error is
    /// that of the piece of work.
    pub(crate) fn queue(&mut self, text: Text, values: &[Value<'_>]) -> Result<(), Error> {
        self.before(text, values);
        match &mut self.either {
            Either::Sqlite(connection) => connection.execute(text, values).map(drop),
            Either::Postgres(connection) => connection.execute_ahead(text, values),
        }
    }

    /// Inserts many rows of the same organisation, the first parameter: on PostgreSQL as one statement.
    pub(crate) fn insert_all<'v, const N: usize>(
        &mut self,
        text: Text,
        organisation: OrganisationId,
        rows: impl Iterator<Item = [Value<'v>; N]>,
    ) -> Result<(), Error> {
        let first = Value::from(&organisation);
        match &mut self.either {
            Either::Sqlite(connection) => connection.execute_all(text, first, rows),
            Either::Postgres(connection) => connection.insert_all(text, first, rows),
        }
    }

    /// Whoever changes the basis, or removes a key that wraps others, waits until nobody relies on it, and forgets what was read.
    fn before(&mut self, text: Text, values: &[Value<'_>]) {
        self.bytes += values.iter().map(Value::len).sum::<usize>();
        if text.takes_ground {
            self.basis = Basis::default();
            if let (Either::Postgres(connection), Some(Scope::Organisation(organisation))) =
                (&mut self.either, self.scope)
            {
                connection.batch_ahead(dialect::seize_basis(organisation));
            }
        }
    }

    pub(crate) fn query(
        &mut self,
        text: Text,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match &mut self.either {
            Either::Sqlite(connection) => connection.query(text, values, each),
            Either::Postgres(connection) => connection.query(text, values, each),
        }
    }
}

/// Purposes as a transaction has read them. There are few in a group, so that they are looked for one by one.
#[derive(Default)]
struct Basis(Vec<(OrganisationId, PurposeName, Option<Purpose>)>);

/// Purposes remembered at a time.
const REMEMBERED: usize = 32;

impl Basis {
    fn place(&self, organisation: OrganisationId, name: &PurposeName) -> Option<usize> {
        self.0.iter().position(|(whose, known, _)| *whose == organisation && known == name)
    }

    fn remember(
        &mut self,
        organisation: OrganisationId,
        name: &PurposeName,
        purpose: Option<Purpose>,
    ) -> usize {
        if self.0.len() == REMEMBERED {
            self.0.clear();
        }
        self.0.push((organisation, name.clone(), purpose));
        self.0.len() - 1
    }
}

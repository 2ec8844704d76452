//! Writing in groups: what waits is written in one transaction, each piece of work in a savepoint of its own, and all of it is
//! answered after the one commit that makes it last.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread::{self, JoinHandle},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::{
    Kind, Place, Writing,
    connection::{Connection, Scope},
};
use crate::{Error, account};

/// Pieces of work from which on a transaction is long enough.
const GROUP: usize = 512;
/// Batches of work that may wait; whatever comes then is refused.
const WAITING: usize = 16 * 1024;

/// Pieces of work that are handed over together; most often one.
pub(crate) type Batch = Vec<Box<dyn Work>>;

/// Something to be written.
pub(crate) trait Work: Send {
    /// Within what.
    fn scope(&self) -> Scope;

    /// Whether anybody still waits for it. What nobody waits for is not done, or taken back.
    fn is_wanted(&self) -> bool;

    /// Does it, inside a savepoint.
    fn run(&mut self, connection: &mut Connection) -> Result<(), Error>;

    /// Is told once that it is on the disk, or that nothing of it is.
    fn finish(self: Box<Self>, written: Result<(), Error>);
}

/// The threads that write: one for SQLite, which takes one writer, several for PostgreSQL.
pub(crate) struct Writer {
    sender: Option<Sender<Batch>>,
    threads: Vec<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(place: &Place, threads: usize) -> Result<Self, Error> {
        let (sender, receiver) = bounded::<Batch>(WAITING);
        let threads = (0..threads)
            .map(|_| {
                let connection = Connection::open(place)?;
                let receiver = receiver.clone();
                let body = move || write(connection, &receiver);
                thread::Builder::new().name("writer".to_owned()).spawn(body).map_err(|error| {
                    Error::Refused(format!("the operating system gave no thread to write with: {error}"))
                })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self { sender: Some(sender), threads })
    }

    /// Hands over pieces of work; where that can't be, each is told so at once.
    pub(crate) fn send(&self, batch: Batch) {
        let sender = self.sender.as_ref().expect("only dropping takes it");
        match sender.try_send(batch) {
            Ok(()) => {}
            Err(TrySendError::Full(batch)) => {
                batch.into_iter().for_each(|work| work.finish(Err(Error::Busy)));
            }
            Err(TrySendError::Disconnected(batch)) => {
                batch.into_iter().for_each(|work| work.finish(Err(Error::Stopped)));
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // The threads write what waits, and end.
        self.sender = None;
        let this = thread::current().id();
        // Work that nobody waits for may hold the last handle of the store: then a writer drops itself.
        for thread in self.threads.drain(..).filter(|writer| writer.thread().id() != this) {
            // A writer that panicked has told so already.
            let _ = thread.join();
        }
    }
}

fn write(mut connection: Connection, receiver: &Receiver<Batch>) {
    let mut group = Vec::with_capacity(GROUP);
    while let Ok(first) = receiver.recv() {
        group.extend(first);
        while group.len() < GROUP
            && let Ok(batch) = receiver.try_recv()
        {
            group.extend(batch);
        }
        write_group(&mut connection, &mut group);
    }
}

fn write_group(connection: &mut Connection, group: &mut Vec<Box<dyn Work>>) {
    let opened = connection.revive().and_then(|()| connection.begin_writing());
    if let Err(error) = opened {
        let why = error.to_string();
        group.drain(..).for_each(|work| work.finish(Err(Error::Commit(why.clone()))));
        return;
    }
    let mut done = Vec::with_capacity(group.len());
    let mut group = group.drain(..);
    for mut work in group.by_ref() {
        match savepoint(connection, work.as_mut()) {
            Ok(()) => done.push(work),
            Err(Failed::Alone(error)) => work.finish(Err(error)),
            Err(Failed::Group(error)) => {
                // The connection is no longer in a state that anything can be said of.
                let why = error.to_string();
                let _ = connection.step("ROLLBACK");
                work.finish(Err(error));
                for work in done.into_iter().chain(group) {
                    work.finish(Err(Error::Commit(why.clone())));
                }
                return;
            }
        }
    }
    match write_counts(connection).and_then(|()| connection.step("COMMIT")) {
        Ok(()) => done.into_iter().for_each(|work| work.finish(Ok(()))),
        Err(error) => {
            let why = error.to_string();
            // A server that is gone may have taken the commit with it or before it; SQLite has taken it back.
            let lost = connection.kind() == Kind::Postgres && connection.step("ROLLBACK").is_err();
            if connection.kind() == Kind::Sqlite {
                let _ = connection.step("ROLLBACK");
            }
            for work in done {
                let why = why.clone();
                work.finish(Err(if lost { Error::Unsure(why) } else { Error::Commit(why) }));
            }
        }
    }
}

/// What failed with a piece of work.
enum Failed {
    /// It alone; it is taken back.
    Alone(Error),
    /// The transaction.
    Group(Error),
}

fn savepoint(connection: &mut Connection, work: &mut dyn Work) -> Result<(), Failed> {
    if !work.is_wanted() {
        return Err(Failed::Alone(Error::Unwanted));
    }
    connection.savepoint(work.scope()).map_err(Failed::Group)?;
    // What panics leaves the connection in order: the savepoint takes back all that it did.
    let ran = catch_unwind(AssertUnwindSafe(|| work.run(connection)))
        .unwrap_or(Err(Error::Panicked))
        .and_then(|()| if work.is_wanted() { Ok(()) } else { Err(Error::Unwanted) })
        // What was queued is done only now, and may fail.
        .and_then(|()| connection.release());
    ran.or_else(|error| {
        connection.take_back().map_err(Failed::Group)?;
        Err(Failed::Alone(error))
    })
}

/// Writes what the group has counted, last of all and in one order.
fn write_counts(connection: &mut Connection) -> Result<(), Error> {
    for (counted, count) in connection.counts.take() {
        connection.confine(Scope::Organisation(counted.organisation))?;
        account::count(&mut Writing::new(connection, counted.organisation), &counted, count)?;
    }
    Ok(())
}

//! Writing in groups: what waits is written in one transaction, each piece of work in a savepoint of its own, and all of it is
//! answered after the one commit that makes it last.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use tokio::sync::Notify;

use super::{
    Kind, Place,
    connection::{Connection, Scope},
};
use crate::{
    Error,
    account::{self, Rows},
    scope::Uses,
};

/// Pieces of work from which on a transaction is long enough.
const GROUP: usize = 512;
/// Bytes from which on it is large enough.
const BYTES: usize = 16 * 1024 * 1024;
/// How often something is tried that fails through no fault of its own: a deadlock, a connection that was lost.
const TRIES: u32 = 4;
/// Batches of work that may wait; whatever comes then is refused.
const WAITING: usize = 16 * 1024;

/// How long what was counted waits to be written where nobody writes.
const ROUND: Duration = Duration::from_secs(60);

/// Pieces of work that are handed over together; most often one.
pub(crate) type Batch = Vec<Box<dyn Work>>;

/// Something to be written.
pub(crate) trait Work: Send {
    /// Within what.
    fn scope(&self) -> Scope;

    /// Whether anybody still waits for it. What nobody waits for is not done, or taken back.
    fn is_wanted(&self) -> bool;

    /// Does it, inside a savepoint. Where the transaction has to be begun again, so has this.
    fn run(&mut self, connection: &mut Connection) -> Result<(), Error>;

    /// The account of it, which is written with those of the whole group.
    fn account(&self) -> Option<&Rows>;

    /// Is told once that it is on the disk, or that nothing of it is.
    fn finish(self: Box<Self>, written: Result<(), Error>);
}

/// The threads that write: one for SQLite, which takes one writer, several for PostgreSQL.
pub(crate) struct Writer {
    sender: Option<Sender<Batch>>,
    threads: Vec<JoinHandle<()>>,
}

impl Writer {
    /// One of the threads writes what is counted in `uses`, where that is given. `enqueued` is told when a job is on the disk.
    pub(crate) fn start(
        place: &Place,
        threads: usize,
        enqueued: &Arc<Notify>,
        uses: Option<&Arc<Uses>>,
    ) -> Result<Self, Error> {
        let mut uses = uses.cloned();
        let (sender, receiver) = bounded::<Batch>(WAITING);
        let threads = (0..threads)
            .map(|_| {
                let connection = Connection::open(place)?;
                let receiver = receiver.clone();
                let (enqueued, uses) = (Arc::clone(enqueued), uses.take());
                let body = move || write(connection, &receiver, &enqueued, uses.as_ref());
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

fn write(
    mut connection: Connection,
    receiver: &Receiver<Batch>,
    enqueued: &Notify,
    uses: Option<&Arc<Uses>>,
) {
    let mut group = Vec::with_capacity(GROUP);
    loop {
        let next = match uses {
            Some(_) => receiver.recv_timeout(ROUND),
            None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let is_over = matches!(next, Err(RecvTimeoutError::Disconnected));
        let is_idle = next.is_err();
        if let Ok(first) = next {
            group.extend(first);
            while group.len() < GROUP
                && let Ok(batch) = receiver.try_recv()
            {
                group.extend(batch);
            }
            while !group.is_empty() {
                let rest = write_group(&mut connection, &mut group);
                if connection.has_job() {
                    enqueued.notify_one();
                }
                group = rest;
            }
        }
        if let Some(uses) = uses
            && (is_over || uses.is_due(is_idle))
            && let Some(note) = uses.note()
        {
            group.push(note);
            // One is never too much.
            drop(write_group(&mut connection, &mut group));
        }
        if is_over {
            return;
        }
    }
}

/// Writes a group and answers it. Gives back what was too much for one transaction.
fn write_group(connection: &mut Connection, group: &mut Batch) -> Batch {
    let (mut tries, mut rest) = (TRIES, Batch::new());
    let written = loop {
        tries -= 1;
        match try_group(connection, group, &mut rest) {
            Err(Failed::Group(error)) if tries > 0 && error.passes() => group.append(&mut rest),
            written => break written,
        }
    };
    match written {
        Ok(()) => group.drain(..).for_each(|work| work.finish(Ok(()))),
        Err(Failed::Group(error)) => {
            let (why, is_unsure) = (error.to_string(), matches!(error, Error::Unsure(_)));
            for work in group.drain(..) {
                let why = why.clone();
                work.finish(Err(if is_unsure { Error::Unsure(why) } else { Error::Commit(why) }));
            }
        }
        // An account could not be written: whose it is shows when each goes by itself, and the others are not refused for it.
        Err(Failed::Alone(_)) if group.len() > 1 => {
            for work in mem::take(group) {
                group.push(work);
                // One is never too much.
                drop(write_group(connection, group));
            }
        }
        Err(Failed::Alone(error)) => {
            if let Some(work) = group.pop() {
                work.finish(Err(error));
            }
        }
    }
    rest
}

/// Writes a group in one transaction. What fails by itself is answered and leaves the group; from where on it has written enough,
/// the others go to `rest`.
fn try_group(connection: &mut Connection, group: &mut Batch, rest: &mut Batch) -> Result<(), Failed> {
    connection.revive().and_then(|()| connection.begin_writing()).map_err(Failed::Group)?;
    let (mut at, mut accounts) = (0, 0);
    while let Some(work) = group.get_mut(at) {
        match savepoint(connection, work.as_mut()) {
            Ok(()) => {
                at += 1;
                accounts += work.account().map_or(0, Rows::bytes);
                if connection.bytes() + accounts > BYTES {
                    *rest = group.split_off(at);
                }
            }
            Err(Failed::Alone(error)) => group.remove(at).finish(Err(error)),
            Err(Failed::Group(error)) => {
                // The connection is no longer in a state that anything can be said of.
                let _ = connection.step("ROLLBACK");
                return Err(Failed::Group(error));
            }
        }
    }
    let accounts = group.iter().filter_map(|work| work.account());
    if let Err(error) = account::write(connection, accounts) {
        let _ = connection.step("ROLLBACK");
        return Err(if error.passes() { Failed::Group(error) } else { Failed::Alone(error) });
    }
    connection.step("COMMIT").map_err(|error| {
        // A server that is gone may have taken the commit with it or before it; SQLite has taken it back.
        let ended = connection.step("ROLLBACK");
        Failed::Group(match connection.kind() {
            Kind::Postgres if ended.is_err() => Error::Unsure(error.to_string()),
            _ => error,
        })
    })
}

/// What failed.
enum Failed {
    /// One piece of work; it is taken back.
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
    ran.map_err(|error| match connection.take_back() {
        // Two groups that wait for each other: taken back as a whole, this one holds nothing that the other wants.
        Ok(()) if error.passes() => Failed::Group(error),
        Ok(()) => Failed::Alone(error),
        // The connection is lost: why, the first error says.
        Err(_) => Failed::Group(error),
    })
}

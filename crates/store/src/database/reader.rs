//! Reading, on threads that each have a connection.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread::{self, JoinHandle},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use super::{
    Place,
    connection::{Connection, Scope},
};
use crate::Error;

/// How often a question is asked whose connection was lost.
const TRIES: u32 = 4;
/// Questions that may wait; whatever comes then is refused.
const WAITING: usize = 16 * 1024;

type Question = Box<dyn FnOnce(&mut Connection) + Send>;

/// The threads that read.
pub(crate) struct Readers {
    sender: Option<Sender<Question>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(crate) fn start(place: &Place, threads: usize) -> Result<Self, Error> {
        let (sender, receiver) = bounded::<Question>(WAITING);
        let threads = (0..threads)
            .map(|_| {
                let connection = Connection::open(place)?;
                let receiver = receiver.clone();
                let body = move || answer(connection, &receiver);
                thread::Builder::new().name("reader".to_owned()).spawn(body).map_err(|error| {
                    Error::Refused(format!("the operating system gave no thread to read with: {error}"))
                })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self { sender: Some(sender), threads })
    }

    /// The answer of `ask`, which works in a transaction that writes nothing.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        scope: Scope,
        mut ask: impl FnMut(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let question = move |connection: &mut Connection| {
            let mut tries = TRIES;
            let answer = loop {
                tries -= 1;
                let answer = connection.revive().and_then(|()| in_transaction(connection, scope, &mut ask));
                match answer {
                    Err(error) if tries > 0 && error.passes() => {}
                    answer => break answer,
                }
            };
            // Whoever no longer waits misses nothing.
            let _ = reply.send(answer);
        };
        let sender = self.sender.as_ref().expect("only dropping takes it");
        match sender.try_send(Box::new(question)) {
            Ok(()) => answer.await.unwrap_or(Err(Error::Stopped)),
            Err(TrySendError::Full(_)) => Err(Error::Busy),
            Err(TrySendError::Disconnected(_)) => Err(Error::Stopped),
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.sender = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn answer(mut connection: Connection, receiver: &Receiver<Question>) {
    while let Ok(question) = receiver.recv() {
        question(&mut connection);
    }
}

/// The answer of `ask`, in a transaction that writes nothing.
pub(super) fn in_transaction<T>(
    connection: &mut Connection,
    scope: Scope,
    ask: impl FnOnce(&mut Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    connection.begin_reading()?;
    let answer = connection
        .confine(scope)
        .and_then(|()| catch_unwind(AssertUnwindSafe(|| ask(connection))).unwrap_or(Err(Error::Panicked)));
    // Nothing was written: there is nothing to keep.
    let ended = connection.step("ROLLBACK");
    let answer = answer?;
    ended?;
    Ok(answer)
}

//! Doing an operation: its work and its account in one transaction, answered when both are on the disk.

use std::mem;

use tacita_corridor::{Account, Committed, Denied, Operation, Passage, Reason};
use tokio::sync::oneshot;

use crate::{
    Error, Store, Writing,
    account::{Rows, Sealer},
    database::{
        Batch, Work,
        connection::{Connection, Scope},
    },
    purposes, repeats, subjects,
};

/// Operations of a batch that go to the writer together.
const TOGETHER: usize = 64;

impl Store {
    /// Does what `passage` admits: `act` and the account of it reach the disk together, or nothing does and a refusal is
    /// recorded. `object` names what is touched, such as `record/0199…`; it stands in the account, sealed.
    ///
    /// Whoever stops waiting before it is written takes it back.
    ///
    /// # Errors
    /// When the basis has changed meanwhile, `act` fails, or the database can't write.
    pub async fn commit<T: Send + 'static>(
        &self,
        passage: Passage,
        object: Option<String>,
        act: impl FnMut(&mut Writing<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<(T, Committed), Error> {
        let (work, answer) = self.work(passage, object.as_deref(), act).await?;
        self.house.send(vec![work]);
        self.outcome(answer, object).await
    }

    /// [`Store::commit`] of many operations, which are added one by one. Each is done or refused by itself.
    #[must_use]
    pub const fn commits<T: Send + 'static>(&self) -> Commits<'_, T> {
        Commits { store: self, batch: Batch::new(), answers: Vec::new() }
    }

    /// What is to be written, sealed and hashed, and where its answer comes.
    async fn work<T, F>(
        &self,
        passage: Passage,
        object: Option<&str>,
        act: F,
    ) -> Result<(Box<dyn Work>, oneshot::Receiver<Answer<T>>), Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Writing<'_>) -> Result<T, Error> + Send + 'static,
    {
        let rows = self.prepare(passage.account(), object).await?;
        let (reply, answer) = oneshot::channel();
        Ok((Box::new(Commit { rows, act, value: None, passage, reply }), answer))
    }

    async fn outcome<T>(
        &self,
        answer: oneshot::Receiver<Answer<T>>,
        object: Option<String>,
    ) -> Result<(T, Committed), Error> {
        // A writer that is gone has dropped the passage, which says so.
        match answer.await.unwrap_or(Answer::Gone) {
            Answer::Done(value, committed) => {
                self.written.notify_one();
                Ok((value, committed))
            }
            // If it was written, its account was too; if not, there is nothing to take back.
            Answer::Refused(error @ Error::Unsure(_), passage) => {
                drop(passage.refused(Reason::Failed));
                Err(error)
            }
            Answer::Refused(error, passage) => {
                let reason = match &error {
                    Error::BasisChanged => Reason::BasisChanged,
                    Error::Denied(denied) => Reason::Denied(denied.clone()),
                    _ => Reason::Failed,
                };
                let (store, refusal) = (self.clone(), passage.refused(reason));
                // By a task of its own: it is recorded even where the caller stops waiting meanwhile.
                let recording = async move { store.record(refusal, object.as_deref()).await };
                let recorded = self.refusals.spawn_on(recording, &self.runtime);
                // What can't be recorded is refused all the same: nothing of it stays.
                drop(recorded.await);
                Err(error)
            }
            Answer::Gone => Err(Error::Stopped),
        }
    }

    /// The rows of an account, sealed by the key of whom it is about.
    pub(crate) async fn prepare(&self, account: Account, object: Option<&str>) -> Result<Rows, Error> {
        let Operation { organisation, subject, .. } = account.operation;
        let key = match subject {
            Some(subject) => match self.ring().subject(organisation, subject).await {
                Ok(key) => Some(key),
                // Nobody is known by this id, or they were erased: there is no key to seal with.
                Err(Error::NotFound) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        if let Some(key) = key {
            return Rows::prepare(account, object, &Sealer::Subject(&key), self.chance);
        }
        let keys = self.ring().organisation(organisation).await?;
        Rows::prepare(account, object, &Sealer::Organisation(&keys), self.chance)
    }
}

/// Operations that are written while others are still being made.
pub struct Commits<'s, T> {
    store: &'s Store,
    /// What goes to the writer next.
    batch: Batch,
    answers: Vec<Result<Awaited<T>, Error>>,
}

/// Where the answer of an operation comes, and what it touches.
type Awaited<T> = (oneshot::Receiver<Answer<T>>, Option<String>);

impl<T: Send + 'static> Commits<'_, T> {
    /// Adds an operation, as [`Store::commit`] takes it.
    pub async fn add(
        &mut self,
        passage: Passage,
        object: Option<String>,
        act: impl FnMut(&mut Writing<'_>) -> Result<T, Error> + Send + 'static,
    ) {
        match self.store.work(passage, object.as_deref(), act).await {
            Ok((work, answer)) => {
                self.batch.push(work);
                self.answers.push(Ok((answer, object)));
            }
            Err(error) => self.answers.push(Err(error)),
        }
        if self.batch.len() == TOGETHER {
            self.store.house.send(mem::take(&mut self.batch));
        }
    }

    /// What became of each, in the order in which they were added.
    pub async fn finish(mut self) -> Vec<Result<(T, Committed), Error>> {
        self.store.house.send(mem::take(&mut self.batch));
        let mut outcomes = Vec::with_capacity(self.answers.len());
        for answer in mem::take(&mut self.answers) {
            outcomes.push(match answer {
                Ok((answer, object)) => self.store.outcome(answer, object).await,
                Err(error) => Err(error),
            });
        }
        outcomes
    }
}

impl<T> std::fmt::Debug for Commits<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Commits").field("operations", &self.answers.len()).finish_non_exhaustive()
    }
}

enum Answer<T> {
    Done(T, Committed),
    Refused(Error, Box<Passage>),
    Gone,
}

struct Commit<T, F> {
    rows: Rows,
    act: F,
    value: Option<T>,
    passage: Passage,
    reply: oneshot::Sender<Answer<T>>,
}

impl<T, F> Work for Commit<T, F>
where
    T: Send,
    F: FnMut(&mut Writing<'_>) -> Result<T, Error> + Send,
{
    fn scope(&self) -> Scope {
        Scope::Organisation(self.rows.organisation())
    }

    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(&mut self, connection: &mut Connection) -> Result<(), Error> {
        let tx = &mut Writing::new(connection, self.rows.organisation());
        still_lawful(tx, &self.passage)?;
        self.value = Some((self.act)(tx)?);
        if let Some(mark) = self.passage.mark() {
            repeats::carry_out(tx, &mark, self.passage.operation().id)?;
        }
        Ok(())
    }

    fn account(&self) -> Option<&Rows> {
        Some(&self.rows)
    }

    fn finish(self: Box<Self>, written: Result<(), Error>) {
        let Self { value, passage, reply, .. } = *self;
        let answer = match written {
            Ok(()) => Answer::Done(value.expect("work that was written has run"), passage.committed()),
            Err(error) => Answer::Refused(error, Box::new(passage)),
        };
        // Where nobody waits, a passage that was not used is dropped here and says so.
        let _ = reply.send(answer);
    }
}

/// Reads the basis again, inside the transaction, so that nobody can withdraw it in between.
fn still_lawful(tx: &mut Writing<'_>, passage: &Passage) -> Result<(), Error> {
    let Operation { purpose, subject, action, .. } = passage.operation();
    let organisation = tx.organisation();
    let now = tx.connection().purpose(organisation, purpose, |connection| {
        purposes::current(&mut Writing::new(connection, organisation), purpose)
    })?;
    if now.is_none_or(|now| !now.enabled || now.version != passage.ground().version) {
        return Err(Error::BasisChanged);
    }
    match subject {
        Some(subject) if !action.is_allowed_under_restriction() && subjects::is_restricted(tx, *subject)? => {
            Err(Error::Denied(Denied::Restricted))
        }
        _ => Ok(()),
    }
}

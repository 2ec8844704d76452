//! Reading in a process of its own: what a hostile file breaks there costs that file alone.
//!
//! [`Readers`] starts processes and gives each one file after the other; [`serve`] is what runs in them. A process gets the
//! bytes of a file through its standard input and answers with what it read, or with the file written again. It can open no
//! file, reach no network and start no program (Linux), takes no more memory than [`Limits::memory`](crate::Limits::memory)
//! (Unix), and is ended when a file takes longer than [`Limits::time`](crate::Limits::time). What it answers is checked
//! before it is used: by then the process may be the file's.

mod check;
mod confine;
mod readers;
pub(crate) mod wire;

pub use readers::Readers;

use std::{
    cell::RefCell,
    fmt,
    io::{self, Read, Write},
    process,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{
    deadline::Deadline,
    format::read_by,
    recognise::{GreyPicture, Recognise, Word},
    residue,
    rewrite::rewrite_by,
};
use wire::{Answer, Request, Task};

/// What a reader may take beyond the limit that it keeps by itself, before it is ended.
const GRACE: Duration = Duration::from_secs(5);

/// Reads files for another process until `input` ends.
///
/// # Errors
/// When the process can't be confined, or the other one is gone.
pub fn serve(input: impl Read, mut output: impl Write, memory: usize) -> io::Result<()> {
    confine::confine(memory)?;
    let clock = Clock::start()?;
    // The one that asks waits for this before it sends what might be hostile.
    output.write_all(&[wire::READY])?;
    output.flush()?;
    let other = Other(RefCell::new((input, output)));
    while let Some(request) = other.receive()? {
        let mut bytes = &request[..];
        let Request { name, limits, recognise, task } = Request::deserialize(&mut bytes)?;
        let recognise = recognise.then_some(&other as &dyn Recognise);
        clock.set(Some(Deadline::after(limits.time.saturating_add(2 * GRACE))));
        match task {
            Task::Read => {
                other.send(wire::ANSWER, &Answer::new(read_by(recognise, &name, bytes, &limits)))?;
            }
            Task::Search(values) => other.send(wire::ANSWER, &residue(bytes, &values, &limits))?,
            Task::Write(replacements) => {
                let written = rewrite_by(recognise, &name, bytes, &replacements, &limits);
                other.send(wire::ANSWER, &written)?;
            }
        }
        clock.set(None);
    }
    Ok(())
}

/// The process that asks.
struct Other<R, W>(RefCell<(R, W)>);

impl<R: Read, W: Write> Other<R, W> {
    fn receive(&self) -> io::Result<Option<Vec<u8>>> {
        wire::receive(&mut self.0.borrow_mut().0, usize::MAX)
    }

    fn send(&self, kind: u8, what: &impl BorshSerialize) -> io::Result<()> {
        let mut frame = wire::frame();
        frame.push(kind);
        what.serialize(&mut frame)?;
        wire::send(&mut self.0.borrow_mut().1, frame)
    }
}

impl<R: Read, W: Write> Recognise for Other<R, W> {
    fn words(&self, picture: &GreyPicture) -> Vec<Word> {
        let answer = self.send(wire::PICTURE, picture).and_then(|()| self.receive());
        // When the other one is gone, that is seen next.
        answer.ok().flatten().and_then(|words| Vec::try_from_slice(&words).ok()).unwrap_or_default()
    }
}

impl<R, W> fmt::Debug for Other<R, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Other")
    }
}

/// Ends this process when a file takes too long and nobody else does: the one that asked may be gone.
struct Clock(Arc<Mutex<Option<Deadline>>>);

impl Clock {
    /// It looks now and then: told of each file, it would be woken twice for it.
    fn start() -> io::Result<Self> {
        const NOW_AND_THEN: Duration = Duration::from_secs(1);
        let clock = Self(Arc::default());
        let deadline = Arc::clone(&clock.0);
        thread::Builder::new().name("clock".to_owned()).spawn(move || {
            loop {
                thread::sleep(NOW_AND_THEN);
                if deadline.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(Deadline::is_over) {
                    process::exit(1);
                }
            }
        })?;
        Ok(clock)
    }

    /// When the file that is being read must be done.
    fn set(&self, deadline: Option<Deadline>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = deadline;
    }
}

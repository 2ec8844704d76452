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
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use borsh::BorshDeserialize;

use crate::{
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
    let clock = clock()?;
    // The one that asks waits for this before it sends what might be hostile.
    output.write_all(&[wire::READY])?;
    output.flush()?;
    let other = Other(RefCell::new((input, output)));
    while let Some(request) = other.receive()? {
        let mut bytes = &request[..];
        let Request { name, limits, recognise, task } = Request::deserialize(&mut bytes)?;
        let recognise = recognise.then_some(&other as &dyn Recognise);
        let gone = |_| io::Error::other("its clock has stopped");
        clock.send(Some(limits.time.saturating_add(2 * GRACE))).map_err(gone)?;
        let answer = match task {
            Task::Read => borsh::to_vec(&Answer::new(read_by(recognise, &name, bytes, &limits))),
            Task::Search(values) => borsh::to_vec(&residue(bytes, &values, &limits)),
            Task::Write(replacements) => {
                borsh::to_vec(&rewrite_by(recognise, &name, bytes, &replacements, &limits))
            }
        };
        clock.send(None).map_err(gone)?;
        other.send(wire::ANSWER, answer?)?;
    }
    Ok(())
}

/// The process that asks.
struct Other<R, W>(RefCell<(R, W)>);

impl<R: Read, W: Write> Other<R, W> {
    fn receive(&self) -> io::Result<Option<Vec<u8>>> {
        wire::receive(&mut self.0.borrow_mut().0, usize::MAX)
    }

    fn send(&self, kind: u8, mut bytes: Vec<u8>) -> io::Result<()> {
        bytes.insert(0, kind);
        wire::send(&mut self.0.borrow_mut().1, &bytes)
    }
}

impl<R: Read, W: Write> Recognise for Other<R, W> {
    fn words(&self, picture: &GreyPicture) -> Vec<Word> {
        let asked = borsh::to_vec(picture).and_then(|picture| self.send(wire::PICTURE, picture));
        let answer = asked.and_then(|()| self.receive());
        // When the other one is gone, that is seen next.
        answer.ok().flatten().and_then(|words| Vec::try_from_slice(&words).ok()).unwrap_or_default()
    }
}

impl<R, W> fmt::Debug for Other<R, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Other")
    }
}

/// Ends this process when a file takes too long and nobody else does: the one that asked may be gone. It is told how long
/// the next file may take, and nothing when that is done.
fn clock() -> io::Result<Sender<Option<Duration>>> {
    let (sender, told) = mpsc::channel::<Option<Duration>>();
    thread::Builder::new().name("clock".to_owned()).spawn(move || {
        while let Ok(begun) = told.recv() {
            let Some(time) = begun else { continue };
            if let Err(RecvTimeoutError::Timeout) = told.recv_timeout(time) {
                process::exit(1);
            }
        }
    })?;
    Ok(sender)
}

//! The processes that read, and what they are given.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    io::{self, BufReader, Read},
    ops::Range,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use borsh::{BorshDeserialize, BorshSerialize};

use super::{
    GRACE,
    wire::{self, Answer, Request, Searched, Task, Written},
};
use crate::{
    Document, Limits, ReadError, Replacement, Residue, RewriteError, Rewritten, Tesseract,
    deadline::Deadline,
    recognise::{GreyPicture, Word},
};

/// How long a process may take to be ready.
const START: Duration = Duration::from_secs(20);
/// How much an answer may be larger than the text in it: places, tables, one entry for each value.
const OVERHEAD: usize = 16;

/// Processes that read files, as many as are asked at once.
///
/// Each is started when it is first needed, and serves again and again; one that a file has broken is replaced.
pub struct Readers {
    limits: Limits,
    command: Box<dyn Fn(usize) -> Command + Send + Sync>,
    tesseract: Option<Tesseract>,
    idle: Mutex<Vec<Process>>,
    /// What was recognised in pictures, by their lengths and digests.
    words: Mutex<HashMap<(usize, u64), Vec<Word>>>,
    seed: RandomState,
}

/// Pictures whose words are kept.
const PICTURES: usize = 10_000;

struct Process {
    child: Child,
    input: ChildStdin,
    answers: Receiver<io::Result<(u8, Vec<u8>)>>,
}

impl Readers {
    /// `command` is a program that calls [`serve`](super::serve) with so many bytes of memory.
    pub fn new(limits: Limits, command: impl Fn(usize) -> Command + Send + Sync + 'static) -> Self {
        Self {
            limits,
            command: Box::new(command),
            tesseract: None,
            idle: Mutex::default(),
            words: Mutex::default(),
            seed: RandomState::new(),
        }
    }

    /// The same with the words that Tesseract recognises on pages that are only pictures.
    #[must_use]
    pub fn with_tesseract(self, tesseract: Tesseract) -> Self {
        Self { tesseract: Some(tesseract), ..self }
    }

    /// What each file is read within.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What [`read`](crate::read) gives, read in another process.
    ///
    /// # Errors
    /// As there; and when the process ends on this file, or can't be started.
    pub fn read<'a>(&self, name: &str, bytes: &'a [u8]) -> Result<Document<'a>, ReadError> {
        let crashed = ReadError::Crashed(self.limits.memory);
        let (answer, process) = self.ask::<Answer>(name, bytes, Task::Read)?;
        let read = answer.document(bytes);
        // What is no document comes from a process that no longer does what it is made for.
        if !matches!(read, Err(None)) {
            self.put_back(process);
        }
        read.map_err(|reason| reason.unwrap_or(crashed))
    }

    /// The file that was read as `document` with ranges of its text replaced, in its own format. A textual one is written at
    /// once, a package in another process, as [`rewrite`](crate::rewrite()) does.
    ///
    /// # Errors
    /// As there; and when the process ends on this file, or can't be started.
    pub fn rewrite(
        &self,
        name: &str,
        bytes: &[u8],
        document: &Document<'_>,
        replacements: &[(Range<usize>, &str)],
    ) -> Result<Rewritten, RewriteError> {
        if document.source.is_some() {
            let bytes = document.rewrite(replacements)?;
            return Ok(Rewritten { bytes, left_out: Vec::new() });
        }
        let text = document.text();
        let replacement = |(number, (range, new)): (usize, &(Range<usize>, &str))| {
            Replacement::of(text, range.clone(), new).ok_or(RewriteError::Range(number))
        };
        let replacements: Result<_, RewriteError> =
            replacements.iter().enumerate().map(replacement).collect();
        let (written, process) = self.ask::<Written>(name, bytes, Task::Write(replacements?))?;
        self.put_back(process);
        written
    }

    /// What [`residue`](crate::residue()) finds, searched for in another process.
    ///
    /// # Errors
    /// As there; and when the process ends on this file, or can't be started.
    pub fn residue(&self, bytes: &[u8], values: Vec<String>) -> Result<Vec<Residue>, ReadError> {
        let (searched, process) = self.ask::<Searched>("", bytes, Task::Search(values))?;
        self.put_back(process);
        searched
    }

    /// What a process says of a file. One that says nothing that can be understood is not asked again.
    fn ask<T: BorshDeserialize>(
        &self,
        name: &str,
        bytes: &[u8],
        task: Task,
    ) -> Result<(T, Process), ReadError> {
        let limits = &self.limits;
        // Not handed over only to be refused.
        if bytes.len() > limits.file_bytes {
            return Err(ReadError::TooLarge(limits.file_bytes));
        }
        let reads = !matches!(task, Task::Write(_));
        let mut process = self.process().map_err(|cause| ReadError::NoReader(cause.to_string()))?;
        let crashed = |_| ReadError::Crashed(limits.memory);
        let recognise = self.tesseract.as_ref().is_some_and(Tesseract::is_there);
        let request = Request { name: name.to_owned(), limits: limits.clone(), recognise, task };
        let mut frame = wire::frame();
        request.serialize(&mut frame).map_err(crashed)?;
        frame.extend_from_slice(bytes);
        // An answer that is not waited for would be taken for that of the next file: such a process is dropped.
        wire::send(&mut process.input, frame).map_err(crashed)?;
        let deadline = Deadline::after(limits.time.saturating_add(GRACE));
        // The other half is for what has words of its own.
        let recognising = Deadline::after(limits.time / 2);
        loop {
            let said = match process.answers.recv_timeout(deadline.left()) {
                Ok(said) => said.map_err(crashed)?,
                Err(RecvTimeoutError::Timeout) => return Err(ReadError::TooSlow(limits.time)),
                Err(RecvTimeoutError::Disconnected) => return Err(ReadError::Crashed(limits.memory)),
            };
            match said {
                (wire::ANSWER, answer) => return Ok((T::try_from_slice(&answer).map_err(crashed)?, process)),
                (wire::PICTURE, picture) => {
                    let words = self.recognised(&picture, reads.then(|| recognising.left()));
                    let mut frame = wire::frame();
                    words.serialize(&mut frame).map_err(crashed)?;
                    wire::send(&mut process.input, frame).map_err(crashed)?;
                }
                _ => return Err(ReadError::Crashed(limits.memory)),
            }
        }
    }

    /// The words in a picture. To write a file nothing is recognised anew: it has to say what it said.
    fn recognised(&self, picture: &[u8], time: Option<Duration>) -> Vec<Word> {
        let key = (picture.len(), self.seed.hash_one(picture));
        let known = self.words.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let (Some(words), None) = (known, time) {
            return words;
        }
        let (Some(program), Some(time)) = (&self.tesseract, time) else { return Vec::new() };
        let Ok(picture) = GreyPicture::try_from_slice(picture) else { return Vec::new() };
        let words = program.words(&picture, time);
        let mut known = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= PICTURES {
            known.clear();
        }
        known.insert(key, words.clone());
        words
    }

    fn put_back(&self, process: Process) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(process);
    }

    fn process(&self) -> io::Result<Process> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(
            || {
                let Limits { text_bytes, file_bytes, memory, .. } = self.limits;
                let most = text_bytes.saturating_add(file_bytes).saturating_mul(OVERHEAD);
                Process::start((self.command)(memory), most)
            },
            Ok,
        )
    }
}

impl Process {
    fn start(mut command: Command, most: usize) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("its pipes are missing"));
        };
        // One waits while another is looked at: a process that was taken over can't fill the memory of this one.
        let (sender, answers) = mpsc::sync_channel(1);
        // A pipe can't be waited for with a limit on time; a channel can.
        thread::Builder::new().name("answers of a reader".to_owned()).spawn(move || {
            let mut output = BufReader::with_capacity(wire::PIPE, output);
            let mut ready = [0];
            let begun = output.read_exact(&mut ready).map(|()| (ready[0], Vec::new()));
            let mut next = begun;
            while let Ok(()) = sender.send(next) {
                next = match wire::hear(&mut output, most) {
                    Ok(Some(answer)) => Ok(answer),
                    Ok(None) => break,
                    Err(error) => Err(error),
                };
            }
        })?;
        let process = Self { child, input, answers };
        match process.answers.recv_timeout(START) {
            Ok(Ok((wire::READY, _))) => Ok(process),
            Ok(Err(_)) => Err(io::Error::other("it ended before it was ready")),
            Ok(Ok(_)) | Err(_) => Err(io::Error::other("it is not ready in time")),
        }
    }
}

impl Drop for Process {
    /// Not waited for as long as it likes: it may be in an endless loop.
    fn drop(&mut self) {
        // Either fails only where the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! Words in pictures, recognised by a program beside us.
//!
//! A process that reads may start no program. It asks the one that gave it the file, with the picture as plain grey: what a
//! file packs, only the confined process unpacks.

use std::{
    fmt,
    io::{self, Read, Write},
    process::{Child, Command, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use borsh::{BorshDeserialize, BorshSerialize};

/// Which words a picture shows.
pub(crate) trait Recognise: fmt::Debug {
    /// In the order in which they are read. None if that can't be told.
    fn words(&self, picture: &GreyPicture) -> Vec<Word>;
}

/// A picture in shades of grey, a byte for each pixel, line by line from the top.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug)]
pub(crate) struct GreyPicture {
    pub width: u32,
    pub height: u32,
    /// Pixels for each inch of paper.
    pub resolution: u32,
    pub pixels: Vec<u8>,
}

/// A word with where it is, in pixels from the left and the top.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub text: String,
    /// It is the first in its line.
    pub begins_line: bool,
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// [Tesseract](https://github.com/tesseract-ocr/tesseract), where it is installed.
#[derive(Debug, Default)]
pub struct Tesseract {
    /// As it names them, joined by `+`. Nothing if it is not there.
    languages: OnceLock<Option<String>>,
    /// It can tell which way up a picture is.
    turns: OnceLock<bool>,
}

/// Languages at once: each takes its time.
const LANGUAGES: usize = 4;
/// Data for something else than a language.
const NO_LANGUAGES: &[&str] = &[TURNS, "equ"];
/// That to tell which way up a picture is.
const TURNS: &str = "osd";
/// Bytes of an answer.
const MOST: u64 = 32 << 20;

impl Tesseract {
    /// One that recognises these languages, as [`Self::installed`] names them.
    #[must_use]
    pub fn new(languages: &[&str]) -> Self {
        Self { languages: OnceLock::from(Some(languages.join("+"))), turns: OnceLock::new() }
    }

    /// The languages it has data for; nothing if it is not installed.
    #[must_use]
    pub fn installed() -> Option<Vec<String>> {
        Self::data().map(|names| names.into_iter().filter(|name| !NO_LANGUAGES.contains(&&**name)).collect())
    }

    fn data() -> Option<Vec<String>> {
        let told = Command::new("tesseract").arg("--list-langs").stdin(Stdio::null()).output().ok()?;
        let told = String::from_utf8(told.stdout).ok()?;
        let names = told.lines().skip(1).map(str::trim).filter(|name| !name.is_empty());
        Some(names.map(str::to_owned).collect())
    }

    /// Without being told, all that are there.
    fn languages(&self) -> Option<&str> {
        let installed = || {
            let mut names = Self::installed().filter(|names| !names.is_empty())?;
            names.truncate(LANGUAGES);
            Some(names.join("+"))
        };
        self.languages.get_or_init(installed).as_deref()
    }

    pub(crate) fn is_there(&self) -> bool {
        self.languages().is_some()
    }

    /// No word after `time`.
    pub(crate) fn words(&self, picture: &GreyPicture, time: Duration) -> Vec<Word> {
        let Some(languages) = self.languages().filter(|_| !time.is_zero()) else { return Vec::new() };
        let turns = || Self::data().is_some_and(|names| names.iter().any(|name| name == TURNS));
        // Of its ways to part a page, those with and without a look at which way up it is.
        let pages = if *self.turns.get_or_init(turns) { "1" } else { "3" };
        recognised(picture, &["-l", languages, "--psm", pages], time)
            .map_or_else(|_| Vec::new(), |table| words(&table))
    }
}

/// What Tesseract says of the picture.
fn recognised(picture: &GreyPicture, how: &[&str], time: Duration) -> io::Result<String> {
    let GreyPicture { width, height, resolution, pixels } = picture;
    if pixels.len() as u64 != u64::from(*width) * u64::from(*height) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut child = Command::new("tesseract")
        .args(["stdin", "stdout", "--dpi", &resolution.to_string()])
        .args(how)
        .arg("tsv")
        // Several files are read at once, each by its own.
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let table = ask(&mut child, picture, time);
    // Either fails only where it has ended already.
    let _ = child.kill();
    let _ = child.wait();
    table
}

fn ask(child: &mut Child, picture: &GreyPicture, time: Duration) -> io::Result<String> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let (sender, answer) = mpsc::channel();
    // It is ended when it takes too long, and reads its input and answers no more.
    thread::Builder::new().name("tesseract".to_owned()).spawn(move || {
        let mut table = String::new();
        let read = output.take(MOST).read_to_string(&mut table).map(|_| table);
        // Nobody waits any more, or somebody does.
        let _ = sender.send(read);
    })?;
    let GreyPicture { width, height, pixels, .. } = picture;
    let mut portable = format!("P5\n{width} {height}\n255\n").into_bytes();
    portable.extend_from_slice(pixels);
    thread::Builder::new().name("picture for tesseract".to_owned()).spawn(move || {
        // It may end without reading; then it has no answer either.
        let _ = input.write_all(&portable);
    })?;
    answer.recv_timeout(time).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// The words in a table of Tesseract: a row for each, with what it lies in, where, and how sure it is.
fn words(table: &str) -> Vec<Word> {
    let mut line = None;
    let word = |row: &str| {
        let columns: Vec<&str> = row.split('\t').collect();
        let &["5", page, block, paragraph, number, _, left, top, width, height, _, text] = columns.as_slice()
        else {
            return None;
        };
        let text = text.trim();
        let own = Some([page, block, paragraph, number].map(str::to_owned));
        let begins_line = line != own;
        if text.is_empty() {
            return None;
        }
        line = own;
        let number = |text: &str| text.parse::<u32>().ok();
        Some(Word {
            text: text.to_owned(),
            begins_line,
            left: number(left)?,
            top: number(top)?,
            width: number(width)?,
            height: number(height)?,
        })
    };
    table.lines().filter_map(word).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{GreyPicture, Tesseract, Word, words};

    #[test]
    fn words_stand_in_lines() {
        let table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
            1\t1\t0\t0\t0\t0\t0\t0\t500\t200\t-1\t\n\
            5\t1\t1\t1\t1\t1\t10\t20\t50\t12\t96.1\tMara\n\
            5\t1\t1\t1\t1\t2\t70\t20\t40\t12\t91\tLind\n\
            5\t1\t1\t1\t1\t3\t70\t20\t40\t12\t91\t \n\
            5\t1\t1\t1\t2\t1\t10\t40\t40\t12\t91\tx\t\n\
            5\t1\t1\t1\t2\t1\t10\t40\t40\t12\t91\tgoes\n\
            5\t1\t1\t1\t2\t2\t-1\t40\t40\t12\t91\tno\n";
        let word = |text: &str, begins_line, left, top, width| Word {
            text: text.to_owned(),
            begins_line,
            left,
            top,
            width,
            height: 12,
        };
        assert_eq!(
            words(table),
            [word("Mara", true, 10, 20, 50), word("Lind", false, 70, 20, 40), word("goes", true, 10, 40, 40)]
        );
    }

    #[test]
    fn what_is_not_there_and_what_is_no_picture_has_no_words() {
        let picture = GreyPicture { width: 10, height: 10, resolution: 100, pixels: vec![255; 99] };
        assert_eq!(Tesseract::new(&["eng"]).words(&picture, Duration::from_secs(10)), []);
        let none = Tesseract { languages: None.into(), ..Tesseract::default() };
        let picture = GreyPicture { pixels: vec![255; 100], ..picture };
        assert!(!none.is_there() && none.words(&picture, Duration::from_secs(10)).is_empty());
    }
}

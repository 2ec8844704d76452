//! A list of passwords that were stolen elsewhere, on this machine: nothing is asked over the network.
//!
//! The format is that of the list that Have I Been Pwned gives out: a SHA-1 in hexadecimal and a count in each line
//! (`000000005AD76BD555C1D6D771DE417A4B87E4B4:10`), in the order of the hashes. It has tens of gigabytes, and is searched where it
//! lies.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Seek, SeekFrom},
    path::Path,
    sync::{Mutex, PoisonError},
};

use tacita_vault::sha1_of_password;

/// The longest line that is read.
const LINE: u64 = 128;

/// A list of passwords.
pub(crate) struct Breached {
    file: Mutex<File>,
    length: u64,
}

impl Breached {
    /// The list in a file.
    ///
    /// # Errors
    /// When it can't be read, or does not begin as such a list does.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let list = Self { file: Mutex::new(file), length };
        match list.line_after(0)? {
            Some((_, hash)) if hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Ok(list)
            }
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not a list of passwords: each line is a SHA-1 in hexadecimal, `:` and a count, in the order of the hashes",
            )),
        }
    }

    /// Whether a password is in it. One that can't be looked up is not taken for good: then it is said to be in it.
    pub(crate) fn has(&self, password: &str) -> bool {
        self.search(&sha1_of_password(password)).unwrap_or(true)
    }

    /// Halves the part of the file in which the line would begin until there is none left.
    fn search(&self, hash: &str) -> io::Result<bool> {
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.line_after(middle)? {
                Some((start, found)) if start < high => match found.to_ascii_uppercase().as_str().cmp(hash) {
                    std::cmp::Ordering::Equal => return Ok(true),
                    std::cmp::Ordering::Less => low = start + 1,
                    std::cmp::Ordering::Greater => high = middle,
                },
                _ => high = middle,
            }
        }
        Ok(false)
    }

    /// The hash of the first line that begins at `place` or after it, and where that is.
    fn line_after(&self, place: u64) -> io::Result<Option<(u64, String)>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut start = place;
        // The byte before tells whether a line begins just here.
        file.seek(SeekFrom::Start(place.saturating_sub(1)))?;
        let mut reader = BufReader::with_capacity(256, io::Read::take(&mut *file, 2 * LINE));
        let mut line = Vec::new();
        if place > 0 {
            start = place - 1 + reader.read_until(b'\n', &mut line)? as u64;
            line.clear();
        }
        reader.read_until(b'\n', &mut line)?;
        let text = String::from_utf8_lossy(&line);
        let hash = text.trim_end().split(':').next().unwrap_or_default();
        Ok((!hash.is_empty()).then(|| (start, hash.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn list(passwords: &[String], ending: &str) -> (tempfile::NamedTempFile, Breached) {
        let mut lines: Vec<_> =
            passwords.iter().map(|password| format!("{}:3{ending}", sha1_of_password(password))).collect();
        lines.sort();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(lines.concat().as_bytes()).unwrap();
        let list = Breached::open(file.path()).unwrap();
        (file, list)
    }

    #[test]
    fn every_password_of_a_list_is_found_and_no_other() {
        for count in [1, 2, 3, 100, 257] {
            for ending in ["\n", "\r\n"] {
                let passwords: Vec<_> = (0..count).map(|number| format!("password {number}")).collect();
                let (_file, list) = list(&passwords, ending);
                for password in &passwords {
                    assert!(list.has(password), "{password} of {count}");
                    assert!(!list.has(&format!("{password}!")));
                }
            }
        }
    }

    #[test]
    fn a_file_that_is_no_list_is_refused() {
        for text in ["", "password\n", "5BAA61E4:3\n"] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            assert!(Breached::open(file.path()).is_err(), "{text}");
        }
    }
}

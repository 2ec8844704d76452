//! A stream of lines, read in large blocks.

use std::io::{self, BufRead, BufReader, Read};

/// Some whole lines of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The number of the first line, from 1.
    pub(crate) line: u64,
    pub(crate) content: Content,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Whole lines; only the last of the stream may lack its line feed.
    Lines(Vec<u8>),
    /// One line that is longer than the limit; it was read past, not kept.
    TooLong,
}

/// Cuts what a reader gives into [`Block`]s, without waiting for more once it has a whole line: a caller that
/// writes a line and waits for its answer gets it.
pub(crate) struct Blocks<R> {
    reader: BufReader<R>,
    pending: Vec<u8>,
    line: u64,
    longest: usize,
    ended: bool,
}

const READ: usize = 256 * 1024;

impl<R: Read> Blocks<R> {
    /// Lines over `longest` bytes become [`Content::TooLong`].
    pub(crate) fn new(reader: R, longest: usize) -> Self {
        Self {
            reader: BufReader::with_capacity(READ, reader),
            pending: Vec::new(),
            line: 1,
            longest,
            ended: false,
        }
    }

    fn next_block(&mut self) -> io::Result<Option<Block>> {
        let mut searched = 0;
        loop {
            if let Some(end) = memchr::memrchr(b'\n', &self.pending[searched..]) {
                let rest = self.pending.split_off(searched + end + 1);
                return Ok(Some(self.lines(rest)));
            }
            if self.ended {
                return Ok((!self.pending.is_empty()).then(|| self.lines(Vec::new())));
            }
            if self.pending.len() > self.longest {
                return self.skip_line().map(Some);
            }
            searched = self.pending.len();
            self.ended = self.fill()? == 0;
        }
    }

    fn lines(&mut self, rest: Vec<u8>) -> Block {
        let lines = std::mem::replace(&mut self.pending, rest);
        let line = self.line;
        self.line += memchr::memchr_iter(b'\n', &lines).count() as u64;
        Block { line, content: Content::Lines(lines) }
    }

    fn skip_line(&mut self) -> io::Result<Block> {
        loop {
            self.pending.clear();
            if self.fill()? == 0 {
                self.ended = true;
                break;
            }
            if let Some(end) = memchr::memchr(b'\n', &self.pending) {
                self.pending.drain(..=end);
                break;
            }
        }
        self.line += 1;
        Ok(Block { line: self.line - 1, content: Content::TooLong })
    }

    fn fill(&mut self) -> io::Result<usize> {
        let piece = loop {
            match self.reader.fill_buf() {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        let read = piece.len();
        self.pending.extend_from_slice(piece);
        self.reader.consume(read);
        Ok(read)
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = io::Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.next_block().transpose();
        // Nothing follows an error: the reader's place is unknown.
        self.ended |= matches!(block, Some(Err(_)));
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives `piece` bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = self.1.min(self.0.len());
            buffer[..piece].copy_from_slice(&self.0[..piece]);
            self.0 = &self.0[piece..];
            Ok(piece)
        }
    }

    fn numbered(text: &str, piece: usize, longest: usize) -> Vec<(u64, Option<String>)> {
        let mut lines = Vec::new();
        for block in Blocks::new(Slow(text.as_bytes(), piece), longest) {
            let block = block.expect("memory reads");
            match block.content {
                Content::TooLong => lines.push((block.line, None)),
                Content::Lines(bytes) => {
                    let text = String::from_utf8(bytes).expect("the text is ASCII");
                    lines.extend((block.line..).zip(text.lines().map(|line| Some(line.to_owned()))));
                }
            }
        }
        lines
    }

    #[test]
    fn lines_are_whole_however_the_stream_is_cut() {
        let text = "one\n\nthree\r\nfour";
        let whole = numbered(text, 100, 100);
        assert_eq!(whole.len(), 4);
        for piece in 1..text.len() {
            assert_eq!(numbered(text, piece, 100), whole);
        }
    }

    #[test]
    fn a_line_over_the_limit_is_passed_over() {
        let text = format!("one\n{}\nthree", "x".repeat(100));
        let lines = numbered(&text, 10, 20);
        assert_eq!(lines, [(1, Some("one".to_owned())), (2, None), (3, Some("three".to_owned()))]);
    }
}

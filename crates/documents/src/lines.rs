//! Lines and columns of offsets in a text, each in logarithmic time.

use memchr::memchr_iter;

/// Code points are counted up to every so many bytes, so that a column in a line of 50 MB costs no walk along it.
const STRIDE: usize = 1024;

/// Where the lines of a text begin.
#[derive(Debug)]
pub(crate) struct Lines {
    /// Offsets behind each line feed.
    starts: Vec<u32>,
    /// Code points before each multiple of [`STRIDE`]; empty if the text is ASCII.
    points: Vec<u32>,
}

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        let starts = memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1).collect();
        let mut points = Vec::new();
        if !text.is_ascii() {
            let mut count = 0;
            for block in text.as_bytes().chunks(STRIDE) {
                points.push(count);
                count += code_points(block) as u32;
            }
        }
        Self { starts, points }
    }

    /// Line and column from 1 of `offset`, the column in code points.
    pub(crate) fn position(&self, text: &str, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start as usize <= offset);
        let start = line.checked_sub(1).map_or(0, |before| self.starts[before] as usize);
        let column = self.points_before(text, offset) - self.points_before(text, start);
        (line as u32 + 1, column as u32 + 1)
    }

    fn points_before(&self, text: &str, offset: usize) -> usize {
        if self.points.is_empty() {
            return offset;
        }
        let block = (offset / STRIDE).min(self.points.len() - 1);
        self.points[block] as usize + code_points(&text.as_bytes()[block * STRIDE..offset])
    }
}

fn code_points(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| (byte as i8) >= -0x40).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Lines;

    proptest! {
        #[test]
        fn agrees_with_counting(text in "(?s)[a-z\nüж€]{0,3000}") {
            let lines = Lines::new(&text);
            for (offset, _) in text.char_indices().step_by(97) {
                let before = &text[..offset];
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
                prop_assert_eq!(lines.position(&text, offset), (line as u32, column as u32));
            }
        }
    }
}

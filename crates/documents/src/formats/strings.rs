//! Texts in bytes that are not understood otherwise: free space, the data of other programs.

use std::ops::Range;

/// Shorter runs are mostly chance.
const SHORTEST: usize = 4;
/// From here on are the signs of East Asia, which any two bytes can look like.
const FIRST_IDEOGRAPH: u16 = 0x2E80;

/// Runs of letters that can be read, in UTF-8 and UTF-16. Any pairs of bytes look like UTF-16, so there has to be a space,
/// a digit or a Latin letter among them, and no sign of East Asia.
pub(super) fn texts(bytes: &[u8]) -> Vec<String> {
    let mut found = narrow(bytes);
    found.extend(wide(bytes));
    found
}

/// Whether this could be a value and not chance: it has no control characters but those of lines.
pub(super) fn is_readable(text: &str) -> bool {
    text.chars().all(readable)
}

fn readable(letter: char) -> bool {
    !letter.is_control() && letter != char::REPLACEMENT_CHARACTER || matches!(letter, '\t' | '\n' | '\r')
}

fn narrow(bytes: &[u8]) -> Vec<String> {
    let chunks = bytes.utf8_chunks().flat_map(|chunk| chunk.valid().split(|letter| !readable(letter)));
    chunks.filter(|run| is_long(run)).map(str::to_owned).collect()
}

fn is_long(run: &str) -> bool {
    run.len() >= SHORTEST && run.trim().chars().nth(SHORTEST - 1).is_some()
}

/// A text of pairs of bytes.
#[derive(Default)]
struct Run {
    place: Range<usize>,
    text: String,
    /// It has a space, a digit or a Latin letter.
    plain: bool,
}

impl Run {
    fn begin(&mut self, at: usize) {
        self.place = at..at;
        self.text.clear();
        self.plain = false;
    }

    fn letters(&self) -> usize {
        self.text.chars().filter(|letter| letter.is_alphabetic() || *letter == ' ').count()
    }
}

/// Both ends first, at even and odd offsets. Of runs that overlap the one of most letters stands: with the wrong end first a space is
/// some other sign.
fn wide(bytes: &[u8]) -> Vec<String> {
    let mut runs: Vec<Run> = Vec::new();
    for end in [u16::from_le_bytes, u16::from_be_bytes] {
        for odd in [0, 1] {
            wide_runs(bytes, odd, end, &mut runs);
        }
    }
    runs.sort_by_key(|run| run.place.start);
    let mut kept: Vec<Run> = Vec::new();
    for run in runs {
        match kept.last_mut() {
            Some(last) if run.place.start < last.place.end => {
                if (run.letters(), run.place.len()) > (last.letters(), last.place.len()) {
                    *last = run;
                }
            }
            _ => kept.push(run),
        }
    }
    kept.into_iter().map(|run| run.text).collect()
}

fn wide_runs(bytes: &[u8], start: usize, end: fn([u8; 2]) -> u16, found: &mut Vec<Run>) {
    let (mut run, mut block) = (Run::default(), None);
    run.begin(start);
    let units = bytes.get(start..).unwrap_or_default().chunks_exact(2).map(|pair| end([pair[0], pair[1]]));
    // The zero at the end closes the last run.
    for (index, unit) in units.chain([0]).enumerate() {
        let high = unit >> 8;
        // A text is in Latin letters and those of one other script.
        let fits = unit < FIRST_IDEOGRAPH && (high == 0 || *block.get_or_insert(high) == high);
        match char::from_u32(u32::from(unit)).filter(|&letter| fits && readable(letter)) {
            Some(letter) => {
                run.plain |= high == 0;
                run.text.push(letter);
            }
            None => {
                let at = start + 2 * index;
                if run.plain && is_long(&run.text) {
                    run.place.end = at;
                    found.push(std::mem::take(&mut run));
                }
                run.begin(at + 2);
                block = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::texts;
    use crate::decode::Charset;

    #[test]
    fn finds_texts_of_both_widths() {
        let wide = |text: &str, charset: Charset| charset.encode(text).unwrap().into_owned();
        let bytes = [
            &b"\0\x01Mara Lind\xff\xfeabc\0Zo\xc3\xab Roth\x02\0"[..],
            &wide("Tom Straße", Charset::Utf16Le),
            &[0, 0],
            &wide("Мара Линд", Charset::Utf16Be),
            &[0, 0],
        ]
        .concat();
        assert_eq!(texts(&bytes), ["Mara Lind", "Zoë Roth", "Tom Straße", "Мара Линд"]);
        assert_eq!(texts(&bytes[..3]), [""; 0]);
    }
}

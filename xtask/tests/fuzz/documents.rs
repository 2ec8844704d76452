//! Readers of documents.

use tacita_documents::{Limits, Replacement, RewriteError, read, rewrite};

use crate::{
    fuzz,
    inputs::{SAMPLES, broken_document},
};

fn limits() -> Limits {
    Limits { text_bytes: 4 << 20, time: std::time::Duration::from_secs(10), ..Limits::default() }
}

#[test]
fn fuzz_read_and_locate() {
    fuzz(|rng| {
        let (name, bytes) = broken_document(rng);
        let Ok(document) = read(&name, &bytes, &limits()) else { return };
        let text = document.text();
        for _ in 0..8 {
            let start = text.floor_char_boundary(rng.usize(..=text.len()));
            let end = text.floor_char_boundary(text.len().min(start + rng.usize(..200)));
            for part in document.clip(start..end.max(start)) {
                assert!(start <= part.start && part.start <= part.end && part.end <= end, "{name}");
                // Places are printed for people: that must work for every one.
                let _ = document.locate(part).to_string();
            }
        }
    });
}

#[test]
fn fuzz_rewrite() {
    fuzz(|rng| {
        let (name, bytes) = broken_document(rng);
        let Ok(document) = read(&name, &bytes, &limits()) else { return };
        if !document.can_rewrite() {
            return;
        }
        match document.rewrite(&[]) {
            Err(RewriteError::NotTextual(_)) => {
                // Packages, mails and archives are written from the file.
                let text = document.text();
                let blocks = document.clip(0..text.len()).into_iter().take(20);
                let replacement =
                    |block| Replacement::of(text, block, "[GONE]").expect("blocks are of the text");
                let replacements: Vec<_> = blocks.map(replacement).collect();
                let _ = rewrite(&name, &bytes, &replacements, &limits());
                return;
            }
            // A copy of flat OpenDocument loses its authors in any case.
            Ok(same) => assert!(
                same == bytes || document.format().name == "odf",
                "{name} changed though nothing was replaced"
            ),
            // What an older encoding or UTF-16 (told by its zero bytes) could not decode, it can't encode again.
            Err(error) => {
                assert!(std::str::from_utf8(&bytes).is_err() || bytes.contains(&0), "{name}: {error}");
            }
        }
        let text = document.text();
        let mut ranges = Vec::new();
        let mut from = 0;
        while from < text.len() && ranges.len() < 20 {
            let start = text.floor_char_boundary(text.len().min(from + rng.usize(..200))).max(from);
            let end = text.floor_char_boundary(text.len().min(start + rng.usize(..30))).max(start);
            ranges.extend(document.clip(start..end).into_iter().filter(|part| !part.is_empty()));
            from = end + text[end..].chars().next().map_or(1, char::len_utf8);
        }
        let replacements: Vec<_> = ranges.into_iter().map(|range| (range, "[GONE]")).collect();
        // Not every place can be written, but what was refused must be refused by an error.
        let _ = document.rewrite(&replacements);
    });
}

#[test]
fn every_sample_is_read() {
    for (name, bytes) in SAMPLES.iter() {
        if let Err(error) = read(name, bytes, &limits()) {
            panic!("{name}: {error}");
        }
    }
}

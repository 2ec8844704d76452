//! Exact spans against what people marked, per type, beside presidio-analyzer.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;
use tacita_detect::{
    Detector, OffsetUnit, Options, convert_char_offsets,
    evaluation::{self, Found, Quality, Row},
    recognizers,
};

use super::{marked, peer::Presidio, prose};

pub(super) fn report(data: &Path, peer: &Presidio) -> Result<()> {
    let detector = Detector::new(Options::default())?;
    for file in ["presidio_research_synth.jsonl", "pii_anon.jsonl"] {
        let texts = marked(&data.join(file))?;
        let ours: Vec<_> = texts.iter().map(|row| evaluation::find(&detector, &row.text)).collect();
        let (mut answers, _) = peer.analyze(texts.iter().map(|row| row.text.as_str()), 0.4)?;
        let theirs: Vec<_> =
            texts.iter().zip(&mut answers).map(|(row, spans)| in_bytes(&row.text, spans)).collect();
        let [ours, theirs] = [ours, theirs].map(|found| evaluation::score(&texts, &found, is_known, 1.0));
        println!(
            "\n{file}: exact spans, native profile against presidio-analyzer (patterns, threshold 0.4)\n"
        );
        println!(
            "{:24} {:>5}   {:>6} {:>6} {:>6}   {:>6} {:>6} {:>6}",
            "type", "n", "P", "R", "F1", "P", "R", "F1"
        );
        for (mine, other) in ours.types.iter().zip(&theirs.types) {
            println!("{:24} {:>5}   {}   {}", mine.name, mine.marked, figures(mine), figures(other));
        }
    }
    false_alarms(data, &detector)
}

/// Precision, recall and F1, or dashes for a type that was never found.
fn figures(row: &Row) -> String {
    let Quality { precision, recall, f1, .. } = row.exact;
    match row.found {
        0 => format!("{:>6} {:>6} {:>6}", "-", "-", "-"),
        _ => format!("{:>6.3} {:>6.3} {:>6.3}", precision.value, recall.value, f1.value),
    }
}

/// Whether a type is one that patterns or the tagger can find.
fn is_known(entity: &str) -> bool {
    recognizers().iter().any(|recognizer| recognizer.entity == entity)
}

/// What Presidio answered, which counts code points and whose scores don't matter here.
fn in_bytes<'a>(text: &str, spans: &'a mut [(usize, usize, String)]) -> Vec<Found<'a>> {
    convert_char_offsets(text, OffsetUnit::Bytes, spans.iter_mut().flat_map(|(start, end, _)| [start, end]));
    let found =
        |(start, end, entity): &'a (usize, usize, String)| Found { place: *start..*end, entity, score: 1.0 };
    spans.iter().map(found).collect()
}

/// What is found in prose that holds next to nothing to find, read by a person: dates aside.
fn false_alarms(data: &Path, detector: &Detector) -> Result<()> {
    let text = prose(&data.join("wikigold.conll.txt"))?;
    let mut by_type: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in detector.detect(&text) {
        let name = detector.entity_name(finding.entity);
        if !name.starts_with("DATE") {
            by_type.entry(name).or_default().push(&text[finding.start..finding.end]);
        }
    }
    let megabytes = text.len() as f64 / 1e6;
    println!("\nwikigold.conll.txt: everything found but dates in {megabytes:.2} MB of prose\n");
    for (name, values) in by_type {
        println!("{name:24} {:>5}   {}", values.len(), values.join(" | "));
    }
    Ok(())
}

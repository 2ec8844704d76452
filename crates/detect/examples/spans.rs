//! Reads JSON lines with a `text`, writes the findings of each: `[[start, end, type, score], …]` in code points.

use std::io::{BufRead, Write};

use tacita_detect::{Detector, OffsetUnit, Options, convert_offsets};

fn main() {
    let detector = Detector::new(Options::default()).expect("default options");
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let value: serde_json::Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let text = value["text"].as_str().unwrap_or_default();
        let mut findings = detector.detect(text);
        convert_offsets(text, OffsetUnit::Chars, &mut findings);
        let rows: Vec<_> =
            findings.iter().map(|f| (f.start, f.end, detector.entity_name(f.entity), f.score)).collect();
        writeln!(out, "{}", serde_json::to_string(&rows).expect("JSON")).expect("stdout");
    }
}

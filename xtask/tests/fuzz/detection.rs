//! The native engine and the presidio profile.

use tacita_detect::{
    Detector, Finding, Options, Overlaps,
    presidio::{AnalyzeRequest, Analyzer},
};

use crate::{fuzz, inputs::text};

fn detector(overlaps: Overlaps) -> Detector {
    Detector::new(Options { overlaps, ..Options::default() }).expect("good options")
}

#[test]
fn fuzz_findings_are_sound() {
    let resolving = detector(Overlaps::Resolve);
    let all = detector(Overlaps::All);
    fuzz(|rng| {
        let text = text(rng);
        let found = resolving.detect(&text);
        check(&text, &found);
        assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start), "findings overlap");
        check(&text, &all.detect(&text));
    });
}

#[test]
fn fuzz_a_stream_finds_what_the_whole_text_finds() {
    let detector = detector(Overlaps::Resolve);
    fuzz(|rng| {
        let text = text(rng);
        let mut streamed = Vec::new();
        let mut stream = detector.stream();
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let most = if rng.bool() { 40 } else { 50_000 };
            let (piece, tail) = rest.split_at(rest.len().min(rng.usize(1..most)));
            stream.push(piece, |finding| streamed.push(finding));
            rest = tail;
        }
        stream.finish(|finding| streamed.push(finding));
        assert_eq!(streamed, detector.detect(&text));
    });
}

#[test]
fn fuzz_bytes_that_are_no_text() {
    let detector = detector(Overlaps::Resolve);
    fuzz(|rng| {
        let mut bytes = text(rng).into_bytes();
        for _ in 0..rng.usize(..20) {
            crate::inputs::damage(rng, &mut bytes);
        }
        for finding in detector.detect_bytes(&bytes) {
            assert!(finding.start < finding.end && finding.end <= bytes.len());
        }
    });
}

fn check(text: &str, findings: &[Finding]) {
    for finding in findings {
        assert!(finding.start < finding.end, "an empty finding");
        assert!(text.get(finding.start..finding.end).is_some(), "a finding that cuts a character");
        assert!((Options::THRESHOLD..=1.0).contains(&finding.score), "a score of {}", finding.score);
    }
    assert!(findings.windows(2).all(|pair| pair[0].start <= pair[1].start), "findings out of order");
}

#[test]
fn fuzz_the_presidio_profile() {
    let analyzer = Analyzer::new();
    fuzz(|rng| {
        let mut request =
            AnalyzeRequest::new(text(rng), analyzer.languages()[rng.usize(..analyzer.languages().len())]);
        let characters = request.text.chars().count();
        request.return_decision_process = Some(rng.bool());
        for result in analyzer.analyze(&request).expect("a sound request") {
            assert!(result.start < result.end && result.end <= characters, "{}", result.entity_type);
        }
    });
}

//! A stream finds what the whole text holds, however it is cut.

use proptest::prelude::*;
use tacita_detect::{Detector, Finding, Options, Overlaps};

/// Pieces of personal data and of what looks like it.
const PIECES: &[&str] = &[
    "mara.lind@example.org",
    "+44 20 7946 0958",
    "4012 8888 8888 1881",
    "DE89 3704 0044 0532 0130 00",
    "https://example.org/u/mara?id=7",
    "2001:db8::8a2e:370:7334",
    "00:1b:44:11:3a:b7",
    "SSN: 536-22-1457",
    "12 rue de la Paix, 75002 Paris",
    "742 Larch Road, Apt. 4, Dunmore, PA 18512",
    "password: t4pir-Lamp!9",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----",
    "Larkfield Instruments Ltd.",
    "電話 03-1234-5678 まで",
    "né le 12/05/1979",
    "1-1-1-1-1-1-1-1",
    " ",
    "\n",
    ", and then ",
    "é",
    "🦊",
];

fn in_pieces(detector: &Detector, text: &[u8], cuts: &[usize]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut stream = detector.stream();
    let mut from = 0;
    for cut in cuts.iter().map(|cut| cut % (text.len() + 1)).filter(|cut| *cut > 0).chain([text.len()]) {
        if cut > from {
            stream.push(&text[from..cut], |finding| found.push(finding));
            from = cut;
        }
    }
    stream.finish(|finding| found.push(finding));
    found
}

proptest! {
    #[test]
    fn every_cut_finds_the_same(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60),
        mut cuts in prop::collection::vec(any::<usize>(), 0..20),
        all in any::<bool>(),
        seam in prop::option::weighted(0.2, 0..1500usize),
    ) {
        let overlaps = if all { Overlaps::All } else { Overlaps::Resolve };
        let detector = Detector::new(Options { overlaps, ..Options::default() }).expect("valid options");
        // At times the pieces lie where two blocks of 32 KiB meet, with so much behind them that blocks end before the text.
        let mut text = pieces.concat();
        if let Some(before) = seam {
            let filler = "lorem ipsum ".repeat(4096);
            text = [&filler[..32 * 1024 - before], &text, &filler[..20 * 1024]].concat();
        }
        cuts.iter_mut().for_each(|cut| *cut %= text.len() + 1);
        cuts.sort_unstable();
        prop_assert_eq!(in_pieces(&detector, text.as_bytes(), &cuts), detector.detect(&text));
    }
}

#[test]
fn blocks_leave_no_seam() {
    // A value wherever two blocks meet: it must be found at every offset to the seam.
    let detector = Detector::new(Options::default()).expect("valid options");
    let value = "mara.lind@example.org, card 4012 8888 8888 1881, tel. +44 20 7946 0958";
    let expected = detector.detect(value).len();
    assert_eq!(expected, 3);
    for shift in 0..value.len() + 2 {
        let mut text = "lorem ipsum ".repeat(40 * 1024 / 12);
        text.truncate(32 * 1024 - shift);
        text.push(' ');
        let start = text.len();
        text.push_str(value);
        text.push_str(&" and nothing more".repeat(3000));
        let found = detector.detect(&text);
        let values: Vec<&str> = found.iter().map(|f| &text[f.start..f.end]).collect();
        assert_eq!(found.len(), expected, "shift {shift}: {values:?}");
        assert!(found.iter().all(|f| f.start >= start));
        let cuts: Vec<usize> = (0..text.len()).step_by(997).collect();
        assert_eq!(in_pieces(&detector, text.as_bytes(), &cuts), found);
    }
}

#[test]
fn findings_are_in_order_and_apart() {
    let detector = Detector::new(Options::default()).expect("valid options");
    let text = PIECES.concat().repeat(200);
    let found = detector.detect(&text);
    assert!(found.len() > 1000);
    assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
    assert!(
        found
            .iter()
            .all(|f| text.is_char_boundary(f.start) && text.is_char_boundary(f.end) && f.start < f.end)
    );
}

#[test]
fn bytes_that_are_no_utf8_cut_nothing_off() {
    // Quotation marks of Windows-1252 around values.
    let text = b"card \x934012 8888 8888 1881\x94 and aged 7\x94 x";
    let detector = Detector::new(Options::default()).expect("valid options");
    let found = detector.detect_bytes(text);
    let values: Vec<&[u8]> = found.iter().map(|f| &text[f.start..f.end]).collect();
    assert_eq!(values, [&b"4012 8888 8888 1881"[..], b"7"]);
}

#[path = "../../tests/eval/mod.rs"]
mod eval;

use proptest::prelude::*;
use serde_json::Value;

use super::{
    Kind::{International, NationalBare, NationalFormatted},
    PhoneMatch, SHORTEST,
    Strength::{Strong, Weak},
    at, plan, valid, with_first_digit,
};

/// The words that make a weak number one, as the catalogue has them and some more of the evaluation data.
const CONTEXT: [&str; 14] = [
    "phone",
    "telephone",
    "tel",
    "mobile",
    "cell",
    "fax",
    "call",
    "contact",
    "sms",
    "messages",
    "message",
    "answering",
    "registered",
    "office",
];

/// With `00` before them they still have fewer digits than [`SHORTEST`].
#[test]
fn no_international_number_is_shorter_than_the_shortest() {
    for length in 0..SHORTEST - 2 {
        for number in 0..10u32.pow(length as u32) {
            let digits: Vec<u8> = format!("{number:0length$}").bytes().map(|digit| digit - b'0').collect();
            assert!(!plan::accepts(plan::INTERNATIONAL, &digits[..length]), "{digits:?}");
        }
    }
}

#[test]
fn numbers_are_found_to_the_byte() {
    let cases = [
        ("+44 20 7946 0018", International, Strong),
        ("+1 (423) 996-1370", International, Strong),
        ("+41 (0)44 668 18 00", International, Strong),
        ("+14255550123", International, Strong),
        ("(+44) 20 7946 0018", International, Strong),
        ("0044 20 7946 0018", International, Strong),
        ("011 44 20 7946 0018", International, Strong),
        ("＋４４ ２０ ７９４６ ００１８", International, Strong),
        ("+44\u{a0}20\u{a0}7946\u{a0}0018", International, Strong),
        ("541-714-1388", NationalFormatted, Strong),
        ("541.714.1388", NationalFormatted, Strong),
        ("1-541-714-1388", NationalFormatted, Strong),
        ("(541) 714-1388", NationalFormatted, Strong),
        ("(541) 714-1388 ext. 12", NationalFormatted, Strong),
        ("541-714-1388 x302", NationalFormatted, Strong),
        ("(02) 9876 5432", NationalFormatted, Strong),
        ("(08) 8747 6301", NationalFormatted, Strong),
        ("(71) 4233-6306", NationalFormatted, Strong),
        ("8 (495) 123-45-67", NationalFormatted, Strong),
        ("07911 123456", NationalFormatted, Strong),
        ("030 12345678", NationalFormatted, Strong),
        ("0171/1234567", NationalFormatted, Strong),
        ("06 12 34 56 78", NationalFormatted, Strong),
        ("06.12.34.56.78", NationalFormatted, Strong),
        ("5417141388", NationalBare, Strong),
        ("9469 9966", NationalFormatted, Weak),
        ("60-56-85-91", NationalFormatted, Weak),
        ("699 956 915", NationalFormatted, Weak),
        ("07911123456", NationalBare, Weak),
    ];
    for (number, kind, strength) in cases {
        for (before, after) in
            [("", ""), ("call ", ", please"), ("Tel:\t", "\n"), ("请拨打", "。"), ("<b>", "</b>")]
        {
            let text = format!("{before}{number}{after}");
            let found = at(text.as_bytes(), before.len());
            let end = before.len() + number.len();
            // Markup and labels keep a bare number from standing on its own.
            let strength =
                if kind == NationalBare && !matches!(before, "" | "call ") { Weak } else { strength };
            assert_eq!(found, Some(PhoneMatch { start: before.len(), end, kind, strength }), "{text}");
        }
    }
}

#[test]
fn what_looks_alike_is_none() {
    let texts = [
        "2003",
        "1990-1995",
        "1914 1918",
        "1.2.3",
        "10.12.1.1234",
        "2003-08-28 12:13:52",
        "28.08.2003",
        "12/05/2021",
        "2021-10-22T12:33:00",
        "20030828121352",
        "20030828",
        "$1,234",
        "$5417141388",
        "12.50 EUR",
        "5417141388%",
        "192.168.10.12",
        "52.520008",
        "-13.404954",
        "219-09-9999",
        "4111 1111 1111 1111",
        "4111111111111111",
        "978-3-16-148410-0",
        "0-306-40615-2",
        "12345-6789",
        "0700-1900",
        "211-227 (2003)",
        "1 000 000 000",
        "12.345.678",
        "2147483647",
        "4294967296123",
        "a5417141388",
        "5417141388b",
        "5417141388_1",
        "1-2-3-4-5-6-7",
        "NPI: 5417141388",
        "Account 5417141388",
        "const X: u32 = 3225439754;",
        "512/768/1024",
        "01 02 03 04 05",
        "0069 0307 0300",
        "+1980-02-29 01:02:03",
        "01 00 00 02 00",
        "5417141388.example.org",
        "++15417141388",
        "12:13:5417141388",
    ];
    for text in texts {
        assert_eq!(all(text), [], "{text}");
    }
}

#[test]
fn fragments_of_longer_rows_are_none() {
    for text in [
        "4111 1111 1111 1111",
        "123456789012345678",
        "00 11 22 33 44 55 66 77 88 99",
        "1.2.840.113549.1.1.11",
    ] {
        assert_eq!(all(text), [], "{text}");
    }
    let spans = |text: &str| all(text).iter().map(|found| (found.start, found.end)).collect::<Vec<_>>();
    assert_eq!(spans("541-714-1388/541-714-1389"), [(0, 12), (13, 25)]);
    assert_eq!(spans("(37) 788-063 07700 900 123"), [(0, 12)]);
    assert_eq!(spans("541-714-1388 12345 Main Street"), [(0, 12)]);
}

#[test]
fn a_lead_belongs_to_the_number_if_it_fits() {
    let start = |text: &str, digit| with_first_digit(text.as_bytes(), digit).map(|found| found.start);
    assert_eq!(start("(541) 714-1388", 1), Some(0));
    assert_eq!(start("(541-714-1388)", 1), Some(1));
    assert_eq!(start("(+44) 20 7946 0018", 2), Some(0));
    assert_eq!(start("(+44 20 7946 0018)", 2), Some(1));
}

#[test]
fn validity_is_of_the_region() {
    assert!(
        valid("+44 20 7946 0018", None)
            && valid("020 7946 0018", Some("GB"))
            && valid("20 7946 0018", Some("GB"))
    );
    assert!(!valid("020 7946 0018", Some("US")) && !valid("020 7946 0018", None) && !valid("+44 20", None));
    assert!(!valid("020 7946 0018", Some("nowhere")) && !valid("020 ring 0018", Some("GB")));
}

#[test]
fn people_and_records_are_read_as_annotated() {
    let synth = measure("presidio_research_synth.jsonl");
    assert!(synth.is_none_or(|measured| measured.f1() >= 0.92));
    // 284 numbers of this set are written like the annotated ones and not annotated; only others count as false.
    let Some(records) = measure("pii_anon.jsonl") else { return };
    assert!(records.missed * 100 <= records.right, "{} missed", records.missed);
    assert!((records.wrong - records.unannotated) * 100 <= records.right, "{} wrong", records.wrong);
}

#[test]
fn prose_has_no_phones() {
    let Some(words) = eval::data("wikigold.conll.txt") else { return };
    let text: String =
        words.lines().map(|line| line.split(' ').next().unwrap_or_default().to_owned() + " ").collect();
    let found =
        all(&text).iter().filter(|found| found.strength == Strong || has_context(&text, found)).count();
    println!("{found} phone numbers in {} bytes of prose", text.len());
    assert!(found * 1_000_000 <= text.len() * 5);
}

proptest! {
    #[test]
    fn a_match_is_a_stretch_of_characters_and_local(text in "[0-9 +()./x#-]{0,60}|[0-9０-９ \u{a0}＋（）－é$,:;/()+-]{0,60}") {
        for found in all(&text) {
            prop_assert!(found.start < found.end && text.get(found.start..found.end).is_some());
            let near = (found.start + 160).min(text.len());
            let window = &text.as_bytes()[found.start.saturating_sub(40)..near];
            let moved = at(window, found.start.min(40)).map(|other| (other.end - other.start, other.kind));
            prop_assert_eq!(moved, Some((found.end - found.start, found.kind)));
        }
    }

    #[test]
    fn no_rows_of_digits_make_it_panic(text in "[01+]?[( ]?[0-2]{1,3}[)(/. -]{0,2}[0-2]{1,3}[)( -]{0,2}[0-9)( -]{0,20}") {
        all(&text);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        (0..bytes.len()).for_each(|start| { at(&bytes, start); });
    }
}

/// The numbers at all places where the engine looks for them.
fn all(text: &str) -> Vec<PhoneMatch> {
    let bytes = text.as_bytes();
    let mut found: Vec<PhoneMatch> = Vec::new();
    for (start, c) in text.char_indices() {
        let in_row = c.is_ascii_digit() && start > 0 && bytes[start - 1].is_ascii_digit();
        let begins = c.is_numeric() || matches!(c, '+' | '(' | '＋' | '（');
        if begins && !in_row && found.last().is_none_or(|last| start >= last.end) {
            found.extend(at(bytes, start));
        }
    }
    found
}

fn has_context(text: &str, found: &PhoneMatch) -> bool {
    let before = text.floor_char_boundary(found.start.saturating_sub(50));
    let after = text.floor_char_boundary((found.end + 50).min(text.len()));
    let near = [&text[before..found.start], &text[found.end..after]].join(" ").to_lowercase();
    near.split(|c: char| !c.is_alphabetic()).any(|word| CONTEXT.contains(&word))
}

#[derive(Default)]
struct Measured {
    right: usize,
    wrong: usize,
    unannotated: usize,
    missed: usize,
}

impl Measured {
    fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (2 * self.right + self.wrong + self.missed) as f64
    }
}

fn measure(name: &str) -> Option<Measured> {
    let mut measured = Measured::default();
    for line in eval::data(name)?.lines() {
        let record: Value = serde_json::from_str(line).expect("every line is JSON");
        let text = record["text"].as_str().expect("every record has a text");
        let byte = |place: &Value| {
            let chars =
                place.as_u64().and_then(|chars| usize::try_from(chars).ok()).expect("a place is a number");
            text.char_indices().nth(chars).map_or(text.len(), |(byte, _)| byte)
        };
        let spans = record["spans"].as_array().expect("every record has spans");
        let gold: Vec<_> = spans
            .iter()
            .filter(|span| span[2] == "PHONE_NUMBER")
            .map(|span| (byte(&span[0]), byte(&span[1])))
            .collect();
        let found: Vec<_> = all(text)
            .into_iter()
            .filter(|found| found.strength == Strong || has_context(text, found))
            .collect();
        let right = found.iter().filter(|found| gold.contains(&(found.start, found.end))).count();
        measured.right += right;
        measured.missed += gold.len() - right;
        for wrong in found.iter().filter(|found| !gold.contains(&(found.start, found.end))) {
            measured.wrong += 1;
            measured.unannotated += usize::from(wrong.kind == International);
        }
    }
    println!(
        "{name}: {} right, {} wrong, {} missed, F1 {:.3}",
        measured.right,
        measured.wrong,
        measured.missed,
        measured.f1()
    );
    Some(measured)
}

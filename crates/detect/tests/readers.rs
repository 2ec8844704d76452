//! Other readers beside the recognisers.

use std::sync::Arc;

use proptest::prelude::*;
use tacita_detect::{Detector, Options, OptionsError, Overlaps, Reader, Reading, Rules, evaluation};

/// Finds words that it knows.
#[derive(Debug)]
struct Words {
    entities: Vec<String>,
    known: Vec<(&'static str, usize, f32)>,
    stands_for_tagger: bool,
    /// It can't read texts with this in them.
    fails_at: Option<&'static str>,
}

impl Words {
    fn new(entities: &[&str], known: &[(&'static str, usize, f32)]) -> Self {
        let entities = entities.iter().map(|&name| name.to_owned()).collect();
        Self { entities, known: known.to_vec(), stands_for_tagger: false, fails_at: None }
    }
}

impl Reader for Words {
    fn entities(&self) -> &[String] {
        &self.entities
    }

    fn stands_for_tagger(&self) -> bool {
        self.stands_for_tagger
    }

    fn read(&self, text: &str) -> Option<Vec<Reading>> {
        if self.fails_at.is_some_and(|word| text.contains(word)) {
            return None;
        }
        let readings = self.known.iter().flat_map(|&(word, entity, score)| {
            text.match_indices(word).map(move |(start, _)| Reading {
                entity,
                start,
                end: start + word.len(),
                score,
            })
        });
        Some(readings.collect())
    }
}

fn with(reader: impl Reader + 'static) -> Options {
    Options { readers: vec![Arc::new(reader)], ..Options::default() }
}

/// What is found: the type, the text, the score in percent.
fn found(options: Options, text: &str) -> Vec<(String, String, u32)> {
    let detector = Detector::new(options).expect("good options");
    let percent = |score: f32| (score * 100.0).round() as u32;
    let found = evaluation::find(&detector, text).into_iter();
    found.map(|found| entry(found.entity, &text[found.place], percent(found.score))).collect()
}

fn entry(entity: &str, text: &str, score: u32) -> (String, String, u32) {
    (entity.to_owned(), text.to_owned(), score)
}

const MAIL: &str = "mara.lind@example.org";

#[test]
fn of_the_same_span_the_higher_score_stands() {
    let alone = found(Options::default(), MAIL)[0].2;
    for (score, expected) in [(0.99, 99.max(alone)), (0.55, alone)] {
        let reader = Words::new(&["EMAIL_ADDRESS"], &[(MAIL, 0, score)]);
        assert_eq!(found(with(reader), MAIL), [entry("EMAIL_ADDRESS", MAIL, expected)]);
    }
    let reader = Words::new(&["EMAIL_ADDRESS"], &[(MAIL, 0, 1.0)]);
    let all = Options { overlaps: Overlaps::All, ..with(reader) };
    let mails = found(all, MAIL).into_iter().filter(|(entity, ..)| entity == "EMAIL_ADDRESS");
    assert_eq!(mails.collect::<Vec<_>>(), [entry("EMAIL_ADDRESS", MAIL, 100)]);
}

#[test]
fn a_type_of_its_own_has_its_name() {
    let ships = || Words::new(&["SHIP"], &[("Tern", 0, 0.8)]);
    let text = "aboard the Tern";
    assert_eq!(found(with(ships()), text), [entry("SHIP", "Tern", 80)]);
    let only = |name: &str| Options { entities: Some(vec![name.to_owned()]), ..with(ships()) };
    assert_eq!(found(only("SHIP"), text), [entry("SHIP", "Tern", 80)]);
    assert_eq!(found(only("EMAIL_ADDRESS"), text), []);
    let unknown = Detector::new(only("HARBOUR")).unwrap_err();
    assert_eq!(unknown, OptionsError::UnknownEntity("HARBOUR".to_owned()));
}

#[test]
fn threshold_and_exclusions_hold_for_it_too() {
    let ships = || Words::new(&["SHIP"], &[("Tern", 0, 0.8), ("Gull", 0, 0.8)]);
    let strict = Options { threshold: 0.85, ..with(ships()) };
    assert_eq!(found(strict, "aboard the Tern"), []);
    let rules = Rules::parse("[[exclude]]\nwords = [\"Tern\"]\n").unwrap();
    let excluding = Options { rules, ..with(ships()) };
    assert_eq!(found(excluding, "Tern, Gull"), [entry("SHIP", "Gull", 80)]);
}

#[test]
fn what_is_no_place_in_the_text_is_passed_over() {
    #[derive(Debug)]
    struct Liar(Vec<String>);
    impl Reader for Liar {
        fn entities(&self) -> &[String] {
            &self.0
        }

        fn read(&self, _text: &str) -> Option<Vec<Reading>> {
            let places = [(0, 0), (3, 1), (1, 99), (0, 3), (usize::MAX, usize::MAX), (0, 1)];
            let mut readings: Vec<_> =
                places.map(|(start, end)| Reading { entity: 0, start, end, score: 0.9 }).into();
            readings.push(Reading { entity: 7, start: 0, end: 1, score: 0.9 });
            readings.push(Reading { entity: 0, start: 1, end: 2, score: f32::NAN });
            readings.push(Reading { entity: 0, start: 4, end: 5, score: 7.0 });
            Some(readings)
        }
    }
    // The third byte is inside of a character.
    let found = found(with(Liar(vec!["SHIP".to_owned()])), "uk\u{EB}xy");
    assert_eq!(found, [entry("SHIP", "u", 90), entry("SHIP", "x", 100)]);
}

#[test]
fn it_may_stand_for_the_tagger_where_it_can_read() {
    let text = "Yesterday Mara Lind met Jonas Weber in Hamburg.";
    let people = |options| {
        let found = found(options, text).into_iter().filter(|(entity, ..)| entity == "PERSON");
        found.map(|(_, name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(people(Options::default()), ["Mara Lind", "Jonas Weber"]);
    let reader = || Words { stands_for_tagger: true, ..Words::new(&["PERSON"], &[("Mara", 0, 0.9)]) };
    assert_eq!(people(with(reader())), ["Mara"]);
    assert_eq!(people(with(Words { fails_at: Some("met"), ..reader() })), ["Mara Lind", "Jonas Weber"]);
    let places = found(with(reader()), text).into_iter().filter(|(entity, ..)| entity == "LOCATION");
    assert_eq!(places.map(|(_, name, _)| name).collect::<Vec<_>>(), ["Hamburg"]);
}

proptest! {
    // Texts are of several windows, which takes a while.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_stream_finds_what_the_whole_text_has(
        words in proptest::collection::vec(prop_oneof![
            8 => "[a-z]{1,9}",
            1 => Just("Tern".to_owned()),
            1 => Just("Gull\u{EB}".to_owned()),
        ], 0..9_000),
        cut in 1..40_000usize,
    ) {
        let ships = Words::new(&["SHIP"], &[("Tern", 0, 0.8), ("Gull\u{EB}", 0, 0.9)]);
        let detector = Detector::new(Options { entities: Some(vec!["SHIP".to_owned()]), ..with(ships) }).unwrap();
        let text = words.join(" ");
        let whole = detector.detect(&text);
        prop_assert_eq!(whole.len(), text.matches("Tern").count() + text.matches("Gull\u{EB}").count());
        let (mut stream, mut found) = (detector.stream(), Vec::new());
        text.as_bytes().chunks(cut).for_each(|piece| stream.push(piece, |finding| found.push(finding)));
        stream.finish(|finding| found.push(finding));
        prop_assert_eq!(found, whole);
    }
}

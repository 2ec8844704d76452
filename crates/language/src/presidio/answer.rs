//! What an analyzer's answers say.

use std::borrow::Cow;

use serde::Deserialize;
use tacita_detect::{OffsetUnit, Reading, convert_char_offsets};

use super::{account::Cause, types::Types};

/// One of Presidio's results. Places count code points.
#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow)]
    entity_type: Cow<'a, str>,
    start: usize,
    end: usize,
    score: f32,
}

/// What was found in `text`, at bytes.
pub(super) fn readings(text: &str, body: &[u8], types: &Types) -> Result<Vec<Reading>, Cause> {
    let found: Vec<Found<'_>> = serde_json::from_slice(body).map_err(|_| Cause::NotUnderstood)?;
    // One that counts something else than code points would have other findings at the wrong places too.
    let length = text.chars().count();
    if found.iter().any(|found| found.start >= found.end || found.end > length) {
        return Err(Cause::NotUnderstood);
    }
    let reading = |found: &Found<'_>| Reading {
        entity: types.number(&found.entity_type),
        start: found.start,
        end: found.end,
        score: found.score,
    };
    let mut readings: Vec<_> = found.iter().map(reading).collect();
    let places = readings.iter_mut().flat_map(|reading| [&mut reading.start, &mut reading.end]);
    convert_char_offsets(text, OffsetUnit::Bytes, places);
    Ok(readings)
}

/// The names of its types.
pub(super) fn entities(body: &[u8]) -> Result<Vec<String>, Cause> {
    serde_json::from_slice(body).map_err(|_| Cause::NotUnderstood)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, body: &str) -> Result<Vec<(String, usize, usize, f32)>, Cause> {
        let types = Types::of(&["HARBOUR", "PERSON"]);
        let readings = readings(text, body.as_bytes(), &types)?;
        Ok(readings.iter().map(|r| (types.names()[r.entity].clone(), r.start, r.end, r.score)).collect())
    }

    #[test]
    fn places_count_code_points() {
        let body = r#"[
            {"analysis_explanation": null, "end": 6, "entity_type": "PERSON", "score": 0.85, "start": 3},
            {"entity_type": "\u0048ARBOUR", "start": 0, "end": 1, "score": 1, "recognition_metadata": {"a": []}}
        ]"#;
        let found = read("😀é Zoë", body).unwrap();
        assert_eq!(found, [("PERSON".to_owned(), 7, 11, 0.85), ("HARBOUR".to_owned(), 0, 4, 1.0)]);
        assert_eq!(read("", "[]"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_answer_of_presidios_is_not_understood() {
        let found = |start: &str, end: &str| {
            format!(r#"[{{"entity_type": "PERSON", "start": {start}, "end": {end}, "score": 0.5}}]"#)
        };
        for body in [
            "",
            "null",
            "{}",
            "[",
            "[[]]",
            r#"{"error": "No text provided"}"#,
            r#"[{"entity_type": "PERSON", "start": 0, "end": 1}]"#,
            r#"[{"entity_type": "PERSON", "start": 0, "end": 1, "score": NaN}]"#,
            &found("0", "5"),
            &found("1", "1"),
            &found("2", "1"),
            &found("-1", "1"),
            &found("0.5", "1"),
            &found("0", "18446744073709551615"),
            "\u{0}",
        ] {
            assert_eq!(read("Zoë!", body), Err(Cause::NotUnderstood), "{body}");
        }
        assert!(entities(b"{}").is_err() && entities(b"[1]").is_err());
        assert_eq!(entities(br#"["PERSON"]"#), Ok(vec!["PERSON".to_owned()]));
    }

    proptest! {
        #[test]
        fn places_are_those_of_the_characters(text in "[a-zé漢😀]{1,60}", from in 0..60usize, length in 1..60usize) {
            let characters: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (start, end) = (from, from + length);
            let body = format!(r#"[{{"entity_type": "PERSON", "start": {start}, "end": {end}, "score": 0.5}}]"#);
            let expected = characters.get(start).zip(characters.get(end)).map(|(start, end)| (*start, *end));
            let found = read(&text, &body).map(|found| (found[0].1, found[0].2)).ok();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn no_bytes_break_it(text in ".{0,40}", body in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(readings(&text, &body, &Types::of(&["PERSON"])));
        }
    }
}

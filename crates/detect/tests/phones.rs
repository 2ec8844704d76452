//! Phone numbers: the plans against libphonenumber's examples and its port, the matcher against recorded answers.

#![allow(clippy::print_stdout)] // What was measured is to be seen.

mod eval;

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use serde_json::Value;
use tacita_detect::phone::{matcher, valid};

#[test]
fn every_example_of_every_region_is_valid() {
    let Some(examples) = records("phone_examples.jsonl") else { return };
    let mut missed = Vec::new();
    for example in &examples {
        let of = |key: &str| example[key].as_str().unwrap_or_default();
        let prefixed = format!("{}{}", of("national_prefix"), of("national"));
        // Region 001 is of no country and has no national form.
        let national = of("region") == "001"
            || [of("national"), &prefixed].iter().all(|number| valid(number, Some(of("region"))));
        if !national || !valid(of("e164"), None) {
            missed.push(example);
        }
    }
    println!("{} of {} examples are valid", examples.len() - missed.len(), examples.len());
    assert!(missed.len() * 100 <= examples.len(), "{missed:#?}");
}

#[test]
fn mobile_numbers_are_judged_as_by_validator_js() {
    let Some(cases) = records("validator_cases.jsonl") else { return };
    let mobile = |case: &&Value| case["validator"] == "isMobilePhone" && case["args"][0].is_string();
    let (mut agreed, mut all, mut of_port) = (0, 0, 0);
    for case in cases.iter().filter(mobile) {
        let locale = case["args"][0].as_str().unwrap_or_default();
        let Some(region) = locale.get(locale.len().saturating_sub(2)..) else { continue };
        let Some(known) = Region::from_code(region).ok().filter(|_| locale.contains('-')) else { continue };
        let value = case["value"].as_str().unwrap_or_default();
        let expected = case["valid"].as_bool();
        let parsed = PHONE_NUMBER_UTIL.parse(value, Some(known));
        let port = parsed.is_ok_and(|number| number.is_valid());
        all += 1;
        agreed += usize::from(Some(valid(value, Some(region))) == expected);
        of_port += usize::from(Some(port) == expected);
    }
    // Its patterns are written by hand and dated: libphonenumber itself agrees with no more.
    println!("of {all} mobile numbers {agreed} are judged alike; libphonenumber {of_port}");
    assert!(agreed + all / 20 >= of_port, "{agreed} of {all}, libphonenumber {of_port}");
}

#[test]
fn the_plans_agree_with_the_port() {
    let mut random = Random(0x5EED);
    let (mut agreed, mut all) = (0, 0);
    for region in PHONE_NUMBER_UTIL.get_supported_regions() {
        let Ok(example) = PHONE_NUMBER_UTIL.get_example_number(region) else { continue };
        let code = example.country_code.to_string();
        let example = example.get_national_significant_number();
        for changed in 0..200 {
            // Neighbours of a valid number tell more than noise, of which hardly any is valid.
            let kept = changed % example.len();
            let mut number = format!("+{code}{}", &example[..kept]);
            (kept..example.len()).for_each(|_| number.push(random.digit()));
            let port = PHONE_NUMBER_UTIL.parse(&number, None).is_ok_and(|number| number.is_valid());
            all += 1;
            agreed += usize::from(valid(&number, None) == port);
        }
    }
    // The two carry releases of the plans that are some months apart.
    println!("{agreed} of {all} random numbers are judged alike");
    assert!(agreed * 1000 >= all * 995, "{agreed} of {all}");
}

#[test]
fn the_matcher_answers_as_recorded() {
    let Some(cases) = records("presidio_recognizer_cases.jsonl") else { return };
    let (mut agreed, mut all) = (0, 0);
    for case in cases.iter().filter(|case| case["recognizer"] == "PhoneRecognizer") {
        let regions: &[&str] = match case["entities"][0].as_str() {
            Some("PH_MOBILE_NUMBER") => &["PH"],
            Some("TR_PHONE_NUMBER") => &["TR"],
            _ => &["US", "GB", "DE", "FR", "IL", "IN", "CA", "BR"],
        };
        let text = case["text"].as_str().unwrap_or_default();
        let chars = |byte: usize| text[..byte].chars().count();
        let mut found: Vec<_> = regions.iter().flat_map(|region| matcher::find(text, region)).collect();
        found.sort_by_key(|range| (range.start, range.end));
        found.dedup();
        let found: Vec<_> = found.into_iter().map(|range| (chars(range.start), chars(range.end))).collect();
        let place = |result: &Value, key: &str| result[key].as_u64().unwrap_or_default() as usize;
        let recorded = case["results"].as_array().map_or(&[][..], Vec::as_slice);
        let recorded: Vec<_> =
            recorded.iter().map(|result| (place(result, "start"), place(result, "end"))).collect();
        all += 1;
        agreed += usize::from(found == recorded);
        assert_eq!(found, recorded, "{text}");
    }
    println!("{agreed} of {all} recorded answers of the phone recogniser are given");
}

fn records(name: &str) -> Option<Vec<Value>> {
    // A few values of validator.js are half a surrogate pair, which no string here can be.
    Some(eval::data(name)?.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// A xorshift generator: the same numbers in every run.
struct Random(u64);

impl Random {
    fn digit(&mut self) -> char {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        char::from(b'0' + (self.0 % 10) as u8)
    }
}

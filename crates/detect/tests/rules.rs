//! Rules of one's own: what they change, what a bad file says, and that a stream finds what the whole text does.

use tacita_detect::{Detector, Options, OptionsError, Overlaps, Rules};

fn detector(rules: &str) -> Detector {
    let rules = Rules::parse(rules).expect("good rules");
    Detector::new(Options { rules, ..Options::default() }).expect("good options")
}

/// `TYPE value` of each finding.
fn found(detector: &Detector, text: &str) -> Vec<String> {
    let findings = detector.detect(text);
    findings.iter().map(|f| format!("{} {}", detector.entity_name(f.entity), &text[f.start..f.end])).collect()
}

#[test]
fn the_legal_pack_is_on_unless_a_file_turns_it_off() {
    let text = "He cited Securities and Exchange Commission Inc. and Lind & Sons Inc. in 18 U.S.C. § 1030";
    let court =
        "[[recognizer]]\nentity = \"BODY\"\nscore = 1.0\nwords = [\"Supreme Court\", \"Lind & Sons\"]";
    assert_eq!(found(&detector(court), "the Supreme  Court, and so did Lind & Sons"), ["BODY Lind & Sons"]);
    assert_eq!(found(&detector(court), "the SUPREME COURT"), [""; 0]);
    let off = format!("legal = false\n{court}");
    assert_eq!(found(&detector(&off), "the Supreme Court"), ["BODY Supreme Court"]);
    assert!(found(&detector(""), text).iter().all(|finding| !finding.contains("U.S.C.")));
    let statute = "[[recognizer]]\nentity = \"DOCKET_NUMBER\"\npatterns = [{ regex = '18 U.S.C. § \\d+', score = 0.9 }]";
    assert!(found(&detector(statute), text).iter().all(|finding| !finding.starts_with("DOCKET_NUMBER")));
}

#[test]
fn test_numbers_are_excluded_in_any_grouping_where_a_file_says_so() {
    let text = "ssn 123-45-6789, card 4111111111111111 or 4012-8888-8888-1881";
    assert!(found(&detector("test_numbers = true"), text).is_empty());
    let none = Detector::new(Options { rules: Rules::none(), ..Options::default() }).expect("good options");
    assert_eq!(found(&none, text).len(), 3);
    let real = "card 4539 5787 6362 1486";
    assert_eq!(found(&detector("test_numbers = true"), real), ["CREDIT_CARD 4539 5787 6362 1486"]);
}

#[test]
fn allowed_and_excluded_values_are_not_reported() {
    let text = "write to Mara.Lind@example.org, help@example.com or info@example.com";
    let allowed = detector(r#"allow = ["mara.lind@example.org"]"#);
    assert_eq!(found(&allowed, text).len(), 2);
    let exact = "[[exclude]]\nwords = [\"mara.lind@example.org\"]\ncase_sensitive = true";
    assert_eq!(found(&detector(exact), text).len(), 3);
    let pattern = "[[exclude]]\nentities = [\"EMAIL_ADDRESS\"]\npatterns = ['(?i)(help|info)@example\\.com']";
    assert_eq!(found(&detector(pattern), text), ["EMAIL_ADDRESS Mara.Lind@example.org"]);
    let other_type = "[[exclude]]\nentities = [\"URL\"]\npatterns = ['.*@example\\.com']";
    assert_eq!(found(&detector(other_type), text).len(), 3);
}

#[test]
fn denied_words_are_reported_whole_and_even_if_excluded() {
    let rules = detector(
        "allow = [\"Night Owl\"]\n[[deny]]\nentity = \"CODENAME\"\nwords = [\"bluebird\", \"Night Owl\", \"Käuzchen\", \"蓝鸟\"]",
    );
    let text = "Bluebird, bluebirds, NIGHT OWL, KÄUZCHEN, xbluebird, 项目蓝鸟已开始";
    let expected = ["CODENAME Bluebird", "CODENAME NIGHT OWL", "CODENAME KÄUZCHEN", "CODENAME 蓝鸟"];
    assert_eq!(found(&rules, text), expected);
    let exact = detector("[[deny]]\nentity = \"CODENAME\"\nwords = [\"Bluebird\"]\ncase_sensitive = true");
    assert_eq!(found(&exact, "bluebird Bluebird"), ["CODENAME Bluebird"]);
}

const STAFF: &str = r#"
[[recognizer]]
entity = "EMPLOYEE_ID"
about = "number of a member of staff"
check = "luhn"
context = ["employee", "staff member"]
patterns = [{ regex = '\bE-\d{8}\b', score = 0.3, near = 0.9 }]

[[recognizer]]
entity = "PROJECT"
words = ["Bluebird"]
context = ["project"]
score = 0.4
"#;

#[test]
fn a_recogniser_of_ones_own_needs_its_check_and_its_context() {
    let rules = detector(STAFF);
    // The check sees the letter as well: a luhn of digits only takes none.
    let digits = detector(&STAFF.replace("E-", ""));
    assert!(found(&rules, "employee E-12345674").is_empty());
    let of =
        |text| found(&digits, text).into_iter().filter(|f| f.starts_with("EMPLOYEE_ID")).collect::<Vec<_>>();
    assert_eq!(of("Employees: 12345674"), ["EMPLOYEE_ID 12345674"]);
    assert_eq!(of("12345674 is a staff member"), ["EMPLOYEE_ID 12345674"]);
    assert!(of("employee 12345675").is_empty() && of("parcel 12345674").is_empty());
    assert_eq!(found(&rules, "project Bluebird"), ["PROJECT Bluebird"]);
    assert!(found(&rules, "a bluebird sang").is_empty());
}

#[test]
fn own_types_can_be_asked_for_and_unknown_ones_are_refused() {
    let rules = Rules::parse(STAFF).expect("good rules");
    let options = |name: &str| Options {
        entities: Some(vec![name.to_owned()]),
        rules: rules.clone(),
        ..Options::default()
    };
    let project = Detector::new(options("PROJECT")).expect("a type of the rules");
    assert_eq!(found(&project, "project Bluebird, employee, mara.lind@example.org"), ["PROJECT Bluebird"]);
    assert_eq!(Detector::new(options("PROJEKT")).err(), Some(OptionsError::UnknownEntity("PROJEKT".into())));
}

#[test]
fn files_merge() {
    let rules = Rules::parse(STAFF).expect("good rules");
    let rules = rules.merge(Rules::parse("legal = false\nallow = [\"BLUEBIRD\"]").expect("good rules"));
    let rules = rules.expect("few rules");
    assert_eq!(rules.entities().count(), 2);
    let detector = Detector::new(Options { rules, ..Options::default() }).expect("good options");
    assert_eq!(found(&detector, "project Bluebird, ssn 123-45-6789"), ["US_SSN 123-45-6789"]);
}

#[test]
fn a_bad_file_names_its_line_and_what_is_wrong() {
    let cases = [
        ("legal = true\nlegl = 1", "line 2: unknown field `legl`"),
        ("allow = [\n  \"a\",\n  \" \"\n]", "line 3: the entry is blank"),
        ("\nallow = []", "line 2: `allow` is empty"),
        ("[[exclude]]\nentities = [\"URL\"]", "line 1: the rule has nothing to look for"),
        (
            "[[exclude]]\npatterns = ['ok',\n '(a']",
            "line 3: the pattern is no regular expression: unclosed group",
        ),
        ("[[deny]]\nentity = \"code\"\nwords = [\"a\"]", "line 2: `code` is no name of a type"),
        ("[[deny]]\nentity = \"CODE\"\nscore = 1.5\nwords = [\"a\"]", "line 3: score `1.5` is not between"),
        ("[[deny]]\nentity = \"CODE\"", "line 1: missing field `words`"),
        (&STAFF.replace("luhn", "lhun"), "line 5: no check is called `lhun`; did you mean `luhn`?"),
        (&STAFF.replace("score = 0.4", ""), "line 11: `score` is missing"),
        (
            &STAFF.replace("context = [\"employee\", \"staff member\"]", ""),
            "line 7: `near` needs context words",
        ),
        (&STAFF.replace("\\bE-\\d{8}\\b", "\\b\\d*"), "line 7: the pattern matches where nothing stands"),
        (&STAFF.replace("\\d{8}", "\\w{9000}"), "line 7: the pattern takes too much memory"),
        ("allow = [\"a\"", "line 1:"),
    ];
    for (text, expected) in cases {
        let error = Rules::parse(text).expect_err(text).to_string();
        assert!(error.starts_with(expected), "{error} instead of {expected}");
    }
    let long = format!("allow = [\"{}\"]", "a".repeat(129));
    assert!(Rules::parse(&long).is_err());
    assert!(Rules::parse(&"#".repeat((1 << 20) + 1)).is_err());
}

#[test]
fn debug_shows_no_words() {
    let rules = Rules::parse("allow = [\"Mara Lind\"]").expect("good rules");
    assert!(!format!("{rules:?}").contains("Mara"));
}

#[test]
fn a_stream_finds_what_the_whole_text_does() {
    let rules = Rules::parse(&STAFF.replace("E-", "").replace("check = \"luhn\"", "")).expect("good rules");
    let deny = Rules::parse("[[deny]]\nentity = \"CODENAME\"\nwords = [\"Night Owl\", \"Owl\"]")
        .expect("good rules");
    let rules = rules.merge(deny).expect("few rules");
    let pieces = [
        "employee 12345674 ",
        "Night Owl; ",
        "é 项目 ",
        "project Bluebird\n",
        "card 4111 1111 1111 1111 ",
        "Owls Owl ",
        "12345678 staff member ",
        "mara.lind@example.org ",
    ];
    // Enough for several blocks, so shuffled that the seams of blocks cut every kind.
    let text: String = (0..9000_usize).map(|i| pieces[i * i % 31 % pieces.len()]).collect();
    for overlaps in [Overlaps::Resolve, Overlaps::All] {
        let options = Options { rules: rules.clone(), overlaps, ..Options::default() };
        let detector = Detector::new(options).expect("good options");
        let whole = detector.detect(&text);
        assert!(whole.len() > 5000);
        for cut in [1, 7, 4099, 40_000] {
            let (mut stream, mut streamed) = (detector.stream(), Vec::new());
            for piece in text.as_bytes().chunks(cut) {
                stream.push(piece, |finding| streamed.push(finding));
            }
            stream.finish(|finding| streamed.push(finding));
            assert_eq!(streamed, whole, "{cut}");
        }
    }
}

//! What the native profile must reach on public corpora: exact spans, the figures that `docs/benchmarks.md` and `docs/accuracy.md`
//! state.
#![allow(clippy::print_stdout, reason = "figures and skips are told")]

mod eval;

use tacita_detect::{
    Detector, Options,
    evaluation::{self, Mapping, Marked, Quality, Scores},
    recognizers,
};

/// What people marked in a corpus.
fn marked(file: &str) -> Option<Vec<Marked>> {
    let mut texts = evaluation::read(&eval::data(file)?).unwrap_or_else(|error| panic!("{file}: {error}"));
    Mapping::default().apply(&mut texts);
    Some(texts)
}

/// How well the native profile finds it, exact spans and those of which three quarters are found.
fn scores(texts: &[Marked]) -> Scores {
    let detector = Detector::new(Options::default()).expect("valid options");
    let found: Vec<_> = texts.iter().map(|text| evaluation::find(&detector, &text.text)).collect();
    let known = |entity: &str| recognizers().iter().any(|recognizer| recognizer.entity == entity);
    evaluation::score(texts, &found, known, 0.75)
}

fn exact(scores: &Scores, entity: &str) -> Quality {
    scores.row(entity).unwrap_or_else(|| panic!("{entity} is not marked")).exact
}

#[test]
fn synthetic_texts() {
    let Some(texts) = marked("presidio_research_synth.jsonl") else { return };
    let scores = scores(&texts);
    let cases = [
        ("CREDIT_CARD", 0.99),
        ("PHONE_NUMBER", 0.92),
        ("DATE_TIME", 0.75),
        ("EMAIL_ADDRESS", 1.0),
        ("IBAN_CODE", 1.0),
        ("US_SSN", 1.0),
        ("IP_ADDRESS", 1.0),
    ];
    for (name, least) in cases {
        let f1 = exact(&scores, name).f1.value;
        println!("{name}: F1 {f1:.3}");
        assert!(f1 >= least, "{name}: {f1:.3} is under {least}");
    }
    let precision = exact(&scores, "URL").precision.value;
    assert!(precision >= 0.98, "URL: precision {precision:.3} is under .98");
}

/// Recall: the corpus marks a value once per record, so that its repetitions would count as false.
#[test]
fn records_of_people() {
    let Some(texts) = marked("pii_anon.jsonl") else { return };
    let scores = scores(&texts);
    let cases = [
        ("EMAIL_ADDRESS", 0.95),
        ("US_SSN", 0.95),
        ("PHONE_NUMBER", 0.95),
        ("IP_ADDRESS", 0.95),
        ("MAC_ADDRESS", 0.95),
        ("CREDIT_CARD", 0.95),
        ("MEDICAL_RECORD_NUMBER", 0.90),
        ("US_NPI", 0.90),
        ("MEDICAL_LICENSE", 0.90),
        ("DOCKET_NUMBER", 0.90),
        ("COURT_CASE_NUMBER", 0.90),
        ("BAR_NUMBER", 0.90),
        ("HEALTH_INSURANCE_ID", 0.90),
        ("INSURANCE_POLICY_NUMBER", 0.90),
    ];
    for (name, least) in cases {
        let Quality { recall, f1, .. } = exact(&scores, name);
        let (recall, f1) = (recall.value, f1.value);
        println!("{name}: recall {recall:.3}, F1 {f1:.3}");
        assert!(recall >= least, "{name}: {recall:.3} is under {least}");
    }
}

/// The figures of `docs/accuracy.md`, on texts that the tagger was not trained on. Who makes them better states the new
/// ones here; who makes one worse by more than a point has broken something.
#[test]
fn names_are_found_as_well_as_stated() {
    let Some(web) = marked("en_ewt-ud-dev.iob2") else { return };
    let Some(posts) = marked("emerging.dev.conll") else { return };
    let Some(records) = marked("pii_anon.jsonl") else { return };
    // The other half of the records trains the tagger.
    let records: Vec<Marked> = records.into_iter().skip(1).step_by(2).collect();
    let [web, posts, records] = [web, posts, records].map(|texts| scores(&texts));
    let of = |scores: &Scores, entity| exact(scores, entity).f1.value;
    let mut fallen = Vec::new();
    let mut hold = |what: &str, figure: f64, stated: f64| hold(&mut fallen, what, figure, stated);
    let types = ["LOCATION", "ORGANIZATION", "PERSON"];
    for (texts, scores, stated) in [("web", &web, STATED_WEB), ("posts", &posts, STATED_POSTS)] {
        types
            .iter()
            .zip(stated)
            .for_each(|(name, stated)| hold(&format!("{texts}, {name}"), of(scores, name), stated));
        hold(&format!("{texts}, all"), scores.all.exact.f1.value, stated[3]);
        hold(&format!("{texts}, any"), scores.any.exact.f1.value, stated[4]);
        hold(&format!("{texts}, all, overlap"), scores.all.overlap.f1.value, stated[5]);
    }
    for (name, stated) in STATED_RECORDS {
        hold(&format!("records, {name}"), of(&records, name), *stated);
    }
    hold("records, all", records.all.exact.f1.value, RECORDS_ALL);
    assert!(fallen.is_empty(), "{fallen:#?}");
}

/// The synthetic texts of `docs/accuracy.md`: overlap of three quarters, F2, as they are marked and with the parts of an
/// address joined.
#[test]
fn synthetic_texts_are_read_as_well_as_stated() {
    let Some(mut texts) = marked("presidio_research_synth.jsonl") else { return };
    let detector = Detector::new(Options::default()).expect("valid options");
    let mut found: Vec<_> = texts.iter().map(|text| evaluation::find(&detector, &text.text)).collect();
    let known = |entity: &str| recognizers().iter().any(|recognizer| recognizer.entity == entity);
    let parts = evaluation::score(&texts, &found, known, 0.75);
    evaluation::join_addresses(&mut texts, &mut found);
    let joined = evaluation::score(&texts, &found, known, 0.75);
    let mut fallen = Vec::new();
    for (name, stated) in STATED_SYNTHETIC {
        let row = parts.row(name).unwrap_or_else(|| panic!("{name} is not marked"));
        hold(&mut fallen, name, row.overlap.f2.value, *stated);
    }
    hold(&mut fallen, "all types", parts.all.overlap.f2.value, SYNTHETIC_ALL);
    let address = joined.row("STREET_ADDRESS").expect("addresses are marked").overlap.f2.value;
    hold(&mut fallen, "addresses, joined", address, JOINED_ADDRESS);
    hold(&mut fallen, "all types, joined", joined.all.overlap.f2.value, JOINED_ALL);
    assert!(fallen.is_empty(), "{fallen:#?}");
}

/// Prints a figure, and keeps it with what is stated if it has fallen by more than a point.
fn hold(fallen: &mut Vec<String>, what: &str, figure: f64, stated: f64) {
    const POINT: f64 = 0.01;
    println!("{what}: {figure:.3}");
    if figure <= stated - POINT {
        fallen.push(format!("{what}: {figure:.3}, stated is {stated}"));
    }
}

// LOCATION, ORGANIZATION, PERSON, all types, any type; all types that overlap. F1, as everything but the synthetic texts.
const STATED_WEB: [f64; 6] = [0.710, 0.552, 0.781, 0.701, 0.758, 0.707];
const STATED_POSTS: [f64; 6] = [0.516, 0.250, 0.565, 0.525, 0.541, 0.527];
const RECORDS_ALL: f64 = 0.954;
const STATED_RECORDS: &[(&str, f64)] = &[
    ("API_KEY", 0.975),
    ("BAR_NUMBER", 1.000),
    ("COURT_CASE_NUMBER", 1.000),
    ("CREDIT_CARD", 1.000),
    ("DATE_OF_BIRTH", 0.988),
    ("DOCKET_NUMBER", 1.000),
    ("EMAIL_ADDRESS", 0.982),
    ("EMPLOYEE_ID", 1.000),
    ("HEALTH_INSURANCE_ID", 0.993),
    ("INSURANCE_POLICY_NUMBER", 1.000),
    ("IP_ADDRESS", 1.000),
    ("MAC_ADDRESS", 0.299),
    ("MEDICAL_LICENSE", 1.000),
    ("MEDICAL_RECORD_NUMBER", 0.978),
    ("ORGANIZATION", 0.920),
    ("PASSWORD", 0.957),
    ("PERSON", 0.959),
    ("PHONE_NUMBER", 0.938),
    ("STREET_ADDRESS", 0.995),
    ("USERNAME", 0.787),
    ("US_NPI", 1.000),
    ("US_SSN", 0.990),
];
const STATED_SYNTHETIC: &[(&str, f64)] = &[
    ("AGE", 0.955),
    ("CREDIT_CARD", 1.000),
    ("DATE_TIME", 0.894),
    ("EMAIL_ADDRESS", 1.000),
    ("IBAN_CODE", 1.000),
    ("IP_ADDRESS", 1.000),
    ("LOCATION", 0.485),
    ("NRP", 0.714),
    ("ORGANIZATION", 0.339),
    ("PERSON", 0.801),
    ("PHONE_NUMBER", 1.000),
    ("STREET_ADDRESS", 0.378),
    ("TITLE", 0.838),
    ("URL", 1.000),
    ("US_SSN", 1.000),
];
const SYNTHETIC_ALL: f64 = 0.672;
const JOINED_ADDRESS: f64 = 0.737;
const JOINED_ALL: f64 = 0.781;

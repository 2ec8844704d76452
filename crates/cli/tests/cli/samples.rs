//! The samples: a scan finds what was put into them, and nothing else.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use crate::{stdout, tacita};

/// Type and value of every finding, by file, in order.
type Found = BTreeMap<String, Vec<(String, String)>>;

#[test]
fn a_scan_of_the_samples_finds_what_was_put_into_them() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    let expected = std::fs::read(samples.join("expected.json")).expect("it lies with the samples");
    let expected: BTreeMap<String, Vec<Value>> = serde_json::from_slice(&expected).expect("JSON");
    let expected: Found = expected.into_iter().map(|(path, values)| (path, pairs(&values))).collect();

    let scan = tacita(&samples).args(["scan", ".", "--format", "json", "--show-values"]).output();
    let report: Value = serde_json::from_str(&stdout(scan.expect("the binary is built"), 0)).expect("JSON");
    let files = report["files"].as_array().expect("files");
    let found = files.iter().map(|file| {
        let path = file["path"].as_str().expect("a path").trim_start_matches("./");
        (path.to_owned(), pairs(file["findings"].as_array().expect("findings")))
    });
    let found: Found =
        found.filter(|(path, pairs)| expected.contains_key(path) || !pairs.is_empty()).collect();

    for path in expected.keys().chain(found.keys()) {
        assert_eq!(
            found.get(path),
            expected.get(path).filter(|pairs| !pairs.is_empty() || found.contains_key(path)),
            "{path}"
        );
    }
}

fn pairs(findings: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let mut pairs: Vec<_> = findings.iter().map(|f| (text(&f["entity_type"]), text(&f["value"]))).collect();
    pairs.sort();
    pairs
}

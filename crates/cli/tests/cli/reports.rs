//! The formats of reports.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{stdout, tacita};

const SECRET: &str = "mara.lind@example.org";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write =
        |name: &str, content: &str| fs::write(folder.path().join(name), content).expect("it is writable");
    write("a b.txt", &format!("<script>alert(1)</script> {SECRET} {SECRET}\n"));
    write("c.csv", &format!("name,email\nx,{SECRET}\n"));
    write("d.txt", "nothing\n");
    fs::write(folder.path().join("e.so"), b"\x7fELF\x02\x01\x01\0\0\0\0\0").expect("it is writable");
    folder
}

fn report(folder: &Path, args: &[&str]) -> String {
    stdout(tacita(folder).args(["scan", "."]).args(args).output().expect("the binary is built"), 0)
}

#[test]
fn no_format_shows_a_value_unless_told() {
    let folder = folder();
    for format in ["table", "json", "jsonl", "sarif", "csv", "html"] {
        assert!(!report(folder.path(), &["-f", format]).contains(SECRET), "{format}");
        assert!(report(folder.path(), &["-f", format, "--show-values"]).contains(SECRET), "{format}");
    }
}

#[test]
fn what_is_not_looked_for_is_nothing_to_fail_on() {
    let folder = folder();
    let refused = tacita(folder.path())
        .args(["scan", ".", "--types", "EMAIL_ADDRESS", "--fail-on", "CREDIT_CARD"])
        .output()
        .expect("the binary is built");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("`CREDIT_CARD`, which `--types` leaves out"));
    assert_eq!(stdout(refused, 2), "");
}

#[test]
fn rules_of_ones_own_are_read_from_a_file() {
    let folder = folder();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect(name);
    write("d.txt", "Project Bluebird is at locker L-1207");
    write(
        "rules.toml",
        "[[deny]]\nentity = \"CODENAME\"\nwords = [\"Bluebird\"]\n\n[[recognizer]]\nentity = \"LOCKER\"\ncontext = [\"locker\"]\npatterns = [{ regex = '\\bL-\\d{4}\\b', score = 0.4, near = 0.9 }]\n",
    );
    let found = report(folder.path(), &["-f", "csv", "--rules", "rules.toml"]);
    assert!(found.contains("CODENAME") && found.contains("LOCKER"), "{found}");
    write("rules.toml", "[[deny]]\nentity = \"CODENAME\"\nwords = []\n");
    let refused = tacita(folder.path()).args(["scan", ".", "--rules", "rules.toml"]).output();
    let refused = refused.expect("the binary is built");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("line 3: `words` is empty"), "{refused:?}");
    stdout(refused, 2);
}

#[test]
fn json_holds_every_file_and_adds_up() {
    let folder = folder();
    let report: Value = serde_json::from_str(&report(folder.path(), &["-f", "json"])).expect("JSON");
    let files = report["files"].as_array().expect("files");
    let outcomes: Vec<_> =
        files.iter().map(|file| (file["path"].as_str(), file["outcome"].as_str())).collect();
    assert_eq!(
        outcomes,
        [
            (Some("./a b.txt"), Some("read")),
            (Some("./c.csv"), Some("read")),
            (Some("./d.txt"), Some("read")),
            (Some("./e.so"), Some("skipped")),
        ]
    );
    let findings: usize = files.iter().map(|file| file["findings"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(report["summary"]["findings"], findings);
    assert_eq!(report["summary"]["files_read"], 3);
    assert_eq!(files[1]["findings"][0]["location"]["row"], 2);
}

#[test]
fn sarif_names_places_in_files() {
    let folder = folder();
    let report: Value = serde_json::from_str(&report(folder.path(), &["-f", "sarif"])).expect("JSON");
    assert_eq!(report["version"], "2.1.0");
    let run = &report["runs"][0];
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "EMAIL_ADDRESS");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.txt");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&1.into(), &27.into()));
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert!(rules.iter().any(|rule| rule["id"] == "EMAIL_ADDRESS"));
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn the_page_is_whole_and_inert() {
    let folder = folder();
    let page = report(folder.path(), &["-f", "html", "--show-values"]);
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
    for outside in ["http://", "https://", "src=", "url(", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn reports_do_not_depend_on_threads() {
    let folder = folder();
    for n in 0..50 {
        fs::write(folder.path().join(format!("{n}.txt")), format!("{} {SECRET}", "x ".repeat(n * 100)))
            .expect("it is writable");
    }
    for format in ["table", "json", "sarif", "html"] {
        let one = report(folder.path(), &["-f", format, "--threads", "1"]);
        assert_eq!(report(folder.path(), &["-f", format, "--threads", "5"]), one, "{format}");
    }
}

#[test]
fn a_report_inside_the_folder_is_no_part_of_it() {
    let folder = folder();
    let before = report(folder.path(), &["-f", "json"]);
    report(folder.path(), &["-f", "json", "-o", "report.json"]);
    report(folder.path(), &["-f", "json", "-o", "report.json"]);
    assert_eq!(fs::read_to_string(folder.path().join("report.json")).expect("it is there"), before);
}

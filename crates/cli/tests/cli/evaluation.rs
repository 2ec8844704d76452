//! The figures of an evaluation as JSON.

use serde_json::Value;

use crate::{run_over, stdout, tacita};

fn eval(texts: &str, args: &[&str]) -> Value {
    let mut command = tacita(".".as_ref());
    command.args(["model", "eval", "--data", "-", "--format", "json"]).args(args);
    serde_json::from_str(&stdout(run_over(&mut command, texts.as_bytes()), 0)).expect("JSON")
}

#[test]
fn figures_come_with_their_intervals() {
    let (found, missed) = ("mara.lind@example.org", "mara at example dot org");
    let line = |value: &str| {
        format!("{{\"text\": \"é {value}\", \"spans\": [[2, {}, \"MAIL\"]]}}\n", 2 + value.chars().count())
    };
    let texts = format!("{}{}", line(found).repeat(30), line(missed).repeat(10));
    let figures = eval(&texts, &["--map", "MAIL=EMAIL_ADDRESS"]);
    let row = &figures["types"][0];
    assert_eq!(
        (&row["name"], &row["marked"], &row["found"]),
        (&"EMAIL_ADDRESS".into(), &40.into(), &30.into())
    );
    assert_eq!(row["exact"]["right"], 30);
    assert_eq!(row["exact"]["recall"]["value"], 0.75);
    let (low, high) =
        (&row["exact"]["recall"]["interval"]["low"], &row["exact"]["recall"]["interval"]["high"]);
    assert!((0.5..0.7).contains(&low.as_f64().expect("a number")), "{low}");
    assert!((0.8..0.95).contains(&high.as_f64().expect("a number")), "{high}");
    assert_eq!(figures["reliability"][0]["exact"], 30);
    assert!(figures["megabytes_per_second"].as_f64() > Some(0.0));
}

#[test]
fn columns_are_read_as_well() {
    let figures = eval("Write O\nto O\nmara.lind@example.org B-EMAIL_ADDRESS\n", &[]);
    assert_eq!(figures["all"]["exact"]["f1"]["value"], 1.0);
    assert_eq!(figures["all"]["exact"]["f1"]["interval"], Value::Null, "one text says nothing about others");
}

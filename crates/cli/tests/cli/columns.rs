//! A map of what the columns of tables hold.

use std::path::Path;

use serde_json::Value;

use crate::{stdout, tacita};

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../documents/tests/files");

fn map(args: &[&str]) -> Vec<Value> {
    let scan =
        tacita(Path::new(FILES)).arg("scan").args(args).args(["--columns", "--format", "json"]).output();
    let map: Value =
        serde_json::from_str(&stdout(scan.expect("the binary is built"), 0)).expect("it is JSON");
    map["columns"].as_array().expect("columns are listed").clone()
}

/// The surest kind of the first column of this name.
fn kind<'m>(columns: &'m [Value], path: &str, name: &str) -> &'m str {
    let column = columns.iter().find(|column| column["path"] == path && column["column_name"] == name);
    column.and_then(|column| column["classes"][0]["kind"].as_str()).unwrap_or("nothing")
}

#[test]
fn tables_of_every_format_are_mapped() {
    let columns = map(&["people.xlsx", "people.sqlite", "zstd.parquet"]);
    for (path, name, expected) in [
        ("people.xlsx", "name", "PERSON"),
        ("people.xlsx", "mail", "EMAIL_ADDRESS"),
        ("zstd.parquet", "email", "EMAIL_ADDRESS"),
        ("zstd.parquet", "born", "DATE_OF_BIRTH"),
        ("zstd.parquet", "balance", "nothing"),
    ] {
        assert_eq!(kind(&columns, path, name), expected, "{path}, {name}");
    }
    let sheet = columns.iter().find(|column| column["path"] == "people.xlsx").expect("it has columns");
    assert_eq!(sheet["table"], "Leute");
    let tables =
        columns.iter().filter(|column| column["path"] == "people.sqlite" && column["table"].is_string());
    assert!(tables.count() > 3);
}

#[test]
fn a_map_shows_no_values_and_takes_no_other_report() {
    let scan = tacita(Path::new(FILES)).args(["scan", "people.xlsx", "zstd.parquet", "--columns"]).output();
    let table = stdout(scan.expect("the binary is built"), 0);
    assert!(table.contains("EMAIL_ADDRESS") && !table.contains("example.org"), "{table}");
    let refused = tacita(Path::new(FILES)).args(["scan", ".", "--columns", "--format", "sarif"]).output();
    let refused = refused.expect("the binary is built");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("`--columns` is written as"));
    stdout(refused, 2);
}

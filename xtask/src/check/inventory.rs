//! `data-inventory.toml` against both schemas, in both directions: no column that nobody has thought about, no thought about a
//! column that is gone.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::{Report, plural};
use crate::house::House;

const INVENTORY: &str = "data-inventory.toml";
const MIGRATIONS: &str = "crates/store/migrations/";

/// Each database, its tables, their columns.
type Inventory = BTreeMap<String, BTreeMap<String, BTreeMap<String, Entry>>>;

/// What is said of a column. All of it is for people but that it is said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// What it holds.
    holds: String,
    /// Whose it is.
    of: Owner,
    /// What for.
    why: String,
    /// Whether it is encrypted, and if not why that is right.
    sealed: Sealing,
    /// What becomes of it when its data subject is erased.
    erased: String,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Owner {
    Subject,
    Organisation,
    Nobody,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Sealing {
    Yes(bool),
    No(String),
}

/// Tables and their columns.
type Schema = BTreeMap<String, BTreeSet<String>>;

pub(super) fn check(house: &House) -> Result<Report> {
    let inventory: Inventory =
        toml::from_str(&house.read(INVENTORY)?).with_context(|| format!("{INVENTORY} is not understood"))?;
    let mut problems = Vec::new();
    let mut schemas = BTreeMap::<String, Schema>::new();
    let steps = house.files.iter().filter_map(|file| file.strip_prefix(MIGRATIONS)?.strip_suffix(".sql"));
    for step in steps {
        let [database, name, _] = step.split('/').collect::<Vec<_>>()[..] else {
            bail!("`{MIGRATIONS}{step}.sql` lies in no folder such as `sqlite/house`")
        };
        let text = house.read(&format!("{MIGRATIONS}{step}.sql"))?;
        let schema = schemas.entry(format!("{name} of {database}")).or_insert_with(steps_taken);
        apply(&text, schema).with_context(|| format!("`{MIGRATIONS}{step}.sql`"))?;
    }
    for (place, schema) in &schemas {
        let (name, _) = place.split_once(' ').unwrap_or((place, ""));
        problems.extend(differences(place, schema, inventory.get(name).unwrap_or(&BTreeMap::new())));
    }
    for (name, tables) in &inventory {
        for (table, columns) in tables {
            for (column, entry) in columns {
                problems.extend(
                    entry.objection().map(|why| format!("{INVENTORY}: {name}.{table}.{column} {why}")),
                );
            }
        }
    }
    problems.sort();
    problems.dedup();
    let columns: usize = inventory.values().flat_map(BTreeMap::values).map(BTreeMap::len).sum();
    let summary = format!("{INVENTORY} accounts for {}", plural(columns, "column"));
    Ok(Report { summary, problems, ..Report::default() })
}

/// The table of the steps taken, which is there before the first.
fn steps_taken() -> Schema {
    Schema::from([("migrations".to_owned(), ["position", "name"].map(str::to_owned).into())])
}

impl Entry {
    fn objection(&self) -> Option<&'static str> {
        let said = |text: &str| text.trim().len() > 1;
        if !said(&self.holds) || !said(&self.why) || !said(&self.erased) {
            Some("leaves out what it holds, why, or what erasure does")
        } else if matches!(&self.sealed, Sealing::Yes(false))
            || matches!(&self.sealed, Sealing::No(why) if !said(why))
        {
            Some("is not sealed: say why that is right, as `sealed = \"no: …\"`")
        } else if self.of == Owner::Subject
            && self.erased.starts_with("stays")
            && !matches!(self.sealed, Sealing::Yes(true))
        {
            Some("is a data subject's, not sealed, and stays after erasure")
        } else {
            None
        }
    }
}

fn differences(
    place: &str,
    schema: &Schema,
    said: &BTreeMap<String, BTreeMap<String, Entry>>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let nothing = (BTreeSet::new(), BTreeMap::new());
    for table in schema.keys().chain(said.keys()).collect::<BTreeSet<_>>() {
        let columns = schema.get(table).unwrap_or(&nothing.0);
        let entries = said.get(table).unwrap_or(&nothing.1);
        for column in columns.iter().filter(|column| !entries.contains_key(*column)) {
            problems.push(format!(
                "{place} has `{table}.{column}`: say in {INVENTORY} what it holds and what erasure does"
            ));
        }
        for column in entries.keys().filter(|column| !columns.contains(*column)) {
            problems.push(format!(
                "{INVENTORY} speaks of `{table}.{column}`, which {place} does not have: remove it"
            ));
        }
    }
    problems
}

/// What the statements of a step make of a schema. They are our own: one statement ends with `;` and a line's end, one line
/// declares one column.
fn apply(text: &str, schema: &mut Schema) -> Result<()> {
    let lines: Vec<&str> =
        text.lines().map(|line| line.split("--").next().unwrap_or_default().trim_end()).collect();
    let mut lines = lines.into_iter();
    while let Some(line) = lines.next() {
        let words: Vec<&str> = line.split([' ', '(', ';']).filter(|word| !word.is_empty()).collect();
        match words[..] {
            ["CREATE", "TABLE", table] => {
                let mut columns = BTreeSet::new();
                for line in lines.by_ref().take_while(|line| !line.starts_with(')')) {
                    let word = line.split_whitespace().next().context("a table with an empty line")?;
                    if !["PRIMARY", "FOREIGN", "UNIQUE", "CHECK"].contains(&word) {
                        columns.insert(word.to_owned());
                    }
                }
                schema.insert(table.to_owned(), columns);
            }
            ["CREATE", "TABLE", ..] => {
                bail!("`{line}`: a table begins with `CREATE TABLE name (`, one column a line")
            }
            ["ALTER", "TABLE", table, "ADD", "COLUMN", column, ..] => {
                schema
                    .get_mut(table)
                    .with_context(|| format!("there is no `{table}`"))?
                    .insert(column.to_owned());
            }
            ["ALTER", "TABLE", table, "DROP", "COLUMN", column] => {
                schema.get_mut(table).with_context(|| format!("there is no `{table}`"))?.remove(column);
            }
            ["ALTER", "TABLE", table, "RENAME", "COLUMN", from, "TO", to] => {
                let columns = schema.get_mut(table).with_context(|| format!("there is no `{table}`"))?;
                columns.remove(from);
                columns.insert(to.to_owned());
            }
            ["ALTER", "TABLE", table, "RENAME", "TO", to] => {
                let columns = schema.remove(table).with_context(|| format!("there is no `{table}`"))?;
                schema.insert(to.to_owned(), columns);
            }
            ["ALTER", "TABLE", _, "ADD" | "DROP" | "RENAME", ..] => {
                bail!("`{line}` is not understood by this check")
            }
            ["DROP", "TABLE", table] => {
                schema.remove(table);
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: &str = "-- Letters.\nCREATE TABLE letters (\n    organisation BLOB NOT NULL, -- whose\n    letter BLOB NOT NULL,\n    \
                        PRIMARY KEY (organisation, letter)\n) WITHOUT ROWID;\nCREATE INDEX x ON letters (letter);\n";

    fn schema(steps: &[&str]) -> Schema {
        let mut schema = Schema::new();
        for step in steps {
            apply(step, &mut schema).expect("the steps are well formed");
        }
        schema
    }

    fn inventory(text: &str) -> BTreeMap<String, BTreeMap<String, Entry>> {
        toml::from_str(text).expect("the inventory is well formed")
    }

    #[test]
    fn later_steps_change_tables() {
        let schema = schema(&[
            STEP,
            "ALTER TABLE letters ADD COLUMN sealed BLOB;\nALTER TABLE letters RENAME COLUMN letter TO mail;\n",
            "ALTER TABLE letters ENABLE ROW LEVEL SECURITY;\nCREATE TABLE gone (\n    a BLOB\n);\nDROP TABLE gone;\n",
        ]);
        assert_eq!(schema.keys().collect::<Vec<_>>(), ["letters"]);
        assert_eq!(schema["letters"].iter().collect::<Vec<_>>(), ["mail", "organisation", "sealed"]);
        assert!(apply("CREATE TABLE a (b BLOB);\n", &mut Schema::new()).is_err());
    }

    #[test]
    fn both_directions_are_seen() {
        let entry = "{ holds = 'an id', of = 'organisation', why = 'key', sealed = 'no: no data', erased = 'deleted' }";
        let said = inventory(&format!(
            "[letters]\norganisation = {entry}\nstamp = {entry}\n[post]\nbox = {entry}\n"
        ));
        let problems = differences("house of sqlite", &schema(&[STEP]), &said);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].contains("has `letters.letter`"));
        assert!(problems[1].contains("speaks of `letters.stamp`"));
        assert!(problems[2].contains("speaks of `post.box`"));
    }

    #[test]
    fn what_is_not_sealed_says_why() {
        let objection = |sealed: &str, erased: &str| {
            let text = format!(
                "holds = 'a name', of = 'subject', why = 'key', sealed = {sealed}, erased = '{erased}'"
            );
            let said = inventory(&format!("[a]\nb = {{ {text} }}\n"));
            said["a"]["b"].objection()
        };
        assert_eq!(objection("true", "stays, as noise"), None);
        assert_eq!(objection("'no: an id'", "deleted"), None);
        assert!(objection("false", "deleted").is_some());
        assert!(objection("''", "deleted").is_some());
        assert!(objection("'no: an id'", "stays").is_some());
        assert!(objection("true", "").is_some());
    }
}

//! What a SQLite database says of its tables: the statements that made them.

use std::borrow::Cow;

use super::sqlite_record::{Record, Value};
use crate::decode::Charset;

/// A table, as its records are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// In the order in which records hold them.
    pub columns: Vec<Column>,
    /// The column of these that is the number of the row, and empty in the record.
    pub row_number: Option<usize>,
    /// It is kept as an index: its rows have no numbers.
    pub without_rows: bool,
}

/// A table, index, view or trigger.
#[derive(Debug)]
pub(super) struct Object {
    pub name: String,
    /// The first page of its tree, or zero.
    pub root: u32,
    /// `None` for what is no table.
    pub table: Option<Table>,
}

impl Object {
    /// What a row of the table of all tables says.
    pub(super) fn of_record(record: Record<'_>, charset: Charset) -> Self {
        let values: Vec<_> = record.take(5).collect();
        let text = |index: usize| match values.get(index) {
            Some(Value::Text(text)) => charset.decode(text),
            _ => Cow::Borrowed(""),
        };
        let root = match values.get(3) {
            Some(Value::Integer(root)) => u32::try_from(*root).unwrap_or(0),
            _ => 0,
        };
        let table = (text(0) == "table").then(|| Table::of_statement(&text(4)));
        Self { name: text(1).into_owned(), root, table }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// From 1, as the table was defined.
    pub number: u32,
    pub name: String,
}

impl Table {
    /// The table of all tables.
    pub(super) fn of_schema() -> Self {
        let names = ["type", "name", "tbl_name", "rootpage", "sql"];
        let column = |(number, name): (u32, &str)| Column { number, name: name.to_owned() };
        Self { columns: (1..).zip(names).map(column).collect(), ..Self::default() }
    }

    /// What `CREATE TABLE` says. Of a statement that is not understood there are no columns.
    pub(super) fn of_statement(sql: &str) -> Self {
        let tokens = tokens(sql);
        let is_open = |token: &Token| *token == Token::Sign('(');
        let Some(open) = tokens.iter().position(is_open) else { return Self::default() };
        let (definitions, end) = definitions(&tokens[open + 1..]);
        let options = &tokens[open + 1 + end..];
        let mut table = Self {
            without_rows: options.windows(2).any(|pair| pair[0].is("WITHOUT") && pair[1].is("ROWID")),
            ..Self::default()
        };
        let mut key: Vec<&str> = Vec::new();
        let mut number = 0;
        let mut integers: Vec<&str> = Vec::new();
        for definition in definitions {
            let Some((first, rest)) = definition.split_first() else { continue };
            if ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| first.is(word)) {
                key.extend(key_columns(definition));
                continue;
            }
            let Some(name) = first.name() else { continue };
            number += 1;
            let primary = rest.windows(2).position(|pair| pair[0].is("PRIMARY") && pair[1].is("KEY"));
            if primary.is_some() {
                key.push(name);
            }
            // One that counts down is, by an old mistake, a column of its own.
            let down = primary.and_then(|at| rest.get(at + 2)).is_some_and(|token| token.is("DESC"));
            if is_integer(rest) && !down {
                integers.push(name);
            }
            if is_stored(rest) {
                table.columns.push(Column { number, name: name.to_owned() });
            }
        }
        if table.without_rows {
            table.put_first(&key);
        } else if let [key] = key[..]
            && integers.iter().any(|name| name.eq_ignore_ascii_case(key))
        {
            table.row_number = table.place(key);
        }
        table
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// An index holds its key before everything else.
    fn put_first(&mut self, key: &[&str]) {
        let mut from = 0;
        for name in key {
            if let Some(place) = self.place(name)
                && place >= from
            {
                self.columns[from..=place].rotate_right(1);
                from += 1;
            }
        }
    }
}

/// The type is this word alone.
fn is_integer(definition: &[Token<'_>]) -> bool {
    let is_integer =
        |token: &Token<'_>| token.name().is_some_and(|name| name.eq_ignore_ascii_case("INTEGER"));
    definition.first().is_some_and(is_integer)
        && !definition.get(1).is_some_and(|token| *token == Token::Sign('(') || token.is_type())
}

/// A generated column is in the file only if it says so.
fn is_stored(definition: &[Token<'_>]) -> bool {
    let generated = definition.windows(2).any(|pair| pair[0].is("AS") && pair[1] == Token::Sign('('));
    !generated || definition.iter().any(|token| token.is("STORED"))
}

/// The columns of a constraint that is the table's key.
fn key_columns<'t>(constraint: &'t [Token<'_>]) -> Vec<&'t str> {
    let Some(at) = constraint.windows(2).position(|pair| pair[0].is("PRIMARY") && pair[1].is("KEY")) else {
        return Vec::new();
    };
    let Some((Token::Sign('('), columns)) = constraint[at + 2..].split_first() else { return Vec::new() };
    let (columns, _) = definitions(columns);
    columns.into_iter().filter_map(|column| column.first()?.name()).collect()
}

/// What commas part up to the closing parenthesis, and where that is.
fn definitions<'a, 't>(tokens: &'t [Token<'a>]) -> (Vec<&'t [Token<'a>]>, usize) {
    let (mut found, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') if depth > 0 => depth -= 1,
            Token::Sign(')') => {
                found.push(&tokens[start..at]);
                return (found, at);
            }
            Token::Sign(',') if depth == 0 => {
                found.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&tokens[start..]);
    (found, tokens.len())
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'a> {
    /// A keyword, a name or a number.
    Word(&'a str),
    /// A name in quotes of some kind, or a text.
    Quoted(String),
    Sign(char),
}

impl Token<'_> {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own.eq_ignore_ascii_case(word))
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) => Some(name),
            Self::Quoted(name) => Some(name),
            Self::Sign(_) => None,
        }
    }

    /// It goes on with the name of a type, and is no word that ends one.
    fn is_type(&self) -> bool {
        const ENDS: [&str; 11] = [
            "CONSTRAINT",
            "PRIMARY",
            "NOT",
            "NULL",
            "UNIQUE",
            "CHECK",
            "DEFAULT",
            "COLLATE",
            "REFERENCES",
            "GENERATED",
            "AS",
        ];
        self.name().is_some() && !ENDS.iter().any(|word| self.is(word))
    }
}

fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut rest = sql;
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' | '`' | '\'' => {
                let length = quoted_length(rest, first);
                let inner = rest[1..length].strip_suffix(first).unwrap_or(&rest[1..length]);
                let (double, single) = (format!("{first}{first}"), first.to_string());
                found.push(Token::Quoted(inner.replace(&double, &single)));
                length
            }
            '[' => {
                let length = rest.find(']').map_or(rest.len(), |end| end + 1);
                found.push(Token::Quoted(rest[1..length].trim_end_matches(']').to_owned()));
                length
            }
            _ if is_of_name(first) => {
                let length = rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len());
                found.push(Token::Word(&rest[..length]));
                length
            }
            _ => {
                if !first.is_whitespace() {
                    found.push(Token::Sign(first));
                }
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    found
}

/// Up to the quote that is not doubled.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(end) = text[at..].find(quote) {
        at += end + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$') || !letter.is_ascii()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Table;

    fn names(sql: &str) -> Vec<String> {
        Table::of_statement(sql).columns.into_iter().map(|column| column.name).collect()
    }

    #[test]
    fn reads_names_in_all_quotes() {
        let sql = "CREATE TABLE IF NOT EXISTS \"a,(b\" (id INTEGER PRIMARY KEY, -- no, column\n\
            \"full \"\"name\" TEXT DEFAULT ('a,b'), [e mail] varchar(20, 3), `größe` /* , x */ REAL, 'old',\
            CONSTRAINT c UNIQUE (\"e mail\"), CHECK (id > 0), FOREIGN KEY(id) REFERENCES x(y)) STRICT";
        assert_eq!(names(sql), ["id", "full \"name", "e mail", "größe", "old"]);
        assert_eq!(Table::of_statement(sql).row_number, Some(0));
        assert!(!Table::of_statement(sql).without_rows);
    }

    #[test]
    fn knows_which_column_numbers_the_rows() {
        let row_number = |sql: &str| Table::of_statement(sql).row_number;
        assert_eq!(row_number("create table a(x, y integer, primary key(\"Y\"))"), Some(1));
        assert_eq!(row_number("create table a(x INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT)"), Some(0));
        assert_eq!(row_number("create table a(x INT PRIMARY KEY)"), None);
        assert_eq!(row_number("create table a(x INTEGER PRIMARY KEY DESC)"), None);
        assert_eq!(row_number("create table a(x UNSIGNED INTEGER PRIMARY KEY)"), None);
        assert_eq!(row_number("create table a(x INTEGER UNSIGNED PRIMARY KEY)"), None);
        assert_eq!(row_number("create table a(x INTEGER, y, PRIMARY KEY(x, y))"), None);
    }

    #[test]
    fn knows_the_order_in_records() {
        let sql = "CREATE TABLE t(a, b, v AS (a || 'x') VIRTUAL, s TEXT GENERATED ALWAYS AS (b) STORED, c, \
            PRIMARY KEY(c, a)) WITHOUT ROWID";
        assert_eq!(names(sql), ["c", "a", "b", "s"]);
        let numbers: Vec<_> = Table::of_statement(sql).columns.iter().map(|column| column.number).collect();
        assert_eq!(numbers, [5, 1, 2, 4]);
    }

    proptest! {
        #[test]
        fn any_statement_has_an_end(sql in "[a-c\"'`\\[\\](),*/ \n-]{0,40}") {
            let _ = Table::of_statement(&format!("CREATE TABLE t({sql}"));
        }
    }
}

//! JSON, and JSON lines: every string and number by its RFC 6901 pointer, behind its key.

use std::ops::Range;

use super::{
    json_scan::{Fault, FaultKind, Scanner, Token},
    text,
};
use crate::{
    Document, Note, ReadError,
    codec::Codec,
    decode::decode,
    format::{Context, Format, Sight},
    layout::{Layout, Raw},
    lines::Lines,
    segment::Name,
    tree::Tree,
};

pub(crate) static JSON: Format = Format {
    name: "json",
    title: "JSON",
    extensions: &["json", "geojson", "jsonld", "har", "webmanifest", "topojson"],
    media_types: &["application/json", "application/ld+json", "application/geo+json"],
    recognise: |bytes| if looks_like_json(bytes) { Sight::Likely } else { Sight::No },
    read: read_json,
};

pub(crate) static LINES: Format = Format {
    name: "jsonl",
    title: "JSON lines",
    extensions: &["jsonl", "ndjson", "ldjson"],
    media_types: &["application/jsonl", "application/x-ndjson"],
    recognise: |_| Sight::No,
    read: read_lines,
};

/// How much is looked at to know JSON without a name.
const SAMPLE: usize = 4 << 10;
/// Lines that are not JSON are named up to so many.
const NAMED_FAULTS: usize = 10;

fn read_json<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let (source, note) = decode(bytes, None)?;
    let text = source.text.clone();
    let mut layout = Layout::of_source(&JSON, bytes, source, note, context);
    let Err(fault) = lay_out(&text, 0..text.len(), Name::Root, &mut layout, context.limits.depth) else {
        return layout.finish();
    };
    match fault.kind {
        FaultKind::TooDeep => Err(ReadError::TooDeep(context.limits.depth)),
        FaultKind::Trailing => read_lines(bytes, context),
        _ => {
            let (line, column) = Lines::new(&text).position(&text, fault.at.min(text.len()));
            let mut document = text::read(bytes, &text::TEXT, context)?;
            let reason = format!("line {line}, column {column}: {}", reason(fault.kind));
            document.notes.push(Note::ReadAsText { format: JSON.title, reason });
            Ok(document)
        }
    }
}

/// A line that is no JSON is read as text.
fn read_lines<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let (source, note) = decode(bytes, None)?;
    let text = source.text.clone();
    let mut layout = Layout::of_source(&LINES, bytes, source, note, context);
    let mut start = 0;
    let mut faults = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let range = start..start + line.len();
        start = range.end;
        if line.trim().is_empty() {
            continue;
        }
        let record = index as u32 + 1;
        let Err(fault) =
            lay_out(&text, range.clone(), Name::Record(record), &mut layout, context.limits.depth)
        else {
            continue;
        };
        if fault.kind == FaultKind::TooDeep {
            return Err(ReadError::TooDeep(context.limits.depth));
        }
        faults += 1;
        if faults <= NAMED_FAULTS {
            let reason = format!("line {record}: {}", reason(fault.kind));
            layout.note(Note::ReadAsText { format: JSON.title, reason });
        }
        let value = Raw { text: line.trim_end(), at: range.start, codec: Codec::Plain };
        Tree::new(Name::Record(record), &mut layout).value(value, &mut layout);
    }
    layout.finish()
}

/// Lays out the value at `range`, or nothing if it is not JSON.
fn lay_out(
    text: &str,
    range: Range<usize>,
    root: Name,
    layout: &mut Layout<'_>,
    depth: usize,
) -> Result<(), Fault> {
    let before = layout.checkpoint();
    let (value, offset) = (&text[range.clone()], range.start);
    let mut scanner = Scanner::new(value, depth);
    let mut tree = Tree::new(root, layout);
    let written = |raw: Range<usize>, codec| Raw { text: &value[raw.clone()], at: offset + raw.start, codec };
    loop {
        match scanner.next() {
            Ok(None) => return Ok(()),
            Ok(Some(Token::Key(raw))) => tree.key(written(raw, Codec::JsonString), layout),
            Ok(Some(Token::ObjectBegins | Token::ArrayBegins)) => tree.open(layout),
            Ok(Some(Token::Ends)) => tree.close(),
            Ok(Some(Token::Word)) => tree.pass(),
            Ok(Some(Token::String(raw))) => tree.value(written(raw, Codec::JsonString), layout),
            Ok(Some(Token::Number(raw))) => tree.value(written(raw, Codec::JsonBare), layout),
            Err(fault) => {
                layout.roll_back(before);
                return Err(Fault { at: fault.at + offset, ..fault });
            }
        }
    }
}

fn looks_like_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let Some(text) = sample.utf8_chunks().next().map(|chunk| chunk.valid()) else { return false };
    if !text.trim_start().starts_with(['{', '[']) {
        return false;
    }
    let mut scanner = Scanner::new(text, SAMPLE);
    loop {
        match scanner.next() {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(fault) => {
                return matches!(fault.kind, FaultKind::Truncated | FaultKind::Trailing) && bytes.len() > 2;
            }
        }
    }
}

fn reason(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Unexpected => "unexpected character",
        FaultKind::Truncated => "ends inside a value",
        FaultKind::Trailing => "more than one value",
        FaultKind::TooDeep => "too deep",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use crate::fixtures::place;
    use crate::{Document, Limits, Note, ReadError, read};

    const CUSTOMERS: &str = r#"{
  "customers": [
    {"name": "Mara \"M\u00fc\" Lind", "phones": ["030 1", "040 2"], "age": 44, "a/b~c": {"x": null}},
    {"mara@example.org": {"vip": true, "note": "t\nu"}}
  ]
}"#;

    fn document<'a>(name: &str, text: &'a str) -> Document<'a> {
        read(name, text.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn points_to_values_and_keys() {
        let document = document("a.json", CUSTOMERS);
        assert_eq!(
            document.text(),
            "customers:\nname: Mara \"Mü\" Lind\nphones:\nphones: 030 1\nphones: 040 2\nage: 44\na/b~c:\nx\n\
             mara@example.org:\nvip\nnote: t\nu"
        );
        assert_eq!(place(&document, "Lind"), "/customers/0/name");
        assert_eq!(place(&document, "040 2"), "/customers/0/phones/1");
        assert_eq!(place(&document, "44"), "/customers/0/age");
        assert_eq!(place(&document, "x\n"), "/customers/0/a~1b~0c/x (key)");
        assert_eq!(place(&document, "mara@example.org"), "/customers/1/mara@example.org (key)");
        let at = document.text().find("Lind").unwrap();
        let location = document.locate(at..at + 4);
        let at_bytes = location.bytes.clone().unwrap();
        assert_eq!(&CUSTOMERS[at_bytes.clone()], "Lind");
        assert_eq!((location.line, location.column), (Some(3), Some(32)));
        assert_eq!(
            serde_json::to_value(&location).unwrap(),
            serde_json::json!({
                "kind": "pointer", "pointer": "/customers/0/name", "line": 3, "column": 32, "bytes": {"start": at_bytes.start, "end": at_bytes.end}
            })
        );
    }

    #[test]
    fn pointers_are_those_of_serde() {
        let value: Value = serde_json::from_str(CUSTOMERS).unwrap();
        for (pointer, meant) in
            [("/customers/0/name", "Mara \"Mü\" Lind"), ("/customers/1/mara@example.org/note", "t\nu")]
        {
            assert_eq!(value.pointer(pointer).unwrap(), meant);
            assert_eq!(place(&document("a.json", CUSTOMERS), meant), pointer);
        }
    }

    #[test]
    fn reads_lines_of_json_by_line_and_pointer() {
        let text = "{\"email\":\"a@example.org\"}\n\n{\"email\":\"b@example.org\"}\nnot json c@example.org\n";
        let lines = document("a.jsonl", text);
        assert_eq!(place(&lines, "b@"), "line 3, /email");
        assert_eq!(place(&lines, "c@"), "line 4, /");
        assert!(matches!(lines.notes(), [Note::ReadAsText { reason, .. }] if reason.starts_with("line 4")));
        let named_wrong = document("a.json", &text[..53]);
        assert_eq!(named_wrong.format().name, "jsonl");
        assert_eq!(place(&named_wrong, "b@"), "line 3, /email");
    }

    #[test]
    fn writes_valid_json() {
        let document = document("a.json", CUSTOMERS);
        let range = |needle: &str| {
            let at = document.text().find(needle).unwrap();
            at..at + needle.len()
        };
        let written = document
            .rewrite(&[
                (range("\"Mü\""), "a\"\\\n"),
                (range("44"), "[AGE]"),
                (range("mara@example.org"), "[EMAIL]"),
            ])
            .unwrap();
        let value: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(value["customers"][0]["name"], "Mara a\"\\\n Lind");
        assert_eq!(value["customers"][0]["age"], "[AGE]");
        assert_eq!(value["customers"][1]["[EMAIL]"]["note"], "t\nu");
    }

    #[test]
    fn reads_broken_json_as_text_and_refuses_what_is_too_deep() {
        let broken = document("a.json", "{\"email\": \"a@example.org\",\n oops");
        assert_eq!(broken.format().name, "text");
        assert_eq!(
            broken.notes()[0].to_string(),
            "not valid JSON (line 2, column 2: unexpected character): read as plain text"
        );
        let deep = "[".repeat(100_000);
        assert_eq!(read("a.json", deep.as_bytes(), &Limits::default()).unwrap_err(), ReadError::TooDeep(512));
    }

    #[test]
    fn knows_json_without_a_name() {
        for (text, format) in
            [("{\"a\": 1}", "json"), ("[1, 2", "json"), ("[draft] hello", "text"), ("{x}", "text")]
        {
            let named = read("", text.as_bytes(), &Limits::default()).unwrap();
            let expected = if text == "[1, 2" { "text" } else { format };
            assert_eq!(named.format().name, expected);
        }
    }

    fn strings(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) => found.push(text.clone()),
            Value::Array(values) => values.iter().for_each(|value| strings(value, found)),
            Value::Object(values) => values.iter().for_each(|(key, value)| {
                found.push(key.clone());
                strings(value, found);
            }),
            _ => {}
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![any::<i64>().prop_map(Value::from), "[a-zß\"\\\\\n😀/~]{0,8}".prop_map(Value::from)];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[a-z~/é]{0,3}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_string_is_in_the_text_and_can_be_replaced(value in any_value(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let document = document("a.json", &text);
            let mut all = Vec::new();
            strings(&value, &mut all);
            for string in &all {
                prop_assert!(document.text().contains(string.as_str()));
            }
            let everything = document.clip(0..document.text().len());
            let replacements: Vec<_> = everything.into_iter().map(|range| (range, "[\"X\"]")).collect();
            let written: Value = serde_json::from_slice(&document.rewrite(&replacements).unwrap()).unwrap();
            let mut left = Vec::new();
            strings(&written, &mut left);
            prop_assert!(left.iter().all(|string| string.is_empty() || string == "[\"X\"]"));
        }
    }
}

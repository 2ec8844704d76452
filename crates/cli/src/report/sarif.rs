//! SARIF 2.1.0, the format of code scanning.

use std::{fmt::Write, path::Path};

use serde_json::{Value, json};
use tacita_documents::Place;

use super::{Format, Hit, Outcome, Settings, Summary, json::push};

/// One run of one tool. A result names type, place and score; the value only where values are shown.
pub(super) struct Sarif<'a>(pub(super) &'a Settings);

impl Format for Sarif<'_> {
    fn head(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(
            b"{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\
              \"columnKind\":\"unicodeCodePoints\",\"results\":[\n",
        );
    }

    fn separator(&self) -> &'static str {
        ",\n"
    }

    fn hit(&self, out: &mut Vec<u8>, path: &Path, n: usize, hit: &Hit<'_>) {
        if n > 0 {
            out.extend_from_slice(b",\n");
        }
        let mut message = format!("{} at {}", hit.entity, hit.location);
        if self.0.show_values {
            let _ = write!(message, ": {}", hit.value);
        }
        let mut location = physical(path);
        location["physicalLocation"]["region"] = region(hit);
        // A reader of the format takes an empty region for an error.
        if location["physicalLocation"]["region"] == json!({}) {
            location["physicalLocation"].as_object_mut().map(|object| object.remove("region"));
        }
        if !matches!(hit.location.place, Place::Text) {
            location["logicalLocations"] = json!([{ "fullyQualifiedName": hit.location.to_string() }]);
        }
        push(
            out,
            &json!({
                "ruleId": hit.entity,
                "level": "warning",
                "message": { "text": message },
                "rank": (f64::from(hit.score) * 1000.0).round() / 10.0,
                "locations": [location],
            }),
        );
    }

    fn end_of_file(&self, _: &mut Vec<u8>, _: &Path, _: usize, _: &Outcome) {}

    fn tail(&self, out: &mut Vec<u8>, summary: &Summary, _: &[u8]) {
        let rules: Vec<_> = summary.total.types.keys().map(|name| json!({ "id": name })).collect();
        let notice = |level: &str, path: &Path, text: &str| json!({ "level": level, "message": { "text": text }, "locations": [physical(path)] });
        let notices: Vec<_> = (summary.failed.iter().map(|(path, reason)| notice("error", path, reason)))
            .chain(
                summary
                    .skipped
                    .iter()
                    .map(|(path, reason)| notice("note", path, &format!("skipped: {reason}"))),
            )
            .chain(summary.notes.iter().map(|(path, note)| notice("note", path, note)))
            .collect();
        out.extend_from_slice(b"\n],\"tool\":");
        let driver = json!({ "name": "tacita", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
        push(out, &json!({ "driver": driver }));
        out.extend_from_slice(b",\"invocations\":");
        let successful = summary.failed.is_empty();
        push(out, &json!([{ "executionSuccessful": successful, "toolExecutionNotifications": notices }]));
        out.extend_from_slice(b"}]}\n");
    }
}

fn physical(path: &Path) -> Value {
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri(path) } } })
}

fn region(hit: &Hit<'_>) -> Value {
    let mut region = json!({});
    let location = &hit.location;
    // The line of a page or of a mail's body is none of the file.
    if let (Some(line), true) = (location.line, location.bytes.is_some()) {
        region["startLine"] = line.into();
        if let Some(column) = location.column {
            region["startColumn"] = column.into();
        }
    }
    if let Some(bytes) = &location.bytes {
        region["byteOffset"] = bytes.start.into();
        region["byteLength"] = bytes.len().into();
    }
    region
}

/// A relative reference, or a `file:` URI for an absolute path; what a URI cannot hold is percent-encoded byte by byte.
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    let bytes = path.as_os_str().as_encoded_bytes();
    if path.is_absolute() {
        uri.push_str("file://");
    } else if bytes.first() == Some(&b'-') && bytes.len() == 1 {
        return "stdin".to_owned();
    }
    for byte in bytes.strip_prefix(b"./").unwrap_or(bytes) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(*byte));
            }
            // Writing into a string cannot fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri(Path::new("./a b/ü#?.txt")), "a%20b/%C3%BC%23%3F.txt");
        assert_eq!(uri(Path::new("/tmp/100%")), "file:///tmp/100%25");
        assert_eq!(uri(Path::new("-")), "stdin");
    }
}

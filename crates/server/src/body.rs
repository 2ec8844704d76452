//! Request bodies: read with limits, parsed without an error that repeats what was in them.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use serde_json::error::Category;
use tokio::time::timeout;

use crate::{
    limits::Held,
    problem::{Kind, Problem},
    state::Server,
};

/// A body that the client announced as JSON. Not parsed yet, so that what is parsed can borrow from it.
pub(crate) struct JsonBody(Bytes);

/// How messages about the request's own fields and operators start. They quote nothing else.
const OURS: [&str; 4] = ["missing field", "duplicate field", "operator `", "`max_days`"];
/// How messages of ours start that quote a value and then give an advice, and what is said instead of the quote.
const ADVISED: [(&str, &str); 2] = [
    ("unknown operator", "unknown operator"),
    ("replacement", "the replacement has the form of a placeholder"),
];

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    TooLarge {
        limit: usize,
    },
    TooSlow,
    /// The server holds as many bytes as it may.
    NoRoom,
    /// The connection broke, or the body is not framed as HTTP asks.
    Broken,
}

impl JsonBody {
    /// The size in bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether this word is somewhere in the body.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        memchr::memmem::find(&self.0, word.as_bytes()).is_some()
    }

    /// What the body says.
    pub(crate) fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Problem> {
        serde_json::from_slice(&self.0).map_err(|error| unparsed(&error))
    }
}

impl FromRequest<Server> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(Kind::UnsupportedMediaType, "send `Content-Type: application/json`"));
        }
        read(request, server).await.map(Self).map_err(Problem::from)
    }
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge { limit } => Self::new(
                Kind::BodyTooLarge,
                format!(
                    "a body may have {limit} bytes; send less at a time, or ask the operator for a higher limit"
                ),
            ),
            Unread::TooSlow => Self::new(Kind::BodyTimeout, "the body stopped coming; send it again"),
            Unread::NoRoom => Self::new(
                Kind::Unavailable,
                "the server holds as much as it can at the moment; send it again in a second",
            ),
            Unread::Broken => Self::new(Kind::MalformedJson, "the body broke off; send it again"),
        }
    }
}

/// The whole body, within the server's limits of size and time.
pub(crate) async fn read(request: Request, server: &Server) -> Result<Bytes, Unread> {
    let limit = server.limits.body;
    // A body that says it is too large is refused before it is read.
    if announced(request.headers()).is_some_and(|length| length > limit as u64) {
        return Err(Unread::TooLarge { limit });
    }
    let held = request.extensions().get::<Arc<Held>>().cloned();
    match timeout(server.limits.body_timeout, collect(request.into_body(), limit, held.as_deref())).await {
        Ok(Err(Unread::NoRoom)) => {
            server.limits.no_room("bytes");
            Err(Unread::NoRoom)
        }
        Ok(body) => body,
        Err(_) => Err(Unread::TooSlow),
    }
}

/// The whole body, for which `held` makes room while it comes: not before, or whoever announces much and sends nothing would have it.
async fn collect(body: Body, limit: usize, held: Option<&Held>) -> Result<Bytes, Unread> {
    let mut body = Limited::new(body, limit);
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.is::<LengthLimitError>() {
            true => Unread::TooLarge { limit },
            false => Unread::Broken,
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if held.is_some_and(|held| !held.take(data.len())) {
            return Err(Unread::NoRoom);
        }
        if first.is_empty() && whole.is_empty() {
            first = data;
            continue;
        }
        // Most bodies come in one piece, which is not copied.
        whole.extend_from_slice(&std::mem::take(&mut first));
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// Whether the client announced JSON: `application/json` or `application/…+json`, with or without parameters.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(media) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let media = media.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/json")
        || media.split_once('/').is_some_and(|(kind, name)| {
            kind.eq_ignore_ascii_case("application")
                && name.len() > "+json".len()
                && name.as_bytes()[name.len() - "+json".len()..].eq_ignore_ascii_case(b"+json")
        })
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The problem that a parser's error stands for: where and what was expected, without what was found there.
fn unparsed(error: &serde_json::Error) -> Problem {
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => {
            Problem::new(Kind::MalformedJson, format!("{} at {place}; send valid JSON", reason(error)))
        }
        Category::Data => Problem::invalid(format!("{} at {place}", expectation(error))),
    }
}

/// A syntax error's message without its place. None of these messages quotes the input.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.split(" at line ").next().unwrap_or_default().to_owned()
}

/// What was expected, without what was found: parsers' messages quote the value, then say what they expected.
fn expectation(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let after = |separator| message.rsplit_once(separator).map(|(_, after)| after);
    if OURS.iter().any(|start| message.starts_with(start)) {
        return message.to_owned();
    }
    if let Some((_, what)) = ADVISED.iter().find(|(start, _)| message.starts_with(start)) {
        return after("; ").map_or_else(|| (*what).to_owned(), |advice| format!("{what}; {advice}"));
    }
    let found = if message.starts_with("unknown field") { "unknown field" } else { "invalid value" };
    after(", expected ").map_or_else(
        || found.to_owned(),
        |expected| format!("{found}, expected {}", in_words_of_json(expected)),
    )
}

/// What a parser expects, where it names it as Rust does.
fn in_words_of_json(expected: &str) -> &str {
    match expected.split_whitespace().next().unwrap_or_default() {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "struct" | "map" => "an object",
        "sequence" => "an array",
        "bool" | "boolean" => "`true` or `false`",
        _ => expected,
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use axum::http::HeaderValue;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample<'a> {
        #[serde(borrow)]
        text: Cow<'a, str>,
        #[serde(default)]
        count: u8,
    }

    fn problem(body: &'static str) -> (Kind, String) {
        let problem = JsonBody(Bytes::from_static(body.as_bytes())).parse::<Sample<'_>>().unwrap_err();
        (problem.kind, problem.detail().to_owned())
    }

    #[test]
    fn borrows_a_text_without_escapes() {
        let body = JsonBody(Bytes::from_static(br#"{"text":"hello"}"#));
        let sample: Sample<'_> = body.parse().unwrap();
        assert!(matches!(sample.text, Cow::Borrowed("hello")));
        assert_eq!(sample.count, 0);
    }

    #[test]
    fn names_the_place_of_a_syntax_error() {
        assert_eq!(
            problem("{\"text\":\n oops}"),
            (Kind::MalformedJson, "expected value at line 2, column 2; send valid JSON".to_owned())
        );
        assert_eq!(problem("").0, Kind::MalformedJson);
    }

    #[test]
    fn says_what_it_expected_and_not_what_it_found() {
        for (body, detail) in [
            (
                r#"{"text":"x","mara@example.org":1}"#,
                "unknown field, expected `text` or `count` at line 1, column 30",
            ),
            (
                r#"{"text":"x","count":"mara@example.org"}"#,
                "invalid value, expected a whole number at line 1, column 38",
            ),
            (
                r#"{"text":"x","count":", expected mara@example.org"}"#,
                "invalid value, expected a whole number at line 1, column 49",
            ),
            (r#"{"count":1}"#, "missing field `text` at line 1, column 11"),
            (r#""mara@example.org""#, "invalid value, expected an object at line 1, column 18"),
        ] {
            assert_eq!(problem(body), (Kind::InvalidRequest, detail.to_owned()), "{body}");
        }
    }

    #[test]
    fn knows_json_by_its_media_type() {
        let json =
            |media| is_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media))]));
        assert!(json("application/json"));
        assert!(json("Application/JSON; charset=utf-8"));
        assert!(json("application/vnd.example+json"));
        assert!(!json("text/plain"));
        assert!(!json("application/+json"));
        assert!(!is_json(&HeaderMap::new()));
    }
}

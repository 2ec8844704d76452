//! Marked texts from their two common formats: JSON lines with spans, and columns (CoNLL, IOB2).

use std::{collections::BTreeMap, error::Error, fmt};

use serde::Deserialize;

use super::{Marked, Span};

/// Sentences of a CoNLL file that make one text, where the file doesn't say where a document ends.
const SENTENCES: usize = 30;

/// A file that can't be read as marked texts. It quotes nothing: what stands there may be somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub mistake: Mistake,
}

/// What is wrong with a line of marked text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mistake {
    /// There is no text in the file.
    Empty,
    /// Not JSON.
    Json {
        /// Where, in bytes from 1.
        column: usize,
    },
    /// JSON of another shape.
    Shape {
        /// Where, in bytes from 1.
        column: usize,
    },
    /// A span that is empty or reaches beyond the text, in code points.
    Outside {
        /// Its first.
        start: usize,
        /// One past its last.
        end: usize,
        /// How many the text has.
        length: usize,
    },
    /// A token and nothing else.
    NoLabel,
    /// The last column is no label.
    Label,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.mistake {
            Mistake::Empty => f.write_str("there is no text"),
            Mistake::Json { column } => write!(f, "not valid JSON at column {column}"),
            Mistake::Shape { column } => write!(
                f,
                r#"column {column} does not fit {{"text": string, "spans": [[start, end, type], …], "groups"?: {{string: string}}}}"#
            ),
            Mistake::Outside { start, end, length } => write!(
                f,
                "span {start}..{end} is empty or not within the text, which has {length} characters; spans count code points"
            ),
            Mistake::NoLabel => f.write_str("a token without a label; give a token and its label per line"),
            Mistake::Label => f.write_str(
                "the last column is no label; a label is `O` or such as `B-PERSON` and `I-PERSON`",
            ),
        }
    }
}

impl Error for ReadError {}

/// Reads marked texts: JSON lines if the first character is `{`, else CoNLL.
///
/// - JSON lines: `{"text", "spans": [[start, end, type], …], "groups"?: {…}}`, places in code points, `end` exclusive.
/// - CoNLL: a token, other columns, and the label in IOB1, IOB2 or BIOES, per line; an empty line behind a sentence. Or
///   number, token, label and other columns, separated by tabs (Universal NER, WikiNEuRal). Tokens are joined with
///   spaces. A handle of an account, `@anna`, is no name even where it is marked as one.
///
/// # Errors
/// The first line that is neither.
pub fn read(content: &str) -> Result<Vec<Marked>, ReadError> {
    let content = content.strip_prefix('\u{FEFF}').unwrap_or(content);
    let texts = if content.trim_start().starts_with('{') { records(content)? } else { conll(content)? };
    if texts.is_empty() {
        return Err(ReadError { line: 1, mistake: Mistake::Empty });
    }
    Ok(texts)
}

#[derive(Deserialize)]
struct Record {
    text: String,
    spans: Vec<(usize, usize, String)>,
    #[serde(default)]
    groups: BTreeMap<String, String>,
}

fn records(content: &str) -> Result<Vec<Marked>, ReadError> {
    let lines = content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| record(line).map_err(|mistake| ReadError { line: at + 1, mistake })).collect()
}

fn record(line: &str) -> Result<Marked, Mistake> {
    let Record { text, spans, groups } =
        serde_json::from_str(line).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Mistake::Shape { column: error.column() },
            _ => Mistake::Json { column: error.column() },
        })?;
    let mut bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    bytes.push(text.len());
    let span = |(start, end, entity): (usize, usize, String)| match (bytes.get(start), bytes.get(end)) {
        (Some(from), Some(to)) if from < to => Ok(Span { place: *from..*to, entity }),
        _ => Err(Mistake::Outside { start, end, length: bytes.len() - 1 }),
    };
    let spans = spans.into_iter().map(span).collect::<Result<_, _>>()?;
    Ok(Marked { text, spans, groups })
}

/// A token, and of what it is a part.
type Token<'a> = (&'a str, Option<Part<'a>>);

/// A part of something marked.
#[derive(Clone, Copy)]
struct Part<'a> {
    begins: bool,
    entity: &'a str,
}

fn conll(content: &str) -> Result<Vec<Marked>, ReadError> {
    let opens = |line: &str| line.starts_with("# newdoc");
    let documents = content.lines().any(opens);
    let numbered = numbered(content);
    let (mut texts, mut text, mut sentence, mut sentences) = (Vec::new(), Marked::default(), Vec::new(), 0);
    for (at, line) in content.lines().chain([""]).enumerate() {
        if opens(line) || comment(line) {
            if opens(line) && !text.text.is_empty() {
                texts.push(std::mem::take(&mut text));
            }
        } else if let Some(token) =
            token(line, numbered).map_err(|mistake| ReadError { line: at + 1, mistake })?
        {
            sentence.push(token);
        } else if !sentence.is_empty() {
            join(&sentence, &mut text);
            sentence.clear();
            sentences += 1;
            if !documents && sentences % SENTENCES == 0 {
                texts.push(std::mem::take(&mut text));
            }
        }
    }
    texts.extend((!text.text.is_empty()).then_some(text));
    Ok(texts)
}

/// `# sent_id = 1` and its like.
fn comment(line: &str) -> bool {
    line.starts_with("# ") && line.contains('=')
}

/// Whether the tokens have numbers before them, and their labels right behind.
fn numbered(content: &str) -> bool {
    let first = content.lines().find(|line| !line.trim().is_empty() && !comment(line));
    let fields: Vec<&str> = first.unwrap_or_default().split('\t').collect();
    matches!(fields[..], ["0" | "1", _, part, ..] if label(part).is_some())
}

/// The token of a line; of an empty one none, nor of one whose token is blank, which ends a sentence as well.
fn token(line: &str, numbered: bool) -> Result<Option<Token<'_>>, Mistake> {
    let fields: Vec<&str> =
        if numbered { line.split('\t').skip(1).collect() } else { line.split_whitespace().collect() };
    let (token, part) = match fields[..] {
        [token, part, ..] if numbered => (token, part),
        [token, .., part] => (token, part),
        _ if line.is_empty() || line.starts_with(char::is_whitespace) => return Ok(None),
        _ => return Err(Mistake::NoLabel),
    };
    if token.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some((token, label(part).ok_or(Mistake::Label)?)))
}

/// What a label says, `Some(None)` for `O`; `None` if it is none.
fn label(text: &str) -> Option<Option<Part<'_>>> {
    if text == "O" {
        return Some(None);
    }
    let (part, entity) = text.split_once('-').filter(|(_, entity)| !entity.is_empty())?;
    let begins = match part {
        "B" | "S" | "U" => true,
        "I" | "E" | "L" => false,
        _ => return None,
    };
    Some(Some(Part { begins, entity }))
}

/// Adds a sentence to a text.
fn join(sentence: &[Token<'_>], text: &mut Marked) {
    let (mut open, mut behind_at) = (None, false);
    for (at, (token, part)) in sentence.iter().enumerate() {
        if at > 0 {
            text.text.push(' ');
        }
        let start = text.text.len();
        text.text.push_str(token);
        let end = text.text.len();
        let handle = behind_at || token.starts_with('@');
        behind_at = *token == "@";
        let part = part.filter(|_| !handle);
        match (part, text.spans.last_mut()) {
            (Some(part), Some(last)) if !part.begins && open == Some(part.entity) => last.place.end = end,
            (Some(part), _) => text.spans.push(Span { place: start..end, entity: part.entity.to_owned() }),
            (None, _) => {}
        }
        open = part.map(|part| part.entity);
    }
    text.text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(content: &str) -> Vec<(String, Vec<(String, String)>)> {
        let texts = read(content).expect("it is well-formed");
        let spans = |text: &Marked| -> Vec<(String, String)> {
            let span = |span: &Span| (text.text[span.place.clone()].to_owned(), span.entity.clone());
            text.spans.iter().map(span).collect()
        };
        texts.iter().map(|text| (text.text.clone(), spans(text))).collect()
    }

    fn owned(spans: &[(&str, &str)]) -> Vec<(String, String)> {
        spans.iter().map(|(value, entity)| ((*value).to_owned(), (*entity).to_owned())).collect()
    }

    #[test]
    fn records_count_code_points() {
        let texts = marked("\u{FEFF}{\"text\": \"🙂 Zoë Łuk\", \"spans\": [[2, 9, \"PER\"]], \"id\": 7}\n\n");
        assert_eq!(texts, [("🙂 Zoë Łuk".to_owned(), owned(&[("Zoë Łuk", "PER")]))]);
    }

    #[test]
    fn records_have_groups() {
        let texts = read(r#"{"text": "a", "spans": [], "groups": {"region": "Oceania"}}"#)
            .expect("it is well-formed");
        assert_eq!(texts[0].groups["region"], "Oceania");
    }

    #[test]
    fn columns_in_every_scheme() {
        let spans = owned(&[("Zoë Lund", "PER"), ("Oslo", "LOC"), ("Bergen", "LOC")]);
        let text = "Zoë Lund in Oslo Bergen\n".to_owned();
        for content in [
            "Zoë B-PER\nLund I-PER\nin O\nOslo B-LOC\nBergen B-LOC\n",
            "Zoë N x I-PER\nLund N x I-PER\nin P x O\nOslo N x I-LOC\nBergen N x B-LOC\n\n\n",
            "Zoë\tB-PER\nLund\tE-PER\nin\tO\nOslo\tS-LOC\nBergen\tS-LOC",
            "# text = Zoë\n1\tZoë\tB-PER\t-\ta\n2\tLund\tI-PER\t-\ta\n3\tin\tO\t-\ta\n4\tOslo\tB-LOC\t-\ta\n5\tBergen\tB-LOC\t-\ta\n",
            "0\tZoë\tB-PER\n1\tLund\tI-PER\n2\tin\tO\n3\tOslo\tB-LOC\n4\tBergen\tB-LOC\n",
        ] {
            assert_eq!(marked(content), [(text.clone(), spans.clone())], "{content}");
        }
    }

    #[test]
    fn documents_are_texts_and_handles_no_names() {
        let texts = marked(
            "# newdoc id = a\nOla B-PER\n\nOslo B-LOC\n\n# newdoc id = b\n@ola B-PER\n@ O\nola B-PER\n",
        );
        let first = owned(&[("Ola", "PER"), ("Oslo", "LOC")]);
        assert_eq!(texts, [("Ola\nOslo\n".to_owned(), first), ("@ola @ ola\n".to_owned(), Vec::new())]);
        assert_eq!(marked(&"a O\n\n".repeat(SENTENCES + 1)).len(), 2);
    }

    #[test]
    fn a_blank_token_ends_a_sentence() {
        let name = owned(&[("Ola", "PER")]);
        assert_eq!(marked("Ola B-PER\n \tO\n"), [("Ola\n".to_owned(), name.clone())]);
        assert_eq!(marked("1\tOla\tB-PER\n2\t\tI-PER\n"), [("Ola\n".to_owned(), name)]);
    }

    #[test]
    fn bad_input_is_named_by_its_line_and_not_quoted() {
        let good = "{\"text\": \"abc\", \"spans\": []}\n";
        let cases = [
            ("", 1, Mistake::Empty),
            ("\n \n", 1, Mistake::Empty),
            (&format!("{good}{{\"text\""), 2, Mistake::Json { column: 7 }),
            (&format!("{good}{{\"text\": \"abc\"}}"), 2, Mistake::Shape { column: 15 }),
            (
                &format!("{good}\n{{\"text\": \"añc\", \"spans\": [[1, 4, \"X\"]]}}"),
                3,
                Mistake::Outside { start: 1, end: 4, length: 3 },
            ),
            (
                "{\"text\": \"abc\", \"spans\": [[2, 2, \"X\"]]}",
                1,
                Mistake::Outside { start: 2, end: 2, length: 3 },
            ),
            ("a O\nZelda\n", 2, Mistake::NoLabel),
            ("a O\nmy name is Zelda\n", 2, Mistake::Label),
            ("a O\nb B-\n", 2, Mistake::Label),
        ];
        for (content, line, mistake) in cases {
            let error = read(content).err().expect("it is bad");
            assert_eq!(error, ReadError { line, mistake }, "{content}");
            assert!(!error.to_string().contains("Zelda"));
        }
    }
}

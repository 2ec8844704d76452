//! Markdown: its own text, and the YAML that may stand before it by its pointers.

use std::ops::Range;

use super::{text, yaml};
use crate::{
    Document, ReadError,
    codec::Codec,
    decode::decode,
    format::{Context, Format},
    layout::Layout,
    segment::Spot,
};

pub(crate) static FORMAT: Format = Format {
    name: "markdown",
    title: "Markdown",
    extensions: &["md", "markdown", "mdx", "qmd", "rmd"],
    media_types: &["text/markdown"],
    read,
    ..text::TEXT
};

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let (source, note) = decode(bytes, None)?;
    let markdown = source.text.clone();
    if let Some((front, body)) = front_matter(&markdown) {
        let mut layout = Layout::of_source(&FORMAT, bytes, source, note, context);
        let shape = yaml::lay_out(&markdown[front.clone()], front.start, &mut layout, context);
        // Else it is text between two lines.
        if shape.is_ok_and(|shape| shape.mapping && shape.documents == 1) {
            layout.begin("");
            layout.value(&markdown[body..], body, Codec::Plain, Spot::Text);
            return layout.finish();
        }
    }
    text::read(bytes, &FORMAT, context)
}

/// What stands between the first line, `---`, and the next such line, and where the text behind it begins.
fn front_matter(markdown: &str) -> Option<(Range<usize>, usize)> {
    let mut lines = markdown.split_inclusive('\n');
    let first = lines.next().filter(|line| line.trim_end() == "---")?;
    let mut end = first.len();
    for line in lines {
        if matches!(line.trim_end(), "---" | "...") {
            return Some((first.len()..end, end + line.len()));
        }
        end += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Limits,
        fixtures::{notes, place},
        read,
    };

    const PAGE: &str =
        "---\ntitle: Notes  # by Ida\nauthors:\n  - name: Mara Lind\n---\n# Call\n\nTom: 030 123456\n";

    #[test]
    fn reads_the_matter_in_front_and_the_text() {
        for page in [PAGE.to_owned(), PAGE.replace('\n', "\r\n"), format!("\u{feff}{PAGE}")] {
            let document = read("a.md", page.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(document.format().name, "markdown");
            for (needle, expected) in [
                ("Ida", "line 2, column 20 (comment)"),
                ("Mara", "/authors/0/name"),
                ("Call", "line 6, column 3"),
                ("030 123456", "line 8, column 6"),
            ] {
                assert_eq!(place(&document, needle), expected);
            }
            let range = |needle: &str| {
                let at = document.text().find(needle).unwrap();
                at..at + needle.len()
            };
            let written = document
                .rewrite(&[(range("Mara Lind"), "[PERSON_1]"), (range("030 123456"), "[PHONE]")])
                .unwrap();
            let expected = page.replace("Mara Lind", "\"[PERSON_1]\"").replace("030 123456", "[PHONE]");
            assert_eq!(String::from_utf8(written).unwrap(), expected);
        }
    }

    #[test]
    fn reads_what_pandoc_wrote() {
        let document =
            read("page.md", include_bytes!("../../tests/files/page.md"), &Limits::default()).unwrap();
        assert_eq!(place(&document, "Zoë"), "/abstract");
        assert_eq!(place(&document, "Tom: Roth"), "/author/1");
        assert_eq!(place(&document, "030 123456"), "line 12, column 6");
    }

    #[test]
    fn other_beginnings_are_text() {
        for page in [
            "---\nMara wrote\n---\nx",
            "---\na: [Mara\n---\nx",
            "---\na: Mara\n",
            "+++\ntitle = \"Mara\"\n+++\nx",
            "---\n---\nx",
            "",
        ] {
            let document = read("a.md", page.as_bytes(), &Limits::default()).unwrap();
            assert_eq!((document.text(), document.format().name), (page, "markdown"));
            assert_eq!(notes(&document), Vec::<String>::new());
        }
    }

    proptest! {
        #[test]
        fn a_changed_byte_hides_nothing(at in 0..PAGE.len(), byte in b' '..=b'~') {
            let mut bytes = PAGE.as_bytes().to_vec();
            bytes[at] = byte;
            let document = read("a.md", &bytes, &Limits::default()).unwrap();
            let letters = |text: &str| text.chars().filter(char::is_ascii_digit).count();
            prop_assert!(letters(document.text()) >= 8);
        }
    }
}

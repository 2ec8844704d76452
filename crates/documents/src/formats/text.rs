//! Plain text, logs, source code: the file's own text, by line and column.

use crate::{
    Document, Marks, ReadError,
    codec::Codec,
    decode::decode,
    format::{Context, Format, Sight},
    segment::{Segment, Spot},
};

pub(crate) static TEXT: Format = Format {
    name: "text",
    title: "plain text",
    extensions: &["txt", "text", "rst", "adoc", "asciidoc", "org", "tex", "srt", "vtt", "nfo"],
    media_types: &["text/plain", "text/enriched", "text/calendar", "text/vcard"],
    recognise: |_| Sight::No,
    read: |bytes, context| read(bytes, &TEXT, context),
};

pub(crate) static LOG: Format = Format {
    name: "log",
    title: "log",
    extensions: &["log", "out", "err", "trace"],
    media_types: &[],
    read: |bytes, context| read(bytes, &LOG, context),
    ..TEXT
};

pub(crate) static CODE: Format = Format {
    name: "code",
    title: "source code",
    extensions: &[
        "asm",
        "awk",
        "bash",
        "bat",
        "c",
        "cc",
        "cfg",
        "clj",
        "cmake",
        "cmd",
        "coffee",
        "conf",
        "cpp",
        "cs",
        "css",
        "cu",
        "cxx",
        "d",
        "dart",
        "diff",
        "dockerfile",
        "ejs",
        "el",
        "elm",
        "env",
        "erl",
        "ex",
        "exs",
        "f90",
        "fish",
        "fs",
        "go",
        "gradle",
        "graphql",
        "groovy",
        "h",
        "hcl",
        "hpp",
        "hrl",
        "hs",
        "ini",
        "java",
        "jl",
        "js",
        "json5",
        "jsonc",
        "jsx",
        "kt",
        "kts",
        "less",
        "lisp",
        "lua",
        "m",
        "mjs",
        "ml",
        "mli",
        "mm",
        "nim",
        "nix",
        "pas",
        "patch",
        "php",
        "pl",
        "pm",
        "properties",
        "proto",
        "ps1",
        "py",
        "pyi",
        "r",
        "rb",
        "rs",
        "sass",
        "scala",
        "scm",
        "scss",
        "sh",
        "sol",
        "sql",
        "swift",
        "tcl",
        "tf",
        "toml",
        "ts",
        "tsx",
        "v",
        "vb",
        "vhd",
        "vim",
        "vue",
        "zig",
        "zsh",
    ],
    media_types: &["text/css", "text/javascript", "application/javascript", "application/sql"],
    read: |bytes, context| read(bytes, &CODE, context),
    ..TEXT
};

/// The file as text, whatever else it was thought to be.
pub(crate) fn read<'a>(
    bytes: &'a [u8],
    format: &'static Format,
    _: &Context<'_>,
) -> Result<Document<'a>, ReadError> {
    let (source, note) = decode(bytes, None)?;
    let end = source.text.len() as u32;
    let mut document = Document::empty(format, bytes);
    document.source = Some(source);
    document.notes.extend(note);
    let whole = Segment {
        start: 0,
        end,
        source: 0,
        source_end: end,
        spot: Spot::Text,
        part: 0,
        codec: Codec::Plain,
        marks: Marks::default(),
        joined: false,
    };
    document.segments.extend((end > 0).then_some(whole));
    Ok(document)
}

#[cfg(test)]
mod tests {
    use crate::{Limits, Place, read};

    #[test]
    fn finds_line_and_column() {
        let text = "Dear Zoë,\ncall me: 030 123456\n";
        let document = read("letter.txt", text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(document.text(), text);
        let at = text.find("030").unwrap();
        let location = document.locate(at..at + 10);
        assert_eq!((location.line, location.column, &location.place), (Some(2), Some(10), &Place::Text));
        assert_eq!(location.bytes, Some(at..at + 10));
        assert_eq!(location.to_string(), "line 2, column 10");
        assert_eq!(document.clip(at..at + 10), std::slice::from_ref(&(at..at + 10)));
        let name = text.find(',').unwrap();
        assert_eq!(document.locate(name..name + 1).to_string(), "line 1, column 9");
        assert_eq!(
            document.rewrite(&[(at..at + 10, "[PHONE]")]).unwrap(),
            "Dear Zoë,\ncall me: [PHONE]\n".as_bytes()
        );
    }

    #[test]
    fn reads_nothing_from_an_empty_file() {
        let document = read("", b"", &Limits::default()).unwrap();
        assert_eq!(document.text(), "");
        assert!(document.clip(0..0).is_empty());
        assert_eq!(document.rewrite(&[]).unwrap(), b"");
    }

    #[test]
    fn says_the_format() {
        for (name, format) in
            [("a.md", "markdown"), ("a.LOG", "log"), ("src/a.rs", "code"), ("README", "text")]
        {
            assert_eq!(read(name, b"x", &Limits::default()).unwrap().format().name, format);
        }
    }
}

//! Whatever the bytes are, every reader ends in time, and what it says about them can be asked and rewritten.

use proptest::prelude::*;
use tacita_documents::{Document, Limits, Replacement, RewriteError, read, rewrite};

const SEEDS: [(&str, &str); 14] = [
    ("a.txt", "Dear Zoë,\r\ncall 030 123456\n\u{feff}\tyours\n"),
    ("a.csv", "id;name;note\r\n1;\"Lind; Mara\";\"said \"\"hello\"\"\"\r\n\r\n2;Tom;x\r\n"),
    ("a.tsv", "name\tmail\nMara\tmara@example.org\n\t\n"),
    (
        "a.json",
        r#"{"a":[{"name":"Mara \"M\u00fc\ud83d\ude00\" Lind","n":-1.5e3,"x":null},["y",true]],"mara@example.org":{}}"#,
    ),
    (
        "a.yaml",
        "%TAG ! tag:x\n--- # of Mara\na: &m Mara\n  Lind\n'b''c': 'it''s\n\n  Mara' # Mara\n\"d\": \"\\u00e9 \\\n  Mara\"\ne: |2-\n    Mara\n   x\nf: >\n  Mara\n  x\n\ng: [!t Mara, {x: *m}]\n? - Mara\n: 1\n---\nb\n",
    ),
    ("a.md", "---\nby: Mara\n---\n# Mara\n"),
    (
        "a.ipynb",
        r#"{"cells":[{"attachments":{"p":{"text/csv":"Mara","image/png":["TWFy","YQ=="]}},"source":["Mara\n","x"],"outputs":[{"data":{"text/html":["<p class=\"Mara\">","Mara &amp; <b>x</b>\n"]},"text":"\u001b[1mMara"},{"traceback":["a","Mara"],"ename":"Mara"}]}],"metadata":{"a":"Mara"}}"#,
    ),
    ("a.jsonl", "{\"mail\":\"mara@example.org\"}\nbroken\n\n[1,\"Tom\"]\n"),
    (
        "a.html",
        "<!DOCTYPE html><title>T</title><p title='a \"b\"'>Mara &amp; <b>Tom</b><!-- note --><script>var a='x@example.org'</script><input value=y>",
    ),
    (
        "a.xml",
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY e 'v'>]><a k='1 &lt; 2'>Mara &e; <b>Tom</b><![CDATA[<x>]]><!-- c --></a>",
    ),
    (
        "a.fodt",
        "<?xml version=\"1.0\"?><office:document ><office:meta><dc:creator>Mara</dc:creator></office:meta><office:body><office:text><text:tracked-changes><text:changed-region text:id=\"c\"><text:deletion><text:p>Mara 1</text:p></text:deletion></text:changed-region></text:tracked-changes><text:p>Ma<text:span>ra</text:span> &amp;<text:s/>Tom<text:change text:change-id=\"c\"/><text:note><text:p>Mara</text:p></text:note><text:a xlink:href=\"mailto:mara@example.org\">x</text:a></text:p></office:text></office:body></office:document>",
    ),
    (
        "a.fods",
        "<?xml version=\"1.0\"?><office:document ><office:body><office:spreadsheet><table:table table:name=\"Mara\"><table:table-column table:visibility=\"collapse\"/><table:table-row><table:table-cell table:number-columns-repeated=\"2\"><text:p>name</text:p></table:table-cell></table:table-row><table:table-row table:number-rows-repeated=\"3\"><table:table-cell office:value=\"5\"><office:annotation><text:p>Mara</text:p></office:annotation><text:p>5</text:p></table:table-cell><table:table-cell table:formula=\"of:=A1\"/></table:table-row></table:table></office:spreadsheet></office:body></office:document>",
    ),
    (
        "a.eml",
        "From: =?utf-8?q?Zo=C3=AB?= <zoe@example.org>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+TWFyYTwvcD4=\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nbody\r\n--x--\r\n",
    ),
    (
        "a.mbox",
        "From a@example.org Mon Jan  5 10:00:00 2026\nFrom: a@example.org\nSubject: one\n\nhello\n\nFrom b@example.org Mon Jan  5 2026\nTo: c@example.org\nDate: x\n\nbye\n",
    ),
];

#[derive(Clone, Debug)]
enum Mutation {
    Set(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Repeat(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Join(usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        (index(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        index().prop_map(Mutation::Cut),
        (index(), 1..20_usize).prop_map(|(at, times)| Mutation::Repeat(at, times)),
        (index(), prop::collection::vec(any::<u8>(), 1..6))
            .prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        (
            index(),
            prop::sample::select(
                &[
                    "\"", "<", "&", "{", "[", "\n", "--x", "<!--", "]]>", "\\u", "\n  ", ": ", "- ", " #",
                    "'", "|\n"
                ][..]
            )
        )
            .prop_map(|(at, text)| Mutation::Insert(at, text.into())),
        (0..SEEDS.len()).prop_map(Mutation::Join),
    ]
}

fn mutate(bytes: &mut Vec<u8>, mutation: &Mutation) {
    match mutation {
        _ if bytes.is_empty() => {}
        Mutation::Set(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        Mutation::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Mutation::Repeat(at, times) => {
            let at = at.index(bytes.len());
            let tail = bytes[at..].repeat(*times);
            bytes.extend(tail);
        }
        Mutation::Insert(at, more) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, more.iter().copied());
        }
        Mutation::Join(seed) => bytes.extend_from_slice(SEEDS[*seed].1.as_bytes()),
    }
}

/// Every question a document answers, about every part of it.
fn ask(document: &Document<'_>) -> Vec<std::ops::Range<usize>> {
    let text = document.text();
    let blocks = document.clip(0..text.len());
    for block in &blocks {
        assert!(text.get(block.clone()).is_some_and(|block| !block.is_empty()));
        assert!(!document.locate(block.clone()).to_string().is_empty());
        assert_eq!(document.clip(block.clone()), std::slice::from_ref(block));
    }
    blocks
}

fn check(name: &str, bytes: &[u8]) {
    let limits = Limits { depth: 64, nesting: 3, ..Limits::default() };
    let Ok(document) = read(name, bytes, &limits) else { return };
    let blocks = ask(&document);
    if !document.can_rewrite() {
        let replacements: Vec<_> = blocks.iter().map(|block| (block.clone(), "")).collect();
        assert!(
            document.rewrite_text(&replacements).expect("blocks are in order").len() <= document.text().len()
        );
        return;
    }
    let text = document.text();
    let new = "[\"<X>\", 1;2]";
    let replacements: Vec<_> = blocks.iter().map(|block| (block.clone(), new)).collect();
    let written = match document.rewrite(&replacements) {
        Err(RewriteError::NotTextual(_)) => {
            let replacement = |block| Replacement::of(text, block, new).expect("blocks are of the text");
            let all: Vec<_> = blocks.into_iter().map(replacement).collect();
            rewrite(name, bytes, &all, &limits).map(|written| written.bytes)
        }
        written => {
            // A copy of flat OpenDocument loses its authors in any case.
            if std::str::from_utf8(bytes).is_ok() && document.format().name != "odf" {
                assert_eq!(document.rewrite(&[]).expect("nothing to do"), bytes);
            }
            written
        }
    };
    let Ok(written) = written else { return };
    if let Ok(again) = read(name, &written, &limits) {
        ask(&again);
        let same = again.format() == document.format();
        assert!(!same || !again.text().contains("Mara"), "{}", String::from_utf8_lossy(&written));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_documents(seed in 0..SEEDS.len(), mutations in prop::collection::vec(mutation(), 0..5)) {
        let (name, text) = SEEDS[seed];
        let mut bytes = text.as_bytes().to_vec();
        mutations.iter().for_each(|mutation| mutate(&mut bytes, mutation));
        check(name, &bytes);
        check("", &bytes);
    }

    #[test]
    fn arbitrary_bytes(name in prop::sample::select(&["", "a.txt", "a.csv", "a.json", "a.jsonl", "a.yaml", "a.md", "a.ipynb", "a.html", "a.xml", "a.eml", "a.mbox", "a.docx", "a.xlsx", "a.pptx", "a.odt", "a.fods", "a.pdf", "a.sqlite", "a.parquet"][..]),
                       head in prop::sample::select(&["", "%PDF-1.7\n", "PK\u{3}\u{4}", "<?xml ?>", "\u{feff}", "From a 2026\nA: b\n", "---\n", "SQLite format 3\0\u{2}\0", "7\u{7f}\u{6}\u{2}", "PAR1\0"][..]),
                       tail in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [head.as_bytes(), &tail].concat();
        check(name, &bytes);
    }
}

#[test]
fn seeds_are_read() {
    for (name, text) in SEEDS {
        let document = read(name, text.as_bytes(), &Limits::default()).expect("the seed is whole");
        assert_ne!(document.clip(0..document.text().len()).len(), 0, "{name}");
        check(name, text.as_bytes());
    }
}

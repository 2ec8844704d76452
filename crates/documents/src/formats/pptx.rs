//! PowerPoint presentations: slides in the order of showing, their notes and comments, masters, hidden slides.

use super::{
    drawing::{At, Drawing},
    markup::{Markup, Piece},
    opc::{self, Opc},
};
use crate::{
    Document, Marks, Note, ReadError, Story,
    format::{Context, Format, Sight},
    layout::Opened,
};

pub(crate) static FORMAT: Format = Format {
    name: "pptx",
    title: "PowerPoint presentation",
    extensions: &["pptx", "pptm", "ppsx", "ppsm", "potx", "potm", "ppam"],
    media_types: &[
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
        "application/vnd.openxmlformats-officedocument.presentationml.template",
        "application/vnd.ms-powerpoint.presentation.macroenabled.12",
    ],
    recognise: |bytes| if opc::is_package(bytes, "ppt/presentation") { Sight::Sure } else { Sight::No },
    read,
};

/// What slides go by; prompts in it are no words of anybody.
const MASTERS: [(&str, &str); 4] = [
    ("slideMaster", "slide master"),
    ("slideLayout", "slide layout"),
    ("notesMaster", "notes master"),
    ("handoutMaster", "handout master"),
];

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut opc = Opc::open(bytes, &FORMAT, context)?;
    let (main, presentation) = opc.main("ppt/presentation.xml")?;
    let relations = opc.relations(&main)?;
    let mut slides: Vec<String> = Vec::new();
    let spot = opc.property("presentation");
    let mut at = At::spot(spot, Marks::default());
    let mut drawing = Drawing::new(&relations, &mut at);
    opc.pieces(&main, &presentation, |piece, layout| {
        if let Piece::Start(tag) = &piece
            && tag.name() == "sldId"
        {
            slides.extend(tag.attributes().find(|(key, _)| key.ends_with(":id")).map(|(_, id)| id.meaning()));
        }
        drawing.take(piece, layout);
    })?;
    context.budget.enter(slides.len(), context.limits)?;
    for (number, id) in (1..).zip(&slides) {
        let part = relations.get(id).map(|relation| relation.target.clone()).unwrap_or_default();
        if !slide(&mut opc, &part, number)? {
            opc.layout.note(Note::Damaged(format!("slide {number} is missing")));
        }
    }
    for authors in opc.targets(&main, &["commentAuthors", "authors"])? {
        opc.authors(&authors)?;
    }
    let mut masters = vec![main];
    while let Some(part) = masters.pop() {
        for (kind, name) in MASTERS {
            for master in opc.targets(&part, &[kind])? {
                let spot = opc.property(name);
                let mut at = At::spot(spot, Marks::default()).without_prompts();
                if opc.drawing(&master, &mut at)? {
                    opc.drawings(&master, &mut at)?;
                    masters.push(master);
                }
            }
        }
    }
    opc.finish()
}

/// Lays out a slide and all that hangs on it; whether there is one.
fn slide(opc: &mut Opc<'_, '_>, name: &str, number: u32) -> Result<bool, ReadError> {
    let Some(part) = opc.part(name)? else { return Ok(false) };
    let marks = if is_hidden(&part) { Marks::HIDDEN } else { Marks::default() };
    let mut at = At::story(Story::Slide(number), marks);
    opc.draw(name, &part, &mut at)?;
    opc.drawings(name, &mut At::story(Story::SlideDrawing(number), marks))?;
    for tags in opc.targets(name, &["tags"])? {
        opc.drawing(&tags, &mut at)?;
    }
    for notes in opc.targets(name, &["notesSlide"])? {
        let mut at = At::story(Story::SlideNotes(number), marks);
        opc.drawing(&notes, &mut at)?;
        opc.drawings(&notes, &mut at)?;
    }
    let mut at = At::story(Story::SlideComment(number), marks);
    for comments in opc.targets(name, &["comments"])? {
        opc.drawing(&comments, &mut at)?;
    }
    Ok(true)
}

/// Whether the slide is passed over when the others are shown.
fn is_hidden(part: &Opened) -> bool {
    let mut markup = Markup::new(&part.text, part.base, 1);
    std::iter::from_fn(|| markup.next().ok().flatten())
        .find_map(|piece| if let Piece::Start(tag) = piece { Some(tag) } else { None })
        .is_some_and(|slide| matches!(slide.value("show").as_deref(), Some("0" | "false")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Limits, ReadError,
        fixtures::{archive, damage, damages, notes, parts, place, replace},
        read,
    };

    const PRESENTATION: &str = r#"<p:presentation><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="m1"/></p:sldMasterIdLst>
        <p:sldIdLst><p:sldId id="256" r:id="s2"/><p:sldId id="257" r:id="s1"/></p:sldIdLst>
        <p:extLst><p14:section name="for Uwe Roth" id="{1}"/></p:extLst></p:presentation>"#;
    const LINKS: &str = r#"<Relationships><Relationship Id="s1" Type="x/slide" Target="slides/slide1.xml"/><Relationship Id="s2" Type="x/slide" Target="slides/slide2.xml"/>
        <Relationship Id="m1" Type="x/slideMaster" Target="slideMasters/slideMaster1.xml"/><Relationship Id="a1" Type="x/commentAuthors" Target="commentAuthors.xml"/>
        <Relationship Id="a2" Type="x/authors" Target="authors.xml"/></Relationships>"#;
    const SLIDE: &str = r#"<p:sld><p:cSld name="met Nia Lind"><p:spTree>
        <p:sp><p:nvSpPr><p:cNvPr id="2" name="Title 1"/><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>About </a:t></a:r><a:r><a:t>Mara &amp; Tom</a:t></a:r></a:p></p:txBody></p:sp>
        <p:grpSp><p:sp><p:nvSpPr><p:cNvPr id="3" name="Box" hidden="1"/></p:nvSpPr><p:txBody><a:p><a:r><a:rPr><a:hlinkClick r:id="h1" tooltip="to Eva"/></a:rPr><a:t>out of</a:t></a:r><a:br/><a:r><a:t> sight</a:t></a:r></a:p></p:txBody></p:sp></p:grpSp>
        <p:pic><p:nvPicPr><p:cNvPr id="5" name="Picture 4" descr="Ida at home"/></p:nvPicPr></p:pic>
        <p:pic><p:nvPicPr><p:cNvPr id="6" name="kai.png"><a:hlinkClick r:id="h2"/></p:cNvPr></p:nvPicPr></p:pic>
        <p:graphicFrame><a:tbl><a:tableStyleId>{5C22544A}</a:tableStyleId><a:tr><a:tc><a:txBody><a:p><a:r><a:t>name</a:t></a:r></a:p></a:txBody></a:tc></a:tr>
        <a:tr><a:tc><a:txBody><a:p><a:r><a:t>Jo Roth</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></p:graphicFrame>
        </p:spTree></p:cSld></p:sld>"#;

    fn whole() -> Vec<u8> {
        archive(&[
            (
                "_rels/.rels",
                r#"<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="ppt/presentation.xml"/></Relationships>"#,
            ),
            ("ppt/presentation.xml", PRESENTATION),
            ("ppt/_rels/presentation.xml.rels", LINKS),
            ("ppt/slides/slide2.xml", SLIDE),
            (
                "ppt/slides/_rels/slide2.xml.rels",
                r#"<Relationships><Relationship Id="h1" Type="x/hyperlink" Target="mailto:b@example.org" TargetMode="External"/><Relationship Id="h2" Type="x/hyperlink" Target="file://share/kai" TargetMode="External"/>
                <Relationship Id="n" Type="x/notesSlide" Target="../notesSlides/notesSlide1.xml"/><Relationship Id="c" Type="x/comments" Target="../comments/comment1.xml"/>
                <Relationship Id="d" Type="x/comments" Target="../comments/modernComment_1.xml"/><Relationship Id="e" Type="x/diagramData" Target="../diagrams/data1.xml"/>
                <Relationship Id="f" Type="x/chart" Target="../charts/chart1.xml"/><Relationship Id="g" Type="x/tags" Target="../tags/tag1.xml"/>
                <Relationship Id="i" Type="x/package" Target="../embeddings/people.csv"/><Relationship Id="k" Type="x/video" Target="file://share/zoe/film.mp4" TargetMode="External"/></Relationships>"#,
            ),
            (
                "ppt/slides/slide1.xml",
                r#"<?xml version="1.0"?><p:sld show="0"><a:p><a:r><a:t>passed over</a:t></a:r></a:p></p:sld>"#,
            ),
            (
                "ppt/notesSlides/notesSlide1.xml",
                "<p:notes><a:p><a:r><a:t>do not name Ben</a:t></a:r></a:p></p:notes>",
            ),
            (
                "ppt/comments/comment1.xml",
                r#"<p:cmLst><p:cm authorId="0"><p:pos x="1" y="2"/><p:text>ask Ulf</p:text></p:cm></p:cmLst>"#,
            ),
            (
                "ppt/comments/modernComment_1.xml",
                r#"<p188:cmLst><p188:cm authorId="{2}"><p188:replyLst><p188:reply><p188:txBody><a:p><a:r><a:t>call Eda</a:t></a:r></a:p></p188:txBody></p188:reply></p188:replyLst></p188:cm></p188:cmLst>"#,
            ),
            (
                "ppt/diagrams/data1.xml",
                "<dgm:dataModel><dgm:pt><dgm:t><a:p><a:r><a:t>Lea Lind</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:dataModel>",
            ),
            ("ppt/charts/chart1.xml", "<c:chart><c:cat><c:v>Max Lind</c:v></c:cat></c:chart>"),
            ("ppt/tags/tag1.xml", r#"<p:tagLst><p:tag name="OWNER" val="Ina Lind"/></p:tagLst>"#),
            (
                "ppt/commentAuthors.xml",
                r#"<p:cmAuthorLst><p:cmAuthor id="0" name="Jan Lind" initials="JL"/></p:cmAuthorLst>"#,
            ),
            (
                "ppt/authors.xml",
                r#"<p188:authorLst><p188:author id="{2}" name="Eva Lind" userId="eva@example.org"/></p188:authorLst>"#,
            ),
            (
                "ppt/slideMasters/slideMaster1.xml",
                r#"<p:sldMaster><p:sp><p:nvSpPr><p:cNvPr id="2"/><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><a:p><a:r><a:t>Click to edit</a:t></a:r></a:p></p:sp>
                <p:sp><p:nvSpPr><p:cNvPr id="3"/><p:nvPr><p:ph type="ftr"/></p:nvPr></p:nvSpPr><a:p><a:r><a:t>by Ada Lind</a:t></a:r></a:p></p:sp></p:sldMaster>"#,
            ),
            (
                "ppt/slideMasters/_rels/slideMaster1.xml.rels",
                r#"<Relationships><Relationship Id="r1" Type="x/slideLayout" Target="../slideLayouts/slideLayout1.xml"/></Relationships>"#,
            ),
            (
                "ppt/slideLayouts/slideLayout1.xml",
                r#"<p:sldLayout><p:sp><p:nvSpPr><p:cNvPr id="2"/><p:nvPr><p:ph hasCustomPrompt="1"/></p:nvPr></p:nvSpPr><a:p><a:r><a:t>what Olga said</a:t></a:r></a:p></p:sp></p:sldLayout>"#,
            ),
            ("ppt/embeddings/people.csv", "name,email\nLars,lars@example.org\n"),
            ("ppt/presProps.xml", "<p:presentationPr name=\"Looks\"/>"),
        ])
    }

    #[test]
    fn reads_every_text_of_the_presentation() {
        let bytes = whole();
        let document = read("", &bytes, &Limits::default()).unwrap();
        assert_eq!(document.format().name, "pptx");
        for (needle, expected) in [
            ("for Uwe Roth", "property presentation"),
            ("About Mara & Tom", "slide 1, paragraph 1"),
            ("met Nia Lind", "slide 1, paragraph 1"),
            ("out of\n sight", "slide 1, paragraph 2 (hidden)"),
            ("mailto:b@example.org", "slide 1, paragraph 2 (hidden, link)"),
            ("to Eva", "slide 1, paragraph 2 (hidden)"),
            ("Ida at home", "slide 1, paragraph 2"),
            ("kai.png", "slide 1, paragraph 2"),
            ("file://share/kai", "slide 1, paragraph 2 (link)"),
            ("Jo Roth", "slide 1, table 1, row 2, column 1"),
            ("Max Lind", "slide 1, drawing, paragraph 1"),
            ("Lea Lind", "slide 1, drawing, paragraph 2"),
            ("Ina Lind", "slide 1, paragraph 2"),
            ("do not name Ben", "slide 1, notes, paragraph 1"),
            ("ask Ulf", "slide 1, comment, paragraph 1"),
            ("call Eda", "slide 1, comment, paragraph 2"),
            ("passed over", "slide 2, paragraph 1 (hidden)"),
            ("Jan Lind", "property author of comments"),
            ("eva@example.org", "property author of comments"),
            ("by Ada Lind", "property slide master"),
            ("what Olga said", "property slide layout"),
            ("file://share/zoe", "property video (link)"),
            ("lars@example.org", "ppt/embeddings/people.csv: row 2, column email"),
        ] {
            assert_eq!(place(&document, needle), expected, "{needle}");
        }
        for looks in ["Title 1", "Picture 4", "{5C22544A}", "Click to edit", "Looks"] {
            assert!(!document.text().contains(looks), "{looks}");
        }
        assert_eq!(document.text().matches("b@example.org").count(), 1);
        assert_eq!(notes(&document), [""; 0]);
    }

    #[test]
    fn a_copy_holds_nothing_of_what_was_replaced() {
        let bytes = whole();
        let document = read("", &bytes, &Limits::default()).unwrap();
        let needles = [
            "Uwe Roth",
            "Mara & Tom",
            "out of\n sight",
            "b@example.org",
            "to Eva",
            "Ida",
            "kai",
            "Jo Roth",
            "Lea Lind",
            "Max",
            "Ina",
            "Ben",
            "Ulf",
            "Eda",
            "passed over",
            "Ada Lind",
            "Olga",
            "zoe",
            "lars@example.org",
        ];
        let rewritten = replace("a.pptx", &document, &bytes, &needles).unwrap();
        assert_eq!(rewritten.left_out, Vec::<String>::new());
        let parts = parts(&rewritten.bytes);
        for needle in needles.into_iter().chain(["Mara", "sight", "Jan", "JL", "Eva", "eva@"]) {
            assert!(!parts.values().any(|part| part.contains(needle)), "{needle} in {parts:?}");
        }
        assert!(
            parts["ppt/slides/slide2.xml"].contains("<a:t>About </a:t></a:r><a:r><a:t>[&lt;1&gt;]</a:t>")
        );
    }

    #[test]
    fn reads_the_presentation_of_another_program() {
        let document = read("", include_bytes!("../../tests/files/talk.pptx"), &Limits::default()).unwrap();
        for (needle, expected) in [
            ("About Mara Lind", "slide 1, paragraph 1"),
            ("Tom Roth", "slide 1, paragraph 3"),
            ("do not name Kai Roth", "slide 1, notes, paragraph 1"),
            ("mailto:zoe@example.org", "slide 2, paragraph 1 (hidden, link)"),
            ("030 1234567", "slide 2, table 1, row 2, column 2 (hidden)"),
            ("Eva at home", "slide 2, paragraph 1 (hidden)"),
            ("eva-roth.png", "slide 2, paragraph 1 (hidden)"),
            ("Jo Lind", "slide 2, drawing, paragraph 5 (hidden)"),
            ("Jan Lind", "property creator"),
        ] {
            assert_eq!(place(&document, needle), expected, "{needle}");
        }
        assert!(!document.text().contains("Click to edit"));
        let at = document.text().rfind("Jo Lind").unwrap();
        let embedded = "ppt/embeddings/Microsoft_Excel_Sheet1.xlsx: sheet Sheet1, cell A3";
        assert_eq!(document.locate(at..at + 7).to_string(), embedded);
        assert_eq!(notes(&document), ["text in 1 picture is not read"]);
    }

    #[test]
    fn says_what_is_damaged_and_reads_the_rest() {
        let bytes = archive(&[
            ("ppt/presentation.xml", PRESENTATION),
            ("ppt/_rels/presentation.xml.rels", LINKS),
            ("ppt/slides/slide2.xml", &SLIDE[..SLIDE.find(" sight").unwrap()]),
        ]);
        let document = read("", &bytes, &Limits::default()).unwrap();
        assert_eq!(place(&document, "out of"), "slide 1, paragraph 2 (hidden)");
        assert_eq!(
            notes(&document),
            [
                "damaged: the part ppt/slides/slide2.xml ends too early; what was readable was read",
                "damaged: slide 2 is missing; what was readable was read",
            ]
        );
        let deep = "<a>".repeat(10_000);
        let bytes = archive(&[("ppt/presentation.xml", &deep)]);
        assert_eq!(read("", &bytes, &Limits::default()).unwrap_err(), ReadError::TooDeep(512));
        let error = read("", &archive(&[("ppt/presentation", "")]), &Limits::default()).unwrap_err();
        assert_eq!(error.to_string(), "the PowerPoint presentation is damaged: it has no main text");
    }

    proptest! {
        #[test]
        fn damaged_presentations_do_not_panic(places in damages(3)) {
            let mut bytes = whole();
            damage(&mut bytes, &places);
            let _ = read("a.pptx", &bytes, &Limits::default());
        }
    }
}

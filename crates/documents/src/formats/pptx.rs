//! PowerPoint presentations: slides in the order of showing, their notes and comments, masters, hidden slides.

use super::{
    drawing::{At, Drawing},
    markup::{Markup, Piece},
    opc::{self, Opc},
    package,
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
    let mut opc = Opc::open(bytes, &FORMAT, package::write, context)?;
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
    drawing.end(&mut opc.layout);
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
    let relations = opc.relations(name)?;
    let mut at = At::story(Story::Slide(number), marks);
    let mut drawing = Drawing::new(&relations, &mut at);
    opc.pieces(name, &part, |piece, layout| drawing.take(piece, layout))?;
    drawing.end(&mut opc.layout);
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

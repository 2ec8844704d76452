//! A PDF written again: only what its pages and its catalogue point to, with other words where some are replaced.
//!
//! What was read as text is followed to the instructions that draw it; what was not read is not in the copy.
//!
//! `page` reads which glyphs a page shows, and `cuts` says which of them are to go. `content` follows the
//! instructions that show them, `instructions` writes those that stay, and `picture` covers the pixels beneath. Around
//! the pages, `notes` has what lies on them, `streams` what they are drawn with, and `values` all other objects.

use std::{collections::HashMap, ops::Range, thread, time::Duration};

use hayro_interpret::hayro_syntax::{
    Pdf,
    object::{Dict, ObjRef, ObjectIdentifier},
    page::{Page, Rotation},
    xref::XRef,
};
use pdf_writer::{Filter, Finish, Name, Pdf as Out, Ref, TextStr};

use super::{
    STACK,
    content::{Pen, Sight},
    cuts::{self, Cuts},
    instructions::{labelled, notice},
    notes::{annotations, appearance},
    page::read_page,
    streams::{packed, write_resources},
    text_string,
    values::{Role, Values},
};
use crate::{
    RewriteError,
    deadline::Deadline,
    sources::{Change, Changes},
};

/// Nobody waits longer for a copy.
const LONGEST: Duration = Duration::from_secs(3600);
/// What a catalogue has that is of use without what wrote it.
const CATALOGUE: &[&[u8]] = &[
    b"AcroForm",
    b"Dests",
    b"Extensions",
    b"Lang",
    b"MarkInfo",
    b"Names",
    b"OCProperties",
    b"Outlines",
    b"OutputIntents",
    b"PageLabels",
    b"PageLayout",
    b"PageMode",
    b"StructTreeRoot",
    b"ViewerPreferences",
];
const PAGE: &[&[u8]] =
    &[b"ArtBox", b"BleedBox", b"Dur", b"Group", b"StructParents", b"Tabs", b"Trans", b"TrimBox", b"UserUnit"];

/// By which the writer knows what a page shows.
pub(super) fn page_key(page: u32) -> String {
    format!("page {page}")
}

/// By which it knows that nobody read what the pictures of a page show.
pub(super) fn pictures_key(page: u32) -> String {
    format!("pictures of page {page}")
}

/// By which it knows a text, wherever it stands.
pub(super) fn text_key(text: &str) -> String {
    format!("{TEXT}{text}")
}

/// By which it knows a file in the file.
pub(super) fn file_key(id: ObjectIdentifier) -> String {
    format!("file {id:?}")
}

const TEXT: &str = "text ";

/// The PDF with these changes.
pub(super) fn write(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, RewriteError> {
    const FAILED: RewriteError = RewriteError::Unwritten("its objects can't be read");
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("pdf".to_owned()).stack_size(STACK);
        let thread = thread.spawn_scoped(scope, || copy(bytes, changes)).map_err(|_| FAILED)?;
        // A fault of its reader is none of ours.
        thread.join().unwrap_or(Err(FAILED))
    })
}

fn copy(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, RewriteError> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|_| RewriteError::Unwritten("its objects can't be found"))?;
    let mut values = Values::default();
    let words = changes.iter().filter_map(|(key, change)| {
        let text = key.strip_prefix(TEXT)?.to_owned();
        let new = match change {
            Change::Write(new) => String::from_utf8_lossy(new).into_owned(),
            _ => text.clone(),
        };
        Some((text, new))
    });
    values.words = Some(words.collect());
    values.name_targets(&pdf);
    let (catalog, tree, label_font) = (values.fresh(), values.fresh(), values.fresh());
    let pages = pdf.pages();
    let numbers: Vec<Ref> = pages
        .iter()
        .map(|page| {
            page.raw().obj_id().and_then(|id| values.claim(id.into())).unwrap_or_else(|| values.fresh())
        })
        .collect();
    // Links and fields point to them before the page is written that they are on.
    let notes = pages.iter().flat_map(annotations).filter_map(|(from, _)| from);
    let annotations = notes.filter_map(|from| Some((from, (values.claim(from)?, false)))).collect();
    let mut copier = Copier {
        pdf: &pdf,
        changes,
        values,
        out: Out::new(),
        tree,
        label_font,
        annotations,
        forms: HashMap::new(),
        drawings: HashMap::new(),
        covered: HashMap::new(),
        covers: false,
    };
    for ((page, id), number) in pages.iter().zip(&numbers).zip(1..) {
        copier.page(page, *id, number)?;
    }
    copier.frame(catalog, &numbers);
    while let Some(pending) = copier.values.pending() {
        copier.pending(pending);
    }
    Ok(copier.out.finish())
}

/// Of a form that is drawn alike each time.
pub(super) type Drawn = (ObjectIdentifier, Vec<u8>, Vec<(String, Ref)>);

/// Of a picture without these areas, each as its sides.
pub(super) type Covered = (ObjectIdentifier, Vec<[u64; 4]>);

pub(super) struct Copier<'p> {
    pub pdf: &'p Pdf,
    pub changes: &'p Changes,
    pub values: Values,
    pub out: Out,
    pub tree: Ref,
    pub label_font: Ref,
    /// By where they were: their numbers, and whether they are written.
    pub annotations: HashMap<ObjRef, (Ref, bool)>,
    pub forms: HashMap<Drawn, Ref>,
    /// Forms that draw lines and areas and nothing else.
    pub drawings: HashMap<ObjectIdentifier, Ref>,
    /// Pictures without something, by what.
    pub covered: HashMap<Covered, Option<Ref>>,
    /// Pages are pictures, or show words over them that are not to be seen.
    pub covers: bool,
}

impl<'p> Copier<'p> {
    pub(super) fn xref(&self) -> &'p XRef {
        self.pdf.xref()
    }

    /// What stands around the pages.
    fn frame(&mut self, catalog: Ref, pages: &[Ref]) {
        let Self { pdf, values, out, .. } = self;
        out.pages(self.tree).kids(pages.iter().copied()).count(pages.len().try_into().unwrap_or(i32::MAX));
        out.type1_font(self.label_font)
            .base_font(Name(b"Courier"))
            .encoding_predefined(Name(b"WinAnsiEncoding"));
        let mut written = out.catalog(catalog);
        written.pages(self.tree);
        if let Some(root) = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()) {
            let lost = |key: &[u8]| !CATALOGUE.contains(&key);
            values.entries(&mut written, &root, Role::Plain, &lost);
        }
        written.finish();
        let metadata = pdf.metadata();
        let said = |bytes: &Option<Box<[u8]>>| -> Option<String> {
            let text = text_string(bytes.as_deref()?);
            values.said(&text).map(str::to_owned).filter(|text| !text.trim().is_empty())
        };
        let told = [
            (&b"Title"[..], said(&metadata.title)),
            (b"Subject", said(&metadata.subject)),
            (b"Keywords", said(&metadata.keywords)),
        ];
        if told.iter().any(|(_, text)| text.is_some()) {
            let mut info = out.document_info(values.fresh());
            for (key, text) in &told {
                if let Some(text) = text {
                    info.pair(Name(key), TextStr(text));
                }
            }
        }
    }

    fn page(&mut self, page: &'p Page<'p>, id: Ref, number: u32) -> Result<(), RewriteError> {
        let (text, runs) = read_page(page, self.pdf, Deadline::after(LONGEST));
        let none: &[(Range<usize>, String)] = &[];
        let splices = match self.changes.get(&page_key(number)) {
            Some(Change::Paint(splices)) => splices,
            _ => none,
        };
        let mut cuts = Cuts::new(&text.text, &runs, splices)?;
        cuts.unknown(&text.text, &runs);
        let pictures = self.changes.get(&pictures_key(number));
        let unseen = matches!(pictures, Some(Change::Unread));
        let mut over = if unseen { notice(page) } else { Vec::new() };
        for (area, label) in &cuts.over {
            over.extend(labelled(page, *area, label));
        }
        if let Some(Change::Cover(covers)) = pictures {
            for (areas, new) in covers {
                cuts.cover(areas);
                let label = cuts::label(new)?;
                over.extend(areas.first().map(|area| labelled(page, *area, &label)).unwrap_or_default());
            }
        }
        self.covers |= pictures.is_some() || !cuts.over.is_empty();
        let resources = page.resources();
        let mut pen = Pen::new(self, &runs, &cuts, Sight::of(pictures));
        let mut written = pen.page(page.page_stream().unwrap_or_default(), resources)?;
        let mut appearances = Vec::new();
        let annotations = annotations(page);
        for (_, annotation) in &annotations {
            appearances.push(match appearance(annotation) {
                Some((form, onto)) => pen.appearance(&form, resources, onto)?,
                None => None,
            });
        }
        pen.finish()?;
        let annotations: Vec<Ref> = annotations
            .iter()
            .zip(appearances)
            .map(|((from, annotation), drawn)| self.annotation(*from, annotation, drawn))
            .collect();
        if !over.is_empty() {
            // Nothing that was set goes on to what is written over it.
            written.content = [b"q\n", &*written.content, b"Q\n", &*over].concat();
        }
        let content = self.values.fresh();
        let data = packed(&written.content);
        self.out.stream(content, &data).filter(Filter::FlateDecode);
        let Self { values, out, label_font, .. } = self;
        let mut dict = out.indirect(id).dict();
        dict.pair(Name(b"Type"), Name(b"Page"));
        dict.pair(Name(b"Parent"), self.tree);
        for (key, rect) in [(&b"MediaBox"[..], page.media_box()), (b"CropBox", page.crop_box())] {
            let sides = [rect.x0, rect.y0, rect.x1, rect.y1];
            dict.insert(Name(key)).array().items(sides.map(|side| side as f32));
        }
        let turned = match page.rotation() {
            Rotation::None => 0,
            Rotation::Horizontal => 90,
            Rotation::Flipped => 180,
            Rotation::FlippedHorizontal => 270,
        };
        dict.pair(Name(b"Rotate"), turned);
        dict.pair(Name(b"Contents"), content);
        let mut named = dict.insert(Name(b"Resources")).dict();
        write_resources(values, &mut named, resources, &written.objects, *label_font);
        named.finish();
        if !annotations.is_empty() {
            dict.insert(Name(b"Annots")).array().items(annotations);
        }
        let lost = |key: &[u8]| !PAGE.contains(&key);
        values.entries(&mut dict, page.raw(), Role::Plain, &lost);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use hayro_interpret::hayro_syntax::{
        Pdf,
        object::{Array, Dict, Object},
    };
    use memchr::memmem;

    use crate::{
        Limits, ReadError, RewriteError, Rewritten,
        fixtures::{notes, pdf, replace, replace_by},
        read,
    };

    /// The copy, and all bytes in it, unpacked.
    fn copy(original: &[u8], needles: &[&str]) -> (Rewritten, String) {
        let document = read("a.pdf", original, &Limits::default()).unwrap();
        let copy = replace("a.pdf", &document, original, needles).unwrap();
        let parsed = Pdf::new(copy.bytes.clone()).unwrap();
        let mut bare = String::from_utf8_lossy(&copy.bytes).into_owned();
        for object in parsed.objects() {
            if let Object::Stream(stream) = object {
                bare += &String::from_utf8_lossy(&stream.decoded_data().unwrap());
                bare.push('\n');
            }
        }
        (copy, bare)
    }

    fn text(copy: &Rewritten) -> String {
        read("a.pdf", &copy.bytes, &Limits::default()).unwrap().text().to_owned()
    }

    #[test]
    fn glyphs_are_gone_and_those_around_them_stay_where_they_were() {
        let original = pdf(
            &["BT /F1 10 Tf 50 700 Td (Dear Mara Lind, hello) Tj 0 -14 Td \
               [(ca) -30 (ll ) 10 (03) -300 (0 12) 5 (34) -20 ( now)] TJ 12 TL (Ida) ' 0 1 (Jo) \" \
               0 Tc 0 Tw T* (Av) Tj (a ) Tj (end) Tj ET"],
            "",
            &[],
            "",
        );
        let (copy, bare) = copy(&original, &["Mara Lind", "03 0 1234", "Ida", "Ava "]);
        assert_eq!(text(&copy), "Dear [<1>] , hello\ncall [<1>] now\n[<1>]\nJo\n[<1>]end");
        for gone in ["Mara", "Lind", "(03)", "(34)", "Ida", "(Av)"] {
            assert!(!bare.contains(gone), "{gone} in {bare}");
        }
        // "Mara Lind" is 4.446 of its size wide; the gap is not told so exactly.
        assert!(bare.contains("[-4000 (, hello)]"), "{bare}");
    }

    #[test]
    fn a_copy_takes_the_values_back() {
        let shown = "Dear Mara Lind, call 030 1234 now";
        let original =
            pdf(&[&format!("BT /F1 10 Tf 50 700 Td ({shown}) Tj 0 -14 Td (bye) Tj ET")], "", &[], "");
        let document = read("a.pdf", &original, &Limits::default()).unwrap();
        let replaced = [("Mara Lind", "[<PERSON>]"), ("030 1234", "[<PHONE_NUMBER>]")];
        let copy = replace_by("a.pdf", &document, &original, &replaced).unwrap().bytes;
        let document = read("a.pdf", &copy, &Limits::default()).unwrap();
        let restored = [("[<PERSON>]", "Mara Lind"), ("[<PHONE_NUMBER>]", "030 1234")];
        let restored = replace_by("a.pdf", &document, &copy, &restored).unwrap();
        assert_eq!(text(&restored).replace(" ,", ","), format!("{shown}\nbye"));
    }

    #[test]
    fn glyphs_that_are_shown_one_by_one_leave_one_gap() {
        let original = pdf(
            &["BT /F1 10 Tf 50 700 Td [-250 (to )] TJ (M) Tj (a) Tj (r) Tj (a) Tj ( now) Tj ET"],
            "",
            &[],
            "",
        );
        let (copy, bare) = copy(&original, &["Mara"]);
        assert_eq!(text(&copy), "to [<1>] now");
        // "Mara" is 2.278 of its size wide, in four letters.
        assert_eq!(bare.matches("[-2000 ( now)]").count(), 1, "{bare}");
    }

    #[test]
    fn nothing_that_nobody_read_is_copied() {
        let original = pdf(
            &["(Mara) frobnicate (Mara) 1 w /Note << /A << /B [(Mara)] >> >> DP /Mara@home BMC EMC \
               BI /W 2 /H 1 /CS /G /BPC 8 /Secret (Mara) ID \x41\x42 EI BT /F1 12 Tf 50 700 Td (page) Tj ET"],
            "/Annots [6 0 R]",
            &[
                "<< /Subtype /Link /Rect [0 0 1 1] /Deep [[[[[[[[[[[[[[[[[[[[(Mara)]]]]]]]]]]]]]]]]]]]] \
                 /Control (Mara\\001) /Kind /Mara#20Lind >>",
                "<< /Subtype /Other /Length 4 >>\nstream\nMara\nendstream",
            ],
            "",
        );
        let (copy, bare) = copy(&original, &["Mara Lind"]);
        assert!(!bare.contains("Mara"), "{bare}");
        assert!(bare.contains("/Kind /#5B#3C1#3E#5D"), "{bare}");
        assert!(memmem::find(&bare.into_bytes(), b"ID\nAB").is_some());
        assert!(text(&copy).contains("page"));
    }

    #[test]
    fn notes_point_to_each_other_and_pages_that_are_gone_are_gone() {
        let page = "/Annots [8 0 R 9 0 R]";
        let original = pdf(
            &["BT /F1 12 Tf 50 700 Td (page) Tj ET", "BT /F1 12 Tf 50 700 Td (other) Tj ET"],
            page,
            &[
                "<< /Subtype /Text /Contents (first) /Popup 9 0 R /Rect [0 0 1 1] >>",
                "<< /Subtype /Popup /Parent 8 0 R /T (Eva Roth) /Rect [0 0 9 9] >>",
                "<< /Type /Page /Resources << /XObject << /Im 11 0 R >> >> >>",
                "<< /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray /Length 4 >>\n\
                 stream\nMara\nendstream",
                "<< /First 13 0 R >>",
                "<< /Title (gone) /Dest [10 0 R /Fit] /Next << /Title (there) /Dest (section.Mara) >> >>",
                "<< /Names [(section.Mara) [4 0 R /Fit]] >>",
            ],
            "",
        );
        let original = String::from_utf8(original)
            .unwrap()
            .replace("/Type /Catalog", "/Type /Catalog /Outlines 12 0 R /Names << /Dests 14 0 R >>");
        let (copy, bare) = copy(original.as_bytes(), &[]);
        let parsed = Pdf::new(copy.bytes.clone()).unwrap();
        for page in parsed.pages().iter() {
            let notes = page.raw().get::<Array<'_>>("Annots").unwrap();
            let popup = notes.iter::<Dict<'_>>().next().unwrap().get::<Dict<'_>>("Popup");
            assert_eq!((notes.iter::<Dict<'_>>().count(), popup.is_some()), (2, true), "{bare}");
        }
        for gone in ["Mara", "Eva"] {
            assert!(!bare.contains(gone), "{gone} in {bare}");
        }
        assert_eq!(bare.matches("(place 0000001)").count(), 2, "{bare}");
    }

    #[test]
    fn a_picture_that_is_covered_on_one_page_is_on_no_other() {
        let pages = scans(&[
            "q 100 0 0 100 0 0 cm /Im Do Q BT /F1 10 Tf 3 Tr 10 50 Td (Mara Lind writes this) Tj ET",
            "q 10 0 0 10 0 0 cm /Im Do Q BT /F1 10 Tf 10 50 Td (page) Tj ET",
        ]);
        let (copy, bare) = copy(&pages, &["Mara Lind"]);
        assert_eq!(bare.matches("/Subtype /Image").count(), 1, "{bare}");
        assert!(text(&copy).contains("page"));
    }

    #[test]
    fn links_by_names_lead_to_their_pages() {
        let original = pdf(
            &["BT /F1 12 Tf 50 700 Td (page) Tj ET"],
            "/Annots [6 0 R]",
            &["<< /Subtype /Link /Rect [0 0 1 1] /Dest /about.Mara >>"],
            "",
        );
        let original = String::from_utf8(original)
            .unwrap()
            .replace("/Type /Catalog", "/Type /Catalog /Dests << /about.Mara [4 0 R /Fit] >>");
        let (copy, bare) = copy(original.as_bytes(), &[]);
        assert!(bare.contains("/Dest /place#200000001") && bare.contains("/place#200000001 ["), "{bare}");
        assert!(!bare.contains("Mara") && text(&copy).contains("page"));
    }

    #[test]
    fn a_tick_stays() {
        let state = |sign: &str| {
            let drawn = format!("BT /F1 12 Tf 2 2 Td ({sign}) Tj ET");
            format!(
                "<< /Subtype /Form /BBox [0 0 20 20] /Resources << /Font << /F1 3 0 R >> >> /Length {} >>\nstream\n\
                 {drawn}\nendstream",
                drawn.len()
            )
        };
        let original = pdf(
            &["BT /F1 12 Tf 50 700 Td (page) Tj ET"],
            "/Annots [6 0 R]",
            &[
                "<< /Subtype /Widget /FT /Btn /T (box) /AS /Off /Rect [0 0 20 20] /AP << /N << /Yes 7 0 R /Off 8 0 R \
                 /Long 9 0 R >> >> >>",
                &state("4"),
                &state(""),
                &state("Mara"),
            ],
            "",
        );
        let (_, bare) = copy(&original, &[]);
        assert!(bare.contains("[(4)]") && !bare.contains("Mara"), "{bare}");
    }

    #[test]
    fn more_texts_than_the_limit_are_refused() {
        let texts: String = (0..30).map(|number| format!("(text of number {number})")).collect();
        let original = pdf(&["BT ET"], "", &[&format!("<< /Texts [{texts}] >>")], "");
        let limits = Limits { entries: 20, ..Limits::default() };
        let refused = read("a.pdf", &original, &limits).unwrap_err();
        assert_eq!(refused, ReadError::TooMany { what: "entries", limit: 20 });
    }

    #[test]
    fn what_is_drawn_twice_goes_twice() {
        let bold = "BT /F1 12 Tf 50 700 Td (Mara) Tj ET BT /F1 12 Tf 50.2 700 Td (Mara) Tj ET ";
        let outlined = "BT 2 Tr /F1 12 Tf 50 600 Td (Lind) Tj 0 Tr ( stays) Tj ET";
        let (copy, bare) = copy(&pdf(&[&format!("{bold}{outlined}")], "", &[], ""), &["Mara", "Lind"]);
        assert_eq!(text(&copy), "[<1>]\n[<1>] stays");
        assert!(!bare.contains("Mara") && !bare.contains("Lind"), "{bare}");
    }

    #[test]
    fn forms_are_written_as_each_page_draws_them() {
        let drawn = "q 1 0 0 1 0 50 cm /Fm Do Q BT /F1 12 Tf 50 700 Td (Mara) Tj ET";
        let original = pdf(
            &[drawn, "/Fm Do", "q /Fm Do Q"],
            "/Unused 10 0 R",
            &[
                "<< /Fm 11 0 R /Hidden 12 0 R >>",
                "<< /Subtype /Form /BBox [0 0 500 800] /Matrix [1 0 0 1 5 5] /Resources << /Font << /F1 3 0 R >> >> \
                 /Length 57 >>\nstream\nBT /F1 12 Tf 50 600 Td (Letter of Mara Lind) Tj ET      \nendstream",
                "<< /Subtype /Form /BBox [0 0 500 800] /Length 42 >>\nstream\n\
                 BT /F1 12 Tf 50 600 Td (Ida Roth) Tj ET   \nendstream",
            ],
            "",
        );
        let original = String::from_utf8(original)
            .unwrap()
            .replace("/Font << /F1 3 0 R >> >> /Unused", "/Font << /F1 3 0 R >> /XObject 10 0 R >> /Unused");
        let (copy, bare) = copy(original.as_bytes(), &["Mara"]);
        assert_eq!(text(&copy), "Letter of [<1>] Lind\n[<1>]\nLetter of [<1>] Lind\nLetter of [<1>] Lind");
        assert!(!bare.contains("Mara") && !bare.contains("Ida"), "{bare}");
    }

    #[test]
    fn notes_fields_and_what_stands_around_the_pages() {
        let original = pdf(
            &[
                "BT /F1 12 Tf 50 700 Td (page) Tj /Span << /MCID 1 /ActualText (Mara Lind) >> BDC (x) Tj EMC ET",
            ],
            "/Annots [6 0 R 7 0 R 8 0 R] /Thumb 9 0 R /AA << /O << /JS (alert\\(1\\)) >> >>",
            &[
                "<< /Subtype /Text /Contents (ask Mara) /T (Eva Roth) /Rect [0 0 1 1] >>",
                "<< /Subtype /Link /A << /S /URI /URI (mailto:mara@example.org) >> /Rect [0 0 1 1] \
                 /Dest [4 0 R /Fit] >>",
                "<< /Subtype /Widget /FT /Tx /T (caller) /V <FEFF004D006100720061> /Rect [10 20 110 40] \
                 /AP << /N 10 0 R /D 10 0 R >> >>",
                "<< /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray /Length 4 >>\n\
                 stream\nMara\nendstream",
                "<< /Subtype /Form /BBox [0 0 100 20] /Resources << /Font << /F1 3 0 R >> >> /Length 33 >>\n\
                 stream\nBT /F1 12 Tf 2 4 Td (Mara) Tj ET  \nendstream",
                "<< /Author (Jan Roth) /Title (About Mara) /Company (Lind) >>",
                "<< /Type /Metadata /Subtype /XML /Length 14 >>\nstream\n<a>Jan Lind</a>\nendstream",
                "<< /Title (Chapter of Mara) /Dest [4 0 R /Fit] >>",
                "<< /Secret (Mara Lind) >>",
            ],
            "/Info 11 0 R",
        );
        let original = String::from_utf8(original).unwrap().replace(
            "/Type /Catalog",
            "/Type /Catalog /Metadata 12 0 R /Outlines << /First 13 0 R >> /Private 14 0 R",
        );
        let (copy, bare) = copy(original.as_bytes(), &["Mara", "mara@example.org"]);
        let text = text(&copy);
        for kept in [
            "pagex",
            "note: ask [<1>]",
            "mailto:[<1>]",
            "caller: [<1>]",
            "Title: Chapter of [<1>]",
            "title: About [<1>]",
        ] {
            assert!(text.contains(kept), "{kept} in {text}");
        }
        // The field shows what it says.
        assert_eq!(text.matches("[<1>]").count(), 6, "{text}");
        for gone in ["Mara", "Lind", "Eva", "Jan", "alert", "Private", "Thumb", "mara@"] {
            assert!(!bare.contains(gone), "{gone} in {bare}");
        }
    }

    #[test]
    fn files_in_the_file_are_copies_or_nothing() {
        let original = pdf(
            &["BT /F1 12 Tf 50 700 Td (page) Tj ET"],
            "",
            &[
                "<< /Type /Filespec /F (people.csv) /EF << /F 7 0 R >> >>",
                "<< /Type /EmbeddedFile /Length 36 >>\nstream\nname,email\nIda,ida.roth@example.org\n\nendstream",
                "<< /Type /Filespec /F (odd.bin) /EF << /F 9 0 R >> >>",
                "<< /Type /EmbeddedFile /Length 8 >>\nstream\n\x00\x01\x02IDAR\x03\nendstream",
            ],
            "",
        );
        let original = String::from_utf8(original).unwrap().replace(
            "/Type /Catalog",
            "/Type /Catalog /Names << /EmbeddedFiles << /Names [(a) 6 0 R (b) 8 0 R] >> >>",
        );
        let (copy, bare) = copy(original.as_bytes(), &["ida.roth@example.org"]);
        assert!(text(&copy).contains("[<1>]"), "{bare}");
        assert!(!bare.contains("ida.roth") && !bare.contains("IDAR"), "{bare}");
    }

    #[test]
    fn hidden_layers_are_copied_as_far_as_they_are_read() {
        let form = "/OC /Off BDC BT /F1 12 Tf 50 640 Td (A) Tj ET EMC BT /F1 12 Tf 50 620 Td (A) Tj ET";
        let original = pdf(
            &[
                "/OC /Off BDC BT /F1 12 Tf 50 700 Td (Ida Roth) Tj ET EMC BT /F1 12 Tf 50 680 Td (Mara) Tj ET /Fm Do",
            ],
            "",
            &[
                "<< /Type /OCG /Name (off) >>",
                &format!(
                    "<< /Subtype /Form /BBox [0 0 600 800] /Resources << /Font << /F1 3 0 R >> \
                     /Properties << /Off 6 0 R >> >> /Length {} >>\nstream\n{form}\nendstream",
                    form.len()
                ),
            ],
            "",
        );
        let original = String::from_utf8(original)
            .unwrap()
            .replace(
                "/Type /Catalog",
                "/Type /Catalog /OCProperties << /OCGs [6 0 R] /D << /OFF [6 0 R] >> >>",
            )
            .replace(
                "/Font << /F1 3 0 R >> >>",
                "/Font << /F1 3 0 R >> /Properties << /Off 6 0 R >> /XObject << /Fm 7 0 R >> >>",
            );
        let (copy, bare) = copy(original.as_bytes(), &["Mara", "Ida Roth"]);
        let document = read("a.pdf", original.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(notes(&document), ["skipped hidden layers: what forms draw in them is not read"]);
        assert!(text(&copy).starts_with("[<1>]\n[<1>]\nA"), "{}", text(&copy));
        assert_eq!((bare.matches("(A)").count(), bare.matches("/OC /Off BDC").count()), (1, 2), "{bare}");
    }

    /// A page of 100 by 100 with a picture all over it.
    fn scan(over: &str) -> Vec<u8> {
        scans(&[&format!("q 100 0 0 100 0 0 cm /Im Do Q {over}")])
    }

    /// Pages that draw one picture.
    fn scans(pages: &[&str]) -> Vec<u8> {
        let picture: String = "9".repeat(100 * 100);
        let picture = format!(
            "<< /Subtype /Image /Width 100 /Height 100 /BitsPerComponent 8 /ColorSpace /DeviceGray \
             /Length {} >>\nstream\n{picture}\nendstream",
            picture.len()
        );
        let drawn = format!("/Font << /F1 3 0 R >> /XObject << /Im {} 0 R >> >>", 4 + 2 * pages.len());
        String::from_utf8(pdf(pages, "", &[&picture], ""))
            .unwrap()
            .replace("0 0 595 842", "0 0 100 100")
            .replace("/Font << /F1 3 0 R >> >>", &drawn)
            .into_bytes()
    }

    #[test]
    fn a_picture_loses_what_lies_beneath_the_words() {
        let original = scan("BT /F1 10 Tf 3 Tr 10 50 Td (Mara Lind writes this) Tj ET");
        let (copy, _) = copy(&original, &["Mara Lind"]);
        let parsed = Pdf::new(copy.bytes.clone()).unwrap();
        let pixels = parsed.objects().into_iter().find_map(|object| {
            let Object::Stream(stream) = object else { return None };
            stream.dict().contains_key("Width").then(|| stream.decoded_data().unwrap().into_owned())
        });
        let pixels = pixels.unwrap();
        let row = |from_bottom: usize| &pixels[(99 - from_bottom) * 100..][..100];
        assert!(row(40).iter().all(|grey| *grey == b'9') && row(65).iter().all(|grey| *grey == b'9'));
        for height in 48..=59 {
            let covered: Vec<usize> = (0..100).filter(|at| row(height)[*at] != b'9').collect();
            assert_eq!((covered[0], covered.len()), (6, 53), "{height}");
        }
    }

    #[test]
    fn a_picture_loses_what_its_camera_wrote() {
        // An EXIF segment with a name, and a scan of nothing.
        let jpeg = "FFD8FFE1000C4578696600004D617261FFDA0002FFD9>";
        let picture = format!(
            "<< /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray \
             /Filter [/ASCIIHexDecode /DCTDecode] /Length {} >>\nstream\n{jpeg}\nendstream",
            jpeg.len()
        );
        let original = pdf(&["/Im Do BT /F1 12 Tf 50 700 Td (page) Tj ET"], "", &[&picture], "");
        let original = String::from_utf8(original)
            .unwrap()
            .replace("/Font << /F1 3 0 R >> >>", "/Font << /F1 3 0 R >> /XObject << /Im 6 0 R >> >>");
        let document = read("a.pdf", original.as_bytes(), &Limits::default()).unwrap();
        let copy = replace("a.pdf", &document, original.as_bytes(), &[]).unwrap().bytes;
        assert!(memmem::find(&copy, b"\xFF\xD8\xFF\xDA\x00\x02\xFF\xD9").is_some());
        assert!(memmem::find(&copy, b"Exif").is_none());
    }

    #[test]
    fn a_page_that_is_a_picture_is_left_out() {
        let (copy, bare) = copy(&scan(""), &[]);
        assert!(text(&copy).starts_with("This page is a picture"), "{}", text(&copy));
        assert!(!bare.contains("99999") && !bare.contains("/Image"), "{bare}");
    }

    #[test]
    fn letters_that_no_standard_font_has_are_refused() {
        let original = pdf(&["BT /F1 12 Tf 50 700 Td (Mara) Tj ET"], "", &[], "");
        let document = read("a.pdf", &original, &Limits::default()).unwrap();
        let refused = replace_by("a.pdf", &document, &original, &[("Mara", "Мара")]);
        assert!(matches!(refused, Err(RewriteError::Unwritten(_))), "{refused:?}");
    }

    #[test]
    fn forms_are_not_drawn_without_end() {
        // Each draws the next twice.
        let forms: Vec<String> = (0..16)
            .map(|number| {
                format!(
                    "<< /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /Fm {} 0 R >> >> /Length 14 >>\n\
                     stream\n/Fm Do /Fm Do \nendstream",
                    number + 7
                )
            })
            .collect();
        let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
        let original = pdf(&["/Fm Do BT /F1 12 Tf 50 700 Td (Mara) Tj ET"], "", &forms, "");
        let original = String::from_utf8(original)
            .unwrap()
            .replace("/Font << /F1 3 0 R >> >>", "/Font << /F1 3 0 R >> /XObject << /Fm 6 0 R >> >>");
        let document = read("a.pdf", original.as_bytes(), &Limits::default()).unwrap();
        let refused = replace("a.pdf", &document, original.as_bytes(), &["Mara"]);
        assert!(matches!(refused, Err(RewriteError::Unwritten(_))), "{refused:?}");
    }
}

//! A page of a PDF: from glyphs at places to lines of words.

use std::{ops::Range, panic::resume_unwind};

use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, Paint, RenderContent, SoftMask,
    font::{Glyph, GlyphRun, PositionedGlyph},
    hayro_cmap::{BfString, WritingMode},
    hayro_syntax::{Pdf, content::TypedIter, object::Dict, page::Page},
    interpret, interpret_page,
    kurbo::{Affine, BezPath, Point, Rect, Shape, Vec2},
    pattern::Pattern,
};

use super::{instructions::unlayered, objects};
use crate::deadline::Deadline;

/// Glyphs further apart than this share of their size are words apart.
const SPACE: f64 = 0.18;
/// And further than this, columns.
const COLUMN: f64 = 2.0;
/// Glyphs whose lines are less apart than this are on one line: exponents, footnote marks.
pub(super) const LINE: f64 = 0.6;
/// A glyph that goes back further than this begins a line, even at the same height.
const BACK: f64 = 0.5;
/// Glyphs of a run that tell whether its letters are spaced.
const SPACED: usize = 3;
/// Glyphs that are drawn again are no further away than this share of their size.
const AGAIN: f64 = 0.1;
/// A picture that covers as much of the page is what the page is about.
const LARGE: f64 = 0.5;
/// And if the words on it cover less of it than this share, they are stamps and numbers of pages.
const TOLD: f64 = 0.02;
/// Only if they cover as much are they surely those that it shows, and not a watermark.
const SURELY_TOLD: f64 = 0.2;
/// More pictures on a page are not counted.
const PICTURES: usize = 100;
/// Smaller pictures, by their share of the page, are signs.
const SMALL: f64 = 0.01;

/// The text of a page in the order in which it is drawn, which is that of reading in nearly all files.
#[derive(Debug, Default)]
pub(super) struct PageText {
    pub text: String,
    pub glyphs: usize,
    /// Glyphs of which the file does not say what they mean.
    pub unknown: usize,
    /// What marks in its content say.
    pub marks: Vec<String>,
    /// It is a picture, for all that matters.
    pub is_picture: bool,
    /// The words on its pictures may be some of those that they show, and no more.
    pub may_be_picture: bool,
    /// Other pictures on it.
    pub pictures: usize,
}

/// The glyphs that one instruction shows.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub glyphs: Vec<Shown>,
    pub vertical: bool,
    /// Over a picture that shows the same, to be found and copied.
    pub invisible: bool,
    /// Drawn over the run before, to look bold.
    pub again: bool,
}

/// A glyph on the page.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub code: u32,
    /// From a thousandth of its size to the page.
    pub transform: Affine,
    /// In thousandths of its size.
    pub width: f64,
    /// What it says, in the text of the page.
    pub said: Range<usize>,
}

impl Shown {
    pub(super) fn origin(&self) -> Point {
        self.transform * Point::ZERO
    }

    /// Where the next one would begin. How far a glyph goes down is not told, and is nearly always its size.
    pub(super) fn end(&self, vertical: bool) -> Point {
        self.transform * if vertical { Point::new(0.0, -1000.0) } else { Point::new(self.width, 0.0) }
    }

    /// From its line to that above.
    pub(super) fn size(&self) -> f64 {
        (self.transform * Point::new(0.0, 1000.0) - self.origin()).hypot()
    }

    /// What it covers, in thousandths of its size.
    pub(super) fn body(&self) -> Rect {
        Rect::new(0.0, -200.0, self.width, 800.0)
    }

    /// Which way it goes on.
    pub(super) fn way(&self, vertical: bool) -> Vec2 {
        self.transform * if vertical { Point::new(0.0, -1.0) } else { Point::new(1.0, 0.0) } - self.origin()
    }
}

/// The text of `page` with the runs it consists of. Ends its thread after `deadline`, when nobody waits for it.
pub(super) fn read_page(page: &Page<'_>, pdf: &Pdf, deadline: Deadline) -> (PageText, Vec<Run>) {
    let mut settings = InterpreterSettings::default();
    let layers =
        pdf.xref().has_optional_content_groups().then(|| unlayered(page.page_stream().unwrap_or_default()));
    if layers.is_some() {
        settings.render_content = RenderContent::ANNOTATIONS;
    }
    let mut context = Context::new(
        Affine::IDENTITY,
        Rect::new(0.0, 0.0, 1.0, 1.0),
        &InterpreterCache::new(),
        pdf.xref(),
        settings,
    );
    let mut lines = Lines {
        page: PageText::default(),
        end: None,
        start: Point::ZERO,
        runs: Vec::new(),
        pictures: Vec::new(),
        deadline,
    };
    // What a layer hides is there, and to be read.
    if let Some(content) = layers {
        interpret(TypedIter::new(&content), page.resources(), &mut context, &mut lines);
    }
    interpret_page(page, &mut context, &mut lines);
    let shown = page.crop_box();
    let shown = Rect::new(shown.x0, shown.y0, shown.x1, shown.y1).abs();
    lines.pictures.iter_mut().for_each(|picture| *picture = picture.intersect(shown));
    let whole = shown.area();
    lines.page.is_picture = lines.is_picture(whole, TOLD);
    lines.page.may_be_picture = lines.is_picture(whole, SURELY_TOLD);
    if !lines.page.is_picture {
        lines.page.pictures = lines.untold(whole);
    }
    (lines.page, lines.runs)
}

struct Lines {
    page: PageText,
    /// Where the last glyph ended, and how large it was.
    end: Option<(Point, f64)>,
    /// Where the last run began: letters are drawn twice to look bold.
    start: Point,
    runs: Vec<Run>,
    /// What pictures cover.
    pictures: Vec<Rect>,
    deadline: Deadline,
}

impl Lines {
    fn glyph(&mut self, glyph: &Glyph<'_>, shown: &mut Shown, vertical: bool, usual: f64) {
        let (mut letter, unicode) = ([0; 4], glyph.as_unicode());
        let meant: &str = match &unicode {
            Some(BfString::Char(c)) => c.encode_utf8(&mut letter),
            Some(BfString::String(text)) => text,
            None => {
                self.page.unknown += 1;
                char::REPLACEMENT_CHARACTER.encode_utf8(&mut letter)
            }
        };
        self.page.glyphs += 1;
        self.separate(shown, vertical, usual, meant);
        let start = self.page.text.len();
        self.page.text.extend(meant.chars().map(|c| if c.is_control() { ' ' } else { c }));
        shown.said = start..self.page.text.len();
        self.end = Some((shown.end(vertical), shown.size()));
    }

    /// Whether the page is about what its pictures show. Scanners cut pages into strips.
    fn is_picture(&self, page: f64, told: f64) -> bool {
        if self.page.text.trim().is_empty() {
            return !self.pictures.is_empty();
        }
        let covered: f64 = self.pictures.iter().map(Rect::area).sum();
        covered >= page * LARGE && !self.are_told(&self.pictures, told)
    }

    /// Whether words stand on the pictures that may be those that they show.
    fn are_told(&self, pictures: &[Rect], told: f64) -> bool {
        let glyphs = self.runs.iter().filter(|run| !run.again).flat_map(|run| &run.glyphs);
        let glyphs = glyphs.filter(|glyph| !self.page.text[glyph.said.clone()].trim().is_empty());
        let on = glyphs.filter(|glyph| pictures.iter().any(|picture| picture.contains(glyph.origin())));
        let said: f64 = on.map(|glyph| glyph.transform.determinant().abs() * glyph.body().area()).sum();
        said >= told * pictures.iter().map(Rect::area).sum::<f64>()
    }

    /// How many pictures may show words that nothing tells.
    fn untold(&self, page: f64) -> usize {
        let large: Vec<&Rect> =
            self.pictures.iter().filter(|picture| picture.area() >= page * SMALL).take(PICTURES).collect();
        large.iter().filter(|picture| !self.are_told(&[***picture], TOLD)).count()
    }

    /// What stands between the last glyph and `next`, which means this. `usual` is the space between its neighbours, for
    /// each time its size.
    fn separate(&mut self, next: &Shown, vertical: bool, usual: f64, meant: &str) {
        let Some((end, last_size)) = self.end else { return };
        let size = next.size().max(last_size).max(f64::MIN_POSITIVE);
        let along = next.way(vertical);
        let direction = if along.hypot() > 0.0 { along / along.hypot() } else { Vec2::new(1.0, 0.0) };
        let gap = next.origin() - end;
        let (forward, aside) = (gap.dot(direction) / size - usual, gap.cross(direction).abs() / size);
        let text = &mut self.page.text;
        if aside > LINE || forward < -BACK || !forward.is_finite() {
            text.push('\n');
        } else if forward > SPACE && !text.ends_with([' ', '\t', '\n']) && meant != " " {
            text.push(if forward > COLUMN { '\t' } else { ' ' });
        }
    }
}

/// The least space between glyphs of a run, for each time their size: letters that are spaced are not words.
fn usual(glyphs: &[Shown], vertical: bool) -> f64 {
    let gaps = glyphs.windows(2).map(|pair| {
        let along = pair[0].way(vertical);
        (pair[1].origin() - pair[0].end(vertical)).dot(along) / along.hypot() / pair[0].size()
    });
    let least = gaps.fold(f64::INFINITY, f64::min);
    if least.is_finite() && glyphs.len() > SPACED { least.max(0.0) } else { 0.0 }
}

impl Device<'_> for Lines {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, mode: &DrawMode) {
        if self.deadline.is_over() {
            // Unwinds without a word; the thread has nothing more to do.
            resume_unwind(Box::new("deadline"));
        }
        let vertical = run.writing_mode() == WritingMode::Vertical;
        let shown = |glyph: &PositionedGlyph<'_>| Shown {
            code: glyph.char_code(),
            transform: props.transform * glyph.transform(),
            width: match &**glyph {
                Glyph::Outline(glyph) => glyph.advance_width().map_or(0.0, f64::from),
                Glyph::Type3(glyph) => glyph.advance_width().map_or(0.0, f64::from),
            },
            said: 0..0,
        };
        let mut glyphs: Vec<Shown> = run.glyphs().iter().map(shown).collect();
        let Some(first) = glyphs.first() else { return };
        let start = first.origin();
        let near = (start - self.start).hypot() < AGAIN * first.size();
        let codes = |glyphs: &[Shown]| glyphs.iter().map(|glyph| glyph.code).collect::<Vec<u32>>();
        let last = self.runs.last().filter(|last| near && codes(&last.glyphs) == codes(&glyphs));
        let again = last.is_some();
        if let Some(last) = last {
            glyphs.iter_mut().zip(&last.glyphs).for_each(|(glyph, last)| glyph.said = last.said.clone());
        } else {
            let usual = usual(&glyphs, vertical);
            for (shown, glyph) in glyphs.iter_mut().zip(run.glyphs()) {
                self.glyph(glyph, shown, vertical, usual);
            }
        }
        self.start = start;
        let invisible = matches!(mode, DrawMode::Invisible);
        self.runs.push(Run { glyphs, vertical, invisible, again });
    }

    fn draw_image(&mut self, image: Image<'_, '_>, props: ImageDrawProps<'_>) {
        let pixels = Rect::new(0.0, 0.0, image.width().into(), image.height().into());
        self.pictures.push(props.transform.transform_rect_bbox(pixels));
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        self.page.marks.extend(properties.into_iter().flat_map(objects::marks));
    }

    /// What a pattern shows is not read.
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'_>, _: &DrawMode) {
        if let Paint::Pattern(pattern) = &props.paint
            && let Pattern::Tiling(_) = **pattern
        {
            self.pictures.push((props.transform * path).bounding_box());
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

#[cfg(test)]
mod tests {
    use crate::{
        Limits, Note,
        fixtures::{notes, pdf},
        read,
    };

    fn text(content: &str) -> String {
        read("a.pdf", &pdf(&[content], "", &[], ""), &Limits::default()).unwrap().text().to_owned()
    }

    #[test]
    fn letters_are_words_however_they_are_set() {
        let shown = |text: &str, before: &str| format!("BT /F1 10 Tf {before} 50 700 Td ({text}) Tj ET");
        assert_eq!(text(&shown("Mara Lind", "3 Tc")), "Mara Lind");
        let small: String = "bill.ll".chars().map(|c| format!("({c}) Tj ")).collect();
        assert_eq!(text(&format!("BT /F1 4 Tf 50 700 Td {small} ET")), "bill.ll");
        assert_eq!(text("BT /F1 10 Tf 50 700 Td (line  ) Tj 0 -12 Td (next) Tj ET"), "line  \nnext");
    }

    #[test]
    fn glyphs_that_go_down_are_words() {
        let map = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> \
                   endcodespacerange 1 beginbfrange <0020> <007E> <0020> endbfrange endcmap";
        let original = pdf(
            &["BT /F2 10 Tf 300 700 Td <004D006100720061> Tj ET"],
            "",
            &[
                "<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-V /DescendantFonts [7 0 R] \
                 /ToUnicode 8 0 R >>",
                "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /CIDSystemInfo << /Registry (Adobe) \
                 /Ordering (Identity) /Supplement 0 >> >>",
                &format!("<< /Length {} >>\nstream\n{map}\nendstream", map.len()),
            ],
            "",
        );
        let original = String::from_utf8(original).unwrap().replace("/F1 3 0 R", "/F1 3 0 R /F2 6 0 R");
        let document = read("a.pdf", original.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(document.text(), "Mara");
    }

    #[test]
    fn a_page_in_strips_is_a_picture() {
        let strips: String = (0..10).map(|at| format!("q 595 0 0 84 0 {} cm /Im Do Q ", at * 84)).collect();
        let original = pdf(
            &[&format!("{strips} BT /F1 10 Tf 50 700 Td (fax 1) Tj ET")],
            "",
            &[
                "<< /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray /Length 1 >>\n\
               stream\nx\nendstream",
            ],
            "",
        );
        let original = String::from_utf8(original)
            .unwrap()
            .replace("/Font << /F1 3 0 R >> >>", "/Font << /F1 3 0 R >> /XObject << /Im 6 0 R >> >>");
        let document = read("a.pdf", original.as_bytes(), &Limits::default()).unwrap();
        assert_eq!((document.text(), document.notes()), ("fax 1", &[Note::PictureOnly(1)][..]));
    }

    #[test]
    fn what_a_pattern_shows_is_a_picture_too() {
        let original = pdf(
            &["/Pattern cs /P scn 0 0 595 842 re f"],
            "",
            &[
                "<< /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 9 /YStep 9 /Resources << >> \
               /Length 10 >>\nstream\n0 0 1 1 re\nendstream",
            ],
            "",
        );
        let original = String::from_utf8(original)
            .unwrap()
            .replace("/Font << /F1 3 0 R >> >>", "/Pattern << /P 6 0 R >> >>");
        let document = read("a.pdf", original.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(notes(&document), [Note::PictureOnly(1).to_string()]);
    }
}

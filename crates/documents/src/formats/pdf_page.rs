//! A page of a PDF: from glyphs at places to lines of words.

use std::{ops::Range, panic::resume_unwind};

use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask,
    font::{Glyph, GlyphRun},
    hayro_cmap::{BfString, WritingMode},
    hayro_syntax::{Pdf, page::Page},
    interpret_page,
    kurbo::{Affine, BezPath, Point, Rect, Vec2},
};

use crate::deadline::Deadline;

/// Glyphs further apart than this share of their size are words apart.
const SPACE: f64 = 0.18;
/// And further than this, columns.
const COLUMN: f64 = 2.0;
/// Glyphs whose lines are less apart than this are on one line: exponents, footnote marks.
pub(super) const LINE: f64 = 0.6;
/// A glyph that goes back further than this begins a line, even at the same height.
const BACK: f64 = 0.5;
/// A picture that covers as much of the page is what the page is about.
const LARGE: f64 = 0.5;
/// And if fewer glyphs than this lie on it, they don't say what it shows.
const FEW: usize = 10;

/// The text of a page in the order in which it is drawn, which is that of reading in nearly all files.
#[derive(Debug, Default)]
pub(super) struct PageText {
    pub text: String,
    pub glyphs: usize,
    /// Glyphs of which the file does not say what they mean.
    pub unknown: usize,
    /// It is a picture, for all that matters.
    pub is_picture: bool,
}

impl PageText {
    /// Its fonts do not tell which letters they show.
    pub(super) fn is_unreadable(&self) -> bool {
        self.unknown * 2 > self.glyphs
    }
}

/// The glyphs that one instruction shows.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub glyphs: Vec<Shown>,
    pub vertical: bool,
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

    /// Where the next one would begin.
    pub(super) fn end(&self) -> Point {
        self.transform * Point::new(self.width, 0.0)
    }

    /// From its line to that above.
    pub(super) fn size(&self) -> f64 {
        (self.transform * Point::new(0.0, 1000.0) - self.origin()).hypot()
    }

    /// Which way it goes on, as long as a thousandth of it is.
    pub(super) fn along(&self) -> Vec2 {
        self.transform * Point::new(1.0, 0.0) - self.origin()
    }
}

/// The text of `page` with the runs it consists of. Ends its thread after `deadline`, when nobody waits for it.
pub(super) fn read_page(page: &Page<'_>, pdf: &Pdf, deadline: Deadline) -> (PageText, Vec<Run>) {
    let settings = InterpreterSettings::default();
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
    interpret_page(page, &mut context, &mut lines);
    let whole = page.crop_box();
    lines.page.is_picture = lines.is_picture((whole.x1 - whole.x0).abs() * (whole.y1 - whole.y0).abs());
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
    fn glyph(&mut self, glyph: &Glyph<'_>, transform: Affine) -> Shown {
        let width = match glyph {
            Glyph::Outline(glyph) => glyph.advance_width().map_or(0.0, f64::from),
            Glyph::Type3(glyph) => glyph.advance_width().map_or(0.0, f64::from),
        };
        let mut shown = Shown { code: glyph.char_code(), transform, width, said: 0..0 };
        let meant = match glyph.as_unicode() {
            Some(BfString::Char(c)) => c.to_string(),
            Some(BfString::String(text)) => text,
            None => {
                self.page.unknown += 1;
                char::REPLACEMENT_CHARACTER.to_string()
            }
        };
        self.page.glyphs += 1;
        self.separate(shown.origin(), shown.along(), shown.size(), &meant);
        let start = self.page.text.len();
        self.page.text.extend(meant.chars().map(|c| if c.is_control() { ' ' } else { c }));
        shown.said = start..self.page.text.len();
        self.end = Some((shown.end(), shown.size()));
        shown
    }

    fn is_picture(&self, page: f64) -> bool {
        if self.page.text.trim().is_empty() {
            return !self.pictures.is_empty();
        }
        let glyphs = || self.runs.iter().flat_map(|run| &run.glyphs);
        let on = |picture: &Rect| glyphs().filter(|glyph| picture.contains(glyph.origin())).take(FEW).count();
        self.pictures.iter().any(|picture| picture.area() >= page * LARGE && on(picture) < FEW)
    }

    /// What stands between the last glyph and one at `origin` that means this.
    fn separate(&mut self, origin: Point, along: Vec2, size: f64, meant: &str) {
        let Some((end, last_size)) = self.end else { return };
        let size = size.max(last_size).max(f64::MIN_POSITIVE);
        let direction = if along.hypot() > 0.0 { along / along.hypot() } else { Vec2::new(1.0, 0.0) };
        let gap = origin - end;
        let (forward, aside) = (gap.dot(direction) / size, gap.cross(direction).abs() / size);
        let text = &mut self.page.text;
        if aside > LINE || forward < -BACK || !forward.is_finite() {
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        } else if forward > SPACE && !text.ends_with([' ', '\t', '\n']) && meant != " " {
            text.push(if forward > COLUMN { '\t' } else { ' ' });
        }
    }
}

impl Device<'_> for Lines {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        if self.deadline.is_over() {
            // Unwinds without a word; the thread has nothing more to do.
            resume_unwind(Box::new("deadline"));
        }
        let Some(first) = run.glyphs().first() else { return };
        let start = props.transform * first.transform() * Point::ZERO;
        let codes = run.glyphs().iter().map(|glyph| glyph.char_code());
        let last = self.runs.last().filter(|last| {
            last.glyphs.iter().map(|glyph| glyph.code).eq(codes) && (start - self.start).hypot() < 1.0
        });
        let mut shown = Run { vertical: run.writing_mode() == WritingMode::Vertical, ..Run::default() };
        if let Some(last) = last {
            shown.again = true;
            shown.glyphs = last.glyphs.clone();
            for (glyph, drawn) in shown.glyphs.iter_mut().zip(run.glyphs()) {
                glyph.transform = props.transform * drawn.transform();
            }
        } else {
            shown.glyphs.extend(
                run.glyphs().iter().map(|glyph| self.glyph(glyph, props.transform * glyph.transform())),
            );
        }
        self.start = start;
        self.runs.push(shown);
    }

    fn draw_image(&mut self, image: Image<'_, '_>, props: ImageDrawProps<'_>) {
        let pixels = Rect::new(0.0, 0.0, image.width().into(), image.height().into());
        self.pictures.push(props.transform.transform_rect_bbox(pixels));
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

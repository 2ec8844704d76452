//! A page of a PDF: from glyphs at places to lines of words.

use std::panic::resume_unwind;

use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask,
    font::{Glyph, GlyphRun},
    hayro_cmap::BfString,
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
const LINE: f64 = 0.6;
/// A glyph that goes back further than this begins a line, even at the same height.
const BACK: f64 = 0.5;

/// The text of a page in the order in which it is drawn, which is that of reading in nearly all files.
#[derive(Debug, Default)]
pub(super) struct PageText {
    pub text: String,
    pub glyphs: usize,
    /// Glyphs of which the file does not say what they mean.
    pub unknown: usize,
    pub pictures: bool,
}

/// The text of `page`. Ends its thread after `deadline`, when nobody waits for it.
pub(super) fn read_page(page: &Page<'_>, pdf: &Pdf, deadline: Deadline) -> PageText {
    let settings = InterpreterSettings::default();
    let mut context = Context::new(
        Affine::IDENTITY,
        Rect::new(0.0, 0.0, 1.0, 1.0),
        &InterpreterCache::new(),
        pdf.xref(),
        settings,
    );
    let mut lines =
        Lines { page: PageText::default(), end: None, start: Point::ZERO, last: String::new(), deadline };
    interpret_page(page, &mut context, &mut lines);
    lines.page
}

struct Lines {
    page: PageText,
    /// Where the last glyph ended, and how large it was.
    end: Option<(Point, f64)>,
    /// Where the last run began and what it said: letters are drawn twice to look bold.
    start: Point,
    last: String,
    deadline: Deadline,
}

impl Lines {
    fn glyph(&mut self, glyph: &Glyph<'_>, transform: Affine) {
        let origin = transform * Point::ZERO;
        let along = transform * Point::new(1.0, 0.0) - origin;
        let size = (transform * Point::new(0.0, 1000.0) - origin).hypot();
        let meant = match glyph.as_unicode() {
            Some(BfString::Char(c)) => c.to_string(),
            Some(BfString::String(text)) => text,
            None => {
                self.page.unknown += 1;
                char::REPLACEMENT_CHARACTER.to_string()
            }
        };
        self.page.glyphs += 1;
        self.separate(origin, along, size);
        self.page.text.extend(meant.chars().map(|c| if c.is_control() { ' ' } else { c }));
        let width = match glyph {
            Glyph::Outline(glyph) => glyph.advance_width().map_or(500.0, f64::from),
            Glyph::Type3(glyph) => glyph.advance_width().map_or(0.0, f64::from),
        };
        self.end = Some((origin + along * width, size));
    }

    /// What stands between the last glyph and one at `origin`.
    fn separate(&mut self, origin: Point, along: Vec2, size: f64) {
        let Some((end, last_size)) = self.end else { return };
        let size = size.max(last_size).max(f64::MIN_POSITIVE);
        let direction = if along.hypot() > 0.0 { along / along.hypot() } else { Vec2::new(1.0, 0.0) };
        let gap = origin - end;
        let (forward, aside) = (gap.dot(direction) / size, gap.cross(direction).abs() / size);
        let text = &mut self.page.text;
        if aside > LINE || forward < -BACK || !forward.is_finite() {
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        } else if forward > SPACE && !text.ends_with([' ', '\t', '\n']) {
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
        let said: String =
            run.glyphs().iter().map(|glyph| char::from_u32(glyph.char_code()).unwrap_or(' ')).collect();
        let again = said == self.last && (start - self.start).hypot() < 1.0;
        (self.start, self.last) = (start, said);
        if !again {
            for glyph in run.glyphs() {
                self.glyph(glyph, props.transform * glyph.transform());
            }
        }
    }

    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {
        self.page.pictures = true;
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

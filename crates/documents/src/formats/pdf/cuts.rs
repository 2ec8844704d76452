//! Which glyphs of a page are to go, and what is to stand there.

use std::{collections::HashMap, ops::Range};

use encoding_rs::WINDOWS_1252;
use hayro_interpret::kurbo::{Affine, Rect};

use super::page::{LINE, Run, Shown};
use crate::{RewriteError, sources::Area};

/// How far glyphs reach below their line and above it, in thousandths of their size.
const REACH: (f64, f64) = (-300.0, 1050.0);

/// Bytes of what a glyph means: ligatures are shorter.
const LONGEST: usize = 16;
/// And how far beside them letters in a picture may reach that were recognised there.
const BESIDE: f64 = 400.0;
/// Accents that have no width of their own cover as much.
const NARROWEST: f64 = 300.0;

/// What stands in the place of glyphs.
#[derive(Debug)]
pub(super) struct Label {
    /// In WinAnsi, which any reader has a font for.
    pub codes: Vec<u8>,
    /// How long the place is, on the page.
    pub room: f64,
}

#[derive(Debug, Default)]
pub(super) struct Cuts {
    /// By number of run and glyph, with the label that begins there.
    glyphs: HashMap<(usize, usize), Option<usize>>,
    labels: Vec<Label>,
    /// Labels in the place of glyphs that are not to be seen, with the areas where they stand on the page.
    pub over: Vec<(Area, Vec<u8>)>,
    areas: Vec<(Rect, Affine)>,
}

impl Cuts {
    /// `splices` are ranges of `text`, which `runs` say, with what is to stand there.
    pub(super) fn new(
        text: &str,
        runs: &[Run],
        splices: &[(Range<usize>, String)],
    ) -> Result<Self, RewriteError> {
        let mut all: Vec<(usize, usize)> = Vec::new();
        for (number, run) in runs.iter().enumerate() {
            all.extend((0..run.glyphs.len()).map(|index| (number, index)));
        }
        let glyph = |at: &(usize, usize)| -> &Shown { &runs[at.0].glyphs[at.1] };
        // Runs that are drawn again say what those before them do.
        all.sort_by_key(|at| (glyph(at).said.start, at.0));
        let mut cuts = Self::default();
        for (range, new) in splices {
            let first = all.partition_point(|at| glyph(at).said.end <= range.start);
            let count = all[first..].partition_point(|at| glyph(at).said.start < range.end);
            let gone = &all[first..first + count];
            let (Some(begin), Some(end)) = (gone.first(), gone.last()) else {
                if text[range.clone()].contains(char::is_alphanumeric) {
                    return Err(RewriteError::Unwritten("where a value is drawn is not known"));
                }
                continue;
            };
            // A glyph can be several letters, of which some stay.
            let before = &text[glyph(begin).said.start.min(range.start)..range.start];
            let behind = &text[range.end..glyph(end).said.end.max(range.end)];
            let label = label(&format!("{before}{new}{behind}"))?;
            for at in gone {
                let shown = glyph(at);
                // Its font would go on to say what it means.
                if shown.said.len() > LONGEST {
                    return Err(RewriteError::Unwritten("a glyph stands for a word"));
                }
                cuts.glyphs.entry(*at).or_insert(None);
                let run = &runs[at.0];
                let width = if run.vertical { 1000.0 } else { shown.width.max(NARROWEST) };
                let beside = if run.invisible { BESIDE } else { 0.0 };
                cuts.areas.push((Rect::new(-beside, REACH.0, width + beside, REACH.1), shown.transform));
            }
            if !label.is_empty() && runs[begin.0].invisible {
                let areas = gone.iter().map(|at| glyph(at).transform.transform_rect_bbox(glyph(at).body()));
                // On the first line.
                let first = glyph(begin).transform.transform_rect_bbox(glyph(begin).body());
                let line = areas.filter(|area| area.y0 < first.y1 && area.y1 > first.y0);
                let area = line.fold(first, |all, area| all.union(area));
                cuts.over.push(([area.x0, area.y0, area.x1, area.y1], label));
            } else if !label.is_empty() {
                cuts.glyphs.insert(*begin, Some(cuts.labels.len()));
                let vertical = runs[begin.0].vertical;
                cuts.labels
                    .push(Label { codes: label, room: room(glyph(begin), vertical, gone.iter().map(glyph)) });
            }
        }
        Ok(cuts)
    }

    /// What pictures show there is to go.
    pub(super) fn cover(&mut self, areas: &[Area]) {
        let own = |[x0, y0, x1, y1]: &Area| (Rect::new(*x0, *y0, *x1, *y1), Affine::IDENTITY);
        self.areas.extend(areas.iter().map(own));
    }

    /// Glyphs of which nobody knows what they say are to go too.
    pub(super) fn unknown(&mut self, text: &str, runs: &[Run]) {
        for (number, run) in runs.iter().enumerate() {
            for (index, glyph) in run.glyphs.iter().enumerate() {
                if text[glyph.said.clone()].contains(char::REPLACEMENT_CHARACTER) {
                    self.glyphs.entry((number, index)).or_insert(None);
                }
            }
        }
    }

    /// Whether this glyph is to go, and with which label in its place.
    pub(super) fn of(&self, run: usize, glyph: usize) -> Option<Option<&Label>> {
        self.glyphs.get(&(run, glyph)).map(|label| label.map(|index| &self.labels[index]))
    }

    /// Where the glyphs were: what they cover, and how that lies on the page.
    pub(super) fn areas(&self) -> impl Iterator<Item = &(Rect, Affine)> {
        self.areas.iter()
    }
}

pub(super) fn label(text: &str) -> Result<Vec<u8>, RewriteError> {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match WINDOWS_1252.encode(&text) {
        (codes, _, false) => Ok(codes.into_owned()),
        _ => Err(RewriteError::Unwritten("its replacement has letters that no font of PDF's own has")),
    }
}

/// From where `first` begins to where the last glyph on its line ends.
fn room<'g>(first: &Shown, vertical: bool, all: impl Iterator<Item = &'g Shown>) -> f64 {
    let (origin, along, size) = (first.origin(), first.way(vertical), first.size());
    let direction = along / along.hypot();
    let reach = |glyph: &Shown| {
        let way = glyph.end(vertical) - origin;
        (way.cross(direction).abs() < size * LINE).then(|| way.dot(direction))
    };
    let room = all.filter_map(reach).fold(0.0, f64::max);
    if room.is_finite() { room } else { 0.0 }
}

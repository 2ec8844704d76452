//! Content streams of PDF written again: the glyphs that are to go are gone, and what stands in their place takes as much
//! room (ISO 32000-2 §9.4).

use hayro_interpret::{
    hayro_syntax::{
        content::UntypedIter,
        object::{Dict, Name, Object, ObjectIdentifier, Stream},
        page::Resources,
    },
    kurbo::{Affine, Point, Vec2},
};
use pdf_writer::{Content, Name as PdfName, Ref};

use super::{
    copy::Copier,
    cuts::Cuts,
    instructions::{Graphics, Item, Out, Unit, items, units},
    page::{Run, Shown},
    picture,
};
use crate::{RewriteError, sources::Change};

/// Forms in forms.
const DEPTH: usize = 24;
/// Forms that one page draws, each as often as it does.
const FORMS: usize = 4_000;
/// Draws a line wherever something is drawn.
const ALWAYS: &[u8] = b"0 0 m 1 1 l S";
/// A glyph is where it was read if it is no further from there than this share of its size.
const NEAR: f64 = 0.1;
/// What is taken out leaves a gap of a multiple of this share of the size, since its exact width tells which letters it had
/// (Bland et al., Story Beyond the Eye, PETS 2023).
const GAP: f64 = 0.5;

/// A stream with the objects that it draws, by their names in it.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub content: Vec<u8>,
    /// It shows lines and areas and nothing else, wherever it is drawn.
    pub drawing: bool,
    /// What it shows depends on what names mean.
    pub named: bool,
    pub objects: Vec<(String, Ref)>,
}

/// What was read of the pictures of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// They are not what the page is about.
    Beside,
    /// As they are shown; what a layer hides was not seen.
    Shown,
    /// They are what the page is about, and nothing of them.
    Nothing,
}

impl Sight {
    pub(super) fn of(change: Option<&Change>) -> Self {
        match change {
            None => Self::Beside,
            Some(Change::Unread) => Self::Nothing,
            Some(_) => Self::Shown,
        }
    }
}

/// Follows the instructions of a page in the order in which its glyphs were read.
pub(super) struct Pen<'c, 'p> {
    pub copier: &'c mut Copier<'p>,
    runs: &'c [Run],
    cuts: &'c Cuts,
    /// Up to where the runs were met.
    next: usize,
    forms: usize,
    sight: Sight,
    /// Of each marked content around what is drawn, whether its layer hides it.
    hidden: Vec<bool>,
}

impl<'c, 'p> Pen<'c, 'p> {
    pub(super) fn new(copier: &'c mut Copier<'p>, runs: &'c [Run], cuts: &'c Cuts, sight: Sight) -> Self {
        Self { copier, runs, cuts, next: 0, forms: 0, sight, hidden: Vec::new() }
    }

    fn is_hidden(&self) -> bool {
        self.hidden.contains(&true)
    }

    /// Text that was read and not met can't be placed.
    pub(super) fn finish(self) -> Result<(), RewriteError> {
        if self.next == self.runs.len() {
            Ok(())
        } else {
            Err(RewriteError::Unwritten("where its text is drawn can't be followed"))
        }
    }

    pub(super) fn page(
        &mut self,
        content: &[u8],
        resources: &Resources<'p>,
    ) -> Result<Written, RewriteError> {
        self.stream(content, resources, Graphics::new(Affine::IDENTITY), 0)
    }

    /// The appearance of a note or field, drawn on the page by `onto`.
    pub(super) fn appearance(
        &mut self,
        form: &Stream<'p>,
        resources: &Resources<'p>,
        onto: Affine,
    ) -> Result<Option<Ref>, RewriteError> {
        self.form(form, resources, Graphics::new(onto), 0)
    }

    fn form(
        &mut self,
        form: &Stream<'p>,
        resources: &Resources<'p>,
        mut graphics: Graphics,
        depth: usize,
    ) -> Result<Option<Ref>, RewriteError> {
        if let Some(drawn) = self.copier.drawing(form) {
            return Ok(Some(drawn));
        }
        self.forms += 1;
        if depth > DEPTH || self.forms > FORMS {
            return Err(RewriteError::Unwritten("it draws too many forms in each other"));
        }
        let Ok(content) = form.decoded_data() else { return Ok(None) };
        graphics.ctm *= matrix(form.dict());
        let own = form.dict().get::<Dict<'_>>("Resources").map(Resources::new);
        let is_own = own.is_some();
        let resources = own.as_ref().unwrap_or(resources);
        let written = self.stream(&content, resources, graphics, depth + 1)?;
        Ok(Some(self.copier.form(form, resources, is_own, written)))
    }

    fn stream(
        &mut self,
        content: &[u8],
        resources: &Resources<'p>,
        graphics: Graphics,
        depth: usize,
    ) -> Result<Written, RewriteError> {
        let mut stream = Strokes {
            pen: self,
            resources,
            out: Out::default(),
            objects: Vec::new(),
            first: graphics.clone(),
            graphics,
            saved: Vec::new(),
            owed: 0.0,
            line: Affine::IDENTITY,
            here: Here::Line,
            shows: false,
            named: false,
            depth,
        };
        let mut instructions = UntypedIter::new(content);
        while let Some(instruction) = instructions.next() {
            let operands: Vec<&Object<'_>> = instruction.operands().collect();
            stream.instruction(&instruction.operator[..], &operands)?;
        }
        let Strokes { mut out, objects, saved, shows, named, .. } = stream;
        saved.iter().for_each(|_| out.operation(b"Q", &[]));
        let drawing = !shows && objects.is_empty();
        Ok(Written { content: out.finish(), drawing, named, objects })
    }
}

/// One stream while it is written again.
struct Strokes<'s, 'c, 'p> {
    pen: &'s mut Pen<'c, 'p>,
    resources: &'s Resources<'p>,
    out: Out,
    objects: Vec<(String, Ref)>,
    graphics: Graphics,
    first: Graphics,
    saved: Vec<(Graphics, Affine, Here)>,
    /// How far the next glyph is behind those that are gone, in units of the text.
    owed: f64,
    /// Where the line of text begins, and how it lies.
    line: Affine,
    /// Where the next glyph begins.
    here: Here,
    /// It has text or pictures.
    shows: bool,
    named: bool,
    depth: usize,
}

#[derive(Clone, Copy)]
enum Here {
    /// With the line.
    Line,
    /// There on the page, if it did not rise.
    Point(Point),
    /// Behind something that was not read.
    Unknown,
}

impl<'p> Strokes<'_, '_, 'p> {
    fn instruction(&mut self, operator: &[u8], operands: &[&Object<'_>]) -> Result<(), RewriteError> {
        self.named |= operands.iter().any(|operand| matches!(operand, Object::Name(_)));
        match (operator, operands) {
            (b"Tj", _) => return self.show(&items(operands)),
            (b"TJ", [Object::Array(array), ..]) => {
                let all: Vec<Object<'_>> = array.iter::<Object<'_>>().collect();
                return self.show(&items(&all.iter().collect::<Vec<_>>()));
            }
            (b"'", _) => {
                self.instruction(b"T*", &[])?;
                return self.show(&items(operands));
            }
            (b"\"", [word_space, letter_space, shown @ ..]) => {
                self.instruction(b"Tw", &[word_space])?;
                self.instruction(b"Tc", &[letter_space])?;
                self.instruction(b"T*", &[])?;
                return self.show(&items(shown));
            }
            (b"Do", [Object::Name(name), ..]) => return self.draw(name),
            (b"BI", [Object::Stream(picture), ..]) => self.draw_inline(picture),
            // Without what they are about they do nothing.
            (b"TJ" | b"\"" | b"Do" | b"BI", _) => {}
            (b"BMC" | b"BDC", _) => {
                let hides = operator == b"BDC" && self.hides(operands);
                self.pen.hidden.push(hides);
                self.out.mark(operator, operands);
            }
            _ if self.set(operator, operands) => self.out.operation(operator, operands),
            _ => {}
        }
        Ok(())
    }

    /// Follows what an instruction sets. Not all that are wrong can be written.
    fn set(&mut self, operator: &[u8], operands: &[&Object<'_>]) -> bool {
        let number = |index: usize| operands.get(index).map_or(0.0, |operand| value(operand));
        match (operator, operands) {
            (b"q", _) => self.saved.push((self.graphics.clone(), self.line, self.here)),
            (b"Q", _) => match self.saved.pop() {
                Some(saved) => (self.graphics, self.line, self.here) = saved,
                // It would restore what was before the page.
                None => {
                    self.graphics = self.first.clone();
                    return false;
                }
            },
            (b"cm", _) => self.graphics.ctm *= affine(operands),
            (b"BT", _) => self.begin_line(Affine::IDENTITY),
            (b"Tm", _) => self.begin_line(affine(operands)),
            (b"Td", _) => self.next_line(number(0), number(1)),
            (b"TD", _) => {
                self.graphics.leading = -number(1);
                self.next_line(number(0), number(1));
            }
            (b"T*", _) => self.next_line(0.0, -self.graphics.leading),
            (b"TL", _) => self.graphics.leading = number(0),
            (b"Ts", _) => self.graphics.rise = number(0),
            (b"Tf", [Object::Name(name), ..]) => self.graphics.font = Some((name.to_vec(), number(1))),
            (b"Tc", _) => self.graphics.letter_space = number(0),
            (b"Tw", _) => self.graphics.word_space = number(0),
            (b"Tz", _) => self.graphics.scale = number(0),
            (b"Tr", _) => self.graphics.mode = number(0) as i32,
            (b"gs", [Object::Name(name), ..]) => {
                let state = self.resources.get_ext_g_state(name);
                if state.is_some_and(|state| state.contains_key("Font")) {
                    self.graphics.font = None;
                }
            }
            (b"Tf" | b"gs", _) => return false,
            (b"EMC", _) => {
                self.pen.hidden.pop();
            }
            _ => {}
        }
        true
    }

    /// Whether the layer that a mark names is not shown.
    fn hides(&self, mark: &[&Object<'_>]) -> bool {
        let xref = self.pen.copier.xref();
        if !xref.has_optional_content_groups() {
            return false;
        }
        let mut marked = Out::default();
        marked.operation(b"BDC", mark);
        !picture::is_drawn(&[&*marked.finish(), ALWAYS].concat(), self.resources, xref)
    }

    /// What forms draw on a layer that is not shown was not read. What the page itself draws was.
    fn is_unread(&self) -> bool {
        self.depth > 0 && self.pen.is_hidden()
    }

    fn begin_line(&mut self, line: Affine) {
        (self.line, self.here, self.owed) = (line, Here::Line, 0.0);
    }

    fn next_line(&mut self, across: f64, up: f64) {
        self.begin_line(self.line * Affine::translate((across, up)));
    }

    /// Where the next glyph begins on the page, if it did not rise.
    fn place(&self) -> Option<Point> {
        match self.here {
            Here::Line => Some(self.graphics.ctm * self.line * Point::ZERO),
            Here::Point(point) => Some(point),
            Here::Unknown => None,
        }
    }

    /// What a way in the text is on the page.
    fn way(&self, across: f64, up: f64) -> Vec2 {
        let whole = self.graphics.ctm * self.line;
        whole * Point::new(across, up) - whole * Point::ZERO
    }

    /// Above the line, on the page.
    fn rise(&self) -> Vec2 {
        self.way(0.0, self.graphics.rise)
    }

    /// Whether the run begins where the first glyph of these does.
    fn is_here(&self, run: &Run, items: &[Item<'_>]) -> bool {
        let Some(first) = run.glyphs.first() else { return false };
        let Some(here) = self.place() else { return false };
        // Glyphs that go down stand beside their line.
        let near = if run.vertical { 2.0 } else { NEAR };
        let moves = items.iter().map_while(|item| match item {
            Item::Move(by) => Some(*by),
            Item::Codes(codes) => codes.is_empty().then_some(0.0),
        });
        let here = here - self.em(run.vertical) * (moves.sum::<f64>() / 1000.0);
        let away = (first.origin() - here - self.rise()).hypot();
        away <= near * first.size() || !away.is_finite()
    }

    /// Where the glyph behind these begins.
    fn behind(&self, run: &Run, units: &[Unit<'_>]) -> Here {
        let Some(last) = run.glyphs.last() else { return Here::Unknown };
        let size = self.graphics.size();
        let mut more = 0.0;
        for unit in units.iter().rev() {
            match unit {
                Unit::Move(by) => more -= by / 1000.0,
                Unit::Glyph(_, code) => {
                    let space = if **code == *b" " { self.graphics.word_space } else { 0.0 };
                    more += (self.graphics.letter_space + space) / size;
                    break;
                }
            }
        }
        let em = self.em(run.vertical);
        Here::Point(last.origin() - self.rise() + em * (advance(last, run) + more))
    }

    /// The way from a glyph to the next, for each time the size of the font; on the page.
    fn em(&self, vertical: bool) -> Vec2 {
        let size = self.graphics.size();
        if vertical { self.way(0.0, size) } else { self.way(size * self.graphics.scale / 100.0, 0.0) }
    }

    /// Moves that show nothing.
    fn go(&mut self, items: &[Item<'_>]) {
        let moves =
            || items.iter().filter_map(|item| if let Item::Move(by) = item { Some(*by) } else { None });
        self.out.show(moves().map(Unit::Move));
        if let Some(from) = self.place() {
            self.here = Here::Point(from - self.em(false) * (moves().sum::<f64>() / 1000.0));
        }
    }

    /// Shows what is to stay. What was not read is shown no more.
    fn show(&mut self, items: &[Item<'_>]) -> Result<(), RewriteError> {
        self.shows = true;
        if items.iter().all(|item| matches!(item, Item::Move(_) | Item::Codes([]))) {
            self.go(items);
            return Ok(());
        }
        let number = self.pen.next;
        let read = self.pen.runs.get(number).filter(|run| self.is_here(run, items) && !self.is_unread());
        let Some((run, units)) = read.and_then(|run| Some((run, units(items, run)?))) else {
            self.here = Here::Unknown;
            return Ok(());
        };
        self.pen.next += 1;
        // Filled and outlined, glyphs are drawn twice.
        let twin = self.pen.runs.get(self.pen.next).is_some_and(|twin| twin.again);
        if twin && matches!(self.graphics.mode, 2 | 6) {
            self.pen.next += 1;
        }
        self.here = self.behind(run, &units);
        self.show_run(number, run, &units)
    }

    /// Shows the glyphs that stay, and labels in the place of the others.
    fn show_run(&mut self, number: usize, run: &Run, units: &[Unit<'_>]) -> Result<(), RewriteError> {
        let cuts = self.pen.cuts;
        let mut kept = 0;
        for (at, unit) in units.iter().enumerate() {
            let Unit::Glyph(first, _) = *unit else { continue };
            let Some(label) = cuts.of(number, first).filter(|_| at >= kept) else { continue };
            let stays = |unit: &Unit<'_>| match unit {
                // A second label begins a gap of its own.
                Unit::Glyph(index, _) => {
                    let cut = cuts.of(number, *index);
                    cut.is_none() || (*index > first && cut.flatten().is_some())
                }
                Unit::Move(_) => false,
            };
            if at > kept || label.is_some() {
                self.show_behind_gap(&units[kept..at]);
            }
            if let Some(label) = label {
                let Some(font) = &self.graphics.font else {
                    return Err(RewriteError::Unwritten("a font is set in a way that is not followed"));
                };
                let room = (label.room / self.em(false).hypot() / GAP).floor() * GAP;
                self.out.label(label, &self.graphics, font, if room.is_finite() { room } else { 0.0 });
            }
            let behind = units[at..].iter().position(stays).map(|offset| at + offset);
            let next = match (behind.map(|at| units[at]), self.here) {
                (Some(Unit::Glyph(index, _)), _) => Some(run.glyphs[index].origin()),
                // Where the next instruction goes on.
                (_, Here::Point(point)) => Some(point + self.rise()),
                _ => None,
            };
            let along = self.em(run.vertical);
            let way =
                next.map_or(0.0, |next| (next - run.glyphs[first].origin()).dot(along) / along.hypot2());
            self.owed += if way.is_finite() { way * self.graphics.size() } else { 0.0 };
            kept = behind.unwrap_or(units.len());
        }
        if kept < units.len() {
            self.show_behind_gap(&units[kept..]);
        }
        Ok(())
    }

    /// After a gap for what is gone, which does not tell which letters it had.
    fn show_behind_gap(&mut self, units: &[Unit<'_>]) {
        let gap = std::mem::take(&mut self.owed) / self.graphics.size() / GAP;
        // Not more than there was: what follows may have a place of its own.
        let gap = if gap > 0.0 { gap.floor().max(1.0) } else { gap.floor() } * GAP;
        let moves = (gap.is_finite() && gap != 0.0).then_some(Unit::Move(-1000.0 * gap));
        self.out.show(moves.into_iter().chain(units.iter().copied()));
    }

    fn draw(&mut self, name: &Name<'_>) -> Result<(), RewriteError> {
        self.shows = true;
        let Some(object) = self.resources.get_x_object(name) else { return Ok(()) };
        let mut drawing = Content::new();
        drawing.op("Do").operand(PdfName(name));
        let drawing = drawing.finish();
        let layered = object.dict().contains_key("OC");
        if self.is_unread()
            || (layered && !picture::is_drawn(drawing.as_slice(), self.resources, self.pen.copier.xref()))
        {
            return Ok(());
        }
        let drawn = match object.dict().get::<Name<'_>>("Subtype") {
            Some(kind) if *kind == *b"Form" => {
                self.pen.form(&object, self.resources, self.graphics.clone(), self.depth)?
            }
            Some(kind) if *kind == *b"Image" => match self.picture(Some(object.obj_id()), drawing.as_slice())
            {
                Picture::Whole => self.pen.copier.picture(self.resources, name),
                Picture::Changed(id) => Some(id),
                Picture::Gone => None,
            },
            _ => None,
        };
        if let Some(id) = drawn {
            self.refer(id);
        }
        Ok(())
    }

    fn draw_inline(&mut self, picture: &Stream<'_>) {
        self.shows = true;
        let mut drawing = Out::default();
        drawing.inline(picture);
        let drawing = drawing.finish();
        match self.picture(None, &drawing) {
            Picture::Whole => self.out.raw(&drawing),
            Picture::Changed(id) => self.refer(id),
            Picture::Gone => {}
        }
    }

    /// What becomes of a picture that `drawing` draws, an object unless it stands in the content.
    fn picture(&mut self, picture: Option<ObjectIdentifier>, drawing: &[u8]) -> Picture {
        let unseen = match self.pen.sight {
            Sight::Beside => false,
            Sight::Shown => self.pen.is_hidden(),
            Sight::Nothing => true,
        };
        if unseen || self.is_unread() {
            return Picture::Gone;
        }
        let back = self.graphics.ctm.inverse();
        let beneath: Vec<_> = self.pen.cuts.areas().filter_map(|area| picture::covered(area, back)).collect();
        if beneath.is_empty() {
            return Picture::Whole;
        }
        let resources = self.resources;
        let decode = |copier: &Copier<'p>| picture::without(drawing, resources, copier.xref(), &beneath);
        match self.pen.copier.covered(picture, &beneath, decode) {
            Some(id) => Picture::Changed(id),
            None => Picture::Gone,
        }
    }

    fn refer(&mut self, id: Ref) {
        let name = format!("X{}", self.objects.len());
        self.out.content.op("Do").operand(PdfName(name.as_bytes()));
        self.objects.push((name, id));
    }
}

enum Picture {
    Whole,
    Changed(Ref),
    Gone,
}

/// How far the next glyph is, for each time the size.
fn advance(glyph: &Shown, run: &Run) -> f64 {
    // How far a glyph goes down is not told, and is nearly always this far.
    if run.vertical { -1.0 } else { glyph.width / 1000.0 }
}

fn value(object: &Object<'_>) -> f64 {
    if let Object::Number(number) = object { number.as_f64() } else { 0.0 }
}

fn affine(operands: &[&Object<'_>]) -> Affine {
    let mut six = [0.0; 6];
    six.iter_mut().zip(operands).for_each(|(own, operand)| *own = value(operand));
    Affine::new(six)
}

/// From a form to what draws it.
pub(super) fn matrix(form: &Dict<'_>) -> Affine {
    Affine::new(form.get::<[f64; 6]>("Matrix").unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]))
}

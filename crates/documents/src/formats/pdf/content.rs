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
        let number = |index: usize| operands.get(index).map_or(0.0, |operand| value(operand));
        match operator {
            b"q" => self.saved.push((self.graphics.clone(), self.line, self.here)),
            b"Q" => match self.saved.pop() {
                Some(saved) => (self.graphics, self.line, self.here) = saved,
                // It would restore what was before the page.
                None => {
                    self.graphics = self.first.clone();
                    return Ok(());
                }
            },
            b"cm" => self.graphics.ctm *= affine(operands),
            b"BT" => self.begin_line(Affine::IDENTITY),
            b"Tm" => self.begin_line(affine(operands)),
            b"Td" => self.next_line(number(0), number(1)),
            b"TD" => {
                self.graphics.leading = -number(1);
                self.next_line(number(0), number(1));
            }
            b"T*" => self.next_line(0.0, -self.graphics.leading),
            b"TL" => self.graphics.leading = number(0),
            b"Ts" => self.graphics.rise = number(0),
            b"Tf" => {
                let Some(Object::Name(name)) = operands.first() else { return Ok(()) };
                self.graphics.font = Some((name.to_vec(), number(1)));
            }
            b"Tc" => self.graphics.letter_space = number(0),
            b"Tw" => self.graphics.word_space = number(0),
            b"Tz" => self.graphics.scale = number(0),
            b"Tr" => self.graphics.mode = number(0) as i32,
            b"gs" => {
                let Some(Object::Name(name)) = operands.first() else { return Ok(()) };
                let state = self.resources.get_ext_g_state(name);
                if state.is_some_and(|state| state.contains_key("Font")) {
                    self.graphics.font = None;
                }
            }
            b"Tj" => return self.show(&items(operands)),
            b"TJ" => {
                let Some(Object::Array(array)) = operands.first() else { return Ok(()) };
                let all: Vec<Object<'_>> = array.iter::<Object<'_>>().collect();
                return self.show(&items(&all.iter().collect::<Vec<_>>()));
            }
            b"'" => {
                self.instruction(b"T*", &[])?;
                return self.show(&items(operands));
            }
            b"\"" => {
                let [word_space, letter_space, shown @ ..] = operands else { return Ok(()) };
                self.instruction(b"Tw", &[word_space])?;
                self.instruction(b"Tc", &[letter_space])?;
                self.instruction(b"T*", &[])?;
                return self.show(&items(shown));
            }
            b"Do" => {
                let Some(Object::Name(name)) = operands.first() else { return Ok(()) };
                return self.draw(name);
            }
            b"BI" => {
                let Some(Object::Stream(picture)) = operands.first() else { return Ok(()) };
                self.draw_inline(picture);
                return Ok(());
            }
            b"BMC" => {
                self.pen.hidden.push(false);
                self.out.mark(operator, operands);
                return Ok(());
            }
            b"EMC" => {
                self.pen.hidden.pop();
            }
            b"BDC" => {
                let mut marked = Out::default();
                marked.operation(operator, operands);
                let marked = marked.finish();
                let hidden = self.pen.copier.xref().has_optional_content_groups()
                    && !picture::is_drawn(
                        &[&*marked, ALWAYS].concat(),
                        self.resources,
                        self.pen.copier.xref(),
                    );
                self.pen.hidden.push(hidden);
                self.out.mark(operator, operands);
                return Ok(());
            }
            _ => {}
        }
        self.out.operation(operator, operands);
        Ok(())
    }

    fn begin_line(&mut self, line: Affine) {
        (self.line, self.here, self.owed) = (line, Here::Line, 0.0);
    }

    fn next_line(&mut self, across: f64, up: f64) {
        self.begin_line(self.line * Affine::translate((across, up)));
    }

    /// Above the line, on the page.
    fn rise(&self) -> Vec2 {
        let whole = self.graphics.ctm * self.line;
        whole * Point::new(0.0, self.graphics.rise) - whole * Point::ZERO
    }

    /// Whether the run begins where the first glyph of these does.
    fn is_here(&self, run: &Run, items: &[Item<'_>]) -> bool {
        let Some(first) = run.glyphs.first() else { return false };
        let here = match self.here {
            Here::Line => self.graphics.ctm * self.line * Point::ZERO,
            Here::Point(point) => point,
            Here::Unknown => return false,
        };
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
        let text = if vertical {
            Point::new(0.0, size)
        } else {
            Point::new(size * self.graphics.scale / 100.0, 0.0)
        };
        let whole = self.graphics.ctm * self.line;
        whole * text - whole * Point::ZERO
    }

    /// Moves that show nothing.
    fn go(&mut self, items: &[Item<'_>]) {
        let moves =
            || items.iter().filter_map(|item| if let Item::Move(by) = item { Some(*by) } else { None });
        self.out.show(moves().map(Unit::Move));
        let from = match self.here {
            Here::Line => self.graphics.ctm * self.line * Point::ZERO,
            Here::Point(point) => point,
            Here::Unknown => return,
        };
        self.here = Here::Point(from - self.em(false) * (moves().sum::<f64>() / 1000.0));
    }

    /// Shows what is to stay. What was not read is shown no more.
    fn show(&mut self, items: &[Item<'_>]) -> Result<(), RewriteError> {
        self.shows = true;
        if items.iter().all(|item| matches!(item, Item::Move(_) | Item::Codes([]))) {
            self.go(items);
            return Ok(());
        }
        let number = self.pen.next;
        let read = self
            .pen
            .runs
            .get(number)
            .filter(|run| self.is_here(run, items) && !(self.depth > 0 && self.pen.is_hidden()));
        let Some((run, units)) = read.and_then(|run| Some((run, units(items, run)?))) else {
            self.here = Here::Unknown;
            return Ok(());
        };
        let (here, rise) = (self.behind(run, &units), self.rise());
        self.here = here;
        let (across, along) = (self.em(false), self.em(run.vertical));
        let pen = &mut *self.pen;
        pen.next += 1;
        // Filled and outlined, glyphs are drawn twice.
        if matches!(self.graphics.mode, 2 | 6) && pen.runs.get(pen.next).is_some_and(|twin| twin.again) {
            pen.next += 1;
        }
        let mut kept = 0;
        for (at, unit) in units.iter().enumerate() {
            let Unit::Glyph(first, _) = *unit else { continue };
            let Some(label) = pen.cuts.of(number, first).filter(|_| at >= kept) else { continue };
            let stays = |unit: &Unit<'_>| match unit {
                // A second label begins a gap of its own.
                Unit::Glyph(index, _) => {
                    let cut = pen.cuts.of(number, *index);
                    cut.is_none() || (*index > first && cut.flatten().is_some())
                }
                Unit::Move(_) => false,
            };
            let behind = units[at..].iter().position(stays).map(|offset| at + offset);
            if at > kept || label.is_some() {
                let gap = std::mem::take(&mut self.owed);
                self.out.show(gap_of(gap, &self.graphics).into_iter().chain(units[kept..at].iter().copied()));
            }
            if let Some(label) = label {
                let graphics = &self.graphics;
                let Some(font) = &graphics.font else {
                    return Err(RewriteError::Unwritten("a font is set in a way that is not followed"));
                };
                let room = (label.room / across.hypot() / GAP).floor() * GAP;
                self.out.label(label, graphics, font, if room.is_finite() { room } else { 0.0 });
            }
            let next = behind.and_then(|at| match units[at] {
                Unit::Glyph(index, _) => Some(run.glyphs[index].origin()),
                Unit::Move(_) => None,
            });
            // Where the next instruction goes on.
            let next = next.or(if let Here::Point(point) = here { Some(point + rise) } else { None });
            let way =
                next.map_or(0.0, |next| (next - run.glyphs[first].origin()).dot(along) / along.hypot2());
            self.owed += if way.is_finite() { way * self.graphics.size() } else { 0.0 };
            kept = behind.unwrap_or(units.len());
        }
        if kept < units.len() {
            let gap = std::mem::take(&mut self.owed);
            self.out.show(gap_of(gap, &self.graphics).into_iter().chain(units[kept..].iter().copied()));
        }
        Ok(())
    }

    fn draw(&mut self, name: &Name<'_>) -> Result<(), RewriteError> {
        self.shows = true;
        let Some(object) = self.resources.get_x_object(name) else { return Ok(()) };
        let mut drawing = Content::new();
        drawing.op("Do").operand(PdfName(name));
        let drawing = drawing.finish();
        let layered = object.dict().contains_key("OC");
        if (self.depth > 0 && self.pen.is_hidden())
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
        if unseen || (self.depth > 0 && self.pen.is_hidden()) {
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

/// A gap that does not tell which letters it had.
fn gap_of<'u>(owed: f64, graphics: &Graphics) -> Option<Unit<'u>> {
    let gap = owed / graphics.size();
    // Not more than there was: what follows may have a place of its own.
    let gap = if gap > 0.0 { ((gap / GAP).floor() * GAP).max(GAP) } else { (gap / GAP).floor() * GAP };
    (gap.is_finite() && gap != 0.0).then_some(Unit::Move(-1000.0 * gap))
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

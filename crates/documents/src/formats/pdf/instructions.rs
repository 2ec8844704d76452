//! The instructions of a content stream of PDF as they are written again (ISO 32000-2 §9.4).

use hayro_interpret::{
    TransformExt,
    hayro_syntax::{
        content::UntypedIter,
        object::{MaybeRef, Object, Stream},
        page::Page,
    },
    kurbo::{Affine, Rect},
};
use pdf_writer::{Content, Name as PdfName, Str};

use super::{
    cuts::Label,
    objects::is_given,
    page::Run,
    values::{Role, Values},
};
use crate::sources::Area;

/// Stands on a page of the copy that was only a picture.
const NOT_READ: &str = "This page is a picture whose text was not read. It is left out of this copy.";

/// By which contents know the font of what stands in the place of others.
pub(super) const LABEL_FONT: &[u8] = b"TacitaLabel";
/// Courier's glyphs are all as wide, in thousandths of their size.
pub(super) const LABEL_WIDTH: f64 = 600.0;
/// No label is squeezed to less than this share of its size.
const NARROWEST: f64 = 0.2;
/// A label is made smaller down to this share, and then narrower.
const SMALLEST: f64 = 0.6;

/// What instructions show and draw follows from what was before; as far as it matters here.
#[derive(Clone)]
pub(super) struct Graphics {
    pub ctm: Affine,
    pub font: Option<(Vec<u8>, f64)>,
    pub letter_space: f64,
    pub word_space: f64,
    /// In percent.
    pub scale: f64,
    pub leading: f64,
    pub rise: f64,
    pub mode: i32,
}

impl Graphics {
    pub(super) fn size(&self) -> f64 {
        self.font.as_ref().map_or(1.0, |(_, size)| *size)
    }

    pub(super) fn new(ctm: Affine) -> Self {
        Self {
            ctm,
            font: None,
            letter_space: 0.0,
            word_space: 0.0,
            scale: 100.0,
            leading: 0.0,
            rise: 0.0,
            mode: 0,
        }
    }
}

/// The instructions that do something (ISO 32000-2 annex A), but for single points of marked content.
const KNOWN: &[&str] = &[
    "b", "B", "b*", "B*", "BDC", "BI", "BMC", "BT", "BX", "c", "cm", "CS", "cs", "d", "d0", "d1", "Do",
    "EMC", "ET", "EX", "f", "F", "f*", "G", "g", "gs", "h", "i", "ID", "j", "J", "K", "k", "l", "m", "M",
    "n", "q", "Q", "re", "RG", "rg", "ri", "s", "S", "SC", "sc", "SCN", "scn", "sh", "T*", "Tc", "Td", "TD",
    "Tf", "Tj", "TJ", "TL", "Tm", "Tr", "Ts", "Tw", "Tz", "v", "w", "W", "W*", "y", "'", "\"",
];
/// What says how the bytes of a picture in the content are to be read, long and short (ISO 32000-2 §8.9.7).
const INLINE: &[&[u8]] = &[
    b"BPC",
    b"BitsPerComponent",
    b"CS",
    b"ColorSpace",
    b"D",
    b"Decode",
    b"DP",
    b"DecodeParms",
    b"F",
    b"Filter",
    b"H",
    b"Height",
    b"IM",
    b"ImageMask",
    b"I",
    b"Interpolate",
    b"L",
    b"Length",
    b"W",
    b"Width",
    b"Intent",
];

/// What an instruction shows: codes of glyphs, and moves between them.
pub(super) enum Item<'i> {
    Codes(&'i [u8]),
    Move(f64),
}

/// The same, by glyphs.
#[derive(Clone, Copy)]
pub(super) enum Unit<'i> {
    Glyph(usize, &'i [u8]),
    Move(f64),
}

pub(super) fn items<'i>(operands: &'i [&Object<'_>]) -> Vec<Item<'i>> {
    let item = |operand: &&'i Object<'_>| match operand {
        Object::String(codes) => Some(Item::Codes(codes.as_bytes())),
        Object::Number(by) => Some(Item::Move(by.as_f64())),
        _ => None,
    };
    operands.iter().filter_map(item).collect()
}

/// Which bytes are which glyph of the run, if they are all of them.
pub(super) fn units<'i>(items: &[Item<'i>], run: &Run) -> Option<Vec<Unit<'i>>> {
    let bytes: usize =
        items.iter().map(|item| if let Item::Codes(codes) = item { codes.len() } else { 0 }).sum();
    let mut usual = bytes / run.glyphs.len().max(1);
    let mut units = Vec::with_capacity(run.glyphs.len());
    let mut glyphs = run.glyphs.iter().enumerate();
    for item in items {
        match item {
            Item::Move(by) => units.push(Unit::Move(*by)),
            Item::Codes(codes) => {
                let mut rest = *codes;
                while !rest.is_empty() {
                    let (index, glyph) = glyphs.next()?;
                    let fits = |length: &usize| {
                        let code = rest.get(..*length)?;
                        let value = code.iter().fold(0, |value: u32, byte| value << 8 | u32::from(*byte));
                        (value == glyph.code).then_some(*length)
                    };
                    usual = fits(&usual).or_else(|| (1..=4).find(|length| fits(length).is_some()))?;
                    let (code, behind) = rest.split_at(usual);
                    units.push(Unit::Glyph(index, code));
                    rest = behind;
                }
            }
        }
    }
    glyphs.next().is_none().then_some(units)
}

/// The instructions that were written.
pub(super) struct Out {
    done: Vec<u8>,
    pub content: Content,
}

impl Default for Out {
    fn default() -> Self {
        Self { done: Vec::new(), content: Content::new() }
    }
}

impl Out {
    /// An instruction as it was. One that no reader knows does nothing.
    pub(super) fn operation(&mut self, operator: &[u8], operands: &[&Object<'_>]) {
        self.write(operator, operands, &mut Values::silent());
    }

    fn write(&mut self, operator: &[u8], operands: &[&Object<'_>], values: &mut Values) {
        let Some(operator) = KNOWN.iter().find(|known| known.as_bytes() == operator) else { return };
        let mut operation = self.content.op(operator);
        operands.iter().for_each(|operand| values.object(operation.obj(), operand, Role::Plain));
    }

    /// The beginning of marked content. A mark that somebody named is one without a meaning.
    pub(super) fn mark(&mut self, operator: &[u8], operands: &[&Object<'_>]) {
        let given = matches!(operands.first(), Some(Object::Name(name)) if is_given(name));
        if given {
            self.content.op("BMC").operand(PdfName(b"Span"));
        } else {
            self.operation(operator, operands);
        }
    }

    pub(super) fn show<'u>(&mut self, units: impl IntoIterator<Item = Unit<'u>>) {
        let mut units = units.into_iter().peekable();
        if units.peek().is_none() {
            return;
        }
        let mut operation = self.content.op("TJ");
        let mut array = operation.obj().array();
        let mut codes: Vec<u8> = Vec::new();
        while let Some(unit) = units.next() {
            match unit {
                Unit::Glyph(_, code) => codes.extend_from_slice(code),
                Unit::Move(by) => {
                    array.item(by as f32);
                }
            }
            if !codes.is_empty() && !matches!(units.peek(), Some(Unit::Glyph(..))) {
                array.item(Str(&codes));
                codes.clear();
            }
        }
    }

    /// What stands in the place of others: it goes back to where it began, so that what follows is where it was.
    pub(super) fn label(
        &mut self,
        label: &Label,
        graphics: &Graphics,
        (font, size): &(Vec<u8>, f64),
        room: f64,
    ) {
        let natural = label.codes.len() as f64 * LABEL_WIDTH / 1000.0;
        let squeezed = (room / natural).clamp(NARROWEST, 1.0);
        let smaller = squeezed.max(SMALLEST);
        let mut set = |operator: &str, value: f64| {
            self.content.op(operator).operand(value as f32);
        };
        set("Tc", 0.0);
        set("Tw", 0.0);
        set("Tz", graphics.scale * squeezed / smaller);
        set("Tr", 0.0);
        self.content.op("Tf").operand(PdfName(LABEL_FONT)).operand((size * smaller) as f32);
        let back = label.codes.len() as f64 * LABEL_WIDTH;
        self.content.op("TJ").obj().array().item(Str(&label.codes)).item(back as f32);
        self.content.op("Tf").operand(PdfName(font)).operand(*size as f32);
        let mut set = |operator: &str, value: f64| {
            self.content.op(operator).operand(value as f32);
        };
        set("Tr", graphics.mode.into());
        set("Tz", graphics.scale);
        set("Tw", graphics.word_space);
        set("Tc", graphics.letter_space);
    }

    pub(super) fn inline(&mut self, picture: &Stream<'_>) {
        self.operation(b"BI", &[]);
        let mut operation = self.content.op("ID");
        // Colours by number are a string.
        let mut plain = Values::default();
        for (name, value) in picture.dict().entries() {
            if let MaybeRef::NotRef(value) = value
                && INLINE.contains(&&*name)
            {
                operation.operand(PdfName(&name));
                plain.object(operation.obj(), &value, Role::Plain);
            }
        }
        drop(operation);
        let data = picture.raw_data();
        self.raw(&[&*data, b"\nEI"].concat());
    }

    /// Bytes as they are, on a line of their own.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.done.extend_from_slice(std::mem::replace(&mut self.content, Content::new()).finish().as_slice());
        self.done.push(b'\n');
        self.done.extend_from_slice(bytes);
        self.done.push(b'\n');
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.raw(b"");
        self.done
    }
}

/// The same content with all of its layers shown.
pub(super) fn unlayered(content: &[u8]) -> Vec<u8> {
    let mut out = Out::default();
    // Of each mark around, whether it is still there.
    let mut open = Vec::new();
    let mut instructions = UntypedIter::new(content);
    while let Some(instruction) = instructions.next() {
        let operator = &instruction.operator[..];
        let operands: Vec<&Object<'_>> = instruction.operands().collect();
        let is_layer = matches!(operands.first(), Some(Object::Name(tag)) if **tag == *b"OC");
        let stays = match operator {
            b"BMC" | b"BDC" => {
                open.push(!is_layer);
                !is_layer
            }
            b"EMC" => open.pop().unwrap_or(true),
            _ => true,
        };
        match operands.first() {
            Some(Object::Stream(picture)) if operator == b"BI" => out.inline(picture),
            _ if stays => out.write(operator, &operands, &mut Values::default()),
            _ => {}
        }
    }
    out.finish()
}

/// A stream of which nothing was read, without the text it would show. Where it may be a `tick`, a sign alone stays.
pub(super) fn silent(content: &[u8], mut tick: bool) -> Vec<u8> {
    let mut out = Out::default();
    let mut instructions = UntypedIter::new(content);
    while let Some(instruction) = instructions.next() {
        let operands: Vec<&Object<'_>> = instruction.operands().collect();
        match (&instruction.operator[..], operands.first()) {
            (b"Tj", Some(Object::String(sign))) if tick && sign.as_bytes().len() == 1 => {
                tick = false;
                out.show([Unit::Glyph(0, sign.as_bytes())]);
            }
            (b"Tj" | b"TJ" | b"'" | b"\"", _) => {}
            (b"BI", Some(Object::Stream(picture))) => out.inline(picture),
            (b"BI", _) => {}
            (operator @ (b"BMC" | b"BDC"), _) => out.mark(operator, &operands),
            (operator, _) => out.operation(operator, &operands),
        }
    }
    out.finish()
}

/// Instructions that write over what was covered, as the page is turned.
pub(super) fn labelled(page: &Page<'_>, [left, bottom, right, top]: Area, label: &[u8]) -> Vec<u8> {
    let upright = page.initial_transform(false).to_kurbo();
    let area = upright.transform_rect_bbox(Rect::new(left, bottom, right, top));
    let natural = label.len() as f64 * LABEL_WIDTH / 1000.0;
    let size = (area.width() / natural).min(area.height());
    let mut content = Content::new();
    content
        .save_state()
        .transform(upright.inverse().as_coeffs().map(|number| number as f32))
        .begin_text()
        .set_fill_gray(0.0)
        .set_font(PdfName(LABEL_FONT), size as f32)
        .next_line(area.x0 as f32, (area.y0 + (area.height() - size * 0.6) / 2.0) as f32)
        .show(Str(label))
        .end_text()
        .restore_state();
    let mut content = content.finish().into_vec();
    content.push(b'\n');
    content
}

/// Instructions that say that the page was not read.
pub(super) fn notice(page: &Page<'_>) -> Vec<u8> {
    let (rect, mut content) = (page.crop_box(), Content::new());
    let size = (rect.width() * 0.9 / (NOT_READ.len() as f64 * LABEL_WIDTH / 1000.0)).min(12.0);
    content
        .begin_text()
        .set_font(PdfName(LABEL_FONT), size as f32)
        .next_line((rect.x0 + rect.width() * 0.05) as f32, (rect.y0 + rect.height() / 2.0) as f32)
        .show(Str(NOT_READ.as_bytes()))
        .end_text();
    let mut content = content.finish().into_vec();
    content.push(b'\n');
    content
}

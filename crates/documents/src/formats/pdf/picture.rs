//! Pictures on a page of a PDF without what lies beneath glyphs that are taken out: scanned pages, with the text that was
//! recognised over them.

use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
    InterpreterCache, InterpreterSettings, LumaData, SoftMask,
    font::GlyphRun,
    hayro_syntax::{content::TypedIter, page::Resources, xref::XRef},
    interpret,
    kurbo::{Affine, BezPath, Rect},
};

/// What covers what was taken out: light, for the words that stand there instead.
const COVER: u8 = 0xE4;

/// The pixels of a picture.
#[derive(Debug)]
pub(super) struct Pixels {
    pub width: u32,
    pub height: u32,
    /// Bytes for each: three colours, a grey, or for a stencil how much is painted.
    pub data: Vec<u8>,
    pub kind: Colours,
    pub alpha: Option<Box<Pixels>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    Rgb,
    Grey,
    /// It is painted in the colour of what draws it.
    Stencil,
}

/// The part of a picture that `area` covers, in the square of its own, if it does.
pub(super) fn covered((area, onto): &(Rect, Affine), back: Affine) -> Option<Rect> {
    let own = (back * *onto).transform_rect_bbox(*area).intersect(Rect::new(0.0, 0.0, 1.0, 1.0));
    // Of a picture without extent all is covered.
    let covers = own.width() > 0.0 && own.height() > 0.0 || !own.is_finite();
    covers.then_some(own)
}

/// The picture that `drawing` draws, covered there. Nothing if it can't be decoded.
pub(super) fn without<'p>(
    drawing: &[u8],
    resources: &Resources<'p>,
    xref: &'p XRef,
    there: &[Rect],
) -> Option<Pixels> {
    let mut pixels = Probe::of(drawing, resources, xref).pixels?;
    let stencil = pixels.kind == Colours::Stencil;
    for rect in there {
        pixels.cover(*rect, if stencil { 0 } else { COVER });
        if let Some(alpha) = &mut pixels.alpha {
            alpha.cover(*rect, u8::MAX);
        }
    }
    Some(pixels)
}

/// Whether the layer that `drawing` is in shows it.
pub(super) fn is_drawn<'p>(drawing: &[u8], resources: &Resources<'p>, xref: &'p XRef) -> bool {
    Probe::of(drawing, resources, xref).drawn
}

impl Pixels {
    /// Nothing if it can't be decoded.
    pub(super) fn of(image: &Image<'_, '_>) -> Option<Self> {
        let mut decoded = None;
        match image {
            Image::Stencil(image) => image.with_stencil(
                |luma, _| decoded = Some(Self { kind: Colours::Stencil, ..Self::from(luma) }),
                None,
            ),
            Image::Raster(image) => image.with_rgba(
                |data, alpha| {
                    let pixels = match data {
                        ImageData::Luma(luma) => Self::from(luma),
                        ImageData::Rgb(rgb) => Self {
                            width: rgb.width,
                            height: rgb.height,
                            data: rgb.data,
                            kind: Colours::Rgb,
                            alpha: None,
                        },
                    };
                    decoded = Some(Self { alpha: alpha.map(|luma| Box::new(luma.into())), ..pixels });
                },
                None,
            ),
        }
        decoded.filter(|pixels: &Self| pixels.width > 0 && pixels.height > 0)
    }

    fn bytes_per_pixel(&self) -> usize {
        if self.kind == Colours::Rgb { 3 } else { 1 }
    }

    /// `rect` lies in the square of the picture, whose first row is on top.
    fn cover(&mut self, rect: Rect, with: u8) {
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        let from = |share: f64, of: f64| (share * of).floor().clamp(0.0, of) as usize;
        let to = |share: f64, of: f64| (share * of).ceil().clamp(0.0, of) as usize;
        let columns = from(rect.x0, width)..to(rect.x1, width);
        let size = self.bytes_per_pixel();
        for row in from(1.0 - rect.y1, height)..to(1.0 - rect.y0, height) {
            let start = row * self.width as usize;
            if let Some(line) =
                self.data.get_mut((start + columns.start) * size..(start + columns.end) * size)
            {
                line.fill(with);
            }
        }
    }
}

impl From<LumaData> for Pixels {
    fn from(luma: LumaData) -> Self {
        Self { width: luma.width, height: luma.height, data: luma.data, kind: Colours::Grey, alpha: None }
    }
}

/// Draws, to see what is drawn.
#[derive(Default)]
struct Probe {
    drawn: bool,
    pixels: Option<Pixels>,
}

impl Probe {
    fn of<'p>(drawing: &[u8], resources: &Resources<'p>, xref: &'p XRef) -> Self {
        let mut context = Context::new(
            Affine::IDENTITY,
            Rect::new(0.0, 0.0, 1.0, 1.0),
            &InterpreterCache::new(),
            xref,
            InterpreterSettings::default(),
        );
        let mut probe = Self::default();
        interpret(TypedIter::new(drawing), resources, &mut context, &mut probe);
        probe
    }
}

impl Device<'_> for Probe {
    fn draw_image(&mut self, image: Image<'_, '_>, _: ImageDrawProps<'_>) {
        self.drawn = true;
        self.pixels = Pixels::of(&image);
    }

    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, '_>, _: DrawProps<'_>, _: &DrawMode) {}
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {
        self.drawn = true;
    }
    fn push_clip_path(&mut self, _: &ClipPath) {
        self.drawn = true;
    }
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

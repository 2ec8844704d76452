//! A page of a PDF that is only pictures, as one picture: for a program that recognises its words.

use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, TransformExt,
    font::GlyphRun,
    hayro_syntax::{Pdf, page::Page},
    interpret_page,
    kurbo::{Affine, BezPath, Point, Rect},
};

use super::pdf_picture::{Colours, Pixels};
use crate::{
    recognise::{GreyPicture, Word},
    sources::Area,
};

/// Pixels for each point of the page: from 100 to 400 for each inch.
const SCALES: (f64, f64) = (100.0 / 72.0, 400.0 / 72.0);
/// Larger pages are scaled down to so many pixels.
const MOST: f64 = 40e6;

/// What the pictures of a page show together.
#[derive(Debug)]
pub(super) struct Scan {
    pub picture: GreyPicture,
    /// From its pixels to the page.
    pub onto: Affine,
}

impl Scan {
    /// What a word covers on the page.
    pub(super) fn area(&self, word: &Word) -> Area {
        let (left, top) = (f64::from(word.left), f64::from(word.top));
        let own = Rect::new(left, top, left + f64::from(word.width), top + f64::from(word.height));
        let on = self.onto.transform_rect_bbox(own);
        [on.x0, on.y0, on.x1, on.y1]
    }
}

/// The pictures of `page` as a reader sees them, the right way up. Nothing if none can be decoded.
pub(super) fn scan(page: &Page<'_>, pdf: &Pdf) -> Option<Scan> {
    let mut pictures = Pictures(Vec::new());
    let cache = InterpreterCache::new();
    let unit = Rect::new(0.0, 0.0, 1.0, 1.0);
    let mut context =
        Context::new(Affine::IDENTITY, unit, &cache, pdf.xref(), InterpreterSettings::default());
    interpret_page(page, &mut context, &mut pictures);
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    // That of the picture that has most to show, so that its pixels stay what they are.
    let most = pictures.0.iter().max_by_key(|(pixels, _)| pixels.data.len())?;
    let most = Point::new(1.0, 0.0).to_vec2().hypot()
        / (most.1 * Point::new(1.0, 0.0) - most.1 * Point::ZERO).hypot();
    let most = if most.is_finite() { most } else { SCALES.0 };
    let scale = most.clamp(SCALES.0, SCALES.1).min((MOST / (width * height)).sqrt());
    let upright = Affine::scale(scale) * page.initial_transform(true).to_kurbo();
    let (width, height) = ((width * scale).ceil(), (height * scale).ceil());
    if !(width >= 1.0 && height >= 1.0 && width * height <= MOST * 1.1) {
        return None;
    }
    let mut picture = GreyPicture {
        width: width as u32,
        height: height as u32,
        resolution: (scale * 72.0).round() as u32,
        pixels: vec![u8::MAX; width as usize * height as usize],
    };
    for (pixels, transform) in &pictures.0 {
        paint(pixels, upright * *transform, &mut picture);
    }
    Some(Scan { picture, onto: upright.inverse() })
}

/// Draws a picture onto another, each pixel as the one that it falls on.
fn paint(pixels: &Pixels, onto: Affine, to: &mut GreyPicture) {
    let (width, height) = (f64::from(pixels.width), f64::from(pixels.height));
    let whole = Rect::new(0.0, 0.0, f64::from(to.width), f64::from(to.height));
    let covers = onto.transform_rect_bbox(Rect::new(0.0, 0.0, width, height)).intersect(whole);
    let back = onto.inverse();
    if !back.is_finite() || !(covers.width() > 0.0 && covers.height() > 0.0) {
        return;
    }
    for y in covers.y0.floor() as usize..covers.y1.ceil() as usize {
        let row = &mut to.pixels[y * to.width as usize..][..to.width as usize];
        for x in covers.x0.floor() as usize..covers.x1.ceil() as usize {
            let from = back * Point::new(x as f64 + 0.5, y as f64 + 0.5);
            if (0.0..width).contains(&from.x) && (0.0..height).contains(&from.y) {
                row[x] = shade(pixels, from.x as usize, from.y as usize, row[x]);
            }
        }
    }
}

/// How a pixel looks over `beneath`.
fn shade(pixels: &Pixels, x: usize, y: usize, beneath: u8) -> u8 {
    let at = y * pixels.width as usize + x;
    let over = |own: u8, share: u8| {
        let (own, share, beneath) = (u32::from(own), u32::from(share), u32::from(beneath));
        ((own * share + beneath * (255 - share)) / 255) as u8
    };
    let byte = |at: usize| pixels.data.get(at).copied();
    match pixels.kind {
        // Nearly always black.
        Colours::Stencil => over(0, byte(at).unwrap_or(0)),
        Colours::Grey | Colours::Rgb => {
            let own = if pixels.kind == Colours::Grey {
                byte(at)
            } else {
                // ITU-R BT.601.
                let colour = |index: usize| byte(at * 3 + index).map(u32::from);
                let weighed = |red, green, blue| (299 * red + 587 * green + 114 * blue) / 1000;
                colour(0)
                    .zip(colour(1))
                    .zip(colour(2))
                    .map(|((red, green), blue)| weighed(red, green, blue) as u8)
            };
            let share = pixels.alpha.as_ref().map_or(u8::MAX, |alpha| {
                let (x, y) = (
                    x * alpha.width as usize / pixels.width as usize,
                    y * alpha.height as usize / pixels.height as usize,
                );
                alpha.data.get(y * alpha.width as usize + x).copied().unwrap_or(u8::MAX)
            });
            own.map_or(beneath, |own| over(own, share))
        }
    }
}

/// What is drawn in pictures, with how their pixels lie on the page.
struct Pictures(Vec<(Pixels, Affine)>);

impl Device<'_> for Pictures {
    fn draw_image(&mut self, image: Image<'_, '_>, props: ImageDrawProps<'_>) {
        let (width, height) = (f64::from(image.width()), f64::from(image.height()));
        let held: usize = self.0.iter().map(|(pixels, _)| pixels.data.len()).sum();
        if width * height + held as f64 > 4.0 * MOST {
            return;
        }
        if let Some(pixels) = Pixels::of(&image) {
            // What was decoded may have other measures than the file says.
            let (wide, high) = (width / f64::from(pixels.width), height / f64::from(pixels.height));
            self.0.push((pixels, props.transform * Affine::scale_non_uniform(wide, high)));
        }
    }

    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, '_>, _: DrawProps<'_>, _: &DrawMode) {}
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

//! A page of a PDF that is only pictures, as one picture: for a program that recognises its words.

use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, TransformExt,
    font::GlyphRun,
    hayro_syntax::{Pdf, page::Page},
    interpret_page,
    kurbo::{Affine, BezPath, Point, Rect},
};

use super::picture::{Colours, Pixels};
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
    // That of the finest picture or mask, so that its pixels stay what they are.
    let finest = |(pixels, transform): &(Pixels, Affine)| {
        let finer =
            pixels.alpha.as_ref().map_or(1.0, |alpha| f64::from(alpha.width) / f64::from(pixels.width));
        finer.max(1.0) / (*transform * Point::new(1.0, 0.0) - *transform * Point::ZERO).hypot()
    };
    let finest = pictures.0.iter().map(finest).filter(|scale| scale.is_finite()).reduce(f64::max)?;
    let scale = finest.clamp(SCALES.0, SCALES.1).min((MOST / (width * height)).sqrt());
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
    if !(back.is_finite() && covers.width() > 0.0 && covers.height() > 0.0) {
        return;
    }
    for y in covers.y0.floor() as usize..covers.y1.ceil() as usize {
        let row = &mut to.pixels[y * to.width as usize..][..to.width as usize];
        let columns = covers.x0.floor() as usize..covers.x1.ceil() as usize;
        for (x, own) in columns.clone().zip(&mut row[columns]) {
            let from = back * Point::new(x as f64 + 0.5, y as f64 + 0.5);
            if (0.0..width).contains(&from.x) && (0.0..height).contains(&from.y) {
                *own = shade(pixels, from, *own);
            }
        }
    }
}

/// How a pixel looks over `beneath`.
fn shade(pixels: &Pixels, from: Point, beneath: u8) -> u8 {
    let at = from.y as usize * pixels.width as usize + from.x as usize;
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
                // It may be finer than the picture.
                let x = from.x / f64::from(pixels.width) * f64::from(alpha.width);
                let y = from.y / f64::from(pixels.height) * f64::from(alpha.height);
                alpha.data.get(y as usize * alpha.width as usize + x as usize).copied().unwrap_or(u8::MAX)
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use hayro_interpret::hayro_syntax::{Pdf, object::Object};

    use crate::{
        Limits, Replacement,
        fixtures::{notes, pdf, place},
        format::read_by,
        read,
        recognise::{GreyPicture, Recognise, Word},
        rewrite::rewrite_by,
    };

    /// Sees the same words in any picture.
    #[derive(Debug, Default)]
    struct Seer(RefCell<Vec<GreyPicture>>);

    impl Recognise for Seer {
        fn words(&self, picture: &GreyPicture) -> Vec<Word> {
            self.0.borrow_mut().push(picture.clone());
            let word = |text: &str, begins_line, left, top| Word {
                text: text.to_owned(),
                begins_line,
                left,
                top,
                width: 40,
                height: 10,
            };
            vec![
                word("Dear", true, 10, 20),
                word("Mara", false, 60, 20),
                word("Lind", false, 110, 20),
                word("hello", true, 10, 40),
            ]
        }
    }

    /// A page of 100 by 50, shown upright when it is turned, in two pictures of 200 by 50 pixels: nines above, ones below.
    fn scanned(turned: u32) -> Vec<u8> {
        let stripe = |shade: &str| {
            format!(
                "<< /Subtype /Image /Width 200 /Height 50 /BitsPerComponent 8 /ColorSpace /DeviceGray \
                 /Length 10000 >>\nstream\n{}\nendstream",
                shade.repeat(10_000)
            )
        };
        let (size, content) = match turned {
            0 => ("0 0 100 50", "q 100 0 0 25 0 25 cm /A Do Q q 100 0 0 25 0 0 cm /B Do Q"),
            // Its left side comes to lie on top.
            _ => ("0 0 50 100", "q 0 100 -25 0 25 0 cm /A Do Q q 0 100 -25 0 50 0 cm /B Do Q"),
        };
        let page = format!("/Rotate {turned}");
        let original = pdf(&[content], &page, &[&stripe("9"), &stripe("1")], "");
        String::from_utf8(original)
            .unwrap()
            .replace("0 0 595 842", size)
            .replace("/Font << /F1 3 0 R >> >>", "/XObject << /A 6 0 R /B 7 0 R >> >>")
            .into_bytes()
    }

    #[test]
    fn a_page_is_seen_as_it_is_shown_and_its_words_are_covered() {
        for turned in [0, 90] {
            let original = scanned(turned);
            let (seer, limits) = (Seer::default(), Limits::default());
            let document = read_by(Some(&seer), "a.pdf", &original, &limits).unwrap();
            assert_eq!(document.text(), "Dear Mara Lind\nhello");
            assert_eq!(place(&document, "hello"), "page 1, line 2");
            assert!(notes(&document)[0].contains("recognised"), "{:?}", document.notes());
            let picture = seer.0.borrow()[0].clone();
            assert_eq!((picture.width, picture.height, picture.resolution), (200, 100, 144), "{turned}");
            let row = |at: usize| &picture.pixels[at * 200..][..200];
            assert!(row(0).iter().chain(row(49)).all(|shade| *shade == b'9'), "{turned}");
            assert!(row(50).iter().chain(row(99)).all(|shade| *shade == b'1'), "{turned}");

            let replaced = Replacement::of(document.text(), 5..14, "[<1>]").unwrap();
            let copy = rewrite_by(Some(&seer), "a.pdf", &original, &[replaced], &limits).unwrap();
            let parsed = Pdf::new(copy.bytes.clone()).unwrap();
            let stripes = parsed.objects().into_iter().filter_map(|object| {
                let Object::Stream(stream) = object else { return None };
                stream.dict().contains_key("Width").then(|| stream.decoded_data().unwrap().into_owned())
            });
            for stripe in stripes {
                let other = |row: usize| {
                    stripe[row * 200..][..200].iter().filter(|shade| !b"19".contains(shade)).count()
                };
                // From where the one word begins to where the other ends, or a pixel more.
                let covered = if stripe[0] == b'9' { 90..=92 } else { 0..=0 };
                assert!(covered.contains(&other(20)) && covered.contains(&other(29)), "{turned}");
                assert_eq!((other(18), other(31)), (0, 0), "{turned}");
            }
            let again = read("a.pdf", &copy.bytes, &limits).unwrap();
            assert_eq!(again.text(), "[<1>]", "{turned}");
        }
    }

    #[test]
    fn nobody_is_asked_about_pages_with_words() {
        let seer = Seer::default();
        let original = pdf(&["BT /F1 12 Tf 50 700 Td (Mara) Tj ET"], "", &[], "");
        let document = read_by(Some(&seer), "a.pdf", &original, &Limits::default()).unwrap();
        assert_eq!((document.text(), seer.0.borrow().len()), ("Mara", 0));
    }
}

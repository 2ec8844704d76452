//! Streams in the copy of a PDF: forms, pictures, tables, files.

use std::{borrow::Cow, io::Write};

use flate2::{Compression, write::ZlibEncoder};
use hayro_interpret::{
    hayro_syntax::{
        object::{Name, Object, ObjectIdentifier, Stream},
        page::Resources,
    },
    kurbo,
};
use pdf_writer::{Filter, Finish, Name as PdfName, Null, Ref};

use super::{
    content::Written,
    copy::{Copier, file_key},
    instructions::{LABEL_FONT, silent},
    jpeg,
    picture::{Colours, Pixels},
    values::{Pending, Role, Values},
};
use crate::sources::Change;

/// How a stream is packed.
const PACKING: &[&[u8]] = &[b"Length", b"Filter", b"DecodeParms"];
/// Where else a stream may be kept.
const ELSEWHERE: &[&[u8]] = &[b"DL", b"F", b"FFilter", b"FDecodeParms"];

impl Copier<'_> {
    /// The copy of a form that draws lines and areas and nothing else, if it has one.
    pub(super) fn drawing(&self, form: &Stream<'_>) -> Option<Ref> {
        self.drawings.get(&form.obj_id()).copied()
    }

    /// A form as it is drawn in one place.
    pub(super) fn form(
        &mut self,
        form: &Stream<'_>,
        resources: &Resources<'_>,
        is_own: bool,
        written: Written,
    ) -> Ref {
        let is_own = is_own || !written.named;
        let drawn = (form.obj_id(), written.content, written.objects);
        if let Some(id) = self.forms.get(&drawn).filter(|_| is_own) {
            return *id;
        }
        let id = self.values.fresh();
        if is_own && written.drawing {
            self.drawings.insert(form.obj_id(), id);
        }
        let packed = packed(&drawn.1);
        let Self { values, out, label_font, .. } = self;
        let mut stream = out.stream(id, &packed);
        stream.filter(Filter::FlateDecode);
        let lost = |key: &[u8]| PACKING.contains(&key) || ELSEWHERE.contains(&key) || key == b"Resources";
        values.entries(&mut stream, form.dict(), Role::Plain, &lost);
        let mut named = stream.insert(PdfName(b"Resources")).dict();
        write_resources(values, &mut named, resources, &drawn.2, *label_font);
        named.finish();
        stream.finish();
        self.forms.insert(drawn, id);
        id
    }

    /// A picture as it is.
    pub(super) fn picture(&mut self, resources: &Resources<'_>, name: &Name<'_>) -> Option<Ref> {
        resources.x_objects.get_ref(name).map(|picture| self.values.link(picture, Role::Shown))
    }

    /// A picture without what lies there, as `decode` gives it; the same for each place where it is drawn alike.
    pub(super) fn covered(
        &mut self,
        picture: Option<ObjectIdentifier>,
        there: &[kurbo::Rect],
        decode: impl FnOnce(&Self) -> Option<Pixels>,
    ) -> Option<Ref> {
        let sides = |rect: &kurbo::Rect| [rect.x0, rect.y0, rect.x1, rect.y1].map(f64::to_bits);
        let Some(picture) = picture else { return decode(self).map(|pixels| self.pixels(&pixels)) };
        let key = (picture, there.iter().map(sides).collect::<Vec<_>>());
        if let Some(id) = self.covered.get(&key) {
            return *id;
        }
        let id = decode(self).map(|pixels| self.pixels(&pixels));
        self.covered.insert(key, id);
        id
    }

    /// A picture of these pixels.
    fn pixels(&mut self, pixels: &Pixels) -> Ref {
        let alpha = pixels.alpha.as_deref().map(|alpha| self.pixels(alpha));
        let id = self.values.fresh();
        let data = match pixels.kind {
            Colours::Rgb | Colours::Grey => packed(&pixels.data),
            Colours::Stencil => {
                let rows = pixels.data.chunks(pixels.width.max(1) as usize);
                // Where a stencil paints, its bit is none.
                let byte = |eight: &[u8]| {
                    (0..8).fold(0, |byte, at| byte << 1 | u8::from(eight.get(at).is_none_or(|&on| on < 128)))
                };
                packed(&rows.flat_map(|row| row.chunks(8).map(byte)).collect::<Vec<u8>>())
            }
        };
        let mut picture = self.out.image_xobject(id, &data);
        picture.filter(Filter::FlateDecode);
        picture.width(pixels.width.try_into().unwrap_or(0)).height(pixels.height.try_into().unwrap_or(0));
        match pixels.kind {
            Colours::Rgb => picture.bits_per_component(8).color_space().device_rgb(),
            Colours::Grey => picture.bits_per_component(8).color_space().device_gray(),
            Colours::Stencil => {
                picture.image_mask(true);
            }
        }
        if let Some(alpha) = alpha {
            picture.s_mask(alpha);
        }
        id
    }

    pub(super) fn pending(&mut self, Pending { from, to, role }: Pending) {
        match self.pdf.xref().get::<Object<'_>>(from.into()) {
            Some(Object::Stream(stream)) => self.stream(to, &stream, role),
            // One that is no page any more.
            Some(Object::Dict(page))
                if page.get::<Name<'_>>("Type").is_some_and(|kind| *kind == *b"Page") =>
            {
                self.out.indirect(to).primitive(Null);
            }
            Some(object) => self.values.object(self.out.indirect(to), &object, role),
            None => self.out.indirect(to).primitive(Null),
        }
    }

    fn stream(&mut self, id: Ref, stream: &Stream<'_>, role: Role) {
        let dict = stream.dict();
        let kind = dict.get::<Name<'_>>("Subtype");
        let is = |name: &[u8]| kind.as_ref().is_some_and(|kind| **kind == *name);
        let is_picture = is(b"Image") && role != Role::File;
        let draws =
            !is_picture && (is(b"Form") || role == Role::Glyphs || dict.get::<u32>("PatternType") == Some(1));
        let says_nothing = role == Role::Table
            || ["FunctionType", "ShadingType", "HalftoneType"].iter().any(|key| dict.contains_key(key));
        // It may show what was taken out of it elsewhere; of what is not on a page that is not known.
        let is_covered = self.covered.keys().any(|(covered, _)| *covered == stream.obj_id());
        let unknown = role != Role::Shown && (self.covers || !self.covered.is_empty());
        if is_picture && (is_covered || unknown) {
            self.out.indirect(id).primitive(Null);
            return;
        }
        if is_picture || (says_nothing && role != Role::File) {
            // What a camera wrote into its picture shows nothing.
            let bare = jpeg::of(stream).map(|jpeg| jpeg::bare(&jpeg));
            let data = match &bare {
                Some(Some(bare)) => Cow::Borrowed(&**bare),
                Some(None) => return self.out.indirect(id).primitive(Null),
                None => stream.raw_data(),
            };
            let mut copy = self.out.stream(id, &data);
            if bare.is_some() {
                copy.filter(Filter::DctDecode);
            }
            let packed_twice = stream.filters().len() > 1;
            let lost = |key: &[u8]| match key {
                b"Filter" => bare.is_some(),
                b"DecodeParms" => bare.is_some() && packed_twice,
                _ => key == b"Length" || ELSEWHERE.contains(&key),
            };
            self.values.entries(&mut copy, dict, role, &lost);
            return;
        }
        let decoded = || stream.decoded_data().ok();
        let content = match self.changes.get(&file_key(stream.obj_id())) {
            _ if draws => decoded().map(|content| silent(&content, role == Role::Tick)),
            Some(Change::Write(new)) if role == Role::File => Some(new.clone()),
            Some(Change::Keep) if role == Role::File => decoded().map(Cow::into_owned),
            _ => None,
        };
        let Some(content) = content else { return self.out.indirect(id).primitive(Null) };
        let data = packed(&content);
        let mut copy = self.out.stream(id, &data);
        copy.filter(Filter::FlateDecode);
        if draws {
            let lost = |key: &[u8]| PACKING.contains(&key) || ELSEWHERE.contains(&key);
            self.values.entries(&mut copy, dict, role, &lost);
        }
    }
}

pub(super) fn packed(content: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = packer.write_all(content);
    packer.finish().unwrap_or_default()
}

pub(super) fn write_resources(
    values: &mut Values,
    to: &mut pdf_writer::Dict<'_>,
    resources: &Resources<'_>,
    objects: &[(String, Ref)],
    label_font: Ref,
) {
    let none = |_: &[u8]| false;
    for (key, named, role) in [
        (&b"ExtGState"[..], &resources.ext_g_states, Role::State),
        (b"ColorSpace", &resources.color_spaces, Role::Table),
        (b"Pattern", &resources.patterns, Role::Paint),
        (b"Shading", &resources.shadings, Role::Plain),
        (b"Properties", &resources.properties, Role::Plain),
    ] {
        if !named.is_empty() {
            values.entries(&mut to.insert(PdfName(key)).dict(), named, role, &none);
        }
    }
    let mut fonts = to.insert(PdfName(b"Font")).dict();
    values.entries(&mut fonts, &resources.fonts, Role::Plain, &|key| key == LABEL_FONT);
    fonts.pair(PdfName(LABEL_FONT), label_font);
    fonts.finish();
    let objects = objects.iter().map(|(name, id)| (PdfName(name.as_bytes()), *id));
    to.insert(PdfName(b"XObject")).dict().pairs(objects);
}

//! Notes, links and fields on the pages of a PDF: what they say, and what becomes of them in its copy.

use hayro_interpret::{
    RectExt,
    hayro_syntax::{
        object::{Array, Dict, MaybeRef, Name, ObjRef, Object, Rect, Stream, String as PdfString},
        page::Page,
    },
    kurbo::{self, Affine, Shape},
};
use pdf_writer::{Name as PdfName, Ref};

use super::{content::matrix, copy::Copier, text_string, values::Role};
use crate::Marks;

/// Flags of an annotation that is not drawn (ISO 32000-2 §12.5.3): hidden, not shown.
const UNDRAWN: u32 = 1 << 1 | 1 << 5;

/// Groups around a field.
const GROUPS: usize = 32;

/// Text that lies on a page and not in it: a note, a field of a form, a link.
pub(super) struct Aside {
    pub label: String,
    pub text: String,
    pub marks: Marks,
}

/// What is said on a page beside what is drawn.
pub(super) fn asides(page: &Page<'_>) -> Vec<Aside> {
    let mut asides = Vec::new();
    let Some(annotations) = page.raw().get::<Array<'_>>("Annots") else { return asides };
    for annotation in annotations.iter::<Dict<'_>>() {
        let mut add = |label: &str, text: Option<PdfString<'_>>, marks| {
            let text = text.map(|text| text_string(&text)).unwrap_or_default();
            if !text.trim().is_empty() {
                asides.push(Aside { label: label.to_owned(), text, marks });
            }
        };
        let field = is_field(&annotation);
        let name = annotation.get::<PdfString<'_>>("T").map(|name| text_string(&name)).unwrap_or_default();
        if field {
            let label = if name.is_empty() { inherited(&annotation, "T").unwrap_or_default() } else { name };
            let value = inherited(&annotation, "V").unwrap_or_default();
            if !value.trim().is_empty() {
                asides.push(Aside { label, text: value, marks: Marks::default() });
            }
            continue;
        }
        add("author", annotation.get("T"), Marks::default());
        add("subject", annotation.get("Subj"), Marks::default());
        add("note", annotation.get("Contents"), Marks::default());
        if let Some(action) = annotation.get::<Dict<'_>>("A") {
            add("", action.get("URI"), Marks::LINK);
        }
    }
    asides
}

/// Whether an annotation is a field of a form.
fn is_field(annotation: &Dict<'_>) -> bool {
    inherited(annotation, "FT").is_some()
}

/// Whether it is a box to tick or a button.
fn is_box(annotation: &Dict<'_>) -> bool {
    inherited(annotation, "FT").as_deref() == Some("Btn")
}

/// What a field says itself, or else the group it belongs to.
fn inherited(field: &Dict<'_>, key: &str) -> Option<String> {
    let mut field = field.clone();
    for _ in 0..GROUPS {
        match field.get::<Object<'_>>(key) {
            Some(Object::String(text)) => return Some(text_string(&text)),
            Some(Object::Name(name)) => return Some(String::from_utf8_lossy(&name).into_owned()),
            Some(Object::Stream(text)) => return text.decoded_data().ok().map(|text| text_string(&text)),
            _ => field = field.get::<Dict<'_>>("Parent")?,
        }
    }
    None
}

impl Copier<'_> {
    /// A note, link or field with its new appearance. It may be on another page already.
    pub(super) fn annotation(
        &mut self,
        from: Option<ObjRef>,
        annotation: &Dict<'_>,
        drawn: Option<Ref>,
    ) -> Ref {
        let id = match from.and_then(|from| self.annotations.get_mut(&from)) {
            Some((id, true)) => return *id,
            Some((id, written)) => {
                *written = true;
                *id
            }
            None => self.values.fresh(),
        };
        let is_field = is_field(annotation);
        // What a box shows when it is ticked.
        let role = if is_box(annotation) { Role::Tick } else { Role::Plain };
        let looks = annotation.get::<Dict<'_>>("AP").and_then(|looks| looks.get::<Object<'_>>("N"));
        let states = if let Some(Object::Dict(states)) = looks { Some(states) } else { None };
        let Self { values, out, .. } = self;
        let mut dict = out.indirect(id).dict();
        // Whose note it is.
        let lost = |key: &[u8]| key == b"AP" || (key == b"T" && !is_field);
        values.entries(&mut dict, annotation, Role::Plain, &lost);
        if drawn.is_some() || states.is_some() {
            let mut looks = dict.insert(PdfName(b"AP")).dict();
            match states {
                Some(states) => {
                    let state = annotation.get::<Name<'_>>("AS");
                    let now = |key: &[u8]| state.as_ref().map_or(key == b"Off", |state| **state == *key);
                    let mut normal = looks.insert(PdfName(b"N")).dict();
                    if let (Some(drawn), Some(key)) = (drawn, states.keys().find(|key| now(key))) {
                        normal.pair(PdfName(values.name(&key)), drawn);
                    }
                    let lost = |key: &[u8]| drawn.is_some() && now(key);
                    values.entries(&mut normal, &states, role, &lost);
                }
                None => {
                    looks.pair(PdfName(b"N"), drawn.unwrap_or(id));
                }
            }
        }
        id
    }
}

/// The notes, links and fields of a page, with where they stand if not in the page itself.
pub(super) fn annotations<'p>(page: &'p Page<'p>) -> Vec<(Option<ObjRef>, Dict<'p>)> {
    let Some(all) = page.raw().get::<Array<'_>>("Annots") else { return Vec::new() };
    let one = |item| match item {
        MaybeRef::Ref(from) => Some((Some(from), page.xref().get::<Dict<'_>>(from.into())?)),
        MaybeRef::NotRef(Object::Dict(annotation)) => Some((None, annotation)),
        MaybeRef::NotRef(_) => None,
    };
    all.raw_iter().filter_map(one).collect()
}

/// What is drawn of a note, link or field, and how it comes to lie on the page (ISO 32000-2 §12.5.5).
pub(super) fn appearance<'p>(annotation: &Dict<'p>) -> Option<(Stream<'p>, Affine)> {
    if annotation.get::<u32>("F").unwrap_or(0) & UNDRAWN != 0 {
        return None;
    }
    let form = match annotation.get::<Dict<'_>>("AP")?.get::<Object<'_>>("N")? {
        Object::Stream(form) => form,
        Object::Dict(states) => annotation
            .get::<Name<'_>>("AS")
            .and_then(|state| states.get::<Stream<'_>>(state))
            .or_else(|| states.get::<Stream<'_>>("Off"))?,
        _ => return None,
    };
    let onto = annotation.get::<Rect>("Rect")?.to_kurbo();
    let [x0, y0, x1, y1] = form.dict().get::<[f64; 4]>("BBox")?;
    let own = kurbo::Rect::new(x0, y0, x1, y1).to_path(0.1);
    let own = (matrix(form.dict()) * own).bounding_box();
    let (wide, high) = (onto.width() / own.width(), onto.height() / own.height());
    let onto = Affine::new([wide, 0.0, 0.0, high, onto.x0 - wide * own.x0, onto.y0 - high * own.y0]);
    Some((form, onto))
}

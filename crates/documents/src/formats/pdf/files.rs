//! Files in a PDF.

use std::collections::HashSet;

use hayro_interpret::hayro_syntax::{
    Pdf,
    object::{Dict, MaybeRef, Object, ObjectIdentifier, Stream, String as PdfString},
};

use super::{Found, copy::file_key, text_string};

/// Objects in objects, as they lie in each other.
const DEPTH: usize = 32;

/// Files in the file, for each system that has one of its own.
pub(super) fn files(pdf: &Pdf) -> impl Iterator<Item = Found> {
    let mut seen = HashSet::new();
    pdf.objects().into_iter().flat_map(move |object| {
        let mut files = Vec::new();
        files_in(&object, DEPTH, &mut seen, &mut files);
        files
    })
}

fn files_in(object: &Object<'_>, depth: usize, seen: &mut HashSet<ObjectIdentifier>, files: &mut Vec<Found>) {
    let inner = |value| if let MaybeRef::NotRef(object) = value { Some(object) } else { None };
    match object {
        Object::Array(array) if depth > 0 => {
            array.raw_iter().filter_map(inner).for_each(|item| files_in(&item, depth - 1, seen, files));
        }
        Object::Dict(dict) if depth > 0 => {
            if let Some(contents) = dict.get::<Dict<'_>>("EF") {
                let name = dict.get::<PdfString<'_>>("UF").or_else(|| dict.get::<PdfString<'_>>("F"));
                let name = name.map_or_else(|| "without a name".to_owned(), |name| text_string(&name));
                let streams = contents.keys().filter_map(|system| contents.get::<Stream<'_>>(system));
                for stream in streams.filter(|stream| seen.insert(stream.obj_id())) {
                    if let Ok(content) = stream.decoded_data() {
                        let (key, content) = (Some(file_key(stream.obj_id())), content.into_owned());
                        files.push(Found::File { key, name: name.clone(), content });
                    }
                }
            }
            let values = dict.entries().filter_map(|(_, value)| inner(value));
            values.for_each(|value| files_in(&value, depth - 1, seen, files));
        }
        _ => {}
    }
}

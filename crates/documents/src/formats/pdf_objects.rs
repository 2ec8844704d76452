//! What the objects of a PDF say beside its pages: names of fields and layers, bookmarks, actions, scripts, signatures,
//! metadata in XML, and what no page points to any more.

use std::collections::HashSet;

use hayro_interpret::hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, Name, Object, Stream},
};

use super::{pdf::text_string, pdf_jpeg};

/// Objects in objects, as they lie in each other and not where they point.
const DEPTH: usize = 16;
/// Texts that may be so long that they are streams.
const LONG: &[&[u8]] = &[b"JS", b"RC", b"RV", b"DV", b"V", b"XFA"];
/// Shorter numbers identify nobody.
const DIGITS: usize = 5;
/// Strings for programs: digests and keys, looks, kinds of fonts.
const PROGRAMS: &[&[u8]] =
    &[b"ID", b"O", b"U", b"OE", b"UE", b"Perms", b"DA", b"Registry", b"Ordering", b"CharSet", b"FontFamily"];

/// A text with the name of its entry, or a file by what it is called here.
pub(super) enum Said {
    Text(String, String),
    File(&'static str, Vec<u8>),
}

/// All that no one of `told` says already.
pub(super) fn read(pdf: &Pdf, told: HashSet<String>, limit: usize) -> Vec<Said> {
    let mut objects = Objects { told, said: Vec::new(), limit };
    for object in pdf.objects() {
        objects.object("", &object, 0);
    }
    objects.said
}

struct Objects {
    told: HashSet<String>,
    said: Vec<Said>,
    limit: usize,
}

impl Objects {
    fn object(&mut self, key: &str, object: &Object<'_>, depth: usize) {
        if depth > DEPTH || self.said.len() >= self.limit {
            return;
        }
        match object {
            Object::String(text) => self.text(key, text_string(text)),
            Object::Array(array) => self.array(key, array, depth),
            Object::Dict(dict) => self.dict(dict, depth),
            Object::Stream(stream) => {
                let dict = stream.dict();
                if dict.get::<Name<'_>>("Subtype").is_some_and(|kind| *kind == *b"XML") {
                    self.file("metadata.xml", stream);
                }
                if let Some(picture) =
                    pdf_jpeg::of(stream).filter(|picture| pdf_jpeg::says_something(picture))
                {
                    self.said.push(Said::File("picture.jpg", picture));
                }
                self.dict(dict, depth);
            }
            _ => {}
        }
    }

    fn array(&mut self, key: &str, array: &Array<'_>, depth: usize) {
        for item in array.raw_iter() {
            if let MaybeRef::NotRef(item) = item {
                self.object(key, &item, depth + 1);
            }
        }
    }

    fn dict(&mut self, dict: &Dict<'_>, depth: usize) {
        for (name, value) in dict.entries() {
            if PROGRAMS.contains(&&*name) {
                continue;
            }
            let key = String::from_utf8_lossy(&name);
            if let MaybeRef::NotRef(value) = value {
                self.object(&key, &value, depth + 1);
            }
            if LONG.contains(&&*name) {
                let kind = if *name == *b"JS" { "script.js" } else { "text.xml" };
                if let Some(stream) = dict.get::<Stream<'_>>(&*name) {
                    self.file(kind, &stream);
                } else if let Some(parts) = dict.get::<Array<'_>>(&*name) {
                    // Forms name each of their streams before it.
                    let streams = parts.iter::<Object<'_>>().filter_map(Object::into_stream);
                    streams.for_each(|stream| self.file(kind, &stream));
                }
            }
        }
    }

    fn text(&mut self, key: &str, text: String) {
        let count = |is: fn(char) -> bool| text.chars().filter(|c| is(*c)).count();
        // A date of PDF's own has one letter.
        let words =
            count(char::is_alphabetic) > 1 || (count(char::is_numeric) > DIGITS && !text.starts_with("D:"));
        let binary = text.chars().any(|c| c.is_control() && !c.is_whitespace());
        if words && !binary && self.told.insert(text.clone()) {
            self.said.push(Said::Text(key.to_owned(), text));
        }
    }

    fn file(&mut self, name: &'static str, stream: &Stream<'_>) {
        if self.said.len() < self.limit
            && let Ok(content) = stream.decoded_data()
        {
            self.said.push(Said::File(name, content.into_owned()));
        }
    }
}

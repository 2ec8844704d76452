//! What the objects of a PDF say beside its pages: names of fields and layers, bookmarks, actions, scripts, signatures,
//! metadata in XML, and what no page points to any more.

use std::collections::HashSet;

use hayro_interpret::hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, Name, Object, Stream},
};

use super::{jpeg, text_string};

/// Objects in objects, as they lie in each other and not where they point.
const DEPTH: usize = 16;
/// Texts of one mark in the content of a page.
const MARKS: usize = 100;
/// Texts that may be so long that they are streams.
const LONG: &[&[u8]] = &[b"JS", b"RC", b"RV", b"DV", b"V", b"XFA"];
/// Shorter numbers identify nobody.
const DIGITS: usize = 5;
/// Strings for programs: looks, kinds of fonts.
pub(super) const PROGRAMS: &[&[u8]] = &[b"DA", b"Registry", b"Ordering", b"CharSet", b"FontFamily"];

/// A text with the name of its entry, or a file by what it is called here.
pub(super) enum Said {
    Text(String, String),
    File(&'static str, Vec<u8>),
}

/// All that no one of `told` says already. Nothing if there is more than `limit`.
pub(super) fn read(pdf: &Pdf, told: HashSet<String>, limit: usize) -> Option<Vec<Said>> {
    let mut objects = Objects { told, said: Vec::new(), limit };
    for object in pdf.objects() {
        objects.object("", &object, 0);
    }
    (objects.said.len() < limit).then_some(objects.said)
}

/// What a dictionary in the content of a page says.
pub(super) fn marks(dict: &Dict<'_>) -> impl Iterator<Item = String> {
    let mut objects = Objects { told: HashSet::new(), said: Vec::new(), limit: MARKS };
    objects.dict(dict, 0);
    objects.said.into_iter().filter_map(|said| if let Said::Text(_, text) = said { Some(text) } else { None })
}

/// It may identify somebody. A date of PDF's own has one letter.
pub(super) fn says_something(text: &str) -> bool {
    let count = |is: fn(char) -> bool| text.chars().filter(|c| is(*c)).count();
    let is_date = text.strip_prefix("D:").is_some_and(|date| date.starts_with(|c: char| c.is_ascii_digit()));
    count(char::is_alphabetic) > 1 || (count(char::is_numeric) > DIGITS && !is_date)
}

/// Signs that no text has: keys and digests, and colours by number. Languages of PDF stand between escapes
/// (ISO 32000-2 §7.9.2.2).
fn is_binary(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && !c.is_whitespace() && c != '\u{1b}')
}

/// A name that somebody gave; those of programs are single words with few digits.
pub(super) fn is_given(name: &[u8]) -> bool {
    let digits = name.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits > DIGITS || name.iter().any(|byte| matches!(byte, b'@' | b' ') || !byte.is_ascii())
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
            Object::Name(name) => self.name(name),
            Object::Array(array) => self.array(key, array, depth),
            Object::Dict(dict) => self.dict(dict, depth),
            Object::Stream(stream) => {
                let dict = stream.dict();
                if dict.get::<Name<'_>>("Subtype").is_some_and(|kind| *kind == *b"XML") {
                    self.file("metadata.xml", stream);
                }
                if let Some(picture) = jpeg::of(stream).filter(|picture| jpeg::says_something(picture)) {
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
            self.name(&name);
            let key = String::from_utf8_lossy(&name);
            if let MaybeRef::NotRef(value) = value {
                self.object(&key, &value, depth + 1);
            }
            if LONG.contains(&&*name) {
                let is_script = *name == *b"JS";
                if let Some(stream) = dict.get::<Stream<'_>>(&*name) {
                    self.long(is_script, &stream);
                } else if let Some(parts) = dict.get::<Array<'_>>(&*name) {
                    // Forms name each of their streams before it.
                    let streams = parts.iter::<Object<'_>>().filter_map(Object::into_stream);
                    streams.for_each(|stream| self.long(is_script, &stream));
                }
            }
        }
    }

    fn text(&mut self, key: &str, text: String) {
        if says_something(&text) && !is_binary(&text) && self.told.insert(text.clone()) {
            self.said.push(Said::Text(key.to_owned(), text));
        }
    }

    fn name(&mut self, name: &[u8]) {
        if is_given(name) {
            self.text("name", String::from_utf8_lossy(name).into_owned());
        }
    }

    fn long(&mut self, is_script: bool, stream: &Stream<'_>) {
        let Ok(content) = stream.decoded_data() else { return };
        let is_markup = content.trim_ascii_start().starts_with(b"<");
        let name = if is_script {
            "script.js"
        } else if is_markup {
            "text.xml"
        } else {
            "text.txt"
        };
        self.file(name, stream);
    }

    fn file(&mut self, name: &'static str, stream: &Stream<'_>) {
        if self.said.len() < self.limit
            && let Ok(content) = stream.decoded_data()
        {
            self.said.push(Said::File(name, content.into_owned()));
        }
    }
}

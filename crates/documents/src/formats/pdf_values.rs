//! Objects of a PDF written as they were, but for their numbers, the words that are replaced and what no copy has.

use std::collections::{HashMap, VecDeque};

use hayro_interpret::hayro_syntax::object::{Dict, MaybeRef, ObjRef, Object};
use pdf_writer::{Name, Null, Obj, Ref, Str, TextStr};

use super::pdf::text_string;

/// What no copy has: who made it with what, pictures of pages, programs, what the text says once more for machines, and what
/// programs keep for themselves.
const LOST: &[&[u8]] = &[
    b"AA",
    b"ActualText",
    b"DSS",
    b"JS",
    b"JavaScript",
    b"LastModified",
    b"Metadata",
    b"OpenAction",
    b"Perms",
    b"PieceInfo",
    b"RC",
    b"RV",
    b"SpiderInfo",
    b"Thumb",
    b"XFA",
];
/// Objects in objects, as they lie in each other and not where they point.
const DEPTH: usize = 64;

/// What an object is there for, as far as that tells how it is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// Fonts, colours and tables, which say nothing.
    Table,
    /// How the glyphs of a font are drawn.
    Glyphs,
    /// A file in the file.
    File,
}

impl Role {
    /// That of what stands under `key`, in what has this role.
    fn of(self, key: &[u8]) -> Self {
        match key {
            b"CharProcs" => Self::Glyphs,
            b"EF" => Self::File,
            b"FontFile" | b"FontFile2" | b"FontFile3" | b"ToUnicode" | b"Encoding" | b"CIDToGIDMap"
            | b"CIDSet" | b"UseCMap" | b"DestOutputProfile" | b"JBIG2Globals" | b"ColorSpace" | b"CS"
            | b"Alternate" | b"DefaultGray" | b"DefaultRGB" | b"DefaultCMYK" => Self::Table,
            _ if matches!(self, Self::Glyphs | Self::File) || self == Self::Table => self,
            _ => Self::Plain,
        }
    }
}

/// An object that is still to be copied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub from: ObjRef,
    pub to: Ref,
    pub role: Role,
}

#[derive(Debug, Default)]
pub(super) struct Values {
    /// What stands in the place of texts, by what they said.
    pub words: HashMap<String, String>,
    numbers: HashMap<ObjRef, Ref>,
    pending: VecDeque<Pending>,
    last: i32,
}

impl Values {
    /// A number that no object has.
    pub(super) fn fresh(&mut self) -> Ref {
        self.last += 1;
        Ref::new(self.last)
    }

    /// The number of a copy that is written elsewhere. Nothing if it has one.
    pub(super) fn claim(&mut self, from: ObjRef) -> Option<Ref> {
        if self.numbers.contains_key(&from) {
            return None;
        }
        let to = self.fresh();
        self.numbers.insert(from, to);
        Some(to)
    }

    /// The number of the copy of `from`, which is yet to be written if this is the first that asks.
    pub(super) fn link(&mut self, from: ObjRef, role: Role) -> Ref {
        if let Some(to) = self.claim(from) {
            self.pending.push_back(Pending { from, to, role });
        }
        self.numbers[&from]
    }

    pub(super) fn pending(&mut self) -> Option<Pending> {
        self.pending.pop_front()
    }

    pub(super) fn object(&mut self, to: Obj<'_>, object: &Object<'_>, role: Role) {
        self.nested(to, object, role, 0);
    }

    fn nested(&mut self, to: Obj<'_>, object: &Object<'_>, role: Role, depth: usize) {
        match object {
            Object::Boolean(value) => to.primitive(*value),
            Object::Number(number) => {
                let value = number.as_f64();
                if value.fract() == 0.0 && value.abs() < f64::from(i32::MAX) {
                    to.primitive(value as i32);
                } else {
                    to.primitive(value as f32);
                }
            }
            Object::String(string) => {
                let bytes = string.as_bytes();
                match self.words.get(&text_string(bytes)) {
                    Some(new) => to.primitive(TextStr(new)),
                    None => to.primitive(Str(bytes)),
                }
            }
            Object::Name(name) => to.primitive(Name(name)),
            Object::Array(array) if depth < DEPTH => {
                let mut items = to.array();
                for item in array.raw_iter() {
                    self.either(items.push(), &item, role, depth + 1);
                }
            }
            // A signature is of what was signed.
            Object::Dict(dict) if depth < DEPTH && !dict.contains_key("ByteRange") => {
                self.within(&mut to.dict(), dict, role, &|_, _| false, depth + 1);
            }
            Object::Array(_) | Object::Dict(_) | Object::Stream(_) | Object::Null(_) => to.primitive(Null),
        }
    }

    fn either(&mut self, to: Obj<'_>, value: &MaybeRef<Object<'_>>, role: Role, depth: usize) {
        match value {
            MaybeRef::Ref(from) => to.primitive(self.link(*from, role)),
            MaybeRef::NotRef(object) => self.nested(to, object, role, depth),
        }
    }

    /// The entries of a dictionary without those that `lost` tells by key and, if it stands there, value.
    pub(super) fn entries(
        &mut self,
        to: &mut pdf_writer::Dict<'_>,
        dict: &Dict<'_>,
        role: Role,
        lost: &dyn Fn(&[u8], Option<&Object<'_>>) -> bool,
    ) {
        self.within(to, dict, role, lost, 0);
    }

    fn within(
        &mut self,
        to: &mut pdf_writer::Dict<'_>,
        dict: &Dict<'_>,
        role: Role,
        lost: &dyn Fn(&[u8], Option<&Object<'_>>) -> bool,
        depth: usize,
    ) {
        for (key, value) in dict.entries() {
            let there = if let MaybeRef::NotRef(object) = &value { Some(object) } else { None };
            if !LOST.contains(&&*key) && !lost(&key, there) {
                self.either(to.insert(Name(&key)), &value, role.of(&key), depth);
            }
        }
    }
}

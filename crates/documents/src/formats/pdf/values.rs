//! Objects of a PDF written as they were, but for their numbers, the words that are replaced and what no copy has.

use std::collections::{BTreeSet, HashMap, VecDeque};

use hayro_interpret::hayro_syntax::{
    Pdf,
    object::{self, Array, Dict, MaybeRef, ObjRef, Object},
};
use pdf_writer::{Name, Null, Obj, Ref, Str, TextStr};

use super::{
    objects::{PROGRAMS, is_given, says_something},
    text_string,
};

/// What no copy has: who made it with what, pictures of pages, programs, what the text says once more for machines, and what
/// programs keep for themselves.
const LOST: &[&[u8]] = &[
    b"AA",
    b"ActualText",
    b"CharSet",
    b"DSS",
    b"FontFamily",
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
    b"Stm",
    b"Thumb",
    b"XFA",
];
/// Levels of a tree of names.
const NODES: usize = 8;
/// Nodes of it: more have no place to lead to.
const VISITED: usize = 100_000;
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
    /// What fills areas: patterns and masks.
    Paint,
    /// A picture on a page, after what lies beneath what was taken out was looked at.
    Shown,
    /// How things are drawn; only this has masks that are paint.
    State,
    /// Signs in boxes and buttons.
    Tick,
    /// The name of a place in the document.
    Target,
    /// Places by their names.
    Targets,
    /// Words for programs.
    Word,
}

impl Role {
    /// That of what stands under `key`, in what has this role.
    fn of(self, key: &[u8]) -> Self {
        match key {
            b"CharProcs" => Self::Glyphs,
            b"EF" => Self::File,
            b"Dest" => Self::Target,
            b"Dests" => Self::Targets,
            _ if PROGRAMS.contains(&key) => Self::Word,
            b"Pattern" => Self::Paint,
            b"SMask" | b"Mask" if self == Self::Shown => Self::Shown,
            b"SMask" if self == Self::State => Self::Paint,
            b"FontFile" | b"FontFile2" | b"FontFile3" | b"ToUnicode" | b"Encoding" | b"CIDToGIDMap"
            | b"CIDSet" | b"UseCMap" | b"DestOutputProfile" | b"JBIG2Globals" | b"ColorSpace" | b"CS"
            | b"Alternate" | b"DefaultGray" | b"DefaultRGB" | b"DefaultCMYK" => Self::Table,
            // The tree of names, and where each leads.
            b"Kids" | b"Names" | b"Limits" if self == Self::Targets => self,
            _ if matches!(self, Self::Glyphs | Self::File | Self::Table | Self::Paint | Self::Tick) => self,
            // The graphics states of a page, by their names.
            _ if self == Self::State => Self::State,
            _ => Self::Plain,
        }
    }
}

/// Instructions that set a font, or one word.
fn is_for_programs(bytes: &[u8]) -> bool {
    const SET: &[&str] = &["Tf", "Tr", "Tz", "Tc", "Tw", "TL", "Ts", "g", "rg", "k", "G", "RG", "K", "w"];
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let word =
        |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-+.,#".contains(&byte));
    let sets = |one: &str| SET.contains(&one) || one.parse::<f64>().is_ok() || one.starts_with('/');
    let mut all = text.split_ascii_whitespace();
    all.clone().all(|one| word(one) && !is_given(one.as_bytes()))
        && (all.clone().count() < 2 || all.all(sets))
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
    /// What stands in the place of texts, by what they said: of all that was read.
    pub words: Option<HashMap<String, String>>,
    /// What places in the document are called, by what they were.
    targets: HashMap<Vec<u8>, String>,
    /// No text at all.
    silent: bool,
    numbers: HashMap<ObjRef, Ref>,
    pending: VecDeque<Pending>,
    last: i32,
}

impl Values {
    /// Writes no text.
    pub(super) fn silent() -> Self {
        Self { silent: true, ..Self::default() }
    }

    /// What is written is for a copy, and not to be read once more.
    fn copies(&self) -> bool {
        self.silent || self.words.is_some()
    }

    /// What now says what a text did. Nothing if nobody read it.
    pub(super) fn said<'v>(&'v self, text: &'v str) -> Option<&'v str> {
        match &self.words {
            Some(words) => words.get(text).map(String::as_str).or((!says_something(text)).then_some(text)),
            None => Some(text),
        }
    }

    /// A name that somebody gave is a text.
    pub(super) fn name<'v>(&'v self, name: &'v [u8]) -> &'v [u8] {
        let new = self.words.as_ref().and_then(|words| words.get(&*String::from_utf8_lossy(name)));
        new.map_or(name, String::as_bytes)
    }

    /// Gives all places that something leads to numbers for names, in their order.
    pub(super) fn name_targets(&mut self, pdf: &Pdf) {
        let mut names: BTreeSet<Vec<u8>> = BTreeSet::new();
        let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
        let old = catalog.as_ref().and_then(|catalog| catalog.get::<Dict<'_>>("Dests"));
        names.extend(old.iter().flat_map(Dict::keys).map(|name| name.to_vec()));
        let tree = catalog.and_then(|catalog| catalog.get::<Dict<'_>>("Names"));
        let mut nodes: Vec<(Dict<'_>, usize)> =
            tree.and_then(|names| names.get::<Dict<'_>>("Dests")).map(|root| (root, 0)).into_iter().collect();
        let mut visited = 0;
        while let Some((node, depth)) = nodes.pop().filter(|_| visited < VISITED) {
            visited += 1;
            let strings =
                node.get::<Array<'_>>("Names").into_iter().flat_map(|names| names.iter::<Object<'_>>());
            names.extend(strings.filter_map(|name| Some(name.into_string()?.as_bytes().to_vec())));
            let kids = node.get::<Array<'_>>("Kids").filter(|_| depth < NODES);
            nodes.extend(
                kids.into_iter().flat_map(|kids| kids.iter::<Dict<'_>>()).map(|kid| (kid, depth + 1)),
            );
        }
        self.targets
            .extend(names.into_iter().zip(1..).map(|(name, number)| (name, format!("place {number:07}"))));
    }

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
            Object::String(string) => self.string(to, string.as_bytes(), role),
            Object::Name(name) if role == Role::Target => match self.targets.get(&**name) {
                Some(new) => to.primitive(Name(new.as_bytes())),
                None => to.primitive(Null),
            },
            Object::Name(name) if self.silent && is_given(name) => to.primitive(Null),
            Object::Name(name) => to.primitive(Name(self.name(name))),
            Object::Array(array) if depth < DEPTH => {
                let role = if role == Role::Target { Role::Plain } else { role };
                let mut items = to.array();
                for item in array.raw_iter() {
                    self.either(items.push(), &item, role, depth + 1);
                }
            }
            // A signature is of what was signed.
            Object::Dict(dict) if depth < DEPTH && !dict.contains_key("ByteRange") => {
                self.within(&mut to.dict(), dict, role, &|_| false, depth + 1);
            }
            Object::Array(_) | Object::Dict(_) | Object::Stream(_) | Object::Null(_) => to.primitive(Null),
        }
    }

    fn string(&self, to: Obj<'_>, bytes: &[u8], role: Role) {
        if self.silent {
            return to.primitive(Null);
        }
        match role {
            Role::Target | Role::Targets => return self.target(to, bytes),
            Role::Word if is_for_programs(bytes) => return to.primitive(Str(bytes)),
            Role::Word => return to.primitive(Null),
            Role::Table => return to.primitive(Str(bytes)),
            _ => {}
        }
        let text = text_string(bytes);
        match self.said(&text) {
            Some(new) if new == text => to.primitive(Str(bytes)),
            Some(new) => to.primitive(TextStr(new)),
            None => to.primitive(Null),
        }
    }

    /// Where something leads to. What leads nowhere leads nowhere in a copy.
    fn target(&self, to: Obj<'_>, name: &[u8]) {
        match self.targets.get(name) {
            Some(new) => to.primitive(Str(new.as_bytes())),
            None => to.primitive(Null),
        }
    }

    fn either(&mut self, to: Obj<'_>, value: &MaybeRef<Object<'_>>, role: Role, depth: usize) {
        match value {
            MaybeRef::Ref(from) => to.primitive(self.link(*from, role)),
            MaybeRef::NotRef(object) => self.nested(to, object, role, depth),
        }
    }

    /// The entries of a dictionary without those that `lost` tells by their keys.
    pub(super) fn entries(
        &mut self,
        to: &mut pdf_writer::Dict<'_>,
        dict: &Dict<'_>,
        role: Role,
        lost: &dyn Fn(&[u8]) -> bool,
    ) {
        self.within(to, dict, role, lost, 0);
    }

    fn within(
        &mut self,
        to: &mut pdf_writer::Dict<'_>,
        dict: &Dict<'_>,
        role: Role,
        lost: &dyn Fn(&[u8]) -> bool,
        depth: usize,
    ) {
        let is = |key: &str, name: &[u8]| dict.get::<object::Name<'_>>(key).is_some_and(|own| *own == *name);
        // What the tree of the structure points to beside what is on the pages.
        let beside = is("Type", b"OBJR");
        let leads = is("S", b"GoTo");
        for (key, value) in dict.entries() {
            if (self.copies() && LOST.contains(&&*key)) || lost(&key) {
                continue;
            }
            let inner = if leads && *key == *b"D" { Role::Target } else { role.of(&key) };
            if role == Role::Targets && self.targets.contains_key(&*key) {
                let new = self.targets[&*key].clone();
                self.either(to.insert(Name(new.as_bytes())), &value, Role::Plain, depth);
            } else if let (true, b"Obj", MaybeRef::Ref(from)) = (beside, &*key, &value) {
                let known = self.numbers.get(from).copied();
                let to = to.insert(Name(b"Obj"));
                match known {
                    Some(known) => to.primitive(known),
                    None => to.primitive(Null),
                }
            } else {
                let new = self.name(&key).to_vec();
                self.either(to.insert(Name(&new)), &value, inner, depth);
            }
        }
    }
}

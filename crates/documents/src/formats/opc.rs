//! What all packages of Office have in common: the way from part to part, properties, targets outside, what is embedded.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    io::Cursor,
    rc::Rc,
};

use memchr::memmem;
use zip::ZipArchive;

use super::{
    docx,
    drawing::{At, Drawing},
    markup::{Markup, Piece},
    opc_told::{Looks, STYLE},
    opc_writer,
    package::{Package, Relation},
    pptx, xlsx, xml,
};
use crate::{
    Document, Marks, Note, Part, Place, ReadError,
    format::{Context, Format, extension, read_within},
    layout::{Layout, Opened, Raw},
    segment::Spot,
};

/// Parts that say how the document looks or in which order programs reckon.
const LOOKS: &[&str] = &[
    "styles",
    "stylesWithEffects",
    "fontTable",
    "theme",
    "themeOverride",
    "webSettings",
    "numbering",
    "settings",
    "calcChain",
    "presProps",
    "viewProps",
    "tableStyles",
    "style",
    "colors",
    "quickStyle",
    "layout",
];
/// Fonts.
const FONTS: &[&str] = &["odttf", "fntdata"];
/// Parts that are drawn into others: by the kind of their relation.
const DRAWN: &[&str] =
    &["drawing", "vmlDrawing", "chart", "chartEx", "chartUserShapes", "diagramData", "diagramDrawing"];
/// What programs call files that are embedded, with a number.
const NUMBERED: &[&str] = &[
    "image",
    "media",
    "audio",
    "video",
    "oleObject",
    "hdphoto",
    "Microsoft_Excel_Sheet",
    "Microsoft_Excel_Worksheet",
    "Microsoft_Word_Document",
    "Microsoft_PowerPoint_Presentation",
    "Microsoft_PowerPoint_Slide",
];
/// Properties that name a person, whom a copy does not name.
const NAMES: &[&str] = &["creator", "lastModifiedBy", "Manager"];

pub(super) type Relations = Rc<HashMap<String, Relation>>;

/// An open package: every part is read once.
pub(super) struct Opc<'a, 'c> {
    package: Package<'c>,
    pub layout: Layout<'a>,
    context: Context<'c>,
    format: &'static Format,
    relations: HashMap<String, Relations>,
    read: HashSet<String>,
    /// Places of the properties that were met.
    properties: HashMap<String, Spot>,
}

/// Whether `bytes` are a package whose main part begins with `stem`: `word/document`.
///
/// One that is damaged counts if the name stands in it. In an archive the name can be that of a package in it.
pub(super) fn is_package(bytes: &[u8], stem: &str) -> bool {
    bytes.starts_with(b"PK")
        && memmem::rfind(bytes, stem.as_bytes()).is_some()
        && ZipArchive::new(Cursor::new(bytes))
            .map_or(true, |archive| archive.file_names().flatten().any(|name| name.starts_with(stem)))
}

/// Office keeps an encrypted document in the container of its old formats, under this name in UTF-16.
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.starts_with(b"\xd0\xcf\x11\xe0") && memmem::find(bytes, &name).is_some()
}

impl<'a, 'c> Opc<'a, 'c> {
    /// # Errors
    /// When the bytes are no package, or are encrypted: then only the name says what they are.
    pub(super) fn open(
        bytes: &'a [u8],
        format: &'static Format,
        context: &Context<'c>,
    ) -> Result<Self, ReadError>
    where
        'a: 'c,
    {
        if is_encrypted(bytes) {
            let end = extension(context.name).unwrap_or_default();
            let formats = [&docx::FORMAT, &xlsx::FORMAT, &pptx::FORMAT];
            let format = formats.into_iter().find(|format| format.extensions.contains(&end.as_str()));
            return Err(ReadError::Encrypted(format.map_or("Office document", |format| format.title)));
        }
        let package = Package::open(bytes, format, context)?;
        let mut layout = Layout::new(format, bytes, context);
        layout.written_by(opc_writer::write);
        Ok(Self {
            package,
            layout,
            context: *context,
            format,
            relations: HashMap::new(),
            read: HashSet::from(["[Content_Types].xml".to_owned()]),
            properties: HashMap::new(),
        })
    }

    /// The part that is the document itself, and its name.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn main(&mut self, usual: &str) -> Result<(String, Opened), ReadError> {
        let main = self
            .relations("")?
            .values()
            .find(|relation| relation.kind == "officeDocument")
            .map_or_else(|| usual.to_owned(), |relation| relation.target.clone());
        self.read.insert(main.clone());
        let Some(bytes) = self.package.part(&main)? else {
            return Err(ReadError::broken(self.format, "it has no main text"));
        };
        let part = self.layout.open(&main, bytes)?;
        Ok((main, part))
    }

    /// The text of a part that was not read yet. One that can't be read is noted.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Opened>, ReadError> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        match self.layout.open(name, bytes) {
            Ok(part) => Ok(Some(part)),
            Err(error) => self.skip(name, error).map(|()| None),
        }
    }

    /// The bytes of a part that was not read yet. One that can't be unpacked is noted.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        if !self.read.insert(name.to_owned()) {
            return Ok(None);
        }
        match self.package.part(name) {
            Err(error) => self.skip(name, error).map(|()| None),
            read => read,
        }
    }

    fn skip(&mut self, name: &str, error: ReadError) -> Result<(), ReadError> {
        if error.is_limit() {
            return Err(error);
        }
        self.layout.unread(name, error);
        Ok(())
    }

    /// What a part points to, by id.
    pub(super) fn relations(&mut self, part: &str) -> Result<Relations, ReadError> {
        if let Some(known) = self.relations.get(part) {
            return Ok(Rc::clone(known));
        }
        let relations = match self.package.relations(part, &mut self.layout) {
            Ok(relations) => Rc::new(relations),
            Err(error) => {
                self.skip(&format!("relations of {part}"), error)?;
                Relations::default()
            }
        };
        self.relations.insert(part.to_owned(), Rc::clone(&relations));
        Ok(relations)
    }

    /// The targets of this kind that a part has in the package, in the order of their numbers.
    pub(super) fn targets(&mut self, part: &str, kinds: &[&str]) -> Result<Vec<String>, ReadError> {
        let relations = self.relations(part)?;
        let own = relations.values().filter(|relation| !relation.external);
        let mut targets: Vec<String> = own
            .filter(|relation| kinds.contains(&relation.kind.as_str()))
            .map(|relation| relation.target.clone())
            .collect();
        targets.sort_by_cached_key(|target| (number(target), target.clone()));
        Ok(targets)
    }

    /// The pieces of a part, with a note where it is not whole.
    ///
    /// # Errors
    /// When its elements lie too deep in each other.
    pub(super) fn pieces<'x>(
        &mut self,
        name: &str,
        part: &'x Opened,
        take: impl FnMut(Piece<'x>, &mut Layout<'a>),
    ) -> Result<(), ReadError> {
        self.pieces_outside("", name, part, take)
    }

    /// The same where what is in elements of one name is of no use, and most of the part.
    fn pieces_outside<'x>(
        &mut self,
        passed: &str,
        name: &str,
        part: &'x Opened,
        mut take: impl FnMut(Piece<'x>, &mut Layout<'a>),
    ) -> Result<(), ReadError> {
        let mut markup = Markup::new(&part.text, part.base, self.context.limits.depth);
        while let Some(piece) = markup.next()? {
            if let Piece::Start(tag) = &piece
                && tag.name() == passed
            {
                markup.pass(tag);
            }
            take(piece, &mut self.layout);
        }
        self.layout.mark(Marks::default());
        if !markup.finish(&mut self.layout) {
            self.layout.note(Note::Damaged(format!("the part {name} ends too early")));
        }
        Ok(())
    }

    /// Lays out what is drawn into a part, and into that.
    pub(super) fn drawings(&mut self, part: &str, at: &mut At) -> Result<(), ReadError> {
        let mut waiting = VecDeque::from(self.targets(part, DRAWN)?);
        while let Some(name) = waiting.pop_front() {
            if self.drawing(&name, at)? {
                waiting.extend(self.targets(&name, DRAWN)?);
            }
        }
        Ok(())
    }

    /// Lays out the words of a part that was not read yet; whether there is one.
    pub(super) fn drawing(&mut self, name: &str, at: &mut At) -> Result<bool, ReadError> {
        let Some(part) = self.part(name)? else { return Ok(false) };
        self.draw(name, &part, at).map(|()| true)
    }

    /// Lays out the words of a part.
    pub(super) fn draw(&mut self, name: &str, part: &Opened, at: &mut At) -> Result<(), ReadError> {
        let relations = self.relations(name)?;
        let mut drawing = Drawing::new(&relations, at);
        self.pieces(name, part, |piece, layout| drawing.take(piece, layout))
    }

    /// A property as a place.
    pub(super) fn property(&mut self, name: &str) -> Spot {
        if let Some(spot) = self.properties.get(name) {
            return *spot;
        }
        let spot = self.layout.place(Place::Property { name: name.to_owned() });
        self.properties.insert(name.to_owned(), spot);
        spot
    }

    /// Lays out the value of a property behind its name.
    pub(super) fn value(&mut self, name: &str, value: &Raw<'_>) {
        if !value.text.trim().is_empty() {
            let spot = self.property(name);
            self.layout.begin(name);
            self.layout.raw(value, spot);
        }
    }

    /// Lays out who wrote comments, from the part that lists them. A copy does not name them.
    pub(super) fn authors(&mut self, name: &str) -> Result<(), ReadError> {
        let Some(part) = self.part(name)? else { return Ok(()) };
        let spot = self.property("author of comments");
        self.pieces(name, &part, |piece, layout| {
            let Piece::Start(tag) = piece else { return };
            for (name, value) in tag.attributes() {
                if matches!(name, "name" | "displayName" | "initials" | "userId") && !value.text.is_empty() {
                    layout.clean(&value);
                    layout.begin("author");
                    layout.raw(&value, spot);
                }
            }
        })
    }

    /// Lays out all that was not read yet, and closes.
    pub(super) fn finish(mut self) -> Result<Document<'a>, ReadError> {
        for name in self.package.names() {
            if !self.read.contains(&name) && !name.ends_with('/') {
                self.rest(&name)?;
            }
        }
        self.layout.finish()
    }

    /// One of the parts that few documents have, or that lie beside the text.
    fn rest(&mut self, name: &str) -> Result<(), ReadError> {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let (stem, end) = file.split_once('.').unwrap_or((file, ""));
        let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        let own = folder.rsplit('/').next().unwrap_or_default();
        if end.ends_with("rels") {
            return self.outside(folder, file);
        }
        if stem == "printerSettings" || FONTS.contains(&end) {
            return Ok(());
        }
        match (own, end) {
            ("docProps", "xml") => return self.properties(name),
            ("customXml", "xml") => {}
            (_, "xml") if LOOKS.contains(&stem) => return self.looks(name, stem),
            ("charts" | "diagrams" | "drawings", "xml" | "vml") => {
                let kind = own.trim_end_matches('s');
                let spot = self.property(kind);
                self.drawing(name, &mut At::spot(spot, Marks::default()))?;
                return Ok(());
            }
            _ => {}
        }
        if matches!(own, "media" | "embeddings") && !NUMBERED.contains(&stem) {
            // People call files after people.
            self.layout.property("file name", file);
        }
        let inner = self.context.inner();
        let Some(bytes) = self.bytes(name)? else { return Ok(()) };
        let read = match end {
            "xml" => (xml::FORMAT.read)(&bytes, &inner),
            _ => read_within(name, None, &bytes, &inner),
        };
        self.layout.take_in(&Part::Entry(name.to_owned()), read);
        Ok(())
    }

    /// What people wrote into a part that says how the document looks: variables, mail merge, names of styles and lists.
    fn looks(&mut self, name: &str, stem: &str) -> Result<(), ReadError> {
        let Some(part) = self.part(name)? else { return Ok(()) };
        let spot = self.property(stem);
        let mut looks = Looks::default();
        self.pieces_outside(STYLE, name, &part, |piece, layout| looks.take(&piece, stem, spot, layout))
    }

    /// Title, author, company and the like. The value of a property of one's own stands in an element that is its type.
    fn properties(&mut self, name: &str) -> Result<(), ReadError> {
        let Some(part) = self.part(name)? else { return Ok(()) };
        let mut markup = Markup::new(&part.text, part.base, self.context.limits.depth);
        let mut open: Vec<String> = Vec::new();
        while let Some(piece) = markup.next()? {
            match piece {
                Piece::Start(tag) => {
                    let own = tag.value("name").filter(|_| tag.name() == "property");
                    // People name properties of their own, and link them to words of the text.
                    for key in ["name", "linkTarget"] {
                        if let Some(value) = tag.attribute(key).filter(|_| own.is_some()) {
                            self.value("property", &value);
                        }
                    }
                    open.push(own.unwrap_or_else(|| tag.name().to_owned()));
                }
                Piece::End => {
                    open.pop();
                }
                Piece::Words(words) => {
                    if let Some(name) = open.get(1) {
                        if NAMES.contains(&name.as_str()) {
                            self.layout.clean(&words);
                        }
                        self.value(name, &words);
                    }
                }
            }
        }
        markup.finish(&mut self.layout);
        Ok(())
    }

    /// Targets outside, such as the template in somebody's home folder. Links of texts were read with them.
    fn outside(&mut self, folder: &str, file: &str) -> Result<(), ReadError> {
        let folder = folder.trim_end_matches("_rels");
        let relations = self.relations(&format!("{folder}{}", file.trim_end_matches(".rels")))?;
        let mut outside: Vec<&Relation> =
            relations.values().filter(|relation| relation.external && !relation.is_told()).collect();
        outside.sort_by_key(|relation| relation.raw().at);
        self.layout.mark(Marks::LINK);
        for relation in outside {
            self.value(&relation.kind, &relation.raw());
        }
        self.layout.mark(Marks::default());
        Ok(())
    }
}

/// `word/header2.xml` is 2.
pub(super) fn number(target: &str) -> u32 {
    let file = target.rsplit('/').next().unwrap_or(target);
    let digits: String = file.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use crate::{
        Limits,
        fixtures::{archive_of, docx, notes, parts, place, replace},
        read,
    };

    fn whole() -> Vec<u8> {
        docx(
            "<w:p><w:r><w:t>Dear Mara</w:t></w:r></w:p>",
            &[
                (
                    "docProps/app.xml",
                    "<Properties><Manager>Jan Lind</Manager><TitlesOfParts><vt:vector><vt:lpstr>for Kai</vt:lpstr></vt:vector></TitlesOfParts></Properties>",
                ),
                (
                    "docProps/core.xml",
                    "<cp:coreProperties><dc:creator>Eva Lind</dc:creator><dc:title>about Uwe &amp; Co</dc:title></cp:coreProperties>",
                ),
                (
                    "word/_rels/document.xml.rels",
                    r#"<Relationships><Relationship Id="r1" Type="x/attachedTemplate" Target="file://share/ben/a.dotx" TargetMode="External"/>
                    <Relationship Id="r2" Type="x/hyperlink" Target="mailto:old@example.org" TargetMode="External"/></Relationships>"#,
                ),
                ("word/charts/chart1.xml", "<c:chart><c:v>Ina Roth</c:v></c:chart>"),
                ("word/charts/style1.xml", "<cs:chartStyle id=\"Looks\"/>"),
                ("word/diagrams/data1.xml", "<dgm:pt><a:p><a:r><a:t>Lea Lind</a:t></a:r></a:p></dgm:pt>"),
                (
                    "word/drawings/vmlDrawing1.vml",
                    "<xml><v:shape alt=\"Zoe\"/><x:ClientData>17</x:ClientData></xml>",
                ),
                ("word/embeddings/Olga Roth.txt", "call Eda"),
                ("word/media/image1.png", "GIF89a\0"),
            ],
        )
    }

    #[test]
    fn reads_what_lies_beside_the_text() {
        let bytes = whole();
        let document = read("", &bytes, &Limits::default()).unwrap();
        for (needle, expected) in [
            ("Jan Lind", "property Manager"),
            ("for Kai", "property TitlesOfParts"),
            ("Eva Lind", "property creator"),
            ("about Uwe & Co", "property title"),
            ("file://share/ben", "property attachedTemplate (link)"),
            ("old@example.org", "property hyperlink (link)"),
            ("Ina Roth", "property chart"),
            ("Lea Lind", "property diagram"),
            ("Zoe", "property drawing"),
            ("Olga Roth.txt", "property file name"),
            ("call Eda", "word/embeddings/Olga Roth.txt: line 1, column 1"),
        ] {
            assert_eq!(place(&document, needle), expected, "{needle}");
        }
        for looks in ["Looks", "17", "image1"] {
            assert!(!document.text().contains(looks), "{looks}");
        }
        assert_eq!(notes(&document), ["text in 1 picture is not read"]);
    }

    #[test]
    fn a_copy_holds_nothing_of_what_was_replaced() {
        let bytes = whole();
        let document = read("", &bytes, &Limits::default()).unwrap();
        let needles = ["Kai", "Uwe & Co", "ben", "old@example.org", "Ina Roth", "Lea", "Zoe", "call Eda"];
        let rewritten = replace("a.docx", &document, &bytes, &needles).unwrap();
        let parts = parts(&rewritten.bytes);
        for needle in needles.into_iter().chain(["Jan Lind", "Eva Lind"]) {
            assert!(!parts.values().any(|part| part.contains(needle)), "{needle} in {parts:?}");
        }
        assert!(
            replace("a.docx", &document, &bytes, &["Olga"]).is_err(),
            "the name of a part can't be replaced"
        );
    }

    #[test]
    fn an_archive_of_documents_is_none() {
        let bytes = archive_of(&[("a.docx", &whole())]);
        let document = read("", &bytes, &Limits::default()).unwrap();
        assert_eq!(document.format().name, "zip");
        assert_eq!(place(&document, "Dear Mara"), "a.docx: paragraph 1");
    }
}

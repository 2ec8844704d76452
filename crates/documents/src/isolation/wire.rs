//! What goes between the processes: frames of a length and so many bytes, encoded as Borsh.

use std::{
    collections::BTreeSet,
    io::{self, Read, Write},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{
    Document, Limits, Note, Place, ReadError, Replacement, Residue, RewriteError, Rewritten,
    decode::{Charset, Source},
    format::FORMATS,
    segment::{Column, Node, Segment, Within},
};

/// Sent once by a process that is confined.
pub(super) const READY: u8 = 1;
/// What a process sends begins with one of these.
pub(super) const ANSWER: u8 = 0;
/// A picture whose words it asks for before it goes on.
pub(super) const PICTURE: u8 = 2;
/// Bytes of such a picture, and some more.
const LARGEST_PICTURE: usize = 64 << 20;

/// What a pipe holds on most systems.
pub(super) const PIPE: usize = 64 << 10;
/// Bytes of a frame that say how many follow.
const LENGTH: usize = size_of::<u64>();
/// What is made room for before it has come.
const AT_ONCE: usize = 1 << 20;

/// A frame, to which its content is added.
pub(super) fn frame() -> Vec<u8> {
    vec![0; LENGTH]
}

/// Sends a frame in one piece: whoever waits for it is woken once.
pub(super) fn send(output: &mut impl Write, mut frame: Vec<u8>) -> io::Result<()> {
    let length = (frame.len() - LENGTH) as u64;
    frame[..LENGTH].copy_from_slice(&length.to_le_bytes());
    output.write_all(&frame)?;
    output.flush()
}

/// What a process says next, its kind before it; `None` at the end.
pub(super) fn hear(input: &mut impl Read, most: usize) -> io::Result<Option<(u8, Vec<u8>)>> {
    let Some(length) = length(input)? else { return Ok(None) };
    let mut kind = [0];
    input.read_exact(&mut kind)?;
    let most = if kind == [PICTURE] { most.min(LARGEST_PICTURE) } else { most };
    Ok(Some((kind[0], content(input, length.saturating_sub(1), most)?)))
}

/// The next frame; `None` at the end.
pub(super) fn receive(input: &mut impl Read, most: usize) -> io::Result<Option<Vec<u8>>> {
    length(input)?.map(|length| content(input, length, most)).transpose()
}

fn length(input: &mut impl Read) -> io::Result<Option<u64>> {
    let mut length = [0; LENGTH];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    Ok(Some(u64::from_le_bytes(length)))
}

fn content(input: &mut impl Read, length: u64, most: usize) -> io::Result<Vec<u8>> {
    if length > most as u64 {
        return Err(io::Error::other("the answer is larger than anything that was read can be"));
    }
    let mut bytes = Vec::with_capacity(AT_ONCE.min(length as usize));
    input.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
}

/// What is to be done with the file whose bytes follow.
#[derive(BorshDeserialize, BorshSerialize)]
pub(super) struct Request {
    pub name: String,
    pub limits: Limits,
    /// Pictures can be asked about.
    pub recognise: bool,
    pub task: Task,
}

#[derive(BorshDeserialize, BorshSerialize)]
pub(super) enum Task {
    Read,
    /// With parts of its text replaced.
    Write(Vec<Replacement>),
    /// Where these values still stand.
    Search(Vec<String>),
}

/// What the other side says to it.
pub(super) type Written = Result<Rewritten, RewriteError>;
pub(super) type Searched = Result<Vec<Residue>, ReadError>;

/// What became of a file.
#[derive(BorshDeserialize, BorshSerialize)]
pub(super) struct Answer(Result<Parsed, ReadError>);

/// A document but for the bytes of its file, which the other side has.
#[derive(BorshDeserialize, BorshSerialize)]
struct Parsed {
    format: String,
    source: Option<Origin>,
    packaged: bool,
    text: Option<String>,
    segments: Vec<Segment>,
    places: Vec<Place>,
    names: Vec<String>,
    columns: Vec<Column>,
    nodes: Vec<Node>,
    parts: Vec<Within>,
    notes: Vec<Note>,
    /// First byte and the one past the last.
    cleaned: Vec<(u64, u64)>,
}

/// How a text is decoded again from the bytes of its file.
#[derive(BorshDeserialize, BorshSerialize)]
struct Origin {
    charset: String,
    offset: u64,
}

impl Answer {
    pub(super) fn new(read: Result<Document<'_>, ReadError>) -> Self {
        Self(read.map(|document| Parsed {
            // Of a package another process knows it again, which has its parts.
            cleaned: match document.source {
                None => Vec::new(),
                Some(_) => document.cleaned.iter().map(|at| (at.start as u64, at.end as u64)).collect(),
            },
            format: document.format.name.to_owned(),
            source: document.source.map(|source| Origin {
                charset: source.charset.name().to_owned(),
                offset: source.offset as u64,
            }),
            packaged: document.packaged,
            text: document.text,
            segments: document.segments,
            places: document.places,
            names: document.names,
            columns: document.columns,
            nodes: document.nodes,
            parts: document.parts,
            notes: document.notes,
        }))
    }

    /// The document, put together with the file it was read from.
    ///
    /// # Errors
    /// What its reader said; and `None` where the answer is none that a reader gives.
    pub(super) fn document(self, bytes: &[u8]) -> Result<Document<'_>, Option<ReadError>> {
        let read = self.0.map_err(Some)?;
        let format = FORMATS.iter().find(|format| format.name == read.format).ok_or(None)?;
        let mut document = Document::empty(format, bytes);
        document.source = match read.source {
            None => None,
            Some(Origin { charset, offset }) => {
                let charset = Charset::named(&charset).ok_or(None)?;
                let offset = usize::try_from(offset).ok().filter(|at| *at <= bytes.len()).ok_or(None)?;
                Some(Source::again(bytes, offset, charset))
            }
        };
        document.packaged = read.packaged;
        document.text = read.text;
        document.segments = read.segments;
        document.places = read.places;
        document.names = read.names;
        document.columns = read.columns;
        document.nodes = read.nodes;
        document.parts = read.parts;
        document.notes = read.notes;
        let cleaned = read.cleaned.into_iter();
        document.cleaned = cleaned
            .map(|(start, end)| Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?))
            .collect::<Option<_>>()
            .ok_or(None)?;
        if super::check::holds(&document) { Ok(document) } else { Err(None) }
    }
}

/// A word of this crate's own: a format's title, an encoding. There are few of them; a process that was taken over can't
/// make this one keep more.
pub(crate) fn word<R: Read>(reader: &mut R) -> io::Result<&'static str> {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    const MOST: usize = 512;
    const LONGEST: usize = 64;
    let word = String::deserialize_reader(reader)?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(word) = known.get(word.as_str()) {
        return Ok(word);
    }
    if known.len() == MOST || word.len() > LONGEST {
        return Ok("document");
    }
    let word: &'static str = word.leak();
    known.insert(word);
    Ok(word)
}

pub(crate) fn put_time<W: Write>(time: &Duration, writer: &mut W) -> io::Result<()> {
    (time.as_secs(), time.subsec_nanos()).serialize(writer)
}

pub(crate) fn time<R: Read>(reader: &mut R) -> io::Result<Duration> {
    let (seconds, nanoseconds) = <(u64, u32)>::deserialize_reader(reader)?;
    Ok(Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanoseconds.into())))
}

#[cfg(test)]
mod tests {
    use super::Answer;
    use crate::{Document, Limits, read};

    #[test]
    fn who_wrote_a_textual_document_is_in_no_copy() {
        let xml = "<?xml version=\"1.0\"?><office:document xmlns:office=\"o\"><office:meta><dc:creator>Eva Röth</dc:creator></office:meta>\
            <office:body><office:text><text:p>Tom</text:p></office:text></office:body></office:document>";
        let limits = Limits::default();
        let sent = borsh::to_vec(&Answer::new(read("a.fodt", xml.as_bytes(), &limits))).unwrap();
        let received = borsh::from_slice::<Answer>(&sent).unwrap().document(xml.as_bytes()).unwrap();
        let copy = String::from_utf8(received.rewrite(&[]).unwrap()).unwrap();
        assert!(copy.contains("<dc:creator></dc:creator>") && copy.contains("<text:p>Tom<"), "{copy}");
        // A process that was taken over can't make this one cut a character, or what is not there.
        let at = xml.find('ö').unwrap() + 1;
        let wrong = [at..at + 1, xml.len()..xml.len() + 1];
        for cleaned in wrong {
            let mut document: Document<'_> = read("a.fodt", xml.as_bytes(), &limits).unwrap();
            document.cleaned = vec![cleaned];
            assert!(Answer::new(Ok(document)).document(xml.as_bytes()).is_err());
        }
    }
}

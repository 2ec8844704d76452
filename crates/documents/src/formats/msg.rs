//! Outlook's messages: mails, contacts, appointments, with all that is attached (MS-OXMSG).

use std::collections::{HashMap, HashSet};

use super::{
    calendar,
    compound::{Compound, has_stream, u16_at, u32_at},
    html, mail, msg_rtf,
    msg_tags::{SILENT, TIMES, header, named, property},
    ole, rtf, text,
};
use crate::{
    Document, Note, Part, Place, ReadError,
    codepage::{Codepage, utf16},
    format::{Context, Format, Sight, read_within},
    layout::Layout,
};

pub(crate) static FORMAT: Format = Format {
    name: "msg",
    title: "Outlook message",
    extensions: &["msg", "oft"],
    media_types: &["application/vnd.ms-outlook"],
    recognise: |bytes| if has_stream(bytes, FIXED) { Sight::Sure } else { Sight::No },
    read,
};

/// The stream of the properties that have a fixed length.
const FIXED: &str = "__properties_version1.0";
const STREAM: &str = "__substg1.0_";

const BODY: u16 = 0x1000;
const PACKED_BODY: u16 = 0x1009;
const HTML_BODY: u16 = 0x1013;
const TRANSPORT_HEADERS: u16 = 0x007D;
const RECIPIENT_KIND: u16 = 0x0C15;
const DATA: u16 = 0x3701;
const CODEPAGE: u16 = 0x3FFD;
const INTERNET_CODEPAGE: u16 = 0x3FDE;

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut file = Compound::open(bytes, &FORMAT, context)?;
    let names = names(&mut file)?;
    let mut message = Message { file: &mut file, names: &names, codepage: Codepage::default() };
    let layout = Layout::new(&FORMAT, bytes, context);
    message.read("", 32, layout, context)
}

/// What numbers of properties above 0x8000 stand for in this file.
fn names(file: &mut Compound<'_>) -> Result<HashMap<u16, String>, ReadError> {
    let mut stream = |id: &str| {
        file.stream(&format!("/__nameid_version1.0/{STREAM}{id}0102")).map(Option::unwrap_or_default)
    };
    let (entries, strings) = (stream("0003")?, stream("0004")?);
    let mut names = HashMap::new();
    for (index, entry) in entries.chunks_exact(8).enumerate().take(0x8000) {
        let (Some(id), Some(kind)) = (u32_at(entry, 0), u16_at(entry, 4)) else { break };
        let name = if kind & 1 == 0 {
            named(id).map_or_else(|| format!("0x{id:04X}"), str::to_owned)
        } else {
            let at = id as usize;
            let length = u32_at(&strings, at).unwrap_or(0) as usize;
            utf16(strings.get(at.saturating_add(4)..).and_then(|rest| rest.get(..length)).unwrap_or_default())
        };
        names.insert(0x8000 | index as u16, name);
    }
    Ok(names)
}

struct Message<'m, 'a> {
    file: &'m mut Compound<'a>,
    names: &'m HashMap<u16, String>,
    codepage: Codepage,
}

/// The properties of a message, a recipient or an attachment.
#[derive(Debug, Default)]
struct Properties {
    /// In the order of their numbers; some have several values.
    texts: Vec<(u16, String)>,
    /// Those with a stream of bytes, by the number.
    binary: HashMap<u16, String>,
    numbers: HashMap<u16, u32>,
    times: Vec<(u16, u64)>,
}

impl Properties {
    fn text(&self, id: u16) -> Option<&str> {
        self.texts.iter().find(|(known, _)| *known == id).map(|(_, text)| text.as_str())
    }
}

impl Message<'_, '_> {
    /// `skip` is the length of what stands before the fixed properties.
    fn read<'d>(
        &mut self,
        storage: &str,
        skip: usize,
        mut layout: Layout<'d>,
        context: &Context<'_>,
    ) -> Result<Document<'d>, ReadError> {
        let properties = self.properties(storage, skip)?;
        let inner = context.inner();
        if let Some(fields) = properties.text(TRANSPORT_HEADERS) {
            mail::fields_of(fields, &mut layout);
        }
        self.lay_out(&properties, &mut layout);
        let entries = self.file.names(&format!("{storage}/"));
        let folders = |start: &'static str| {
            entries.iter().filter(move |(name, folder)| *folder && name.starts_with(start))
        };
        for (name, _) in folders("__recip_version1.0_") {
            self.recipient(&format!("{storage}/{name}"), &mut layout)?;
        }
        self.bodies(&properties, &mut layout, &inner)?;
        for (name, _) in folders("__attach_version1.0_") {
            self.attachment(&format!("{storage}/{name}"), &mut layout, &inner)?;
        }
        layout.finish()
    }

    fn properties(&mut self, storage: &str, skip: usize) -> Result<Properties, ReadError> {
        let mut properties = Properties::default();
        let fixed = self.file.stream(&format!("{storage}/{FIXED}"))?.unwrap_or_default();
        for entry in fixed.get(skip..).unwrap_or_default().chunks_exact(16) {
            let (Some(kind), Some(id), Some(low), Some(high)) =
                (u16_at(entry, 0), u16_at(entry, 2), u32_at(entry, 8), u32_at(entry, 12))
            else {
                continue;
            };
            match kind {
                0x0003 => {
                    properties.numbers.insert(id, low);
                }
                0x0040 => properties.times.push((id, u64::from(high) << 32 | u64::from(low))),
                _ => {}
            }
        }
        if let Some(codepage) = properties.numbers.get(&CODEPAGE).copied().and_then(Codepage::of) {
            self.codepage = codepage;
        }
        for (name, folder) in self.file.names(&format!("{storage}/")) {
            let Some(tag) = name.strip_prefix(STREAM).filter(|_| !folder) else { continue };
            let (Some(Ok(id)), Some(kind)) =
                (tag.get(..4).map(|id| u16::from_str_radix(id, 16)), tag.get(4..8))
            else {
                continue;
            };
            let path = format!("{storage}/{name}");
            match (kind, tag.len()) {
                // The stream of a list holds the lengths of its values, which have streams of their own.
                ("001E", _) | ("101E", 9..) => {
                    let bytes = self.file.stream(&path)?.unwrap_or_default();
                    let text = self.codepage.decode(&bytes);
                    properties.texts.push((id, text.trim_end_matches('\0').to_owned()));
                }
                ("001F", _) | ("101F", 9..) => {
                    properties.texts.push((id, utf16(&self.file.stream(&path)?.unwrap_or_default())));
                }
                ("0102", _) => {
                    properties.binary.insert(id, path);
                }
                _ => {}
            }
        }
        Ok(properties)
    }

    fn lay_out(&self, properties: &Properties, layout: &mut Layout<'_>) {
        let mut said = HashSet::new();
        let (known, others): (Vec<_>, Vec<_>) = properties
            .texts
            .iter()
            .filter(|(id, _)| !SILENT.contains(id))
            .partition(|(id, _)| header(*id).or(property(*id)).is_some());
        for (id, text) in known.iter().chain(&others) {
            if let Some(name) = header(*id) {
                if said.insert((name, text.as_str())) {
                    mail_field(layout, name, text);
                }
            } else if let Some(name) = property(*id) {
                layout.property(name, text);
            } else if said.insert(("", text.as_str())) {
                layout.property(&self.name(*id), text);
            }
        }
        for &(id, ticks) in &properties.times {
            let name = header(id).or(property(id)).map_or_else(|| self.name(id), str::to_owned);
            if TIMES.contains(&name.as_str())
                && let Some(time) = calendar::filetime(ticks)
            {
                layout.property(&name, &time);
            }
        }
    }

    fn name(&self, id: u16) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| format!("0x{id:04X}"))
    }

    fn recipient(&mut self, storage: &str, layout: &mut Layout<'_>) -> Result<(), ReadError> {
        let mut properties = self.properties(storage, 8)?;
        let field = match properties.numbers.get(&RECIPIENT_KIND).map_or(1, |kind| kind & 0xF) {
            2 => "Cc",
            3 => "Bcc",
            _ => "To",
        };
        let name = properties.text(0x3001).unwrap_or_default();
        let addresses: HashSet<&str> =
            [0x39FE, 0x3003].iter().filter_map(|&id| properties.text(id)).collect();
        let mut addresses: Vec<&str> = addresses.into_iter().filter(|address| !address.is_empty()).collect();
        addresses.sort_unstable_by_key(|address| !address.contains('@'));
        match addresses.split_first() {
            Some((address, others)) => {
                mail_field(layout, field, &format!("{name} <{address}>"));
                others.iter().for_each(|address| mail_field(layout, field, address));
            }
            None => mail_field(layout, field, name),
        }
        let name = name.to_owned();
        properties.texts.retain(|(id, text)| !matches!(id, 0x3001 | 0x3003 | 0x39FE) && *text != name);
        properties.times.clear();
        self.lay_out(&properties, layout);
        Ok(())
    }

    /// All forms of the text; one packed as RTF only where it says something else than the others.
    fn bodies(
        &mut self,
        properties: &Properties,
        layout: &mut Layout<'_>,
        context: &Context<'_>,
    ) -> Result<(), ReadError> {
        let mut lines: HashSet<String> = HashSet::new();
        let mut take = |part: Part, read: Result<Document<'_>, ReadError>, layout: &mut Layout<'_>| {
            if let Ok(document) = &read {
                lines.extend(document.text().lines().map(words));
            }
            layout.take_in(&part, read);
        };
        if let Some(body) = properties.text(BODY).filter(|body| !body.trim().is_empty()) {
            take(Part::Body, text::read(body.as_bytes(), &text::TEXT, context), layout);
        }
        let html = match properties.binary.get(&HTML_BODY) {
            Some(path) => {
                let bytes = self.file.stream(path)?.unwrap_or_default();
                let number = properties.numbers.get(&INTERNET_CODEPAGE).copied();
                number.and_then(Codepage::of).unwrap_or(self.codepage).decode(&bytes).into_owned()
            }
            None => properties.text(HTML_BODY).unwrap_or_default().to_owned(),
        };
        if !html.trim().is_empty() {
            take(Part::HtmlBody, (html::FORMAT.read)(html.as_bytes(), context), layout);
        }
        let Some(path) = properties.binary.get(&PACKED_BODY) else { return Ok(()) };
        let packed = self.file.stream(path)?.unwrap_or_default();
        let part = Part::Entry("RTF body".to_owned());
        let Some(unpacked) = msg_rtf::unpack(&packed) else {
            let reason = "it is packed in a way that is not known".to_owned();
            layout.note(Note::Skipped { part: part.to_string(), reason });
            return Ok(());
        };
        let read = (rtf::FORMAT.read)(&unpacked, context);
        if let Ok(document) = &read
            && document.notes().is_empty()
            && document.text().lines().all(|line| lines.contains(&words(line)))
        {
            return Ok(());
        }
        layout.take_in(&part, read);
        Ok(())
    }

    fn attachment(
        &mut self,
        storage: &str,
        layout: &mut Layout<'_>,
        context: &Context<'_>,
    ) -> Result<(), ReadError> {
        let properties = self.properties(storage, 8)?;
        let name = [0x3707, 0x3704, 0x3001].iter().find_map(|&id| properties.text(id)).unwrap_or_default();
        let name = if name.is_empty() { "without a name" } else { name };
        mail_field(layout, "Content-Disposition", name);
        let others = |(id, text): &&(u16, String)| text != name && !matches!(id, 0x3707 | 0x3704);
        let told = Properties {
            texts: properties.texts.iter().filter(others).cloned().collect(),
            ..Properties::default()
        };
        self.lay_out(&told, layout);
        let object = format!("{storage}/{STREAM}3701000D");
        if self.file.names(&object).iter().any(|(name, _)| name == FIXED) {
            let read = if context.nesting > context.limits.nesting {
                Err(ReadError::TooDeep(context.limits.nesting))
            } else {
                self.read(&object, 24, Layout::new(&FORMAT, &[], context), context)
            };
            layout.take_in(&Part::AttachedMail, read);
        } else if let Some(path) = properties.binary.get(&DATA) {
            let bytes = self.file.stream(path)?.unwrap_or_default();
            let read = read_within(name, properties.text(0x370E), &bytes, context);
            layout.take_in(&Part::Attachment(name.to_owned()), read);
        } else if !self.file.names(&object).is_empty() {
            ole::storage(self.file, &object, layout, context)?;
        } else if properties.text(0x370D).or(properties.text(0x3708)).is_none() {
            let part = Part::Attachment(name.to_owned()).to_string();
            layout.note(Note::Skipped { part, reason: "its data is missing".to_owned() });
        }
        Ok(())
    }
}

/// A line as it is compared: blanks differ between the forms of a text.
fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As a mail says it.
fn mail_field(layout: &mut Layout<'_>, name: &str, value: &str) {
    let spot = layout.place(Place::Header { name: name.to_owned() });
    layout.begin(name);
    layout.text(value, spot);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Limits, ReadError,
        fixtures::{compound, damage, damages, notes, place, read_as, wide},
        read,
    };

    /// Fixed properties behind what stands before them.
    fn fixed(skip: usize, numbers: &[(u16, u16, u64)]) -> Vec<u8> {
        let mut bytes = vec![0; skip];
        for (id, kind, value) in numbers {
            bytes.extend(kind.to_le_bytes());
            bytes.extend(id.to_le_bytes());
            bytes.extend([6, 0, 0, 0]);
            bytes.extend(value.to_le_bytes());
        }
        bytes
    }

    fn plain_rtf(rtf: &str) -> Vec<u8> {
        [&[0; 4][..], &(rtf.len() as u32).to_le_bytes(), b"MELA\0\0\0\0", rtf.as_bytes()].concat()
    }

    fn whole() -> Vec<u8> {
        let birthday = (116_444_736_000_000_000_u64) + 864_000_000_000 * 5000;
        let names = [
            [&0x8083_u32.to_le_bytes()[..], &[0, 0, 0, 0]].concat(),
            [&0_u32.to_le_bytes()[..], &[1, 0, 1, 0]].concat(),
        ]
        .concat();
        let s = |name: &str| format!("/__substg1.0_{name}");
        let streams: Vec<(String, Vec<u8>)> = vec![
            (
                "/__properties_version1.0".into(),
                fixed(32, &[(0x3FFD, 3, 1252), (0x3FDE, 3, 1251), (0x3A42, 0x40, birthday)]),
            ),
            (s("0037001F"), wide("for Kai")),
            (s("0C1A001E"), b"Zo\xeb Roth".to_vec()),
            (s("5D01001F"), wide("zoe@example.org")),
            (s("007D001F"), wide("Received: from [192.0.2.7]\r\nX-Sender: Nils <nils@example.org>\r\n")),
            (s("1000001F"), wide("Dear Mara\r\ncall 030 1\r\n")),
            (s("10130102"), b"<html><p>\xcc\xe0\xf0\xe0</p></html>".to_vec()),
            (s("10090102"), plain_rtf("{\\rtf1 Dear  Mara\\par only in RTF\\par}")),
            (s("3A58101F"), vec![8, 0, 0, 0]),
            (s("3A58101F-00000000"), wide("Ole Lind")),
            (s("3A1C001F"), wide("0170 99")),
            (s("8000001F"), wide("kai@example.com")),
            (s("8001001F"), wide("in his own words")),
            (s("1234001F"), wide("unnamed text")),
            ("/__nameid_version1.0/__substg1.0_00030102".into(), names),
            (
                "/__nameid_version1.0/__substg1.0_00040102".into(),
                [&14_u32.to_le_bytes()[..], &wide("My note")].concat(),
            ),
            ("/__recip_version1.0_#00000000/__properties_version1.0".into(), fixed(8, &[(0x0C15, 3, 3)])),
            ("/__recip_version1.0_#00000000/__substg1.0_3001001F".into(), wide("Ida Lind")),
            ("/__recip_version1.0_#00000000/__substg1.0_39FE001F".into(), wide("ida@example.org")),
            ("/__recip_version1.0_#00000000/__substg1.0_3003001F".into(), wide("/O=X/CN=IDALIND")),
            ("/__attach_version1.0_#00000000/__substg1.0_3707001F".into(), wide("people.csv")),
            (
                "/__attach_version1.0_#00000000/__substg1.0_37010102".into(),
                b"name,email\nEva,eva@example.org\n".to_vec(),
            ),
            (
                "/__attach_version1.0_#00000000/__substg1.0_370D001F".into(),
                wide("C:\\Users\\mlind\\people.csv"),
            ),
            (
                "/__attach_version1.0_#00000001/__substg1.0_3701000D/__properties_version1.0".into(),
                fixed(24, &[]),
            ),
            (
                "/__attach_version1.0_#00000001/__substg1.0_3701000D/__substg1.0_0037001F".into(),
                wide("inner Tom"),
            ),
            ("/__attach_version1.0_#00000002/__substg1.0_3707001F".into(), wide("lost.pdf")),
        ];
        let streams: Vec<(&str, Vec<u8>)> =
            streams.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        compound(&streams)
    }

    #[test]
    fn reads_every_property_body_and_attachment() {
        let bytes = whole();
        let document = read("", &bytes, &Limits::default()).unwrap();
        assert_eq!(document.format().name, "msg");
        for (needle, expected) in [
            ("for Kai", "header Subject"),
            ("Zoë Roth", "header From"),
            ("zoe@example.org", "header From"),
            ("192.0.2.7", "header Received"),
            ("nils@example.org", "header X-Sender"),
            ("030 1", "body: line 2, column 6"),
            ("Мара", "HTML body: p"),
            ("only in RTF", "RTF body: paragraph 2"),
            ("Ole Lind", "property children"),
            ("1983-09-10", "property birthday"),
            ("0170 99", "property mobile phone"),
            ("kai@example.com", "property e-mail 1 address"),
            ("in his own words", "property My note"),
            ("unnamed text", "property 0x1234"),
            ("Ida Lind <ida@example.org>", "header Bcc"),
            ("IDALIND", "header Bcc"),
            ("people.csv", "header Content-Disposition"),
            ("eva@example.org", "attachment people.csv: row 2, column email"),
            ("mlind", "property path"),
            ("inner Tom", "attached mail: header Subject"),
        ] {
            assert_eq!(place(&document, needle), expected, "{needle}");
        }
        let notes = notes(&document);
        assert_eq!(notes, ["skipped attachment lost.pdf: its data is missing"]);
    }

    #[test]
    fn leaves_out_an_rtf_body_that_says_the_same() {
        let bytes = compound(&[
            ("/__properties_version1.0", fixed(32, &[])),
            ("/__substg1.0_1000001F", wide("Dear Mara\r\nyours\r\n")),
            ("/__substg1.0_10090102", plain_rtf("{\\rtf1 Dear \\b Mara\\par yours}")),
        ]);
        let document = read("", &bytes, &Limits::default()).unwrap();
        assert_eq!(document.text().matches("Mara").count(), 1);
    }

    #[test]
    fn limits_depth_and_sizes() {
        let mut path = String::new();
        let mut streams = vec![("/__properties_version1.0".to_owned(), fixed(32, &[]))];
        for _ in 0..6 {
            path.push_str("/__attach_version1.0_#00000000/__substg1.0_3701000D");
            streams.push((format!("{path}/__properties_version1.0"), fixed(24, &[])));
        }
        streams.push((format!("{path}/__substg1.0_0037001F"), wide("core")));
        let streams: Vec<(&str, Vec<u8>)> =
            streams.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        let bytes = compound(&streams);
        assert!(read("", &bytes, &Limits::default()).unwrap().text().contains("core"));
        let document = read("", &bytes, &Limits { nesting: 2, ..Limits::default() }).unwrap();
        assert!(!document.text().contains("core") && !document.notes().is_empty());
        let bytes = whole();
        let limits = Limits { text_bytes: 300, ..Limits::default() };
        assert_eq!(read("", &bytes, &limits).unwrap_err(), ReadError::TooMuchText(300));
        let limits = Limits { entries: 5, ..Limits::default() };
        assert!(read("", &bytes, &limits).unwrap_err().is_limit());
        let cut = read("", &bytes[..bytes.len() / 3], &Limits::default()).unwrap_err().to_string();
        assert_eq!(
            cut,
            "the old Office document is damaged: its container is not whole; open and save it again"
        );
    }

    proptest! {
        #[test]
        fn damaged_messages_do_not_panic(places in damages(3)) {
            let mut bytes = whole();
            damage(&mut bytes, &places);
            let limits = Limits::default();
            let _ = read_as(&super::FORMAT, &bytes, &limits);
            let _ = read_as(&super::ole::FORMAT, &bytes, &limits);
        }
    }
}

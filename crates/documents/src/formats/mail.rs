//! Mail: header fields, bodies, and what is attached, each read as the file it is.

use mail_parser::{Header, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::{html, mail_writer, text};
use crate::{
    Document, Part, Place, ReadError,
    format::{Context, Format, Sight, read_within},
    layout::Layout,
};

pub(crate) static FORMAT: Format = Format {
    name: "mail",
    title: "mail",
    extensions: &["eml", "emlx", "mht", "mhtml"],
    media_types: &["message/rfc822"],
    recognise: |bytes| if has_mail_headers(bytes) { Sight::Likely } else { Sight::No },
    read,
};

/// Fields of which a mail without a name has at least two.
const TELLING: &[&str] = &[
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "received",
    "return-path",
    "delivered-to",
    "reply-to",
    "content-type",
    "x-mailer",
];
/// How much is looked at to know a mail without a name.
const SAMPLE: usize = 8 << 10;

pub(super) fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let message = parse(bytes).ok_or_else(|| ReadError::broken(&FORMAT, "it has no header fields"))?;
    let document = read_message(&message, bytes, context);
    dismantle(message);
    document
}

/// All fields as decoded text; those of MIME are needed in parts.
pub(super) fn parse(bytes: &[u8]) -> Option<Message<'_>> {
    MessageParser::new().with_mime_headers().default_header_text().parse(bytes)
}

/// The lines at the start are header fields, some of them those of a mail.
pub(crate) fn has_mail_headers(bytes: &[u8]) -> bool {
    let sample = String::from_utf8_lossy(&bytes[..bytes.len().min(SAMPLE)]);
    let mut telling = 0;
    for line in sample.lines().take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return telling >= 2 && line.len() < 4 };
        if name.is_empty()
            || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        {
            return false;
        }
        telling += usize::from(TELLING.contains(&name.to_ascii_lowercase().as_str()));
    }
    telling >= 2
}

fn read_message<'a>(
    message: &Message<'_>,
    bytes: &'a [u8],
    context: &Context<'_>,
) -> Result<Document<'a>, ReadError> {
    if message.parts.len() > context.limits.entries {
        return Err(ReadError::TooMany { what: "parts", limit: context.limits.entries });
    }
    let mut layout = Layout::new(&FORMAT, bytes, context);
    if !bytes.is_empty() {
        layout.written_by(mail_writer::write);
    }
    let inner = context.inner();
    for (index, part) in message.parts.iter().enumerate() {
        fields(index, part, message, &mut layout);
        for gap in mail_writer::gaps(message, index) {
            let between = String::from_utf8_lossy(&message.raw_message[gap.clone()]);
            field(&mut layout, &mail_writer::gap_key(gap.start), "between the parts", between.trim());
        }
        read_part(index, part, message, &mut layout, &inner);
    }
    layout.finish()
}

/// The header fields alone, as Outlook keeps them beside its own.
pub(super) fn fields_of(text: &str, layout: &mut Layout<'_>) {
    let text = format!("{}\r\n\r\n", text.trim());
    if let Some((message, part)) = parse(text.as_bytes()).as_ref().and_then(|m| Some((m, m.parts.first()?))) {
        fields(0, part, message, layout);
    }
}

/// Of fields that say how the part is written what else they say: the name of its file.
fn fields(index: usize, part: &MessagePart<'_>, message: &Message<'_>, layout: &mut Layout<'_>) {
    let fields = part.headers.iter().enumerate();
    for (number, header) in fields.filter(|(_, header)| mail_writer::is_field(message, header)) {
        let attributes = header.value.as_content_type().map(|value| value.attributes().unwrap_or_default());
        match attributes {
            Some(attributes) => {
                for (nth, attribute) in attributes.iter().enumerate() {
                    if !mail_writer::is_technical(&attribute.name) {
                        let key = mail_writer::attribute_key(index, number, nth);
                        field(layout, &key, header.name(), &attribute.value);
                    }
                }
            }
            None if header.name == HeaderName::ContentTransferEncoding => {}
            None => {
                let key = mail_writer::field_key(index, number);
                field(layout, &key, header.name(), &value(header, message));
            }
        }
    }
}

/// What a header field says.
fn value(header: &Header<'_>, message: &Message<'_>) -> String {
    match header.value.as_text() {
        Some(text) => text.trim().to_owned(),
        None => {
            let raw = header.offset_start as usize..header.offset_end as usize;
            String::from_utf8_lossy(message.raw_message.get(raw).unwrap_or_default()).trim().to_owned()
        }
    }
}

fn read_part(
    index: usize,
    part: &MessagePart<'_>,
    message: &Message<'_>,
    layout: &mut Layout<'_>,
    context: &Context<'_>,
) {
    let media_type = part.content_type().map(|media_type| {
        format!("{}/{}", media_type.ctype(), media_type.subtype().unwrap_or_default()).to_ascii_lowercase()
    });
    let file = |name: &str, bytes| read_within(name, media_type.as_deref(), bytes, context);
    let name = part.attachment_name();
    let (place, read) = match (&part.body, name) {
        (PartType::Multipart(_), _) => return,
        (PartType::Text(body), None) => (Part::Body, text::read(body.as_bytes(), &text::TEXT, context)),
        (PartType::Html(body), None) => (Part::HtmlBody, (html::FORMAT.read)(body.as_bytes(), context)),
        (PartType::Text(body) | PartType::Html(body), Some(name)) => {
            (Part::Attachment(name.to_owned()), file(name, body.as_bytes()))
        }
        (PartType::Binary(bytes) | PartType::InlineBinary(bytes), name) => {
            let name = name.unwrap_or("without a name");
            (Part::Attachment(name.to_owned()), file(name, bytes))
        }
        (PartType::Message(_), _) if context.nesting > context.limits.nesting => {
            (Part::AttachedMail, Err(ReadError::TooDeep(context.limits.nesting)))
        }
        (PartType::Message(inner), _) if context.keep => {
            // To be written it must have bytes of its own.
            (Part::AttachedMail, read(mail_writer::attached(part, inner, message), context))
        }
        (PartType::Message(inner), _) => (Part::AttachedMail, read_message(inner, &[], context)),
    };
    layout.take_in_as(&mail_writer::body_key(index), &place, read);
}

/// Frees mails within mails without recursion: a hostile mail nests a million of them, which no stack holds.
pub(crate) fn dismantle(message: Message<'_>) {
    let mut open = vec![message];
    while let Some(mut message) = open.pop() {
        open.extend(message.parts.drain(..).filter_map(|part| match part.body {
            PartType::Message(inner) => Some(inner),
            _ => None,
        }));
    }
}

fn field(layout: &mut Layout<'_>, key: &str, name: &str, value: &str) {
    let spot = layout.place(Place::Header { name: name.to_owned() });
    layout.said(key, name, value, spot);
}

#[cfg(test)]
mod tests {
    use crate::fixtures::{notes, place, replace};
    use crate::{Limits, Part, Place, ReadError, read};

    const MAIL: &str = "From: =?utf-8?q?Zo=C3=AB_Lind?= <zoe@example.org>\r\n\
        To: Tom Roth\r\n <tom@example.com>\r\nSubject: hello\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=x\r\n\r\nignored\r\n\
        --x\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Gr=FC=DFe,\r\ncall 030 123456\r\n\
        --x\r\nContent-Type: text/html\r\n\r\n<p>Mara <b>Lind</b></p>\r\n\
        --x\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
        Content-Disposition: attachment; filename=\"people.csv\"\r\n\r\nbmFtZSxlbWFpbApFdmEsZXZhQGV4YW1wbGUub3JnCg==\r\n\
        --x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\
        Content-Disposition: attachment; filename=photo.png\r\n\r\niVBORw0KGgoAAAANSUhEUg==\r\n\
        --x\r\nContent-Type: message/rfc822\r\n\r\nFrom: jo@example.org\r\nSubject: inner\r\n\r\ninner body\r\n\
        --x--\r\n";

    #[test]
    fn what_is_no_field_and_no_part_is_read_and_replaced() {
        for mail in [
            "From: a@example.org\nSubject Mara Lind",
            "From: a@example.org\nContent-Type: multipart/mixed; boundary=x\n\n--x Mara Lind\n",
            "From: a@example.org\nMara Lind\nTo: b@example.org\n\nhello\n",
        ] {
            let document = read("a.eml", mail.as_bytes(), &Limits::default()).unwrap();
            assert!(document.text().contains("Mara Lind"), "{mail}");
            let copy = replace("a.eml", &document, mail.as_bytes(), &["Mara Lind"]).unwrap().bytes;
            let copy = String::from_utf8(copy).unwrap();
            assert!(copy.contains("[<1>]") && !copy.contains("Mara"), "{copy}");
        }
    }

    #[test]
    fn reads_fields_bodies_and_attachments() {
        let mail = read("a.eml", MAIL.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(mail.format().name, "mail");
        assert_eq!(place(&mail, "Zoë Lind <zoe@example.org>"), "header From");
        assert_eq!(place(&mail, "Tom Roth <tom@example.com>"), "header To");
        assert!(mail.text().contains("Grüße"));
        assert_eq!(place(&mail, "030 123456"), "body: line 2, column 6");
        assert_eq!(place(&mail, "Mara Lind"), "HTML body: p");
        assert_eq!(place(&mail, "eva@example.org"), "attachment people.csv: row 2, column email");
        assert_eq!(place(&mail, "jo@example.org"), "attached mail: header From");
        assert_eq!(place(&mail, "inner body"), "attached mail: body: line 1, column 1");
        let notes = notes(&mail);
        assert_eq!(notes, ["text in 1 picture is not read"]);
        let at = mail.text().find("eva@").unwrap();
        let location = mail.locate(at..at + 3);
        assert_eq!(location.within, [Part::Attachment("people.csv".to_owned())]);
        assert!(matches!(location.place, Place::Cell { row: 2, column_number: 2, .. }));
    }

    #[test]
    fn a_copy_keeps_all_but_what_is_replaced_and_what_was_not_read() {
        let mail = read("a.eml", MAIL.as_bytes(), &Limits::default()).unwrap();
        let needles =
            ["Zoë Lind", "tom@example.com", "030 123456", "Mara Lind", "eva@example.org", "jo@example.org"];
        let written = replace("a.eml", &mail, MAIL.as_bytes(), &needles).unwrap();
        let text = String::from_utf8(written.bytes.clone()).unwrap();
        let body = "\r\n\r\nGr=FC=DFe,\r\ncall [<1>]\r\n--x\r\n";
        for kept in ["From: \"[<1>]\" <zoe@example.org>\r\nTo: Tom Roth <[<1>]>\r\nSubject: hello\r\n", body]
        {
            assert!(text.contains(kept), "{kept} in {text}");
        }
        assert!(text.contains("\r\n\r\n<p>[&lt;1&gt;]<b></b></p>\r\n--x"), "{text}");
        // Without the picture, which nobody read.
        assert!(text.contains("filename=photo.png\r\n\r\n\r\n\r\n--x\r\n"), "{text}");
        let again = read("a.eml", &written.bytes, &Limits::default()).unwrap();
        let expected =
            needles.iter().fold(mail.text().to_owned(), |text, needle| text.replace(needle, "[<1>]"));
        let expected = expected.replace("From: [<1>] <", "From: \"[<1>]\" <");
        assert_eq!(again.text(), expected);
    }

    #[test]
    fn a_copy_has_new_names_of_files_and_words_in_all_letters() {
        let mail = "Subject: call Mara Lind of Köln am Rhein\nContent-Type: multipart/mixed; boundary=x\n\n\
            seen by Mara Lind\n--x\nContent-Type: text/plain; name=\"Mara Lind.txt\"; charset=utf-8\n\
            Content-Disposition: attachment; filename*=utf-8''Mara%20Lind%20K%C3%B6ln.txt\n\
            Content-Description: Mara Lind\nContent-Transfer-Encoding: base64\n\n\
            TWFyYSBMaW5kIHdvaG50IGluIEvDtmxu\n--x--\n\nbehind: Mara Lind\n";
        let document = read("a.eml", mail.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(document.text().matches("Mara Lind").count(), 7, "{}", document.text());
        let written = replace("a.eml", &document, mail.as_bytes(), &["Mara Lind"]).unwrap();
        let again = read("a.eml", &written.bytes, &Limits::default()).unwrap();
        assert_eq!(again.text(), document.text().replace("Mara Lind", "[<1>]"));
        assert!(!String::from_utf8_lossy(&written.bytes).contains("Mara"));
    }

    /// The mail with this replaced.
    fn without(mail: &str, needle: &str) -> String {
        let document = read("a.eml", mail.as_bytes(), &Limits::default()).unwrap();
        let written = replace("a.eml", &document, mail.as_bytes(), &[needle]).unwrap();
        String::from_utf8(written.bytes).unwrap()
    }

    #[test]
    fn a_name_that_is_given_twice_is_replaced_twice() {
        let mail = "Subject: x\nContent-Type: text/plain; x-author=\"Mara Lind\"; charset=utf-8\n\
            Content-Disposition: attachment; filename=\"scan.txt\"; filename*=utf-8''Mara%20Lind.txt\n\nhello\n";
        let written = without(mail, "Mara Lind");
        assert!(written.contains("x-author=\"[<1>]\""), "{written}");
        assert!(written.contains("filename=\"scan.txt\"\n\nhello"), "{written}");
        let twice = "Subject: x\nContent-Type: text/plain; name=a.txt\nContent-Type: text/plain; name=\"Mara Lind.txt\"\n\nhello\n";
        assert!(!without(twice, "Mara Lind").contains("Mara"));
    }

    #[test]
    fn nothing_stands_between_the_parts_of_a_copy() {
        let mail = "Subject: x\nno field of Mara Lind\nContent-Type: multipart/mixed; boundary=x\n\n-- Mara Lind\n--x\n\
            Content-Type: multipart/alternative; boundary=y\n\n--y\n\nhello\n--y--\nseen by Mara Lind\n--x--\n-- Mara Lind\n";
        let written = without(mail, "Mara Lind");
        assert!(!written.contains("Mara") && written.contains("hello"), "{written}");
        assert_eq!(written.matches("--x").count(), 2, "{written}");
    }

    #[test]
    fn names_before_addresses_are_quoted_or_encoded_whole() {
        let mail = "To: \"Zo\u{eb}, X\" <Mara>, tom@example.org, \"Roth, Eva\" <eva@example.org>,\n =?utf-8?q?Lind=2C_Zo=C3=AB?= <zoe@example.org>\nSubject: x\n\nhello\n";
        let written = without(mail, "Mara");
        let parsed = crate::formats::mail::parse(written.as_bytes()).unwrap();
        assert!(written.starts_with("To: =?UTF-8?B?"), "{written}");
        assert!(
            written.contains("<[<1>]>,\n tom@example.org,\n \"Roth, Eva\" <eva@example.org>,\n =?UTF-8?B?"),
            "{written}"
        );
        let said = parsed.header_raw("To").unwrap();
        assert_eq!(said.matches('"').count(), 2);
    }

    #[test]
    fn bytes_that_fit_no_encoding_are_not_written_in_another() {
        let mail = b"Subject: x\nFrom: a@example.org\n\nGr\xfc\xdfe an Mara Lind\n";
        let document = read("a.eml", mail, &Limits::default()).unwrap();
        let error = replace("a.eml", &document, mail, &["Mara Lind"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it can't be written again: the bytes of a body don't fit its encoding"
        );
    }

    #[test]
    fn knows_a_mail_without_a_name() {
        assert_eq!(read("1.host:2,S", MAIL.as_bytes(), &Limits::default()).unwrap().format().name, "mail");
        let note = b"to: buy milk\nalso: bread\n";
        assert_eq!(read("", note, &Limits::default()).unwrap().format().name, "text");
    }

    #[test]
    fn limits_nesting_and_parts() {
        let mut mail = String::from("From: jo@example.org\r\nSubject: x\r\n\r\ncore");
        for _ in 0..30 {
            mail = format!("From: jo@example.org\r\nContent-Type: message/rfc822\r\n\r\n{mail}");
        }
        let document = read("a.eml", mail.as_bytes(), &Limits { nesting: 2, ..Limits::default() }).unwrap();
        assert!(!document.text().contains("core") && !document.notes().is_empty());
        let parts =
            format!("Content-Type: multipart/mixed; boundary=x\r\n\r\n{}", "--x\r\n\r\na\r\n".repeat(100));
        let limits = Limits { entries: 50, ..Limits::default() };
        assert_eq!(
            read("a.eml", parts.as_bytes(), &limits).unwrap_err(),
            ReadError::TooMany { what: "parts", limit: 50 }
        );
    }
}

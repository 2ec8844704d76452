//! Mailboxes: mails one after another, each behind a line that begins with `From `.

use std::ops::Range;

use memchr::memmem;

use super::mail;
use crate::{
    Document, Part, Place, ReadError, RewriteError,
    format::{Context, Format, Sight, read_within},
    layout::Layout,
    sources::{Change, Changes},
};

pub(crate) static FORMAT: Format = Format {
    name: "mbox",
    title: "mailbox",
    extensions: &["mbox", "mbx"],
    media_types: &["application/mbox"],
    recognise: |bytes| {
        let mail = bytes.starts_with(b"From ") && mail::has_mail_headers(&bytes[first_line(bytes)..]);
        if mail { Sight::Sure } else { Sight::No }
    },
    read,
};

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut layout = Layout::new(&FORMAT, bytes, context);
    layout.written_by(write);
    let inner = context.inner();
    let spot = layout.place(Place::Property { name: "envelope".to_owned() });
    for (index, message) in messages(bytes).enumerate() {
        if index == context.limits.entries {
            return Err(ReadError::TooMany { what: "messages", limit: context.limits.entries });
        }
        let part = Part::Message(index as u32 + 1);
        let (separator, message) = split(&bytes[message]);
        layout.said(&envelope(index), "envelope", String::from_utf8_lossy(separator).trim_end(), spot);
        layout.take_in(&part, read_within("mail.eml", None, message, &inner));
    }
    layout.finish()
}

/// Messages that can't be written are left out with their separators.
fn write(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, RewriteError> {
    let mut out = Vec::with_capacity(bytes.len());
    for (index, message) in messages(bytes).enumerate() {
        let (separator, message) = split(&bytes[message]);
        let key = Part::Message(index as u32 + 1).to_string();
        let new = match changes.get(&key) {
            Some(Change::Write(new)) => new,
            Some(Change::Keep) => message,
            _ => continue,
        };
        match changes.get(&envelope(index)) {
            Some(Change::Write(line)) => {
                // A line of its own would be a field of the mail.
                out.extend(line.iter().map(|byte| if byte.is_ascii_control() { b' ' } else { *byte }));
                out.push(b'\n');
            }
            _ => out.extend_from_slice(separator),
        }
        out.extend_from_slice(new);
    }
    Ok(out)
}

/// By which the writer knows the line before a message, which holds the sender's address.
fn envelope(index: usize) -> String {
    format!("envelope {index}")
}

/// A separator follows an empty line; other lines with `From ` belong to their mail.
fn messages(mailbox: &[u8]) -> impl Iterator<Item = Range<usize>> {
    parted(mailbox, |start| {
        let before = &mailbox[..start];
        let empty_line = before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n");
        empty_line && looks_like_separator(&mailbox[start..])
    })
}

/// Parted where a line with `From ` begins one, as `begins` says of where the line begins.
pub(crate) fn parted(mailbox: &[u8], begins: impl Fn(usize) -> bool) -> impl Iterator<Item = Range<usize>> {
    let starts = memmem::find_iter(mailbox, b"\nFrom ").map(|end| end + 1);
    let mut starts: Vec<usize> = starts.filter(|&start| begins(start)).collect();
    if mailbox.starts_with(b"From ") || starts.is_empty() {
        starts.insert(0, 0);
    }
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([mailbox.len()]).collect();
    starts.into_iter().zip(ends).map(|(start, end)| start..end)
}

/// The line ends in a year.
fn looks_like_separator(rest: &[u8]) -> bool {
    let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
    line.windows(4).any(|digits| digits.iter().all(u8::is_ascii_digit))
}

/// Into the separator, if there is one, and the mail behind it.
pub(crate) fn split(message: &[u8]) -> (&[u8], &[u8]) {
    message.split_at(first_line(message))
}

/// How long the separator is.
fn first_line(message: &[u8]) -> usize {
    if !message.starts_with(b"From ") {
        return 0;
    }
    memchr::memchr(b'\n', message).map_or(message.len(), |end| end + 1)
}

#[cfg(test)]
mod tests {
    use crate::{
        Limits,
        fixtures::{place, replace},
        read,
    };

    #[test]
    fn reads_mails_in_order() {
        let mailbox = "From jo@example.org Mon Jan  5 10:00:00 2026\nFrom: jo@example.org\nSubject: one\n\nhello\n\
            From here it goes on\n\nFrom afar.\n\nFrom eva@example.org Tue Jan  6 10:00:00 2026\n\
            From: eva@example.org\nTo: jo@example.org\n\nMara Lind\n";
        let document = read("archive", mailbox.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(document.format().name, "mbox");
        assert_eq!(place(&document, "one"), "message 1: header Subject");
        assert_eq!(place(&document, "afar"), "message 1: body: line 4, column 6");
        assert_eq!(place(&document, "eva@example.org\n"), "message 2: header From");
        assert_eq!(place(&document, "eva@"), "property envelope");
        assert_eq!(place(&document, "Mara"), "message 2: body: line 1, column 1");
    }

    #[test]
    fn a_copy_has_every_mail_and_separator_rewritten() {
        let mailbox = "From jo@example.org Mon Jan  5 10:00:00 2026\nFrom: jo@example.org\nSubject: one\n\nhello\n\n\
            From eva@example.org Tue Jan  6 10:00:00 2026\nFrom: eva@example.org\nTo: jo@example.org\n\nMara\n";
        let document = read("a.mbox", mailbox.as_bytes(), &Limits::default()).unwrap();
        let written = replace("a.mbox", &document, mailbox.as_bytes(), &["jo@example.org", "Mara"]).unwrap();
        let expected = mailbox.replace("jo@example.org", "[<1>]").replace("Mara", "[<1>]");
        assert_eq!(String::from_utf8(written.bytes).unwrap(), expected);
    }

    #[test]
    fn limits_messages() {
        let mailbox =
            "From a@example.org Mon Jan 5 2026\nFrom: a@example.org\nSubject: x\n\nx\n\n".repeat(20);
        let limits = Limits { entries: 10, ..Limits::default() };
        assert!(read("a.mbox", mailbox.as_bytes(), &limits).unwrap_err().is_limit());
    }
}

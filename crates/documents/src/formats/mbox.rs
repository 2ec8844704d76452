//! Mailboxes: mails one after another, each behind a line that begins with `From `.

use memchr::memmem;

use super::mail;
use crate::{
    Document, Part, ReadError,
    format::{Context, Format, Sight, read_within},
    layout::Layout,
};

pub(crate) static FORMAT: Format = Format {
    name: "mbox",
    title: "mailbox",
    extensions: &["mbox", "mbx"],
    media_types: &["application/mbox"],
    recognise: |bytes| {
        let mail = bytes.starts_with(b"From ") && mail::has_mail_headers(behind_first_line(bytes));
        if mail { Sight::Sure } else { Sight::No }
    },
    read,
};

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut layout = Layout::new(&FORMAT, bytes, context);
    let inner = context.inner();
    for (index, message) in messages(bytes).enumerate() {
        if index == context.limits.entries {
            return Err(ReadError::TooMany { what: "messages", limit: context.limits.entries });
        }
        let part = Part::Message(index as u32 + 1);
        layout.take_in(&part, read_within("mail.eml", None, message, &inner));
    }
    layout.finish()
}

/// A separator follows an empty line; other lines with `From ` belong to their mail.
fn messages(mailbox: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut starts: Vec<usize> = memmem::find_iter(mailbox, b"\nFrom ")
        .filter(|&end| mailbox[..end].ends_with(b"\n") || mailbox[..end].ends_with(b"\n\r"))
        .map(|end| end + 1)
        .filter(|&start| looks_like_separator(&mailbox[start..]))
        .collect();
    if mailbox.starts_with(b"From ") || starts.is_empty() {
        starts.insert(0, 0);
    }
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([mailbox.len()]).collect();
    starts.into_iter().zip(ends).map(|(start, end)| {
        let message = &mailbox[start..end];
        if message.starts_with(b"From ") { behind_first_line(message) } else { message }
    })
}

/// The line ends in a year.
fn looks_like_separator(rest: &[u8]) -> bool {
    let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
    line.windows(4).any(|digits| digits.iter().all(u8::is_ascii_digit))
}

fn behind_first_line(bytes: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1);
    &bytes[end..]
}

#[cfg(test)]
mod tests {
    use crate::{Limits, read};

    #[test]
    fn reads_mails_in_order() {
        let mailbox = "From jo@example.org Mon Jan  5 10:00:00 2026\nFrom: jo@example.org\nSubject: one\n\nhello\n\
            From here it goes on\n\nFrom afar.\n\nFrom eva@example.org Tue Jan  6 10:00:00 2026\n\
            From: eva@example.org\nTo: jo@example.org\n\nMara Lind\n";
        let document = read("archive", mailbox.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(document.format().name, "mbox");
        let place = |needle: &str| {
            let at = document.text().find(needle).unwrap();
            document.locate(at..at + needle.len()).to_string()
        };
        assert_eq!(place("one"), "message 1: header Subject");
        assert_eq!(place("afar"), "message 1: body: line 4, column 6");
        assert_eq!(place("eva@"), "message 2: header From");
        assert_eq!(place("Mara"), "message 2: body: line 1, column 1");
    }

    #[test]
    fn limits_messages() {
        let mailbox =
            "From a@example.org Mon Jan 5 2026\nFrom: a@example.org\nSubject: x\n\nx\n\n".repeat(20);
        let limits = Limits { entries: 10, ..Limits::default() };
        assert!(read("a.mbox", mailbox.as_bytes(), &limits).unwrap_err().is_limit());
    }
}

//! What a `@`, a `:` or a `.` gives away: mail addresses, URLs, hardware and IPv6 addresses, host names.

use std::ops::Range;

use super::{
    Evidence, Scan,
    numbers::{NUMBERS, Numbers},
};

/// Longest parts of a mail address: RFC 5321 §4.5.3.1.
const LOCAL: usize = 64;
const DOMAIN: usize = 253;
/// Longest URL that is looked at.
const URL: usize = 2048;

/// Walks the marks of the window.
pub(super) fn find(scan: &mut Scan<'_>) {
    let numbers = &*NUMBERS;
    let (mut letter_before, mut url_end) = (0, 0);
    let mut labels = Labels::default();
    for number in 0..scan.tiles.len() {
        let tile = scan.tiles[number];
        let letters = tile.upper | tile.lower;
        let next = scan.tiles.get(number + 1).map_or(0, |t| t.upper | t.lower);
        // A dot between letters or digits and a letter may part the labels of a host name.
        let dots = tile.dot & ((letters | tile.digit) << 1 | letter_before) & (letters >> 1 | next << 63);
        letter_before = (letters | tile.digit) >> 63;
        let mut marks = tile.mark | dots;
        while marks != 0 {
            let at = number * 64 + marks.trailing_zeros() as usize;
            marks &= marks - 1;
            match scan.text[at] {
                b'@' => email(scan, numbers, at),
                b':' => colon(scan, numbers, at, &mut url_end),
                _ => host(scan, numbers, at, &mut labels, &mut url_end),
            }
        }
    }
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'') || byte >= 0x80
}

fn email(scan: &mut Scan<'_>, numbers: &Numbers, at: usize) {
    let text = scan.text;
    let local = text[..at].iter().rev().take(LOCAL + 1).take_while(|b| is_local(**b)).count();
    let mut start = at - local;
    start = after_ideographs(text, start, at);
    while start < at && matches!(text[start], b'.' | b'-' | b'\'' | b'%' | b'+') {
        start += 1;
    }
    if start == at || local > LOCAL || text[at - 1] == b'.' {
        return;
    }
    // The user and password of a URL, which are judged there.
    if start > 2
        && text[start - 1] == b':'
        && text[..start].iter().rev().take(LOCAL).take_while(|b| !b.is_ascii_whitespace()).any(|b| *b == b'/')
    {
        return;
    }
    let Some(end) = domain_end(text, at + 1) else { return };
    // `git@host:path` names a repository, not a mailbox.
    if &text[start..at] == b"git" && matches!(text.get(end), Some(b':' | b'/')) {
        return;
    }
    scan.push(numbers.email, start..end, 0.99, Evidence::Check);
}

/// A mail address in a URL's query, where the sign between its halves is `%40`, at `at`.
pub(super) fn encoded_email(scan: &mut Scan<'_>, at: usize) {
    let text = scan.text;
    let local = text[..at]
        .iter()
        .rev()
        .take(LOCAL + 1)
        .take_while(|b| is_local(**b) && **b < 0x80 && **b != b'%')
        .count();
    if local > 0
        && local <= LOCAL
        && let Some(end) = domain_end(text, at + 3)
    {
        scan.push(NUMBERS.email, at - local..end, 0.9, Evidence::Shape);
    }
}

/// Moves `start` behind the last character of three or more bytes, and to a character boundary.
fn after_ideographs(text: &[u8], start: usize, end: usize) -> usize {
    let mut from = start;
    for (at, byte) in text.iter().enumerate().take(end).skip(start) {
        match byte {
            // Latin letters with marks, as Vietnamese has them, are no ideographs.
            0xE1 if text.get(at + 1).is_some_and(|next| (0xB8..=0xBB).contains(next)) => {}
            0xE0..=0xEF => from = at + 3,
            0xF0..=0xFF => from = at + 4,
            0x80..=0xBF if at == from => from = at + 1,
            _ => {}
        }
    }
    from.min(end)
}

/// The end of the domain name at `start`: labels of letters, digits and hyphens, the last one a top-level domain.
fn domain_end(text: &[u8], start: usize) -> Option<usize> {
    let mut end = None;
    let mut at = start;
    let mut labels = 0;
    loop {
        let label = text[at..]
            .iter()
            .take(64)
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-' || is_alphabet_byte(**b))
            .count();
        let bytes = &text[at..at + label];
        if label == 0 || label > 63 || bytes[0] == b'-' || bytes[label - 1] == b'-' {
            return end;
        }
        labels += 1;
        at += label;
        let top = label >= 2
            && (bytes.iter().all(|b| b.is_ascii_alphabetic() || *b >= 0x80) || bytes.starts_with(b"xn--"));
        end = (labels > 1 && top).then_some(at).or(end.filter(|_| top));
        if at - start > DOMAIN || text.get(at) != Some(&b'.') {
            return end;
        }
        at += 1;
    }
}

/// Bytes of two-byte letters: Latin, Greek, Cyrillic.
fn is_alphabet_byte(byte: u8) -> bool {
    matches!(byte, 0xC3..=0xD4 | 0x80..=0xBF)
}

const SCHEMES: &[&[u8]] = &[
    b"http",
    b"https",
    b"ftp",
    b"ftps",
    b"sftp",
    b"ws",
    b"wss",
    b"ssh",
    b"ldap",
    b"ldaps",
    b"smb",
    b"postgres",
    b"postgresql",
    b"mysql",
    b"mongodb",
    b"mongodb+srv",
    b"redis",
    b"rediss",
    b"amqp",
    b"amqps",
    b"nats",
    b"smtp",
    b"smtps",
    b"imap",
    b"imaps",
    b"jdbc",
    b"s3",
    b"git",
];

fn colon(scan: &mut Scan<'_>, numbers: &Numbers, at: usize, url_end: &mut usize) {
    let text = scan.text;
    if text[at + 1..].starts_with(b"//") {
        if at < *url_end {
            return;
        }
        let scheme =
            text[..at].iter().rev().take(12).take_while(|b| b.is_ascii_alphanumeric() || **b == b'+').count();
        if let Some(known) =
            (2..=scheme).rev().find(|n| SCHEMES.iter().any(|s| s.eq_ignore_ascii_case(&text[at - n..at])))
        {
            url(scan, numbers, at - known, at + 3, url_end);
        }
        return;
    }
    let before = scan.before(at);
    let after = scan.byte(at + 1);
    // The first colon of its run decides for the run.
    if after == b':' || before.is_ascii_hexdigit() && after.is_ascii_hexdigit() {
        hexadecimal(scan, numbers, at);
    }
}

fn url(scan: &mut Scan<'_>, numbers: &Numbers, start: usize, host: usize, url_end: &mut usize) {
    let text = scan.text;
    let rest = &text[host..text.len().min(host + URL)];
    let length = rest
        .iter()
        .position(|b| {
            b.is_ascii_whitespace()
                || matches!(b, b'"' | b'<' | b'>' | b'`' | b'\\' | b'|' | b'^' | b'{' | b'}')
                || b.is_ascii_control()
        })
        .unwrap_or(rest.len());
    let mut end = host + length;
    // Punctuation that closes a sentence or a bracket around the URL is not part of it.
    let brackets = [text[host..end].contains(&b'('), text[host..end].contains(&b'[')];
    while end > host {
        let keep = match text[end - 1] {
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*' | b'_' => false,
            b')' => brackets[0],
            b']' => brackets[1],
            _ => true,
        };
        if keep {
            break;
        }
        end -= 1;
    }
    *url_end = end;
    let authority = &text[host..end];
    let authority = &authority
        [..authority.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(authority.len())];
    if let Some(user) = authority.iter().rposition(|b| *b == b'@')
        && let Some(colon) = authority[..user].iter().position(|b| *b == b':')
    {
        let secret = host + colon + 1..host + user;
        if !secret.is_empty() && !matches!(text[secret.start], b'$' | b'%' | b'*') {
            scan.push(numbers.password, secret, 0.95, Evidence::Label);
        }
        return;
    }
    if gives_access(authority, &text[host + authority.len()..end]) {
        scan.push(numbers.token_url, start..end, 0.97, Evidence::Label);
        return;
    }
    if authority.first().is_some_and(u8::is_ascii_alphanumeric) && authority.len() > 2
        || authority.first() == Some(&b'[')
    {
        push(scan, numbers, start..end, host + authority.len(), 0.9, Evidence::Check);
    }
}

/// Whether whoever knows this URL may use what is behind it: a webhook, or the address to which a program reports its
/// errors, `https://KEY@…`.
fn gives_access(authority: &[u8], path: &[u8]) -> bool {
    const WEBHOOKS: [(&[u8], &[u8]); 4] = [
        (b"hooks.slack.com", b"/services/"),
        (b"discord.com", b"/api/webhooks/"),
        (b"discordapp.com", b"/api/webhooks/"),
        (b"webhook.office.com", b"/webhookb2/"),
    ];
    // Placeholders in manuals are shorter, or dots.
    let is_key = |key: &[u8]| key.len() > 24 && key.iter().filter(|b| b.is_ascii_alphanumeric()).count() > 24;
    let webhook = WEBHOOKS
        .iter()
        .any(|(host, before)| authority.ends_with(host) && path.strip_prefix(*before).is_some_and(is_key));
    webhook || authority.get(32) == Some(&b'@') && authority[..32].iter().all(u8::is_ascii_hexdigit)
}

/// Takes a URL, which behind `host_end` gives way to what is surer.
fn push(
    scan: &mut Scan<'_>,
    numbers: &Numbers,
    place: Range<usize>,
    host_end: usize,
    score: f32,
    evidence: Evidence,
) {
    let known = scan.raws.len();
    scan.push(numbers.url, place, score, evidence);
    if let Some(url) = scan.raws.get_mut(known) {
        url.yields = host_end;
    }
}

/// A row of labels, walked back from the last dot that was asked about: no byte is walked twice.
#[derive(Default)]
struct Labels {
    start: usize,
    dot: usize,
}

impl Labels {
    /// Where the labels before `dot` start, at most [`DOMAIN`] bytes before it.
    fn before(&mut self, text: &[u8], dot: usize) -> usize {
        let least = dot.saturating_sub(DOMAIN);
        let mut start = dot;
        while start > least
            && start != self.dot
            && (text[start - 1].is_ascii_alphanumeric() || matches!(text[start - 1], b'-' | b'.'))
        {
            start -= 1;
        }
        if start == self.dot {
            start = self.start.max(least);
        }
        *self = Self { start, dot };
        start
    }
}

/// A host name without a scheme: `www.example.org/about`, `example.com`.
fn host(scan: &mut Scan<'_>, numbers: &Numbers, dot: usize, labels: &mut Labels, url_end: &mut usize) {
    let text = scan.text;
    if dot <= *url_end {
        return;
    }
    let label = text[dot + 1..].iter().take(4).take_while(|b| b.is_ascii_alphabetic()).count();
    let known = label == 3 && COMMON.iter().any(|top| top.eq_ignore_ascii_case(&text[dot + 1..dot + 4]));
    if !known && !text[dot.saturating_sub(3)..dot].eq_ignore_ascii_case(b"www") {
        return;
    }
    let start = labels.before(text, dot);
    let back = dot - start;
    // A row of labels that is longer than a domain name may be.
    if back == DOMAIN {
        return;
    }
    let www = back >= 3 && text[start..start + 3].eq_ignore_ascii_case(b"www");
    if !(known || www && back == 3)
        || matches!(scan.before(start), b'@' | b'/' | b'_' | b'\\' | b'$' | b'%' | 0x80..)
        || !text[start].is_ascii_alphanumeric()
    {
        return;
    }
    let Some(end) = domain_end(text, start) else { return };
    *url_end = end;
    let next = scan.byte(end);
    if end <= dot + label || matches!(next, b'@' | b'(' | b'_' | b'=' | b'\\') {
        return;
    }
    // The top-level domain may be followed by a country's, so a later dot can be the better one; the URL ends alike.
    let mut stop = end;
    if matches!(next, b'/' | b'?' | b':') {
        let rest = &text[end..text.len().min(end + URL)];
        stop += rest
            .iter()
            .position(|b| {
                b.is_ascii_whitespace()
                    || matches!(b, b'"' | b'<' | b'>' | b'`' | b'\\' | b'|' | b'\'' | b')' | b',')
            })
            .unwrap_or(rest.len());
        while matches!(text[stop - 1], b'.' | b':' | b'?' | b'!' | b';' | b'/') && stop > end {
            if text[stop - 1] == b'/' {
                break;
            }
            stop -= 1;
        }
    }
    *url_end = stop;
    push(scan, numbers, start..stop, end, if www { 0.85 } else { 0.6 }, Evidence::Shape);
}

/// Top-level domains that are no word of prose, no file ending and no attribute of code.
const COMMON: &[&[u8]] = &[b"com", b"org", b"edu", b"gov", b"net"];

/// An IPv6 or hardware address around the colon at `at`.
fn hexadecimal(scan: &mut Scan<'_>, numbers: &Numbers, at: usize) {
    let text = scan.text;
    let is = |b: u8| b.is_ascii_hexdigit() || b == b':';
    let back = text[..at].iter().rev().take(6).take_while(|b| is(**b)).count();
    // An earlier colon has judged this run already; five or more digits before the first are no address.
    if text[at - back..at].contains(&b':') || back > 4 {
        return;
    }
    let start = at - back;
    if scan.before(start).is_ascii_alphanumeric() || matches!(scan.before(start), b'_' | b'.' | b'-') {
        return;
    }
    let hex = start + text[start..].iter().take(46).take_while(|b| is(**b)).count();
    let end = if text.get(hex) == Some(&b'.') {
        let dotted = text[start..].iter().take(46).take_while(|b| is(**b) || **b == b'.').count();
        start + text[start..start + dotted].iter().rposition(u8::is_ascii_hexdigit).map_or(0, |last| last + 1)
    } else {
        hex
    };
    if ends(scan, end) && address(scan, numbers, start..end) {
        return;
    }
    // `fe80::1:` at the end of a clause.
    let trimmed = hex - text[start..hex].iter().rev().take_while(|b| **b == b':').count();
    if trimmed < end && ends(scan, trimmed) {
        address(scan, numbers, start..trimmed);
    }
}

fn ends(scan: &Scan<'_>, end: usize) -> bool {
    let next = scan.byte(end);
    !(next.is_ascii_alphanumeric() || next == b'_')
}

fn address(scan: &mut Scan<'_>, numbers: &Numbers, place: Range<usize>) -> bool {
    let text = &scan.text[place.clone()];
    if text.len() == 17
        && text.iter().skip(2).step_by(3).all(|b| *b == b':')
        && text.iter().enumerate().all(|(i, b)| i % 3 == 2 || b.is_ascii_hexdigit())
    {
        scan.push(numbers.mac, place, 0.9, Evidence::Check);
        return true;
    }
    // `::` alone, and `12::30`, are more often code than addresses.
    let groups = text.split(|b| *b == b':').filter(|group| !group.is_empty()).count();
    let parsed = std::str::from_utf8(text).ok().and_then(|text| text.parse::<std::net::Ipv6Addr>().ok());
    if parsed.is_none() || groups < 2 {
        return false;
    }
    let sure = groups > 2 || text.len() > 8 || text.starts_with(b"fe80") || text.starts_with(b"2001");
    scan.push(numbers.ip, place, if sure { 0.95 } else { 0.4 }, Evidence::Check);
    true
}

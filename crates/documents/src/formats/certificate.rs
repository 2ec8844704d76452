//! The names in certificates, and in what else is written in DER (X.690).

use std::collections::BTreeSet;

use mail_parser::decoders::base64::base64_decode;

/// Shorter words are no certificate, whatever they look like.
const SHORTEST: usize = 200;

/// What the words pack in Base64, if it can be a certificate.
pub(super) fn packed(words: &str) -> Option<Vec<u8>> {
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/= \r\n\t".contains(&byte);
    if words.len() < SHORTEST || !words.bytes().all(base64) {
        return None;
    }
    base64_decode(words.as_bytes())
}

/// All texts in it: whom it is issued to and by whom.
///
/// What is made of others is entered by going on behind its head, so that nothing lies too deep.
pub(super) fn texts(der: &[u8]) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    let mut rest = der;
    while let [tag, tail @ ..] = rest {
        let Some((length, behind)) = length(tail) else { break };
        let content = &behind[..length.min(behind.len())];
        // A sequence, a set, or a tag of the context around them.
        let made_of_others = tag & 0x20 != 0;
        // Strings, and of the other names of a subject (RFC 5280 §4.2.1.6) a mail address and a host.
        let text = match tag {
            0x0C | 0x13 | 0x16 | 0x82 => std::str::from_utf8(content).ok().map(str::to_owned),
            0x14 | 0x81 => Some(content.iter().map(|&byte| char::from(byte)).collect()),
            0x1E => Some(encoding_rs::UTF_16BE.decode_without_bom_handling(content).0.into_owned()),
            _ => None,
        };
        let text = text
            .filter(|text: &String| text.contains(char::is_alphanumeric) && !text.contains(char::is_control));
        texts.extend(text);
        rest = if made_of_others { behind } else { &behind[content.len()..] };
    }
    texts
}

/// How long the content is, and what follows the length.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let digits = usize::from(first & 0x7F);
    let length = rest.get(..digits).filter(|digits| digits.len() <= 4)?;
    let length = length.iter().fold(0, |length, &digit| length << 8 | usize::from(digit));
    Some((length, &rest[digits..]))
}

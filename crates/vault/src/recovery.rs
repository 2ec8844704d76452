//! Recovery codes: what somebody signs in with who has lost the app that makes their codes. Each is used once.

use aws_lc_rs::{constant_time, digest};
use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use crate::Random;

/// Codes that are made together.
const CODES: usize = 10;
/// Bytes of a code: nobody tries out 2⁸⁰.
const CODE: usize = 10;
const HASH: usize = 32;

/// What is kept of recovery codes: their hashes. They have chance enough to need neither salt nor stretching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryCodes(Vec<[u8; HASH]>);

impl RecoveryCodes {
    /// New ones, and the codes themselves, to be shown once.
    pub fn generate(random: &mut impl Random) -> (Self, Vec<Zeroizing<String>>) {
        let codes: Vec<_> = (0..CODES)
            .map(|_| {
                let mut bytes = Zeroizing::new([0; CODE]);
                random(bytes.as_mut());
                let text = Zeroizing::new(BASE32_NOPAD.encode(bytes.as_ref()).to_ascii_lowercase());
                // Four groups of four, which people copy without mistakes.
                Zeroizing::new([&text[..4], &text[4..8], &text[8..12], &text[12..]].join("-"))
            })
            .collect();
        (Self(codes.iter().map(|code| hash(code)).collect()), codes)
    }

    /// What was kept; none where it has another length.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (hashes, rest) = bytes.as_chunks::<HASH>();
        rest.is_empty().then(|| Self(hashes.to_vec()))
    }

    /// As it is kept, to be sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.concat()
    }

    /// How many are left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.0.len()
    }

    /// What is left once `code` is used; none where it is none of them.
    #[must_use]
    pub fn without(&self, code: &str) -> Option<Self> {
        let hash = hash(code);
        let mut left = self.0.clone();
        // All are compared, whichever it is.
        left.retain(|other| constant_time::verify_slices_are_equal(other, &hash).is_err());
        (left.len() < self.0.len()).then_some(Self(left))
    }
}

/// Of the letters and digits alone: people write spaces, hyphens and capitals as they like.
fn hash(code: &str) -> [u8; HASH] {
    let letters = code.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    let letters = Zeroizing::new(letters.collect::<Vec<_>>());
    digest::digest(&digest::SHA256, &letters).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system_random;

    #[test]
    fn each_code_is_used_once_however_it_is_written() {
        let (codes, shown) = RecoveryCodes::generate(&mut system_random);
        assert_eq!((codes.left(), shown.len()), (CODES, CODES));
        assert_eq!(shown[0].len(), 19);
        let written = format!(" {} ", shown[3].to_uppercase().replace('-', " "));
        let left = codes.without(&written).unwrap();
        assert_eq!(left.left(), CODES - 1);
        assert_eq!(left.without(&shown[3]), None);
        assert!(left.without(&shown[4]).is_some());
        for wrong in ["", "----", "aaaa-aaaa-aaaa-aaaa", &shown[0][..18]] {
            assert_eq!(codes.without(wrong), None, "{wrong}");
        }
        assert_eq!(RecoveryCodes::parse(&left.to_bytes()), Some(left));
        assert_eq!(RecoveryCodes::parse(&[0; 33]), None);
    }
}

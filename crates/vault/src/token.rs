//! Tokens by which somebody signs in, and their hashes, which are all that is kept.

use std::fmt;

use aws_lc_rs::{constant_time, digest};
use data_encoding::BASE64URL_NOPAD;
use zeroize::{Zeroize, Zeroizing};

use crate::Random;

/// What a token starts with, so that scanners for leaked secrets know it.
const PREFIX: &str = "tacita_";

/// A token: `tacita_` and 32 random bytes in base64url. Whoever has it is let in.
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; 32]>);

impl Token {
    /// A new one.
    pub fn generate(random: &mut impl Random) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random(bytes.as_mut());
        Self(bytes)
    }

    /// The token that a text is.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.strip_prefix(PREFIX).ok_or(TokenError)?;
        if text.len() != BASE64URL_NOPAD.encode_len(32) {
            return Err(TokenError);
        }
        let mut bytes = Zeroizing::new([0; 32]);
        match BASE64URL_NOPAD.decode_mut(text.as_bytes(), bytes.as_mut()) {
            Ok(32) => Ok(Self(bytes)),
            _ => Err(TokenError),
        }
    }

    /// The token as text, to be shown once to its owner.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        let mut encoded = BASE64URL_NOPAD.encode(self.0.as_ref());
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + encoded.len()));
        text.push_str(PREFIX);
        text.push_str(&encoded);
        encoded.zeroize();
        text
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([secret])")
    }
}

/// A text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token: one starts with `tacita_` and is made with `tacita token create`")]
pub struct TokenError;

/// The SHA-256 of a token. A token has 256 bits of chance, so that its hash needs no salt and no stretching.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of `token`.
    #[must_use]
    pub fn of(token: &Token) -> Self {
        let hash = digest::digest(&digest::SHA256, token.0.as_ref());
        Self(hash.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }

    /// The hash that lies in the database.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, to look it up by.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Takes the same time wherever they differ.
impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash([secret])")
    }
}

/// The SHA-256 of parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// Whether two secrets are the same, in a time that tells nothing of where they differ.
#[must_use]
pub fn are_equal(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let token = Token::generate(&mut |bytes: &mut [u8]| bytes.fill(0xab));
        let text = token.expose();
        assert_eq!(&**text, "tacita_q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s");
        let again = Token::parse(&text).unwrap();
        assert_eq!(TokenHash::of(&token), TokenHash::of(&again));
        assert_eq!(TokenHash::of(&token), TokenHash::from_bytes(*TokenHash::of(&again).as_bytes()));
        let other = Token::generate(&mut |bytes: &mut [u8]| bytes.fill(0xac));
        assert_ne!(TokenHash::of(&token), TokenHash::of(&other));
        assert_eq!(format!("{token:?} {:?}", TokenHash::of(&token)), "Token([secret]) TokenHash([secret])");
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let good = Token::generate(&mut |bytes: &mut [u8]| bytes.fill(0xab)).expose();
        // The last digit holds two bits that no byte has: another spelling of the same token.
        let spelled = format!("{}t", &good[..good.len() - 1]);
        for text in [
            "",
            "tacita_",
            &good[7..],
            &good[..good.len() - 1],
            &format!("{}A", *good),
            &format!(" {}", *good),
            &spelled,
        ] {
            assert_eq!(Token::parse(text).err(), Some(TokenError), "{text}");
        }
    }
}

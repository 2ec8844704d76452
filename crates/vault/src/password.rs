//! Passwords: what is kept of one, and whether another is the same.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use aws_lc_rs::digest;
use zeroize::Zeroizing;

use crate::Random;

/// The longest password in bytes; longer ones would only keep a processor busy.
pub const LONGEST_PASSWORD: usize = 1024;

/// KiB, passes, lanes: one of the equivalent choices that OWASP's Password Storage Cheat Sheet names for Argon2id. A sign-in costs
/// some 30 milliseconds of a processor, and 19 MiB while it lasts.
const COSTS: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Bytes of chance beside each password.
const SALT: usize = 16;

/// What is kept of a password: Argon2id (RFC 9106) in the PHC string format, with its own salt and costs.
#[derive(Clone)]
pub struct PasswordHash(Zeroizing<String>);

/// A password can't be hashed, or what is kept of one is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a password's hash, or a password of more than {LONGEST_PASSWORD} bytes")]
pub struct PasswordError;

impl PasswordHash {
    /// What is to be kept of `password`. It takes tens of milliseconds.
    ///
    /// # Errors
    /// When it is longer than [`LONGEST_PASSWORD`].
    pub fn of(password: &str, random: &mut impl Random) -> Result<Self, PasswordError> {
        let mut salt = [0; SALT];
        random(&mut salt);
        let hash = short(password).and_then(|password| {
            argon().hash_password_with_salt(password, &salt).map_err(|_| PasswordError)
        })?;
        Ok(Self(Zeroizing::new(hash.to_string())))
    }

    /// One that no password has, for those whose account there is none of: trying theirs takes as long.
    pub fn of_nobody(random: &mut impl Random) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        random(secret.as_mut());
        Self::of(&data_encoding::BASE64.encode(secret.as_ref()), random).expect("it is short enough")
    }

    /// What was kept.
    #[must_use]
    pub fn parse(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// As it is kept, to be sealed.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `password` is the one that was hashed. It takes as long as hashing it, and as long for a wrong one.
    ///
    /// # Errors
    /// When what was kept is no hash. A password that is too long is just wrong.
    pub fn is_of(&self, password: &str) -> Result<bool, PasswordError> {
        use argon2::password_hash::Error;
        let Ok(password) = short(password) else { return Ok(false) };
        match argon().verify_password(password, self.0.as_str()) {
            Ok(()) => Ok(true),
            Err(Error::PasswordInvalid) => Ok(false),
            Err(_) => Err(PasswordError),
        }
    }
}

/// The SHA-1 of a password in capital hexadecimal digits, by which public lists of stolen passwords go. Nothing is kept of it.
#[must_use]
pub fn sha1_of_password(password: &str) -> String {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    data_encoding::HEXUPPER.encode(hash.as_ref())
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash([secret])")
    }
}

fn short(password: &str) -> Result<&[u8], PasswordError> {
    if password.len() <= LONGEST_PASSWORD { Ok(password.as_bytes()) } else { Err(PasswordError) }
}

fn argon() -> Argon2<'static> {
    let (memory, passes, lanes) = COSTS;
    let costs = Params::new(memory, passes, lanes, None).expect("the costs are within its limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, costs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system_random;

    #[test]
    fn only_the_same_password_is_taken() {
        let hash = PasswordHash::of("correct horse battery", &mut system_random).unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.expose());
        let kept = PasswordHash::parse(Zeroizing::new(hash.expose().to_owned()));
        assert_eq!(kept.is_of("correct horse battery"), Ok(true));
        for wrong in ["", "correct horse batter", "Correct horse battery", &"x".repeat(LONGEST_PASSWORD + 1)]
        {
            assert_eq!(kept.is_of(wrong), Ok(false), "{wrong}");
        }
        let again = PasswordHash::of("correct horse battery", &mut system_random).unwrap();
        assert_ne!(hash.expose(), again.expose(), "each has a salt of its own");
        assert_eq!(format!("{hash:?}"), "PasswordHash([secret])");
    }

    #[test]
    fn stolen_passwords_are_named_as_the_lists_do() {
        assert_eq!(sha1_of_password("password"), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    }

    #[test]
    fn nobody_has_a_password_and_what_is_damaged_is_no_wrong_one() {
        let nobody = PasswordHash::of_nobody(&mut system_random);
        assert_eq!(nobody.is_of(""), Ok(false));
        let damaged = PasswordHash::parse(Zeroizing::new("no hash at all".to_owned()));
        assert_eq!(damaged.is_of("x"), Err(PasswordError));
        let long = "x".repeat(LONGEST_PASSWORD + 1);
        assert!(PasswordHash::of(&long, &mut system_random).is_err());
    }
}

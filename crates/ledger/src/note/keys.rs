//! Keys that sign notes, and those that verify them.

use std::{fmt, str::FromStr};

use aws_lc_rs::signature::{
    ED25519, Ed25519KeyPair, KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, PqdsaKeyPair, UnparsedPublicKey,
};
use zeroize::Zeroizing;

use super::{
    Signature, is_name,
    message::{NotSignable, SignatureError, message},
};
use crate::{base64, merkle::sha256};

/// How a key signs: the signature types of C2SP that are understood here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// Type 0x01: Ed25519 over the text. Every tool that reads notes knows it.
    Ed25519,
    /// Type 0x04: Ed25519 over a checkpoint and the time. What most witnesses sign with.
    Ed25519Cosignature,
    /// Type 0x06: ML-DSA-44 over a checkpoint, the time and the key's name. Quantum computers do not break it.
    MlDsa44,
}

/// A public key: with its name, it is what somebody must be given beforehand to believe a note.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    algorithm: Algorithm,
    public_key: Vec<u8>,
}

/// A private key.
pub struct Signer {
    key: PrivateKey,
    verifier: VerifierKey,
}

enum PrivateKey {
    Ed25519(Ed25519KeyPair),
    MlDsa44(PqdsaKeyPair),
}

/// Why a text is no verifier key, or a name or seed makes no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No key can have this name.
    #[error("`{0}` can't be the name of a key: it is empty, too long, or has a space or a plus sign")]
    Name(String),
    /// The text has not the three parts of a verifier key.
    #[error("no verifier key: it has the form name+id+key")]
    Malformed,
    /// The signature type is none that is understood here.
    #[error("keys of the signature type {0:#04x} are not understood")]
    Type(u8),
    /// The public key has not the length of its type.
    #[error("the public key has {0} bytes, which none of its type has")]
    Length(usize),
    /// The key id is not that of name and key: one of them was changed.
    #[error("the key id {found:08x} is not the {expected:08x} of this name and key")]
    Id {
        /// That of name and key.
        expected: u32,
        /// That of the text.
        found: u32,
    },
    /// The seed gives no key.
    #[error("the seed gives no key")]
    Seed,
}

impl Algorithm {
    const ALL: [Self; 3] = [Self::Ed25519, Self::Ed25519Cosignature, Self::MlDsa44];

    /// C2SP's byte for the signature type.
    pub fn type_byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Ed25519Cosignature => 0x04,
            Self::MlDsa44 => 0x06,
        }
    }

    fn public_key_len(self) -> usize {
        match self {
            Self::Ed25519 | Self::Ed25519Cosignature => 32,
            Self::MlDsa44 => 1312,
        }
    }

    fn signature_len(self) -> usize {
        match self {
            Self::Ed25519 | Self::Ed25519Cosignature => 64,
            Self::MlDsa44 => 2420,
        }
    }

    /// Whether the time is part of what is signed.
    fn is_timed(self) -> bool {
        self != Self::Ed25519
    }
}

/// As one reads it in a message: `Ed25519`, `ML-DSA-44`.
impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "Ed25519",
            Self::Ed25519Cosignature => "Ed25519 cosignature",
            Self::MlDsa44 => "ML-DSA-44",
        })
    }
}

impl VerifierKey {
    /// The public key of this name: 32 bytes for Ed25519, 1,312 for ML-DSA-44.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where name or length are impossible.
    pub fn new(name: &str, algorithm: Algorithm, public_key: &[u8]) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name(name.to_owned()));
        }
        if public_key.len() != algorithm.public_key_len() {
            return Err(KeyError::Length(public_key.len()));
        }
        let id = key_id(name, algorithm, public_key);
        Ok(Self { name: name.to_owned(), id, algorithm, public_key: public_key.to_vec() })
    }

    /// Its name, as signature lines show it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same public key under another name, and so with another number.
    ///
    /// # Errors
    ///
    /// [`KeyError::Name`] where the name is impossible.
    pub fn named(&self, name: &str) -> Result<Self, KeyError> {
        Self::new(name, self.algorithm, &self.public_key)
    }

    /// Its number, as signature lines show it.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// How it signs.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether this key claims to have made the signature; whether it did says [`verify`](Self::verify).
    pub fn made(&self, signature: &Signature) -> bool {
        self.name == signature.name && self.id == signature.key_id
    }

    /// Whether it made this signature over this text, and when, in seconds since 1970, if the signature says so.
    ///
    /// # Errors
    ///
    /// [`SignatureError`] where it did not, or where the text is none that such a key signs.
    pub fn verify(&self, text: &str, signature: &Signature) -> Result<Option<u64>, SignatureError> {
        if !self.made(signature) {
            return Err(SignatureError::OtherKey);
        }
        let mut bytes = &signature.bytes[..];
        let mut time = None;
        if self.algorithm.is_timed() {
            let (stamp, rest) = bytes.split_first_chunk::<8>().ok_or(SignatureError::Length)?;
            time = Some(u64::from_be_bytes(*stamp));
            bytes = rest;
        }
        if bytes.len() != self.algorithm.signature_len() {
            return Err(SignatureError::Length);
        }
        let message = message(self.algorithm, &self.name, text, time.unwrap_or(0))?;
        let verified = match self.algorithm {
            Algorithm::Ed25519 | Algorithm::Ed25519Cosignature => {
                UnparsedPublicKey::new(&ED25519, &self.public_key).verify(&message, bytes)
            }
            Algorithm::MlDsa44 => {
                UnparsedPublicKey::new(&ML_DSA_44, &self.public_key).verify(&message, bytes)
            }
        };
        verified.map_err(|_| SignatureError::Invalid)?;
        // Zero is how a signer says that it states no time.
        Ok(time.filter(|time| *time > 0))
    }
}

/// C2SP's verifier key, `name+id+key`: the form in which it is published.
impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.algorithm.type_byte()], &self.public_key[..]].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.id, base64::encode(&key))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({}+{:08x}, {})", self.name, self.id, self.algorithm)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        // The base64 may have a plus sign, name and id can't.
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().ok_or(KeyError::Malformed);
        let (name, id, key) = (part()?, part()?, part()?);
        let key = base64::decode(key).ok_or(KeyError::Malformed)?;
        let (kind, public_key) = key.split_first().ok_or(KeyError::Malformed)?;
        let algorithm = Algorithm::ALL.into_iter().find(|algorithm| algorithm.type_byte() == *kind);
        let verifier = Self::new(name, algorithm.ok_or(KeyError::Type(*kind))?, public_key)?;
        let found = u32::from_str_radix(id, 16).map_err(|_| KeyError::Malformed)?;
        if format!("{found:08x}") != id {
            return Err(KeyError::Malformed);
        }
        if found != verifier.id {
            return Err(KeyError::Id { expected: verifier.id, found });
        }
        Ok(verifier)
    }
}

impl Signer {
    /// The key that a seed of 32 random bytes gives. One seed must serve one algorithm and one name.
    ///
    /// It keeps no copy of the seed of its own: the caller's wipes itself, and the key lies in the memory of AWS-LC, which
    /// wipes what it frees.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where the name is impossible, or the seed gives no key.
    pub fn from_seed(name: &str, algorithm: Algorithm, seed: &Zeroizing<[u8; 32]>) -> Result<Self, KeyError> {
        let (key, verifier) = match algorithm {
            Algorithm::Ed25519 | Algorithm::Ed25519Cosignature => {
                let pair = Ed25519KeyPair::from_seed_unchecked(&**seed).map_err(|_| KeyError::Seed)?;
                let verifier = VerifierKey::new(name, algorithm, pair.public_key().as_ref())?;
                (PrivateKey::Ed25519(pair), verifier)
            }
            Algorithm::MlDsa44 => {
                let pair =
                    PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, &**seed).map_err(|_| KeyError::Seed)?;
                let verifier = VerifierKey::new(name, algorithm, pair.public_key().as_ref())?;
                (PrivateKey::MlDsa44(pair), verifier)
            }
        };
        Ok(Self { key, verifier })
    }

    /// Its public key.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a text, `time` seconds after 1970. Ed25519 of type 0x01 states no time; for the others the text must be a
    /// checkpoint, and a time of 0 makes no statement that this is the latest one.
    ///
    /// ML-DSA-44 signatures differ each time: AWS-LC draws the randomness that FIPS 204 hedges with.
    ///
    /// # Errors
    ///
    /// [`NotSignable`] where the text is none that such a key signs.
    pub fn sign(&self, text: &str, time: u64) -> Result<Signature, NotSignable> {
        let VerifierKey { name, id, algorithm, .. } = &self.verifier;
        let message = message(*algorithm, name, text, time)?;
        let mut bytes = if algorithm.is_timed() { time.to_be_bytes().to_vec() } else { Vec::new() };
        match &self.key {
            PrivateKey::Ed25519(pair) => bytes.extend_from_slice(pair.sign(&message).as_ref()),
            PrivateKey::MlDsa44(pair) => {
                let mut signature = [0; 2420];
                pair.sign(&message, &mut signature).map_err(|_| NotSignable::Refused)?;
                bytes.extend_from_slice(&signature);
            }
        }
        Ok(Signature { name: name.clone(), key_id: *id, bytes })
    }
}

/// Says whose it is, never what it is.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}+{:08x}, {})", self.verifier.name, self.verifier.id, self.verifier.algorithm)
    }
}

fn key_id(name: &str, algorithm: Algorithm, public_key: &[u8]) -> u32 {
    let hash = sha256(&[name.as_bytes(), b"\n", &[algorithm.type_byte()], public_key]);
    let [a, b, c, d, ..] = *hash.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::EMPTY_ROOT;

    fn signer(algorithm: Algorithm) -> Signer {
        Signer::from_seed("log.example.org/audit", algorithm, &Zeroizing::new([7; 32])).unwrap()
    }

    fn checkpoint() -> String {
        format!("log.example.org/audit\n0\n{EMPTY_ROOT}\n")
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does() {
        for algorithm in Algorithm::ALL {
            let signer = signer(algorithm);
            let key = signer.verifier();
            let signature = signer.sign(&checkpoint(), 1_700_000_000).unwrap();
            let time = (algorithm != Algorithm::Ed25519).then_some(1_700_000_000);
            assert_eq!(key.verify(&checkpoint(), &signature), Ok(time));
            let other = checkpoint().replace("audit", "other");
            assert_eq!(key.verify(&other, &signature), Err(SignatureError::Invalid));
            for at in [0, 8, 40, signature.bytes.len() - 1] {
                let mut changed = signature.clone();
                changed.bytes[at] ^= 1;
                assert!(key.verify(&checkpoint(), &changed).is_err(), "{algorithm}, byte {at}");
            }
            for length in [0, 7, 8, signature.bytes.len() - 1] {
                let mut cut = signature.clone();
                cut.bytes.truncate(length);
                assert_eq!(key.verify(&checkpoint(), &cut), Err(SignatureError::Length));
            }
            let renamed = Signature { name: "other".into(), ..signature };
            assert_eq!(key.verify(&checkpoint(), &renamed), Err(SignatureError::OtherKey));
        }
    }

    #[test]
    fn a_time_of_zero_is_none() {
        let signer = signer(Algorithm::MlDsa44);
        let signature = signer.sign(&checkpoint(), 0).unwrap();
        assert_eq!(signer.verifier().verify(&checkpoint(), &signature), Ok(None));
    }

    #[test]
    fn only_checkpoints_are_cosigned_and_none_with_extension_lines_by_ml_dsa() {
        let extended = checkpoint() + "more\n";
        assert!(signer(Algorithm::Ed25519).sign("anything\n", 0).is_ok());
        assert!(signer(Algorithm::Ed25519Cosignature).sign(&extended, 0).is_ok());
        assert_eq!(signer(Algorithm::MlDsa44).sign(&extended, 0), Err(NotSignable::ExtensionLines));
        for algorithm in [Algorithm::Ed25519Cosignature, Algorithm::MlDsa44] {
            assert!(matches!(signer(algorithm).sign("anything\n", 0), Err(NotSignable::NoCheckpoint(_))));
            assert_eq!(signer(algorithm).sign(&checkpoint(), 1 << 63), Err(NotSignable::Time(1 << 63)));
        }
    }

    #[test]
    fn verifier_keys_are_read_strictly() {
        for algorithm in Algorithm::ALL {
            let key = signer(algorithm).verifier().clone();
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        // The example of C2SP's signed-note.
        let good = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
        assert_eq!(good.parse::<VerifierKey>().unwrap().to_string(), good);
        let parse = |text: &str| text.parse::<VerifierKey>().unwrap_err();
        let id = KeyError::Id { expected: 0x530d_903a, found: 0x530d_903b };
        assert_eq!(parse(&good.replace("903a", "903b")), id);
        assert_eq!(parse(&good.replace("903a", "903A")), KeyError::Malformed);
        assert_eq!(parse(&good.replace("530d903a", "+530d903a")), KeyError::Malformed);
        assert_eq!(parse(&good.replace("foo", "f o")), KeyError::Name("example.com/f o".into()));
        assert_eq!(parse(&good.replace("AekyeR", "AukyeR")), KeyError::Type(2));
        assert_eq!(parse("example.com/foo+530d903a+AQ=="), KeyError::Length(0));
        for text in ["", "a", "a+b", "a++", "a+00000000+", "a+00000000+!"] {
            assert_eq!(parse(text), KeyError::Malformed, "{text}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", signer(Algorithm::Ed25519));
        assert_eq!(
            shown,
            format!("Signer(log.example.org/audit+{:08x}, Ed25519)", signer(Algorithm::Ed25519).verifier.id)
        );
    }
}

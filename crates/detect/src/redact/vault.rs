//! What a scope remembers: which text stands behind which token. Leaves the process only sealed.

use std::{
    borrow::Borrow,
    collections::HashMap,
    error::Error,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use aws_lc_rs::{aead, constant_time};
use zeroize::{Zeroize, Zeroizing};

use super::{
    key::{Key, KeyError, Stretching},
    random::Random,
    token,
};

const MAGIC: &[u8; 8] = b"TACITAVT";
const VERSION: u8 = 1;
const BY_KEY: u8 = 0;
const BY_PASSPHRASE: u8 = 1;
const NONCE: usize = 56;
const HEADER: usize = NONCE + 12;
const TAG: usize = 16;

/// The memory of one scope.
///
/// It grows with every new value that gets a placeholder or a hash; originals are wiped from memory when it is
/// dropped. One vault belongs to one key: the key that made its hashes must seal it too.
///
/// Sealed it is one block of bytes, numbers little-endian:
///
/// ```text
///  at  bytes
///   0   8     "TACITAVT"
///   8   1     version, 1
///   9   1     sealed by: 0 a key, 1 a passphrase through Argon2id 1.3
///  10   2     0
///  12   4 × 3 KiB of memory, passes, lanes     (0 when sealed by a key)
///  24  16     salt                             (0 when sealed by a key)
///  40  16     key check, by which a wrong key is told from a damaged file: HKDF of "vault check"
///  56  12     nonce
///  68         AES-256-GCM of the content under HKDF of "vault", tag last; associated data: bytes 0 to 68
/// ```
///
/// The content is the scope's name, then every token and its original, each as length (8 bytes) and UTF-8. HKDF is
/// that of RFC 5869 with SHA-256, no salt and the info `tacita redact`, a space, the purpose, a zero byte.
///
/// What it does not prevent: who can write the file can put an older one in its place.
pub struct Vault {
    scope: String,
    originals: HashMap<Box<str>, Original>,
    numbers: HashMap<Box<str>, Numbers>,
}

/// The placeholders of one label.
#[derive(Default)]
struct Numbers {
    last: u64,
    by_original: HashMap<Original, u64>,
}

impl Vault {
    /// An empty memory. The name of the scope enters into hashes, surrogates and date shifts: two scopes of one key
    /// give the same value different ones.
    #[must_use]
    pub fn new(scope: &str) -> Self {
        Self { scope: scope.to_owned(), originals: HashMap::new(), numbers: HashMap::new() }
    }

    /// The name of the scope.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// How many tokens it can turn back.
    #[must_use]
    pub fn len(&self) -> usize {
        self.originals.len()
    }

    /// Whether it can turn back none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.originals.is_empty()
    }

    /// The bytes to keep. Each call gives others, as each takes a new nonce.
    pub fn seal(&self, key: &Key, random: &mut impl Random) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(HEADER + self.content_length() + TAG);
        sealed.extend_from_slice(&header(key, random));
        self.write_content(&mut sealed);
        let (header, content) = sealed.split_at_mut(HEADER);
        let nonce = aead::Nonce::try_assume_unique_for_key(&header[NONCE..]).expect("the nonce has 12 bytes");
        let tag = key
            .cipher("vault", "")
            .seal_in_place_separate_tag(nonce, aead::Aad::from(&*header), content)
            .expect("a content that fits into memory is below the limit of AES-GCM");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Opens what a key sealed.
    ///
    /// # Errors
    /// When it is no vault, was sealed with another key, or is damaged.
    pub fn open(sealed: &[u8], key: &Key) -> Result<Self, VaultError> {
        let header = Header::read(sealed)?;
        if header.stretching.is_some() && key.stretched().is_none() {
            return Err(VaultError::NeedsPassphrase);
        }
        header.open(key)
    }

    /// Opens what a key from a passphrase sealed, and gives that key.
    ///
    /// # Errors
    /// When it is no vault, was sealed with another passphrase or with a key, or is damaged.
    pub fn unlock(sealed: &[u8], passphrase: &str) -> Result<(Self, Key), VaultError> {
        let mut header = Header::read(sealed)?;
        let stretching = header.stretching.take().ok_or(VaultError::NeedsKey)?;
        let key = stretching.key(passphrase).map_err(VaultError::Passphrase)?;
        Ok((header.open(&key)?, key))
    }

    /// The placeholder of `original`: the one it has, or the next.
    pub(super) fn placeholder(&mut self, label: &str, original: &str) -> String {
        if !self.numbers.contains_key(label) {
            self.numbers.insert(label.into(), Numbers::default());
        }
        let numbers = self.numbers.get_mut(label).expect("the label is there");
        if let Some(&number) = numbers.by_original.get(original) {
            return token::placeholder(label, number);
        }
        numbers.last += 1;
        let original = Original::new(original);
        numbers.by_original.insert(original.clone(), numbers.last);
        let token = token::placeholder(label, numbers.last);
        self.originals.insert(token.as_str().into(), original);
        token
    }

    /// Remembers what a hash stands for.
    pub(super) fn remember(&mut self, token: &str, original: &str) {
        if !self.originals.contains_key(token) {
            self.originals.insert(token.into(), Original::new(original));
        }
    }

    /// What stands behind `token`.
    pub(super) fn original(&self, token: &str) -> Option<&str> {
        self.originals.get(token).map(Borrow::borrow)
    }

    fn content_length(&self) -> usize {
        let entries = self.originals.iter().map(|(token, original)| 16 + token.len() + original.0.len());
        8 + self.scope.len() + entries.sum::<usize>()
    }

    fn write_content(&self, out: &mut Vec<u8>) {
        let mut write = |text: &str| {
            out.extend_from_slice(&(text.len() as u64).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        };
        write(&self.scope);
        for (token, original) in &self.originals {
            write(token);
            write(original.borrow());
        }
    }

    fn read_content(mut content: &[u8]) -> Option<Self> {
        let mut vault = Self::new(read_text(&mut content)?);
        while !content.is_empty() {
            let token = read_text(&mut content)?;
            let original = Original::new(read_text(&mut content)?);
            if let Some((label, number)) = token::number(token) {
                let numbers = vault.numbers.entry(label.into()).or_default();
                numbers.last = numbers.last.max(number);
                numbers.by_original.insert(original.clone(), number);
            }
            vault.originals.insert(token.into(), original);
        }
        Some(vault)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// What does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VaultError {
    /// Not a vault at all.
    NotAVault,
    /// Of a version that this program does not know.
    Version(u8),
    /// Sealed with a passphrase; a key alone does not open it.
    NeedsPassphrase,
    /// Sealed with a key; there is no passphrase that opens it.
    NeedsKey,
    /// The passphrase gives no key.
    Passphrase(KeyError),
    /// Another key, or another passphrase.
    WrongKey,
    /// The key is right, the content is not what was sealed.
    Damaged,
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAVault => f.write_str("this is not a vault; give the file that `redact` wrote"),
            Self::Version(version) => {
                write!(f, "vault of version `{version}`, this program knows `{VERSION}`; use a newer program")
            }
            Self::NeedsPassphrase => {
                f.write_str("the vault was sealed with a passphrase; give it instead of a key")
            }
            Self::NeedsKey => f.write_str("the vault was sealed with a key; give it instead of a passphrase"),
            Self::Passphrase(error) => error.fmt(f),
            Self::WrongKey => f.write_str("the key or passphrase is not the one the vault was sealed with"),
            Self::Damaged => f.write_str("the vault is damaged or was changed; use a backup of it"),
        }
    }
}

impl Error for VaultError {}

fn header(key: &Key, random: &mut impl Random) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(MAGIC);
    header[8] = VERSION;
    header[9] = BY_KEY;
    if let Some(stretching) = key.stretched() {
        header[9] = BY_PASSPHRASE;
        header[12..16].copy_from_slice(&stretching.memory.to_le_bytes());
        header[16..20].copy_from_slice(&stretching.passes.to_le_bytes());
        header[20..24].copy_from_slice(&stretching.lanes.to_le_bytes());
        header[24..40].copy_from_slice(&stretching.salt);
    }
    header[40..56].copy_from_slice(&key_check(key));
    random(&mut header[NONCE..]);
    header
}

fn key_check(key: &Key) -> [u8; 16] {
    *key.derive("vault check", "").first_chunk().expect("32 bytes have 16")
}

/// A sealed vault whose header was read.
struct Header<'a> {
    stretching: Option<Stretching>,
    header: &'a [u8; HEADER],
    content: &'a [u8],
}

impl<'a> Header<'a> {
    fn read(sealed: &'a [u8]) -> Result<Self, VaultError> {
        let (header, content) = sealed.split_first_chunk::<HEADER>().ok_or(VaultError::NotAVault)?;
        if !header.starts_with(MAGIC) {
            return Err(VaultError::NotAVault);
        }
        if header[8] != VERSION {
            return Err(VaultError::Version(header[8]));
        }
        let number =
            |at: usize| u32::from_le_bytes(*header[at..].first_chunk().expect("the header is longer"));
        let stretching = match header[9] {
            BY_KEY => None,
            BY_PASSPHRASE => Some(Stretching {
                memory: number(12),
                passes: number(16),
                lanes: number(20),
                salt: *header[24..].first_chunk().expect("the header is longer"),
            }),
            _ => return Err(VaultError::Damaged),
        };
        Ok(Self { stretching, header, content })
    }

    fn open(&self, key: &Key) -> Result<Vault, VaultError> {
        constant_time::verify_slices_are_equal(&key_check(key), &self.header[40..56])
            .map_err(|_| VaultError::WrongKey)?;
        let nonce =
            aead::Nonce::try_assume_unique_for_key(&self.header[NONCE..]).expect("the nonce has 12 bytes");
        let mut content = Zeroizing::new(self.content.to_vec());
        let content = key
            .cipher("vault", "")
            .open_in_place(nonce, aead::Aad::from(self.header), &mut content)
            .map_err(|_| VaultError::Damaged)?;
        Vault::read_content(content).ok_or(VaultError::Damaged)
    }
}

fn read_text<'a>(content: &mut &'a [u8]) -> Option<&'a str> {
    let (length, rest) = content.split_first_chunk()?;
    let (text, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    *content = rest;
    std::str::from_utf8(text).ok()
}

/// A value that was replaced; shared by the two maps that need it, and wiped when both let go.
#[derive(Clone, PartialEq, Eq)]
struct Original(Arc<Wiped>);

#[derive(PartialEq, Eq)]
struct Wiped(Box<str>);

impl Original {
    fn new(text: &str) -> Self {
        Self(Arc::new(Wiped(text.into())))
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::ops::Deref for Wiped {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Original {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// As `str` hashes, which [`Borrow`] asks for.
impl Hash for Original {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self.0).hash(state);
    }
}

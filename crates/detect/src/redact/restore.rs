//! Puts the originals back.

use std::fmt;

use aws_lc_rs::aead;
use zeroize::Zeroizing;

use super::{key::Key, token, vault::Vault};

/// Puts the original in the place of every token in `text` that is known: placeholders and hashes by the vault,
/// encrypted values by the key. The rest of the text stays, whatever happened to it since.
#[must_use]
pub fn restore(text: &str, vault: &Vault, key: &Key) -> Restored {
    let mut restorer = Restorer::new(vault, key);
    let mut restored = String::with_capacity(text.len());
    restorer.replace(text, &mut restored);
    Restored { text: restored, known: restorer.known, unknown: restorer.unknown }
}

/// A restored text.
#[derive(Clone, PartialEq, Eq)]
pub struct Restored {
    /// The text.
    pub text: String,
    /// How many tokens were put back.
    pub known: usize,
    /// How many stayed, as vault and key don't know them: of another vault, changed, or never tokens.
    pub unknown: usize,
}

impl fmt::Debug for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restored")
            .field("known", &self.known)
            .field("unknown", &self.unknown)
            .finish_non_exhaustive()
    }
}

/// [`restore`] for a text that comes in pieces, such as the answer of a language model. However it is cut, the result
/// is that of the whole text; what is held back in between is at most one unfinished token.
pub struct Restorer<'a> {
    vault: &'a Vault,
    encryption: aead::LessSafeKey,
    held: String,
    known: usize,
    unknown: usize,
}

impl<'a> Restorer<'a> {
    /// A restorer at the start of a text.
    #[must_use]
    pub fn new(vault: &'a Vault, key: &Key) -> Self {
        Self { vault, encryption: key.cipher("encryption", ""), held: String::new(), known: 0, unknown: 0 }
    }

    /// Takes the next piece and appends to `out` what is certain.
    pub fn push(&mut self, piece: &str, out: &mut String) {
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let certain = token::cut(&text);
        self.replace(&text[..certain], out);
        text.drain(..certain);
        self.held = text;
    }

    /// The end of the text: appends to `out` what was held back.
    pub fn finish(self, out: &mut String) {
        // A token that is cut off is none.
        out.push_str(&self.held);
    }

    /// How many tokens were put back so far.
    #[must_use]
    pub fn known(&self) -> usize {
        self.known
    }

    /// How many stayed so far.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.unknown
    }

    fn replace(&mut self, text: &str, out: &mut String) {
        let mut rest = text;
        while let Some(place) = token::find(rest) {
            out.push_str(&rest[..place.start]);
            let token = &rest[place.clone()];
            if let Some(original) = self.vault.original(token) {
                out.push_str(original);
                self.known += 1;
            } else if let Some(original) = self.decrypt(token) {
                out.push_str(&original);
                self.known += 1;
            } else {
                out.push_str(token);
                self.unknown += 1;
            }
            rest = &rest[place.end..];
        }
        out.push_str(rest);
    }

    fn decrypt(&self, token: &str) -> Option<Zeroizing<String>> {
        let (label, sealed) = token::sealed(token)?;
        // Decrypted in place.
        let mut sealed = Zeroizing::new(sealed);
        let (nonce, content) = sealed.split_at_mut_checked(token::NONCE)?;
        let nonce = aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.encryption.open_in_place(nonce, aead::Aad::from(label), content).ok()?;
        Some(Zeroizing::new(std::str::from_utf8(plain).ok()?.to_owned()))
    }
}

impl fmt::Debug for Restorer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restorer")
            .field("known", &self.known)
            .field("unknown", &self.unknown)
            .finish_non_exhaustive()
    }
}

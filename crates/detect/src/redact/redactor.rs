//! Applies a policy to the texts of one scope.

use std::{error::Error, fmt, ops::Range};

use aws_lc_rs::{aead, hmac};

use super::{
    dates,
    draft::Draft,
    key::Key,
    policy::{Operator, OperatorKind, Policy, PolicyError},
    random::Random,
    spans, surrogate, token,
    vault::Vault,
};
use crate::{EntityId, Finding};

/// The type that stands in the placeholder of text that only looked like a token.
const LITERAL: &str = "LITERAL";

/// Redacts the texts of one scope, one after another.
pub struct Redactor {
    policy: Policy,
    vault: Vault,
    keys: Keys,
    random: Box<dyn Random>,
}

/// The keys of the operators, each its own.
struct Keys {
    hash: hmac::Key,
    surrogate: hmac::Key,
    dates: hmac::Key,
    encryption: aead::LessSafeKey,
}

/// A redacted text.
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The text.
    pub text: String,
    /// What was treated, in order.
    pub items: Vec<Item>,
    /// Where the text is another one, in order and apart from each other: the items, and the look-alikes of tokens.
    pub changes: Vec<Change>,
}

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redacted").field("items", &self.items).finish_non_exhaustive()
    }
}

/// One place that was treated. Offsets are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it was.
    pub entity: EntityId,
    /// First byte in the redacted text.
    pub start: usize,
    /// One past the last byte in the redacted text; `start` if nothing stands there.
    pub end: usize,
    /// The place in the original text.
    pub original: Range<usize>,
    /// What was done: [`OperatorKind::Replace`] where a date could not be read or no surrogate be found.
    pub operator: OperatorKind,
}

/// A place of the original, and the place in the redacted text that stands for it. Offsets are bytes.
///
/// Put into the original, the changes make the redacted text: for documents, which are changed in their own format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The place in the original text.
    pub original: Range<usize>,
    /// The place in the redacted text; empty if nothing stands there.
    pub new: Range<usize>,
}

impl Redactor {
    /// A redactor that goes on where `vault` stands, which was sealed with the same `key`.
    ///
    /// # Errors
    /// When the policy cannot be followed.
    pub fn new(
        policy: Policy,
        key: &Key,
        vault: Vault,
        random: impl Random + 'static,
    ) -> Result<Self, PolicyError> {
        policy.check()?;
        let scope = vault.scope();
        let keys = Keys {
            hash: key.mac("hash", scope),
            surrogate: key.mac("surrogate", scope),
            dates: key.mac("dates", scope),
            // Whoever restores has the key, but need not know the scope.
            encryption: key.cipher("encryption", ""),
        };
        Ok(Self { policy, vault, keys, random: Box::new(random) })
    }

    /// What the scope remembers so far: [seal](Vault::seal) it to restore later.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Treats what was found in `text`. `findings` may come in any order, touch and overlap: those of one type that
    /// overlap are one; of others the longest has its whole place, then the one with the higher score, then the one
    /// that begins first, and the rest of the others is treated as their own type. Types that are kept come last.
    ///
    /// Where the policy can be undone, or the scope already holds something, whatever else in the result has the form
    /// of a token becomes a placeholder of type `LITERAL`.
    ///
    /// # Errors
    /// When a finding does not lie in `text`, on the edges of characters.
    pub fn redact<'n>(
        &mut self,
        text: &str,
        findings: &[Finding],
        name: impl Fn(EntityId) -> &'n str,
    ) -> Result<Redacted, RedactError> {
        for finding in findings {
            if text.get(finding.start..finding.end).is_none() {
                return Err(RedactError { start: finding.start, end: finding.end });
            }
        }
        let spans = spans::resolve(findings, |entity| self.policy.keeps(name(entity)));
        let mut draft = Draft::with_capacity(text.len());
        let mut done = 0;
        for span in spans {
            draft.push(&text[done..span.place.start]);
            done = span.place.end;
            let start = draft.len();
            let operator = self.treat(&text[span.place.clone()], name(span.entity), &mut draft);
            draft.treated(span, start, operator);
        }
        draft.push(&text[done..]);
        let mut escapes = Vec::new();
        if self.policy.is_reversible() || !self.vault.is_empty() {
            for place in draft.look_alikes() {
                let token = self.vault.placeholder(LITERAL, draft.text(&place));
                escapes.push((place, token));
            }
        }
        Ok(draft.finish(&escapes))
    }

    /// Writes what stands for `value` and says what was done.
    fn treat(&mut self, value: &str, entity: &str, draft: &mut Draft) -> OperatorKind {
        let operator = self.policy.operator(entity);
        match operator {
            Operator::Replace { with: Some(text) } => draft.push(text),
            Operator::Replace { with: None } => return type_in_brackets(entity, draft),
            Operator::Redact => {}
            &Operator::Mask { character, count, from_end } => {
                mask(value, character, count, from_end, draft);
            }
            Operator::Keep => draft.push(value),
            Operator::Placeholder => draft.push_token(&self.vault.placeholder(&token::label(entity), value)),
            Operator::Hash => {
                let token = token::hash(&token::label(entity), &digest(&self.keys.hash, &[entity, value]));
                self.vault.remember(&token, value);
                draft.push_token(&token);
            }
            Operator::Encrypt => {
                let label = token::label(entity);
                for piece in pieces(value) {
                    draft.push_token(&seal(&self.keys.encryption, &label, piece, &mut self.random));
                }
            }
            &Operator::ShiftDate { max_days, day_first } => {
                let days = dates::shift(&digest(&self.keys.dates, &[]), max_days);
                let Some(shifted) = dates::shifted(value, days, day_first) else {
                    return type_in_brackets(entity, draft);
                };
                draft.push(&shifted);
            }
            Operator::Surrogate => {
                let Some(invented) = surrogate::invent(entity, value, &self.keys.surrogate) else {
                    return type_in_brackets(entity, draft);
                };
                draft.push(&invented);
            }
        }
        operator.kind()
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor")
            .field("policy", &self.policy)
            .field("vault", &self.vault)
            .finish_non_exhaustive()
    }
}

/// A finding that does not lie in the text, or cuts a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedactError {
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

impl fmt::Display for RedactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, end } = self;
        write!(
            f,
            "no characters of the text lie at bytes `{start}..{end}`; give the findings of this very text"
        )
    }
}

impl Error for RedactError {}

fn type_in_brackets(entity: &str, draft: &mut Draft) -> OperatorKind {
    for part in ["<", entity, ">"] {
        draft.push(part);
    }
    OperatorKind::Replace
}

fn mask(value: &str, character: char, count: Option<usize>, from_end: bool, draft: &mut Draft) {
    let length = value.chars().count();
    let count = count.unwrap_or(length).min(length);
    let masked = if from_end { length - count..length } else { 0..count };
    draft.extend(value.chars().enumerate().map(|(i, c)| if masked.contains(&i) { character } else { c }));
}

/// HMAC-SHA256 of `parts`, each with its length, so that no two lists of parts give the same message.
pub(super) fn digest(key: &hmac::Key, parts: &[&str]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part.as_bytes());
    }
    context.sign().as_ref().try_into().expect("HMAC-SHA256 gives 32 bytes")
}

/// `value` in pieces that fit into one encryption token each, at least one.
fn pieces(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let all = rest?;
        let (piece, left) = all.split_at(all.floor_char_boundary(token::PLAIN));
        rest = (!left.is_empty()).then_some(left);
        Some(piece)
    })
}

fn seal(key: &aead::LessSafeKey, label: &str, value: &str, random: &mut dyn Random) -> String {
    let mut nonce = [0; token::NONCE];
    random(&mut nonce);
    let mut sealed = nonce.to_vec();
    sealed.extend_from_slice(value.as_bytes());
    let tag = key
        .seal_in_place_separate_tag(
            aead::Nonce::assume_unique_for_key(nonce),
            aead::Aad::from(label),
            &mut sealed[token::NONCE..],
        )
        .expect("a piece is below the limit of AES-GCM");
    sealed.extend_from_slice(tag.as_ref());
    token::encryption(label, &sealed)
}

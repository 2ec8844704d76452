//! Challenges: what somebody is asked who answers from the outside, such as with a passkey, within five minutes and once.
//!
//! What the answer is compared with lies sealed in the database and not with whoever asks, so that it counts once over all
//! processes, whichever of them is answered.

use serde::{Serialize, de::DeserializeOwned};
use tacita_corridor::Passage;
use tacita_domain::{ChallengeKind, OrganisationId, Timestamp};
use tacita_store::{Writing, challenges};
use tacita_vault::{Compartment, Sealed, Token, TokenHash};
use zeroize::Zeroizing;

use crate::{Error, Service, accounts::hash_of};

/// How long an answer counts.
pub(crate) const ANSWER_SECONDS: i64 = 5 * 60;
/// How many whose time is over go with each new one, so that they don't pile up.
const CLEARED: u32 = 100;

/// Something to be answered, the only time that its secret is shown.
pub(crate) struct Asked {
    /// What is to be given back with the answer.
    pub(crate) secret: Zeroizing<String>,
    /// Until when an answer counts.
    pub(crate) expires: Timestamp,
}

/// What an answer is compared with. Nobody else gets it.
pub(crate) struct Taken {
    hash: TokenHash,
    sealed: Sealed,
}

impl Service {
    /// Keeps what the answer is to be compared with.
    pub(crate) async fn ask(&self, kind: ChallengeKind, state: &impl Serialize) -> Result<Asked, Error> {
        let state = Zeroizing::new(
            serde_json::to_vec(state)
                .map_err(|_| Error::Invalid("what is asked makes no JSON".to_owned()))?,
        );
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        let secret = Token::generate(&mut chance);
        let (hash, at) = (TokenHash::of(&secret), self.now());
        let keys = self.store.ring().organisation(OrganisationId::PLATFORM).await?;
        let sealed = keys
            .newest()
            .seal_in(Compartment::Challenge, &challenges::sealed_at(&hash), &state, &mut chance)
            .map_err(|error| Error::Invalid(error.to_string()))?;
        let expires = at.after_seconds(ANSWER_SECONDS);
        let keep = move |tx: &mut Writing<'_>| {
            challenges::delete_over(tx, at, CLEARED)?;
            challenges::insert(tx, &hash, kind, expires, &sealed)
        };
        self.store.write_within(OrganisationId::PLATFORM, keep).await?;
        Ok(Asked { secret: secret.expose(), expires })
    }

    /// What was asked; none where nothing of this kind was, or it was answered, rightly or not, or its time is over.
    pub(crate) async fn take_asked(&self, kind: ChallengeKind, secret: &str) -> Result<Option<Taken>, Error> {
        let (Some(hash), at) = (hash_of(secret), self.now()) else { return Ok(None) };
        let take = move |tx: &mut Writing<'_>| challenges::take(tx, &hash, kind, at);
        match self.store.write_within(OrganisationId::PLATFORM, take).await {
            Ok(sealed) => Ok(Some(Taken { hash, sealed })),
            Err(tacita_store::Error::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens what an answer is compared with.
    pub(crate) async fn open_asked<T: DeserializeOwned>(
        &self,
        passage: &Passage,
        taken: &Taken,
    ) -> Result<T, Error> {
        let corrupt = || tacita_store::Error::Corrupt("the state of a challenge does not open");
        let keys = self.store.ring().organisation(OrganisationId::PLATFORM).await?;
        let place = challenges::sealed_at(&taken.hash);
        let state = keys
            .newest()
            .open_in(Compartment::Challenge, passage, &place, &taken.sealed)
            .map_err(|_| corrupt())?;
        serde_json::from_slice(state.read(passage)).map_err(|_| corrupt().into())
    }
}

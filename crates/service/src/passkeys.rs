//! Passkeys (WebAuthn): added by somebody who is signed in and has just shown that it is them, and signing in with one.
//!
//! A passkey names its account itself, so nobody types an address, and it has its owner show that it is them (a finger, a PIN), so
//! that it stands for password and code together. What it counts may only grow; one that counts backwards is a copy, or was
//! copied, and signs nobody in any more.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tacita_corridor::Passage;
use tacita_domain::{
    AccountId, Action, ChallengeKind, OrganisationId, PasskeyId, SignInMethod, Timestamp, Trace,
};
use tacita_store::{
    Writing,
    passkeys::{self, Field, Stored},
    sessions::{self, Session},
};
use tacita_vault::{BlindIndex, Sealed, SubjectKey};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid, WebauthnError,
};
use zeroize::Zeroizing;

use crate::{Error, NewSession, Service, challenges::Asked, checked_name};

/// How many passkeys an account has at most.
const MOST: u32 = 20;
/// The longest name of a passkey, in characters.
const LONGEST_NAME: usize = 100;
/// How long after a sign-in somebody need not show again that it is them.
const RECENT_SECONDS: i64 = 10 * 60;

/// What a browser is to have a passkey sign.
#[derive(Debug)]
pub struct PasskeyChallenge {
    /// What is to be given back with the answer, once.
    pub secret: Zeroizing<String>,
    /// Until when.
    pub expires: Timestamp,
    /// What `navigator.credentials` takes, in its form as JSON (WebAuthn Level 3 §5.1.8 to §5.1.10).
    pub options: Value,
}

/// A passkey of somebody's, given out to them.
#[derive(Debug)]
pub struct PasskeyOf {
    /// Its id.
    pub passkey: PasskeyId,
    /// What they call it.
    pub name: String,
    /// When it was added.
    pub created: Timestamp,
    /// When it last signed.
    pub used: Option<Timestamp>,
    /// Since when it is refused, as there is a copy of it.
    pub copied: Option<Timestamp>,
}

/// Whose passkey is to be added, and what it is to sign.
#[derive(Serialize, Deserialize)]
struct Registration {
    account: AccountId,
    state: PasskeyRegistration,
}

impl Service {
    /// Begins to add a passkey for somebody who has signed in within ten minutes, or gives their password.
    ///
    /// # Errors
    /// [`Error::Stale`] when neither is so, [`Error::Wrong`] when the password is wrong.
    pub async fn begin_passkey(
        &self,
        session: &Session,
        password: Option<Zeroizing<String>>,
        trace: Trace,
    ) -> Result<PasskeyChallenge, Error> {
        let account = session.account;
        let profile = self.read_account(account, trace).await?.profile;
        let passage = self.admit_themselves(account, Action::AccountChange, trace).await?;
        let (_, key) = self.stored_account(&passage, account).await?;
        let passage = match password {
            Some(password) => self.confirmed(passage, &key, account, password).await?,
            None => {
                self.is_recent(session)?;
                passage
            }
        };
        let known = self.store.read(&passage, move |tx| passkeys::of_account(tx, account)).await?;
        let known = known.iter().map(|stored| Ok(opened(&passage, &key, stored)?.cred_id().clone()));
        let known = known.collect::<Result<Vec<_>, Error>>()?;
        let user = Uuid::from_bytes(*account.as_bytes());
        let (asked, state) = self
            .relying_party
            .start_passkey_registration(user, &profile.email, &profile.name, Some(known))
            .map_err(|_| Error::Invalid("no passkey can be made for this account".to_owned()))?;
        let mut options = as_json(&asked)?;
        // The authenticator has to keep whose it is, or nobody could sign in with it without an address.
        if let Some(selection) = options.pointer_mut("/publicKey/authenticatorSelection") {
            selection["residentKey"] = "required".into();
            selection["requireResidentKey"] = true.into();
        }
        let asked = self.ask(ChallengeKind::PasskeyRegistration, &Registration { account, state }).await?;
        self.note_attempt(passage, "account/passkey/challenge").await?;
        Ok(challenge(asked, options))
    }

    /// Adds the passkey that has answered, under a name that its owner chose.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing was asked of this account, or too long ago; [`Error::Invalid`] when the answer is not right,
    /// [`Error::Exists`] when somebody has this passkey already.
    pub async fn add_passkey(
        &self,
        account: AccountId,
        challenge: &str,
        credential: Value,
        name: &str,
        trace: Trace,
    ) -> Result<PasskeyOf, Error> {
        let name = checked_name(name, LONGEST_NAME)?;
        let answer = registration(credential)?;
        let asked = self.take_asked(ChallengeKind::PasskeyRegistration, challenge).await?;
        let asked = asked.ok_or(Error::NotFound)?;
        let passage = self.admit_themselves(account, Action::AccountChange, trace).await?;
        let Registration { account: of, state } = self.open_asked(&passage, &asked).await?;
        if of != account {
            self.note_attempt(passage, "refused/passkey").await?;
            return Err(Error::NotFound);
        }
        let Ok(made) = self.relying_party.finish_passkey_registration(&answer, &state) else {
            self.note_attempt(passage, "refused/passkey").await?;
            return Err(Error::Invalid(
                "`credential` does not answer what was asked: it is from another page, or its owner did not show that it is them"
                    .to_owned(),
            ));
        };
        let key = self.store.ring().subject(OrganisationId::PLATFORM, account.subject()).await?;
        let at = passage.operation().at;
        let passkey = PasskeyId::new(at, self.store.random());
        let stored = Stored {
            passkey,
            account,
            created: at,
            used: None,
            copied: None,
            credential: self.seal_passkey(&key, passkey, &made)?,
            name: self.seal_at(&key, &passkeys::sealed_at(&passkey, Field::Name), name.as_bytes())?,
        };
        let mark = self.mark(made.cred_id().as_ref()).await?;
        let keep = move |tx: &mut Writing<'_>| passkeys::insert(tx, &stored, &mark, MOST);
        self.store.commit(passage, Some(format!("passkey/{passkey}")), keep).await?;
        Ok(PasskeyOf { passkey, name, created: at, used: None, copied: None })
    }

    /// The passkeys of somebody, given out to them.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn passkeys(&self, account: AccountId, trace: Trace) -> Result<Vec<PasskeyOf>, Error> {
        let passage = self.admit_themselves(account, Action::AccountRead, trace).await?;
        let stored = self.store.read(&passage, move |tx| passkeys::of_account(tx, account)).await?;
        let key = self.store.ring().subject(OrganisationId::PLATFORM, account.subject()).await?;
        let names = stored.iter().map(|stored| {
            let place = passkeys::sealed_at(&stored.passkey, Field::Name);
            key.open(&passage, &place, &stored.name).map_err(|_| unopened())
        });
        let names = names.collect::<Result<Vec<_>, Error>>()?;
        let ((), committed) =
            self.store.commit(passage, Some("account/passkeys".to_owned()), |_| Ok(())).await?;
        let given = stored.into_iter().zip(names).map(|(stored, name)| {
            let name = String::from_utf8_lossy(&name.release(&committed)?).into_owned();
            let Stored { passkey, created, used, copied, .. } = stored;
            Ok(PasskeyOf { passkey, name, created, used, copied })
        });
        given.collect()
    }

    /// Removes a passkey of somebody's who has signed in within ten minutes.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they have none with this id, [`Error::Stale`] when they signed in too long ago.
    pub async fn remove_passkey(
        &self,
        session: &Session,
        passkey: PasskeyId,
        trace: Trace,
    ) -> Result<(), Error> {
        self.is_recent(session)?;
        let account = session.account;
        let passage = self.admit_themselves(account, Action::AccountChange, trace).await?;
        let remove = move |tx: &mut Writing<'_>| passkeys::delete(tx, account, passkey);
        self.store.commit(passage, Some(format!("passkey/{passkey}")), remove).await?;
        Ok(())
    }

    /// Begins a sign-in with a passkey, whosever it is.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn begin_passkey_sign_in(&self) -> Result<PasskeyChallenge, Error> {
        let (asked, state) = self
            .relying_party
            .start_discoverable_authentication()
            .map_err(|_| Error::Invalid("no passkey can be asked".to_owned()))?;
        let mut options = as_json(&asked)?;
        // Whether passkeys are offered beside a field or at once is the page's to say.
        if let Some(options) = options.as_object_mut() {
            options.remove("mediation");
        }
        let asked = self.ask(ChallengeKind::PasskeySignIn, &state).await?;
        Ok(challenge(asked, options))
    }

    /// Signs in whoever has the passkey that has answered; nobody where the answer is not right.
    ///
    /// # Errors
    /// When the store can't answer, or `credential` is no answer at all.
    pub async fn sign_in_with_passkey(
        &self,
        challenge: &str,
        credential: Value,
        device: Option<String>,
        trace: Trace,
    ) -> Result<Option<NewSession>, Error> {
        let answer: PublicKeyCredential = serde_json::from_value(credential).map_err(|_| not_credential())?;
        let mark = self.mark(answer.get_credential_id()).await?;
        let find = move |tx: &mut tacita_store::Reading<'_>| passkeys::find(tx, &mark);
        let stored = self.store.look_up(OrganisationId::PLATFORM, find).await?;
        let asked = self.take_asked(ChallengeKind::PasskeySignIn, challenge).await?;
        let passage = self.admit_sign_in(stored.as_ref().map(|stored| stored.account), trace).await?;
        let (Some(stored), Some(asked)) = (stored, asked) else {
            self.note_attempt(passage, "refused/passkey").await?;
            return Ok(None);
        };
        let Stored { passkey, account, .. } = stored;
        let is_theirs = answer.get_user_unique_id() == Some(&account.as_bytes()[..]);
        if !is_theirs || stored.copied.is_some() {
            self.note_attempt(passage, &format!("refused/passkey passkey/{passkey}")).await?;
            return Ok(None);
        }
        let state: DiscoverableAuthentication = self.open_asked(&passage, &asked).await?;
        let key = self.store.ring().subject(OrganisationId::PLATFORM, account.subject()).await?;
        let mut known = opened(&passage, &key, &stored)?;
        let result = self.relying_party.finish_discoverable_authentication_v2(
            &answer,
            state,
            DiscoverableKey::from(&known),
        );
        let signed = match result {
            Ok(signed) if signed.user_verified() => signed,
            Err(WebauthnError::CredentialPossibleCompromise) => {
                let at = passage.operation().at;
                let refuse = move |tx: &mut Writing<'_>| passkeys::refuse(tx, &mark, at);
                let object = format!("refused/passkey-copied passkey/{passkey}");
                self.store.commit(passage, Some(object), refuse).await?;
                return Ok(None);
            }
            _ => {
                self.note_attempt(passage, &format!("refused/passkey passkey/{passkey}")).await?;
                return Ok(None);
            }
        };
        known.update_credential(&signed);
        let (before, after) = (stored.credential, self.seal_passkey(&key, passkey, &known)?);
        let member_of = self.only_organisation(account).await?;
        let at = passage.operation().at;
        let (new, session, hash) =
            self.new_session(&key, account, member_of, SignInMethod::Passkey, device, at)?;
        let begin = move |tx: &mut Writing<'_>| {
            passkeys::used(tx, &mark, &before, &after, at)?;
            sessions::insert(tx, &session, &hash)
        };
        let object = format!("session/{} passkey/{passkey}", new.session);
        match self.store.commit(passage, Some(object), begin).await {
            Ok(_) => Ok(Some(new)),
            // It has signed elsewhere at this moment, or was removed.
            Err(tacita_store::Error::Changed) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether somebody has just shown that it is them.
    pub(crate) fn is_recent(&self, session: &Session) -> Result<(), Error> {
        if self.now() < session.created.after_seconds(RECENT_SECONDS) { Ok(()) } else { Err(Error::Stale) }
    }

    /// By what a passkey is found. Ids of passkeys are chance, but an authenticator shows the same one to whoever asks.
    async fn mark(&self, credential: &[u8]) -> Result<BlindIndex, Error> {
        let keys = self.store.ring().organisation(OrganisationId::PLATFORM).await?;
        Ok(keys.newest().blind_index("passkey", credential))
    }

    fn seal_passkey(
        &self,
        key: &SubjectKey,
        passkey: PasskeyId,
        credential: &Passkey,
    ) -> Result<Sealed, Error> {
        let json = Zeroizing::new(
            serde_json::to_vec(credential)
                .map_err(|_| Error::Invalid("the passkey makes no JSON".to_owned()))?,
        );
        self.seal_at(key, &passkeys::sealed_at(&passkey, Field::Credential), &json)
    }
}

fn challenge(asked: Asked, options: Value) -> PasskeyChallenge {
    let Asked { secret, expires } = asked;
    PasskeyChallenge { secret, expires, options }
}

fn as_json(asked: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(asked).map_err(|_| Error::Invalid("what is asked makes no JSON".to_owned()))
}

fn opened(passage: &Passage, key: &SubjectKey, stored: &Stored) -> Result<Passkey, Error> {
    let place = passkeys::sealed_at(&stored.passkey, Field::Credential);
    let opened = key.open(passage, &place, &stored.credential).map_err(|_| unopened())?;
    serde_json::from_slice(opened.read(passage)).map_err(|_| unopened())
}

/// The answer of a new passkey, which is kept where it was made.
fn registration(credential: Value) -> Result<RegisterPublicKeyCredential, Error> {
    // Browsers say so where they know (WebAuthn Level 3 §10.1.3).
    if credential.pointer("/clientExtensionResults/credProps/rk") == Some(&Value::Bool(false)) {
        return Err(Error::Invalid(
            "the authenticator does not keep whose passkey it is, so that nobody could sign in with it: use another one"
                .to_owned(),
        ));
    }
    serde_json::from_value(credential).map_err(|_| not_credential())
}

fn not_credential() -> Error {
    Error::Invalid("`credential` is not what `PublicKeyCredential.toJSON()` gives".to_owned())
}

fn unopened() -> Error {
    tacita_store::Error::Corrupt("a field of a passkey does not open").into()
}

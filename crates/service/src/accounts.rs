//! Accounts: made by a link, given out to whoever has one, and changed by them.

use serde::{Deserialize, Serialize};
use tacita_corridor::{Passage, Sensitive};
use tacita_domain::{
    AccountId, Action, IdentityKind, LinkKind, OrganisationId, SignInMethod, Timestamp, Trace,
};
use tacita_store::{
    Writing,
    accounts::{self, Field, Stored},
    links, sessions,
};
use tacita_vault::{PasswordHash, RecoveryCodes, Sealed, SubjectKey, TokenHash, TotpSecret};
use zeroize::{Zeroize, Zeroizing};

use crate::{Caller, Error, NewSession, Service, checked_name, organisations::SIGN_IN, subjects::identity};

/// Longest name of a person, in characters.
const LONGEST_NAME: usize = 200;

/// What an account says of whoever has it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Profile {
    /// Their address, as they wrote it.
    pub email: String,
    /// What they are called.
    pub name: String,
}

impl Zeroize for Profile {
    fn zeroize(&mut self) {
        self.email.zeroize();
        self.name.zeroize();
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Profile([redacted])")
    }
}

/// An account to be made.
#[derive(Debug)]
pub struct NewAccount {
    /// The link by which it may be.
    pub link: Zeroizing<String>,
    /// Whose it is to be.
    pub profile: Profile,
    /// By what they are to sign in.
    pub password: Zeroizing<String>,
    /// What the organisation is to be called that the first owner makes.
    pub organisation: Option<String>,
    /// From which device.
    pub device: Option<String>,
}

/// An account, given out to whoever has it.
#[derive(Debug)]
pub struct Account {
    /// Its id.
    pub account: AccountId,
    /// What it says of them.
    pub profile: Profile,
    /// When it was made.
    pub created: Timestamp,
    /// Whether they can sign in with a password.
    pub has_password: bool,
    /// Whether signing in with a password takes a code from an app.
    pub has_totp: bool,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
}

/// An app that is to make codes, once a first code has shown that it does.
#[derive(Debug)]
pub struct Enrolment {
    /// Its secret in base32, for typing.
    pub secret: Zeroizing<String>,
    /// The same as a link that apps read, most often from a picture.
    pub link: Zeroizing<String>,
}

impl Service {
    /// Makes an account, by the link of the first owner or an invitation, and signs in to it.
    ///
    /// # Errors
    /// When the link is worth nothing (any more), the password is easy to guess, or there is an account with this address.
    pub async fn create_account(&self, new: NewAccount, trace: Trace) -> Result<NewSession, Error> {
        let NewAccount { link, mut profile, password, organisation, device } = new;
        let (hash, link) = self.link(&link).await?;
        if !matches!(link.kind, LinkKind::Owner | LinkKind::Invitation) {
            return Err(Error::NotFound);
        }
        let email = identity(IdentityKind::Email, &profile.email)?;
        profile.name = checked_name(&profile.name, LONGEST_NAME)?;
        let about = vec![email.value.clone(), Zeroizing::new(profile.name.clone())];
        let password = self.passwords.hash(password, about).await?;
        let taken = || {
            Error::Invalid(
                "there is an account with this address: sign in to it, and open the link again".to_owned(),
            )
        };
        if self.store.ring().find(OrganisationId::PLATFORM, &email).await?.is_some() {
            return Err(taken());
        }
        let account = AccountId::new(self.now(), self.store.random());
        // Whether they may join is asked before the link is used up.
        let leave = self.leave_to_join(&link, trace).await?;
        let passage = self.admit_themselves(account, Action::AccountChange, trace).await?;
        let key =
            self.store.ring().found_subject(OrganisationId::PLATFORM, account.subject(), &[email]).await;
        let key = key.map_err(|error| match error {
            tacita_store::Error::Exists => taken(),
            error => error.into(),
        })?;
        let sealed_profile = self.seal_field(&key, account, Field::Profile, &encoded(&profile)?)?;
        let sealed_password =
            self.seal_field(&key, account, Field::Password, password.expose().as_bytes())?;
        let at = passage.operation().at;
        let made = move |tx: &mut Writing<'_>| {
            links::take(tx, &hash, at)?;
            accounts::insert(tx, account, at, &sealed_profile, Some(&sealed_password))
        };
        if let Err(error) = self.store.commit(passage, Some("account/new".to_owned()), made).await {
            // The address is free again; where this fails, the nightly sweep finds it.
            drop(self.store.ring().destroy_subject(OrganisationId::PLATFORM, account.subject()).await);
            return Err(error.into());
        }
        let member_of = self.join_by(&link, leave, account, &profile, organisation.as_deref(), trace).await?;
        self.begin_session(account, Some(member_of), SignInMethod::Password, device, trace).await
    }

    /// Gives an account out to whoever has it.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn read_account(&self, account: AccountId, trace: Trace) -> Result<Account, Error> {
        let passage = self.admit_themselves(account, Action::AccountRead, trace).await?;
        let (stored, key) = self.stored_account(&passage, account).await?;
        let profile = open_field(&passage, &key, account, Field::Profile, &stored.profile)?;
        let left = stored.recovery.as_ref().map(|sealed| recovery(&passage, &key, account, sealed));
        let recovery_codes = left.transpose()?.map_or(0, |codes| codes.left());
        let (created, has_password, has_totp) =
            (stored.created, stored.password.is_some(), stored.totp.is_some());
        let ((), committed) = self.store.commit(passage, Some("account".to_owned()), |_| Ok(())).await?;
        let profile = decoded(profile.release(&committed)?)?;
        Ok(Account { account, profile, created, has_password, has_totp, recovery_codes })
    }

    /// Sets another password, for somebody who knows the one before, and ends every session but the one they do it in, whose new
    /// secret it gives where they have shown one.
    ///
    /// # Errors
    /// [`Error::Wrong`] when the password before is another; or when the new one is easy to guess.
    pub async fn change_password(
        &self,
        session: &sessions::Session,
        secret: Option<&str>,
        before: Zeroizing<String>,
        after: Zeroizing<String>,
        trace: Trace,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let account = session.account;
        let passage = self.admit_themselves(account, Action::AccountChange, trace).await?;
        let (stored, key) = self.stored_account(&passage, account).await?;
        let passage = self.confirmed(passage, &key, account, before).await?;
        let profile = open_field(&passage, &key, account, Field::Profile, &stored.profile)?;
        let profile: Profile = decoded(profile.read(&passage).clone())?;
        let about = vec![Zeroizing::new(profile.email.clone()), Zeroizing::new(profile.name.clone())];
        let hash = self.passwords.hash(after, about).await?;
        self.set_password(passage, &key, account, &hash, Some(session.session)).await?;
        match secret {
            Some(secret) => self.new_secret(secret, session.session).await,
            None => Ok(None),
        }
    }

    /// Keeps a password and ends the sessions of the account, but for `except`.
    pub(crate) async fn set_password(
        &self,
        passage: Passage,
        key: &SubjectKey,
        account: AccountId,
        hash: &PasswordHash,
        except: Option<tacita_domain::SessionId>,
    ) -> Result<(), Error> {
        let sealed = self.seal_field(key, account, Field::Password, hash.expose().as_bytes())?;
        let at = passage.operation().at;
        let set = move |tx: &mut Writing<'_>| {
            accounts::set_password(tx, account, &sealed)?;
            sessions::end_all(tx, account, except, at).map(drop)
        };
        self.store.commit(passage, Some("account/password".to_owned()), set).await?;
        self.forget_sessions(|session| session.account == account);
        Ok(())
    }

    /// Begins to have sign-ins take a code from an app. Nothing is kept until a first code has come, by
    /// [`Service::confirm_totp`].
    ///
    /// # Errors
    /// When the account is gone.
    pub async fn enrol_totp(&self, account: AccountId, trace: Trace) -> Result<Enrolment, Error> {
        let email = self.read_account(account, trace).await?.profile.email.clone();
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        let secret = TotpSecret::generate(&mut chance).written();
        // https://github.com/google/google-authenticator/wiki/Key-Uri-Format
        let label = percent_encoding::utf8_percent_encode(&email, percent_encoding::NON_ALPHANUMERIC);
        let link = Zeroizing::new(format!("otpauth://totp/Tacita:{label}?secret={}&issuer=Tacita", *secret));
        Ok(Enrolment { secret, link })
    }

    /// Has sign-ins take a code from the app that makes those of `secret`, of which `code` is one. Gives recovery codes, the only
    /// time that they are shown.
    ///
    /// # Errors
    /// [`Error::Wrong`] when a code or the password is wrong. Where an app makes codes already, or a recovery code is left, one of
    /// those is needed, too: `current`.
    pub async fn confirm_totp(
        &self,
        account: AccountId,
        password: Zeroizing<String>,
        current: Option<&str>,
        secret: &str,
        code: &str,
        trace: Trace,
    ) -> Result<Vec<Zeroizing<String>>, Error> {
        let secret = TotpSecret::read(secret)
            .ok_or_else(|| Error::Invalid("`secret` is none that was given out for an app".to_owned()))?;
        let passage = self.admit_themselves(account, Action::AccountChange, trace).await?;
        let (stored, key) = self.stored_account(&passage, account).await?;
        let passage = self.confirmed(passage, &key, account, password).await?;
        let passage = self.confirmed_again(passage, &stored, &key, account, current).await?;
        let at = passage.operation().at;
        let step = secret.step_of(code, at.seconds(), None).ok_or(Error::Wrong)?;
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        let (codes, shown) = RecoveryCodes::generate(&mut chance);
        let totp = self.seal_field(&key, account, Field::Totp, secret.expose())?;
        let recovery = self.seal_field(&key, account, Field::Recovery, &codes.to_bytes())?;
        let set = move |tx: &mut Writing<'_>| {
            accounts::set_totp(tx, account, Some(&totp), Some(step))?;
            accounts::set_recovery(tx, account, Some(&recovery))
        };
        self.store.commit(passage, Some("account/totp".to_owned()), set).await?;
        Ok(shown)
    }

    /// Has sign-ins take no code any more, for somebody who has a `current` one.
    ///
    /// # Errors
    /// [`Error::Wrong`] when the password or the code is wrong.
    pub async fn remove_totp(
        &self,
        account: AccountId,
        password: Zeroizing<String>,
        current: Option<&str>,
        trace: Trace,
    ) -> Result<(), Error> {
        let passage = self.admit_themselves(account, Action::AccountChange, trace).await?;
        let (stored, key) = self.stored_account(&passage, account).await?;
        let passage = self.confirmed(passage, &key, account, password).await?;
        let passage = self.confirmed_again(passage, &stored, &key, account, current).await?;
        let remove = move |tx: &mut Writing<'_>| {
            accounts::set_totp(tx, account, None, None)?;
            accounts::set_recovery(tx, account, None)
        };
        self.store.commit(passage, Some("account/totp".to_owned()), remove).await?;
        Ok(())
    }

    /// Goes on where the password is right. A wrong one counts as in a sign-in, so that nobody who has taken over a session can try
    /// passwords here.
    pub(crate) async fn confirmed(
        &self,
        passage: Passage,
        key: &SubjectKey,
        account: AccountId,
        password: Zeroizing<String>,
    ) -> Result<Passage, Error> {
        // Of several at once each is counted before the next is tried.
        let _turn = self.turns.of(&account).await;
        let stored = self.stored_account(&passage, account).await?.0;
        let is_locked = stored.is_locked(self.now());
        let tried = Some((account, &stored, key)).filter(|_| !is_locked);
        if self.is_password(&passage, tried, password).await? {
            return Ok(passage);
        }
        let why = if is_locked { "refused/locked" } else { "refused/password" };
        self.count_failure(passage, Some(account).filter(|_| !is_locked), why).await?;
        Err(Error::Wrong)
    }

    /// Goes on where the second proof that the account takes is there, too.
    async fn confirmed_again(
        &self,
        passage: Passage,
        stored: &Stored,
        key: &SubjectKey,
        account: AccountId,
        code: Option<&str>,
    ) -> Result<Passage, Error> {
        if self.second(&passage, account, stored, key, code)?.is_some() {
            return Ok(passage);
        }
        self.count_failure(passage, Some(account), "refused/code").await?;
        Err(Error::Wrong)
    }

    /// Leave for somebody to do something to their own account.
    pub(crate) async fn admit_themselves(
        &self,
        account: AccountId,
        action: Action,
        trace: Trace,
    ) -> Result<Passage, Error> {
        let subject = account.subject();
        let purpose = SIGN_IN.parse().expect("it is a name");
        self.admit(&Caller::themselves(account, trace), action, purpose, Some(subject)).await
    }

    /// An account, and the key of whoever has it.
    pub(crate) async fn stored_account(
        &self,
        passage: &Passage,
        account: AccountId,
    ) -> Result<(Stored, SubjectKey), Error> {
        let stored = self.store.read(passage, move |tx| accounts::find(tx, account)).await?;
        let key = self.store.ring().subject(OrganisationId::PLATFORM, account.subject()).await?;
        Ok((stored.ok_or(Error::NotFound)?, key))
    }

    pub(crate) fn seal_field(
        &self,
        key: &SubjectKey,
        account: AccountId,
        field: Field,
        value: &[u8],
    ) -> Result<Sealed, Error> {
        self.seal_at(key, &accounts::sealed_at(&account, field), value)
    }
}

pub(crate) fn open_field(
    passage: &Passage,
    key: &SubjectKey,
    account: AccountId,
    field: Field,
    sealed: &Sealed,
) -> Result<Sensitive<Vec<u8>>, Error> {
    key.open(passage, &accounts::sealed_at(&account, field), sealed)
        .map_err(|_| tacita_store::Error::Corrupt("a field of an account does not open").into())
}

/// What is kept of recovery codes.
pub(crate) fn recovery(
    passage: &Passage,
    key: &SubjectKey,
    account: AccountId,
    sealed: &Sealed,
) -> Result<RecoveryCodes, Error> {
    let opened = open_field(passage, key, account, Field::Recovery, sealed)?;
    RecoveryCodes::parse(opened.read(passage)).ok_or_else(|| {
        tacita_store::Error::Corrupt("what is kept of recovery codes has no length of theirs").into()
    })
}

pub(crate) fn encoded(profile: &Profile) -> Result<Zeroizing<Vec<u8>>, Error> {
    serde_json::to_vec(profile)
        .map(Zeroizing::new)
        .map_err(|_| Error::Invalid("a profile makes no JSON".to_owned()))
}

pub(crate) fn decoded(bytes: Vec<u8>) -> Result<Profile, Error> {
    let bytes = Zeroizing::new(bytes);
    serde_json::from_slice(&bytes)
        .map_err(|_| tacita_store::Error::Corrupt("a profile is no JSON of ours").into())
}

/// A hash of a token, to be looked up by. What is no token has none.
pub(crate) fn hash_of(secret: &str) -> Option<TokenHash> {
    tacita_vault::Token::parse(secret).ok().map(|token| TokenHash::of(&token))
}

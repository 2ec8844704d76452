//! Signing in with a password, and a code where the account takes one.
//!
//! Whether there is an account with an address shows neither in the answer nor in the time that it takes: a password is tried
//! either way, and something is written.

use tacita_corridor::Passage;
use tacita_domain::{AccountId, Action, IdentityKind, OrganisationId, SignInMethod, Trace, lock_out_seconds};
use tacita_store::{
    Writing,
    accounts::{self, Field, Stored},
    sessions,
};
use tacita_vault::{PasswordHash, Sealed, SubjectKey, TotpSecret};
use zeroize::Zeroizing;

use crate::{
    Caller, Error, NewSession, Service,
    accounts::{open_field, recovery},
    organisations::SIGN_IN,
    subjects::identity,
};

#[cfg(test)]
mod tests;

/// An attempt to sign in.
#[derive(Debug)]
pub struct Attempt {
    /// The address of the account.
    pub email: Zeroizing<String>,
    /// Its password.
    pub password: Zeroizing<String>,
    /// A code from the app, or a recovery code.
    pub code: Option<Zeroizing<String>>,
    /// From which device.
    pub device: Option<String>,
}

/// What comes of an attempt to sign in.
#[derive(Debug)]
pub enum SignIn {
    /// They are in.
    Done(NewSession),
    /// The password is right, and the account takes a code, too.
    CodeNeeded,
    /// There is no such account, or password or code are wrong, or too many were.
    Refused,
}

/// What a second proof has used up.
pub(crate) enum Second {
    /// None is taken.
    None,
    /// The code of this step of time.
    Step(i64),
    /// A recovery code: what was kept, and what is left.
    Recovery(Sealed, Sealed),
}

impl Service {
    /// Signs somebody in with their password.
    ///
    /// # Errors
    /// When the store can't answer. That they are not let in is no error.
    pub async fn sign_in_with_password(&self, attempt: Attempt, trace: Trace) -> Result<SignIn, Error> {
        let Attempt { email, password, code, device } = attempt;
        let address = identity(IdentityKind::Email, &email);
        // Of several at once each is counted before the next is tried.
        let _turn = self.turns.of(&address.as_ref().ok().map(|email| email.value.as_str())).await;
        let found = match address {
            Ok(email) => self.store.ring().find(OrganisationId::PLATFORM, &email).await?,
            Err(_) => None,
        };
        let account = found.map(AccountId::of);
        let passage = self.admit_sign_in(account, trace).await?;
        let known = match account {
            Some(account) => match self.stored_account(&passage, account).await {
                Ok((stored, key)) => Some((account, stored, key)),
                // It is being made, or removed.
                Err(Error::NotFound) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let is_locked = known.as_ref().is_some_and(|(_, stored, _)| stored.is_locked(self.now()));
        let tried =
            known.as_ref().filter(|_| !is_locked).map(|(account, stored, key)| (*account, stored, key));
        let is_right = self.is_password(&passage, tried, password).await?;
        let Some((account, stored, key)) = known.filter(|_| is_right) else {
            // Tries while it is locked lengthen nothing: whoever has the account gets in once the time is over.
            let counted = account.filter(|_| !is_locked);
            self.count_failure(
                passage,
                counted,
                if is_locked { "refused/locked" } else { "refused/password" },
            )
            .await?;
            return Ok(SignIn::Refused);
        };
        let second =
            match self.second(&passage, account, &stored, &key, code.as_ref().map(|code| code.as_str())) {
                Ok(Some(second)) => second,
                Ok(None) if code.is_none() => {
                    self.note_attempt(passage, "refused/code-needed").await?;
                    return Ok(SignIn::CodeNeeded);
                }
                Ok(None) => {
                    self.count_failure(passage, Some(account), "refused/code").await?;
                    return Ok(SignIn::Refused);
                }
                Err(error) => return Err(error),
            };
        let method = match second {
            Second::None => SignInMethod::Password,
            Second::Step(_) => SignInMethod::PasswordAndCode,
            Second::Recovery(..) => SignInMethod::PasswordAndRecovery,
        };
        let member_of = self.only_organisation(account).await?;
        let (new, session, hash) =
            self.new_session(&key, account, member_of, method, device, passage.operation().at)?;
        let begin = move |tx: &mut Writing<'_>| {
            match &second {
                Second::None => accounts::succeed(tx, account, None)?,
                Second::Step(step) => accounts::succeed(tx, account, Some(*step))?,
                Second::Recovery(before, after) => {
                    accounts::succeed(tx, account, None)?;
                    accounts::use_recovery(tx, account, before, after)?;
                }
            }
            sessions::insert(tx, &session, &hash)
        };
        match self.store.commit(passage, Some(format!("session/{}", new.session)), begin).await {
            Ok(_) => Ok(SignIn::Done(new)),
            // The same code has let somebody else in at this moment.
            Err(tacita_store::Error::Changed) => Ok(SignIn::Refused),
            Err(error) => Err(error.into()),
        }
    }

    /// Leave to try to sign in to an account, or to one that there is not.
    pub(crate) async fn admit_sign_in(
        &self,
        account: Option<AccountId>,
        trace: Trace,
    ) -> Result<Passage, Error> {
        let caller = Caller::system(OrganisationId::PLATFORM, "sign-in", trace);
        let purpose = SIGN_IN.parse().expect("it is a name");
        self.admit(&caller, Action::AccountSignIn, purpose, account.map(|account| account.subject())).await
    }

    /// Whether a password is that of an account; of none, where there is none, which takes as long.
    pub(crate) async fn is_password(
        &self,
        passage: &Passage,
        of: Option<(AccountId, &Stored, &SubjectKey)>,
        password: Zeroizing<String>,
    ) -> Result<bool, Error> {
        let kept = match of {
            Some((account, Stored { password: Some(sealed), .. }, key)) => {
                let opened = open_field(passage, key, account, Field::Password, sealed)?;
                let text = String::from_utf8(opened.read(passage).clone()).map_err(|_| {
                    Error::Store(tacita_store::Error::Corrupt("what is kept of a password is no text"))
                })?;
                Some(PasswordHash::parse(Zeroizing::new(text)))
            }
            _ => None,
        };
        self.passwords.is_of(kept, password).await
    }

    /// Records an attempt that failed, and counts it against the account, if there is one.
    pub(crate) async fn count_failure(
        &self,
        passage: Passage,
        account: Option<AccountId>,
        object: &str,
    ) -> Result<(), Error> {
        let at = passage.operation().at;
        let count = move |tx: &mut Writing<'_>| match account {
            Some(account) => accounts::fail(tx, account, |failures| {
                lock_out_seconds(failures).map(|seconds| at.after_seconds(seconds))
            }),
            None => Ok(()),
        };
        self.store.commit(passage, Some(object.to_owned()), count).await?;
        Ok(())
    }

    /// What a second proof uses up; none where the account takes one and this is none.
    pub(crate) fn second(
        &self,
        passage: &Passage,
        account: AccountId,
        stored: &Stored,
        key: &SubjectKey,
        code: Option<&str>,
    ) -> Result<Option<Second>, Error> {
        let Some(totp) = &stored.totp else { return Ok(Some(Second::None)) };
        let Some(code) = code else { return Ok(None) };
        let secret = open_field(passage, key, account, Field::Totp, totp)?;
        let secret = TotpSecret::parse(secret.read(passage))
            .ok_or(tacita_store::Error::Corrupt("the secret of an app has no length of its"))?;
        let code = code.trim();
        if let Some(step) = secret.step_of(code, passage.operation().at.seconds(), stored.step) {
            return Ok(Some(Second::Step(step)));
        }
        let Some(before) = &stored.recovery else { return Ok(None) };
        let Some(left) = recovery(passage, key, account, before)?.without(code) else { return Ok(None) };
        let after = self.seal_field(key, account, Field::Recovery, &left.to_bytes())?;
        Ok(Some(Second::Recovery(before.clone(), after)))
    }
}

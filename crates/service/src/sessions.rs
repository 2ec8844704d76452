//! Sessions: where somebody is signed in.
//!
//! A session's secret is new at each sign-in, so that nobody can be led into one that another knows, and again every quarter of an
//! hour. What ends one counts here at once, and in other processes within half a second.

use tacita_domain::{AccountId, Action, Actor, OrganisationId, SessionId, SignInMethod, Timestamp, Trace};
use tacita_store::{
    SystemScope, Writing, links,
    members::{self, Membership},
    sessions::{self, Session},
};
use tacita_vault::{SubjectKey, Token, TokenHash};
use zeroize::Zeroizing;

use crate::{Caller, Error, Service, accounts::hash_of, remembered::Remembered};

/// How long a session lasts at most.
const LIFE_SECONDS: i64 = 14 * 24 * 60 * 60;
/// How long it lasts when nobody uses it.
const IDLE_SECONDS: i64 = 12 * 60 * 60;
/// How old its secret may become.
const TURN_SECONDS: i64 = 15 * 60;
/// How long the secret before counts beside the new one: requests that were under way have it.
const GRACE_SECONDS: i64 = 30;
/// How long what was read of sessions and members is taken for true.
const FRESH_MILLIS: i64 = 500;
/// How long a session that is over is kept.
const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;
/// Sessions that are deleted together.
const TOGETHER: u32 = 500;
/// The longest description of a device, in characters.
const LONGEST_DEVICE: usize = 300;

/// Sessions as they were read last, by their hash.
pub(crate) type Known = Remembered<[u8; 32], Session>;
/// Members as they were read last.
pub(crate) type KnownMembers = Remembered<(OrganisationId, AccountId), Option<tacita_domain::Role>>;

/// No sessions yet.
pub(crate) fn none_known<K: Eq + std::hash::Hash, V: Clone>() -> Remembered<K, V> {
    Remembered::for_millis(FRESH_MILLIS)
}

/// A session that has begun.
#[derive(Debug)]
pub struct NewSession {
    /// Its id.
    pub session: SessionId,
    /// Who is signed in.
    pub account: AccountId,
    /// For which of their organisations they work in it.
    pub member_of: Option<OrganisationId>,
    /// Until when.
    pub expires: Timestamp,
    /// What shows that it is them, the only time that it is shown.
    pub secret: Zeroizing<String>,
}

/// A session, given out to whoever is signed in.
#[derive(Debug)]
pub struct Device {
    /// Its id.
    pub session: SessionId,
    /// How they signed in.
    pub method: SignInMethod,
    /// When they did.
    pub created: Timestamp,
    /// When it was last used, to a quarter of an hour.
    pub seen: Timestamp,
    /// What the device said of itself.
    pub device: Option<String>,
}

impl Service {
    /// A new session, to be inserted with what lets somebody in.
    pub(crate) fn new_session(
        &self,
        key: &SubjectKey,
        account: AccountId,
        member_of: Option<OrganisationId>,
        method: SignInMethod,
        device: Option<String>,
        at: Timestamp,
    ) -> Result<(NewSession, Session, TokenHash), Error> {
        let session = SessionId::new(at, self.store.random());
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        let secret = Token::generate(&mut chance);
        let hash = TokenHash::of(&secret);
        let device = device
            .map(|device| device.chars().take(LONGEST_DEVICE).collect::<String>())
            .map(|device| key.seal(&sessions::sealed_at(&session), device.as_bytes(), &mut chance))
            .transpose()
            .map_err(|error| Error::Invalid(error.to_string()))?;
        let expires = at.after_seconds(LIFE_SECONDS);
        let stored = Session {
            session,
            account,
            turned: at,
            member_of,
            method,
            created: at,
            seen: at,
            expires,
            ended: None,
            device,
            is_newest: true,
        };
        Ok((NewSession { session, account, member_of, expires, secret: secret.expose() }, stored, hash))
    }

    /// Lets somebody in who has shown that it is them.
    pub(crate) async fn begin_session(
        &self,
        account: AccountId,
        member_of: Option<OrganisationId>,
        method: SignInMethod,
        device: Option<String>,
        trace: Trace,
    ) -> Result<NewSession, Error> {
        let passage = self.admit_sign_in(Some(account), trace).await?;
        let key = self.store.ring().subject(OrganisationId::PLATFORM, account.subject()).await?;
        let (new, session, hash) =
            self.new_session(&key, account, member_of, method, device, passage.operation().at)?;
        let begin = move |tx: &mut Writing<'_>| sessions::insert(tx, &session, &hash);
        self.store.commit(passage, Some(format!("session/{}", new.session)), begin).await?;
        Ok(new)
    }

    /// The session of a secret, if it is open.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn session(&self, secret: &str) -> Result<Option<Session>, Error> {
        let Some(hash) = hash_of(secret) else { return Ok(None) };
        let now = self.now();
        let session = match self.sessions.get(hash.as_bytes(), now) {
            Some(session) => session,
            None => {
                let found = move |tx: &mut tacita_store::Reading<'_>| sessions::find(tx, &hash);
                let found = self.store.look_up(OrganisationId::PLATFORM, found).await?;
                let Some(session) = found else { return Ok(None) };
                self.sessions.put(*hash.as_bytes(), session.clone(), now);
                session
            }
        };
        Ok(is_open(&session, now).then_some(session))
    }

    /// Who asks in a session: a member of the organisation they work for, or themselves where they belong to none.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn caller_in(&self, session: &Session, trace: Trace) -> Result<Caller, Error> {
        let Session { account, member_of, .. } = *session;
        let Some(organisation) = member_of else { return Ok(Caller::themselves(account, trace)) };
        Ok(match self.role_in(organisation, account).await? {
            Some(role) => Caller::new(organisation, Actor::Member(account, role), trace),
            // They were removed since.
            None => Caller::themselves(account, trace),
        })
    }

    /// What somebody is to an organisation.
    pub(crate) async fn role_in(
        &self,
        organisation: OrganisationId,
        account: AccountId,
    ) -> Result<Option<tacita_domain::Role>, Error> {
        let (key, now) = ((organisation, account), self.now());
        if let Some(role) = self.members.get(&key, now) {
            return Ok(role);
        }
        let member = self.store.look_up(organisation, move |tx| members::find(tx, account)).await?;
        let role = member.map(|member| member.role);
        self.members.put(key, role, now);
        Ok(role)
    }

    /// A new secret for a session whose secret has become old; none where it has not, or another request was first.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn turn_session(
        &self,
        secret: &str,
        session: &Session,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let now = self.now();
        if !session.is_newest || now < session.turned.after_seconds(TURN_SECONDS) {
            return Ok(None);
        }
        self.new_secret(secret, session.session).await
    }

    /// A new secret for a session: what can be done in it has changed.
    pub(crate) async fn new_secret(
        &self,
        secret: &str,
        session: SessionId,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let Some(from) = hash_of(secret) else { return Ok(None) };
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        let new = Token::generate(&mut chance);
        let (to, at) = (TokenHash::of(&new), self.now());
        let turn = move |tx: &mut Writing<'_>| sessions::turn(tx, session, &from, &to, at);
        let is_turned = self.store.write_within(OrganisationId::PLATFORM, turn).await?;
        self.forget_sessions(|known| known.session == session);
        Ok(is_turned.then(|| new.expose()))
    }

    /// What a form or a script of ours shows, so that a page of somebody else can't act in a session (CSRF): nobody learns it from
    /// the session's cookie, nor the cookie from it.
    ///
    /// # Errors
    /// When the keys of the platform can't be had.
    pub async fn csrf_token(&self, session: SessionId) -> Result<String, Error> {
        let keys = self.store.ring().organisation(OrganisationId::PLATFORM).await?;
        Ok(keys.newest().proof("csrf", session.as_bytes()))
    }

    /// Has somebody work for another of their organisations, under a new secret.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they do not belong to it.
    pub async fn choose_organisation(
        &self,
        secret: &str,
        session: &Session,
        organisation: OrganisationId,
        trace: Trace,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        self.role_in(organisation, session.account).await?.ok_or(Error::NotFound)?;
        let id = session.session;
        let choose = move |tx: &mut Writing<'_>| sessions::choose(tx, id, Some(organisation));
        let passage = self.admit_themselves(session.account, Action::AccountChange, trace).await?;
        self.store.commit(passage, Some(format!("session/{id}/{organisation}")), choose).await?;
        self.new_secret(secret, id).await
    }

    /// The organisations to which somebody belongs.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn memberships(&self, account: AccountId) -> Result<Vec<Membership>, Error> {
        Ok(self.store.span(SystemScope::SignIn, move |tx| members::of_account(tx, account)).await?)
    }

    /// The organisation to which somebody belongs, if it is one.
    pub(crate) async fn only_organisation(
        &self,
        account: AccountId,
    ) -> Result<Option<OrganisationId>, Error> {
        let memberships = self.memberships(account).await?;
        Ok(if let [only] = &memberships[..] { Some(only.organisation) } else { None })
    }

    /// Where somebody is signed in, given out to them.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn devices(&self, account: AccountId, trace: Trace) -> Result<Vec<Device>, Error> {
        let passage = self.admit_themselves(account, Action::AccountRead, trace).await?;
        let now = self.now();
        let open = self.store.read(&passage, move |tx| sessions::of_account(tx, account, now)).await?;
        let key = self.store.ring().subject(OrganisationId::PLATFORM, account.subject()).await?;
        let opened = open.into_iter().filter(|session| is_open(session, now)).map(|session| {
            let place = sessions::sealed_at(&session.session);
            let device = session.device.as_ref().map(|sealed| key.open(&passage, &place, sealed)).transpose();
            let device =
                device.map_err(|_| tacita_store::Error::Corrupt("the device of a session does not open"))?;
            Ok((session, device))
        });
        let opened = opened.collect::<Result<Vec<_>, Error>>()?;
        let ((), committed) =
            self.store.commit(passage, Some("account/sessions".to_owned()), |_| Ok(())).await?;
        let devices = opened.into_iter().map(|(session, device)| {
            let device = device.map(|device| device.release(&committed)).transpose()?;
            let device = device.map(|device| String::from_utf8_lossy(&device).into_owned());
            let Session { session, method, created, seen, .. } = session;
            Ok(Device { session, method, created, seen, device })
        });
        devices.collect()
    }

    /// Ends a session of somebody's.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they have none with this id, or it is over.
    pub async fn end_session(
        &self,
        account: AccountId,
        session: SessionId,
        trace: Trace,
    ) -> Result<(), Error> {
        let passage = self.admit_themselves(account, Action::AccountChange, trace).await?;
        let at = passage.operation().at;
        let end = move |tx: &mut Writing<'_>| sessions::end(tx, session, account, at);
        self.store.commit(passage, Some(format!("session/{session}/end")), end).await?;
        self.forget_sessions(|known| known.session == session);
        Ok(())
    }

    /// Ends every session of somebody's but `except`. Says how many.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn end_sessions(
        &self,
        account: AccountId,
        except: Option<SessionId>,
        trace: Trace,
    ) -> Result<u64, Error> {
        let passage = self.admit_themselves(account, Action::AccountChange, trace).await?;
        let at = passage.operation().at;
        let end = move |tx: &mut Writing<'_>| sessions::end_all(tx, account, except, at);
        let (ended, _) = self.store.commit(passage, Some("sessions/end".to_owned()), end).await?;
        self.forget_sessions(|known| known.account == account);
        Ok(ended)
    }

    /// Deletes sessions and links that were over a month ago: until then they show where somebody was signed in.
    pub(crate) async fn sweep_sessions(&self) -> Result<u64, Error> {
        let before = self.now().after_seconds(-KEPT_SECONDS);
        let mut swept = self
            .store
            .write_within(OrganisationId::PLATFORM, move |tx| links::delete_over(tx, before))
            .await?;
        loop {
            let delete = move |tx: &mut Writing<'_>| sessions::delete_over(tx, before, TOGETHER);
            let deleted = self.store.write_within(OrganisationId::PLATFORM, delete).await?;
            swept += deleted;
            if deleted < u64::from(TOGETHER) {
                return Ok(swept);
            }
        }
    }

    /// Forgets what was read of sessions: they have changed.
    pub(crate) fn forget_sessions(&self, changed: impl Fn(&Session) -> bool) {
        self.sessions.forget(|_, session| changed(session));
        self.sessions_by_id.forget(|_, session| changed(session));
    }
}

/// Whether somebody is let in by a session, by the secret with which it was found.
pub(crate) fn is_open(session: &Session, now: Timestamp) -> bool {
    let Session { turned, seen, expires, ended, is_newest, .. } = *session;
    ended.is_none()
        && now < expires
        && now < seen.after_seconds(IDLE_SECONDS)
        && (is_newest || now < turned.after_seconds(GRACE_SECONDS))
}

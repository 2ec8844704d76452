//! Access tokens: what programs send instead of a session's secret, for a quarter of an hour, and how they renew them.
//!
//! A token is checked by its signature, and then against what it stands for: so whoever is signed out, removed or revoked is let
//! in no longer, however long the token says that it counts.

use std::sync::{Arc, atomic::Ordering};

use serde::{Deserialize, Serialize};
use tacita_domain::{AccountId, Actor, OrganisationId, Scope, SessionId, Timestamp, TokenId, Trace};
use tacita_store::{
    OrganisationKeys, Writing,
    sessions::{self, Renewal, Session},
    tokens,
};
use tacita_vault::{ClaimsKey, PublicClaimsKey, Token, TokenHash};
use zeroize::Zeroizing;

use crate::{Caller, Error, Service, accounts::hash_of, sessions::is_open};

/// For how many seconds an access token counts.
const ACCESS_SECONDS: i64 = 15 * 60;
/// Whose client a person is.
const CLIENT: &str = "tacita";
/// What kind of token it is (RFC 9068 §2.1).
const KIND: &str = "at+jwt";
/// By which name the platform's key makes the one that signs.
const SEED: &str = "access tokens";
/// Letters of a key's id: a SHA-256 in base64url.
const KEY_ID: usize = 43;

/// An access token, and what it is renewed by where it can be.
#[derive(Debug)]
pub struct Access {
    /// What is to be sent as `Authorization: Bearer …`.
    pub token: Zeroizing<String>,
    /// For how many seconds it counts.
    pub seconds: i64,
    /// What is exchanged for the next one, once.
    pub refresh: Option<Zeroizing<String>>,
    /// What may be done with it at most, where that is less than the role allows.
    pub scope: Option<Scope>,
}

/// What a token says (RFC 9068 §2.2).
#[derive(Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The account, or the service token.
    sub: String,
    iat: i64,
    exp: i64,
    /// Of this token alone.
    jti: String,
    /// The session; a service has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// The service token that it was exchanged for; Tacita itself, where it is a person's.
    client_id: String,
    /// The organisation of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    org: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

impl Service {
    /// An access token for a session, and what renews it.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn access(&self, account: AccountId, session: SessionId) -> Result<Access, Error> {
        let (refresh, hash) = self.new_refresh();
        let at = self.now();
        let keep = move |tx: &mut Writing<'_>| sessions::keep_refresh(tx, &hash, session, at);
        self.store.write_within(OrganisationId::PLATFORM, keep).await?;
        self.signed(account, session, refresh).await
    }

    /// The next access token, for what renews it. Whoever renews with the same twice has stolen it or was stolen from: then the
    /// session ends.
    ///
    /// # Errors
    /// When the store can't answer. None where it is worth nothing (any more).
    pub async fn renew_access(&self, refresh: &str, trace: Trace) -> Result<Option<Access>, Error> {
        let Some(hash) = hash_of(refresh) else { return Ok(None) };
        let (next, next_hash) = self.new_refresh();
        let at = self.now();
        let renew = move |tx: &mut Writing<'_>| {
            let renewal = sessions::renew(tx, &hash, at)?;
            let (Renewal::Used(session) | Renewal::Again(session)) = renewal else {
                return Ok((renewal, None));
            };
            let stored = sessions::by_id(tx, session)?;
            match renewal {
                Renewal::Used(_) if stored.as_ref().is_some_and(|stored| is_open(stored, at)) => {
                    sessions::keep_refresh(tx, &next_hash, session, at)?;
                    sessions::see(tx, session, at)?;
                }
                Renewal::Again(_) => {
                    if let Some(stored) = &stored
                        && stored.ended.is_none()
                    {
                        sessions::end(tx, session, stored.account, at)?;
                    }
                }
                _ => {}
            }
            Ok((renewal, stored))
        };
        let (renewal, stored) = self.store.write_within(OrganisationId::PLATFORM, renew).await?;
        let Some(Session { session, account, ended, .. }) = stored else { return Ok(None) };
        match renewal {
            Renewal::Used(_) if stored.is_some_and(|stored| is_open(&stored, at)) => {
                self.signed(account, session, next).await.map(Some)
            }
            Renewal::Again(_) => {
                self.forget_sessions(|known| known.session == session);
                if ended.is_none() {
                    let passage = self.admit_sign_in(Some(account), trace).await?;
                    self.note_attempt(passage, &format!("refused/renewed-twice session/{session}")).await?;
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Ends the session of a refresh or access token (RFC 7009). One that is worth nothing is not told apart.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn revoke_access(&self, token: &str) -> Result<(), Error> {
        let at = self.now();
        let Some(hash) = hash_of(token) else { return self.revoke_claims(token).await };
        let end = move |tx: &mut Writing<'_>| {
            let (Renewal::Used(session) | Renewal::Again(session)) = sessions::renew(tx, &hash, at)? else {
                return Ok(None);
            };
            match sessions::by_id(tx, session)? {
                Some(stored) if stored.ended.is_none() => sessions::end(tx, session, stored.account, at)?,
                _ => {}
            }
            Ok(Some(session))
        };
        if let Some(session) = self.store.write_within(OrganisationId::PLATFORM, end).await? {
            self.forget_sessions(|known| known.session == session);
        }
        Ok(())
    }

    async fn revoke_claims(&self, token: &str) -> Result<(), Error> {
        let Some(Claims { sid: Some(session), .. }) = self.checked(token).await? else { return Ok(()) };
        let Ok(session) = session.parse::<SessionId>() else { return Ok(()) };
        let Some(Session { account, .. }) = self.session_with_id(session).await? else { return Ok(()) };
        let at = self.now();
        let end = move |tx: &mut Writing<'_>| sessions::end(tx, session, account, at);
        self.store.write_within(OrganisationId::PLATFORM, end).await?;
        self.forget_sessions(|known| known.session == session);
        Ok(())
    }

    /// An access token for a service, which shows its own token (OAuth 2 client credentials, RFC 6749 §4.4). `narrowed` may ask for
    /// less than that token allows.
    ///
    /// # Errors
    /// When the store can't answer. None where the service is not let in.
    pub async fn client_access(
        &self,
        client: TokenId,
        secret: &str,
        narrowed: Option<Scope>,
    ) -> Result<Option<Access>, Error> {
        let Some(token) = self.live_token(secret).await?.filter(|token| token.token == client) else {
            return Ok(None);
        };
        let scope = token.scope.and(narrowed.unwrap_or(Scope::FULL));
        if scope.is_empty() {
            return Err(Error::Invalid("`scope` asks for nothing that the token may".to_owned()));
        }
        let scope = (scope != Scope::FULL).then_some(scope);
        let subject = token.token.to_string();
        let claims = Claims {
            client_id: subject.clone(),
            org: Some(token.organisation.to_string()),
            scope: scope.map(|scope| scope.to_string()),
            ..self.claims(subject)
        };
        Ok(Some(Access { token: self.sign(&claims).await?, seconds: ACCESS_SECONDS, refresh: None, scope }))
    }

    /// Who asks with an access token; nobody where it is worth nothing (any more).
    ///
    /// # Errors
    /// When the store can't answer.
    pub(crate) async fn caller_with(&self, token: &str, trace: Trace) -> Result<Option<Caller>, Error> {
        let Some(claims) = self.checked(token).await? else { return Ok(None) };
        if let Some(session) = claims.sid {
            return Ok(self.person_in(&session, trace).await?.map(|(_, caller)| caller));
        }
        let scope = match claims.scope.as_deref().map(str::parse::<Scope>) {
            None => Scope::FULL,
            Some(Ok(scope)) => scope,
            Some(Err(_)) => return Ok(None),
        };
        let (Some(Ok(organisation)), Some(Ok(token))) =
            (claims.org.map(|id| id.parse()), Some(claims.client_id.parse()))
        else {
            return Ok(None);
        };
        let Some(token) = self.live_token_with_id(organisation, token).await? else { return Ok(None) };
        let scope = scope.and(token.scope);
        Ok(Some(Caller {
            organisation,
            actor: Actor::Service(token.token, token.role),
            scope,
            mark: None,
            trace,
        }))
    }

    /// Which person asks with an access token, and in which session; nobody where it is a service's, or worth nothing (any more).
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn person_with(&self, token: &str, trace: Trace) -> Result<Option<(Session, Caller)>, Error> {
        match self.checked(token).await?.and_then(|claims| claims.sid) {
            Some(session) => self.person_in(&session, trace).await,
            None => Ok(None),
        }
    }

    async fn person_in(&self, session: &str, trace: Trace) -> Result<Option<(Session, Caller)>, Error> {
        let Ok(session) = session.parse() else { return Ok(None) };
        let Some(session) = self.session_with_id(session).await? else { return Ok(None) };
        let caller = self.caller_in(&session, trace).await?;
        Ok(Some((session, caller)))
    }

    /// The keys by which others check access tokens (RFC 7517): the newest first.
    ///
    /// # Errors
    /// When the keys of the platform can't be had.
    pub async fn public_claims_keys(&self) -> Result<Vec<PublicClaimsKey>, Error> {
        let keys = self.store.ring().organisation(OrganisationId::PLATFORM).await?;
        let public = keys.versions().iter().rev().map(|key| ClaimsKey::new(&key.signing_seed(SEED)).public());
        Ok(public.collect())
    }

    fn new_refresh(&self) -> (Zeroizing<String>, TokenHash) {
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        let refresh = Token::generate(&mut chance);
        (refresh.expose(), TokenHash::of(&refresh))
    }

    async fn signed(
        &self,
        account: AccountId,
        session: SessionId,
        refresh: Zeroizing<String>,
    ) -> Result<Access, Error> {
        let claims = Claims { sid: Some(session.to_string()), ..self.claims(account.to_string()) };
        let token = self.sign(&claims).await?;
        Ok(Access { token, seconds: ACCESS_SECONDS, refresh: Some(refresh), scope: None })
    }

    fn claims(&self, sub: String) -> Claims {
        let now = self.now();
        let iat = now.seconds();
        // RFC 9068 §2.2: as the metadata has it (RFC 8414).
        let iss = self.public_url().of("");
        let (aud, client_id) = (iss.clone(), CLIENT.to_owned());
        let jti = TokenId::new(now, self.store.random()).to_string();
        Claims {
            iss,
            aud,
            sub,
            iat,
            exp: iat + ACCESS_SECONDS,
            jti,
            sid: None,
            client_id,
            org: None,
            scope: None,
        }
    }

    async fn sign(&self, claims: &Claims) -> Result<Zeroizing<String>, Error> {
        let keys = self.store.ring().organisation(OrganisationId::PLATFORM).await?;
        Ok(ClaimsKey::new(&keys.newest().signing_seed(SEED)).sign(KIND, claims))
    }

    /// What a token says that was signed here and whose time is not over.
    async fn checked(&self, token: &str) -> Result<Option<Claims>, Error> {
        let (Some(id), now) = (ClaimsKey::id_of(token), self.now()) else { return Ok(None) };
        let Some(key) = self.claims_key(&id, now).await? else { return Ok(None) };
        let Ok(claims) = key.check::<Claims>(KIND, token) else { return Ok(None) };
        let issuer = self.public_url().of("");
        let is_ours = claims.iss == issuer && claims.aud == issuer;
        Ok((is_ours && claims.iat <= now.seconds() && now.seconds() < claims.exp).then_some(claims))
    }

    /// The key of an id. One that is unknown may be of a version that another process has made: it is looked for at most once a
    /// second, since anybody can name one that nobody has.
    async fn claims_key(&self, id: &str, now: Timestamp) -> Result<Option<Arc<ClaimsKey>>, Error> {
        if id.len() != KEY_ID {
            return Ok(None);
        }
        let keys = self.store.ring().organisation(OrganisationId::PLATFORM).await?;
        if let Some(key) = self.claims_key_of(&keys, id, now) {
            return Ok(Some(key));
        }
        let second = now.seconds();
        if self.keys_looked_for.swap(second, Ordering::Relaxed) == second {
            return Ok(None);
        }
        let keys = self.store.ring().refresh(OrganisationId::PLATFORM).await?;
        Ok(self.claims_key_of(&keys, id, now))
    }

    fn claims_key_of(&self, keys: &OrganisationKeys, id: &str, now: Timestamp) -> Option<Arc<ClaimsKey>> {
        let mut keys = keys.versions().iter().rev().map(|version| {
            self.claims_keys.get(&version.version(), now).unwrap_or_else(|| {
                let key = Arc::new(ClaimsKey::new(&version.signing_seed(SEED)));
                self.claims_keys.put(version.version(), Arc::clone(&key), now);
                key
            })
        });
        keys.find(|key| key.id() == id)
    }

    /// The session with this id, if it is open.
    async fn session_with_id(&self, id: SessionId) -> Result<Option<Session>, Error> {
        let now = self.now();
        let session = match self.sessions_by_id.get(&id, now) {
            Some(session) => session,
            None => {
                let find = move |tx: &mut tacita_store::Reading<'_>| sessions::by_id(tx, id);
                let found = self.store.look_up(OrganisationId::PLATFORM, find).await?;
                let Some(session) = found else { return Ok(None) };
                self.sessions_by_id.put(id, session.clone(), now);
                session
            }
        };
        Ok(is_open(&session, now).then_some(session))
    }

    async fn live_token_with_id(
        &self,
        organisation: OrganisationId,
        id: TokenId,
    ) -> Result<Option<tokens::Token>, Error> {
        let now = self.now();
        let token = match self.tokens_by_id.get(&id, now) {
            Some(token) => token,
            None => {
                let find = move |tx: &mut tacita_store::Reading<'_>| tokens::by_id(tx, id);
                let Some(token) = self.store.look_up(organisation, find).await? else { return Ok(None) };
                self.tokens_by_id.put(id, token.clone(), now);
                token
            }
        };
        Ok((token.organisation == organisation && token.is_live(now)).then_some(token))
    }
}

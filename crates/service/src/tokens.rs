//! Tokens by which services sign in.

use tacita_domain::{Actor, OrganisationId, Role, Scope, Timestamp, TokenId, Trace};
use tacita_store::{SystemScope, tokens};
use tacita_vault::{Token, TokenHash};
use zeroize::Zeroizing;

use crate::{Caller, Error, Service, remembered::Remembered};

/// How long a token is taken as it was read: so long a token that was revoked by another process is let in.
const FRESH_MILLIS: i64 = 500;

/// Tokens as they were read last, by their hash.
pub(crate) type Known = Remembered<[u8; 32], tokens::Token>;

/// No tokens yet.
pub(crate) fn none_known() -> Known {
    Remembered::for_millis(FRESH_MILLIS)
}

/// A token, the only time that it is shown.
#[derive(Debug)]
pub struct NewToken {
    /// Its id, by which it is revoked.
    pub token: TokenId,
    /// What is to be sent as `Authorization: Bearer …`.
    pub secret: Zeroizing<String>,
}

impl Service {
    /// Makes a token.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn create_token(
        &self,
        organisation: OrganisationId,
        name: &str,
        role: Role,
        scope: Scope,
        expires: Option<Timestamp>,
    ) -> Result<NewToken, Error> {
        let at = self.now();
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        let secret = Token::generate(&mut chance);
        let hash = TokenHash::of(&secret);
        let token = TokenId::new(at, self.store.random());
        let stored = tokens::Token {
            organisation,
            token,
            name: name.to_owned(),
            role,
            scope,
            created: at,
            expires,
            revoked: None,
        };
        self.store.write_within(organisation, move |tx| tokens::insert(tx, &stored, &hash)).await?;
        Ok(NewToken { token, secret: secret.expose() })
    }

    /// Every token of an organisation, oldest first.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn tokens(&self, organisation: OrganisationId) -> Result<Vec<tokens::Token>, Error> {
        Ok(self.store.look_up(organisation, tokens::all).await?)
    }

    /// Revokes a token: from now on here, within half a second everywhere.
    ///
    /// # Errors
    /// When there is none with this id, or it is revoked already.
    pub async fn revoke_token(&self, organisation: OrganisationId, token: TokenId) -> Result<(), Error> {
        let at = self.now();
        self.store.write_within(organisation, move |tx| tokens::revoke(tx, token, at)).await?;
        self.tokens.forget(|_, known| known.token == token);
        self.tokens_by_id.forget(|known, _| *known == token);
        Ok(())
    }

    /// Who signs in with `secret`, a service's token or an access token; nobody where it is neither, or worth nothing (any more).
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn sign_in(&self, secret: &str, trace: Trace) -> Result<Option<Caller>, Error> {
        if Token::parse(secret).is_err() {
            return self.caller_with(secret, trace).await;
        }
        let token = self.live_token(secret).await?;
        Ok(token.map(|token| Caller {
            organisation: token.organisation,
            actor: Actor::Service(token.token, token.role),
            scope: token.scope,
            mark: None,
            trace,
        }))
    }

    /// The service token that `secret` is, if it lets anybody in.
    pub(crate) async fn live_token(&self, secret: &str) -> Result<Option<tokens::Token>, Error> {
        let Ok(secret) = Token::parse(secret) else { return Ok(None) };
        let (hash, now) = (TokenHash::of(&secret), self.now());
        let token = match self.tokens.get(hash.as_bytes(), now) {
            Some(token) => token,
            None => {
                let found = self.store.span(SystemScope::SignIn, move |tx| tokens::find(tx, &hash)).await?;
                let Some(token) = found else { return Ok(None) };
                self.tokens.put(*hash.as_bytes(), token.clone(), now);
                token
            }
        };
        Ok(token.is_live(now).then_some(token))
    }
}

//! Signed claims that are short-lived: JSON Web Tokens (RFC 7519) with Ed25519 (RFC 8037), and the keys by which others check them.

use std::fmt;

use aws_lc_rs::{
    digest,
    signature::{Ed25519KeyPair, KeyPair},
};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// The longest text that is looked at, in bytes.
const LONGEST: usize = 4096;
/// How a private key of Ed25519 begins as RFC 8410 §7 writes it; 32 bytes of seed follow.
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Signs claims, and checks those that it has signed.
pub struct ClaimsKey {
    id: String,
    public: String,
    signing: EncodingKey,
    checking: DecodingKey,
}

/// A text is no token that this key has signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token that was signed here")]
pub struct BadClaims;

/// A public key as others read it (RFC 7517, RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicClaimsKey {
    kty: &'static str,
    crv: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    alg: &'static str,
    kid: String,
    x: String,
}

impl ClaimsKey {
    /// The key of a seed.
    ///
    /// # Panics
    /// Never: every 32 bytes are a seed.
    #[must_use]
    pub fn new(seed: &[u8; 32]) -> Self {
        let mut private = Zeroizing::new([0; PKCS8.len() + 32]);
        private[..PKCS8.len()].copy_from_slice(&PKCS8);
        private[PKCS8.len()..].copy_from_slice(seed);
        let pair = Ed25519KeyPair::from_pkcs8(private.as_ref()).expect("every seed is a key");
        let public = BASE64URL_NOPAD.encode(pair.public_key().as_ref());
        // RFC 7638: the hash of the members that make the key, in alphabetical order.
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#);
        let id = BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, members.as_bytes()).as_ref());
        let checking = DecodingKey::from_ed_der(pair.public_key().as_ref());
        Self { id, public, signing: EncodingKey::from_ed_der(private.as_ref()), checking }
    }

    /// By which others find it among several: its thumbprint (RFC 7638).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// For those who check.
    #[must_use]
    pub fn public(&self) -> PublicClaimsKey {
        let (kid, x) = (self.id.clone(), self.public.clone());
        PublicClaimsKey { kty: "OKP", crv: "Ed25519", usage: "sig", alg: "EdDSA", kid, x }
    }

    /// A token with these claims. `kind` is its `typ`, so that one of another kind is not taken for it (RFC 8725 §3.11).
    ///
    /// # Panics
    /// When the claims can't be written as JSON.
    #[must_use]
    pub fn sign(&self, kind: &str, claims: &impl Serialize) -> Zeroizing<String> {
        let header = Header {
            typ: Some(kind.to_owned()),
            kid: Some(self.id.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        Zeroizing::new(
            jsonwebtoken::encode(&header, claims, &self.signing).expect("claims are written as JSON"),
        )
    }

    /// By which key a token says that it is signed.
    #[must_use]
    pub fn id_of(token: &str) -> Option<String> {
        if token.len() > LONGEST {
            return None;
        }
        jsonwebtoken::decode_header(token).ok()?.kid
    }

    /// The claims of a token of this `kind` that this key has signed. Whether their time is over, and who they are for, is for
    /// the caller to see.
    ///
    /// # Errors
    /// When it is none.
    pub fn check<T: DeserializeOwned + Clone>(&self, kind: &str, token: &str) -> Result<T, BadClaims> {
        if token.len() > LONGEST {
            return Err(BadClaims);
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The time comes from the caller's clock.
        validation.required_spec_claims.clear();
        (validation.validate_exp, validation.validate_aud) = (false, false);
        let data = jsonwebtoken::decode::<T>(token, &self.checking, &validation).map_err(|_| BadClaims)?;
        let header = data.header;
        if header.typ.as_deref() != Some(kind) || header.kid.as_deref() != Some(self.id()) {
            return Err(BadClaims);
        }
        Ok(data.claims)
    }
}

impl fmt::Debug for ClaimsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClaimsKey({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The key of RFC 8037, appendix A, by whose thumbprint (A.3) others find it.
    fn key() -> ClaimsKey {
        let seed = BASE64URL_NOPAD.decode(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        ClaimsKey::new(seed.as_slice().try_into().unwrap())
    }

    #[test]
    fn keys_are_named_as_the_standard_says() {
        assert_eq!(key().id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(
            serde_json::to_value(key().public()).unwrap(),
            json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
        );
    }

    #[test]
    fn only_what_it_has_signed_for_this_use_is_taken() {
        let claims = json!({"sub": "somebody", "exp": 1});
        let token = key().sign("at+jwt", &claims);
        assert_eq!(key().check::<Value>("at+jwt", &token), Ok(claims.clone()));
        assert_eq!(ClaimsKey::id_of(&token).as_deref(), Some(key().id()));
        assert_eq!(key().check::<Value>("other+jwt", &token), Err(BadClaims));
        assert_eq!(ClaimsKey::new(&[7; 32]).check::<Value>("at+jwt", &token), Err(BadClaims));
        let [header, body, signature] = <[&str; 3]>::try_from(token.split('.').collect::<Vec<_>>()).unwrap();
        let none = BASE64URL_NOPAD.encode(br#"{"typ":"at+jwt","alg":"none"}"#);
        let other = BASE64URL_NOPAD.encode(br#"{"sub":"else","exp":1}"#);
        for forged in [
            format!("{none}.{body}."),
            format!("{none}.{body}.{signature}"),
            format!("{header}.{other}.{signature}"),
            format!("{header}.{body}."),
            format!("{header}.{body}"),
            format!("{header}.{body}.{signature}="),
            format!("{header}.{body}.{signature}.{signature}"),
            "x".repeat(LONGEST + 1),
            String::new(),
        ] {
            assert_eq!(key().check::<Value>("at+jwt", &forged), Err(BadClaims), "{forged}");
        }
        // A key that is public taken for one that is shared, which an attacker could sign with.
        let shared = EncodingKey::from_secret(&BASE64URL_NOPAD.decode(key().public.as_bytes()).unwrap());
        let header = Header { typ: Some("at+jwt".into()), kid: Some(key().id), ..Header::default() };
        let forged = jsonwebtoken::encode(&header, &claims, &shared).unwrap();
        assert_eq!(key().check::<Value>("at+jwt", &forged), Err(BadClaims));
    }
}

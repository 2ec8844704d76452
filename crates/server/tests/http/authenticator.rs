//! An authenticator in software, as browsers speak to one (WebAuthn Level 3 §6), and all that one can do wrong.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use ciborium::Value as Cbor;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

const PRESENT: u8 = 1;
const VERIFIED: u8 = 4;
const WITH_CREDENTIAL: u8 = 0x40;

/// An authenticator with one passkey, and the page that asks it.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    /// Whose account it signs in to, by the id that it was told when it was added.
    pub(crate) user: Vec<u8>,
    /// What it counted last,
    pub(crate) counter: u32,
    /// if it counts: those that share their passkeys over several devices don't.
    pub(crate) counts: bool,
    /// Of which page the browser says that it asks.
    pub(crate) origin: String,
    /// For which site it signs.
    pub(crate) site: String,
    /// Whether its owner shows that it is them.
    pub(crate) verifies: bool,
}

impl Authenticator {
    pub(crate) fn new() -> Self {
        let mut id = vec![0; 32];
        aws_lc_rs::rand::fill(&mut id).unwrap();
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id,
            user: Vec::new(),
            counter: 0,
            counts: true,
            origin: "http://localhost:8787".to_owned(),
            site: "localhost".to_owned(),
            verifies: true,
        }
    }

    /// What `navigator.credentials.create()` gives, by its `toJSON()`.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        let asked = &options["publicKey"];
        self.user = BASE64URL_NOPAD.decode(asked["user"]["id"].as_str().unwrap().as_bytes()).unwrap();
        self.counter += u32::from(self.counts);
        let mut data = self.data(WITH_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        // Uncompressed: 4, x, y.
        let public = self.key.public_key().as_ref();
        let number = |number: i64| Cbor::Integer(number.into());
        let cose = Cbor::Map(vec![
            (number(1), number(2)),
            (number(3), number(-7)),
            (number(-1), number(1)),
            (number(-2), Cbor::Bytes(public[1..33].to_vec())),
            (number(-3), Cbor::Bytes(public[33..].to_vec())),
        ]);
        data.extend(written(&cose));
        let attestation = Cbor::Map(vec![
            (Cbor::Text("fmt".to_owned()), Cbor::Text("none".to_owned())),
            (Cbor::Text("attStmt".to_owned()), Cbor::Map(Vec::new())),
            (Cbor::Text("authData".to_owned()), Cbor::Bytes(data)),
        ]);
        let client = self.client("webauthn.create", asked);
        json!({
            "id": encoded(&self.id), "rawId": encoded(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": true}},
            "response": {
                "clientDataJSON": encoded(&client),
                "attestationObject": encoded(&written(&attestation)),
                "transports": ["internal", "hybrid"],
            },
        })
    }

    /// What `navigator.credentials.get()` gives, by its `toJSON()`.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        self.counter += u32::from(self.counts);
        let (data, client) = (self.data(0), self.client("webauthn.get", &options["publicKey"]));
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, &client).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": encoded(&self.id), "rawId": encoded(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(&client),
                "authenticatorData": encoded(&data),
                "signature": encoded(signature.as_ref()),
                "userHandle": encoded(&self.user),
            },
        })
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.site.as_bytes()).as_ref().to_vec();
        data.push(flags | PRESENT | if self.verifies { VERIFIED } else { 0 });
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client(&self, kind: &str, asked: &Value) -> Vec<u8> {
        let client = json!({"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": false});
        client.to_string().into_bytes()
    }
}

fn encoded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn written(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

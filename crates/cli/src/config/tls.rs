//! `[tls]`: how clients are spoken to.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tacita_server::{Acme, Certificate, PostQuantum, Tls, Transport};

use crate::failure::Failure;

/// What `[tls]` may say.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TlsSettings {
    pub(super) certificate_file: Option<PathBuf>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) self_made: Option<bool>,
    pub(super) names: Option<Vec<String>>,
    pub(super) post_quantum: Option<Strength>,
    pub(super) acme: Option<AcmeSettings>,
}

/// What `[tls.acme]` may say.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AcmeSettings {
    directory: String,
    #[serde(default)]
    contact: Vec<String>,
    #[serde(default)]
    terms_agreed: bool,
    pub(super) root_file: Option<PathBuf>,
}

/// Whether key exchanges must hold against quantum computers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Strength {
    Preferred,
    Required,
}

impl TlsSettings {
    /// How clients are spoken to; what is made or got lies in the folder `data`.
    pub(super) fn transport(self, plaintext: Option<bool>, data: &Path) -> Result<Transport, Failure> {
        let failed = |reason: &str| Failure::Config { from: "tls".to_owned(), reason: reason.to_owned() };
        let Self { certificate_file, key_file, self_made, names, post_quantum, acme } = self;
        let folder = data.join("tls");
        let named = names.is_some();
        let names = names.unwrap_or_default();
        let certificate = match (certificate_file, key_file, self_made.unwrap_or(false), acme) {
            (None, None, false, None) => {
                if named || post_quantum == Some(Strength::Required) {
                    return Err(failed(
                        "there is no TLS without a certificate: give `certificate_file` and `key_file`, `self_made`, or \
                         `[tls.acme]`",
                    ));
                }
                return Ok(Transport::Plain { behind_proxy: plaintext.unwrap_or(false) });
            }
            (Some(chain), Some(key), false, None) if !named => Certificate::Files { chain, key },
            (Some(_), Some(_), false, None) => {
                return Err(failed(
                    "the certificate in `certificate_file` says its names; leave out `names`",
                ));
            }
            (Some(_), None, ..) | (None, Some(_), ..) => {
                return Err(failed("give both `certificate_file` and `key_file`"));
            }
            (None, None, true, None) => Certificate::SelfMade { folder, names },
            (None, None, false, Some(acme)) => {
                if !acme.terms_agreed {
                    return Err(failed(
                        "read the terms of service of the authority in `[tls.acme]`, and say `terms_agreed = true`",
                    ));
                }
                let AcmeSettings { directory, contact, root_file, .. } = acme;
                Certificate::Acme(Acme { directory, contact, names, folder, root: root_file })
            }
            _ => {
                return Err(failed(
                    "give one of `certificate_file` with `key_file`, `self_made`, and `[tls.acme]`, not several",
                ));
            }
        };
        if plaintext == Some(true) {
            return Err(failed("`plaintext = true` is for those without TLS here; leave out one of the two"));
        }
        let post_quantum = match post_quantum {
            Some(Strength::Required) => PostQuantum::Required,
            Some(Strength::Preferred) | None => PostQuantum::Preferred,
        };
        Ok(Transport::Tls(Tls { certificate, post_quantum }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transport(text: &str, plaintext: Option<bool>) -> Result<Transport, String> {
        let settings: TlsSettings = toml::from_str(text).map_err(|error| error.to_string())?;
        settings.transport(plaintext, Path::new("data")).map_err(|failure| failure.to_string())
    }

    const ACME: &str = "names = [\"tacita.example.org\"]\n[acme]\ndirectory = \"https://acme.example.org\"\n";

    #[test]
    fn each_kind_of_certificate_is_meant_by_itself() {
        assert_eq!(transport("", None), Ok(Transport::Plain { behind_proxy: false }));
        assert_eq!(transport("", Some(true)), Ok(Transport::Plain { behind_proxy: true }));
        let Ok(Transport::Tls(tls)) = transport("certificate_file = \"a\"\nkey_file = \"b\"", None) else {
            panic!("it is TLS");
        };
        assert_eq!(tls.post_quantum, PostQuantum::Preferred);
        assert!(matches!(tls.certificate, Certificate::Files { .. }));
        let text = "self_made = true\npost_quantum = \"required\"\nnames = [\"a.example.org\"]";
        let Ok(Transport::Tls(tls)) = transport(text, None) else { panic!("it is TLS") };
        assert_eq!(tls.post_quantum, PostQuantum::Required);
        let Certificate::SelfMade { folder, names } = tls.certificate else { panic!("it is self-made") };
        assert_eq!((&*folder, &*names), (Path::new("data/tls"), &["a.example.org".to_owned()][..]));
        let text = format!("{ACME}terms_agreed = true\n");
        let Ok(Transport::Tls(tls)) = transport(&text, None) else { panic!("it is TLS") };
        assert!(matches!(tls.certificate, Certificate::Acme(Acme { root: None, .. })));
    }

    #[test]
    fn what_contradicts_itself_is_refused_with_what_to_do() {
        for (text, plaintext, said) in [
            ("certificate_file = \"a\"", None, "both"),
            ("key_file = \"a\"", None, "both"),
            ("certificate_file = \"a\"\nkey_file = \"b\"\nself_made = true", None, "not several"),
            ("certificate_file = \"a\"\nkey_file = \"b\"\nnames = [\"a\"]", None, "leave out `names`"),
            ("names = [\"a\"]", None, "no TLS without a certificate"),
            ("post_quantum = \"required\"", None, "no TLS without a certificate"),
            ("self_made = true", Some(true), "leave out one"),
            (ACME, None, "terms_agreed = true"),
        ] {
            let error = transport(text, plaintext).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}

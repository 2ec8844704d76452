//! The address by which browsers reach the server: what passkeys are bound to, and where other sites send people back to.

use std::{fmt, str::FromStr};

use url::{Host, Url};
use webauthn_rs::prelude::{Webauthn, WebauthnBuilder};

/// An origin such as `https://privacy.example.org`, without anything after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Url);

/// Why a text is no such address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadPublicUrl {
    /// It is no URL of a host alone.
    NotOrigin,
    /// Browsers keep passkeys for names alone.
    NoName,
    /// Browsers make no passkeys where everyone on the way could change the page.
    Plaintext,
}

impl fmt::Display for BadPublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOrigin => "is no address such as `https://privacy.example.org`, without a path",
            Self::NoName => {
                "has no name but a number for its host: browsers keep passkeys for names; on this machine give `http://localhost:8787`"
            }
            Self::Plaintext => "is unencrypted: give an `https://` address, or one of `localhost`",
        })
    }
}

impl std::error::Error for BadPublicUrl {}

impl FromStr for PublicUrl {
    type Err = BadPublicUrl;

    fn from_str(text: &str) -> Result<Self, BadPublicUrl> {
        let url = Url::parse(text.trim()).map_err(|_| BadPublicUrl::NotOrigin)?;
        let is_bare = url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        let name = match url.host() {
            _ if !is_bare || !matches!(url.scheme(), "https" | "http") => {
                return Err(BadPublicUrl::NotOrigin);
            }
            Some(Host::Domain(name)) => name,
            Some(_) => return Err(BadPublicUrl::NoName),
            None => return Err(BadPublicUrl::NotOrigin),
        };
        // What browsers hold to be as good as encrypted (https://w3c.github.io/webappsec-secure-contexts/).
        if url.scheme() == "http" && !is_local(name) {
            return Err(BadPublicUrl::Plaintext);
        }
        Ok(Self(url))
    }
}

impl PublicUrl {
    /// The address on this machine alone, at a port.
    #[must_use]
    pub fn local(port: u16) -> Self {
        format!("http://localhost:{port}").parse().expect("a number makes it no other address")
    }

    /// The address of a path, which begins with `/`.
    #[must_use]
    pub fn of(&self, path: &str) -> String {
        format!("{}{path}", self.0.origin().ascii_serialization())
    }

    /// Whether browsers reach it over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether it leads to the browser's own machine, whichever that is.
    #[must_use]
    pub fn is_of_this_machine(&self) -> bool {
        self.0.domain().is_some_and(is_local)
    }

    /// Whoever asks for passkeys: bound to the host's name, and to be answered from this origin alone.
    pub(crate) fn relying_party(&self) -> Webauthn {
        let name = self.0.domain().expect("only a name is taken for its host");
        let builder = WebauthnBuilder::new(name, &self.0).expect("the name is the origin's own");
        builder.rp_name("Tacita").build().expect("nothing else is set")
    }
}

/// Names that lead to the machine itself (RFC 6761 §6.3).
fn is_local(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_origin_of_a_named_host_is_taken_that_nobody_on_the_way_can_change() {
        for (text, origin) in [
            ("https://Privacy.example.org/", "https://privacy.example.org"),
            (" https://privacy.example.org:8443", "https://privacy.example.org:8443"),
            ("http://localhost:8787", "http://localhost:8787"),
            ("http://tacita.localhost", "http://tacita.localhost"),
        ] {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!(url.of("/sign-in"), format!("{origin}/sign-in"));
            assert_eq!(url.is_secure(), origin.starts_with("https:"));
            assert_eq!(url.is_of_this_machine(), origin.contains("localhost"));
            url.relying_party();
        }
        for (text, why) in [
            ("", BadPublicUrl::NotOrigin),
            ("privacy.example.org", BadPublicUrl::NotOrigin),
            ("ftp://privacy.example.org", BadPublicUrl::NotOrigin),
            ("https://mara@privacy.example.org", BadPublicUrl::NotOrigin),
            ("https://privacy.example.org/path", BadPublicUrl::NotOrigin),
            ("https://privacy.example.org/?a", BadPublicUrl::NotOrigin),
            ("https://192.0.2.1", BadPublicUrl::NoName),
            ("http://127.0.0.1:8787", BadPublicUrl::NoName),
            ("http://[::1]", BadPublicUrl::NoName),
            ("http://privacy.example.org", BadPublicUrl::Plaintext),
            ("http://localhost.example.org", BadPublicUrl::Plaintext),
        ] {
            assert_eq!(text.parse::<PublicUrl>(), Err(why), "{text}");
        }
        assert_eq!(PublicUrl::local(8787), "http://localhost:8787".parse().unwrap());
    }
}

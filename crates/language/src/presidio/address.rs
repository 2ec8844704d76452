//! Where an analyzer is, and the language it is told.

use std::{fmt, net::IpAddr, str::FromStr};

use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use ureq::http::{HeaderValue, Uri, uri::Scheme};

/// The URL of an analyzer. Credentials in it are sent to the analyzer and shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Without credentials and without a slash at its end.
    url: String,
    /// The value of the header that shows the credentials.
    pub(super) authorization: Option<HeaderValue>,
}

/// Why a text is no address of an analyzer. It quotes no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It is no URL of HTTP with a host. It is not quoted: who knows where in it a password stands.
    #[error(
        "the URL of presidio is none of the form `https://analyzer.example.org` or `http://127.0.0.1:5002`"
    )]
    NotUrl,
    /// Something follows the path.
    #[error("the URL of presidio ends with its path: leave out what follows `?` or `#`")]
    BehindPath,
    /// Everyone on the way could read what is sent.
    #[error(
        "`{0}` is another machine's, and unencrypted: everyone on the way could read the texts; give an `https://` URL, \
         or say that the network is trusted with `--presidio-plaintext`"
    )]
    Plaintext(String),
}

impl Address {
    /// The address that `url` is; an unencrypted one of another machine only if `plaintext` is allowed.
    ///
    /// # Errors
    /// When it is no URL of HTTP, or is not allowed.
    pub fn parse(url: &str, plaintext: bool) -> Result<Self, AddressError> {
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(AddressError::NotUrl);
        }
        if url.contains(['?', '#']) {
            return Err(AddressError::BehindPath);
        }
        let uri: Uri = url.parse().map_err(|_| AddressError::NotUrl)?;
        let scheme = uri.scheme().ok_or(AddressError::NotUrl)?;
        let authority = uri.authority().ok_or(AddressError::NotUrl)?;
        let host = authority.host();
        if (*scheme != Scheme::HTTP && *scheme != Scheme::HTTPS) || host.is_empty() {
            return Err(AddressError::NotUrl);
        }
        let (userinfo, place) = match authority.as_str().rsplit_once('@') {
            Some((userinfo, place)) => (Some(userinfo), place),
            None => (None, authority.as_str()),
        };
        if place != host && authority.port_u16().is_none() {
            return Err(AddressError::NotUrl);
        }
        let url = format!("{scheme}://{place}{}", uri.path().trim_end_matches('/'));
        if *scheme == Scheme::HTTP && !plaintext && !is_this_machine(host) {
            return Err(AddressError::Plaintext(url));
        }
        Ok(Self { url, authorization: userinfo.map(authorization) })
    }

    /// The URL of one of its resources.
    pub(super) fn resource(&self, name: &str) -> String {
        format!("{}/{name}", self.url)
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.url.starts_with("https:")
    }
}

fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let ip: Result<IpAddr, _> = host.parse();
    // RFC 6761: names in `localhost` never leave the machine.
    ip.is_ok_and(|ip| ip.is_loopback())
        || host.eq_ignore_ascii_case("localhost")
        || host.to_ascii_lowercase().ends_with(".localhost")
}

/// RFC 7617: the name and the password, which in a URL are percent-encoded.
fn authorization(userinfo: &str) -> HeaderValue {
    let (name, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let mut plain: Vec<u8> = percent_decode_str(name).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(password));
    let mut value = HeaderValue::try_from(format!("Basic {}", BASE64.encode(&plain)))
        .expect("a word and base64 are what a header can hold");
    value.set_sensitive(true);
    value
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// A language as Presidio names them: `en`, `pt-br`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language(String);

/// A text that names no language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give the code of a language, such as `en`")]
pub struct LanguageError;

impl Language {
    /// Its code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Language {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(code: &str) -> Result<Self, LanguageError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if (2..=16).contains(&code.len()) && code.bytes().all(fits) {
            Ok(Self(code.to_owned()))
        } else {
            Err(LanguageError)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<String, AddressError> {
        Address::parse(url, false).map(|address| address.to_string())
    }

    #[test]
    fn urls_are_taken_apart() {
        for (url, shown) in [
            ("http://127.0.0.1:5002", "http://127.0.0.1:5002"),
            ("http://LOCALHOST:5002/", "http://LOCALHOST:5002"),
            ("http://[::1]:5002/presidio/analyzer/", "http://[::1]:5002/presidio/analyzer"),
            ("https://analyzer.example.org", "https://analyzer.example.org"),
            ("https://mara:hunter2@analyzer.example.org:8443/a", "https://analyzer.example.org:8443/a"),
        ] {
            assert_eq!(parse(url).as_deref(), Ok(shown));
        }
        let address = Address::parse("http://127.0.0.1/a", false).unwrap();
        assert_eq!(address.resource("analyze"), "http://127.0.0.1/a/analyze");
    }

    #[test]
    fn what_is_no_url_is_refused_and_not_quoted() {
        for url in [
            "",
            "hunter2",
            "127.0.0.1:5002",
            "/analyze",
            "ftp://hunter2@127.0.0.1",
            "http://",
            "http:///hunter2",
            "http://:5002",
            "http://mara:hunter2@",
            "http://mara:hunter2@127.0.0.1:99999",
            "http://127.0.0.1/hunter2 ",
            "http://127.0.0.1/\u{1b}[31m",
            "http://127.0.0.1?hunter2",
            "http://127.0.0.1/a?b=hunter2",
            "http://127.0.0.1/#hunter2",
        ] {
            let error = parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{url}");
        }
    }

    #[test]
    fn unencrypted_texts_go_to_another_machine_only_if_that_is_allowed() {
        for url in [
            "http://presidio-analyzer:5002",
            "http://mara:hunter2@192.0.2.1",
            "http://localhost.example.org",
            "http://127.0.0.1.example.org",
            "http://127.0.0.1@192.0.2.1",
            "http://[2001:db8::1]:5002",
            "http://0.0.0.0",
        ] {
            let error = parse(url).unwrap_err();
            assert!(matches!(error, AddressError::Plaintext(_)), "{url}: {error:?}");
            assert!(!error.to_string().contains("hunter2"));
            assert!(Address::parse(url, true).is_ok());
        }
        assert!(parse("http://analyzer.localhost").is_ok());
        assert!(parse("http://127.255.0.1").is_ok());
    }

    #[test]
    fn credentials_are_sent_and_shown_to_nobody() {
        let shown = |url: &str| {
            let address = Address::parse(url, true).unwrap();
            assert!(!format!("{address} {address:?} {:?}", address.authorization).contains("hunter2"));
            address.authorization.map(|value| value.to_str().unwrap().to_owned())
        };
        let basic = |plain: &str| Some(format!("Basic {}", BASE64.encode(plain.as_bytes())));
        assert_eq!(shown("http://mara:hunter2@a"), basic("mara:hunter2"));
        assert_eq!(shown("http://mara:hunter%32@a"), basic("mara:hunter2"));
        assert_eq!(shown("http://mara@a"), basic("mara:"));
        assert_eq!(shown("http://a"), None);
    }

    #[test]
    fn a_language_is_a_code() {
        assert_eq!("pt-BR".parse::<Language>().unwrap().as_str(), "pt-BR");
        for bad in ["", "e", "en&a=b", "de\n", "a language of its own"] {
            assert!(bad.parse::<Language>().is_err());
        }
    }
}

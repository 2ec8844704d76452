//! Logs and witnesses on other machines, over HTTP.

use std::{fmt, io, net::IpAddr, time::Duration};

use rustls::crypto::aws_lc_rs;
use ureq::{
    Agent,
    http::{HeaderValue, Response, Uri, header, uri::Scheme},
    tls::{Certificate, RootCerts, TlsConfig},
};
use zeroize::Zeroizing;

/// The longest time until there is a connection, with TLS.
const CONNECT: Duration = Duration::from_secs(5);

/// A log or a witness on another machine. Its calls wait for the network.
pub struct Remote {
    agent: Agent,
    base: String,
    token: Option<HeaderValue>,
}

/// Why another machine could not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemoteError {
    /// It is no URL of HTTP with a host. It is not shown: who knows where in it a password stands.
    NotUrl,
    /// Everyone on the way could read and change what is sent.
    Plaintext,
    /// What should be a token has signs that no token has.
    NotToken,
    /// Nothing answers there.
    NoConnection,
    /// It is too slow, or something swallows packets.
    TimedOut,
    /// Its certificate is not trusted.
    NotTrusted,
    /// It says more than is read, in bytes.
    TooLong(u64),
    /// It does not speak HTTP, or breaks off.
    Answer,
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUrl => f.write_str("its URL is none of the form `https://log.example.org/ledger`"),
            Self::Plaintext => {
                f.write_str("it is on another machine and its URL is unencrypted: give an `https://` URL")
            }
            Self::NotToken => f.write_str("the token is none: one line of letters and signs is expected"),
            Self::NoConnection => f.write_str("it can't be reached; is its URL right, and does it run?"),
            Self::TimedOut => f.write_str("it did not answer in time"),
            Self::NotTrusted => {
                f.write_str("its certificate is not trusted; add its authority to the system's certificates")
            }
            Self::TooLong(most) => write!(f, "its answer is longer than the {most} bytes that are read"),
            Self::Answer => f.write_str("what it answers is no HTTP"),
        }
    }
}

impl std::error::Error for RemoteError {}

impl Remote {
    /// What answers below `url`. It is not asked yet. Another machine may be spoken to without TLS only where `plaintext` says so.
    ///
    /// # Errors
    /// When the URL is none, or must not be used.
    pub fn new(url: &str, plaintext: bool, timeout: Duration) -> Result<Self, RemoteError> {
        let (base, encrypted) = address(url, plaintext)?;
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .timeout_connect(Some(timeout.min(CONNECT)))
            // To whom the operator said and to nobody else: not to a proxy of the environment's, nor where a redirect points to.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent("tacita")
            .tls_config(tls(encrypted))
            .build();
        Ok(Self { agent: config.new_agent(), base, token: None })
    }

    /// With a token that is shown with each question.
    ///
    /// # Errors
    /// [`RemoteError::NotToken`] when it has signs that no token has.
    pub fn with_token(mut self, token: &str) -> Result<Self, RemoteError> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(RemoteError::NotToken);
        }
        let value = Zeroizing::new(format!("Bearer {token}"));
        let mut value = HeaderValue::from_str(&value).map_err(|_| RemoteError::NotToken)?;
        value.set_sensitive(true);
        self.token = Some(value);
        Ok(self)
    }

    /// The URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.base
    }

    /// Status and body of what answers `GET` of `path`, of which at most `most` bytes are read.
    ///
    /// # Errors
    /// When nothing comes, or more.
    pub fn get(&self, path: &str, most: u64) -> Result<(u16, Vec<u8>), RemoteError> {
        let mut request = self.agent.get(format!("{}/{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, token);
        }
        read(request.call(), most)
    }

    /// The same for `POST` of a text.
    ///
    /// # Errors
    /// When nothing comes, or more.
    pub fn post(&self, path: &str, text: &str, most: u64) -> Result<(u16, Vec<u8>), RemoteError> {
        let request = self.agent.post(format!("{}/{path}", self.base));
        let request = request.header(header::CONTENT_TYPE, "text/plain; charset=utf-8");
        read(request.send(text), most)
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("base", &self.base).finish_non_exhaustive()
    }
}

fn read(answer: Result<Response<ureq::Body>, ureq::Error>, most: u64) -> Result<(u16, Vec<u8>), RemoteError> {
    let mut response = answer.map_err(|error| cause(&error, most))?;
    let body = response.body_mut().with_config().limit(most).read_to_vec();
    Ok((response.status().as_u16(), body.map_err(|error| cause(&error, most))?))
}

/// The address without a slash at its end, and whether it is encrypted.
fn address(url: &str, plaintext: bool) -> Result<(String, bool), RemoteError> {
    let url = url.trim_end_matches('/');
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains(['?', '#', '@']) {
        return Err(RemoteError::NotUrl);
    }
    let uri: Uri = url.parse().map_err(|_| RemoteError::NotUrl)?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or(RemoteError::NotUrl)?;
    let encrypted = uri.scheme() == Some(&Scheme::HTTPS);
    if !encrypted {
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err(RemoteError::NotUrl);
        }
        if !plaintext && !is_this_machine(host) {
            return Err(RemoteError::Plaintext);
        }
    }
    Ok((url.to_owned(), encrypted))
}

fn is_this_machine(host: &str) -> bool {
    let ip: Result<IpAddr, _> = host.trim_start_matches('[').trim_end_matches(']').parse();
    // RFC 6761: names in `localhost` never leave the machine.
    ip.is_ok_and(|ip| ip.is_loopback())
        || host.eq_ignore_ascii_case("localhost")
        || host.to_ascii_lowercase().ends_with(".localhost")
}

/// TLS trusts whom the system trusts, so that a witness can have a certificate of its company's own authority.
fn tls(encrypted: bool) -> TlsConfig {
    let mut config =
        TlsConfig::builder().unversioned_rustls_crypto_provider(aws_lc_rs::default_provider().into());
    if encrypted {
        let certificates = rustls_native_certs::load_native_certs().certs;
        let certificates = certificates.iter().map(|der| Certificate::from_der(der).to_owned());
        config = config.root_certs(RootCerts::from(certificates));
    }
    config.build()
}

fn cause(error: &ureq::Error, most: u64) -> RemoteError {
    use io::ErrorKind as Kind;
    match error {
        ureq::Error::BodyExceedsLimit(_) => RemoteError::TooLong(most),
        ureq::Error::Timeout(_) => RemoteError::TimedOut,
        ureq::Error::Tls(_) | ureq::Error::TlsRequired | ureq::Error::Rustls(_) => RemoteError::NotTrusted,
        ureq::Error::Io(error)
            if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>) =>
        {
            RemoteError::NotTrusted
        }
        ureq::Error::Io(error) if matches!(error.kind(), Kind::TimedOut | Kind::WouldBlock) => {
            RemoteError::TimedOut
        }
        ureq::Error::Io(_) | ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => {
            RemoteError::NoConnection
        }
        _ => RemoteError::Answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_that_nobody_on_the_way_can_read_are_taken() {
        let new = |url: &str| Remote::new(url, false, CONNECT).map(|remote| remote.url().to_owned());
        assert_eq!(new("https://log.example.org/ledger/"), Ok("https://log.example.org/ledger".to_owned()));
        for url in ["http://127.0.0.1:8787/x", "http://[::1]/x", "http://localhost/x"] {
            assert!(new(url).is_ok(), "{url}");
        }
        assert_eq!(new("http://log.example.org"), Err(RemoteError::Plaintext));
        assert!(Remote::new("http://log.example.org", true, CONNECT).is_ok());
        for url in
            ["", "log.example.org", "ftp://a", "https://", "https://mara:x@a", "https://a/?b", "https://a b"]
        {
            assert_eq!(new(url), Err(RemoteError::NotUrl), "{url}");
        }
    }

    #[test]
    fn tokens_are_one_line_and_not_shown() {
        let new = |token: &str| Remote::new("https://a", false, CONNECT).unwrap().with_token(token);
        for token in ["", "a b", "a\n"] {
            assert_eq!(new(token).unwrap_err(), RemoteError::NotToken);
        }
        assert!(!format!("{:?}", new("hunter2").unwrap()).contains("hunter2"));
    }
}

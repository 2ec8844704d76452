//! The requests, each with its limits.

use std::{io, time::Duration};

use rustls::crypto::aws_lc_rs;
use serde::Serialize;
use ureq::{
    Agent, RequestBuilder,
    http::{Response, header},
    tls::{Certificate, RootCerts, TlsConfig},
};

use super::{
    account::Cause,
    address::{Address, Language},
};

/// The longest answer in bytes. A window of nothing but digits makes some three thousand results of a few hundred bytes.
const LONGEST: u64 = 16 * 1024 * 1024;
/// The longest time until there is a connection, with TLS.
const CONNECT: Duration = Duration::from_secs(2);

/// Asks one analyzer. Connections are kept for the next requests.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    address: Address,
    language: Language,
}

#[derive(Serialize)]
struct Request<'a> {
    text: &'a str,
    language: &'a str,
}

impl Client {
    pub(super) fn new(address: &Address, language: Language, timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .timeout_connect(Some(timeout.min(CONNECT)))
            // Texts go where the user said and nowhere else: not to a proxy of the environment's, nor where a redirect
            // points to.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent("tacita")
            .accept("application/json")
            .tls_config(tls(address))
            .build();
        Self { agent: config.new_agent(), address: address.clone(), language }
    }

    /// What it answers about a text.
    pub(super) fn analyze(&self, text: &str) -> Result<Vec<u8>, Cause> {
        let request = Request { text, language: self.language.as_str() };
        let body = serde_json::to_vec(&request).expect("strings are JSON");
        let request = self.agent.post(self.address.resource("analyze"));
        let request = self.authorized(request).header(header::CONTENT_TYPE, "application/json");
        content(request.send(&body[..]))
    }

    /// What it answers about its types.
    pub(super) fn entities(&self) -> Result<Vec<u8>, Cause> {
        let resource = self.address.resource("supportedentities");
        content(self.authorized(self.agent.get(format!("{resource}?language={}", self.language))).call())
    }

    fn authorized<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match &self.address.authorization {
            Some(value) => request.header(header::AUTHORIZATION, value),
            None => request,
        }
    }
}

/// TLS trusts whom the system trusts, so that an analyzer inside of a company can have a certificate of its own authority.
fn tls(address: &Address) -> TlsConfig {
    let mut config =
        TlsConfig::builder().unversioned_rustls_crypto_provider(aws_lc_rs::default_provider().into());
    if address.is_encrypted() {
        let certificates = rustls_native_certs::load_native_certs().certs;
        let certificates = certificates.iter().map(|der| Certificate::from_der(der).to_owned());
        config = config.root_certs(RootCerts::from(certificates));
    }
    config.build()
}

fn content(response: Result<Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>, Cause> {
    let mut response = response.map_err(|error| cause(&error))?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(Cause::Status(status));
    }
    response.body_mut().with_config().limit(LONGEST).read_to_vec().map_err(|error| cause(&error))
}

fn cause(error: &ureq::Error) -> Cause {
    use io::ErrorKind as Kind;
    match error {
        ureq::Error::Timeout(_) => Cause::TimedOut,
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => Cause::NoConnection,
        ureq::Error::Tls(_) | ureq::Error::TlsRequired | ureq::Error::Rustls(_) => Cause::NotTrusted,
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => Cause::TooLong,
        ureq::Error::Io(error) if is_of_tls(error) => Cause::NotTrusted,
        ureq::Error::Io(error) => match error.kind() {
            Kind::TimedOut | Kind::WouldBlock => Cause::TimedOut,
            Kind::BrokenPipe
            | Kind::ConnectionAborted
            | Kind::ConnectionReset
            | Kind::InvalidData
            | Kind::UnexpectedEof => Cause::Broken,
            // Refused, unreachable, and names that are not known, which have no kind of their own.
            _ => Cause::NoConnection,
        },
        _ => Cause::Broken,
    }
}

/// Whether TLS is what failed while something was read or written.
fn is_of_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
}

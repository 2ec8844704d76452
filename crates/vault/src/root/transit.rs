//! A root key that stays in a key management service: the transit engine of HashiCorp Vault or OpenBao.

use std::{
    fmt,
    io::{self, Read},
    net::IpAddr,
    path::PathBuf,
    time::Duration,
};

use data_encoding::BASE64;
use rustls::crypto::aws_lc_rs;
use serde::{Deserialize, Serialize};
use ureq::{
    Agent,
    http::{HeaderValue, Uri, header, uri::Scheme},
    tls::{Certificate, RootCerts, TlsConfig},
};
use zeroize::{Zeroize, Zeroizing};

use crate::{UnwrapError, Wrapped, wrapped};

/// The longest answer in bytes.
const LONGEST: u64 = 64 * 1024;
/// The longest token in bytes.
const LONGEST_TOKEN: u64 = 8 * 1024;
/// The longest time until there is a connection, with TLS.
const CONNECT: Duration = Duration::from_secs(5);

/// Where the key management service is, and which of its keys is the root key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitSettings {
    /// Its URL, such as `https://vault.example.org:8200`.
    pub address: String,
    /// Where the transit engine is mounted; usually `transit`.
    pub mount: String,
    /// The name of the key. It is to be of a type that takes associated data: `aes256-gcm96` (which is the usual one) or
    /// `chacha20-poly1305`.
    pub key: String,
    /// The file that holds the token; it is read each time, so that an agent may renew it.
    pub token_file: PathBuf,
    /// The namespace, where the service has such.
    pub namespace: Option<String>,
    /// Whether another machine may be spoken to without TLS.
    pub plaintext: bool,
    /// The longest time for one request.
    pub timeout: Duration,
}

/// A root key in a key management service. Its calls wait for the network.
pub struct Transit {
    agent: Agent,
    encrypt: String,
    decrypt: String,
    token_file: PathBuf,
    namespace: Option<HeaderValue>,
}

/// Why the key management service can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransitError {
    /// It is no URL of HTTP with a host. It is not shown: who knows where in it a password stands.
    #[error("the key management service's URL is none of the form `https://vault.example.org:8200`")]
    NotUrl,
    /// Everyone on the way could read the keys.
    #[error(
        "the key management service is on another machine and its URL is unencrypted: give an `https://` URL"
    )]
    Plaintext,
    /// A name that would lead elsewhere.
    #[error(
        "`{0}` is no name of a mount, a key or a namespace: letters, digits, `-`, `_`, `.` and `/` make one"
    )]
    Name(String),
    /// The token can't be read.
    #[error("the token's file `{path}`: {error}")]
    Token {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        error: io::Error,
    },
    /// What is in the file is no token. It is not shown.
    #[error("the file `{0}` holds no token: one line of letters and signs is expected")]
    NotToken(PathBuf),
    /// Everyone on this machine may use the token.
    #[error("the token's file `{0}` can be read by everyone: run `chmod o-rwx` on it")]
    TokenReadable(PathBuf),
    /// Nothing answers there.
    #[error("the key management service can't be reached; is its URL right, and does it run?")]
    NoConnection,
    /// It is too slow, or something swallows packets.
    #[error("the key management service did not answer in time")]
    TimedOut,
    /// Its certificate is not trusted.
    #[error(
        "the key management service's certificate is not trusted; add its authority to the system's certificates"
    )]
    NotTrusted,
    /// 403.
    #[error(
        "the key management service refuses the token: renew it, or let its policy `update` encrypt and decrypt of the key"
    )]
    Denied,
    /// 404.
    #[error("the key management service has no such transit engine, key or namespace")]
    NotFound,
    /// 503.
    #[error("the key management service is sealed or not ready: unseal it")]
    Sealed,
    /// 400.
    #[error(
        "the key management service refuses the key: it belongs to another key of the service's, or was changed or moved"
    )]
    Refused,
    /// Any other answer.
    #[error("the key management service answered with status {0}")]
    Status(u16),
    /// Something else is there.
    #[error("what answers at the key management service's URL is no transit engine")]
    Answer,
}

#[derive(Serialize)]
struct Encrypt<'a> {
    plaintext: &'a str,
    associated_data: &'a str,
}

#[derive(Serialize)]
struct Decrypt<'a> {
    ciphertext: &'a str,
    associated_data: &'a str,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Encrypted {
    ciphertext: String,
}

#[derive(Deserialize)]
struct Decrypted {
    plaintext: String,
}

impl Drop for Decrypted {
    fn drop(&mut self) {
        self.plaintext.zeroize();
    }
}

impl Transit {
    /// The service of these settings. It is not asked yet.
    ///
    /// # Errors
    /// When the settings can't be meant.
    pub fn new(settings: &TransitSettings) -> Result<Self, TransitError> {
        let (base, encrypted) = address(&settings.address, settings.plaintext)?;
        let mount = name(&settings.mount)?;
        let key = name(&settings.key)?;
        let namespace = settings.namespace.as_deref().map(name).transpose()?;
        let namespace = namespace.map(|name| HeaderValue::from_str(name).map_err(|_| TransitError::NotUrl));
        let config = Agent::config_builder()
            .timeout_global(Some(settings.timeout))
            .timeout_connect(Some(settings.timeout.min(CONNECT)))
            // Keys go where the operator said and nowhere else: not to a proxy of the environment's, nor where a redirect
            // points to.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent("tacita")
            .accept("application/json")
            .tls_config(tls(encrypted))
            .build();
        Ok(Self {
            agent: config.new_agent(),
            encrypt: format!("{base}/v1/{mount}/encrypt/{key}"),
            decrypt: format!("{base}/v1/{mount}/decrypt/{key}"),
            token_file: settings.token_file.clone(),
            namespace: namespace.transpose()?,
        })
    }

    pub(super) fn wrap(&self, associated: &[u8], bytes: &[u8]) -> Result<Wrapped, TransitError> {
        let plaintext = Zeroizing::new(BASE64.encode(bytes));
        let request = Encrypt { plaintext: &plaintext, associated_data: &BASE64.encode(associated) };
        let answer: Answer<Encrypted> = self.ask(&self.encrypt, &request)?;
        let text = answer.data.ciphertext.into_bytes();
        if text.is_empty() || text.len() >= wrapped::LONGEST || !text.iter().all(u8::is_ascii_graphic) {
            return Err(TransitError::Answer);
        }
        let mut wrapped = vec![wrapped::TRANSIT];
        wrapped.extend(text);
        Ok(Wrapped(wrapped))
    }

    pub(super) fn unwrap(&self, associated: &[u8], text: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
        let ciphertext = str::from_utf8(text).map_err(|_| UnwrapError::Malformed)?;
        let request = Decrypt { ciphertext, associated_data: &BASE64.encode(associated) };
        let answer: Answer<Decrypted> = self.ask(&self.decrypt, &request)?;
        let bytes = BASE64.decode(answer.data.plaintext.as_bytes()).map_err(|_| TransitError::Answer)?;
        Ok(Zeroizing::new(bytes))
    }

    fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        url: &str,
        request: &impl Serialize,
    ) -> Result<T, TransitError> {
        // Both hold a key, so that what they lie in has its room from the start and is wiped.
        let mut body = Zeroizing::new(Vec::with_capacity(LONGEST as usize));
        serde_json::to_writer(&mut *body, request).expect("strings always make JSON");
        let mut post = self
            .agent
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("X-Vault-Request", "true")
            .header("X-Vault-Token", self.token()?);
        if let Some(namespace) = &self.namespace {
            post = post.header("X-Vault-Namespace", namespace);
        }
        let mut response = post.send(&body[..]).map_err(|error| cause(&error))?;
        match response.status().as_u16() {
            200 => {}
            400 => return Err(TransitError::Refused),
            401 | 403 => return Err(TransitError::Denied),
            404 => return Err(TransitError::NotFound),
            503 => return Err(TransitError::Sealed),
            status => return Err(TransitError::Status(status)),
        }
        let answer = response.body_mut().with_config().limit(LONGEST).read_to_vec();
        let answer = Zeroizing::new(answer.map_err(|error| cause(&error))?);
        serde_json::from_slice(&answer).map_err(|_| TransitError::Answer)
    }

    fn token(&self) -> Result<HeaderValue, TransitError> {
        let path = &self.token_file;
        let failed = |error| TransitError::Token { path: path.clone(), error };
        let file = std::fs::File::open(path).map_err(failed)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            // A group may: the agent that renews it often is another user.
            if file.metadata().map_err(failed)?.mode() & 0o007 != 0 {
                return Err(TransitError::TokenReadable(path.clone()));
            }
        }
        let mut token = Zeroizing::new(String::new());
        file.take(LONGEST_TOKEN).read_to_string(&mut token).map_err(failed)?;
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TransitError::NotToken(path.clone()));
        }
        let mut value = HeaderValue::from_str(token).map_err(|_| TransitError::NotToken(path.clone()))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for Transit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transit").field("encrypt", &self.encrypt).finish_non_exhaustive()
    }
}

/// The address without a slash at its end, and whether it is encrypted.
fn address(url: &str, plaintext: bool) -> Result<(String, bool), TransitError> {
    let url = url.trim_end_matches('/');
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains(['?', '#', '@']) {
        return Err(TransitError::NotUrl);
    }
    let uri: Uri = url.parse().map_err(|_| TransitError::NotUrl)?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or(TransitError::NotUrl)?;
    let encrypted = uri.scheme() == Some(&Scheme::HTTPS);
    if !encrypted {
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err(TransitError::NotUrl);
        }
        if !plaintext && !is_this_machine(host) {
            return Err(TransitError::Plaintext);
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

/// A name that stands in a path and leads nowhere else.
fn name(name: &str) -> Result<&str, TransitError> {
    let good = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if name.split('/').all(good) { Ok(name) } else { Err(TransitError::Name(name.to_owned())) }
}

/// TLS trusts whom the system trusts, so that the service can have a certificate of its company's own authority.
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

fn cause(error: &ureq::Error) -> TransitError {
    use io::ErrorKind as Kind;
    match error {
        ureq::Error::Timeout(_) => TransitError::TimedOut,
        ureq::Error::Tls(_) | ureq::Error::TlsRequired | ureq::Error::Rustls(_) => TransitError::NotTrusted,
        ureq::Error::Io(error)
            if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>) =>
        {
            TransitError::NotTrusted
        }
        ureq::Error::Io(error) if matches!(error.kind(), Kind::TimedOut | Kind::WouldBlock) => {
            TransitError::TimedOut
        }
        ureq::Error::Io(_) | ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => {
            TransitError::NoConnection
        }
        _ => TransitError::Answer,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{BufRead, BufReader, Write},
        net::{TcpListener, TcpStream},
        path::Path,
        sync::{
            Arc, Mutex,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
    };

    use serde_json::{Value, json};

    use super::*;
    use crate::{
        OrganisationKey, Root, SecureMemory, UnwrapError,
        testing::{chance, organisation},
    };

    /// What the service answers to a request: path, headers and body.
    type Answers = dyn Fn(&str, &str, &Value) -> (u16, String) + Send + Sync;

    struct Service {
        address: String,
        folder: tempfile::TempDir,
        asked: Arc<AtomicUsize>,
    }

    impl Service {
        fn new(answers: impl Fn(&str, &str, &Value) -> (u16, String) + Send + Sync + 'static) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = format!("http://{}", listener.local_addr().unwrap());
            let asked = Arc::new(AtomicUsize::new(0));
            let (answers, count): (Arc<Answers>, _) = (Arc::new(answers), Arc::clone(&asked));
            // It ends with the tests.
            thread::spawn(move || {
                for connection in listener.incoming().flatten() {
                    let (answers, count) = (Arc::clone(&answers), Arc::clone(&count));
                    thread::spawn(move || serve(&connection, &*answers, &count));
                }
            });
            let folder = tempfile::tempdir().unwrap();
            write(&folder.path().join("token"), "hvs.token\n", 0o640);
            Self { address, folder, asked }
        }

        fn settings(&self) -> TransitSettings {
            TransitSettings {
                address: self.address.clone(),
                mount: "transit".to_owned(),
                key: "tacita".to_owned(),
                token_file: self.folder.path().join("token"),
                namespace: None,
                plaintext: false,
                timeout: Duration::from_secs(20),
            }
        }

        fn transit(&self) -> Transit {
            Transit::new(&self.settings()).unwrap()
        }
    }

    fn write(path: &Path, text: &str, _mode: u32) {
        fs::write(path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(path, fs::Permissions::from_mode(_mode)).unwrap();
        }
    }

    fn serve(connection: &TcpStream, answers: &Answers, asked: &AtomicUsize) -> Option<()> {
        let mut reader = BufReader::new(connection.try_clone().ok()?);
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if reader.read_line(&mut head).ok()? == 0 {
                    return None;
                }
            }
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
            let mut body = vec![0; length.parse().ok()?];
            reader.read_exact(&mut body).ok()?;
            asked.fetch_add(1, Ordering::SeqCst);
            let path = head.split(' ').nth(1)?;
            let (status, text) = answers(path, &head, &serde_json::from_slice(&body).ok()?);
            if status == 0 {
                // It never answers; the connection stays open until the other side gives up.
                reader.read_line(&mut String::new()).ok()?;
                return None;
            }
            let length = text.len();
            let head =
                format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nlocation: /elsewhere\r\n\r\n");
            (&mut &*connection).write_all(&[head.as_bytes(), text.as_bytes()].concat()).ok()?;
        }
    }

    /// What the engine does, with a cipher that any child opens.
    fn engine(path: &str, _: &str, body: &Value) -> (u16, String) {
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        match path {
            "/v1/transit/encrypt/tacita" => {
                let sealed = format!("vault:v1:{}.{}", text("plaintext"), text("associated_data"));
                (200, json!({ "data": { "ciphertext": sealed, "key_version": 1 } }).to_string())
            }
            "/v1/transit/decrypt/tacita" => {
                let sealed = text("ciphertext");
                match sealed.strip_prefix("vault:v1:").and_then(|sealed| sealed.split_once('.')) {
                    Some((plaintext, associated)) if associated == text("associated_data") => {
                        (200, json!({ "data": { "plaintext": plaintext } }).to_string())
                    }
                    _ => (400, json!({ "errors": ["cipher: message authentication failed"] }).to_string()),
                }
            }
            _ => (404, json!({ "errors": [] }).to_string()),
        }
    }

    #[test]
    fn keys_come_back_as_themselves_alone() {
        let service = Service::new(engine);
        let memory = SecureMemory::new();
        let root = Root::Transit(service.transit());
        let key = OrganisationKey::generate(organisation(1), &memory, &mut chance(1));
        let wrapped = Wrapped::parse(key.wrap(&root, &mut chance(2)).unwrap().into_bytes()).unwrap();
        assert!(wrapped.as_bytes()[1..].starts_with(b"vault:v1:"));
        assert_eq!(wrapped.key_version(), None);
        let again = OrganisationKey::unwrap(&root, organisation(1), 1, &wrapped, &memory).unwrap();
        assert_eq!(again.blind_index("email", b"x"), key.blind_index("email", b"x"));
        for (organisation, version) in [(organisation(2), 1), (organisation(1), 2)] {
            let refused = OrganisationKey::unwrap(&root, organisation, version, &wrapped, &memory);
            assert!(matches!(refused, Err(UnwrapError::Transit(TransitError::Refused))));
        }
        let local = Root::Local(crate::RootKey::generate(&memory, &mut chance(3)));
        let refused = OrganisationKey::unwrap(&local, organisation(1), 1, &wrapped, &memory);
        assert!(matches!(refused, Err(UnwrapError::OtherKindOfRoot)));
        let of_local = key.wrap(&local, &mut chance(2)).unwrap();
        let refused = OrganisationKey::unwrap(&root, organisation(1), 1, &of_local, &memory);
        assert!(matches!(refused, Err(UnwrapError::OtherKindOfRoot)));
    }

    #[test]
    fn the_token_comes_from_its_file_each_time_and_is_shown_to_nobody_else() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let heads = Arc::clone(&seen);
        let service = Service::new(move |path, head, body| {
            heads.lock().unwrap().push(head.to_owned());
            engine(path, head, body)
        });
        let settings = TransitSettings { namespace: Some("team/a".to_owned()), ..service.settings() };
        let transit = Transit::new(&settings).unwrap();
        transit.wrap(b"a", &[1; 32]).unwrap();
        write(&settings.token_file, "hvs.renewed", 0o600);
        transit.wrap(b"a", &[1; 32]).unwrap();
        let seen = seen.lock().unwrap();
        assert!(
            seen[0].contains("x-vault-token: hvs.token\r\n")
                && seen[0].contains("x-vault-namespace: team/a\r\n")
        );
        assert!(seen[0].contains("x-vault-request: true\r\n"));
        assert!(seen[1].contains("x-vault-token: hvs.renewed\r\n"));
        assert!(!format!("{transit:?} {settings:?}").contains("hvs."));
    }

    #[test]
    fn what_the_service_refuses_is_told_apart() {
        let status = Arc::new(AtomicUsize::new(0));
        let answered = Arc::clone(&status);
        let service = Service::new(move |_, _, _| {
            (answered.load(Ordering::SeqCst) as u16, json!({ "errors": ["hunter2"] }).to_string())
        });
        let transit = service.transit();
        let memory = SecureMemory::new();
        let root = Root::Transit(service.transit());
        for (given, expected) in [
            (400, "refuses the key"),
            (403, "renew it"),
            (404, "no such transit engine"),
            (503, "unseal it"),
            (500, "status 500"),
            (307, "status 307"),
            (200, "is no transit engine"),
        ] {
            status.store(given, Ordering::SeqCst);
            let refused = transit.wrap(b"a", &[1; 32]).unwrap_err().to_string();
            assert!(refused.contains(expected) && !refused.contains("hunter2"), "{given}: {refused}");
            let wrapped = Wrapped::parse(b"\x02vault:v1:abc".to_vec()).unwrap();
            let refused = root.unwrap_secret("database", &wrapped, &memory).unwrap_err().to_string();
            assert!(refused.contains(expected), "{given}: {refused}");
        }
        assert_eq!(
            service.asked.load(Ordering::SeqCst),
            14,
            "no redirect is followed, nothing is asked twice"
        );
    }

    #[test]
    fn answers_of_something_else_are_refused() {
        let answer = Arc::new(Mutex::new(String::new()));
        let given = Arc::clone(&answer);
        let service = Service::new(move |_, _, _| (200, given.lock().unwrap().clone()));
        let (transit, memory) = (service.transit(), SecureMemory::new());
        let root = Root::Transit(service.transit());
        let wrapped = Wrapped::parse(b"\x02vault:v1:abc".to_vec()).unwrap();
        for text in [
            String::new(),
            "<html>".to_owned(),
            json!({ "data": {} }).to_string(),
            json!({ "data": { "ciphertext": "", "plaintext": "" } }).to_string(),
            json!({ "data": { "ciphertext": "a b", "plaintext": "a b" } }).to_string(),
            json!({ "data": { "ciphertext": "x".repeat(5_000), "plaintext": "AAAA" } }).to_string(),
            json!({ "data": { "ciphertext": "x".repeat(70_000), "plaintext": "A".repeat(70_000) } })
                .to_string(),
        ] {
            answer.lock().unwrap().clone_from(&text);
            let refused = transit.wrap(b"a", &[1; 32]);
            assert!(matches!(refused, Err(TransitError::Answer)), "{refused:?} {}", text.len());
            assert!(root.unwrap_secret("database", &wrapped, &memory).is_err());
        }
    }

    #[test]
    fn a_service_that_is_silent_or_gone_is_not_waited_for() {
        let service = Service::new(|_, _, _| (0, String::new()));
        let settings = TransitSettings { timeout: Duration::from_millis(200), ..service.settings() };
        let refused = Transit::new(&settings).unwrap().wrap(b"a", &[1; 32]);
        assert!(matches!(refused, Err(TransitError::TimedOut)), "{refused:?}");

        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let settings = TransitSettings { address: format!("http://{gone}"), ..service.settings() };
        let refused = Transit::new(&settings).unwrap().wrap(b"a", &[1; 32]);
        assert!(matches!(refused, Err(TransitError::NoConnection)), "{refused:?}");
    }

    #[test]
    fn a_token_that_everyone_may_read_is_refused_and_sent_to_nobody() {
        let service = Service::new(engine);
        let path = service.settings().token_file;
        for (text, mode, expected) in [
            ("hvs.token", 0o644, "can be read by everyone"),
            ("", 0o600, "holds no token"),
            ("hvs token", 0o600, "holds no token"),
            ("hvs\r\nx-other: 1", 0o600, "holds no token"),
        ] {
            write(&path, text, mode);
            let refused = service.transit().wrap(b"a", &[1; 32]).unwrap_err().to_string();
            assert!(refused.contains(expected) && !refused.contains("hvs"), "{refused}");
        }
        fs::remove_file(&path).unwrap();
        assert!(matches!(service.transit().wrap(b"a", &[1; 32]), Err(TransitError::Token { .. })));
        assert_eq!(service.asked.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn settings_that_lead_elsewhere_are_refused() {
        let service = Service::new(engine);
        let with = |change: &dyn Fn(&mut TransitSettings)| {
            let mut settings = service.settings();
            change(&mut settings);
            Transit::new(&settings)
        };
        for url in [
            "",
            "vault",
            "ftp://127.0.0.1",
            "http://",
            "http://a:hunter2@127.0.0.1",
            "http://127.0.0.1/?a=hunter2",
        ] {
            let refused = with(&|settings| settings.address = url.to_owned()).unwrap_err();
            assert!(matches!(refused, TransitError::NotUrl), "{url}: {refused}");
            assert!(!format!("{refused} {refused:?}").contains("hunter2"));
        }
        let elsewhere = "http://vault.example.org:8200";
        let refused = with(&|settings| settings.address = elsewhere.to_owned());
        assert!(matches!(refused, Err(TransitError::Plaintext)));
        let allowed = with(&|settings| {
            settings.address = elsewhere.to_owned();
            settings.plaintext = true;
        });
        assert!(allowed.is_ok());
        for name in ["", "a/../b", "..", "a?b", "a b", "/a", "a/", "a%2fb"] {
            let key = with(&|settings| settings.key = name.to_owned());
            let mount = with(&|settings| settings.mount = name.to_owned());
            let namespace = with(&|settings| settings.namespace = Some(name.to_owned()));
            for refused in [key, mount, namespace] {
                assert!(matches!(refused, Err(TransitError::Name(_))), "{name}");
            }
        }
    }
}

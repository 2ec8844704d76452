//! What a server is started with.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    sync::Arc,
    time::Duration,
};

use tacita_detect::{Reader, Rules};
use tacita_language::presidio::Analyzer;
use tacita_service::Deployment;

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. Anything but the loopback address is warned about: detection takes no sign-in, and there is no TLS yet.
    pub listen: SocketAddr,
    /// Whether browsers reach the server over TLS: then the session's cookie is sent over nothing else.
    pub secure_cookies: bool,
    /// Is told of the link by which the first owner makes their account, where there is no owner: it is for whoever starts the
    /// server, and stands in no log.
    pub welcome: Option<fn(&str)>,
    /// What a client may ask of the server.
    pub limits: Limits,
    /// What is never reported, what always is, and further recognisers, in the native profile.
    pub rules: Rules,
    /// Who reads beside the recognisers, in the native profile.
    pub readers: Vec<Arc<dyn Reader>>,
    /// One more that reads beside them. What it did not read is counted, and logged.
    pub presidio: Option<Arc<Analyzer>>,
    /// What is kept, and where; without it the server detects and redacts, and keeps nothing.
    pub deployment: Option<Arc<Deployment>>,
    /// Threads that serve connections; large texts are scanned on threads of their own.
    pub workers: NonZeroUsize,
    /// Jobs that are done at a time.
    pub job_workers: NonZeroUsize,
}

/// What a client may ask of the server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest request body, in bytes.
    pub body: usize,
    /// Connections open at once; the next ones wait.
    pub connections: usize,
    /// How long a request's head may take to arrive, and how long a connection may idle between requests.
    pub head_timeout: Duration,
    /// How long a request's body may take to arrive.
    pub body_timeout: Duration,
    /// How long requests in flight may take to finish once the server was told to stop.
    pub shutdown: Duration,
}

impl Config {
    /// Where a server listens unless told otherwise.
    pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8787);
    /// The folder for data unless told otherwise.
    pub const DATA: &str = "tacita-data";
    /// How many jobs are done at a time unless told otherwise: they share the threads and the database with the requests.
    pub const JOB_WORKERS: NonZeroUsize = NonZeroUsize::new(4).expect("it is not zero");
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: Self::LISTEN,
            secure_cookies: false,
            welcome: None,
            limits: Limits::default(),
            rules: Rules::default(),
            readers: Vec::new(),
            presidio: None,
            deployment: None,
            workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            job_workers: Self::JOB_WORKERS,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 10_000_000,
            connections: 1024,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            shutdown: Duration::from_secs(20),
        }
    }
}

//! What a server is started with.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    sync::Arc,
};

use tacita_detect::{Reader, Rules};
use tacita_language::presidio::Analyzer;
use tacita_service::Deployment;

use crate::{limits::Limits, transport::Transport};

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How clients are spoken to. Without TLS a server only starts on a loopback address, or behind a proxy that has it.
    pub transport: Transport,
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

impl Config {
    /// Where a server listens unless told otherwise.
    pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8787);
    /// The folder for data unless told otherwise.
    pub const DATA: &str = "tacita-data";
    /// How many jobs are done at a time unless told otherwise: they share the threads and the database with the requests.
    pub const JOB_WORKERS: NonZeroUsize = NonZeroUsize::new(4).expect("it is not zero");
}

impl Config {
    /// The limits as they hold here: a server that only its own machine reaches learns nothing from addresses, unless a proxy stands
    /// before it.
    pub(crate) fn limits(&self) -> Limits {
        let alone = self.listen.ip().is_loopback() && self.limits.trusted_proxies.is_empty();
        if alone { self.limits.clone().without_addresses() } else { self.limits.clone() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: Self::LISTEN,
            transport: Transport::default(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_count_where_others_can_connect_or_a_proxy_says_whose_they_are() {
        let counts = |listen: &str, proxies: &[&str]| {
            let trusted_proxies = proxies.iter().map(|network| network.parse().unwrap()).collect();
            let limits = Limits { trusted_proxies, ..Limits::default() };
            let config = Config { listen: listen.parse().unwrap(), limits, ..Config::default() };
            let limits = config.limits();
            let shares = limits.of_an_address();
            assert_eq!(limits.rates.address.is_some(), shares.in_flight < usize::MAX);
            assert_eq!(limits.rates.address.is_some(), shares.connections < usize::MAX);
            limits.rates.address.is_some()
        };
        assert!(!counts("127.0.0.1:8787", &[]) && !counts("[::1]:8787", &[]));
        assert!(counts("127.0.0.1:8787", &["127.0.0.1/32"]) && counts("192.0.2.1:8787", &[]));
    }
}

//! TLS on the way in: which versions and key exchanges, and the certificate that is shown.

use std::{fmt, io, sync::Arc, time::Duration};

use rustls::{
    CipherSuite, NamedGroup, ServerConfig, SupportedProtocolVersion,
    crypto::{
        CryptoProvider, SupportedKxGroup,
        aws_lc_rs::{self, kx_group},
    },
    server::{Acceptor, ClientHello},
    version::{TLS12, TLS13},
};
use tacita_domain::Timestamp;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time::{MissedTickBehavior, interval},
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

use super::{
    Certificate, PostQuantum, Tls, TlsError, Transport,
    acme::Renewal,
    acme_tls::{self, Challenges},
    certificate::{Identity, Shown},
    counts::TlsCounts,
    files::{self, Pair},
    self_made,
};

/// How often files are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// Days before the end of a certificate at which an operator is told, once a day.
const WARN: i64 = 14;
const DAY: i64 = 24 * 60 * 60;
/// HTTP/2 first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// How connections are taken in.
#[derive(Clone)]
pub(crate) enum Door {
    Plain,
    Tls(Arc<TlsDoor>),
}

/// Suites that only who speaks TLS 1.3 names.
const OF_TLS13: [CipherSuite; 3] = [
    CipherSuite::TLS13_AES_128_GCM_SHA256,
    CipherSuite::TLS13_AES_256_GCM_SHA384,
    CipherSuite::TLS13_CHACHA20_POLY1305_SHA256,
];

/// How connections are taken in over TLS.
pub(crate) struct TlsDoor {
    /// For clients that can exchange keys by X25519MLKEM768: for them nothing else, whatever they would rather have.
    strong: Arc<ServerConfig>,
    /// For the others; nothing where they are refused.
    usual: Option<Arc<ServerConfig>>,
    provider: Arc<CryptoProvider>,
    shown: Arc<Shown>,
    source: Source,
    counts: TlsCounts,
}

enum Source {
    Files(Pair),
    SelfMade(Certificate),
    Acme(Renewal, Arc<Challenges>),
}

/// What has been seen of the certificate so far.
#[derive(Default)]
pub(crate) struct Watched {
    identity: Option<Identity>,
    /// The files as they were read, and as they were looked at last.
    read: Option<[(i64, i64, u64, u64); 2]>,
    looked: Option<[(i64, i64, u64, u64); 2]>,
    /// The day on which the operator was told of the end.
    told: i64,
}

impl Door {
    /// Reads, makes or looks up the certificate.
    pub(crate) fn open(
        transport: &Transport,
        counts: TlsCounts,
        now: Timestamp,
    ) -> Result<(Self, Watched), TlsError> {
        let Transport::Tls(tls) = transport else { return Ok((Self::Plain, Watched::default())) };
        let (door, watched) = TlsDoor::open(tls, counts, now)?;
        Ok((Self::Tls(Arc::new(door)), watched))
    }

    /// Keeps the certificate fresh, for ever.
    pub(crate) async fn keep(self, mut watched: Watched, clock: fn() -> Timestamp) {
        let Self::Tls(door) = self else { return std::future::pending().await };
        if let Source::Acme(renewal, challenges) = &door.source {
            return renewal.keep(challenges, &door.shown, &door.provider, &door.counts, clock).await;
        }
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            door.refresh(&mut watched, clock());
        }
    }
}

impl TlsDoor {
    fn open(tls: &Tls, counts: TlsCounts, now: Timestamp) -> Result<(Self, Watched), TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let shown = Arc::new(Shown::default());
        let mut watched = Watched::default();
        let source = match &tls.certificate {
            Certificate::Files { chain, key } => {
                let pair = Pair { chain: chain.clone(), key: key.clone() };
                watched.read = pair.mark();
                watched.looked = watched.read;
                watched.identity = Some(read(&pair, &provider)?);
                Source::Files(pair)
            }
            Certificate::SelfMade { folder, names } => {
                let (identity, new) = self_made::identity(folder, names, now, &provider)?;
                tell_of_self_made(&identity, new);
                watched.identity = Some(identity);
                Source::SelfMade(tls.certificate.clone())
            }
            Certificate::Acme(acme) => {
                let renewal = Renewal::new(acme)?;
                watched.identity = renewal.kept(&provider, now)?;
                Source::Acme(renewal, Arc::new(Challenges::default()))
            }
        };
        if let Some(identity) = &watched.identity {
            shown.show(identity);
            counts.until(identity.until);
            tracing::info!("the certificate is {}", identity.describe());
            if !identity.holds(now) {
                tracing::error!(
                    "the certificate does not hold now, and clients will refuse it: give another, or set the clock"
                );
            }
        }
        let strong = config(vec![kx_group::X25519MLKEM768], &[&TLS13], &shown)?;
        let usual = match tls.post_quantum {
            PostQuantum::Required => None,
            PostQuantum::Preferred => {
                let usual = vec![kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];
                Some(config(usual, &[&TLS13, &TLS12], &shown)?)
            }
        };
        Ok((Self { strong, usual, provider, shown, source, counts }, watched))
    }

    /// Takes a connection in; nothing where it was an authority that wanted to see a proof, and has seen it.
    ///
    /// # Errors
    /// When the client does not speak TLS as it must.
    pub(super) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
    ) -> io::Result<Option<TlsStream<S>>> {
        let accepted = self.take_in(stream).await;
        match &accepted {
            Ok(Some(stream)) => {
                let (_, session) = stream.get_ref();
                let group = session.negotiated_key_exchange_group().map(SupportedKxGroup::name);
                self.counts.shaken(session.protocol_version(), group);
            }
            Ok(None) => {}
            Err(_) => self.counts.failed(),
        }
        accepted
    }

    async fn take_in<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
    ) -> io::Result<Option<TlsStream<S>>> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let hello = start.client_hello();
        if let Source::Acme(_, challenges) = &self.source
            && acme_tls::asks(&hello)
        {
            let mut stream = start.into_stream(challenges.config(&self.provider)).await?;
            stream.shutdown().await?;
            return Ok(None);
        }
        let strong = is_strong(&hello);
        let config = match &self.usual {
            Some(usual) if !strong => usual,
            _ => &self.strong,
        };
        start.into_stream(Arc::clone(config)).await.map(Some)
    }

    /// Looks whether there is another certificate to show.
    pub(super) fn refresh(&self, watched: &mut Watched, now: Timestamp) {
        match &self.source {
            Source::Files(pair) => self.refresh_files(pair, watched, now),
            Source::SelfMade(Certificate::SelfMade { folder, names }) => {
                let fresh = |identity: &Identity| identity.left(now) > 30 * DAY;
                if !watched.identity.as_ref().is_some_and(fresh) {
                    match self_made::identity(folder, names, now, &self.provider) {
                        Ok((identity, new)) => {
                            tell_of_self_made(&identity, new);
                            self.show(watched, identity);
                        }
                        Err(error) => self.keep_old(watched, now, &error),
                    }
                }
            }
            Source::SelfMade(_) | Source::Acme(..) => {}
        }
        let day = now.micros() / 1_000_000 / DAY;
        if let Some(identity) = &watched.identity
            && identity.left(now) < WARN * DAY
            && watched.told != day
        {
            watched.told = day;
            tracing::warn!("the certificate ends soon or has ended: it is {}", identity.describe());
        }
    }

    /// Files are read once they have not changed between two looks: a chain and a key are rarely written at once.
    fn refresh_files(&self, pair: &Pair, watched: &mut Watched, now: Timestamp) {
        let mark = pair.mark();
        let still = mark == watched.looked;
        watched.looked = mark;
        if !still || mark == watched.read {
            return;
        }
        watched.read = mark;
        match read(pair, &self.provider) {
            Ok(new) if !new.holds(now) && watched.identity.as_ref().is_some_and(|old| old.holds(now)) => {
                tracing::error!(
                    "the new certificate does not hold now, and the one before is shown on: the new is {}",
                    new.describe()
                );
            }
            Ok(new) => {
                tracing::info!("a new certificate is shown: {}", new.describe());
                self.show(watched, new);
            }
            Err(error) => self.keep_old(watched, now, &error),
        }
    }

    fn show(&self, watched: &mut Watched, identity: Identity) {
        self.shown.show(&identity);
        self.counts.until(identity.until);
        watched.identity = Some(identity);
    }

    /// Says why the certificate before is shown on; once a day at most where nothing else changes.
    fn keep_old(&self, watched: &mut Watched, now: Timestamp, error: &TlsError) {
        let day = now.micros() / 1_000_000 / DAY;
        if matches!(self.source, Source::Files(_)) || watched.told != day {
            watched.told = day;
            tracing::error!("there is no new certificate, and the one before is shown on: {error}");
        }
    }
}

fn read(pair: &Pair, provider: &CryptoProvider) -> Result<Identity, TlsError> {
    let (chain, key) = (files::read(&pair.chain)?, files::read_secret(&pair.key)?);
    Identity::parse((&pair.chain, &chain), (&pair.key, &key), provider)
}

fn tell_of_self_made(identity: &Identity, new: bool) {
    let new = if new { "a new certificate was made" } else { "the certificate" };
    tracing::info!(
        "{new}: it vouches for itself, so compare its SHA-256 fingerprint where you connect: {}",
        identity.fingerprint()
    );
}

/// Whether a client can exchange keys by X25519MLKEM768: it names it, and speaks TLS 1.3, which alone has it.
fn is_strong(hello: &ClientHello<'_>) -> bool {
    let names_it = hello.named_groups().is_some_and(|groups| groups.contains(&NamedGroup::X25519MLKEM768));
    names_it && hello.cipher_suites().iter().any(|suite| OF_TLS13.contains(suite))
}

fn config(
    kx_groups: Vec<&'static dyn SupportedKxGroup>,
    versions: &[&'static SupportedProtocolVersion],
    shown: &Arc<Shown>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = CryptoProvider { kx_groups, ..aws_lc_rs::default_provider() };
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .map_err(|error| TlsError::Making(error.to_string()))?
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(shown) as _);
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
    Ok(Arc::new(config))
}

impl fmt::Debug for TlsDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsDoor").finish_non_exhaustive()
    }
}

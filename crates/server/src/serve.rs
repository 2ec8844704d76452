//! Listening, connections, and the way to stop.

use std::{error::Error, fmt, io, net::SocketAddr, panic, sync::Arc, time::Duration};

use tacita_detect::{Detector, Options, OptionsError};
use tacita_domain::OrganisationId;
use tacita_language::presidio::Analyzer;
use tacita_service::{Deployment, Error as ServiceError, JobTrouble, OpenError, Service, WitnessError};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::{Semaphore, oneshot, watch},
    time::{sleep, timeout},
};

use crate::{
    Config, Limits,
    router::{monotonic, routes_of},
    state::Server,
    transport::{Connections, Door, TlsError, Transport, serve_connection},
};

/// Threads that may wait for an analyzer's answers: they do no work, and must not keep those from it that do.
const WAITING: usize = 32;

/// Why a server did not start or did not go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeError {
    /// What is kept can't be opened.
    Deployment(OpenError),
    /// The database is not the newest one, or its ledgers can't be looked at.
    Ledger(tacita_service::Error),
    /// The address can't be listened on: in use, not of this machine, or reserved.
    Listen(SocketAddr, io::Error),
    /// The rules name a type that nothing finds.
    Rules(OptionsError),
    /// Clients can't be spoken to as they are to be.
    Transport(TlsError),
    /// The operating system gave no threads or no signals.
    System(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment(cause) => cause.fmt(f),
            Self::Ledger(cause) => cause.fmt(f),
            Self::Listen(address, error) => {
                write!(f, "can't listen on `{address}`: {error}; choose another with `--listen`")
            }
            Self::Rules(error) => write!(f, "the rules can't be followed: {error}"),
            Self::Transport(error) => error.fmt(f),
            Self::System(error) => write!(f, "the operating system refused threads or signals: {error}"),
        }
    }
}

impl Error for ServeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Rules(error) => Some(error),
            Self::Deployment(error) => Some(error),
            Self::Transport(error) => Some(error),
            Self::Ledger(error) => Some(error),
            Self::Listen(_, error) | Self::System(error) => Some(error),
        }
    }
}

/// Serves until the process is told to stop (SIGTERM, SIGINT), on threads of its own: the whole of `tacita serve`.
///
/// Logs to standard error unless the caller has installed a `tracing` subscriber.
///
/// # Errors
/// When the server can't start.
pub fn run(config: &Config) -> Result<(), ServeError> {
    // A subscriber of the caller's stays: that is no failure.
    let _ = tracing_subscriber::fmt().with_writer(io::stderr).try_init();
    // The message of a panic may quote text; the place alone is enough to find the fault.
    panic::set_hook(Box::new(|panic| {
        tracing::error!("panicked at {}", panic.location().map_or_else(String::new, ToString::to_string));
    }));
    let witnesses = config.deployment.as_ref().map_or(0, |deployment| deployment.ledger.witnesses.len());
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.workers.get())
        // Each witness is asked one thing at a time, and passwords are tried beside all else.
        .max_blocking_threads(
            config.workers.get()
                + witnesses
                + config.deployment.as_ref().map_or(0, |_| tacita_service::PASSWORDS_AT_A_TIME)
                + config.presidio.as_ref().map_or(0, |_| WAITING),
        )
        .enable_all()
        .build()
        .map_err(ServeError::System)?
        .block_on(serve(config))
}

/// Serves until the process is told to stop (SIGTERM, SIGINT).
///
/// # Errors
/// When the server can't start.
pub async fn serve(config: &Config) -> Result<(), ServeError> {
    config.transport.suits(config.listen).map_err(ServeError::Transport)?;
    let service = config.deployment.as_deref().map(|deployment| open(deployment, config)).transpose()?;
    if let Some(service) = &service {
        confirm(service).await?;
        service.found_platform().await.map_err(ServeError::Ledger)?;
    }
    let server = Server::new(config, service.clone(), monotonic()).map_err(ServeError::Rules)?;
    let clock = tacita_service::system_clock;
    let opened = Door::open(&config.transport, server.metrics.tls(), clock());
    let (door, watched) = opened.map_err(ServeError::Transport)?;
    let router = routes_of(config, &server);
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::System)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::System)?;
    let listener =
        TcpListener::bind(config.listen).await.map_err(|error| ServeError::Listen(config.listen, error))?;
    for warning in about_listening(config) {
        tracing::warn!("{warning}");
    }
    config.presidio.as_deref().inspect(|analyzer| tell_of(analyzer));
    tracing::info!(
        "listening on {}://{}",
        config.transport.scheme(),
        listener.local_addr().unwrap_or(config.listen)
    );
    if let Some(service) = &service {
        welcome(service, config).await?;
    }
    let told_to_stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let (stop_jobs, stopped) = oneshot::channel::<()>();
    let jobs = service.clone().map(|service| {
        let (workers, stop) = (config.job_workers, async { drop(stopped.await) });
        tokio::spawn(async move { service.work(workers, stop, tell_of_job).await })
    });
    let witnesses = service
        .clone()
        .map(|service| tokio::spawn(async move { service.keep_witnesses(tell_of_witness).await }));
    let ledgers = service
        .clone()
        .map(|service| tokio::spawn(async move { service.keep_ledgers(tell_of_ledger).await }));
    let certificates = tokio::spawn(door.clone().keep(watched, clock));
    let connections = Connections { router, limits: Arc::clone(&server.limits), door };
    serve_until(told_to_stop, listener, connections).await;
    drop(stop_jobs);
    if let Some(jobs) = jobs {
        drop(jobs.await);
    }
    if let Some(service) = service {
        // Requests that were cut off are refusals, and these are recorded before the end.
        drop(timeout(config.limits.shutdown, service.settle()).await);
        match service.unrecorded_refusals() {
            0 => {}
            lost => tracing::error!("{lost} refusals could not be recorded: the ledger does not show them"),
        }
    }
    for task in [ledgers, witnesses, Some(certificates)].into_iter().flatten() {
        task.abort();
        // What it was writing is written or not, as a whole.
        drop(task.await);
    }
    Ok(())
}

/// What those must know who let other machines in, or a proxy.
fn about_listening(config: &Config) -> Vec<String> {
    let mut warnings = Vec::new();
    let listen = config.listen;
    let is_plain = matches!(config.transport, Transport::Plain { .. });
    let proxies_are_named = !config.limits.trusted_proxies.is_empty();
    if listen.ip().to_canonical().is_loopback() {
        let public = config.deployment.as_ref().map(|deployment| &deployment.public_url);
        if let Some(public) = public.filter(|public| !public.is_of_this_machine())
            && is_plain
            && !proxies_are_named
        {
            warnings.push(format!(
                "browsers reach this server at {}, and so through a proxy on this machine, but no proxy is named in `trusted_proxies` of \
                 `[limits]`: nothing is limited by address",
                public.of("")
            ));
        }
        return warnings;
    }
    if is_plain {
        warnings.push(format!(
            "NOTHING IS ENCRYPTED on the way to {listen}, as the settings say `plaintext = true`: everybody between this machine and \
             the proxy that ends TLS can read and change what is sent"
        ));
    }
    warnings.push(format!(
        "other machines can reach {listen}: records take a token, but detection and redaction take no sign-in"
    ));
    if is_plain && !proxies_are_named {
        warnings.push(
            "no proxy is named in `trusted_proxies` of `[limits]`: all clients behind one share the limits of its address".to_owned(),
        );
    }
    warnings
}

/// Opens what is kept, having first given up what would let others read its keys.
fn open(deployment: &Deployment, config: &Config) -> Result<Service, ServeError> {
    for problem in tacita_service::harden() {
        tracing::warn!("{problem}");
    }
    let options =
        Options { rules: config.rules.clone(), readers: config.readers.clone(), ..Options::default() };
    let detector = Arc::new(Detector::new(options).map_err(ServeError::Rules)?);
    deployment.open(detector, tacita_service::system_clock).map_err(ServeError::Deployment)
}

/// Where nobody owns anything yet, says how the first owner makes their account.
async fn welcome(service: &Service, config: &Config) -> Result<(), ServeError> {
    let (Some(tell), Some(deployment)) = (config.welcome, &config.deployment) else { return Ok(()) };
    match service.owner_link().await {
        // What stands behind `#` a browser keeps to itself: it reaches no log.
        Ok(Some(link)) => {
            tell(&format!("{}#{}", deployment.public_url.of("/welcome"), *link.secret));
        }
        Ok(None) => {}
        // Several organisations: whose the link is to be, the operator says.
        Err(ServiceError::Invalid(why)) => tracing::warn!("{why}"),
        Err(error) => return Err(ServeError::Ledger(error)),
    }
    Ok(())
}

/// Refuses a database that is not the newest one, as far as the witnesses know.
async fn confirm(service: &Service) -> Result<(), ServeError> {
    for (organisation, error) in service.confirm_all().await.map_err(ServeError::Ledger)? {
        match error {
            // Data is taken all the same: entries wait for their places until a witness can be asked.
            ServiceError::Witness(WitnessError::Unasked { .. }) => tell_of_ledger(Some(organisation), &error),
            error => return Err(ServeError::Ledger(error)),
        }
    }
    Ok(())
}

/// Says that a witness could not be shown what was signed.
fn tell_of_witness(organisation: OrganisationId, witness: &str, why: &str) {
    tracing::warn!(
        "the witness `{witness}` of the ledger of the organisation {organisation}: {why}; it is tried again"
    );
}

/// Says that entries of a ledger could not be given their places.
fn tell_of_ledger(organisation: Option<OrganisationId>, error: &tacita_service::Error) {
    match organisation {
        Some(organisation) => tracing::error!(
            "the ledger of the organisation {organisation}: {error}; its entries wait, and it is tried again every minute at least"
        ),
        None => tracing::error!("the ledgers can't be kept at the moment: {error}"),
    }
}

/// Says that a job could not be done.
fn tell_of_job(trouble: &JobTrouble) {
    match trouble {
        JobTrouble::Failed { again: Some(_), .. } => tracing::warn!("{trouble}"),
        _ => tracing::error!("{trouble}"),
    }
}

/// Says that an analyzer reads beside the recognisers. That it starts later than we do is usual.
fn tell_of(analyzer: &Analyzer) {
    let address = analyzer.address();
    match analyzer.account().unanswered {
        None => tracing::info!("presidio at {address} reads beside the recognisers"),
        Some(cause) => tracing::warn!(
            "presidio at {address} does not name its types ({cause}): those that it usually has are taken for them, and \
             it is asked again with the next text"
        ),
    }
}

/// Serves until `told_to_stop`, then waits for the requests in flight.
async fn serve_until(
    told_to_stop: impl Future<Output = ()>,
    listener: TcpListener,
    connections: Connections,
) {
    let limits = Arc::clone(&connections.limits);
    let permits = Arc::new(Semaphore::new(limits.connections));
    let (stop, stopped) = watch::channel(());
    tokio::select! {
        () = accept(listener, connections, &permits, stopped) => {}
        () = told_to_stop => {}
    }
    drop(stop);
    drain(&limits, &permits).await;
}

/// Takes connections for ever; each has a permit while it is open.
async fn accept(
    listener: TcpListener,
    connections: Connections,
    permits: &Arc<Semaphore>,
    stopped: watch::Receiver<()>,
) {
    loop {
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(permits).acquire_owned().await else { return };
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, most likely: wait for some to close instead of spinning.
                tracing::warn!("can't accept a connection: {error}");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // What one address has too many of is closed at once, so that it keeps nobody else waiting.
        let Some(connected) = connections.limits.connect(peer) else { continue };
        let (connections, stopped) = (connections.clone(), stopped.clone());
        tokio::spawn(async move {
            serve_connection(&connections, stream, peer, stopped).await;
            drop((connected, permit));
        });
    }
}

/// Waits until all connections are closed, or the limit has passed.
async fn drain(limits: &Limits, connections: &Semaphore) {
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    if timeout(limits.shutdown, connections.acquire_many(all)).await.is_err() {
        tracing::warn!("stopping with requests unanswered after {} s", limits.shutdown.as_secs());
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        task::JoinHandle,
    };

    use super::*;
    use crate::{limits::Enforced, router};

    const BODY: &str = r#"{"text":"hello"}"#;

    /// A server on a port of its own, and what stops it.
    async fn start(limits: Limits) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let router = router(&Config { limits: limits.clone(), ..Config::default() }, None).unwrap();
        let limits = Arc::new(Enforced::new(&limits, monotonic()));
        let connections = Connections { router, limits, door: Door::Plain };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            serve_until(stopped, listener, connections).await;
        });
        (address, stop, served)
    }

    fn head() -> String {
        let length = BODY.len();
        format!(
            "POST /api/v1/detect HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )
    }

    async fn rest(stream: &mut TcpStream) -> String {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn some(stream: &mut TcpStream) -> String {
        let mut answer = vec![0; 4096];
        let length = stream.read(&mut answer).await.unwrap();
        String::from_utf8(answer[..length].to_vec()).unwrap()
    }

    #[tokio::test]
    async fn keeps_a_connection_for_the_next_request() {
        let (address, _stop, _served) = start(Limits::default()).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        for _ in 0..3 {
            stream.write_all(format!("{}{BODY}", head()).as_bytes()).await.unwrap();
            assert!(some(&mut stream).await.starts_with("HTTP/1.1 200"));
        }
    }

    #[tokio::test]
    async fn answers_the_request_in_flight_before_it_stops() {
        let (address, stop, served) = start(Limits::default()).await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The server has read the head when it asks for the body.
        let head = head().replace("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        assert!(some(&mut stream).await.starts_with("HTTP/1.1 100"));
        stop.send(()).unwrap();
        stream.write_all(BODY.as_bytes()).await.unwrap();
        assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
        assert_eq!(rest(&mut idle).await, "");
        served.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn stops_after_the_limit_with_a_request_unanswered() {
        let limits = Limits { shutdown: Duration::from_millis(10), ..Limits::default() };
        let (address, stop, served) = start(limits).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(head().replace("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n").as_bytes())
            .await
            .unwrap();
        some(&mut stream).await;
        stop.send(()).unwrap();
        served.await.unwrap();
    }

    #[tokio::test]
    async fn refuses_a_head_that_is_too_large() {
        let (address, _stop, _served) = start(Limits::default()).await;
        for head in [
            format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(16 * 1024)),
            format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(65)),
        ] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            let answer = rest(&mut stream).await;
            assert!(answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 414"), "{answer}");
        }
    }

    #[tokio::test]
    async fn closes_a_connection_whose_head_does_not_come() {
        let limits = Limits { head_timeout: Duration::from_millis(10), ..Limits::default() };
        let (address, _stop, _served) = start(limits).await;
        for start in ["", "GET / HT"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(start.as_bytes()).await.unwrap();
            rest(&mut stream).await;
        }
    }

    #[tokio::test]
    async fn a_connection_over_the_limit_waits_for_another_to_close() {
        let (address, _stop, _served) = start(Limits { connections: 1, ..Limits::default() }).await;
        let mut first = TcpStream::connect(address).await.unwrap();
        let mut second = TcpStream::connect(address).await.unwrap();
        let get = b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n";
        second.write_all(get).await.unwrap();
        first.write_all(get).await.unwrap();
        assert!(some(&mut first).await.ends_with("ok"));
        let early = timeout(Duration::from_millis(10), some(&mut second)).await;
        assert!(early.is_err());
        drop(first);
        assert!(some(&mut second).await.ends_with("ok"));
    }

    #[tokio::test]
    async fn a_connection_over_the_share_of_its_address_is_closed_at_once() {
        let limits = Limits { connections_per_address: Some(2), ..Limits::default() };
        let (address, _stop, _served) = start(limits).await;
        let get = b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n";
        let mut open = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(get).await.unwrap();
            assert!(some(&mut stream).await.ends_with("ok"));
            open.push(stream);
        }
        let mut third = TcpStream::connect(address).await.unwrap();
        assert_eq!(third.read(&mut [0; 64]).await.unwrap_or(0), 0, "it is closed without an answer");
        drop(open);
        // Until the server has seen that the others are gone.
        loop {
            let mut again = TcpStream::connect(address).await.unwrap();
            if again.write_all(get).await.is_ok() && again.read(&mut [0; 64]).await.unwrap_or(0) > 0 {
                break;
            }
        }
    }

    #[test]
    fn whoever_puts_a_proxy_before_it_is_told_what_does_not_hold() {
        let config = |listen: &str, public: &str, proxies: &[&str]| {
            let mut deployment = Deployment::in_folder("data".into());
            deployment.public_url = public.parse().unwrap();
            let trusted_proxies = proxies.iter().map(|network| network.parse().unwrap()).collect();
            Config {
                listen: listen.parse().unwrap(),
                limits: Limits { trusted_proxies, ..Limits::default() },
                deployment: Some(Arc::new(deployment)),
                ..Config::default()
            }
        };
        let (here, public) = ("127.0.0.1:8787", "https://privacy.example.org");
        let told = about_listening(&config(here, public, &[]));
        assert!(
            matches!(&told[..], [one] if one.contains(public) && one.contains("trusted_proxies")),
            "{told:?}"
        );
        assert!(about_listening(&config(here, public, &["127.0.0.1/32"])).is_empty());
        assert!(about_listening(&config(here, "http://localhost:8787", &[])).is_empty());
        assert_eq!(about_listening(&config("192.0.2.1:8787", public, &[])).len(), 3);
    }

    #[tokio::test]
    async fn says_why_it_does_not_start() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listen = taken.local_addr().unwrap();
        let config = Config { listen, ..Config::default() };
        let error = serve(&config).await.unwrap_err().to_string();
        assert!(error.contains(&listen.to_string()) && error.contains("--listen"), "{error}");

        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("file"), "").unwrap();
        let deployment = Arc::new(Deployment::in_folder(data.path().join("file/in")));
        let config = Config { deployment: Some(deployment), ..config };
        assert!(matches!(serve(&config).await, Err(ServeError::Deployment(..))));
    }
}

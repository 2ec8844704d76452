//! Listening, connections, and the way to stop.

use std::{error::Error, fmt, io, net::SocketAddr, path::PathBuf, sync::Arc};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};

use crate::{Config, Limits};

/// Bytes that a request's head may have.
const HEAD_BYTES: usize = 16 * 1024;
/// Headers that a request may have.
const HEADERS: usize = 64;

/// Why a server did not start or did not go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeError {
    /// The data folder can't be made or read.
    Data(PathBuf, io::Error),
    /// The address can't be listened on: in use, not of this machine, or reserved.
    Listen(SocketAddr, io::Error),
    /// The operating system gave no threads or no signals.
    System(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(path, error) => {
                write!(
                    f,
                    "can't use the data folder `{}`: {error}; choose another with `--data`",
                    path.display()
                )
            }
            Self::Listen(address, error) => {
                write!(f, "can't listen on `{address}`: {error}; choose another with `--listen`")
            }
            Self::System(error) => write!(f, "the operating system refused threads or signals: {error}"),
        }
    }
}

impl Error for ServeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Data(_, error) | Self::Listen(_, error) | Self::System(error) => Some(error),
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
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.workers.get())
        .max_blocking_threads(config.workers.get())
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
    std::fs::create_dir_all(&config.data).map_err(|error| ServeError::Data(config.data.clone(), error))?;
    let listener =
        TcpListener::bind(config.listen).await.map_err(|error| ServeError::Listen(config.listen, error))?;
    let (stop, stopped) = watch::channel(());
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::System)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::System)?;
    if !config.listen.ip().is_loopback() {
        tracing::warn!(
            "listening on {}, which other machines can reach, and there is no sign-in: whoever reaches it can use it",
            config.listen
        );
    }
    tracing::info!("listening on http://{}", listener.local_addr().unwrap_or(config.listen));
    let connections = Arc::new(Semaphore::new(config.limits.connections));
    tokio::select! {
        () = accept(listener, Router::new(), &config.limits, &connections, stopped) => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    drop(stop);
    drain(&config.limits, &connections).await;
    Ok(())
}

/// Takes connections for ever; each has a permit while it is open.
async fn accept(
    listener: TcpListener,
    router: Router,
    limits: &Limits,
    connections: &Arc<Semaphore>,
    stopped: watch::Receiver<()>,
) {
    loop {
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(connections).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, most likely: wait for some to close instead of spinning.
                tracing::warn!("can't accept a connection: {error}");
                sleep(std::time::Duration::from_millis(100)).await;
                continue;
            }
        };
        let connection = connection(stream, router.clone(), limits.clone(), stopped.clone());
        tokio::spawn(async move {
            connection.await;
            drop(permit);
        });
    }
}

/// Serves one connection; a request in flight when the server stops is answered before the connection closes.
async fn connection(stream: TcpStream, router: Router, limits: Limits, mut stopped: watch::Receiver<()>) {
    // Answers are small: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(served);
    // A client that breaks off is its own affair: errors of a connection end it and nothing else.
    tokio::select! {
        _ = served.as_mut() => {}
        _ = stopped.changed() => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    }
}

/// Waits until all connections are closed, or the limit has passed.
async fn drain(limits: &Limits, connections: &Semaphore) {
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    if timeout(limits.shutdown, connections.acquire_many(all)).await.is_err() {
        tracing::warn!("stopping with requests unanswered after {} s", limits.shutdown.as_secs());
    }
}

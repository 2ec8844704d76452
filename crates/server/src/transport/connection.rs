//! One connection: the handshake, and the requests that come over it.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, extract::Request, response::Response};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use pin_project_lite::pin_project;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};
use tower::Service;

use super::{Door, stalling::Stalling};
use crate::limits::{Enforced, Peer};

/// Requests that one connection of HTTP/2 may have open: what browsers and gRPC clients expect, no more.
const STREAMS: u32 = 100;
/// Streams that a client may open and give up before they were looked at, and that we may give up for its faults, until the
/// connection is closed (the attack known as rapid reset, CVE-2023-44487).
const RESETS: usize = 20;
/// Bytes of a body that a client may send before we have taken them.
const WINDOW: u32 = 256 * 1024;
/// The same for all bodies of a connection together.
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// How long a client of HTTP/2 has to answer a ping.
const PONG: Duration = Duration::from_secs(20);

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Connections {
    pub(crate) router: Router,
    pub(crate) limits: Arc<Enforced>,
    pub(crate) door: Door,
}

/// Serves one connection; a request in flight when the server stops is answered before the connection closes.
pub(crate) async fn serve(
    connections: &Connections,
    stream: TcpStream,
    peer: SocketAddr,
    stopped: watch::Receiver<()>,
) {
    // Answers are small: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let patience = connections.limits.answer_timeout;
    match &connections.door {
        Door::Plain => http_1(connections, Stalling::new(stream, patience), peer, stopped).await,
        Door::Tls(door) => {
            // A client that breaks off is its own affair: what fails here ends the connection and nothing else.
            let accepted = timeout(connections.limits.head_timeout, door.accept(stream)).await;
            let Ok(Ok(Some(stream))) = accepted else { return };
            let http_2_spoken = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let stream = Stalling::new(stream, patience);
            if http_2_spoken {
                http_2(connections, stream, peer, stopped).await;
            } else {
                http_1(connections, stream, peer, stopped).await;
            }
        }
    }
}

async fn http_1(
    connections: &Connections,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    mut stopped: watch::Receiver<()>,
) {
    let limits = &connections.limits;
    let arriving = Arriving { router: connections.router.clone(), peer, open: Arc::default() };
    let mut served = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_timeout)
            .max_buf_size(limits.head)
            .max_headers(limits.headers)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(arriving))
    );
    tokio::select! {
        _ = served.as_mut() => {}
        _ = stopped.changed() => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    }
}

async fn http_2(
    connections: &Connections,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    mut stopped: watch::Receiver<()>,
) {
    let limits = &connections.limits;
    let open = Arc::<Open>::default();
    let arriving = Arriving { router: connections.router.clone(), peer, open: Arc::clone(&open) };
    let mut served = pin!(
        http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX))
            .max_pending_accept_reset_streams(RESETS)
            .max_local_error_reset_streams(RESETS)
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .keep_alive_interval(limits.head_timeout)
            .keep_alive_timeout(PONG)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(arriving))
    );
    let mut idle = interval(limits.head_timeout);
    idle.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once.
    idle.tick().await;
    loop {
        tokio::select! {
            _ = served.as_mut() => return,
            _ = stopped.changed() => break,
            // A client that answers pings and asks nothing has its connection for as long as with HTTP/1.1.
            _ = idle.tick() => if open.was_idle() { break },
        }
    }
    served.as_mut().graceful_shutdown();
    let _ = served.await;
}

/// How many requests of a connection are open, and how many began since somebody looked.
#[derive(Debug, Default)]
struct Open {
    now: AtomicUsize,
    begun: AtomicUsize,
}

impl Open {
    /// Whether nothing was open since this was asked last.
    fn was_idle(&self) -> bool {
        let begun = self.begun.swap(0, Relaxed);
        self.now.load(Relaxed) == 0 && begun == 0
    }
}

/// Says with each request from where it comes.
#[derive(Clone)]
struct Arriving {
    router: Router,
    peer: SocketAddr,
    open: Arc<Open>,
}

impl Service<Request<Incoming>> for Arriving {
    type Response = Response;
    type Error = Infallible;
    type Future = Answered<<Router as Service<Request<Incoming>>>::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Incoming>>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(Peer(self.peer));
        self.open.now.fetch_add(1, Relaxed);
        self.open.begun.fetch_add(1, Relaxed);
        Answered { answered: self.router.call(request), _ends: Ends(Arc::clone(&self.open)) }
    }
}

pin_project! {
    struct Answered<F> {
        #[pin]
        answered: F,
        _ends: Ends,
    }
}

impl<F: Future> Future for Answered<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.project().answered.poll(context)
    }
}

struct Ends(Arc<Open>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Relaxed);
    }
}

//! Around every route: the trace, the limits, the counters, and problems made into answers.

use std::{
    any::Any,
    convert::Infallible,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Instant,
};

use axum::{
    extract::Request,
    http::header,
    response::{IntoResponse, Response},
};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::{
    cookie::Turned,
    limits::{Admission, Enforced, Held, Standing},
    metrics::RouteMetrics,
    problem::Problem,
    trace::{TRACEPARENT, Trace},
    transport::Headers,
};

/// Gives every answer of a route its trace and its headers, counts it, and makes problems into answers; what is over a limit does not
/// reach the route.
///
/// One hand-written layer: each layer that boxes its future costs a small request a few per cent.
#[derive(Clone, Debug)]
pub(crate) struct Observe {
    pub(crate) metrics: Arc<RouteMetrics>,
    /// None for what must answer however busy the server is.
    pub(crate) limits: Option<Arc<Enforced>>,
    pub(crate) headers: Headers,
    /// In whose words a problem is told.
    pub(crate) render: Render,
}

/// Makes a problem into an answer.
pub(crate) type Render = fn(&Problem, &Trace) -> Response;

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed { inner, observe: self.clone() }
    }
}

/// A route that is observed.
#[derive(Clone, Debug)]
pub(crate) struct Observed<S> {
    inner: S,
    observe: Observe,
}

impl<S> Service<Request> for Observed<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    #[expect(clippy::disallowed_methods, reason = "the metrics measure how long a request takes")]
    fn call(&mut self, mut request: Request) -> Self::Future {
        let started = Instant::now();
        let trace = Trace::of(request.headers());
        // What is recorded of the request belongs to its trace.
        request.extensions_mut().insert(trace);
        let turned = request.headers().contains_key(header::COOKIE).then(Turned::default);
        if let Some(turned) = &turned {
            request.extensions_mut().insert(turned.clone());
        }
        let (held, state) = self.let_in(request);
        let Observe { metrics, headers, render, .. } = self.observe.clone();
        Answering { state, held, started, trace, turned, metrics, headers, render }
    }
}

impl<S> Observed<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    /// Sends the request on, unless a limit is reached; the room that it takes is given back with what is returned first.
    fn let_in(&mut self, mut request: Request) -> (Option<Arc<Held>>, State<S::Future>) {
        let Some(limits) = &self.observe.limits else {
            return (None, State::Inner { inner: self.inner.call(request) });
        };
        let Some(held) = limits.enter() else {
            return (None, State::Refused { problem: Some(limits.no_room("requests")) });
        };
        let state = match limits.admit(&held, request.extensions(), request.headers()) {
            Admission::Refused(problem) => State::Refused { problem: Some(problem) },
            Admission::Welcome => {
                request.extensions_mut().insert(Arc::clone(&held));
                State::Inner { inner: self.inner.call(request) }
            }
            Admission::Ask(asked) => {
                request.extensions_mut().insert(Arc::clone(&held));
                // The one that is ready is taken along.
                let other = self.inner.clone();
                let mut inner = std::mem::replace(&mut self.inner, other);
                let (limits, held) = (Arc::clone(limits), Arc::clone(&held));
                let asking = async move {
                    match limits.ask(&asked, &held).await {
                        Ok(()) => inner.call(request).await,
                        Err(problem) => Ok(problem.into_response()),
                    }
                };
                State::Asking { asking: Box::pin(asking) }
            }
        };
        (Some(held), state)
    }
}

type Boxed = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

pin_project! {
    /// Where a request is.
    #[project = StateProjection]
    enum State<F> {
        Inner { #[pin] inner: F },
        Asking { asking: Boxed },
        Refused { problem: Option<Problem> },
    }
}

pin_project! {
    /// An answer in the making.
    pub(crate) struct Answering<F> {
        #[pin]
        state: State<F>,
        held: Option<Arc<Held>>,
        started: Instant,
        trace: Trace,
        turned: Option<Turned>,
        metrics: Arc<RouteMetrics>,
        headers: Headers,
        render: Render,
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for Answering<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // A fault in one request ends that request only. Nothing outlives the request that it could leave half done.
        let polled = catch_unwind(AssertUnwindSafe(|| match this.state.project() {
            StateProjection::Inner { inner } => inner.poll(context),
            StateProjection::Asking { asking } => asking.as_mut().poll(context),
            StateProjection::Refused { problem } => {
                Poll::Ready(Ok(problem.take().unwrap_or_else(Problem::internal).into_response()))
            }
        }));
        let mut response = match polled {
            Ok(polled) => match ready!(polled) {
                Ok(response) => response,
            },
            Err(panic) => failed(&panic, this.trace),
        };
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            response = (this.render)(&problem, this.trace);
        }
        let headers = response.headers_mut();
        headers.insert(TRACEPARENT, this.trace.header());
        this.headers.add(headers);
        if let Some(held) = this.held.take() {
            Standing::tell(&held.standings(), headers);
        }
        // An answer that sets the cookie itself knows better.
        if let Some(cookie) = this.turned.as_ref().and_then(Turned::get)
            && !headers.contains_key(header::SET_COOKIE)
        {
            headers.insert(header::SET_COOKIE, cookie.clone());
        }
        this.metrics.record(response.status(), this.started.elapsed());
        Poll::Ready(Ok(response))
    }
}

/// The panic's message may quote text, so it goes nowhere.
fn failed(_panic: &(dyn Any + Send), trace: &Trace) -> Response {
    tracing::error!(trace_id = trace.id(), "a request failed");
    Problem::internal().render(trace)
}

//! Around every route: the trace, the counters, and problems made into answers.

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

use axum::{extract::Request, http::header, response::Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::{
    cookie::Turned,
    metrics::RouteMetrics,
    problem::Problem,
    trace::{TRACEPARENT, Trace},
};

/// Gives every answer of a route its trace, counts it, and makes problems into answers.
///
/// One hand-written layer: each layer that boxes its future costs a small request a few per cent.
#[derive(Clone, Debug)]
pub(crate) struct Observe {
    pub(crate) metrics: Arc<RouteMetrics>,
}

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed { inner, metrics: Arc::clone(&self.metrics) }
    }
}

/// A route that is observed.
#[derive(Clone, Debug)]
pub(crate) struct Observed<S> {
    inner: S,
    metrics: Arc<RouteMetrics>,
}

impl<S> Service<Request> for Observed<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    #[expect(clippy::disallowed_methods, reason = "the metrics measure how long a request takes")]
    fn call(&mut self, mut request: Request) -> Self::Future {
        let trace = Trace::of(request.headers());
        // What is recorded of the request belongs to its trace.
        request.extensions_mut().insert(trace);
        let turned = request.headers().contains_key(header::COOKIE).then(Turned::default);
        if let Some(turned) = &turned {
            request.extensions_mut().insert(turned.clone());
        }
        Answering {
            started: Instant::now(),
            trace,
            turned,
            metrics: Arc::clone(&self.metrics),
            inner: self.inner.call(request),
        }
    }
}

pin_project! {
    /// An answer in the making.
    pub(crate) struct Answering<F> {
        #[pin]
        inner: F,
        started: Instant,
        trace: Trace,
        turned: Option<Turned>,
        metrics: Arc<RouteMetrics>,
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for Answering<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // A fault in one request ends that request only. Nothing outlives the request that it could leave half done.
        let polled = catch_unwind(AssertUnwindSafe(|| this.inner.poll(context)));
        let mut response = match polled {
            Ok(polled) => match ready!(polled) {
                Ok(response) => response,
            },
            Err(panic) => failed(&panic, this.trace),
        };
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            response = problem.render(this.trace);
        }
        // An answer that sets the cookie itself knows better.
        if let Some(cookie) = this.turned.as_ref().and_then(Turned::get)
            && !response.headers().contains_key(header::SET_COOKIE)
        {
            response.headers_mut().insert(header::SET_COOKIE, cookie.clone());
        }
        response.headers_mut().insert(TRACEPARENT, this.trace.header());
        this.metrics.record(response.status(), this.started.elapsed());
        Poll::Ready(Ok(response))
    }
}

/// The panic's message may quote text, so it goes nowhere.
fn failed(_panic: &(dyn Any + Send), trace: &Trace) -> Response {
    tracing::error!(trace_id = trace.id(), "a request failed");
    Problem::internal().render(trace)
}

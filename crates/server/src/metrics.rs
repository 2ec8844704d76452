//! What the server counts, for Prometheus. Labels are routes, statuses and names of types that the server knows: never what
//! a caller sent.

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc, time::Duration};

use axum::http::StatusCode;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text},
    metrics::{
        MetricType,
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::ConstGauge,
        histogram::Histogram,
    },
    registry::{Registry, Unit},
};
use tacita_detect::presidio::AnalyzerResult;
use tacita_language::presidio::Analyzer;
use tacita_service::{JobCounts, Service, WitnessAccount};

use crate::{
    limits::Enforced,
    transport::{TlsCounts, Transport},
};

/// Upper bounds of the latency histogram, in seconds.
const LATENCIES: [f64; 12] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// The counters of one server.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    requests: Family<RequestLabels, Counter>,
    latency: Family<RouteLabels, Histogram>,
    /// Bytes of text that were scanned.
    pub(crate) bytes: Counter,
    findings: Family<EntityLabels, Counter>,
    tls: TlsCounts,
}

/// What is counted for one route.
#[derive(Clone, Debug)]
pub(crate) struct RouteMetrics {
    route: Arc<str>,
    requests: Family<RequestLabels, Counter>,
    /// By far the most frequent: found without a look-up.
    ok: Counter,
    latency: Histogram,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: Arc<str>,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EntityLabels {
    entity_type: String,
}

impl Metrics {
    /// Those of a server, of its limits, of the analyzer that reads beside it, and of what is kept.
    pub(crate) fn new(
        presidio: Option<Arc<Analyzer>>,
        service: Option<Service>,
        limits: &Enforced,
        transport: &Transport,
    ) -> Self {
        let requests = Family::default();
        let latency = Family::new_with_constructor((|| Histogram::new(LATENCIES)) as fn() -> _);
        let bytes = Counter::default();
        let findings = Family::default();
        let mut registry = Registry::with_prefix("tacita");
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's head to its answer's",
            Unit::Seconds,
            latency.clone(),
        );
        registry.register_with_unit("scanned", "Text scanned for personal data", Unit::Bytes, bytes.clone());
        registry.register("findings", "Findings of personal data", findings.clone());
        limits.register(&mut registry);
        let tls = TlsCounts::default();
        if let Transport::Tls(_) = transport {
            tls.register(&mut registry);
        }
        if let Some(analyzer) = presidio {
            registry.register_collector(Box::new(Presidio(analyzer)));
        }
        if let Some(service) = service {
            registry.register_collector(Box::new(Jobs(service.clone())));
            registry.register_collector(Box::new(Witnesses(service.clone())));
            registry.register_collector(Box::new(SystemUses(service)));
        }
        Self { registry: Arc::new(registry), requests, latency, bytes, findings, tls }
    }

    /// The counters of a route.
    pub(crate) fn route(&self, route: &str) -> RouteMetrics {
        let route: Arc<str> = route.into();
        let ok = RequestLabels { route: Arc::clone(&route), status: StatusCode::OK.as_u16() };
        RouteMetrics {
            requests: self.requests.clone(),
            ok: self.requests.get_or_create_owned(&ok),
            latency: self.latency.get_or_create_owned(&RouteLabels { route: Arc::clone(&route) }),
            route,
        }
    }

    /// The counters of TLS handshakes.
    pub(crate) fn tls(&self) -> TlsCounts {
        self.tls.clone()
    }

    /// The counter of findings of a type that the server knows.
    pub(crate) fn findings(&self, entity_type: &str) -> Counter {
        self.findings.get_or_create_owned(&EntityLabels { entity_type: entity_type.to_owned() })
    }

    /// A text of this many bytes was analyzed by the presidio profile.
    pub(crate) fn analyzed(&self, bytes: usize, results: &[AnalyzerResult]) {
        self.bytes.inc_by(bytes as u64);
        for result in results {
            // A type that came with a request is what a caller sent, so it is no label.
            if let Cow::Borrowed(entity_type) = result.entity_type {
                self.findings(entity_type).inc();
            }
        }
    }

    /// All of it in the text format that Prometheus reads.
    pub(crate) fn render(&self) -> String {
        let mut out = String::new();
        text::encode(&mut out, &self.registry).expect("writing to a string cannot fail");
        out
    }
}

impl RouteMetrics {
    /// A request was answered.
    pub(crate) fn record(&self, status: StatusCode, elapsed: Duration) {
        if status == StatusCode::OK {
            self.ok.inc();
        } else {
            let labels = RequestLabels { route: Arc::clone(&self.route), status: status.as_u16() };
            self.requests.get_or_create(&labels).inc();
        }
        self.latency.observe(elapsed.as_secs_f64());
    }
}

/// The account of the witnesses, read when somebody wants to know.
#[derive(Debug)]
struct Witnesses(Service);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WitnessLabels {
    witness: String,
}

impl Collector for Witnesses {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let accounts = self.0.witness_accounts();
        if accounts.is_empty() {
            return Ok(());
        }
        let labels = |account: &WitnessAccount| WitnessLabels { witness: account.witness.clone() };
        let help = "Checkpoints that a witness was shown";
        let mut published =
            encoder.encode_descriptor("ledger_witness_published", help, None, MetricType::Counter)?;
        for account in &accounts {
            ConstCounter::new(account.published).encode(published.encode_family(&labels(account))?)?;
        }
        let help = "How often a witness could not be shown a checkpoint";
        let mut failed =
            encoder.encode_descriptor("ledger_witness_failed", help, None, MetricType::Counter)?;
        for account in &accounts {
            ConstCounter::new(account.failed).encode(failed.encode_family(&labels(account))?)?;
        }
        let help = "Logs of which a witness does not know the newest checkpoint";
        let mut waiting =
            encoder.encode_descriptor("ledger_witness_waiting", help, None, MetricType::Gauge)?;
        for account in &accounts {
            let count = i64::try_from(account.waiting).unwrap_or(i64::MAX);
            ConstGauge::new(count).encode(waiting.encode_family(&labels(account))?)?;
        }
        Ok(())
    }
}

/// The account of an analyzer, read when somebody wants to know.
#[derive(Debug)]
struct Presidio(Arc<Analyzer>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

impl Collector for Presidio {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let account = self.0.account();
        let mut outcomes = BTreeMap::from([("read", account.read)]);
        for (cause, count) in account.missed {
            *outcomes.entry(cause.word()).or_default() += count;
        }
        let help = "Windows of text that presidio was to read, by what became of them";
        let mut windows = encoder.encode_descriptor("presidio_windows", help, None, MetricType::Counter)?;
        for (outcome, count) in outcomes {
            ConstCounter::new(count).encode(windows.encode_family(&OutcomeLabels { outcome })?)?;
        }
        let help = "Whether presidio is left alone for now, as it failed several times in a row";
        let left_alone = encoder.encode_descriptor("presidio_left_alone", help, None, MetricType::Gauge)?;
        ConstGauge::new(i64::from(self.0.is_left_alone())).encode(left_alone)
    }
}

/// How many jobs there are, of all organisations together.
#[derive(Debug)]
struct Jobs(Service);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

impl Collector for Jobs {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (JobCounts { waiting, running, dead, .. }, waited) = self.0.job_counts();
        let help = "Jobs that are not done, by where they stand; dead ones wait for a person";
        let mut jobs = encoder.encode_descriptor("jobs", help, None, MetricType::Gauge)?;
        for (state, count) in [("waiting", waiting), ("running", running), ("dead", dead)] {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            ConstGauge::new(count).encode(jobs.encode_family(&StateLabels { state })?)?;
        }
        let help = "How long the job has waited that could be done longest";
        let unit = Some(&Unit::Seconds);
        let oldest = encoder.encode_descriptor("jobs_oldest_waiting", help, unit, MetricType::Gauge)?;
        ConstGauge::new(waited).encode(oldest)
    }
}

/// How often work across organisations was done, and why.
#[derive(Debug)]
struct SystemUses(Service);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ScopeLabels {
    scope: &'static str,
}

impl Collector for SystemUses {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Work across organisations, by why it was done";
        let mut uses = encoder.encode_descriptor("system_uses", help, None, MetricType::Counter)?;
        for (scope, count) in self.0.system_uses() {
            ConstCounter::new(count).encode(uses.encode_family(&ScopeLabels { scope })?)?;
        }
        Ok(())
    }
}

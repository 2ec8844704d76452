//! How much may be asked at a time, and by whom.
//!
//! Three questions, in this order: does the request fit into memory beside the others (`load`)? May its address ask now? And, once
//! [`SignedIn`](crate::api) knows them, may its token and its organisation? Whoever may not is told when to come back.

mod address;
mod load;
mod rates;
mod settings;
mod shared;
mod shares;
mod standing;
mod table;

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use axum::http::{Extensions, HeaderMap};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};
use tacita_service::Caller;

pub use address::ForwardedBy;
use address::Network;
pub(crate) use address::Peer;
pub(crate) use load::Held;
use load::Load;
use rates::{Asked, Gcra, Rule, Scope};
pub use settings::{Limits, Rate, Rates, SharedRates};
use shared::Shared;
use shares::{Share, Shares};
pub(crate) use standing::Standing;
use table::Table;

use crate::problem::{Kind, Problem};

/// Microseconds that only grow, from an origin of their own.
pub(crate) type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The limits of a server, and how far they are used up.
pub(crate) struct Enforced {
    set: Limits,
    rules: Rules,
    table: Table,
    load: Arc<Load>,
    connections: Arc<Shares<Network>>,
    shared: Option<Shared>,
    clock: Clock,
    refused: Family<Refused, Counter>,
}

/// The rates as they are counted with.
#[derive(Clone, Copy, Debug)]
struct Rules {
    address: Option<Gcra>,
    token: Option<Gcra>,
    organisation: Option<Gcra>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    by: &'static str,
}

/// A connection that is counted to its address while it is open; those of trusted proxies are many clients' and counted to nobody.
#[derive(Debug)]
pub(crate) struct Connected(
    #[expect(dead_code, reason = "it gives back what it holds")] Option<Share<Network>>,
);

/// Whether an address may ask.
pub(crate) enum Admission {
    Welcome,
    /// As far as this process knows; the others are still to be asked.
    Ask(Asked),
    Refused(Problem),
}

impl Enforced {
    /// The limits, with nothing used up yet.
    pub(crate) fn new(set: &Limits, clock: Clock) -> Self {
        let rule = |rate: Option<Rate>| rate.map(Gcra::of);
        let rules = Rules {
            address: rule(set.rates.address),
            token: rule(set.rates.token),
            organisation: rule(set.rates.organisation),
        };
        Self {
            rules,
            table: Table::new(),
            load: Arc::new(Load::new(set)),
            connections: Shares::new(set.of_an_address().connections),
            shared: set.shared.as_ref().map(|shared| Shared::new(shared, Arc::clone(&clock))),
            clock,
            refused: Family::default(),
            set: set.clone(),
        }
    }

    /// Shows in the metrics what is refused, and how full the server is.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Requests and connections refused by a limit: of an address, a token, an organisation, or of what fits into memory";
        registry.register("limited_requests", help, self.refused.clone());
        self.load.register(registry);
        if let Some(shared) = &self.shared {
            shared.register(registry);
        }
    }

    /// Room for one more request, if there is any.
    pub(crate) fn enter(&self) -> Option<Arc<Held>> {
        self.load.enter()
    }

    /// Leave for one more connection of an address, unless that has its share of all connections already.
    pub(crate) fn connect(&self, peer: SocketAddr) -> Option<Connected> {
        if Peer(peer).is_trusted(&self.set.trusted_proxies) {
            return Some(Connected(None));
        }
        let share = self.connections.take(Network::of(peer.ip()), 1);
        if share.is_none() {
            self.refused.get_or_create(&Refused { by: "connections" }).inc();
        }
        share.map(|share| Connected(Some(share)))
    }

    /// Whether the address may ask that a request comes from; where nobody said which, it came over no connection.
    pub(crate) fn admit(&self, held: &Held, extensions: &Extensions, headers: &HeaderMap) -> Admission {
        let Some(peer) = extensions.get::<Peer>() else { return Admission::Welcome };
        let network = Network::of(peer.client(headers, &self.set.trusted_proxies, self.set.forwarded_by));
        if !held.comes_from(network) {
            self.refused.get_or_create(&Refused { by: "address-share" }).inc();
            let detail = format!(
                "{} requests of one address are worked on at a time; wait for one to end, or ask the operator for a higher limit",
                self.set.of_an_address().in_flight
            );
            return Admission::Refused(
                Problem::new(Kind::Unavailable, detail).retry_after(Duration::from_secs(1)),
            );
        }
        let Some(rule) = self.rules.address else { return Admission::Welcome };
        let asked = Asked::of(Scope::Address(network), rule);
        match self.count(&asked, held) {
            Err(problem) => Admission::Refused(problem),
            Ok(()) if self.shared.is_some() => Admission::Ask(asked),
            Ok(()) => Admission::Welcome,
        }
    }

    /// Whether those who count together say so too. Where they can't be asked, what this process counted holds.
    pub(crate) async fn ask(&self, asked: &Asked, held: &Held) -> Result<(), Problem> {
        let Some(shared) = &self.shared else { return Ok(()) };
        match shared.take(asked).await {
            Some(taken) => self.judge(asked, &taken, held),
            None => Ok(()),
        }
    }

    /// Leave for a caller who has signed in: for the token and for the organisation, and no more than a share of the server for the
    /// organisation. `extensions` are those of the request.
    pub(crate) async fn caller(&self, caller: &Caller, extensions: &Extensions) -> Result<(), Problem> {
        let Some(held) = extensions.get::<Arc<Held>>() else { return Ok(()) };
        if !held.belongs_to(caller.organisation) {
            return Err(self.no_room("share"));
        }
        let rules: Vec<Rule> = [
            self.rules.token.map(|rule| (Scope::Caller(caller.organisation, caller.actor), rule)),
            self.rules.organisation.map(|rule| (Scope::Organisation(caller.organisation), rule)),
        ]
        .into_iter()
        .flatten()
        .collect();
        if rules.is_empty() {
            return Ok(());
        }
        let asked = Asked::new(rules);
        self.count(&asked, held)?;
        self.ask(&asked, held).await
    }

    /// Counts in this process.
    fn count(&self, asked: &Asked, held: &Held) -> Result<(), Problem> {
        let taken = self.table.take(asked, (self.clock)());
        self.judge(asked, &taken, held)
    }

    /// Notes how the caller stands, and refuses where a rate is used up.
    fn judge(&self, asked: &Asked, taken: &rates::Taken, held: &Held) -> Result<(), Problem> {
        for ((scope, rule), used) in asked.rules().iter().zip(&taken.used) {
            held.note(Standing::new(scope.word(), rule, *used));
        }
        let Some(refused) = taken.refused else { return Ok(()) };
        let (scope, rule) = &asked.rules()[refused];
        self.refused.get_or_create(&Refused { by: scope.word() }).inc();
        let wait = rule.wait(taken.used[refused]);
        let detail = format!(
            "{} may ask {} times a minute, {} at once; come back in {} s, or ask the operator for a higher limit",
            scope.phrase(),
            rule.per_minute(),
            rule.burst(),
            wait.as_secs()
        );
        Err(Problem::new(Kind::TooManyRequests, detail).retry_after(wait))
    }

    /// What somebody is told for whom there is no room, which is counted: for `requests`, for `bytes` of bodies, or in the `share` of
    /// an organisation.
    pub(crate) fn no_room(&self, by: &'static str) -> Problem {
        self.refused.get_or_create(&Refused { by }).inc();
        let detail = "the server has as much to do as it can hold; come back in a second";
        Problem::new(Kind::Unavailable, detail).retry_after(Duration::from_secs(1))
    }
}

impl std::ops::Deref for Enforced {
    type Target = Limits;

    fn deref(&self) -> &Limits {
        &self.set
    }
}

impl fmt::Debug for Enforced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enforced").field("set", &self.set).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::SocketAddr,
        num::NonZeroU32,
        sync::atomic::{AtomicU64, Ordering::Relaxed},
    };

    use axum::http::HeaderValue;

    use super::*;

    const SECOND: u64 = 1_000_000;

    /// One a second from each address, two at once, and a clock that stands still.
    fn enforced(trusted: &[&str]) -> (Enforced, Arc<AtomicU64>) {
        let number = |number| NonZeroU32::new(number).unwrap();
        let rates = Rates { address: Some(Rate { per_minute: number(60), burst: number(2) }), ..Rates::NONE };
        let trusted_proxies = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let now = Arc::new(AtomicU64::new(SECOND));
        let clock = Arc::clone(&now);
        let set = Limits { rates, trusted_proxies, ..Limits::default() };
        (Enforced::new(&set, Arc::new(move || clock.load(Relaxed))), now)
    }

    fn admits(enforced: &Enforced, peer: &str, forwarded: &'static str) -> bool {
        let mut extensions = Extensions::new();
        let peer: SocketAddr = peer.parse().unwrap();
        extensions.insert(Peer(peer));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
        let held = enforced.enter().unwrap();
        match enforced.admit(&held, &extensions, &headers) {
            Admission::Welcome => true,
            Admission::Refused(problem) => {
                assert_eq!(problem.kind, Kind::TooManyRequests);
                assert_eq!(held.standings().len(), 1, "it is told how it stands");
                false
            }
            Admission::Ask(_) => panic!("there is nobody to be asked"),
        }
    }

    #[test]
    fn an_address_is_refused_and_let_through_again_and_others_never_notice() {
        let (enforced, now) = enforced(&[]);
        let loud = |port: u16| admits(&enforced, &format!("192.0.2.1:{port}"), "203.0.113.9");
        assert_eq!([loud(1), loud(2), loud(3)], [true, true, false]);
        assert!(admits(&enforced, "192.0.2.2:1", "192.0.2.1"));
        now.fetch_add(SECOND, Relaxed);
        assert_eq!([loud(4), loud(5)], [true, false]);
    }

    #[test]
    fn one_address_has_its_share_of_what_is_worked_on_and_of_connections() {
        let set = Limits {
            in_flight_per_address: Some(2),
            connections_per_address: Some(1),
            rates: Rates::NONE,
            trusted_proxies: vec!["198.51.100.0/24".parse().unwrap()],
            ..Limits::default()
        };
        let enforced = Enforced::new(&set, Arc::new(|| SECOND));
        let ask = |peer: &str, forwarded: &'static str| {
            let mut extensions = Extensions::new();
            extensions.insert(Peer(peer.parse().unwrap()));
            let headers = [("x-forwarded-for".parse().unwrap(), HeaderValue::from_static(forwarded))];
            let held = enforced.enter().unwrap();
            match enforced.admit(&held, &extensions, &HeaderMap::from_iter(headers)) {
                Admission::Welcome => Some(held),
                Admission::Refused(problem) => {
                    assert_eq!(problem.kind, Kind::Unavailable);
                    assert!(problem.detail().starts_with("2 requests of one address"), "{problem:?}");
                    None
                }
                Admission::Ask(_) => panic!("there is nobody to be asked"),
            }
        };
        let loud: Vec<_> = (1..=4).map(|port| ask(&format!("192.0.2.1:{port}"), "203.0.113.9")).collect();
        assert_eq!(loud.iter().flatten().count(), 2);
        // Nor can the same one come through a proxy, beside which others do.
        assert!(ask("198.51.100.1:1", "192.0.2.1").is_none());
        assert!(ask("198.51.100.1:1", "192.0.2.2").is_some() && ask("192.0.2.3:1", "").is_some());
        drop(loud);
        assert!(ask("192.0.2.1:1", "").is_some());

        let connect = |peer: &str| enforced.connect(peer.parse().unwrap());
        let first = connect("192.0.2.1:1");
        assert!(first.is_some() && connect("192.0.2.1:2").is_none() && connect("192.0.2.2:1").is_some());
        let proxies: Vec<_> = (1..=9).map(|port| connect(&format!("198.51.100.1:{port}"))).collect();
        assert!(proxies.iter().all(Option::is_some), "all clients come over a proxy's connections");
        drop(first);
        assert!(connect("192.0.2.1:2").is_some());
    }

    #[test]
    fn behind_a_proxy_that_is_trusted_each_client_counts_for_itself() {
        let (enforced, _) = enforced(&["198.51.100.0/24"]);
        let client = |forwarded| admits(&enforced, "198.51.100.1:443", forwarded);
        assert_eq!([client("192.0.2.1"), client("192.0.2.1"), client("192.0.2.1")], [true, true, false]);
        // What a client writes before it changes nothing.
        assert!(!client("10.0.0.1, 192.0.2.1"));
        assert!(client("192.0.2.2"));
    }
}

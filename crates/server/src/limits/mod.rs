//! How much may be asked at a time, and by whom.
//!
//! Three questions, in this order: does the request fit into memory beside the others (`load`)? May its address ask now? And, once
//! [`SignedIn`](crate::api) knows them, may its token and its organisation? Whoever may not is told when to come back.

mod address;
mod load;
mod rates;
mod settings;
mod shared;
mod standing;
mod table;

use std::{fmt, sync::Arc, time::Duration};

use axum::http::{Extensions, HeaderMap};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};
use tacita_service::Caller;

pub(crate) use address::Peer;
pub use address::{ForwardedBy, Network};
pub(crate) use load::Held;
use load::Load;
use rates::{Asked, Gcra, Rule, Scope};
pub use settings::{Limits, Rate, Rates, SharedRates};
use shared::Shared;
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
            load: Arc::new(Load::new(set.in_flight, set.in_flight_bytes)),
            shared: set.shared.as_ref().map(|shared| Shared::new(shared, Arc::clone(&clock))),
            clock,
            refused: Family::default(),
            set: set.clone(),
        }
    }

    /// Shows in the metrics what is refused, and how full the server is.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Requests refused by a limit: of an address, a token, an organisation, or of what fits into memory";
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

    /// Whether the address may ask that a request comes from; where nobody said which, it came over no connection.
    pub(crate) fn admit(&self, held: &Held, extensions: &Extensions, headers: &HeaderMap) -> Admission {
        let (Some(rule), Some(peer)) = (self.rules.address, extensions.get::<Peer>()) else {
            return Admission::Welcome;
        };
        let network = Network::of(peer.client(headers, &self.set.trusted_proxies, self.set.forwarded_by));
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

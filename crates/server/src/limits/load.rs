//! How much is in flight: requests, and the bytes of their bodies. What does not fit is sent away at once, before memory grows.

use std::{
    fmt,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
    registry::{Registry, Unit},
};
use tacita_domain::OrganisationId;

use super::{
    Limits, Network, Standing,
    shares::{Share, Shares},
};

/// What all requests in flight use together.
#[derive(Debug)]
pub(super) struct Load {
    most: usize,
    most_bytes: usize,
    requests: AtomicUsize,
    bytes: AtomicUsize,
    /// How many of the requests are of which organisation; those without any are not there.
    organisations: Arc<Shares<OrganisationId>>,
    /// How many of them, and of the bytes, came from which address.
    addresses: Arc<Shares<Network>>,
    bytes_of_addresses: Arc<Shares<Network>>,
}

/// The room of one request, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    load: Arc<Load>,
    bytes: AtomicU64,
    of: OnceLock<Share<OrganisationId>>,
    from: OnceLock<(Share<Network>, Share<Network>)>,
    standings: Mutex<Vec<Standing>>,
}

impl Load {
    pub(super) fn new(limits: &Limits) -> Self {
        let (requests, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self {
            most: limits.in_flight,
            most_bytes: limits.in_flight_bytes,
            requests,
            bytes,
            organisations: Shares::new(limits.in_flight.div_ceil(2)),
            addresses: Shares::new(limits.of_an_address().in_flight),
            bytes_of_addresses: Shares::new(limits.of_an_address().in_flight_bytes),
        }
    }

    /// Room for one more request, if there is any.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Arc<Held>> {
        take(&self.requests, 1, self.most).then(|| {
            let (bytes, of, from) = (AtomicU64::new(0), OnceLock::new(), OnceLock::new());
            Arc::new(Held { load: Arc::clone(self), bytes, of, from, standings: Mutex::default() })
        })
    }

    pub(super) fn register(self: &Arc<Self>, registry: &mut Registry) {
        registry.register_collector(Box::new(InFlight(Arc::clone(self))));
    }
}

impl Held {
    /// Room for so many bytes more of its body, if there is any.
    #[must_use]
    pub(crate) fn take(&self, bytes: usize) -> bool {
        // What the address has is given back with the request, which ends where there is no room.
        if self.from.get().is_some_and(|(_, of_address)| !of_address.more(bytes)) {
            return false;
        }
        let taken = take(&self.load.bytes, bytes, self.load.most_bytes);
        if taken {
            self.bytes.fetch_add(bytes as u64, Relaxed);
        }
        taken
    }

    /// Counts it to an address, unless that has its share of all requests already: then it is not let in.
    #[must_use]
    pub(super) fn comes_from(&self, network: Network) -> bool {
        let request = self.load.addresses.take(network, 1);
        let bytes = self.load.bytes_of_addresses.take(network, 0);
        request.zip(bytes).is_some_and(|shares| self.from.set(shares).is_ok())
    }

    /// Counts it to an organisation, unless that has its half of all requests already: then it is not let in.
    #[must_use]
    pub(super) fn belongs_to(&self, organisation: OrganisationId) -> bool {
        if self.of.get().is_some() {
            return true;
        }
        // A second one, were there two at once, gives back what it took.
        self.load.organisations.take(organisation, 1).map(|share| self.of.set(share)).is_some()
    }

    /// Notes how whoever asks stands with a limit; the last word counts.
    pub(super) fn note(&self, standing: Standing) {
        let mut standings = lock(&self.standings);
        match standings.iter_mut().find(|other| standing.replaces(other)) {
            Some(other) => *other = standing,
            None => standings.push(standing),
        }
    }

    /// How whoever asked stands with the limits.
    pub(crate) fn standings(&self) -> Vec<Standing> {
        std::mem::take(&mut *lock(&self.standings))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.load.requests.fetch_sub(1, Relaxed);
        let bytes = *self.bytes.get_mut();
        self.load.bytes.fetch_sub(usize::try_from(bytes).unwrap_or(usize::MAX), Relaxed);
    }
}

/// Takes `some` of `counter` if that stays within `most`.
fn take(counter: &AtomicUsize, some: usize, most: usize) -> bool {
    let more = |now: usize| now.checked_add(some).filter(|&then| then <= most);
    counter.fetch_update(Relaxed, Relaxed, more).is_ok()
}

/// What is guarded is whole after each statement, whoever panicked.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct InFlight(Arc<Load>);

impl Collector for InFlight {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let gauge =
            |counter: &AtomicUsize| ConstGauge::new(i64::try_from(counter.load(Relaxed)).unwrap_or(i64::MAX));
        let help = "Requests that are worked on";
        let requests = encoder.encode_descriptor("requests_in_flight", help, None, MetricType::Gauge)?;
        gauge(&self.0.requests).encode(requests)?;
        let (help, unit) = ("Bodies of requests that are held", Some(&Unit::Bytes));
        let bytes = encoder.encode_descriptor("bodies_in_flight", help, unit, MetricType::Gauge)?;
        gauge(&self.0.bytes).encode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organisation(n: u8) -> OrganisationId {
        format!("01990a1e-7c3a-7b52-8e0f-3f6f2b9d5a{n:02x}").parse().unwrap()
    }

    fn load(in_flight: usize, in_flight_bytes: usize) -> Arc<Load> {
        Arc::new(Load::new(&Limits { in_flight, in_flight_bytes, ..Limits::default() }))
    }

    #[test]
    fn what_does_not_fit_is_sent_away_until_something_ends() {
        let load = load(2, 100);
        let (first, second) = (load.enter().unwrap(), load.enter().unwrap());
        assert!(load.enter().is_none());
        assert!(first.take(60) && !second.take(41) && second.take(40));
        drop(first);
        let third = load.enter().unwrap();
        assert!(third.take(60) && !third.take(1));
        assert!(!third.take(usize::MAX), "nor does a sum that overflows fit");
        drop((second, third));
        assert_eq!((load.requests.load(Relaxed), load.bytes.load(Relaxed)), (0, 0));
    }

    #[test]
    fn one_organisation_has_at_most_half() {
        let load = load(4, 0);
        let held: Vec<_> = (0..4).map(|_| load.enter().unwrap()).collect();
        let (loud, quiet) = (organisation(1), organisation(2));
        assert!(held[0].belongs_to(loud) && held[1].belongs_to(loud) && !held[2].belongs_to(loud));
        assert!(held[1].belongs_to(loud), "one that is in is not asked again");
        assert!(held[3].belongs_to(quiet));
        drop(held);
        assert!(load.enter().unwrap().belongs_to(loud));
    }

    #[test]
    fn one_address_has_its_share_of_requests_and_of_bytes() {
        let address = |text: &str| Network::of(text.parse().unwrap());
        let limits = Limits {
            in_flight_per_address: Some(2),
            in_flight_bytes_per_address: Some(50),
            ..Limits::default()
        };
        let load = Arc::new(Load::new(&limits));
        let held: Vec<_> = (0..4).map(|_| load.enter().unwrap()).collect();
        // One household has the whole of the last 64 bits.
        assert!(held[0].comes_from(address("2001:db8::1")) && held[1].comes_from(address("2001:db8::2")));
        assert!(!held[2].comes_from(address("2001:db8::3")));
        assert!(held[3].comes_from(address("2001:db8:0:1::1")));
        assert!(held[0].take(30) && !held[1].take(21) && held[1].take(20) && held[3].take(50));
        drop(held);
        let again = load.enter().unwrap();
        assert!(again.comes_from(address("2001:db8::1")) && again.take(50) && !again.take(1));
    }
}

//! What a client may ask of the server, as an operator sets it.

use std::{fmt, num::NonZeroU32, time::Duration};

use ipnet::IpNet;
use zeroize::Zeroizing;

use super::{ForwardedBy, Network, shares::Shares};

/// What a client may ask of the server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest request body, in bytes.
    pub body: usize,
    /// Connections open at once; the next ones wait.
    pub connections: usize,
    /// How many of them one address may have, or one network of IPv6 (/64); the next ones are closed. An eighth where nothing is said,
    /// and at least [`Limits::LEAST`]. Those of trusted proxies are not counted.
    pub connections_per_address: Option<usize>,
    /// Bytes that a request's head may have.
    pub head: usize,
    /// Headers that a request may have.
    pub headers: usize,
    /// How long a request's head may take to arrive, and how long a connection may idle between requests.
    pub head_timeout: Duration,
    /// How long a request's body may take to arrive.
    pub body_timeout: Duration,
    /// How long a client may leave an answer unread.
    pub answer_timeout: Duration,
    /// How long requests in flight may take to finish once the server was told to stop.
    pub shutdown: Duration,
    /// Requests worked on at once; the next ones are sent away with status 503. One organisation has at most half of them.
    pub in_flight: usize,
    /// How many of them may come from one address, or one network of IPv6 (/64), whoever asks; a quarter where nothing is said, and at
    /// least [`Limits::LEAST`].
    pub in_flight_per_address: Option<usize>,
    /// Bytes of request bodies held at once; a body that needs more is sent away with status 503.
    pub in_flight_bytes: usize,
    /// How many of them may come from one address; a quarter where nothing is said, and at least the largest body.
    pub in_flight_bytes_per_address: Option<usize>,
    /// How often somebody may ask.
    pub rates: Rates,
    /// Where several processes count together; each for itself where there is none.
    pub shared: Option<SharedRates>,
    /// Proxies whose word is taken for the address that they ask for.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they say it.
    pub forwarded_by: ForwardedBy,
}

/// How often somebody may ask; `None` is as often as they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// From one address, or one network of IPv6 (/64), before it is known who asks.
    pub address: Option<Rate>,
    /// With one token, or as one member.
    pub token: Option<Rate>,
    /// All of one organisation together.
    pub organisation: Option<Rate>,
}

/// A rate with its burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests per minute, in the long run; at most [`Rate::MOST`].
    pub per_minute: NonZeroU32,
    /// Requests at once, after a rest.
    pub burst: NonZeroU32,
}

/// A Redis or Valkey in which several processes count together.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedRates {
    /// `redis://…` or `rediss://…`, perhaps with a password.
    pub url: Zeroizing<String>,
    /// What the names of all keys begin with.
    pub prefix: String,
}

/// What one address may have at a time of what all share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OfAnAddress {
    pub(crate) connections: usize,
    pub(crate) in_flight: usize,
    pub(crate) in_flight_bytes: usize,
}

impl Limits {
    /// What one address may have at least, of connections and of requests, where nothing is said: as many as a browser opens.
    pub const LEAST: usize = 8;

    /// What one address may have at a time.
    pub(crate) fn of_an_address(&self) -> OfAnAddress {
        OfAnAddress {
            connections: self.connections_per_address.unwrap_or((self.connections / 8).max(Self::LEAST)),
            in_flight: self.in_flight_per_address.unwrap_or((self.in_flight / 4).max(Self::LEAST)),
            in_flight_bytes: self
                .in_flight_bytes_per_address
                .unwrap_or((self.in_flight_bytes / 4).max(self.body)),
        }
    }

    /// The same for a server that only its own machine reaches: its address says nothing about who asks.
    #[must_use]
    pub fn without_addresses(mut self) -> Self {
        self.rates.address = None;
        let without = Some(Shares::<Network>::WITHOUT_END);
        self.connections_per_address = without;
        self.in_flight_per_address = without;
        self.in_flight_bytes_per_address = without;
        self
    }
}

impl Rate {
    /// The highest rate that is counted exactly enough: 100,000 a second.
    pub const MOST: u32 = 6_000_000;

    /// So many a minute, and a tenth of it at once.
    #[must_use]
    pub const fn per_minute(per_minute: u32) -> Option<Self> {
        let burst = if per_minute < 10 { 1 } else { per_minute / 10 };
        match (NonZeroU32::new(per_minute), NonZeroU32::new(burst)) {
            (Some(per_minute), Some(burst)) => Some(Self { per_minute, burst }),
            _ => None,
        }
    }
}

impl Rates {
    /// As often as they like.
    pub const NONE: Self = Self { address: None, token: None, organisation: None };
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            address: Rate::per_minute(60_000),
            token: Rate::per_minute(60_000),
            organisation: Rate::per_minute(120_000),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 10_000_000,
            connections: 1024,
            connections_per_address: None,
            head: 16 * 1024,
            headers: 64,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            answer_timeout: Duration::from_secs(30),
            shutdown: Duration::from_secs(20),
            in_flight: 1024,
            in_flight_per_address: None,
            in_flight_bytes: 256 * 1024 * 1024,
            in_flight_bytes_per_address: None,
            rates: Rates::default(),
            shared: None,
            trusted_proxies: Vec::new(),
            forwarded_by: ForwardedBy::default(),
        }
    }
}

/// The URL may hold a password.
impl fmt::Debug for SharedRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedRates").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_a_part_of_the_whole_and_never_less_than_a_browser_needs() {
        let of = |set: &Limits| {
            let OfAnAddress { connections, in_flight, in_flight_bytes } = set.of_an_address();
            (connections, in_flight, in_flight_bytes)
        };
        let default = Limits::default();
        assert_eq!(of(&default), (128, 256, 64 * 1024 * 1024));
        let small =
            Limits { connections: 16, in_flight: 16, in_flight_bytes: default.body, ..default.clone() };
        assert_eq!(of(&small), (Limits::LEAST, Limits::LEAST, default.body));
        let said = Limits { connections_per_address: Some(1), in_flight_per_address: Some(2), ..default };
        assert_eq!(of(&said), (1, 2, 64 * 1024 * 1024));
        assert_eq!(of(&said.without_addresses()), (usize::MAX, usize::MAX, usize::MAX));
    }
}

//! `[limits]`: what a client may ask of the server.

use std::{
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    time::Duration,
};

use ipnet::IpNet;
use serde::Deserialize;
use tacita_server::{ForwardedBy, Limits, Rate, Rates, SharedRates};

use super::Secret;
use crate::failure::Failure;

/// What the names of all keys in Redis begin with, unless the settings say so.
const PREFIX: &str = "tacita:limits:";

/// What `[limits]` may say.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitSettings {
    pub(super) body_bytes: Option<NonZeroUsize>,
    pub(super) head_bytes: Option<NonZeroUsize>,
    pub(super) headers: Option<NonZeroUsize>,
    pub(super) connections: Option<NonZeroUsize>,
    pub(super) connections_per_address: Option<NonZeroUsize>,
    pub(super) requests_in_flight: Option<NonZeroUsize>,
    pub(super) requests_per_address: Option<NonZeroUsize>,
    pub(super) body_bytes_in_flight: Option<NonZeroUsize>,
    pub(super) body_bytes_per_address: Option<NonZeroUsize>,
    pub(super) head_seconds: Option<NonZeroU64>,
    pub(super) body_seconds: Option<NonZeroU64>,
    pub(super) answer_seconds: Option<NonZeroU64>,
    pub(super) shutdown_seconds: Option<NonZeroU64>,
    pub(super) address: Option<RateSettings>,
    pub(super) token: Option<RateSettings>,
    pub(super) organisation: Option<RateSettings>,
    pub(super) trusted_proxies: Option<Vec<IpNet>>,
    pub(super) forwarded_header: Option<Header>,
    pub(super) redis: Option<Secret>,
    pub(super) redis_prefix: Option<String>,
}

/// A rate with its burst, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum RateSettings {
    Of(Of),
    Without(Without),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Of {
    per_minute: NonZeroU32,
    burst: NonZeroU32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Without {
    None,
}

/// The header in which proxies say for whom they ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Header {
    XForwardedFor,
    Forwarded,
}

impl LimitSettings {
    /// The limits, with today's values where nothing is said.
    pub(super) fn limits(self) -> Result<Limits, Failure> {
        let default = Limits::default();
        let failed = |reason: String| Failure::Config { from: "limits".to_owned(), reason };
        let size = |said: Option<NonZeroUsize>, default| said.map_or(default, NonZeroUsize::get);
        let time = |said: Option<NonZeroU64>, default| said.map_or(default, |s| Duration::from_secs(s.get()));
        let rate = |name: &str, said: Option<RateSettings>, default| match said {
            None => Ok(default),
            Some(RateSettings::Without(Without::None)) => Ok(None),
            Some(RateSettings::Of(Of { per_minute, burst })) if per_minute.get() <= Rate::MOST => {
                Ok(Some(Rate { per_minute, burst }))
            }
            Some(RateSettings::Of(_)) => Err(failed(format!(
                "`{name}` has at most {} requests `per_minute`; for no limit say `{name} = \"none\"`",
                Rate::MOST
            ))),
        };
        let shared = match (self.redis, self.redis_prefix) {
            (None, None) => None,
            (None, Some(_)) => return Err(failed("`redis_prefix` is for `redis`; give that too".to_owned())),
            (Some(url), prefix) => {
                if !["redis://", "rediss://"].iter().any(|scheme| url.0.starts_with(scheme)) {
                    return Err(failed(
                        "`redis` is no URL such as `redis://127.0.0.1:6379` or `rediss://cache.example.org`"
                            .to_owned(),
                    ));
                }
                Some(SharedRates { url: url.0, prefix: prefix.unwrap_or_else(|| PREFIX.to_owned()) })
            }
        };
        // Below it no request would come in: the parser's own least.
        let head = size(self.head_bytes, default.head);
        if head < 8192 {
            return Err(failed("`head_bytes` is at least 8192".to_owned()));
        }
        Ok(Limits {
            body: size(self.body_bytes, default.body),
            connections: size(self.connections, default.connections),
            connections_per_address: self.connections_per_address.map(NonZeroUsize::get),
            head,
            headers: size(self.headers, default.headers),
            head_timeout: time(self.head_seconds, default.head_timeout),
            body_timeout: time(self.body_seconds, default.body_timeout),
            answer_timeout: time(self.answer_seconds, default.answer_timeout),
            shutdown: time(self.shutdown_seconds, default.shutdown),
            in_flight: size(self.requests_in_flight, default.in_flight),
            in_flight_per_address: self.requests_per_address.map(NonZeroUsize::get),
            in_flight_bytes: size(self.body_bytes_in_flight, default.in_flight_bytes),
            in_flight_bytes_per_address: self.body_bytes_per_address.map(NonZeroUsize::get),
            rates: Rates {
                address: rate("address", self.address, default.rates.address)?,
                token: rate("token", self.token, default.rates.token)?,
                organisation: rate("organisation", self.organisation, default.rates.organisation)?,
            },
            shared,
            trusted_proxies: self.trusted_proxies.unwrap_or(default.trusted_proxies),
            forwarded_by: match self.forwarded_header {
                Some(Header::Forwarded) => ForwardedBy::Forwarded,
                Some(Header::XForwardedFor) | None => ForwardedBy::XForwardedFor,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> Result<Limits, String> {
        let settings: LimitSettings = toml::from_str(text).map_err(|error| error.to_string())?;
        settings.limits().map_err(|failure| failure.to_string())
    }

    #[test]
    fn what_is_said_holds_and_the_rest_stays() {
        let text = "body_bytes = 5\naddress = \"none\"\ntoken = { per_minute = 60, burst = 5 }\nanswer_seconds = 7\n\
                    connections_per_address = 3\nrequests_per_address = 4\nbody_bytes_per_address = 5\n\
                    redis = \"redis://:hunter2@127.0.0.1\"\ntrusted_proxies = [\"192.0.2.0/24\"]";
        let limits = limits(text).unwrap();
        let default = Limits::default();
        assert_eq!((limits.body, limits.connections), (5, default.connections));
        assert_eq!(limits.rates.address, None);
        let per_address = (
            limits.connections_per_address,
            limits.in_flight_per_address,
            limits.in_flight_bytes_per_address,
        );
        assert_eq!(per_address, (Some(3), Some(4), Some(5)));
        assert_eq!(limits.rates.token.map(|rate| (rate.per_minute.get(), rate.burst.get())), Some((60, 5)));
        assert_eq!(limits.rates.organisation, default.rates.organisation);
        assert_eq!(limits.answer_timeout.as_secs(), 7);
        assert_eq!(limits.shared.as_ref().map(|shared| &*shared.prefix), Some(PREFIX));
        assert_eq!(limits.trusted_proxies.len(), 1);
        assert!(!format!("{limits:?}").contains("hunter2"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (text, said) in [
            ("token = { per_minute = 6000001, burst = 1 }", "at most 6000000"),
            ("redis = \"http://:hunter2@cache.example.org\"", "redis://"),
            ("redis_prefix = \"a\"", "give that too"),
            ("head_bytes = 100", "at least 8192"),
            ("token = { per_minute = 0, burst = 1 }", ""),
            ("token = { per_minute = 1 }", ""),
            ("token = \"many\"", ""),
            ("body_bytes = 0", ""),
            ("requests_per_address = 0", ""),
            ("trusted_proxies = [\"everybody\"]", ""),
        ] {
            let error = limits(text).unwrap_err();
            assert!(error.contains(said) && !error.contains("hunter2"), "{text}: {error}");
        }
    }
}

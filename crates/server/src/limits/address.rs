//! From where a request comes: the other end of the connection, or what a proxy that is trusted says about it.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The header in which proxies say for whom they ask. Only one is read: a proxy that sets one leaves the other as the client sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedBy {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// What is counted as one: an IPv4 address, or the /64 of an IPv6 address, which one household has whole.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Network(IpAddr);

impl Peer {
    /// Who asks, over the proxies that are trusted: the last address that none of them has.
    ///
    /// What can't be read stands for the proxy that let it through.
    pub(crate) fn client(self, headers: &HeaderMap, trusted: &[IpNet], by: ForwardedBy) -> IpAddr {
        let mut last = self.0.ip().to_canonical();
        if !self.is_trusted(trusted) {
            return last;
        }
        for said in said(headers, by).into_iter().rev() {
            let Some(address) = said else { return last };
            last = address;
            if !is_one_of(&address, trusted) {
                break;
            }
        }
        last
    }

    /// Whether the other end is a proxy whose word is taken.
    pub(super) fn is_trusted(self, trusted: &[IpNet]) -> bool {
        is_one_of(&self.0.ip().to_canonical(), trusted)
    }
}

impl Network {
    pub(super) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
            v4 => v4,
        })
    }

    /// What a store is told; it is somebody's address.
    pub(super) fn key(&self) -> String {
        self.0.to_string()
    }
}

/// Addresses are personal data.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

fn is_one_of(address: &IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// The addresses of a header, the nearest last; `None` for what is none.
fn said(headers: &HeaderMap, by: ForwardedBy) -> Vec<Option<IpAddr>> {
    let name = match by {
        ForwardedBy::XForwardedFor => X_FORWARDED_FOR,
        ForwardedBy::Forwarded => header::FORWARDED,
    };
    let elements = headers
        .get_all(name)
        .iter()
        .flat_map(|value: &HeaderValue| value.to_str().unwrap_or("unreadable").split(','));
    match by {
        ForwardedBy::XForwardedFor => elements.map(node).collect(),
        ForwardedBy::Forwarded => elements.map(forwarded).collect(),
    }
}

/// The `for` of one element of `Forwarded`. What is quoted there has neither commas nor semicolons, if it is an address.
fn forwarded(element: &str) -> Option<IpAddr> {
    let mut parameters = element.split(';').filter_map(|parameter| parameter.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    node(value.trim().trim_matches('"'))
}

/// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "198.51.100.1:443";

    fn client(peer: &str, by: ForwardedBy, values: &[&'static str]) -> String {
        let name = if by == ForwardedBy::Forwarded { header::FORWARDED } else { X_FORWARDED_FOR };
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        let trusted = ["198.51.100.0/24".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()];
        Peer(peer.parse().unwrap()).client(&headers, &trusted, by).to_string()
    }

    #[test]
    fn only_proxies_that_are_trusted_are_believed() {
        let by = ForwardedBy::XForwardedFor;
        assert_eq!(client("203.0.113.9:1", by, &["192.0.2.1"]), "203.0.113.9");
        assert_eq!(client(PROXY, by, &[]), "198.51.100.1");
        assert_eq!(client(PROXY, by, &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(client("[::ffff:198.51.100.1]:443", by, &["192.0.2.1:8080"]), "192.0.2.1");
        // What the client says itself stands on the left, and is not looked at.
        assert_eq!(client(PROXY, by, &["10.0.0.1, 192.0.2.1, 198.51.100.7"]), "192.0.2.1");
        assert_eq!(client(PROXY, by, &["10.0.0.1", "192.0.2.1"]), "192.0.2.1");
        assert_eq!(client("[2001:db8:1::5]:443", by, &["2001:db8:2::1"]), "2001:db8:2::1");
    }

    #[test]
    fn what_is_no_address_stands_for_the_proxy_that_let_it_through() {
        let by = ForwardedBy::XForwardedFor;
        assert_eq!(client(PROXY, by, &["192.0.2.1, unknown"]), "198.51.100.1");
        assert_eq!(client(PROXY, by, &["unknown, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(PROXY, by, &[""]), "198.51.100.1");
    }

    #[test]
    fn only_the_header_is_read_that_the_proxy_sets() {
        let by = ForwardedBy::Forwarded;
        assert_eq!(client(PROXY, by, &["for=192.0.2.1;proto=https;by=198.51.100.1"]), "192.0.2.1");
        assert_eq!(client(PROXY, by, &["proto=https; For=\"[2001:db8:2::1]:80\""]), "2001:db8:2::1");
        assert_eq!(client(PROXY, by, &["for=192.0.2.1, for=_hidden"]), "198.51.100.1");
        assert_eq!(client(PROXY, by, &["by=192.0.2.1"]), "198.51.100.1");
        let headers = HeaderMap::from_iter([(header::FORWARDED, HeaderValue::from_static("for=192.0.2.1"))]);
        let peer = Peer(PROXY.parse().unwrap());
        let trusted = ["198.51.100.0/24".parse().unwrap()];
        assert_eq!(peer.client(&headers, &trusted, ForwardedBy::XForwardedFor), peer.0.ip());
    }

    #[test]
    fn a_household_counts_as_one() {
        let of = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert!(!format!("{:?}", of("192.0.2.1")).contains('2'));
    }
}

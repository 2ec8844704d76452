//! Addresses and tokens of networks, and places.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    str,
};

/// An IPv4 address in four decimal parts, optionally with a prefix length (RFC 4632).
pub fn ipv4(value: &[u8]) -> bool {
    let (address, prefix) = split_prefix(value);
    parses::<Ipv4Addr>(address) && prefix.is_none_or(|prefix| prefix_length(prefix, 32))
}

/// The IPv4 address of one host: not of the machine itself, of no machine or of all, nor a mask (RFC 6890).
pub fn ipv4_host(value: &[u8]) -> bool {
    ipv4(value) && !matches!(value, b"0.0.0.0" | b"127.0.0.1" | b"127.0.1.1") && !value.starts_with(b"255.")
}

/// An IPv6 address (RFC 4291 §2.2), optionally with a zone (RFC 4007) or a prefix length. `::` alone is no address of
/// anyone.
pub fn ipv6(value: &[u8]) -> bool {
    let (address, prefix) = split_prefix(value);
    let (address, zone) = match address.iter().position(|&byte| byte == b'%') {
        Some(at) => (&address[..at], Some(&address[at + 1..])),
        None => (address, None),
    };
    address.len() > 2
        && parses::<Ipv6Addr>(address)
        && zone.is_none_or(|zone| !zone.is_empty() && zone.iter().all(u8::is_ascii_graphic))
        && prefix.is_none_or(|prefix| prefix_length(prefix, 128))
}

/// A hardware address, EUI-48 or EUI-64 (IEEE 802): pairs parted by one kind of `:`, `-` or space, fours parted by
/// dots, or none parted.
pub fn mac(value: &[u8]) -> bool {
    let group = match value.get(2) {
        Some(b':' | b'-' | b' ') => 2,
        _ if value.get(4) == Some(&b'.') => 4,
        _ => return matches!(value.len(), 12 | 16) && value.iter().all(u8::is_ascii_hexdigit),
    };
    let separator = value[group];
    let groups = (value.len() + 1) / (group + 1);
    matches!(groups * group, 12 | 16)
        && (value.len() + 1).is_multiple_of(group + 1)
        && value.iter().enumerate().all(|(i, byte)| {
            if i % (group + 1) == group { *byte == separator } else { byte.is_ascii_hexdigit() }
        })
}

/// A UUID of RFC 9562: version 1 to 8 and its variant, or the nil or max UUID.
pub fn uuid(value: &[u8]) -> bool {
    guid(value)
        && (matches!(value[14], b'1'..=b'8')
            && matches!(value[19].to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b')
            || [b'0', b'f']
                .iter()
                .any(|same| value.iter().all(|byte| byte.to_ascii_lowercase() == *same || *byte == b'-')))
}

/// The shape of a UUID, whatever its version and variant: 8-4-4-4-12 hexadecimal digits.
pub fn guid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(i, byte)| match i {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A JSON Web Token in compact form (RFC 7519): three base64url parts, the first a JSON object with an `alg`.
pub fn jwt(value: &[u8]) -> bool {
    let mut parts = value.split(|&byte| byte == b'.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    !payload.is_empty()
        && [header, payload, signature].iter().all(|part| {
            part.len() % 4 != 1
                && part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
        && names_algorithm(header)
}

/// A latitude or a longitude in decimal degrees.
pub fn degrees(value: &[u8]) -> bool {
    str::from_utf8(value).is_ok_and(|value| decimal_degrees(value, 180.0))
}

/// Latitude and longitude in degrees, with or without brackets around both: decimal (`-55.03, 113.02`) or in degrees,
/// minutes and seconds (`40° 26′ 46″ N, 79° 58′ 56″ W`).
pub fn lat_long(value: &[u8]) -> bool {
    let Ok(value) = str::from_utf8(value) else { return false };
    let value = match (value.strip_prefix('('), value.strip_suffix(')')) {
        (None, None) => value,
        (Some(_), Some(_)) => &value[1..value.len() - 1],
        _ => return false,
    };
    let Some((latitude, longitude)) = value.split_once(',') else { return false };
    let (latitude, longitude) = (latitude.trim(), longitude.trim());
    decimal_degrees(latitude, 90.0) && decimal_degrees(longitude, 180.0)
        || sexagesimal_degrees(latitude, 90, ['n', 's']) && sexagesimal_degrees(longitude, 180, ['e', 'w'])
}

fn split_prefix(value: &[u8]) -> (&[u8], Option<&[u8]>) {
    match value.iter().position(|&byte| byte == b'/') {
        Some(at) => (&value[..at], Some(&value[at + 1..])),
        None => (value, None),
    }
}

fn prefix_length(prefix: &[u8], bits: u8) -> bool {
    prefix.first().is_some_and(u8::is_ascii_digit) && parses_below::<u8>(prefix, |length| length <= bits)
}

fn parses<T: str::FromStr>(value: &[u8]) -> bool {
    parses_below::<T>(value, |_| true)
}

fn parses_below<T: str::FromStr>(value: &[u8], holds: impl Fn(T) -> bool) -> bool {
    str::from_utf8(value).ok().and_then(|value| value.parse().ok()).is_some_and(holds)
}

/// Whether base64url `header` is an object in braces in which a key `"alg"` stands. The rest is not parsed: a header
/// may be long, and whoever cuts one short leaves no closing brace.
fn names_algorithm(header: &[u8]) -> bool {
    const KEY: u64 = u64::from_be_bytes(*b"\0\0\0\"alg\"");
    let (mut window, mut key, mut named, mut first, mut last) = (0, false, false, 0, 0);
    for byte in decode(header) {
        if byte.is_ascii_whitespace() {
            continue;
        }
        named |= key && byte == b':';
        window = (window << 8 | u64::from(byte)) & 0xff_ffff_ffff;
        key = window == KEY;
        first = if first == 0 { byte } else { first };
        last = byte;
    }
    named && first == b'{' && last == b'}'
}

/// The bytes of base64url without padding. The symbols are known to be of its alphabet.
fn decode(symbols: &[u8]) -> impl Iterator<Item = u8> {
    let (mut bits, mut count) = (0_u32, 0);
    symbols.iter().filter_map(move |&symbol| {
        let value = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'-' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        (count >= 8).then(|| {
            count -= 8;
            (bits >> count) as u8
        })
    })
}

fn decimal_degrees(value: &str, limit: f64) -> bool {
    let number = value.strip_prefix(['+', '-']).unwrap_or(value);
    let (whole, fraction) =
        number.split_once('.').map_or((number, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && whole.len() <= 3
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && number.parse::<f64>().is_ok_and(|degrees| degrees <= limit)
}

/// Degrees, minutes and seconds with their marks, then a letter for the hemisphere.
fn sexagesimal_degrees(value: &str, limit: u32, hemispheres: [char; 2]) -> bool {
    let Some((degrees, rest)) = value.split_once('°') else { return false };
    let Some((minutes, rest)) = rest.split_once(['′', '\'', '’']) else { return false };
    let Some((seconds, hemisphere)) = rest.split_once(['″', '"', '”']) else { return false };
    let mut letters = hemisphere.trim().chars().map(|letter| letter.to_ascii_lowercase());
    let whole = |part: &str| part.trim().parse::<u32>().ok();
    let (Some(degrees), Some(minutes)) = (whole(degrees), whole(minutes)) else { return false };
    let seconds_hold = seconds.trim().bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && seconds.trim().parse::<f64>().is_ok_and(|seconds| seconds < 60.0);
    degrees <= limit
        && minutes < 60
        && seconds_hold
        && letters.next().is_some_and(|letter| hemispheres.contains(&letter))
        && letters.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internet_addresses() {
        assert!(ipv4(b"192.0.2.1") && ipv4(b"192.0.2.0/24"));
        assert!(
            !ipv4(b"192.0.2.256") && !ipv4(b"192.0.2.01") && !ipv4(b"192.0.2.0/33") && !ipv4(b"192.0.2.0/")
        );
        assert!(ipv6(b"2001:db8::1") && ipv6(b"::1") && ipv6(b"fe80::1%eth0") && ipv6(b"::ffff:192.0.2.1"));
        assert!(ipv6(b"2001:db8::/32") && !ipv6(b"::") && !ipv6(b"2001:db8::1::2") && !ipv6(b"12:30:45"));
    }

    #[test]
    fn hardware_addresses_have_one_separator() {
        for address in [
            "01:02:03:04:05:ab",
            "01-02-03-04-05-AB",
            "0102.0304.05ab",
            "0102030405ab",
            "01:02:03:04:05:06:07:08",
        ] {
            assert!(mac(address.as_bytes()), "{address}");
        }
        for no_address in
            ["01:02:03:04:05", "01-02:03:04:05:ab", "01:02:03:04:05:zz", "0102.03:04.05ab", "", "01:"]
        {
            assert!(!mac(no_address.as_bytes()), "{no_address}");
        }
    }

    #[test]
    fn uuids_have_version_and_variant() {
        assert!(
            uuid(b"f81d4fae-7dec-11d0-a765-00a0c91e6bf6") && uuid(b"00000000-0000-0000-0000-000000000000")
        );
        assert!(
            !uuid(b"f81d4fae-7dec-91d0-a765-00a0c91e6bf6") && guid(b"f81d4fae-7dec-91d0-c765-00a0c91e6bf6")
        );
        assert!(
            !guid(b"f81d4fae-7dec-11d0-a765-00a0c91e6bf") && !guid(b"f81d4fae07dec-11d0-a765-00a0c91e6bf6")
        );
    }

    #[test]
    fn tokens_name_an_algorithm() {
        assert!(jwt(b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UifQ.dBjftJeZ4CVP"));
        assert!(jwt(b"eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UifQ."), "unsecured, RFC 7519 §6");
        assert!(!jwt(b"eyJ0eXAiOiJKV1QifQ.eyJpc3MiOiJqb2UifQ.dBjftJeZ4CVP"), "no alg");
        assert!(!jwt(b"www.example.com") && !jwt(b"eyJhbGciOiJub25lIn0.e30") && !jwt(b"..") && !jwt(b""));
    }

    #[test]
    fn places_are_on_earth() {
        assert!(
            lat_long(b"-55.034319, 113.027344")
                && lat_long(b"(90,180)")
                && lat_long("40°26′46″N, 79°58′56″W".as_bytes())
        );
        assert!(
            !lat_long(b"90.1, 0")
                && !lat_long(b"0, 180.5")
                && !lat_long(b"(1, 2")
                && !lat_long(b")")
                && !lat_long(b"(")
        );
        assert!(!lat_long(b"inf, nan") && !lat_long(b"1e1, 2"));
    }
}

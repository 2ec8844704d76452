//! Addresses of the internet: e-mail, IP, MAC, URL.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Spec, composed, pattern, top_level_domains::TOP_LEVEL_DOMAINS};

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("EmailRecognizer", "EMAIL_ADDRESS")
        .any_language()
        .enabled()
        .patterns(&[composed("Email (Medium)", 0.5, email)])
        .context(&["email"])
        .validate(email_domain),
    Spec::new("IpRecognizer", "IP_ADDRESS")
        .any_language()
        .enabled()
        .patterns(&[
            composed("IPv4_mapped", 0.6, ipv4_mapped),
            composed("IPv4_embedded", 0.6, ipv4_embedded),
            composed("IPv4", 0.6, ipv4),
            composed("IPv6", 0.6, ipv6),
            composed("IPv6_unspecified", 0.1, ipv6_unspecified),
        ])
        .context(&["ip", "ipv4", "ipv6"])
        .invalidate(not_ip_interface),
    Spec::new("MacAddressRecognizer", "MAC_ADDRESS")
        .any_language()
        .enabled()
        .patterns(&[
            composed("MAC_COLON_OR_HYPHEN", 0.6, mac),
            pattern("MAC_CISCO_DOT", 0.6, r"\b[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\b"),
        ])
        .context(&["mac", "mac address", "hardware address", "physical address", "ethernet"])
        .invalidate(reserved_mac),
    Spec::new("UrlRecognizer", "URL")
        .any_language()
        .enabled()
        .patterns(&[
            composed("Standard Url", 0.6, || format!("https?://{}", host_and_path())),
            composed("Non schema URL", 0.5, host_and_path),
            composed("Quoted URL", 0.6, || format!(r#"["']https?://{}["']"#, host_and_path())),
            composed("Quoted Non-schema URL", 0.5, || format!(r#"["']{}["']"#, host_and_path())),
        ])
        .context(&["url", "website", "link"]),
];

fn email() -> String {
    let atom = r"!#$%&'*+\-/=?^_`{|}~\w";
    let label = r"\w+(?:-+\w+)*";
    format!(r"\b[{atom}](?:[{atom}.]*[{atom}])?@{label}(?:\.{label})+\b")
}

const OCTET: &str = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)";
const GROUP: &str = "[0-9a-f]{1,4}";
/// How many bits of an IPv6 address belong to its network.
const PREFIX_LENGTH: &str = r"(?:/(?:12[0-8]|1[01]\d|[1-9]?\d))?";
const NOT_WITHIN: &str = r"(?<![\w:])";

fn dotted() -> String {
    format!(r"(?:{OCTET}\.){{3}}{OCTET}")
}

fn ipv4() -> String {
    format!(r"\b{}(?:/(?:[0-2]?\d|3[0-2]))?\b", dotted())
}

fn ipv4_mapped() -> String {
    format!(r"{NOT_WITHIN}::(?:ffff(?::0{{1,4}})?:)?{}{PREFIX_LENGTH}\b", dotted())
}

fn ipv4_embedded() -> String {
    let groups = format!("(?:(?:{GROUP}:){{1,5}}:(?:{GROUP}:){{0,4}}|(?:{GROUP}:){{6}})");
    format!(r"{NOT_WITHIN}{groups}{}{PREFIX_LENGTH}\b", dotted())
}

/// Eight groups, or fewer with `::` in one place; the order decides which of several readings is taken.
fn ipv6() -> String {
    let mut forms = vec![
        format!("(?:{GROUP}:){{7}}{GROUP}"),
        format!("(?:{GROUP}:){{1,7}}:"),
        format!(":(?::{GROUP}){{1,7}}"),
    ];
    for before in (1..=6).rev() {
        forms.push(format!("(?:{GROUP}:){{1,{before}}}(?::{GROUP}){{1,{}}}", 7 - before));
    }
    format!(r"{NOT_WITHIN}(?:{})(?:%[0-9a-z]+)?{PREFIX_LENGTH}(?![\w:]|\.\d)", forms.join("|"))
}

fn ipv6_unspecified() -> String {
    format!(r"{NOT_WITHIN}::{PREFIX_LENGTH}(?![\w:])")
}

fn mac() -> String {
    let form = |separator: char| format!("(?:[0-9a-f]{{2}}{separator}){{5}}[0-9a-f]{{2}}");
    format!(r"\b(?:{}|{})\b", form(':'), form('-'))
}

fn host_and_path() -> String {
    let domains = TOP_LEVEL_DOMAINS.split_whitespace().collect::<Vec<_>>().join("|");
    format!(r#"(?:www\d{{0,3}}\.)?[a-z0-9.\-]{{1,253}}\.(?:{domains})(?:/[^\s()<>"']*)?"#)
}

/// Whether the domain is registrable: it has a public suffix and a label before it.
///
/// Presidio reads the address as a URL, so the host may end within its local part.
fn email_domain(address: &str) -> Option<bool> {
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    Some(registrable(host))
}

fn registrable(host: &str) -> bool {
    let host = host.to_lowercase();
    let mut suffix = psl::suffix(host.as_bytes());
    // Suffixes that companies registered, such as `blogspot.com`, do not count: look behind their first label.
    while let Some(private) = suffix.filter(|suffix| suffix.typ() == Some(psl::Type::Private)) {
        let Some(dot) = private.as_bytes().iter().position(|&c| c == b'.') else { return false };
        let parent = host.len() - private.as_bytes().len() + dot + 1;
        suffix = psl::suffix(&host.as_bytes()[parent..]);
    }
    suffix.is_some_and(|suffix| suffix.is_known() && suffix.as_bytes().len() < host.len())
}

/// What Python's `ipaddress.ip_interface` refuses: an octet with a leading zero above all.
fn not_ip_interface(value: &str) -> bool {
    let (address, bits) = match value.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (value, None),
    };
    let bits_within = |limit: u32| {
        bits.is_none_or(|bits| {
            bits.bytes().all(|c| c.is_ascii_digit()) && bits.parse().is_ok_and(|bits: u32| bits <= limit)
        })
    };
    if address.parse::<Ipv4Addr>().is_ok() {
        return !bits_within(32);
    }
    let (address, zone) = match address.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (address, None),
    };
    address.parse::<Ipv6Addr>().is_err() || zone.is_some_and(str::is_empty) || !bits_within(128)
}

/// All bits set or none.
fn reserved_mac(value: &str) -> bool {
    let digits = || value.bytes().filter(u8::is_ascii_hexdigit);
    digits().all(|c| c == b'0') || digits().all(|c| c.eq_ignore_ascii_case(&b'f'))
}

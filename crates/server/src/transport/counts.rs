//! What is counted of handshakes.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use rustls::{NamedGroup, ProtocolVersion};

/// What is counted of handshakes: an operator sees from it who would be refused if the key exchange had to hold against quantum
/// computers.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsCounts {
    shaken: Family<Handshake, Counter>,
    failed: Counter,
    until: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Handshake {
    version: &'static str,
    key_exchange: &'static str,
}

impl TlsCounts {
    /// Shows them in the metrics of a server that speaks TLS.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "TLS handshakes, by version and key exchange";
        registry.register("tls_handshakes", help, self.shaken.clone());
        let help =
            "TLS handshakes that failed: the client spoke otherwise, refused the certificate, or was refused";
        registry.register("tls_handshakes_failed", help, self.failed.clone());
        let help = "The end of the certificate, since 1970";
        registry.register_with_unit("tls_certificate_until", help, Unit::Seconds, self.until.clone());
    }

    pub(super) fn shaken(&self, version: Option<ProtocolVersion>, group: Option<NamedGroup>) {
        let version = match version {
            Some(ProtocolVersion::TLSv1_3) => "1.3",
            _ => "1.2",
        };
        let key_exchange = match group {
            Some(NamedGroup::X25519MLKEM768) => "X25519MLKEM768",
            Some(NamedGroup::X25519) => "X25519",
            Some(NamedGroup::secp256r1) => "P-256",
            Some(NamedGroup::secp384r1) => "P-384",
            // A session of TLS 1.2 that goes on exchanges no keys.
            _ => "none",
        };
        self.shaken.get_or_create(&Handshake { version, key_exchange }).inc();
    }

    pub(super) fn failed(&self) {
        self.failed.inc();
    }

    pub(super) fn until(&self, seconds: i64) {
        self.until.set(seconds);
    }
}

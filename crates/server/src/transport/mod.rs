//! How clients are spoken to: plainly, or over TLS with a certificate that is a file, self-made, or fetched by ACME.

mod acme;
mod acme_tls;
mod certificate;
mod connection;
mod counts;
mod error;
mod files;
mod headers;
#[cfg(test)]
mod peers;
mod self_made;
mod stalling;
mod tls;

use std::{net::SocketAddr, path::PathBuf};

pub(crate) use connection::{Connections, serve as serve_connection};
pub(crate) use counts::TlsCounts;
pub use error::TlsError;
pub(crate) use headers::Headers;
pub(crate) use tls::Door;

/// How clients are spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// HTTP as it is, which everybody on the way can read.
    Plain {
        /// A proxy on the way from other machines ends TLS: the operator says so.
        behind_proxy: bool,
    },
    /// TLS 1.2 and 1.3, HTTP/1.1 and HTTP/2.
    Tls(Tls),
}

/// How TLS is spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Who the server says it is.
    pub certificate: Certificate,
    /// Whether a key exchange must hold against quantum computers.
    pub post_quantum: PostQuantum,
}

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Two PEM files, read again when they change.
    Files {
        /// The server's own certificate first, then those that vouch for it.
        chain: PathBuf,
        /// Its private key, which nobody else may read.
        key: PathBuf,
    },
    /// One that vouches for itself, for use on one's own machines.
    SelfMade {
        /// Where it is kept.
        folder: PathBuf,
        /// The names and addresses that it holds for, beside those of this machine.
        names: Vec<String>,
    },
    /// One that an authority gives out by itself (RFC 8555), to whoever answers on port 443 of its names (RFC 8737).
    Acme(Acme),
}

/// How a certificate is got from an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acme {
    /// The authority's directory, an `https` URL.
    pub directory: String,
    /// Where the authority reaches the operator, such as `mailto:privacy@example.org`.
    pub contact: Vec<String>,
    /// The names that the certificate is for.
    pub names: Vec<String>,
    /// Where account and certificate are kept.
    pub folder: PathBuf,
    /// Who vouches for the authority's own server, in PEM; those that the system trusts where there is none.
    pub root: Option<PathBuf>,
}

/// Whether a key exchange must hold against quantum computers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PostQuantum {
    /// With those who can: X25519MLKEM768 with them, X25519 or a NIST curve with others.
    #[default]
    Preferred,
    /// Others are refused.
    Required,
}

impl Transport {
    /// Whether `listen` may be spoken to in this way.
    ///
    /// # Errors
    /// [`TlsError::Plaintext`] where others could listen in.
    pub(crate) fn suits(&self, listen: SocketAddr) -> Result<(), TlsError> {
        match self {
            Self::Plain { behind_proxy: false } if !listen.ip().to_canonical().is_loopback() => {
                Err(TlsError::Plaintext(listen))
            }
            _ => Ok(()),
        }
    }

    /// Whether browsers reach the server over TLS, its own or a proxy's.
    pub(crate) const fn is_secure(&self) -> bool {
        matches!(self, Self::Tls(_) | Self::Plain { behind_proxy: true })
    }

    /// What an address of this server begins with.
    pub(crate) fn scheme(&self) -> &'static str {
        match self {
            Self::Plain { .. } => "http",
            Self::Tls(_) => "https",
        }
    }
}

impl Default for Transport {
    fn default() -> Self {
        Self::Plain { behind_proxy: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_spoken_to_in_the_clear_over_a_network_unless_the_operator_says_so() {
        let plain = Transport::default();
        for listen in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1"] {
            assert!(plain.suits(listen.parse().unwrap()).is_ok(), "{listen}");
        }
        for listen in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "[2001:db8::1]:1"] {
            let listen = listen.parse().unwrap();
            let error = plain.suits(listen).unwrap_err().to_string();
            assert!(error.contains(&listen.to_string()) && error.contains("[tls]"), "{error}");
            assert!(Transport::Plain { behind_proxy: true }.suits(listen).is_ok());
        }
    }
}

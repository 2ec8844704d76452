//! Why a server can't speak as it is told to.

use std::{error::Error, fmt, io, net::SocketAddr, path::PathBuf};

/// Why a server can't speak as it is told to.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// Others could listen in on this address.
    Plaintext(SocketAddr),
    /// A file can't be read or written.
    File(PathBuf, io::Error),
    /// A file is not what it should be: which, and why.
    Content(PathBuf, String),
    /// Others may read a private key.
    Readable(PathBuf),
    /// No certificate can be made: why.
    Making(String),
    /// The settings of ACME can't be meant: why.
    Acme(String),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plaintext(listen) => write!(
                f,
                "other machines can reach `{listen}`, and without TLS everybody on the way could read what is sent: give a \
                 certificate in `[tls]` of the settings, listen on `127.0.0.1`, or, behind a proxy that ends TLS, say \
                 `plaintext = true`"
            ),
            Self::File(path, cause) => write!(f, "`{}`: {cause}", path.display()),
            Self::Content(path, why) => write!(f, "`{}`: {why}", path.display()),
            Self::Readable(path) => write!(
                f,
                "`{}` holds a private key, and everybody on this machine may read it: `chmod 600` it, and make a new one if \
                 others were here",
                path.display()
            ),
            Self::Making(why) => write!(f, "no certificate can be made: {why}"),
            Self::Acme(why) => write!(f, "no certificate can be got by ACME: {why}"),
        }
    }
}

impl Error for TlsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File(_, cause) => Some(cause),
            _ => None,
        }
    }
}

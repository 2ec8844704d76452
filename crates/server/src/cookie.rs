//! The cookie by which a browser shows in which session it is.

use std::sync::{Arc, OnceLock};

use axum::http::{HeaderMap, HeaderValue, header};
use tacita_domain::Timestamp;

/// Over TLS the name itself has browsers take it from this host alone, over TLS, and for all its paths (RFC 6265bis §4.1.3.2).
const SECURE: &str = "__Host-tacita-session";
/// Without TLS, on this machine, no browser would send the other.
const PLAIN: &str = "tacita-session";

/// How the session's cookie is set and read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionCookie {
    /// Whether browsers reach the server over TLS.
    pub(crate) secure: bool,
}

/// A new secret for the session of a request, which its answer is to carry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turned(Arc<OnceLock<HeaderValue>>);

impl Turned {
    pub(crate) fn set(&self, cookie: HeaderValue) {
        let _ = self.0.set(cookie);
    }

    pub(crate) fn get(&self) -> Option<&HeaderValue> {
        self.0.get()
    }
}

impl SessionCookie {
    const fn name(self) -> &'static str {
        if self.secure { SECURE } else { PLAIN }
    }

    /// The secret that a request shows; none where it shows none, or several.
    pub(crate) fn read(self, headers: &HeaderMap) -> Option<&str> {
        let mut found = None;
        for line in headers.get_all(header::COOKIE) {
            for pair in line.to_str().ok()?.split(';') {
                let Some((name, value)) = pair.trim().split_once('=') else { continue };
                // Two of the same name: one was planted.
                if name == self.name() && found.replace(value).is_some() {
                    return None;
                }
            }
        }
        found
    }

    /// What gives a browser the secret of a session: no script can read it, and no other site has it sent.
    pub(crate) fn set(self, secret: &str, expires: Timestamp, now: Timestamp) -> HeaderValue {
        let seconds = (expires.seconds() - now.seconds()).max(0);
        self.header(secret, seconds)
    }

    /// What has a browser forget it.
    pub(crate) fn clear(self) -> HeaderValue {
        self.header("", 0)
    }

    fn header(self, value: &str, seconds: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text =
            format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", self.name());
        let mut header = HeaderValue::try_from(text).expect("a secret is plain text");
        header.set_sensitive(true);
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_static(line))).collect()
    }

    #[test]
    fn the_secret_is_found_among_others_and_never_where_there_are_two() {
        let (plain, secure) = (SessionCookie { secure: false }, SessionCookie { secure: true });
        let both = headers(&["a=b; tacita-session=one;c", "__Host-tacita-session=two"]);
        assert_eq!((plain.read(&both), secure.read(&both)), (Some("one"), Some("two")));
        assert_eq!(plain.read(&headers(&["tacita-session=one; tacita-session=two"])), None);
        assert_eq!(plain.read(&headers(&["xtacita-session=one", "tacita-sessions=two", ""])), None);
    }

    #[test]
    fn what_is_set_is_for_this_host_alone_and_for_no_script() {
        let at = Timestamp::from_micros(1_000_000);
        let cookie = SessionCookie { secure: true }.set("secret", at.after_seconds(60), at);
        assert_eq!(
            cookie,
            "__Host-tacita-session=secret; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(cookie.is_sensitive());
        assert_eq!(
            SessionCookie { secure: false }.clear(),
            "tacita-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }
}

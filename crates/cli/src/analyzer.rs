//! A Presidio analyzer of the user's: where it is, how it is asked.

use std::{
    convert::Infallible,
    env, fmt,
    num::NonZeroUsize,
    str::FromStr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use clap::Args;
use tacita_language::presidio::{Address, Analyzer, Language, Settings};

use crate::failure::Failure;

/// Where the URL may stand too: there it is not in the list of processes.
const VARIABLE: &str = "TACITA_PRESIDIO_URL";

/// A Presidio analyzer of the user's.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Beside Presidio")]
pub(crate) struct AnalyzerArgs {
    /// Let Presidio's analyzer at this URL read the texts too, and merge what it finds; TACITA_PRESIDIO_URL says the same
    #[arg(id = "presidio-url", long, value_name = "URL")]
    url: Option<Url>,
    /// The language that it is told
    #[arg(id = "presidio-language", long, value_name = "CODE", default_value_t)]
    language: Language,
    /// How long it may take to read a text, or a window of a long one (32 KB)
    #[arg(id = "presidio-timeout", long, value_name = "SECONDS", default_value_t = Seconds(Settings::TIMEOUT))]
    timeout: Seconds,
    /// How many texts it reads at once: as many as it has processes, and one more
    #[arg(id = "presidio-connections", long, value_name = "N", default_value_t = Settings::AT_ONCE)]
    at_once: NonZeroUsize,
    /// Send texts to another machine unencrypted (http://): for a network that nobody else listens to
    #[arg(id = "presidio-plaintext", long)]
    plaintext: bool,
    /// It is asked for its types first, and has one account for all texts: once is enough.
    #[arg(skip)]
    connected: OnceLock<Arc<Analyzer>>,
}

/// What was given as a URL. It may hold a password, so nothing prints it, not even the parser of arguments.
#[derive(Clone)]
struct Url(String);

impl FromStr for Url {
    type Err = Infallible;

    fn from_str(url: &str) -> Result<Self, Infallible> {
        Ok(Self(url.to_owned()))
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Url(…)")
    }
}

/// A time in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seconds(Duration);

impl FromStr for Seconds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(seconds) if (0.01..=600.0).contains(&seconds) => Ok(Self(Duration::from_secs_f64(seconds))),
            _ => Err("give seconds, from 0.01 to 600"),
        }
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_secs_f64().fmt(f)
    }
}

impl AnalyzerArgs {
    /// Whether the command line names one.
    pub(crate) fn is_given(&self) -> bool {
        self.url.is_some()
    }

    /// The analyzer, if there is one.
    pub(crate) fn analyzer(&self) -> Result<Option<Arc<Analyzer>>, Failure> {
        let Some(url) = self.url() else { return Ok(None) };
        let address = Address::parse(&url, self.plaintext).map_err(Failure::Analyzer)?;
        let analyzer = self.connected.get_or_init(|| {
            Arc::new(Analyzer::connect(Settings {
                address,
                language: self.language.clone(),
                timeout: self.timeout.0,
                at_once: self.at_once,
            }))
        });
        Ok(Some(Arc::clone(analyzer)))
    }

    /// Says what it did not read. Tacita's own recognisers did, so that the command has not failed.
    pub(crate) fn tell(&self) {
        let Some(analyzer) = self.connected.get() else { return };
        let account = analyzer.account();
        if account.missed() > 0 {
            anstream::eprintln!(
                "tacita: presidio at {} did not read {account}; what it alone finds is missing there",
                analyzer.address()
            );
        }
    }

    fn url(&self) -> Option<String> {
        if let Some(Url(url)) = &self.url {
            return Some(url.clone());
        }
        let url = env::var_os(VARIABLE).filter(|url| !url.is_empty())?;
        Some(url.to_string_lossy().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_limit_is_some_seconds() {
        assert_eq!("0.5".parse(), Ok(Seconds(Duration::from_millis(500))));
        for bad in ["0", "-1", "601", "nan", "inf", "2s", ""] {
            assert!(bad.parse::<Seconds>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_url_is_not_printed() {
        let url: Url = "http://mara:hunter2@127.0.0.1".parse().expect("it is not looked at");
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}

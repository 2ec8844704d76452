//! Microsoft Presidio's analyzer, asked over HTTP, as a [reader](tacita_detect::Reader) beside the recognisers.
//!
//! It may be slow, wrong or gone: each request has a limit of time and size, and after several failures in a row it is
//! left alone for a while. What it did not read is counted ([`Analyzer::account`]); detection goes on without.

mod account;
mod address;
mod answer;
mod breaker;
mod client;
mod types;

use std::{
    fmt,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tacita_detect::{Reader, Reading};

pub use self::{
    account::{Account, Cause},
    address::{Address, AddressError, Language, LanguageError},
    types::OTHER,
};
use self::{
    breaker::{Breaker, Change},
    client::Client,
    types::Types,
};
use crate::turns::Turns;

/// Where an analyzer is, and how it is asked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it is.
    pub address: Address,
    /// The language it is told that texts are in.
    pub language: Language,
    /// How long a request may take, from connecting to the last byte of the answer.
    pub timeout: Duration,
    /// Requests that may be under way at once; further ones wait for their turn, without a limit of time.
    pub at_once: NonZeroUsize,
}

impl Settings {
    /// Time enough for a window of text (33 KB) where several are queued for one process: without a language model
    /// Presidio reads some 10 KB a second.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
    /// Presidio's container works with one process: one request is worked on while the next is on its way.
    pub const AT_ONCE: NonZeroUsize = NonZeroUsize::new(2).expect("two is not zero");
}

/// The time that has passed since some fixed moment.
pub type Clock = Box<dyn Fn() -> Duration + Send + Sync>;

/// An analyzer that answers over HTTP. Share it between threads.
pub struct Analyzer {
    address: Address,
    client: Client,
    types: Types,
    turns: Turns,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    breaker: Breaker,
    account: Account,
}

impl Analyzer {
    /// Asks the analyzer for the names of its types. If it doesn't answer, those that Presidio usually has are taken for
    /// its types, and it is asked again when there is something to read: starting does not depend on it.
    ///
    /// Blocks for as long as a request may take.
    #[must_use]
    pub fn connect(settings: Settings) -> Self {
        #[expect(clippy::disallowed_methods, reason = "how long an analyzer is left alone is measured")]
        let start = Instant::now();
        Self::connect_by(settings, Box::new(move || start.elapsed()))
    }

    /// The same by a clock of the caller's.
    #[must_use]
    pub fn connect_by(settings: Settings, clock: Clock) -> Self {
        let Settings { address, language, timeout, at_once } = settings;
        let client = Client::new(&address, language, timeout);
        let mut state = State { breaker: Breaker::new(timeout), ..State::default() };
        let permit = state.breaker.ask(clock());
        let types = match client.entities().and_then(|body| answer::entities(&body)) {
            Ok(names) => Types::of(&names),
            Err(cause) => {
                permit.and_then(|permit| state.breaker.failed(permit, clock()));
                state.account.unanswered = Some(cause);
                Types::usual()
            }
        };
        Self { address, client, types, turns: Turns::new(at_once), clock, state: Mutex::new(state) }
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What became of the texts, or windows of a text, that it was to read so far.
    #[must_use]
    pub fn account(&self) -> Account {
        self.state().account.clone()
    }

    /// Whether it is left alone for now, as it failed several times in a row.
    #[must_use]
    pub fn is_left_alone(&self) -> bool {
        self.state().breaker.is_open()
    }

    fn ask(&self, text: &str) -> Result<Vec<Reading>, Cause> {
        let _turn = self.turns.take();
        let permit = self.state().breaker.ask((self.clock)()).ok_or(Cause::NotAsked)?;
        let readings = self.client.analyze(text).and_then(|body| answer::readings(text, &body, &self.types));
        let now = (self.clock)();
        let change = match readings {
            Ok(_) => self.state().breaker.answered(permit),
            Err(_) => self.state().breaker.failed(permit, now),
        };
        if let Some(change) = change {
            self.log(change, readings.as_ref().err());
        }
        readings
    }

    fn log(&self, change: Change, cause: Option<&Cause>) {
        let address = &self.address;
        match (change, cause) {
            (Change::Opened { pause }, Some(cause)) => tracing::warn!(
                "presidio at {address} fails ({cause}): it is left alone for {} s, detection goes on without it",
                pause.as_secs()
            ),
            _ => tracing::info!("presidio at {address} answers again"),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change of it is whole, whatever panics in between.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader for Analyzer {
    fn entities(&self) -> &[String] {
        self.types.names()
    }

    fn read(&self, text: &str) -> Option<Vec<Reading>> {
        // Presidio refuses an empty text, and there is nothing to find in this one.
        if text.trim().is_empty() {
            return Some(Vec::new());
        }
        let readings = self.ask(text);
        self.state().account.count(readings.as_ref().err().copied());
        readings.ok()
    }
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analyzer").field("address", &self.address).finish_non_exhaustive()
    }
}

//! Counting together with other processes, in Redis or Valkey.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use prometheus_client::{metrics::counter::Counter, registry::Registry};
use redis::{
    Client, RedisError, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::{sync::OnceCell, time::timeout};

use super::{
    Clock, SharedRates,
    rates::{Asked, Scope, Taken},
};

/// How long one answer may take. A request waits no longer for it than for its own work.
const PATIENCE: Duration = Duration::from_millis(250);
/// Microseconds for which it is left alone once it failed, so that not every request waits.
const LEFT_ALONE: u64 = 1_000_000;

/// Looks at all rates by one clock, that of Redis, and then takes from all of them or from none. Times are microseconds, written whole:
/// a number that Lua writes by itself loses digits. A rate that is whole again is one that is not there.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local after, answer = {}, {0}
for at, key in ipairs(KEYS) do
  local interval, whole = tonumber(ARGV[2 * at - 1]), tonumber(ARGV[2 * at])
  local free = tonumber(redis.call('GET', key) or now)
  after[at] = math.min(math.max(free, now), now + whole) + interval
  answer[at + 1] = after[at] - now
  if answer[1] == 0 and after[at] - now > whole then answer[1] = at end
end
if answer[1] == 0 then
  for at, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', after[at]), 'PX', math.ceil((after[at] - now) / 1000))
  end
end
return answer
";

/// A Redis in which several processes count together.
pub(super) struct Shared {
    url: SharedRates,
    script: Script,
    connection: OnceCell<ConnectionManager>,
    clock: Clock,
    /// Until when it is left alone; 0 while it answers.
    left_alone_until: AtomicU64,
    failed: Counter,
}

impl Shared {
    pub(super) fn new(url: &SharedRates, clock: Clock) -> Self {
        Self {
            url: url.clone(),
            script: Script::new(TAKE),
            connection: OnceCell::new(),
            clock,
            left_alone_until: AtomicU64::new(0),
            failed: Counter::default(),
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let help =
            "How often Redis did not say whether a limit is reached, so that the process counted for itself";
        registry.register("limits_redis_failed", help, self.failed.clone());
    }

    /// Takes one request from all rates, or from none; nothing where it does not answer.
    pub(super) async fn take(&self, asked: &Asked) -> Option<Taken> {
        let (now, until) = ((self.clock)(), self.left_alone_until.load(Relaxed));
        if now < until {
            return None;
        }
        let answer = match timeout(PATIENCE, self.ask(asked)).await {
            Ok(answer) => answer.map_err(|error| error.category().to_owned()),
            Err(_) => Err("no answer in time".to_owned()),
        };
        match answer {
            Ok(taken) => {
                if until != 0 && self.left_alone_until.swap(0, Relaxed) != 0 {
                    tracing::info!("the Redis of the limits answers again: all processes count together");
                }
                Some(taken)
            }
            Err(why) => {
                self.failed.inc();
                if self.left_alone_until.swap(now + LEFT_ALONE, Relaxed) == 0 {
                    tracing::warn!(
                        "the Redis of the limits can't be asked ({why}): each process counts for itself until it answers"
                    );
                }
                None
            }
        }
    }

    async fn ask(&self, asked: &Asked) -> Result<Taken, RedisError> {
        let connection = self.connection.get_or_try_init(|| async {
            let config = ConnectionManagerConfig::new()
                .set_number_of_retries(0)
                .set_connection_timeout(Some(PATIENCE))
                .set_response_timeout(Some(PATIENCE));
            ConnectionManager::new_lazy_with_config(Client::open(self.url.url.as_str())?, config)
        });
        let mut connection = connection.await?.clone();
        let mut script = self.script.prepare_invoke();
        for (scope, rule) in asked.rules() {
            script.key(self.key(scope)).arg(rule.interval).arg(rule.whole);
        }
        let answer: Vec<u64> = script.invoke_async(&mut connection).await?;
        let (&refused, used) = answer.split_first().unwrap_or((&0, &[]));
        Ok(Taken {
            refused: usize::try_from(refused).unwrap_or_default().checked_sub(1),
            used: used.to_vec(),
        })
    }

    /// Braces keep the keys of an organisation on one server of a cluster.
    fn key(&self, scope: &Scope) -> String {
        let prefix = &self.url.prefix;
        match scope {
            Scope::Address(network) => format!("{prefix}address:{}", network.key()),
            Scope::Caller(organisation, actor) => format!("{prefix}{{{organisation}}}:{actor}"),
            Scope::Organisation(organisation) => format!("{prefix}{{{organisation}}}"),
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroU32, sync::Arc};

    use zeroize::Zeroizing;

    use super::*;
    use crate::limits::{Network, Rate, rates::Gcra};

    fn rule(per_minute: u32, burst: u32) -> Gcra {
        let number = |number| NonZeroU32::new(number).unwrap();
        Gcra::of(Rate { per_minute: number(per_minute), burst: number(burst) })
    }

    fn shared(url: &str, now: &Arc<AtomicU64>) -> Shared {
        let now = Arc::clone(now);
        let prefix = format!("tacita-test:{:016x}:", fastrand::u64(..));
        Shared::new(
            &SharedRates { url: Zeroizing::new(url.to_owned()), prefix },
            Arc::new(move || now.load(Relaxed)),
        )
    }

    /// The server of the tests; nothing where there is none, which continuous integration takes for a failure.
    async fn server() -> Option<Shared> {
        let url = std::env::var("TACITA_TEST_REDIS").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
        let shared = shared(&url, &Arc::default());
        if shared.ask(&Asked::new(Vec::new())).await.is_ok() {
            return Some(shared);
        }
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "there is no Redis at `{url}`");
        println!("skipped: there is no Redis; name one in TACITA_TEST_REDIS");
        None
    }

    fn address_scope() -> Scope {
        Scope::Address(Network::of("192.0.2.1".parse().unwrap()))
    }

    #[tokio::test]
    async fn processes_count_together() {
        let Some(first) = server().await else { return };
        let second = Shared::new(&first.url, Arc::clone(&first.clock));
        // One an hour, so that no time passes that would count.
        let mut rule = rule(1, 6);
        (rule.interval, rule.whole) = (3_600_000_000, 6 * 3_600_000_000);
        let asked = Asked::of(address_scope(), rule);
        let (mut through, mut refused) = (0, 0);
        for _ in 0..5 {
            for process in [&first, &second] {
                match process.take(&asked).await.expect("Redis answers").refused {
                    None => through += 1,
                    Some(0) => refused += 1,
                    other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!((through, refused), (6, 4));
    }

    #[tokio::test]
    async fn of_two_rates_both_are_charged_or_none_and_time_gives_back() {
        let Some(redis) = server().await else { return };
        let organisation = "01990a1e-7c3a-7b52-8e0f-3f6f2b9d5a01".parse().unwrap();
        let mut hourly = rule(1, 2);
        (hourly.interval, hourly.whole) = (3_600_000_000, 2 * 3_600_000_000);
        let actor = tacita_domain::Actor::System("first");
        let both = Asked::new(vec![
            (Scope::Caller(organisation, actor), hourly),
            (Scope::Organisation(organisation), rule(6_000_000, 1)),
        ]);
        let refused = || async { redis.take(&both).await.expect("Redis answers").refused };
        // The fast rate is whole again after ten microseconds: less than the way to Redis takes.
        assert_eq!((refused().await, refused().await), (None, None));
        assert_eq!(refused().await, Some(0));
    }

    #[tokio::test]
    async fn where_nobody_answers_it_is_said_once_and_left_alone_for_a_second() {
        let now = Arc::new(AtomicU64::new(1));
        // A port that is reserved, and that nobody listens on.
        let gone = shared("redis://127.0.0.1:1", &now);
        let asked = Asked::of(address_scope(), rule(60, 1));
        assert_eq!(gone.take(&asked).await, None);
        assert_eq!(gone.take(&asked).await, None);
        assert_eq!(gone.failed.get(), 1, "the second was not even tried");
        now.fetch_add(LEFT_ALONE, Relaxed);
        assert_eq!(gone.take(&asked).await, None);
        assert_eq!(gone.failed.get(), 2);
    }

    #[tokio::test]
    async fn what_is_kept_goes_by_itself() {
        let Some(redis) = server().await else { return };
        redis.take(&Asked::of(address_scope(), rule(60, 5))).await.expect("Redis answers");
        let mut connection = redis.connection.get().expect("it was asked").clone();
        let key = redis.key(&address_scope());
        let left: i64 = redis::cmd("PTTL").arg(key).query_async(&mut connection).await.unwrap();
        assert!((1..=1000).contains(&left), "{left}");
    }

    #[tokio::test]
    async fn once_it_answers_again_all_count_together() {
        if server().await.is_none() {
            return;
        }
        let now = Arc::new(AtomicU64::new(1));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = port.local_addr().unwrap();
        drop(port);
        let redis = shared(&format!("redis://{address}"), &now);
        let asked = Asked::of(address_scope(), rule(60, 5));
        assert_eq!(redis.take(&asked).await, None);
        // From now on something answers there: the server of the tests, a step further.
        let server =
            std::env::var("TACITA_TEST_REDIS").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
        let server = server.trim_start_matches("redis://").trim_end_matches('/').to_owned();
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut other = tokio::net::TcpStream::connect(&server).await.unwrap();
                tokio::spawn(
                    async move { drop(tokio::io::copy_bidirectional(&mut stream, &mut other).await) },
                );
            }
        });
        // The first to ask again may only find that the old connection is gone.
        let mut tries = 0;
        while redis.take(&asked).await.is_none() {
            tries += 1;
            assert!(tries < 10, "it is asked again");
            now.fetch_add(LEFT_ALONE, Relaxed);
        }
    }
}

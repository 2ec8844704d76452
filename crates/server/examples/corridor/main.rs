//! `cargo xtask bench corridor`: how many records a second reach the disk by the whole way: token, policy, basis, detection, seal,
//! and for each its own entry in the ledger, lineage row, processing row and outbox row. In process and through HTTP, on SQLCipher
//! and on PostgreSQL.
//!
//! `corridor FOLDER [POSTGRES_URL]`: nothing is measured in memory, a folder in tmpfs is refused; the URL names a server on which
//! two databases may be made. TACITA_BENCH_PEOPLE is how many people there are in the large database, a million unless it is set.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to the developer's terminal")]

mod disk;
mod house;
mod http;

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::sleep_until};

use disk::{Rate, Watch};
use house::House;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// How long each figure is measured, and how often; the middle one counts.
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;
/// People in the small database.
const PEOPLE: usize = 1000;
/// Records of a batch.
const BATCH: usize = 1000;
/// Callers at once.
const CALLERS: usize = 64;

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("give a folder on the disk that is to be measured")?);
    let url = arguments.next();
    fs::create_dir_all(&folder)?;
    disk::refuse_memory(&folder)?;
    println!("fdatasync of 4 KiB: {:.2} ms (median of 100)\n", milliseconds(disk::fsync(&folder)?));
    println!(
        "{:<44}{:>12}{:>10}{:>10}{:>10}{:>10}",
        "", "records/s", "goal", "of 600*", "us each", "kB each"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        database("SQLCipher", &folder, None).await?;
        if let Some(url) = &url {
            database("PostgreSQL", &folder, Some(url)).await?;
        }
        large(&folder).await
    })?;
    println!(
        "\n* Tessera's published figure with de-duplication on a machine of 1 GB; Databunker's is 347/s. Neither ran here, and \
         neither seals or detects."
    );
    Ok(())
}

/// A database of [`PEOPLE`], in process and through HTTP.
async fn database(name: &str, folder: &Path, url: Option<&str>) -> Result<()> {
    let goal = |rate: u32| url.is_none().then_some(rate);
    let house = Arc::new(House::found(&folder.join("small"), url, PEOPLE).await?);
    for (what, callers, batch, goal) in [
        ("1 caller", 1, 1, goal(2_500)),
        ("64 callers", CALLERS, 1, goal(15_000)),
        ("batches of 1,000", 1, BATCH, goal(40_000)),
    ] {
        row(&format!("{name}, {what}"), &rate(&house, callers, batch).await?, goal);
    }
    latency(name, &house).await?;
    provable(name, &house).await?;
    let address = house.serve().await?;
    for (what, callers, batch, goal) in [
        ("1 connection", 1, 1, goal(1_250)),
        ("64 connections", CALLERS, 1, goal(7_500)),
        ("batches of 1,000", 1, BATCH, goal(20_000)),
    ] {
        let rate = http::rate(&house, address, callers, batch).await?;
        row(&format!("{name} by HTTP, {what}"), &rate, goal);
    }
    Ok(())
}

/// A database of a million people, each with a record.
async fn large(folder: &Path) -> Result<()> {
    let people =
        env::var("TACITA_BENCH_PEOPLE").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000_000);
    let folder = folder.join("large");
    let started = Instant::now();
    let house = Arc::new(House::found(&folder, None, people).await?);
    let bytes = fs::metadata(folder.join("tacita.db"))?.len();
    println!(
        "{:<44}{:>12.0}   {people} new people in batches, {:.0} s, {:.2} GB",
        "SQLCipher, people",
        people as f64 / started.elapsed().as_secs_f64(),
        started.elapsed().as_secs_f64(),
        bytes as f64 / 1e9
    );
    row(&format!("SQLCipher, {people} people, 64 callers"), &rate(&house, CALLERS, 1).await?, Some(10_000));
    Ok(())
}

fn row(name: &str, rate: &Rate, goal: Option<u32>) {
    let goal = goal.map_or_else(String::new, |goal| goal.to_string());
    let Rate { records, processor, written } = rate;
    println!("{name:<44}{records:>12.0}{goal:>10}{:>9.0}x{processor:>10.0}{written:>10.1}", records / 600.0);
}

/// Records a second, the median of some rounds.
async fn rate(house: &Arc<House>, callers: usize, batch: usize) -> Result<Rate> {
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let (watch, kept) = (Watch::start(), Arc::new(AtomicUsize::new(0)));
        let started = watch.started;
        let mut tasks = JoinSet::new();
        for _ in 0..callers {
            let (house, kept) = (Arc::clone(house), Arc::clone(&kept));
            tasks.spawn(async move {
                while started.elapsed() < ROUND {
                    house.keep(batch).await;
                    kept.fetch_add(batch, Ordering::Relaxed);
                }
            });
        }
        while let Some(task) = tasks.join_next().await {
            task?;
        }
        rates.push(watch.stop(kept.load(Ordering::Relaxed)));
    }
    Ok(median(rates))
}

/// How long a record takes where 500 come in a second, whether the earlier ones are done or not.
async fn latency(name: &str, house: &Arc<House>) -> Result<()> {
    const EACH: Duration = Duration::from_millis(2);
    let (started, mut tasks) = (Instant::now(), JoinSet::new());
    for number in 0..5_000 {
        let due = started + EACH * number;
        sleep_until(due.into()).await;
        let house = Arc::clone(house);
        tasks.spawn(async move {
            house.keep(1).await;
            due.elapsed()
        });
    }
    let times = sorted(tasks.join_all().await);
    let [p50, p99] = [50, 99].map(|percent| milliseconds(times[times.len() * percent / 100]));
    println!("{:<44}{p50:>9.2} ms median, {p99:.2} ms p99 (goal 5)", format!("{name}, 500 a second"));
    Ok(())
}

/// From asking for a record until its receipt proves it.
async fn provable(name: &str, house: &Arc<House>) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..200 {
        let started = Instant::now();
        house.prove(house.keep_one().await).await?;
        times.push(started.elapsed());
    }
    let times = sorted(times);
    let p99 = milliseconds(times[times.len() * 99 / 100]);
    println!("{:<44}{p99:>9.2} ms p99 (goal 1,000)", format!("{name}, append to provable"));
    Ok(())
}

fn sorted(mut times: Vec<Duration>) -> Vec<Duration> {
    times.sort_unstable();
    times
}

fn median(mut rates: Vec<Rate>) -> Rate {
    rates.sort_by(|a, b| a.records.total_cmp(&b.records));
    rates.swap_remove(rates.len() / 2)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

//! Megabytes per second over texts that repeat nothing, beside presidio-analyzer on a part of the same.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::{fmt::Write as _, hint::black_box, path::Path, time::Instant};

use anyhow::Result;
use tacita_detect::{Detector, Finding, Options, recognizers};

use super::{marked, peer::Presidio, prose};
use crate::random::Random;

/// The types that are found by reading.
const NAMES: [&str; 4] = ["PERSON", "LOCATION", "ORGANIZATION", "NRP"];
/// How much of a text Presidio is given: more takes minutes.
const PEER_BYTES: usize = 40_000;

pub(super) fn report(data: &Path, peer: &Presidio) -> Result<()> {
    // Names are read token by token, which takes longer than all else: what needs none keeps its speed.
    let structured = recognizers().iter().map(|r| r.entity).filter(|entity| !NAMES.contains(entity));
    let entities = Some(structured.map(str::to_owned).collect());
    let structured = Detector::new(Options { entities, ..Options::default() })?;
    let detector = Detector::new(Options::default())?;
    let mut texts: Vec<(&str, String)> = vec![
        ("dense: synth and pii_anon, shuffled", dense(data)?),
        ("prose: wikigold, shuffled", shuffled_lines(&prose(&data.join("wikigold.conll.txt"))?)),
        ("busy log", log(40_000)),
        ("csv of customers", csv(40_000)),
    ];
    texts.extend(adversarial());
    println!("\nspeed, one core: every recogniser but those of names, then with them\n");
    println!("{:44} {:>9} {:>10} {:>9} {:>12} {:>11}", "text", "MB", "MB/s", "peer", "ratio", "with names");
    for (name, text) in &texts {
        let ours = megabytes_per_second(&structured, text.as_bytes());
        let with_names = megabytes_per_second(&detector, text.as_bytes());
        print!("{name:44} {:>9.2} {ours:>10.1}", text.len() as f64 / 1e6);
        if name.contains(':') || name.contains("log") {
            let part = &text[..text.floor_char_boundary(PEER_BYTES)];
            let (_, seconds) = peer.analyze(part.lines(), 0.0)?;
            let theirs = part.len() as f64 / 1e6 / seconds;
            print!(" {theirs:>9.3} {:>11.0}x", ours / theirs);
        } else {
            print!("{:23}", "");
        }
        println!(" {with_names:>11.1}");
    }
    let short = "Please send the invoice to mara.lind@example.org or call +1 541-714-1388 by 2024-03-09";
    let [plain, named] = [&structured, &detector].map(|detector| nanoseconds(detector, short));
    println!("\n{} bytes: {plain:.0} ns, with names {named:.0} ns", short.len());
    Ok(())
}

/// The best of several rounds: what the machine can do when nothing else does.
fn megabytes_per_second(detector: &Detector, text: &[u8]) -> f64 {
    let mut findings: Vec<Finding> = Vec::new();
    let mut best = f64::INFINITY;
    for _ in 0..7 {
        let start = Instant::now();
        detector.detect_into(black_box(text), &mut findings);
        black_box(&findings);
        best = best.min(start.elapsed().as_secs_f64());
    }
    text.len() as f64 / 1e6 / best
}

fn nanoseconds(detector: &Detector, text: &str) -> f64 {
    const ROUNDS: u32 = 200_000;
    let mut findings: Vec<Finding> = Vec::new();
    let start = Instant::now();
    for _ in 0..ROUNDS {
        detector.detect_into(black_box(text.as_bytes()), &mut findings);
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(ROUNDS)
}

fn dense(data: &Path) -> Result<String> {
    let mut texts = marked(&data.join("presidio_research_synth.jsonl"))?;
    texts.extend(marked(&data.join("pii_anon.jsonl"))?);
    let mut lines: Vec<String> = texts.into_iter().map(|row| row.text).collect();
    Random::new(7).shuffle(&mut lines);
    Ok(lines.join("\n"))
}

fn shuffled_lines(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    Random::new(7).shuffle(&mut lines);
    lines.join("\n")
}

/// Lines as a web server and its services write them: addresses, ids, times, numbers everywhere.
fn log(lines: usize) -> String {
    let mut s = Random::new(11);
    let mut text = String::new();
    for _ in 0..lines {
        let (day, hour, minute, second) = (1 + s.below(28), s.below(24), s.below(60), s.below(60));
        // Writing to a string cannot fail.
        let _ = write!(text, "2024-03-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z ", s.below(1000));
        let _ = match s.below(4) {
            0 => writeln!(
                text,
                "INFO http: 10.{}.{}.{} GET /api/v2/orders/{}?page={} 200 {} bytes {}ms",
                s.below(256),
                s.below(256),
                s.below(256),
                s.below(9_000_000),
                s.below(40),
                s.below(90_000),
                s.below(900)
            ),
            1 => writeln!(
                text,
                "DEBUG pool: connection {:08x}{:08x} reused, {} idle, {} waiting, age {}s",
                s.below(1 << 30),
                s.below(1 << 30),
                s.below(50),
                s.below(9),
                s.below(5000)
            ),
            2 => writeln!(
                text,
                "WARN queue: job {:08x}-{:04x}-4{:03x}-a{:03x}-{:012x} retried {} times, next in {}.{}s",
                s.below(1 << 30),
                s.below(65536),
                s.below(4096),
                s.below(4096),
                s.below(1 << 31),
                s.below(9),
                s.below(60),
                s.below(9)
            ),
            _ => writeln!(
                text,
                "INFO auth: user=user{} session={:016x} from 192.168.{}.{} port {} ok",
                s.below(99999),
                s.below(1 << 31),
                s.below(256),
                s.below(256),
                s.below(65535)
            ),
        };
    }
    text
}

fn csv(rows: usize) -> String {
    let mut s = Random::new(13);
    let mut text = "id,name,email,phone,card,city,balance\n".to_owned();
    for row in 0..rows {
        let _ = writeln!(
            text,
            "{row},Mara Lind{},mara{}@example.org,+1 541-{:03}-{:04},4{:015},Dunmore,{}.{:02}",
            s.below(100),
            s.below(99999),
            200 + s.below(700),
            s.below(10000),
            s.below(999_999_999),
            s.below(9000),
            s.below(100)
        );
    }
    text
}

/// What someone sends who wants to slow a scanner down.
fn adversarial() -> Vec<(&'static str, String)> {
    let mut s = Random::new(17);
    let size = 2_000_000;
    let mut random =
        |alphabet: &[u8]| -> String { (0..size).map(|_| char::from(*s.pick(alphabet))).collect() };
    let base64 = random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    let digits = random(b"0123456789");
    let spaced = random(b"0123456789 ");
    let punctuated = random(b"0123456789 -./:@");
    let repeat = |unit: &str| unit.repeat(size / unit.len());
    vec![
        ("adversarial, random base64", base64),
        ("adversarial, random digits", digits),
        ("adversarial, digits and spaces", spaced),
        ("adversarial, digits and punctuation", punctuated),
        ("adversarial, `1 ` repeated", repeat("1 ")),
        ("adversarial, `1-` repeated", repeat("1-")),
        ("adversarial, `a@` repeated", repeat("a@")),
        ("adversarial, `a:` repeated", repeat("a:")),
        ("adversarial, `http://` repeated", repeat("http://")),
        ("adversarial, `eyJ.` repeated", repeat("eyJ1.")),
        ("adversarial, `.com` repeated", repeat(".com")),
        ("adversarial, `a.` repeated", repeat("a.")),
        ("adversarial, `password=` repeated", repeat("password=")),
        (
            "adversarial, words, then `May 1 ` repeated",
            ("key ".repeat(4000) + &"May 1 ".repeat(2600)).repeat(60),
        ),
        ("adversarial, `http://a` and brackets", (String::from("http://a") + &")".repeat(2030)).repeat(980)),
        ("adversarial, `password: ` repeated", repeat("password: ")),
        ("adversarial, `4111 ` repeated", repeat("4111 ")),
        ("adversarial, `123-45-` repeated", repeat("123-45-")),
        ("adversarial, `-----BEGIN PRIVATE KEY-----`", repeat("-----BEGIN PRIVATE KEY-----")),
        ("adversarial, `Street ` repeated", repeat("Street ")),
        ("adversarial, `123456789 ` repeated", repeat("123456789 ")),
    ]
}

//! `tacita scan` over many small files of mixed formats, beside the time that detection takes over their texts alone.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::{
    collections::BTreeMap,
    env, fs,
    hint::black_box,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use tacita_detect::{Detector, Finding, Options};
use tacita_documents::{Limits, read};

use super::{
    clock,
    peers::{Peers, extension},
};

const FILES: usize = 10_000;
/// What a scan may take, in times of the detection alone.
const GOAL: f64 = 2.0;

/// Seconds of processor time in this process, on one thread.
#[derive(Default)]
struct Alone {
    files: usize,
    bytes: usize,
    text: usize,
    reading: f64,
    detection: f64,
}

pub(super) fn report(folder: &Path, peers: &Peers) -> Result<()> {
    let documents = folder.join("small");
    peers.make(&["small", &FILES.to_string()], &documents)?;
    let by_format = alone(&documents)?;
    println!("\n{FILES} small files: seconds of processor time, without another process\n");
    println!("{:9} {:>6} {:>7} {:>7} {:>9} {:>10}", "format", "files", "MB", "text", "reading", "detection");
    let mut all = Alone::default();
    for (format, sum) in &by_format {
        sum.print(format);
        all.add(sum);
    }
    all.print("together");
    println!();
    let tacita = program()?;
    for threads in ["1", "2"] {
        let (passed, computed) = scan(&tacita, &documents, threads)?;
        println!(
            "tacita scan --threads {threads}: {passed:.2} s on the clock, {:.2} times the detection (the goal is {GOAL}); \
             {computed:.2} s of processor time, {:.2} times",
            passed / all.detection,
            computed / all.detection
        );
    }
    Ok(())
}

impl Alone {
    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.text += other.text;
        self.reading += other.reading;
        self.detection += other.detection;
    }

    fn print(&self, name: &str) {
        println!(
            "{name:9} {:>6} {:>7.2} {:>7.2} {:>9.2} {:>10.2}",
            self.files,
            self.bytes as f64 / 1e6,
            self.text as f64 / 1e6,
            self.reading,
            self.detection
        );
    }
}

fn alone(folder: &Path) -> Result<BTreeMap<String, Alone>> {
    let detector = Detector::new(Options::default())?;
    let limits = Limits::default();
    let mut findings: Vec<Finding> = Vec::new();
    let mut by_format: BTreeMap<String, Alone> = BTreeMap::new();
    // All is read before anything is looked for: a reader with a thread of its own tidies up when its text is out already.
    let mut texts = Vec::new();
    for file in files(folder)? {
        let bytes = fs::read(&file)?;
        let name = file.to_string_lossy();
        let begun = clock::own();
        let document = read(&name, &bytes, &limits).with_context(|| format!("cannot read {name}"))?;
        let reading = clock::own() - begun;
        let (format, text) = (extension(&file).to_owned(), document.text().to_owned());
        let sum = Alone { files: 1, bytes: bytes.len(), text: text.len(), reading, detection: 0.0 };
        by_format.entry(format.clone()).or_default().add(&sum);
        texts.push((format, text));
    }
    for (format, text) in texts {
        let begun = clock::own();
        detector.detect_into(black_box(text.as_bytes()), &mut findings);
        black_box(&findings);
        by_format.entry(format).or_default().detection += clock::own() - begun;
    }
    Ok(by_format)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for place in fs::read_dir(folder)? {
        for file in fs::read_dir(place?.path())? {
            files.push(file?.path());
        }
    }
    files.sort();
    Ok(files)
}

/// `tacita`, which was built beside this program.
fn program() -> Result<PathBuf> {
    let program = env::current_exe()?.with_file_name(format!("tacita{}", env::consts::EXE_SUFFIX));
    ensure!(program.is_file(), "`{}` is missing: `cargo xtask bench documents` builds it", program.display());
    Ok(program)
}

/// Seconds that passed, and that it and its readers computed; each the least of three.
fn scan(tacita: &Path, folder: &Path, threads: &str) -> Result<(f64, f64)> {
    let mut best = (f64::INFINITY, f64::INFINITY);
    for _ in 0..3 {
        let mut command = Command::new(tacita);
        command.args(["scan", "--threads", threads]).arg(folder).stdout(Stdio::null());
        let (begun, computed) = (Instant::now(), clock::children());
        let status = command.status().context("cannot start tacita")?;
        best = (best.0.min(begun.elapsed().as_secs_f64()), best.1.min(clock::children() - computed));
        ensure!(status.success(), "tacita scan failed; what it says stands above");
    }
    Ok(best)
}

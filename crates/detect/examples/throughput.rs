//! Prints how many megabytes a second detection reads of each file named.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "it measures and tells")]

use std::{hint::black_box, time::Instant};

use tacita_detect::{Detector, Options};

fn main() {
    let detector = Detector::new(Options::default()).expect("default options");
    for path in std::env::args().skip(1) {
        let text = std::fs::read(&path).expect("a readable file");
        let mut findings = Vec::new();
        let mut best = f64::INFINITY;
        let mut total = 0.0;
        while total < 1.5 {
            let start = Instant::now();
            detector.detect_into(black_box(&text), &mut findings);
            let seconds = start.elapsed().as_secs_f64();
            best = best.min(seconds);
            total += seconds;
        }
        println!("{path}: {:.1} MB/s, {} findings", text.len() as f64 / 1e6 / best, findings.len());
    }
}

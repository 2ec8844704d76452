//! presidio-analyzer, installed in a scratch environment of its own.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::json;

const VERSION: &str = "2.2.366";
const SCRIPT: &str = include_str!("presidio.py");

pub(super) struct Presidio {
    python: PathBuf,
}

/// Spans in code points and their types, per text, and the seconds it took.
pub(super) type Answers = (Vec<Vec<(usize, usize, String)>>, f64);

impl Presidio {
    /// Installs it where it is not yet.
    pub(super) fn install() -> Result<Self> {
        let folder = Path::new(".tools/presidio");
        let python = folder.join("bin/python");
        let ready = folder.join(format!("ready-{VERSION}"));
        if !ready.exists() {
            eprintln!("installing presidio-analyzer {VERSION} into {}", folder.display());
            run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
            run(Command::new(&python)
                .args(["-m", "pip", "install", "--quiet"])
                .arg(format!("presidio-analyzer=={VERSION}")))?;
            std::fs::write(&ready, "")?;
        }
        Ok(Self { python: std::path::absolute(python)? })
    }

    /// What it finds in `texts` above `threshold`, one process, patterns and context words, no language model.
    pub(super) fn analyze<'a>(
        &self,
        texts: impl Iterator<Item = &'a str>,
        threshold: f64,
    ) -> Result<Answers> {
        let mut child = Command::new(&self.python)
            .args(["-c", SCRIPT, &threshold.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start python")?;
        let mut input = child.stdin.take().context("python has no standard input")?;
        let lines: Vec<String> = texts.map(|text| json!({ "text": text }).to_string()).collect();
        // Presidio reads everything before it answers, so writing first cannot block on its output.
        input.write_all(lines.join("\n").as_bytes())?;
        drop(input);
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "presidio-analyzer failed");
        let text = String::from_utf8(output.stdout)?;
        let mut rows: Vec<&str> = text.lines().collect();
        let seconds = rows.pop().context("presidio-analyzer answered nothing")?.parse()?;
        let spans = rows.into_iter().map(serde_json::from_str).collect::<Result<_, _>>()?;
        Ok((spans, seconds))
    }
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}

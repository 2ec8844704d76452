//! The other programs: Python's readers in a scratch environment of their own, pdftotext, LibreOffice.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::clock;

/// What reads, and what writes the files that are read.
const PACKAGES: [&str; 13] = [
    "PyYAML==6.0.4",
    "XlsxWriter==3.3.1",
    "beautifulsoup4==4.15.0",
    "lxml==6.1.3",
    "odfpy==1.4.1",
    "openpyxl==3.1.5",
    "pyarrow==26.0.1",
    "python-docx==1.2.0",
    "python-pptx==1.0.2",
    "reportlab==5.1.0",
    "striprtf==0.0.35",
    "xlrd==2.0.2",
    "xlwt==1.3.0",
];
const SCRIPTS: [(&str, &str); 3] = [
    ("material.py", include_str!("material.py")),
    ("make.py", include_str!("make.py")),
    ("peers.py", include_str!("peers.py")),
];
/// What LibreOffice reads of ours, and the text that it is told to write.
const OFFICE: [(&str, &str); 6] = [
    ("docx", "txt:Text"),
    ("odt", "txt:Text"),
    ("rtf", "txt:Text"),
    ("xlsx", "csv"),
    ("xls", "csv"),
    ("ods", "csv"),
];
/// Files that LibreOffice converts in one start, so that starting is the smaller part.
const COPIES: usize = 2;

pub(super) struct Peers {
    folder: PathBuf,
}

/// How a peer did on one file.
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(rename = "peer")]
    pub(super) name: String,
    /// Of the best round.
    pub(super) seconds: Option<f64>,
    /// Why there was none.
    pub(super) skipped: Option<String>,
}

impl Answer {
    fn new(name: &str, seconds: Result<f64>) -> Self {
        let (seconds, skipped) = match seconds {
            Ok(seconds) => (Some(seconds), None),
            Err(error) => (None, Some(format!("{error:#}"))),
        };
        Self { name: name.to_owned(), seconds, skipped }
    }
}

impl Peers {
    /// Installs Python's readers where they are not yet; the programs are used if the system has them.
    pub(super) fn install() -> Result<Self> {
        let folder = std::path::absolute(".tools/documents")?;
        let ready = folder.join("ready");
        let wanted = PACKAGES.join("\n");
        if fs::read_to_string(&ready).ok().as_ref() != Some(&wanted) {
            eprintln!("installing Python's readers into {}", folder.display());
            output(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
            output(Command::new(folder.join("bin/python")).args(pip).args(PACKAGES))?;
            fs::write(&ready, wanted)?;
        }
        for (name, script) in SCRIPTS {
            fs::write(folder.join(name), script)?;
        }
        Ok(Self { folder })
    }

    /// What the script that makes documents prints.
    pub(super) fn make(&self, arguments: &[&str], folder: &Path) -> Result<String> {
        fs::create_dir_all(folder)?;
        let (kind, rest) = arguments.split_first().context("it is told what to make")?;
        self.python("make.py", &[kind], folder, rest)
    }

    /// Every peer that reads this file.
    pub(super) fn read(&self, file: &Path, office: Option<&Office>) -> Result<Vec<Answer>> {
        let printed = self.python("peers.py", &[], file, &[])?;
        let mut answers = printed.lines().map(serde_json::from_str).collect::<Result<Vec<Answer>, _>>()?;
        let extension = extension(file);
        if extension == "pdf" {
            answers.push(Answer::new("pdftotext", pdftotext(file)));
        }
        if let (Some(office), Some((_, target))) = (office, OFFICE.iter().find(|(of, _)| *of == extension)) {
            answers.push(Answer::new("LibreOffice", office.convert(file, target)));
        }
        Ok(answers)
    }

    fn python(&self, script: &str, before: &[&str], path: &Path, behind: &[&str]) -> Result<String> {
        let mut command = Command::new(self.folder.join("bin/python"));
        output(command.arg(self.folder.join(script)).args(before).arg(path).args(behind))
    }
}

/// LibreOffice with a profile of its own.
pub(super) struct Office {
    folder: PathBuf,
    /// Seconds that it takes to convert next to nothing.
    pub(super) start: f64,
}

impl Office {
    /// # Errors
    /// When it is not installed.
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let folder = folder.join("office");
        fs::create_dir_all(&folder)?;
        let nothing = folder.join("nothing.txt");
        fs::write(&nothing, "nothing\n")?;
        let mut office = Self { folder, start: 0.0 };
        // The first start makes the profile.
        office.run(&[&nothing], "txt:Text")?;
        office.start = office.run(&[&nothing], "txt:Text")?;
        Ok(office)
    }

    /// Seconds for one file, the start left out.
    fn convert(&self, file: &Path, target: &str) -> Result<f64> {
        let copy = |number| {
            let copy = self.folder.join(format!("copy{number}.{}", extension(file)));
            fs::copy(file, &copy).map(|_| copy)
        };
        let copies = (0..COPIES).map(copy).collect::<io::Result<Vec<PathBuf>>>()?;
        let paths: Vec<&Path> = copies.iter().map(PathBuf::as_path).collect();
        let seconds = self.run(&paths, target)?;
        Ok((seconds - self.start).max(f64::EPSILON) / COPIES as f64)
    }

    fn run(&self, files: &[&Path], target: &str) -> Result<f64> {
        let out = self.folder.join("out");
        let mut command = Command::new("soffice");
        command
            .arg(format!("-env:UserInstallation=file://{}", self.folder.join("profile").display()))
            .args(["--headless", "--convert-to", target, "--outdir"])
            .arg(&out)
            .args(files);
        let start = clock::children();
        output(&mut command)?;
        let seconds = clock::children() - start;
        let written = fs::read_dir(&out).map_or(0, Iterator::count);
        // It ends well whatever it could not convert.
        ensure!(written == files.len(), "it wrote {written} of {} files", files.len());
        fs::remove_dir_all(&out)?;
        Ok(seconds)
    }
}

/// The best of a few runs, its start included: it takes some milliseconds.
fn pdftotext(file: &Path) -> Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let start = clock::children();
        output(Command::new("pdftotext").arg("-q").arg(file).arg("-"))?;
        best = best.min(clock::children() - start);
    }
    Ok(best)
}

pub(super) fn extension(file: &Path) -> &str {
    file.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

/// What a command that must succeed prints.
fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("`{program}` is not installed"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{program}` failed: {}", told.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

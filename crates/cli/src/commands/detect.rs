//! `tacita detect`

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use tacita_detect::Finding;
use tacita_documents::utf8;

use crate::{
    detection::{DetectionArgs, Finder, Match, Offsets},
    failure::{Exit, Failure},
    input::{open, read_text},
    jsonl,
    ordered::available_threads,
    output::Output,
    size::Size,
    trail::{Spot, Trail},
};

/// Find personal data in a text; the findings come as JSON
///
/// The text is read as it comes and held in constant memory, however long it is. Findings come in order of start, those
/// of the profile `presidio` the surest first, and say what and where, never the text itself:
/// {"findings":[{"entity_type","start","end","score"}]}
///
/// A text in UTF-16 is read too; its offsets count in the text without its byte order mark, and `--offsets bytes` in what
/// it is in UTF-8.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita detect letter.txt
  journalctl | tacita detect --types EMAIL_ADDRESS,IP_ADDRESS --offsets bytes
  echo '{\"text\": \"Write to mara.lind@example.org\"}' | tacita detect --jsonl
  tacita detect --profile presidio --threshold 0.4 letter.txt

Each line of `--jsonl` is {\"text\", \"language\"?, \"entities\"?, \"threshold\"?}. A line that is no such thing is answered
{\"error\": …} in its place, named on stderr, and makes the exit code 2.")]
pub(crate) struct Args {
    /// The text; stdin without it or for `-`
    file: Option<PathBuf>,
    /// One text per line in JSON, one answer per line in the same order
    #[arg(long)]
    jsonl: bool,
    /// The unit that `start` and `end` count
    #[arg(long, value_enum, default_value_t)]
    offsets: Offsets,
    /// Threads for `--jsonl` [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// The longest line of `--jsonl`; the longest text with `--profile presidio`
    #[arg(long, value_name = "SIZE", default_value = "50MB")]
    max_size: Size,
    /// Write there instead of stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    detection: DetectionArgs,
}

pub(crate) fn run(mut args: Args) -> Result<Exit, Failure> {
    args.detection.add_found_rules()?;
    let args = &args;
    let path = args.file.as_deref().unwrap_or(Path::new("-"));
    let input = open(path)?;
    let mut out = Output::open(args.output.as_deref())?;
    let exit = if args.jsonl {
        answer_lines(args, input, path, &mut out)?
    } else {
        find_in_text(args, text(input).map_err(Failure::read(path))?, path, &mut out)?;
        Exit::Clean
    };
    out.finish()?;
    Ok(args.detection.native.readers.conclude(exit))
}

/// What is no text would be searched in vain, and nothing found in it say nothing.
fn text(input: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    utf8(input).map_err(|cause| match cause.kind() {
        io::ErrorKind::InvalidData => io::Error::other(format!("{cause}; `tacita scan` reads documents")),
        _ => cause,
    })
}

fn answer_lines(
    args: &Args,
    input: impl Read + Send,
    path: &Path,
    out: &mut Output,
) -> Result<Exit, Failure> {
    let threads = args.threads.map_or_else(available_threads, usize::from);
    let (unit, longest_line) = (args.offsets.into(), args.max_size.bytes());
    let mut exit = Exit::Clean;
    jsonl::answer(input, path, &args.detection, unit, longest_line, threads, |answers| {
        for (line, error) in &answers.errors {
            exit = Exit::Errors;
            anstream::eprintln!("tacita: line {line}: {error}");
        }
        out.put(&answers.json)?;
        // Whoever writes a line and waits for its answer gets it now.
        out.flush_now()
    })?;
    Ok(exit)
}

fn find_in_text(args: &Args, input: impl Read, path: &Path, out: &mut Output) -> Result<(), Failure> {
    let mut list = FindingList::new(args.offsets, out);
    match args.detection.finder()? {
        Finder::Native(detector) => {
            let mut stream = detector.stream();
            let mut found = Vec::new();
            read_pieces(input, path, |piece| {
                list.trail.push(piece);
                stream.push(piece, |finding| found.push(finding));
                found
                    .drain(..)
                    .try_for_each(|finding| list.put(detector.entity_name(finding.entity), finding))
            })?;
            stream.finish(|finding| found.push(finding));
            found
                .drain(..)
                .try_for_each(|finding| list.put(detector.entity_name(finding.entity), finding))?;
        }
        Finder::Presidio(finder) => {
            let text = read_text(input, path, args.max_size)?;
            finder.find(&text, args.offsets.into()).iter().try_for_each(|found| list.write(found))?;
        }
    }
    list.end()
}

/// The findings of a text as they come, written as JSON.
struct FindingList<'a> {
    out: &'a mut Output,
    trail: Trail,
    json: Vec<u8>,
    separator: &'static [u8],
}

impl<'a> FindingList<'a> {
    fn new(offsets: Offsets, out: &'a mut Output) -> Self {
        Self { out, trail: Trail::new(offsets.into()), json: Vec::new(), separator: b"{\"findings\":[\n" }
    }

    fn put(&mut self, entity: &str, finding: Finding) -> Result<(), Failure> {
        let Spot { start, end, .. } = self.trail.spot(finding.start, finding.end);
        self.write(&Match { entity, start, end, score: finding.score })
    }

    fn write(&mut self, finding: &Match<'_>) -> Result<(), Failure> {
        self.json.clear();
        self.json.extend_from_slice(std::mem::replace(&mut self.separator, b",\n"));
        jsonl::write_finding(&mut self.json, finding);
        self.out.put(&self.json)
    }

    fn end(self) -> Result<(), Failure> {
        match self.separator {
            b",\n" => self.out.put(b"\n]}\n"),
            _ => self.out.put(b"{\"findings\":[]}\n"),
        }
    }
}

/// Gives what `input` holds to `take`, piece by piece.
fn read_pieces(
    mut input: impl Read,
    path: &Path,
    mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => take(&buffer[..read])?,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(Failure::read(path)(cause)),
        }
    }
}

//! `tacita model eval`

use std::{path::PathBuf, str::FromStr, time::Instant};

use clap::ValueEnum;
use tacita_detect::{
    Detector, Overlaps,
    evaluation::{self, Found, Mapping, Marked, Scores},
};

use crate::{
    detection::NativeArgs,
    evaluation::{Evaluation, json, table},
    failure::{Exit, Failure},
    input::{open, read_text},
    output::Output,
    size::Size,
};

/// Compare what is found with what people marked in texts of your own
///
/// Precision, recall, F1 and F2 for every type that is marked, of exact spans and of those that overlap enough; what
/// scores are worth; recall by group; speed. Types that the file doesn't mark are not counted as false. Intervals hold
/// 95 of 100 draws of the texts (bootstrap percentiles): texts, since what stands in one is right or wrong together.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The file has a text per line, places in code points, groups of the people named if they are known:
  {\"text\": \"Ola met Zoë\", \"spans\": [[0, 3, \"PERSON\"], [8, 11, \"PERSON\"]], \"groups\": {\"region\": \"Oceania\"}}
or a token and its label per line (CoNLL, IOB2), as in `Ola B-PER`.

The row `all types` sums up the rows above it; `any type` takes a finding for right whatever its type, as redaction does.

Examples:
  tacita model eval --data texts.jsonl
  tacita model eval --data corpus.conll --types PERSON,LOCATION --threshold strict
  tacita model eval --data texts.jsonl --model ./my-model
  tacita model eval --data texts.jsonl --map SURNAME=PERSON --map TOWN=LOCATION --format json")]
pub(crate) struct Args {
    /// Texts with what is to be found in them; `-` is stdin
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// A type of the file and ours for it; may be repeated. PER, GPE, ORG and other usual names are known
    #[arg(long = "map", value_name = "THEIRS=OURS")]
    maps: Vec<Map>,
    /// How much must be found for an overlap: characters in common among those of either, above 0 to 1
    #[arg(long, value_name = "SHARE", default_value = "0.75")]
    overlap: Share,
    /// Take the parts of an address that stand beside each other for one address: street, unit, place, postcode
    #[arg(long)]
    join_addresses: bool,
    /// The format of the figures
    #[arg(short, long, value_enum, default_value_t)]
    format: FiguresFormat,
    /// Larger files are refused
    #[arg(long, value_name = "SIZE", default_value = "500MB")]
    max_size: Size,
    #[command(flatten)]
    native: NativeArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FiguresFormat {
    /// For reading in a terminal
    #[default]
    Table,
    /// One JSON object
    Json,
}

/// What a file calls a type, and what we call it.
#[derive(Clone, Debug)]
struct Map {
    theirs: String,
    ours: String,
}

impl FromStr for Map {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((theirs, ours)) if !theirs.is_empty() && !ours.is_empty() => {
                Ok(Self { theirs: theirs.to_owned(), ours: ours.to_owned() })
            }
            _ => Err("give a type of the file and ours, such as SURNAME=PERSON"),
        }
    }
}

/// A share of characters.
#[derive(Clone, Copy, Debug)]
struct Share(f64);

impl FromStr for Share {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(share) if share > 0.0 && share <= 1.0 => Ok(Self(share)),
            _ => Err("give a number above 0 and at most 1"),
        }
    }
}

pub(crate) fn run(mut args: Args) -> Result<Exit, Failure> {
    args.native.rules.add_found()?;
    args.native.check_types(args.maps.iter().map(|map| map.ours.clone()).collect())?;
    let detector = args.native.detector(Overlaps::Resolve)?;
    let mut texts = marked(&args)?;
    let (mut found, megabytes_per_second) = find(&detector, &texts, args.rounds()?);
    if args.join_addresses {
        evaluation::join_addresses(&mut texts, &mut found);
    }
    let scores = score(&args, &texts, &found);
    if scores.types.is_empty() {
        let marked = scores.not_sought.into_keys().collect();
        return Err(Failure::NothingSought { path: args.data, marked });
    }
    let evaluation = Evaluation { threshold: args.native.least_score(), megabytes_per_second, scores };
    let mut out = Output::open(None)?;
    match args.format {
        FiguresFormat::Table => out.put_styled(table(&evaluation).as_bytes())?,
        FiguresFormat::Json => out.put(&json(&evaluation))?,
    }
    out.finish()?;
    Ok(args.native.readers.conclude(Exit::Clean))
}

impl Args {
    /// An analyzer takes long, and what counts is what it answered, whatever its speed.
    fn rounds(&self) -> Result<usize, Failure> {
        Ok(if self.native.readers.analyzer.analyzer()?.is_some() { 1 } else { ROUNDS })
    }
}

fn marked(args: &Args) -> Result<Vec<Marked>, Failure> {
    let content = read_text(open(&args.data)?, &args.data, args.max_size)?;
    let mut texts =
        evaluation::read(&content).map_err(|cause| Failure::Marks { path: args.data.clone(), cause })?;
    let mut mapping = Mapping::default();
    args.maps.iter().for_each(|map| mapping.add(&map.theirs, &map.ours));
    mapping.apply(&mut texts);
    Ok(texts)
}

/// Rounds of which the fastest counts: what the machine can do when nothing else does.
const ROUNDS: usize = 3;

/// What is found in each text, and how many megabytes of them a second takes.
#[expect(clippy::disallowed_methods, reason = "the speed is measured")]
fn find<'a>(detector: &'a Detector, texts: &[Marked], rounds: usize) -> (Vec<Vec<Found<'a>>>, f64) {
    let (mut found, mut best) = (Vec::new(), f64::INFINITY);
    for _ in 0..rounds {
        let start = Instant::now();
        found = texts.iter().map(|text| evaluation::find(detector, &text.text)).collect();
        best = best.min(start.elapsed().as_secs_f64());
    }
    let bytes: usize = texts.iter().map(|text| text.text.len()).sum();
    (found, bytes as f64 / 1e6 / best.max(f64::MIN_POSITIVE))
}

fn score(args: &Args, texts: &[Marked], found: &[Vec<Found<'_>>]) -> Scores {
    let sought = |entity: &str| match &args.native.types {
        Some(types) => types.iter().any(|wanted| wanted == entity),
        None => args.native.check_types(vec![entity.to_owned()]).is_ok(),
    };
    evaluation::score(texts, found, sought, args.overlap.0)
}

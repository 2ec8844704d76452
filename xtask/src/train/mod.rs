//! Training of the tagger of names: `cargo xtask train` writes `crates/detect/models/names.bin`.
//!
//! The same data gives the same bytes. Which data that is, and how good the result, `docs/model-card.md` says.

mod balanced;
mod calibrate;
mod corpora;
mod crf;
mod generate;
mod lists;

pub(crate) use balanced::write as write_balanced;

use std::{fs, path::Path};

use crate::house::House;
use crate::random::Random;
use anyhow::{Result, ensure};
use corpora::Text;
use crf::{Field, Run, Settings};
use tacita_detect::names::{
    Kind,
    chain::{Part, label},
    features::Sight,
    lexicon::{self, Lexicon},
    model::{self, STEPS},
};

/// Templates that are expanded.
const GENERATED: usize = 20_000;
/// The share of the templated records of `pii_anon.jsonl` that is used: all alike, they would drown the rest.
const RECORDS: f32 = 0.25;
const SETTINGS: Settings = Settings { passes: 12, rate: 0.05, decay: 3e-5, dropout: 0.4 };
const MODEL: &str = "crates/detect/models/names.bin";

/// A corpus, which is left out as a whole when the confidence of the others' tagger is measured.
struct Corpus {
    name: &'static str,
    texts: Vec<Text>,
}

/// Writes texts like the generated part of the training as JSON lines, for models of another kind.
pub(crate) fn write_generated(file: &Path) -> Result<()> {
    let lists = lists::Lists::load(&crate::bench::data()?).map_err(anyhow::Error::msg)?;
    let texts = generate::generate(&lists, GENERATED, &mut Random::new(7));
    let lines: String = texts.iter().map(|text| format!("{}\n", text.marked())).collect();
    fs::write(file, lines)?;
    println!("{}: {} texts", file.display(), texts.len());
    Ok(())
}

/// Trains, measures the confidence, writes the model.
pub(crate) fn run() -> Result<()> {
    if cfg!(debug_assertions) {
        return crate::house::optimised(&["train"]);
    }
    let root = House::open()?.root;
    let data = crate::bench::data()?;
    let lists = lists::Lists::load(&data).map_err(anyhow::Error::msg)?;
    let corpora = corpora(&data, &lists)?;
    let texts: Vec<Text> = corpora.iter().flat_map(|corpus| corpus.texts.iter().cloned()).collect();
    let lexicon = lexicon::encode(&lists.lexicon(&texts));

    let mut points = Vec::new();
    // Records leave a name unmarked where it comes again: right names would count as false.
    for left_out in corpora.iter().filter(|corpus| !["generated", "records"].contains(&corpus.name)) {
        let rest =
            corpora.iter().filter(|corpus| corpus.name != left_out.name).flat_map(|corpus| &corpus.texts);
        let bytes = train(rest, &lexicon, &[calibrate::even(); Kind::LEARNT.len()]);
        points.extend(calibrate::points(&bytes, &left_out.texts));
        println!("without {}: {} names found in it", left_out.name, points.len());
    }
    let calibration = calibrate::fit(&points);
    let bytes = train(&texts, &lexicon, &calibration);
    ensure!(bytes.len() <= 4 << 20, "the model has {} bytes, more than 4 MiB", bytes.len());
    let file = root.join(MODEL);
    fs::create_dir_all(file.parent().expect("it lies in a folder"))?;
    fs::write(&file, &bytes)?;
    println!("{MODEL}: {} bytes", bytes.len());
    Ok(())
}

fn corpora(data: &Path, lists: &lists::Lists) -> Result<Vec<Corpus>> {
    let mut random = Random::new(7);
    let mut corpora: Vec<Corpus> = Vec::new();
    for (name, file) in corpora::TRAINING {
        let texts = corpora::read(&data.join(file))?;
        match corpora.iter_mut().find(|corpus| corpus.name == *name) {
            Some(corpus) => corpus.texts.extend(texts),
            None => corpora.push(Corpus { name, texts }),
        }
    }
    // Every second record is held out for the figures of the documentation.
    let records = corpora::read(&data.join("pii_anon.jsonl"))?;
    let records = records.into_iter().step_by(2).filter(|_| random.chance(RECORDS)).collect();
    corpora.push(Corpus { name: "records", texts: records });
    corpora.push(Corpus { name: "generated", texts: generate::generate(lists, GENERATED, &mut random) });
    Ok(corpora)
}

fn train<'a>(
    texts: impl IntoIterator<Item = &'a Text>,
    lexicon: &[u8],
    calibration: &[[f32; STEPS]; Kind::LEARNT.len()],
) -> Vec<u8> {
    let known = Lexicon::new(lexicon).expect("it was just written");
    let runs: Vec<Run> = texts.into_iter().flat_map(|text| runs(text, &known)).collect();
    let mut field = Field::new();
    field.train(&runs, &SETTINGS, &mut Random::new(11));
    model::encode(&field.mean, &field.transitions, calibration, lexicon)
}

/// The runs of a text with their labels. A name that the tagger can't find, since it lies in no run, is none.
fn runs(text: &Text, lexicon: &Lexicon<'_>) -> Vec<Run> {
    let (mut sight, mut places) = (Sight::default(), Vec::new());
    sight.look(text.text.as_bytes(), lexicon);
    let found = sight.tokens();
    sight.runs(text.text.as_bytes(), &mut places);
    let mut labels = vec![0; found.len()];
    for (name, kind) in &text.names {
        let first = found.partition_point(|token| token.end as usize <= name.start);
        let behind = found.partition_point(|token| (token.start as usize) < name.end);
        let whole = places.iter().any(|run| run.start <= first && behind <= run.end);
        if first == behind || !whole || labels[first..behind].iter().any(|label| *label != 0) {
            continue;
        }
        for (at, own) in labels[first..behind].iter_mut().enumerate() {
            let part = match (at == 0, first + at + 1 == behind) {
                (true, true) => Part::Only,
                (true, false) => Part::First,
                (false, false) => Part::Inside,
                (false, true) => Part::Last,
            };
            *own = label(*kind, part);
        }
    }
    let row = |at: usize| {
        let mut rows = Vec::new();
        sight.rows(text.text.as_bytes(), at, |row| rows.push(row as u32));
        rows
    };
    places
        .iter()
        .map(|run| Run { rows: run.clone().map(row).collect(), labels: labels[run.clone()].to_vec() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A label, a list or a template that was changed without training would leave a model that nobody can make again. The
    /// whole training takes too long for a test; its words tell.
    #[test]
    fn the_model_was_trained_on_what_is_here() {
        let Some(folder) = std::env::var_os("TACITA_EVAL_DATA") else {
            assert!(std::env::var_os("CI").is_none(), "TACITA_EVAL_DATA must be set in CI");
            println!("skipped: TACITA_EVAL_DATA is not set");
            return;
        };
        let data = Path::new(&folder).join("detect");
        let lists = lists::Lists::load(&data).expect("the data is whole");
        let corpora = corpora(&data, &lists).expect("the data is whole");
        let texts: Vec<Text> = corpora.into_iter().flat_map(|corpus| corpus.texts).collect();
        let lexicon = lexicon::encode(&lists.lexicon(&texts));
        let model = House::open().expect("the tests run in the house").root.join(MODEL);
        let model = fs::read(model).expect("it is checked in");
        let is_there = model.windows(lexicon.len()).any(|bytes| bytes == lexicon);
        assert!(is_there, "run `cargo xtask train`, and state the figures of the new model");
    }
}

//! A token classifier of the user's own: an ONNX model of the BERT, DeBERTa, XLM-R or ModernBERT family.
//!
//! A folder holds it, laid out as such models are published: `config.json` with the labels (`id2label`), `tokenizer.json`,
//! and `model.onnx`, there or in `onnx/`. A file `tacita.json` may say what the labels are for us and how sure the model is
//! when it says it is ([`Settings`]).

mod chain;
mod config;
mod error;
pub mod files;
mod labels;
mod model;
mod words;

use std::{
    fmt,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

pub use config::{Family, Settings};
pub use error::ClassifierError;
pub use model::RunError;
use tacita_detect::{Reader, Reading};

use self::{config::Config, labels::Labels, model::Model};

/// A token classifier, ready to read. Share it between threads.
pub struct Classifier {
    family: Family,
    model: Model,
    labels: Labels,
    missed: AtomicU64,
}

impl Classifier {
    /// Opens the model in a folder, and lets it read a sentence.
    ///
    /// # Errors
    /// When a file is missing or is not what it should be, or the model cannot be run.
    pub fn open(folder: &Path) -> Result<Self, ClassifierError> {
        let Config { family, names, longest, settings } = Config::read(folder)?;
        let labels = Labels::new(&names, &settings)?;
        let model = Model::open(folder, names.len(), longest)?;
        let classifier = Self { family, model, labels, missed: AtomicU64::new(0) };
        classifier.find("Mara Lind lives in Hamburg.").map_err(ClassifierError::Run)?;
        Ok(classifier)
    }

    /// The family it is of.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// Each of its labels, and the type that it is for us; `None` is for those that are no personal data.
    pub fn labels(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.labels.names()
    }

    /// How many numbers it has learnt.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.model.parameters()
    }

    /// How many texts, or windows of a text, it could not read.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    /// What it finds, in order of start.
    fn find(&self, text: &str) -> Result<Vec<Reading>, RunError> {
        let tokens = self.model.tokens(text)?;
        let words = words::of_tokens(text, &tokens);
        let firsts: Vec<usize> = words.iter().map(|word| word.token).collect();
        let scores = self.model.scores(&tokens, &firsts)?;
        Ok(chain::best(&self.labels, &words, &scores))
    }
}

impl Reader for Classifier {
    fn entities(&self) -> &[String] {
        self.labels.entities()
    }

    fn stands_for_tagger(&self) -> bool {
        true
    }

    fn read(&self, text: &str) -> Option<Vec<Reading>> {
        let found = self.find(text).ok();
        if found.is_none() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
        found
    }
}

impl fmt::Debug for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Classifier")
            .field("family", &self.family)
            .field("entities", &self.entities())
            .finish_non_exhaustive()
    }
}

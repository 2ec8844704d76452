//! What the folder says about the model.

use std::{collections::BTreeMap, fmt, fs, path::Path};

use serde::Deserialize;

use super::{
    error::ClassifierError,
    files::{self, read},
};

/// The families of models that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// BERT, and what only differs by its training or its size.
    Bert,
    /// DeBERTa, of all versions.
    Deberta,
    /// RoBERTa, XLM-RoBERTa, CamemBERT.
    Roberta,
    /// ModernBERT.
    ModernBert,
}

/// What a model's publisher didn't say and we need to know: the file `tacita.json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What a label is for us, without its `B-` or `I-`: `{"GIVENNAME": "PERSON", "EVENT": null}`. Labels that are not listed
    /// keep their name, or get ours for it where it is a usual one.
    pub labels: BTreeMap<String, Option<String>>,
    /// The model's logits are divided by it before they become shares: above 1 for a model that is surer than it should be,
    /// as most are. Fit it on texts that the model was not trained on.
    pub temperature: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { labels: BTreeMap::new(), temperature: 1.0 }
    }
}

/// What is needed of `config.json` and `tacita.json`.
pub(super) struct Config {
    pub(super) family: Family,
    /// The label of each number.
    pub(super) names: Vec<String>,
    /// The most tokens that it can read at once.
    pub(super) longest: usize,
    pub(super) settings: Settings,
}

#[derive(Deserialize)]
struct ConfigFile {
    model_type: String,
    id2label: Option<BTreeMap<String, String>>,
    max_position_embeddings: Option<i64>,
    pad_token_id: Option<i64>,
}

/// More labels than any model has.
const MOST_LABELS: usize = 256;
/// Larger JSON files than these are refused: those of published models have kilobytes.
const LARGEST_JSON: u64 = 4 << 20;

impl Config {
    pub(super) fn read(folder: &Path) -> Result<Self, ClassifierError> {
        let path = folder.join(files::CONFIG);
        let wrong = |reason: String| ClassifierError::File { path: path.clone(), reason };
        let file: ConfigFile = serde_json::from_slice(&read(&path, LARGEST_JSON)?)
            .map_err(|cause| wrong(format!("not the configuration of a model: {cause}")))?;
        let family = Family::of(&file.model_type).ok_or_else(|| {
            wrong(format!(
                "`model_type` is `{}`; what can be read is {}",
                file.model_type.escape_default(),
                FAMILIES.map(|(name, _)| name).join(", ")
            ))
        })?;
        let labels = file.id2label.ok_or_else(|| wrong("it has no `id2label`, the label map".to_owned()))?;
        let names = in_order(labels).map_err(wrong)?;
        // These number positions from behind the padding's own.
        let taken =
            if family == Family::Roberta { file.pad_token_id.unwrap_or(1).saturating_add(1) } else { 0 };
        let longest = file.max_position_embeddings.unwrap_or(512).saturating_sub(taken);
        let longest = usize::try_from(longest).unwrap_or(0);
        Ok(Self { family, names, longest, settings: Settings::read(folder)? })
    }
}

/// The labels in order of their numbers, of which none may be missing.
fn in_order(labels: BTreeMap<String, String>) -> Result<Vec<String>, String> {
    if labels.is_empty() || labels.len() > MOST_LABELS {
        return Err(format!("`id2label` has {} labels; 1 to {MOST_LABELS} can be read", labels.len()));
    }
    let mut names = vec![None; labels.len()];
    for (number, name) in labels {
        let place = number.parse().ok().and_then(|number: usize| names.get_mut(number));
        *place.ok_or("`id2label` does not count its labels from 0 on")? = Some(name);
    }
    names.into_iter().collect::<Option<_>>().ok_or_else(|| "`id2label` has a number twice".to_owned())
}

const FAMILIES: [(&str, Family); 10] = [
    ("bert", Family::Bert),
    ("distilbert", Family::Bert),
    ("electra", Family::Bert),
    ("mobilebert", Family::Bert),
    ("deberta", Family::Deberta),
    ("deberta-v2", Family::Deberta),
    ("roberta", Family::Roberta),
    ("xlm-roberta", Family::Roberta),
    ("camembert", Family::Roberta),
    ("modernbert", Family::ModernBert),
];

impl Family {
    fn of(model_type: &str) -> Option<Self> {
        FAMILIES.iter().find(|(name, _)| *name == model_type).map(|(_, family)| *family)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bert => "BERT",
            Self::Deberta => "DeBERTa",
            Self::Roberta => "RoBERTa",
            Self::ModernBert => "ModernBERT",
        })
    }
}

impl Settings {
    fn read(folder: &Path) -> Result<Self, ClassifierError> {
        let path = folder.join(files::SETTINGS);
        if fs::symlink_metadata(&path).is_err() {
            return Ok(Self::default());
        }
        let wrong = |reason: String| ClassifierError::File { path: path.clone(), reason };
        let settings: Self = serde_json::from_slice(&read(&path, LARGEST_JSON)?)
            .map_err(|cause| wrong(format!("not the settings of a model: {cause}")))?;
        if !(0.05..=20.0).contains(&settings.temperature) {
            return Err(wrong(format!("`temperature` is {}; give 0.05 to 20", settings.temperature)));
        }
        Ok(settings)
    }
}

//! Text to tokens, and tokens to the scores of their labels.

use std::{
    fs,
    num::NonZeroUsize,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    thread::available_parallelism,
};

use rten::{NodeId, ValueOrView};
use rten_tensor::{NdTensor, prelude::*};
use tokenizers::Tokenizer;

use super::{error::ClassifierError, files, words::Token};
use crate::turns::Turns;

/// The network and what it reads by.
pub(super) struct Model {
    tokenizer: Tokenizer,
    network: rten::Model,
    inputs: Vec<(NodeId, Input)>,
    output: NodeId,
    labels: usize,
    /// What stands before and behind a text, such as `[CLS]` and `[SEP]`.
    prefix: Vec<i32>,
    suffix: Vec<i32>,
    padding: i32,
    /// Tokens of the text that are read at once.
    window: usize,
    /// As many readings at once as there are processors: what one takes of memory is known, and more would not be faster.
    turns: Turns,
}

/// What the network wants to be told.
#[derive(Clone, Copy)]
enum Input {
    Tokens,
    /// Which of them are no padding.
    Mask,
    /// Which of two texts they are of.
    Text,
}

/// Tokens that are read at once, with what stands before and behind them: most models are trained on no more, and what
/// a reading costs grows with the square of it.
const LONGEST: usize = 256;
/// Windows that are read together.
const BATCH: usize = 16;
/// Larger files are refused.
const LARGEST_TOKENIZER: u64 = 256 << 20;
const LARGEST_MODEL: u64 = 8 << 30;

/// Why the network gave no scores. It says nothing of the text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The tokenizer failed.
    #[error("its tokenizer failed")]
    Tokens,
    /// A token has a number that no vocabulary can have.
    #[error("its tokenizer gives numbers that are too large")]
    Number,
    /// The network failed.
    #[error("{0}")]
    Network(#[from] rten::RunError),
    /// The network asks for something impossible, which its makers' software should have refused.
    #[error("it asks for something impossible")]
    Impossible,
    /// The network gave something else than a score for each label of each token.
    #[error("it gives scores of shape {found:?} where {expected:?} was expected")]
    Shape {
        /// What it gave.
        found: Vec<usize>,
        /// What it should have given: texts, tokens, labels.
        expected: [usize; 3],
    },
    /// The network gave something else than numbers.
    #[error("its scores are no 32-bit floats")]
    Type,
    /// The network gave infinities, or nothing that is a number: it was given too little precision when it was exported.
    #[error("its scores are not finite numbers")]
    Infinite,
}

impl Model {
    /// Opens the tokenizer and the network of a folder.
    pub(super) fn open(folder: &Path, labels: usize, longest: usize) -> Result<Self, ClassifierError> {
        let path = folder.join(files::TOKENIZER);
        let wrong = |reason: String| ClassifierError::File { path: path.clone(), reason };
        let content = files::read(&path, LARGEST_TOKENIZER)?;
        let mut tokenizer = contained(|| Tokenizer::from_bytes(content))
            .ok_or_else(|| wrong("not a tokenizer".to_owned()))?
            .map_err(|cause| wrong(format!("not a tokenizer: {cause}")))?;
        // Texts are cut into windows here.
        tokenizer.with_truncation(None).map_err(|cause| wrong(cause.to_string()))?;
        let padding = tokenizer.get_padding().map_or(0, |padding| padding.pad_id);
        tokenizer.with_padding(None);
        let (prefix, suffix) = surroundings(&tokenizer).map_err(|cause| wrong(cause.to_string()))?;

        let path = files::model(folder)?;
        let wrong = |reason: String| ClassifierError::File { path: path.clone(), reason };
        let length =
            fs::metadata(&path).map_err(|cause| ClassifierError::Read { path: path.clone(), cause })?.len();
        if length > LARGEST_MODEL {
            return Err(ClassifierError::TooLarge { path: path.clone(), limit: LARGEST_MODEL });
        }
        // By its place: weights may lie in a file beside it.
        let network = contained(|| rten::Model::load_file(&path))
            .ok_or_else(|| wrong("not a model that can be read".to_owned()))?
            .map_err(|cause| wrong(format!("not a model that can be read: {cause}")))?;
        let inputs = inputs(&network).map_err(wrong)?;
        let output = network.find_node("logits").or_else(|| network.output_ids().first().copied());
        let output = output.ok_or_else(|| wrong("it has no output".to_owned()))?;
        let window = LONGEST.min(longest).saturating_sub(prefix.len() + suffix.len());
        if window < 8 {
            return Err(wrong(format!("it reads {window} tokens at once, which is no text")));
        }
        let padding = i32::try_from(padding).unwrap_or(0);
        let turns = Turns::new(available_parallelism().unwrap_or(NonZeroUsize::MIN));
        Ok(Self { tokenizer, network, inputs, output, labels, prefix, suffix, padding, window, turns })
    }

    pub(super) fn parameters(&self) -> usize {
        self.network.total_params()
    }

    /// The tokens of a text.
    pub(super) fn tokens(&self, text: &str) -> Result<Vec<Token>, RunError> {
        let encoding = contained(|| self.tokenizer.encode(text, false));
        let encoding = encoding.and_then(Result::ok).ok_or(RunError::Tokens)?;
        encoding
            .get_ids()
            .iter()
            .zip(encoding.get_offsets())
            .map(|(id, (start, end))| {
                let id = i32::try_from(*id).map_err(|_| RunError::Number)?;
                Ok(Token { id, place: *start..(*end).min(text.len()) })
            })
            .collect()
    }

    /// The scores of the labels of those tokens whose indices are `wanted`, in rising order (wanted × labels).
    pub(super) fn scores(&self, tokens: &[Token], wanted: &[usize]) -> Result<Vec<f32>, RunError> {
        let mut scores = Vec::with_capacity(wanted.len() * self.labels);
        let mut wanted = wanted.iter().copied().peekable();
        for batch in windows(tokens.len(), self.window).chunks(BATCH) {
            let length = batch.iter().map(|window| window.read.len()).max().unwrap_or(0);
            let logits = self.run(tokens, batch, self.prefix.len() + length + self.suffix.len())?;
            for (row, window) in batch.iter().enumerate() {
                while let Some(token) = wanted.next_if(|token| *token < window.given.end) {
                    let column = self.prefix.len() + token - window.read.start;
                    scores.extend(logits.slice((row, column)).iter());
                }
            }
        }
        Ok(scores)
    }

    /// Lets the network read a batch of windows, each of which is filled up to `length`.
    fn run(&self, tokens: &[Token], batch: &[Window], length: usize) -> Result<NdTensor<f32, 3>, RunError> {
        let shape = [batch.len(), length];
        let mut ids = NdTensor::full(shape, self.padding);
        let mut mask = NdTensor::zeros(shape);
        for (row, Window { read, .. }) in batch.iter().enumerate() {
            let text = tokens[read.clone()].iter().map(|token| token.id);
            let all = self.prefix.iter().copied().chain(text).chain(self.suffix.iter().copied());
            for (column, id) in all.enumerate() {
                ids[[row, column]] = id;
                mask[[row, column]] = 1;
            }
        }
        let text = NdTensor::<i32, 2>::zeros(shape);
        let inputs = self.inputs.iter().map(|(node, input)| {
            let tensor = match input {
                Input::Tokens => &ids,
                Input::Mask => &mask,
                Input::Text => &text,
            };
            (*node, ValueOrView::from(tensor.view()))
        });
        let inputs = inputs.collect();
        let _turn = self.turns.take();
        let run = || self.network.run_n(inputs, [self.output], None);
        let [scores] = contained(run).ok_or(RunError::Impossible)??;
        let scores: rten_tensor::Tensor<f32> = scores.try_into().map_err(|_| RunError::Type)?;
        let expected = [batch.len(), length, self.labels];
        if scores.shape() != expected {
            return Err(RunError::Shape { found: scores.shape().to_vec(), expected });
        }
        if !scores.iter().all(|score| score.is_finite()) {
            return Err(RunError::Infinite);
        }
        NdTensor::try_from(scores).map_err(|_| RunError::Type)
    }
}

/// Runs what broken networks bring to panic, such as a permutation of axes that is none; `None` if this one does. Nothing
/// that outlives it is left half done.
fn contained<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}

/// What the tokenizer puts before and behind a text.
fn surroundings(tokenizer: &Tokenizer) -> tokenizers::Result<(Vec<i32>, Vec<i32>)> {
    let encoding = tokenizer.encode("a", true)?;
    let ids: Vec<i32> = encoding.get_ids().iter().map(|id| i32::try_from(*id)).collect::<Result<_, _>>()?;
    let special = encoding.get_special_tokens_mask();
    let before = special.iter().take_while(|special| **special == 1).count();
    let behind = special[before..].iter().rev().take_while(|special| **special == 1).count();
    Ok((ids[..before].to_vec(), ids[ids.len() - behind..].to_vec()))
}

/// What the network wants to be told.
fn inputs(network: &rten::Model) -> Result<Vec<(NodeId, Input)>, String> {
    let of = |node: &NodeId| {
        let name = network.node_info(*node).and_then(|info| info.name()).unwrap_or_default();
        let input = match name {
            "input_ids" => Input::Tokens,
            "attention_mask" => Input::Mask,
            "token_type_ids" => Input::Text,
            _ => return Err(format!("it wants an input `{}`, which is not known", name.escape_default())),
        };
        Ok((*node, input))
    };
    network.input_ids().iter().map(of).collect()
}

/// Tokens that are read together, and those of them whose scores are taken: of a token that two windows have, the window
/// that has more on both sides of it.
#[derive(Debug, PartialEq, Eq)]
struct Window {
    read: Range<usize>,
    given: Range<usize>,
}

/// The windows, of `size` tokens at most, for so many tokens. A quarter of a window is of its neighbour too.
fn windows(tokens: usize, size: usize) -> Vec<Window> {
    let overlap = size / 4;
    let mut windows = Vec::new();
    let (mut start, mut given) = (0, 0);
    while given < tokens {
        let end = tokens.min(start + size);
        let next = if end == tokens { end } else { end - overlap / 2 };
        windows.push(Window { read: start..end, given: given..next });
        given = next;
        start = end.saturating_sub(overlap);
    }
    windows
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::classifier::config::Config;

    const FAMILIES: [&str; 4] = ["bert", "deberta", "xlm-roberta", "modernbert"];

    fn open(family: &str) -> (PathBuf, Model) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(family);
        let Config { names, longest, .. } = Config::read(&folder).unwrap();
        let model = Model::open(&folder, names.len(), longest).unwrap();
        (folder, model)
    }

    /// What PyTorch and Python's tokenizers make of some texts, with what stands before and behind them.
    #[derive(Deserialize)]
    struct Expected {
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        text: String,
        ids: Vec<i32>,
        bytes: Vec<(usize, usize)>,
        logits: Vec<Vec<f32>>,
    }

    #[test]
    fn every_family_gives_what_its_makers_software_gives() {
        for family in FAMILIES {
            let (folder, model) = open(family);
            let expected = fs::read(folder.join("expected.json")).unwrap();
            let Expected { cases } = serde_json::from_slice(&expected).unwrap();
            assert!(!cases.is_empty());
            for Case { text, ids, bytes, logits } in cases {
                let tokens = model.tokens(&text).unwrap();
                let inside = model.prefix.len()..ids.len() - model.suffix.len();
                let found: Vec<_> = tokens.iter().map(|token| (token.id, token.place.clone())).collect();
                let expected: Vec<_> =
                    inside.clone().map(|index| (ids[index], bytes[index].0..bytes[index].1)).collect();
                assert_eq!(found, expected, "{family}: {text}");
                let wanted: Vec<_> = (0..tokens.len()).collect();
                let scores = model.scores(&tokens, &wanted).unwrap();
                let expected = logits[inside].concat();
                assert_eq!(scores.len(), expected.len(), "{family}: {text}");
                for (score, expected) in scores.iter().zip(expected) {
                    assert!((score - expected).abs() < 1e-3, "{family}: {text}: {score} for {expected}");
                }
            }
        }
    }

    #[test]
    fn a_text_of_several_windows_is_read_to_its_end() {
        for family in FAMILIES {
            let (_, model) = open(family);
            let tokens = model.tokens(&"Tilda Marrow lives in Oslo. ".repeat(100)).unwrap();
            assert!(tokens.len() > 3 * model.window);
            let wanted: Vec<_> = (0..tokens.len()).step_by(3).collect();
            let scores = model.scores(&tokens, &wanted).unwrap();
            assert_eq!(scores.len(), wanted.len() * model.labels);
            assert!(scores.iter().all(|score| score.is_finite()));
        }
    }

    #[test]
    fn the_padding_of_a_batch_changes_nothing() {
        for family in FAMILIES {
            let (_, model) = open(family);
            let tokens = model.tokens(&"Tilda Marrow lives in Oslo. ".repeat(20)).unwrap();
            let windows = windows(tokens.len(), model.window);
            let length = |window: &Window| model.prefix.len() + window.read.len() + model.suffix.len();
            let [.., full, last] = &windows[..] else { panic!("it has several windows") };
            assert!(length(last) < length(full));
            let alone = model.run(&tokens, std::slice::from_ref(last), length(last)).unwrap();
            let padded = model.run(&tokens, &windows[windows.len() - 2..], length(full)).unwrap();
            for column in 0..length(last) {
                for label in 0..model.labels {
                    let (alone, padded) = (alone[[0, column, label]], padded[[1, column, label]]);
                    assert!((alone - padded).abs() < 1e-4, "{family}: {alone} and {padded}");
                }
            }
        }
    }

    #[test]
    fn windows_overlap() {
        assert_eq!(windows(0, 8), []);
        assert_eq!(windows(8, 8), [Window { read: 0..8, given: 0..8 }]);
        let cut = [Window { read: 0..8, given: 0..7 }, Window { read: 6..9, given: 7..9 }];
        assert_eq!(windows(9, 8), cut);
    }

    proptest! {
        #[test]
        fn every_token_is_given_once(tokens in 0..4000usize, size in 8..300usize) {
            let windows = windows(tokens, size);
            let mut next = 0;
            for Window { read, given } in windows {
                prop_assert_eq!(given.start, next);
                prop_assert!(read.start <= given.start && given.end <= read.end && read.len() <= size);
                prop_assert!(!given.is_empty());
                next = given.end;
            }
            prop_assert_eq!(next, tokens);
        }
    }
}

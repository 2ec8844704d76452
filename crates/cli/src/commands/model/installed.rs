//! `tacita model install`, `list`, `show`, `remove`

use std::{collections::BTreeMap, path::PathBuf};

use anstyle::{AnsiColor, Style};
use tacita_language::{
    Classifier,
    library::{Digest, Installed},
};

use crate::{
    escape::Escaped,
    failure::{Exit, Failure},
    model::library,
    output::Output,
    size::Size,
};

/// Install a model from a folder or an archive
///
/// A model is a folder as they are published: `config.json` with the label map, `tokenizer.json`, `model.onnx`, and perhaps
/// `tacita.json`, which says what its labels are for us. Only these and its papers are taken. The model reads a sentence
/// before it is installed; afterwards it is opened only as long as its files are the same.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Of an archive the digest is that of the file; of a folder that of what `sha256sum` prints for its files in the order of their
names. Models lie in the folder `tacita/models` of your data (~/.local/share), or where TACITA_MODELS says.

Examples:
  tacita model install ./my-model
  tacita model install names.tar.gz --name names --sha256 \"$(cut -c1-64 names.tar.gz.sha256)\"
  tacita scan . --model names")]
pub(crate) struct InstallArgs {
    /// The folder, or a ZIP or TAR archive of it
    source: PathBuf,
    /// Its name from now on [default: that of the folder or archive]
    #[arg(long)]
    name: Option<String>,
    /// Install it only if this is its SHA-256 digest
    #[arg(long, value_name = "HEX")]
    sha256: Option<Digest>,
    /// Replace the model of that name
    #[arg(long)]
    replace: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NameArgs {
    /// The model's name
    name: String,
}

const NAME: Style = AnsiColor::Cyan.on_default();

pub(crate) fn install(args: &InstallArgs) -> Result<Exit, Failure> {
    let installed = library()?
        .install(&args.source, args.name.as_deref(), args.sha256, args.replace)
        .map_err(Failure::Model)?;
    put_card(&installed)?;
    Ok(Exit::Clean)
}

pub(crate) fn show(args: &NameArgs) -> Result<Exit, Failure> {
    put_card(&library()?.get(&args.name).map_err(Failure::Model)?)?;
    Ok(Exit::Clean)
}

pub(crate) fn list() -> Result<Exit, Failure> {
    let models = library()?.list().map_err(Failure::Model)?;
    let width = models.iter().map(|model| model.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for model in &models {
        let size = Size(model.size().map_err(Failure::Model)?);
        text += &format!("{NAME}{:width$}{NAME:#}  {size}\n", model.name);
    }
    if models.is_empty() {
        anstream::eprintln!("no model is installed; names are found by the built-in tagger");
    }
    let mut out = Output::open(None)?;
    out.put_styled(text.as_bytes())?;
    out.finish()?;
    Ok(Exit::Clean)
}

pub(crate) fn remove(args: &NameArgs) -> Result<Exit, Failure> {
    library()?.remove(&args.name).map_err(Failure::Model)?;
    anstream::eprintln!("model `{}` is removed", Escaped::text(&args.name));
    Ok(Exit::Clean)
}

fn put_card(installed: &Installed) -> Result<(), Failure> {
    let classifier = installed.open().map_err(Failure::Model)?;
    let size = Size(installed.size().map_err(Failure::Model)?);
    let paper = installed.card().map_err(Failure::Model)?;
    let mut out = Output::open(None)?;
    out.put_styled(card(installed, &classifier, size, paper.as_deref()).as_bytes())?;
    out.finish()
}

/// Lines of a publisher's paper that are shown.
const MOST_LINES: usize = 200;

/// What it is, what it finds, where it lies; then what its publisher says.
fn card(installed: &Installed, classifier: &Classifier, size: Size, paper: Option<&str>) -> String {
    let Installed { name, folder, record } = installed;
    let mut text = format!(
        "{NAME}{name}{NAME:#}: {}, {:.1} million parameters, {size}\n",
        classifier.family(),
        classifier.parameters() as f64 / 1e6
    );
    let (finds, leaves) = labels(classifier);
    line(&mut text, "finds", &finds);
    if !leaves.is_empty() {
        line(&mut text, "leaves out", &leaves);
    }
    let compared =
        if record.compared { "as expected" } else { "compared with none: give `--sha256` to do so" };
    line(&mut text, "digest", &format!("{} of its files; its source {compared}", record.digest));
    line(&mut text, "folder", &Escaped::path(folder).to_string());
    line(&mut text, "use", &format!("tacita scan --model {name} PATH"));
    match paper {
        None => text.push_str("\nIts publisher left no README.md: data, licence and limits are not known.\n"),
        Some(paper) => {
            text.push('\n');
            let mut lines = paper.lines();
            for shown in lines.by_ref().take(MOST_LINES) {
                text += &format!("{}\n", Escaped::text(shown));
            }
            let more = lines.count();
            if more > 0 {
                text += &format!("(and {more} lines more in its README.md)\n");
            }
        }
    }
    text
}

fn line(text: &mut String, title: &str, value: &str) {
    *text += &format!("  {title:<11} {value}\n");
}

/// Our types with the labels that stand for them, and the labels that stand for none.
fn labels(classifier: &Classifier) -> (String, String) {
    let (mut finds, mut leaves) = (BTreeMap::<&str, Vec<String>>::new(), Vec::new());
    for (label, ours) in classifier.labels() {
        let label = Escaped::text(label).to_string();
        match ours {
            Some(ours) => finds.entry(ours).or_default().push(label),
            None => leaves.push(label),
        }
    }
    let finds: Vec<_> = finds
        .into_iter()
        .map(|(ours, labels)| format!("{} ({})", Escaped::text(ours), labels.join(" ")))
        .collect();
    (finds.join(", "), leaves.join(" "))
}

//! A model of the user's own: which one, and where they lie.

use std::{
    env,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use clap::Args;
use tacita_detect::Reader;
use tacita_language::{Classifier, library::Library};

use crate::failure::{Exit, Failure};

/// A model of the user's own.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ModelArgs {
    /// Find names with this model of your own instead of the built-in tagger: one that `tacita model install` installed,
    /// or a folder with one
    #[arg(long = "model", value_name = "NAME|DIR")]
    chosen: Option<String>,
    /// It takes a while to open: once is enough.
    #[arg(skip)]
    opened: OnceLock<Arc<Classifier>>,
}

impl ModelArgs {
    /// Whether one was chosen.
    pub(crate) fn is_given(&self) -> bool {
        self.chosen.is_some()
    }

    /// The model as a reader, if one was chosen.
    pub(crate) fn reader(&self) -> Result<Option<Arc<dyn Reader>>, Failure> {
        let Some(chosen) = &self.chosen else { return Ok(None) };
        let classifier = match self.opened.get() {
            Some(classifier) => classifier,
            None => {
                let classifier = Arc::new(open(chosen)?);
                self.opened.get_or_init(|| classifier)
            }
        };
        Ok(Some(Arc::clone(classifier) as Arc<dyn Reader>))
    }

    /// How the command ends: what the model could not read was read by the tagger alone, which is an error.
    pub(crate) fn conclude(&self, exit: Exit) -> Exit {
        match self.opened.get().map(|classifier| classifier.missed()) {
            None | Some(0) => exit,
            Some(missed) => {
                let places = if missed == 1 { "place" } else { "places" };
                anstream::eprintln!(
                    "tacita: the model failed in {missed} {places}; names there are those of the built-in tagger"
                );
                Exit::Errors
            }
        }
    }
}

fn open(chosen: &str) -> Result<Classifier, Failure> {
    let is_path = chosen.contains(['/', '\\']) || chosen.starts_with('.');
    if is_path {
        return Classifier::open(Path::new(chosen)).map_err(|cause| Failure::Model(cause.into()));
    }
    let open = |library: Library| library.get(chosen)?.open();
    open(library()?).map_err(Failure::Model)
}

/// The user's models.
pub(crate) fn library() -> Result<Library, Failure> {
    folder().map(Library::new).ok_or(Failure::NoLibrary)
}

/// Where they lie: where `TACITA_MODELS` says, or else with the user's data, as the platform has it.
fn folder() -> Option<PathBuf> {
    let given = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = given("TACITA_MODELS") {
        return Some(folder);
    }
    let data = if cfg!(windows) {
        given("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        given("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        // A relative path there is to be ignored, says the XDG Base Directory Specification.
        given("XDG_DATA_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| given("HOME").map(|home| home.join(".local/share")))
    };
    data.map(|data| data.join("tacita/models"))
}

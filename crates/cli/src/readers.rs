//! Who reads beside the recognisers: a model of the user's own, a Presidio analyzer.

use std::sync::Arc;

use clap::Args;
use tacita_detect::Reader;

use crate::{
    analyzer::AnalyzerArgs,
    failure::{Exit, Failure},
    model::ModelArgs,
};

/// Who reads beside the recognisers.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReaderArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) analyzer: AnalyzerArgs,
}

impl ReaderArgs {
    /// All of them.
    pub(crate) fn readers(&self) -> Result<Vec<Arc<dyn Reader>>, Failure> {
        let analyzer = self.analyzer.analyzer()?.map(|analyzer| analyzer as Arc<dyn Reader>);
        Ok(self.model.reader()?.into_iter().chain(analyzer).collect())
    }

    /// How the command ends, and what they did not read is said.
    pub(crate) fn conclude(&self, exit: Exit) -> Exit {
        self.analyzer.tell();
        self.model.conclude(exit)
    }
}

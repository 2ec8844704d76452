//! How far a command is, on a terminal.

use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget};

use crate::{output::Output, report::Summary, size::Size};

/// A line on stderr that goes away at the end. Where stderr is no terminal nothing is shown.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Hidden where the report itself appears on the terminal.
    pub(crate) fn start(out: &Output) -> Self {
        let target = if out.is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(8)
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(125));
        }
        Self(bar)
    }

    /// Beside what is printed as it comes.
    pub(crate) fn beside() -> Self {
        Self(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8)))
    }

    /// So many of something are done.
    pub(crate) fn count(&self, done: u64, what: &str) {
        if !self.0.is_hidden() {
            self.0.set_message(format!("{} {what}", HumanCount(done)));
            self.0.tick();
        }
    }

    pub(crate) fn show(&self, summary: &Summary) {
        if self.0.is_hidden() {
            return;
        }
        self.0.set_message(format!(
            "{} files, {}, {} findings",
            HumanCount(summary.files as u64),
            Size(summary.bytes),
            HumanCount(summary.total.findings as u64)
        ));
    }

    pub(crate) fn end(self) {
        self.0.finish_and_clear();
    }
}

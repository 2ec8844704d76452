//! Findings of a document as a report shows them: in their place, masked, in their context.

use std::{borrow::Cow, ops::Range};

use tacita_documents::Document;

use crate::{detection::Match, escape::mask, report::Hit};

/// How much of a finding a report shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Detail {
    pub(crate) show_values: bool,
    pub(crate) context: bool,
}

/// About how many bytes of context stand on each side.
const CONTEXT: usize = 60;
/// No value that overlaps a context begins further before it than this.
const REACH: usize = 4096;

/// What a report says of each of `findings`, which are in order of start.
pub(crate) fn hits<'a>(
    document: &'a Document<'_>,
    findings: &'a [Match<'a>],
    detail: Detail,
) -> impl Iterator<Item = Hit<'a>> {
    let text = document.text();
    findings.iter().filter_map(move |finding| {
        // What the format's layout put into the text, a label or a line end, is no part of the file.
        let parts = document.clip(finding.start..finding.end);
        let range = parts.first()?.start..parts.last()?.end;
        let (before, after) = if detail.context {
            let view = View { text, findings, show_values: detail.show_values };
            (view.before(range.start), view.after(range.end))
        } else {
            Default::default()
        };
        Some(Hit {
            entity: finding.entity,
            score: finding.score,
            location: document.locate(range.clone()),
            value: shown(&text[range], detail.show_values),
            before,
            after,
        })
    })
}

/// A value as it may be shown.
pub(crate) fn shown(value: &str, show_values: bool) -> Cow<'_, str> {
    if show_values { Cow::Borrowed(value) } else { Cow::Owned(mask(value)) }
}

/// A text in which every finding is masked, unless values are shown.
struct View<'a> {
    text: &'a str,
    findings: &'a [Match<'a>],
    show_values: bool,
}

impl View<'_> {
    fn before(&self, end: usize) -> String {
        let start = self.text.floor_char_boundary(end.saturating_sub(CONTEXT));
        match self.text[start..end].rfind('\n') {
            Some(at) => self.show(start + at + 1..end),
            None if start == 0 => self.show(start..end),
            None => format!("…{}", self.show(start..end)),
        }
    }

    fn after(&self, start: usize) -> String {
        let end = self.text.ceil_char_boundary((start + CONTEXT).min(self.text.len()));
        match self.text[start..end].find('\n') {
            Some(at) => self.show(start..start + at),
            None if end == self.text.len() => self.show(start..end),
            None => format!("{}…", self.show(start..end)),
        }
    }

    fn show(&self, range: Range<usize>) -> String {
        if self.show_values {
            return self.text[range].to_owned();
        }
        let mut shown = String::new();
        let mut at = range.start;
        let first = self.findings.partition_point(|finding| finding.start + REACH < range.start);
        for finding in self.findings[first..].iter().take_while(|finding| finding.start < range.end) {
            if finding.end <= at {
                continue;
            }
            if finding.start > at {
                shown.push_str(&self.text[at..finding.start]);
            }
            // A value that the context cuts shows nothing.
            let whole = finding.start >= at && finding.end <= range.end;
            shown.push_str(&if whole {
                mask(&self.text[finding.start..finding.end])
            } else {
                "***".to_owned()
            });
            at = finding.end.min(range.end);
        }
        shown.push_str(&self.text[at..range.end]);
        shown
    }
}

//! What a scan comes to.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Hit, Outcome};

/// What one file comes to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) findings: usize,
    pub(crate) types: BTreeMap<String, usize>,
    /// Findings by score: the first holds 0 up to 0.1, the last 0.9 and above.
    pub(crate) scores: [usize; 10],
}

/// What all files come to.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// Files that were read, and their bytes.
    pub(crate) files: usize,
    pub(crate) bytes: u64,
    pub(crate) total: Tally,
    /// In how many files each type was found.
    pub(crate) files_by_type: BTreeMap<String, usize>,
    /// The files with the most findings, most first.
    pub(crate) top: Vec<(PathBuf, Tally)>,
    /// What was left out, and why.
    pub(crate) skipped: Vec<(PathBuf, String)>,
    /// What could not be read, and why.
    pub(crate) failed: Vec<(PathBuf, String)>,
    /// What readers had to say about files that they did read.
    pub(crate) notes: Vec<(PathBuf, String)>,
    /// Files whose findings are only counted, because the report would become too large to open.
    pub(crate) unlisted: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, hit: &Hit<'_>) {
        self.findings += 1;
        match self.types.get_mut(hit.entity) {
            Some(count) => *count += 1,
            None => drop(self.types.insert(hit.entity.to_owned(), 1)),
        }
        self.scores[((hit.score * 10.0) as usize).min(9)] += 1;
    }
}

impl Summary {
    /// How many files are named as those with the most findings.
    const TOP: usize = 10;

    pub(crate) fn add(&mut self, path: &Path, bytes: u64, tally: Tally, outcome: Outcome) {
        match outcome {
            Outcome::Skipped(reason) => return self.skipped.push((path.to_owned(), reason)),
            Outcome::Failed(reason) => self.failed.push((path.to_owned(), reason)),
            Outcome::Read { notes, .. } => {
                self.files += 1;
                self.bytes += bytes;
                self.notes.extend(notes.iter().map(|note| (path.to_owned(), note.to_string())));
            }
        }
        if tally.findings == 0 {
            return;
        }
        self.total.findings += tally.findings;
        for (entity, count) in &tally.types {
            *self.total.types.entry(entity.clone()).or_default() += count;
            *self.files_by_type.entry(entity.clone()).or_default() += 1;
        }
        self.total.scores.iter_mut().zip(tally.scores).for_each(|(sum, count)| *sum += count);
        // Files come in order of path, so that of equals the first stays first.
        let place = self.top.partition_point(|(_, other)| other.findings >= tally.findings);
        if place < Self::TOP {
            self.top.insert(place, (path.to_owned(), tally));
            self.top.truncate(Self::TOP);
        }
    }

    /// The types found, most findings first: name, findings, files.
    pub(crate) fn types(&self) -> Vec<(&str, usize, usize)> {
        let mut types: Vec<_> = self
            .total
            .types
            .iter()
            .map(|(name, count)| (name.as_str(), *count, self.files_by_type.get(name).copied().unwrap_or(0)))
            .collect();
        types.sort_by_key(|(_, count, _)| Reverse(*count));
        types
    }
}

/// Groups paths by what is said of them: the reason of the most first, with how many and the first of them.
pub(crate) fn by_reason(list: &[(PathBuf, String)]) -> Vec<(&str, usize, &Path)> {
    let mut reasons: BTreeMap<&str, (usize, &Path)> = BTreeMap::new();
    for (path, reason) in list {
        reasons.entry(reason).or_insert((0, path)).0 += 1;
    }
    let mut reasons: Vec<_> =
        reasons.into_iter().map(|(reason, (count, first))| (reason, count, first)).collect();
    reasons.sort_by_key(|(_, count, _)| Reverse(*count));
    reasons
}

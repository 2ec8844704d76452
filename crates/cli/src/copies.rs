//! Rewritten copies of a file, or of a folder file by file.

use std::{
    collections::HashSet,
    fs::{self, File},
    io,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    slice,
    sync::{PoisonError, RwLock},
};

use tacita_documents::Note;

use crate::{
    escape::Escaped,
    failure::{Exit, Failure},
    input::read_all,
    ordered::{Turn, Turns, ordered},
    output::Output,
    redaction::{NotRewritten, Rewritten},
    scan::{Found, Walk, WalkArgs},
    secrets::SecretArgs,
    seen::{Mark, Seen},
    size::Size,
};

/// Makes copies, on several threads at once.
pub(crate) trait Rewriter: Sync {
    /// The copy of a file of this content. What depends on the files before it waits for its turn.
    fn rewrite(&self, path: &Path, bytes: &[u8], turn: Turn<'_>) -> Result<Rewritten, NotRewritten>;

    /// The types of what is found in the names of a copy and its folders, which stay as they are.
    fn found_in_name(&self, names: &str) -> Vec<&str>;

    /// Must have succeeded before a copy made so far appears.
    fn keep(&self) -> Result<(), Failure>;
}

/// What to copy where.
pub(crate) struct Copies<'a> {
    /// A file, a folder, or `-`.
    pub(crate) source: &'a PathBuf,
    pub(crate) target: Option<&'a Path>,
    pub(crate) files: &'a WalkArgs,
    pub(crate) secrets: &'a SecretArgs,
    pub(crate) max_size: Size,
    /// What earlier runs have copied.
    pub(crate) seen: Option<RwLock<Seen>>,
    /// Files of the command's own, its record and its review, of which there are no copies.
    pub(crate) own: Vec<&'a Path>,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Done {
    pub(crate) files: usize,
    pub(crate) changes: usize,
    /// Tokens that could not be restored.
    pub(crate) unknown: usize,
    pub(crate) skipped: usize,
    pub(crate) failed: usize,
    /// Files of which an earlier run has made a copy that is still there.
    pub(crate) unchanged: usize,
}

/// A copy that is not yet visible, and by what its original is known again.
type Waiting = (Output, Option<Mark>);

/// Copies that wait for [`Rewriter::keep`], which costs as much for one as for many.
const WAITING: usize = 64;

impl Copies<'_> {
    /// Makes them. Files of a folder that are skipped or fail are named on stderr.
    pub(crate) fn make(&self, rewriter: &dyn Rewriter) -> Result<Done, Failure> {
        if self.is_folder() { self.copy_folder(rewriter) } else { self.copy_file(rewriter) }
    }

    /// What `look` says of each file, in the order of the walk. Files of a folder that are skipped or fail are named on
    /// stderr.
    pub(crate) fn look_through<T: Send>(
        &self,
        look: impl Fn(&Path, &[u8]) -> Result<T, NotRewritten> + Sync,
    ) -> Result<(Vec<T>, Done), Failure> {
        let mut done = Done::default();
        let mut seen = Vec::new();
        let mut take = |path: PathBuf, looked| {
            match looked {
                Ok(looked) => {
                    done.files += 1;
                    seen.push(looked);
                }
                Err(reason) => done.leave_out(&path, &reason),
            }
            Ok::<_, Failure>(())
        };
        if self.is_folder() {
            let except: Vec<&Path> = self.secrets.files().chain(self.own.iter().copied()).collect();
            let walk = Walk::new(slice::from_ref(self.source), self.files, &except);
            let work = |found| worked(found, |path| look(path, &read_all(File::open(path)?, self.max_size)?));
            ordered(self.files.threads(), walk, work, |_| 0, |(path, looked)| take(path, looked))?;
        } else {
            let looked = self.read_source().and_then(|bytes| look(self.source, &bytes));
            take(self.source.clone(), looked)?;
        }
        Ok((seen, done))
    }

    fn is_folder(&self) -> bool {
        self.source != Path::new("-") && self.source.is_dir()
    }

    /// The bytes of the single file, or of stdin.
    fn read_source(&self) -> Result<Vec<u8>, NotRewritten> {
        Ok(if self.source == Path::new("-") {
            read_all(io::stdin(), self.max_size)?
        } else {
            read_all(File::open(self.source)?, self.max_size)?
        })
    }

    fn copy_file(&self, rewriter: &dyn Rewriter) -> Result<Done, Failure> {
        let source = self.source;
        let target = match (self.target, source.file_name()) {
            (Some(folder), Some(name)) if folder.is_dir() => Some(folder.join(name)),
            (target, _) => target.map(Path::to_owned),
        };
        if let Some(target) = &target
            && let (Ok(source), Ok(target)) = (fs::canonicalize(source), fs::canonicalize(target))
            && source == target
        {
            return Err(Failure::OutputIsSource(target));
        }
        let turns = Turns::default();
        let rewritten = self.read_source().and_then(|bytes| rewriter.rewrite(source, &bytes, turns.turn(0)));
        let rewritten = rewritten
            .map_err(|reason| Failure::NotRewritten { path: source.clone(), reason: reason.to_string() })?;
        if rewritten.text_only {
            anstream::eprintln!("tacita: {}: written as plain text", Escaped::path(source));
        }
        tell(source, &rewritten.notes);
        rewriter.keep()?;
        if let Some(target) = target.as_deref().filter(|target| target.file_name() == source.file_name()) {
            tell_name(target, target.file_name().map(Path::new), rewriter);
        }
        let permissions = fs::metadata(source).ok().filter(fs::Metadata::is_file);
        let mut out = Output::open_like(target.as_deref(), permissions.map(|it| it.permissions()))?;
        out.put(&rewritten.content)?;
        out.finish()?;
        let Rewritten { changes, unknown, .. } = rewritten;
        Ok(Done { files: 1, changes, unknown, ..Done::default() })
    }

    fn copy_folder(&self, rewriter: &dyn Rewriter) -> Result<Done, Failure> {
        let target = self.target.ok_or_else(|| Failure::FolderOutput(self.source.clone()))?;
        fs::create_dir_all(target).map_err(Failure::write(target))?;
        let same = |path: &Path| fs::canonicalize(path).map_err(Failure::read(path));
        // A folder that holds the source would have its own files replaced.
        if same(self.source)?.starts_with(same(target)?) {
            return Err(Failure::FolderOutput(self.source.clone()));
        }
        let mut done = Done::default();
        let mut taken = HashSet::new();
        let mut waiting = Vec::new();
        let own = self.own.iter().copied();
        let except: Vec<&Path> = self.secrets.files().chain([target]).chain(own).collect();
        let walk = Walk::new(slice::from_ref(self.source), self.files, &except);
        let turns = Turns::default();
        let rewrite = |(number, found)| {
            let turn = turns.turn(number);
            worked(found, |path| self.rewrite_file(path, target, rewriter, turn))
        };
        let weigh = |(_, rewritten): &(_, Result<(Rewritten, _), _>)| {
            rewritten.as_ref().map_or(0, |(rewritten, _)| rewritten.content.capacity())
        };
        ordered(self.files.threads(), walk.enumerate(), rewrite, weigh, |(path, rewritten)| {
            let placed = rewritten.and_then(|(rewritten, mark)| {
                let copy = copy_path(self.source, target, &path, rewritten.text_only);
                if taken.insert(copy.clone()) { Ok((copy, rewritten, mark)) } else { Err(name_taken()) }
            });
            match placed {
                Ok((copy, rewritten, mark)) => {
                    tell(&path, &rewritten.notes);
                    tell_name(&path, path.strip_prefix(self.source).ok(), rewriter);
                    waiting.push((begin_copy(&path, &copy, &rewritten.content)?, mark));
                    done.files += 1;
                    done.changes += rewritten.changes;
                    done.unknown += rewritten.unknown;
                }
                Err(reason) => done.leave_out(&path, &reason),
            }
            if waiting.len() >= WAITING { self.finish(&mut waiting, rewriter) } else { Ok(()) }
        })?;
        self.finish(&mut waiting, rewriter)?;
        Ok(done)
    }

    /// Makes copies visible, then remembers that they are there.
    fn finish(&self, waiting: &mut Vec<Waiting>, rewriter: &dyn Rewriter) -> Result<(), Failure> {
        rewriter.keep()?;
        let mut marks = Vec::new();
        if let Some(seen) = &self.seen {
            // A run that is cut off now leaves copies of what no line speaks of.
            let begun = waiting.iter().filter_map(|(_, mark)| mark.as_ref()).map(Mark::begun);
            seen.write().unwrap_or_else(PoisonError::into_inner).add(begun)?;
        }
        for (copy, mark) in waiting.drain(..) {
            copy.finish()?;
            marks.extend(mark);
        }
        match &self.seen {
            Some(seen) => seen.write().unwrap_or_else(PoisonError::into_inner).add(marks),
            None => Ok(()),
        }
    }

    /// By what the file is known again, unless it is known and its copy still there.
    fn mark(&self, path: &Path, target: &Path, bytes: &[u8]) -> Result<Option<Mark>, NotRewritten> {
        let Some(seen) = &self.seen else { return Ok(None) };
        let seen = seen.read().unwrap_or_else(PoisonError::into_inner);
        let mark = seen.mark(path, bytes);
        let copied = || {
            [false, true].iter().any(|text_only| copy_path(self.source, target, path, *text_only).exists())
        };
        if seen.knows(&mark) && copied() { Err(NotRewritten::Unchanged) } else { Ok(Some(mark)) }
    }

    fn rewrite_file(
        &self,
        path: &Path,
        target: &Path,
        rewriter: &dyn Rewriter,
        turn: Turn<'_>,
    ) -> Result<(Rewritten, Option<Mark>), NotRewritten> {
        let bytes = read_all(File::open(path)?, self.max_size)?;
        let mark = self.mark(path, target, &bytes)?;
        // A reader that fails on a hostile file takes that file with it, not the rest.
        let rewrite = AssertUnwindSafe(|| rewriter.rewrite(path, &bytes, turn));
        let rewritten = panic::catch_unwind(rewrite).unwrap_or_else(|_| {
            Err(NotRewritten::Failed("reading it failed inside tacita; please report this".to_owned()))
        });
        rewritten.map(|rewritten| (rewritten, mark))
    }
}

impl Done {
    pub(crate) fn exit(&self) -> Exit {
        if self.failed > 0 { Exit::Errors } else { Exit::Clean }
    }

    fn leave_out(&mut self, path: &Path, reason: &NotRewritten) {
        let (what, reason) = match reason {
            NotRewritten::Unchanged => {
                self.unchanged += 1;
                return;
            }
            NotRewritten::Skipped(reason) => {
                self.skipped += 1;
                ("skipped", reason)
            }
            NotRewritten::Failed(reason) => {
                self.failed += 1;
                ("failed", reason)
            }
        };
        anstream::eprintln!("tacita: {}: {what}, no copy: {}", Escaped::path(path), Escaped::text(reason));
    }
}

/// What `work` makes of a file that was found; of what is none, why.
fn worked<T>(
    found: Found,
    work: impl FnOnce(&Path) -> Result<T, NotRewritten>,
) -> (PathBuf, Result<T, NotRewritten>) {
    match found {
        Found::File(path, _) => {
            let made = work(&path);
            (path, made)
        }
        Found::Skipped(path, reason) => (path, Err(NotRewritten::Skipped(reason))),
        Found::Failed(path, reason) => (path, Err(NotRewritten::Failed(reason))),
        // Only a path that was named can be one, and that is a folder here.
        Found::Stream(path) => (path, Err(NotRewritten::Skipped("not a regular file".to_owned()))),
    }
}

/// The same place in the target folder as `path` has in the source folder.
fn copy_path(source: &Path, target: &Path, path: &Path, text_only: bool) -> PathBuf {
    let mut copy = target.join(path.strip_prefix(source).unwrap_or(path)).into_os_string();
    if text_only {
        copy.push(".txt");
    }
    copy.into()
}

/// A copy that is written but not yet visible, with the permissions of the original.
fn begin_copy(path: &Path, copy: &Path, content: &[u8]) -> Result<Output, Failure> {
    if let Some(folder) = copy.parent() {
        fs::create_dir_all(folder).map_err(Failure::write(folder))?;
    }
    let permissions = fs::metadata(path).map(|metadata| metadata.permissions()).ok();
    let mut out = Output::replace(copy, permissions)?;
    out.put(content)?;
    Ok(out)
}

fn tell(path: &Path, notes: &[Note]) {
    for note in notes {
        anstream::eprintln!("tacita: {}: {}", Escaped::path(path), Escaped::text(&note.to_string()));
    }
}

/// Names stay, and say so where that tells something.
fn tell_name(path: &Path, name: Option<&Path>, rewriter: &dyn Rewriter) {
    // With its ending a name may hide what it is: `mara.lind@example.org.txt`.
    let Some((name, stem)) = name.map(|name| (name, name.with_extension(""))) else { return };
    let names = name.iter().chain(stem.file_name()).map(|name| name.to_string_lossy());
    let found = rewriter.found_in_name(&names.collect::<Vec<_>>().join("\n"));
    if !found.is_empty() {
        let found = found.join(", ");
        anstream::eprintln!("tacita: {}: the copy has its name, with {found} in it", Escaped::path(path));
    }
}

fn name_taken() -> NotRewritten {
    NotRewritten::Failed(
        "another file's copy has the name that this one's would have; rename one of them".to_owned(),
    )
}

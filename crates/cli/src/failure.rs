//! How a command ends, and why it could not.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use tacita_detect::{
    OptionsError, RulesError,
    evaluation::ReadError,
    presidio::AnalyzeError,
    redact::{KeyError, OperatorKind, VaultError},
};
use tacita_language::{library::LibraryError, presidio::AddressError};
use tacita_server::ServeError;
use tacita_service::OpenError;

use crate::escape::Escaped;

/// How a command ended that ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Nothing to complain about.
    Clean,
    /// `--fail-on` matched, or what was verified is not genuine.
    Findings,
    /// Something could not be read or done. It outranks findings: a scan that missed a file proves nothing.
    Errors,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not run or go on.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file or stdin could not be read.
    Read {
        path: PathBuf,
        cause: io::Error,
    },
    /// A file or stdout could not be written.
    Write {
        path: PathBuf,
        cause: io::Error,
    },
    /// A process that reads documents can't be confined, or lost the one that it reads for.
    Reader(io::Error),
    /// Whoever read our output closed it.
    ReaderGone,
    /// Detection options nothing can be built from.
    Options(OptionsError),
    /// Rules files that are too much together.
    Rules(RulesError),
    /// A rules file that was found and not asked for cannot be used; the message says why.
    FoundRules(String),
    /// Rules of one's own in a profile that takes none.
    RulesOfPresidio,
    /// A model of one's own in a profile that takes none.
    ModelOfPresidio,
    /// A model of one's own that cannot be used, or installed.
    Model(LibraryError),
    /// An analyzer in a profile that asks none.
    AnalyzerOfPresidio,
    /// The analyzer's URL is none, or must not be used.
    Analyzer(AddressError),
    /// Nothing says where the user's models lie.
    NoLibrary,
    /// The presidio profile has nothing to detect with.
    Presidio(AnalyzeError),
    /// A policy or an operator that cannot be followed; the message says why.
    Policy(String),
    /// A file that should hold a key holds none.
    Key {
        path: PathBuf,
        cause: KeyError,
    },
    /// A passphrase that gives no key.
    Passphrase(KeyError),
    PassphrasesDiffer,
    /// There is neither a file with the key or passphrase nor anyone to ask.
    NoSecret,
    /// There is neither a file with the passphrase nor anyone to ask.
    NoPassphrase,
    /// A file that is to be made is there already.
    Exists(PathBuf),
    Vault {
        path: PathBuf,
        cause: VaultError,
    },
    /// A file of reviewed findings that is none.
    Review {
        path: PathBuf,
        reason: String,
    },
    /// What `redact` was asked to write could never be restored.
    KeyLost(OperatorKind),
    /// Placeholders of one run could mean something else in the next.
    NumbersLost,
    /// The record of `--changed-since` is of a folder's files.
    NoFolder,
    /// Files would go to another machine unencrypted.
    ClamdRemote(String),
    /// Tesseract was asked for and is not installed.
    NoTesseract,
    /// A language that Tesseract has no data for, and those it has.
    NoOcrLanguage {
        asked: String,
        installed: Vec<String>,
    },
    /// A format that has no columns.
    ColumnsFormat,
    /// The input is a folder and the output is none, is the same folder, or holds it.
    FolderOutput(PathBuf),
    /// The copy would take the place of its original.
    OutputIsSource(PathBuf),
    /// The single file that was asked for was not rewritten.
    NotRewritten {
        path: PathBuf,
        reason: String,
    },
    Serve(ServeError),
    /// A setting that can't be meant: of which file or variable, and why.
    Config {
        from: String,
        reason: String,
    },
    /// What is kept can't be opened.
    Deployment(OpenError),
    /// A log on a server can't be read: which, and why.
    Log {
        at: String,
        why: String,
    },
    /// A folder in which nothing is kept, where there should be something.
    NothingKept(PathBuf),
    /// A use-case could not do what it was asked.
    Service(tacita_service::Error),
    /// Several organisations, of which none was named.
    NoOrganisation(Vec<String>),
    /// The operating system gave no threads.
    Runtime(io::Error),
    /// A file of marked texts that is none.
    Marks {
        path: PathBuf,
        cause: ReadError,
    },
    /// A file of marked texts in which no type is marked that is looked for, but these.
    NothingSought {
        path: PathBuf,
        marked: Vec<String>,
    },
    UnknownCountry(String),
    /// A type to fail on that is not looked for.
    NotSought(String),
}

impl Failure {
    /// A failure to read `path`; `-` is stdin.
    pub(crate) fn read(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::Read { path, cause }
    }

    /// A failure to write `path`; `-` is stdout.
    pub(crate) fn write(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| match cause.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Write { path, cause },
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, cause } if path == Path::new("-") => write!(f, "cannot read stdin: {cause}"),
            Self::Read { path, cause } => write!(f, "cannot read `{}`: {cause}", Escaped::path(path)),
            Self::Write { path, cause } if path == Path::new("-") => {
                write!(f, "cannot write stdout: {cause}")
            }
            Self::Write { path, cause } => write!(f, "cannot write `{}`: {cause}", Escaped::path(path)),
            Self::Reader(cause) => write!(f, "reading documents for another process: {cause}"),
            Self::ReaderGone => f.write_str("the reader of the output is gone"),
            Self::Options(cause) => cause.fmt(f),
            Self::Rules(cause) => cause.fmt(f),
            Self::FoundRules(reason) => write!(
                f,
                "`pii_exclusions.toml` in this folder: {reason}; mend it, or leave it out with `--no-rules`"
            ),
            Self::RulesOfPresidio => {
                f.write_str("the presidio profile takes no `--rules`; leave out one of the two")
            }
            Self::ModelOfPresidio => {
                f.write_str("the presidio profile takes no `--model`; leave out one of the two")
            }
            Self::AnalyzerOfPresidio => f.write_str(
                "the presidio profile is Tacita's own and asks no `--presidio-url`; leave out one of the two",
            ),
            Self::Analyzer(cause) => Escaped::text(&cause.to_string()).fmt(f),
            Self::Model(cause) => Escaped::text(&cause.to_string()).fmt(f),
            Self::NoTesseract => f.write_str("`--ocr` needs Tesseract; install it, or leave the option out"),
            Self::NoOcrLanguage { asked, installed } => write!(
                f,
                "Tesseract has no data for `{}`; it has: {}",
                Escaped::text(asked),
                Escaped::text(&installed.join(", "))
            ),
            Self::NoLibrary => {
                f.write_str("there is no place for models: neither `TACITA_MODELS` nor `HOME` names a folder")
            }
            Self::Presidio(cause) => write!(f, "presidio: {cause}"),
            Self::Policy(reason) => f.write_str(reason),
            Self::Key { path, cause } => write!(f, "`{}` is no key: {cause}", Escaped::path(path)),
            Self::Passphrase(cause) => cause.fmt(f),
            Self::PassphrasesDiffer => f.write_str("the two passphrases differ; try again"),
            Self::NoSecret => f.write_str("no key: give `--passphrase-file` or `--key-file`"),
            Self::NoPassphrase => f.write_str(
                "no passphrase: give `--passphrase-file`, or run it in a terminal, which asks for it",
            ),
            Self::Exists(path) => {
                write!(f, "`{}` is there already and is not replaced; give another name", Escaped::path(path))
            }
            Self::Vault { path, cause } => write!(f, "cannot open `{}`: {cause}", Escaped::path(path)),
            Self::KeyLost(operator) => write!(
                f,
                "operator `{operator}` needs a key that is kept, or nothing could be restored; give `--vault` or `--key-file`"
            ),
            Self::NumbersLost => f.write_str(
                "`--changed-since` needs a `--vault`, or each run would number its placeholders anew",
            ),
            Self::NoFolder => f.write_str(
                "`--changed-since` is for the files of a folder; leave it out to redact a single one",
            ),
            Self::ClamdRemote(address) => write!(
                f,
                "clamd at `{}` is on another machine, and whole files would go there unencrypted: everyone on the way \
                 could read them; give a clamd on this machine, or say that the network is trusted with `--clamd-remote`",
                Escaped::text(address)
            ),
            Self::ColumnsFormat => f.write_str("`--columns` is written as `--format table`, `json` or `csv`"),
            Self::FolderOutput(path) => write!(
                f,
                "`{}` is a folder; give another folder for the copies with `--output`, not one that contains it",
                Escaped::path(path)
            ),
            Self::OutputIsSource(path) => write!(
                f,
                "`{}` is the file itself, and the copy would replace it; give another `--output`",
                Escaped::path(path)
            ),
            Self::NotRewritten { path, reason } => {
                write!(f, "{}: {}", Escaped::path(path), Escaped::text(reason))
            }
            Self::Review { path, reason } => {
                write!(f, "`{}` is no file of `redact --review`: {reason}", Escaped::path(path))
            }
            Self::Serve(cause) => cause.fmt(f),
            Self::Config { from, reason } => {
                write!(f, "settings, `{}`: {}", Escaped::text(from), Escaped::text(reason))
            }
            Self::Log { at, why } => {
                write!(f, "cannot read the log `{}`: {}", Escaped::text(at), Escaped::text(why))
            }
            Self::Deployment(cause) => Escaped::text(&cause.to_string()).fmt(f),
            Self::NothingKept(path) => write!(
                f,
                "nothing is kept in `{}` yet; name the folder with `--data`, or the settings with `--config`",
                Escaped::path(path)
            ),
            Self::Service(cause) => Escaped::text(&cause.to_string()).fmt(f),
            Self::NoOrganisation(names) => write!(
                f,
                "say whose it is with `--organisation`; there are: {}",
                Escaped::text(&names.join(", "))
            ),
            Self::Runtime(cause) => write!(f, "the operating system gave no threads: {cause}"),
            Self::NotSought(name) => write!(
                f,
                "`--fail-on` names `{name}`, which `--types` leaves out, so that it could never be found; add it there"
            ),
            Self::Marks { path, cause } => write!(f, "`{}`, {cause}", Escaped::path(path)),
            Self::NothingSought { path, marked } => write!(
                f,
                "`{}` marks nothing that is looked for, but {}; say what that is for us with `--map THEIRS=OURS`",
                Escaped::path(path),
                Escaped::text(&if marked.is_empty() {
                    "no type at all".to_owned()
                } else {
                    marked.join(", ")
                })
            ),
            Self::UnknownCountry(country) => write!(
                f,
                "no recogniser belongs to `{}`; give an ISO 3166 code such as `DE`, as `tacita recognizers` shows them",
                Escaped::text(country)
            ),
        }
    }
}

impl From<OptionsError> for Failure {
    fn from(cause: OptionsError) -> Self {
        Self::Options(cause)
    }
}

impl From<AnalyzeError> for Failure {
    fn from(cause: AnalyzeError) -> Self {
        Self::Presidio(cause)
    }
}

impl From<tacita_service::Error> for Failure {
    fn from(cause: tacita_service::Error) -> Self {
        Self::Service(cause)
    }
}

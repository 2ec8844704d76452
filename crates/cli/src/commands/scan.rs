//! `tacita scan`

use std::path::PathBuf;

use super::read::document_readers;
use crate::{
    detection::DetectionArgs,
    escape::Escaped,
    failure::{Exit, Failure},
    ordered::ordered,
    output::Output,
    progress::Progress,
    report::{Report, ReportFormat, Settings, Summary},
    scan::{Detail, Examined, Examiner, FailOn, Walk, WalkArgs, check_roots, scan_stream},
    size::Size,
};

/// Find personal data in files and folders
///
/// Reads text, Markdown, source code, logs, CSV, JSON, HTML, XML, mail, Outlook messages, DOCX, XLS, RTF, EPUB,
/// PDF, SQLite, Parquet, the metadata of pictures, and all of these in ZIP, TAR, gzip and zstd. Files whose names begin
/// with a dot are read too, as they often hold secrets; .gitignore, .ignore and .tacitaignore files are obeyed, and the
/// folders of version control (.git and the like) are left out. What is not read is named with the reason.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes:
  0  everything was read (kinds of files that are not read are skipped, and named), and no finding that --fail-on names
  1  there are findings that --fail-on names
  2  something could not be read, whatever was found elsewhere

Examples:
  tacita scan .
  tacita scan ~/Documents --format html --output report.html
  tacita scan . --format sarif --output tacita.sarif --fail-on 0.85
  tacita scan customers.csv --types EMAIL_ADDRESS,PHONE_NUMBER --show-values
  pg_dump shop | tacita scan - --fail-on CREDIT_CARD,IBAN_CODE

Values are masked in every format unless --show-values is given; the HTML report shows the line around a finding, as far
as nothing was found in it. In CSV, cells that a spreadsheet would take for a formula
begin with an apostrophe. A plain text from a pipe is searched as it comes, whatever its length.")]
pub(crate) struct Args {
    /// Files and folders; `-` is stdin
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The format of the report
    #[arg(short, long, value_enum, default_value_t)]
    format: ReportFormat,
    /// Write the report there instead of stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show values as they are instead of `m***g`
    #[arg(long)]
    show_values: bool,
    /// Only the summary, in the table
    #[arg(long)]
    summary: bool,
    /// Exit with 1 on findings: any, those that score at least this, or those of these types
    #[arg(long, value_name = "any|SCORE|TYPE,…")]
    fail_on: Option<FailOn>,
    /// Larger files are errors
    #[arg(long, value_name = "SIZE", default_value = "50MB")]
    max_size: Size,
    #[command(flatten)]
    files: WalkArgs,
    #[command(flatten)]
    detection: DetectionArgs,
}

pub(crate) fn run(mut args: Args) -> Result<Exit, Failure> {
    args.detection.add_found_rules()?;
    let args = &args;
    check_roots(&args.paths)?;
    let finder = args.detection.finder()?;
    if let Some(FailOn::Types(types)) = &args.fail_on {
        args.detection.native.check_types(types.clone())?;
        let sought =
            |name: &String| args.detection.native.types.as_ref().is_none_or(|all| all.contains(name));
        if let Some(never) = types.iter().find(|name| !sought(name)) {
            return Err(Failure::NotSought(never.clone()));
        }
    }
    let settings = Settings {
        profile: args.detection.profile.to_string(),
        threshold: args.detection.least_score(),
        types: args.detection.native.types.clone(),
        rules: (args.detection.native.rules.files.iter())
            .map(|file| Escaped::path(&file.path).to_string())
            .collect(),
        roots: args.paths.iter().map(|path| Escaped::path(path).to_string()).collect(),
        show_values: args.show_values,
        summary_only: args.summary,
    };
    let format = args.format.writer(&settings);
    let examiner = Examiner {
        finder: &finder,
        format: &*format,
        detail: Detail { show_values: args.show_values, context: format.wants_context() },
        readers: document_readers(args.max_size),
        fail_on: args.fail_on.as_ref(),
    };
    let (summary, fails) = scan(args, &examiner)?;
    Ok(args.detection.native.readers.conclude(conclude(&summary, fails)))
}

fn scan(args: &Args, examiner: &Examiner<'_>) -> Result<(Summary, bool), Failure> {
    let out = Output::open(args.output.as_deref())?;
    let walk = Walk::new(&args.paths, &args.files, &out.files());
    let progress = Progress::start(&out);
    let mut report = Report::start(examiner.format, out)?;
    let mut fails = false;
    ordered(
        args.files.threads(),
        walk,
        |found| examiner.examine(found),
        Examined::bytes,
        |examined| {
            fails |= match examined {
                Examined::File(rendered) => rendered.pass_on(&mut report)?,
                Examined::Stream(path) => scan_stream(examiner, path, &mut report)?,
            };
            progress.show(report.summary());
            Ok::<_, Failure>(())
        },
    )?;
    progress.end();
    Ok((report.finish()?, fails))
}

fn conclude(summary: &Summary, fails: bool) -> Exit {
    for (path, reason) in &summary.failed {
        anstream::eprintln!("tacita: {}: {}", Escaped::path(path), Escaped::text(reason));
    }
    match (summary.failed.is_empty(), fails) {
        (false, _) => Exit::Errors,
        (true, true) => Exit::Findings,
        (true, false) => Exit::Clean,
    }
}

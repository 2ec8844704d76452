//! `tacita scan`

use std::path::PathBuf;

use tacita_detect::Overlaps;

use crate::{
    columns::Mapping,
    detection::DetectionArgs,
    documents::DocumentArgs,
    escape::Escaped,
    failure::{Exit, Failure},
    ordered::ordered,
    output::Output,
    progress::Progress,
    report::{Report, ReportFormat, Settings, Summary},
    scan::{Detail, Examined, Examiner, FailOn, Walk, WalkArgs, check_roots, scan_stream},
    seen::{Mark, SeenArgs},
};

/// Find personal data in files and folders
///
/// Reads text, Markdown, source code, logs, CSV, JSON, YAML, Jupyter notebooks, HTML, XML, mail, Outlook messages, DOCX,
/// XLSX, PPTX, XLS, ODT, ODS, ODP, RTF, EPUB, PDF, SQLite, Parquet, the metadata of pictures, and all of these in ZIP, TAR,
/// gzip and zstd. Files whose names begin with a dot are read too, as they often hold secrets; .gitignore, .ignore and
/// .tacitaignore files are obeyed, and the folders of version control (.git and the like) are left out. What is not read
/// is named with the reason.
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
  tacita scan shop.xlsx customers.csv --columns --format json --output data-map.json
  tacita scan customers.csv --types EMAIL_ADDRESS,PHONE_NUMBER --show-values
  tacita scan /srv/files --changed-since ~/.tacita-seen --format jsonl
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
    /// What the columns of tables hold, by their names and some of their cells, in place of findings: as table, JSON or CSV
    #[arg(long, conflicts_with_all = ["fail_on", "show_values", "summary", "changed_since", "profile"])]
    columns: bool,
    /// Exit with 1 on findings: any, those that score at least this, or those of these types
    #[arg(long, value_name = "any|SCORE|TYPE,…")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    files: WalkArgs,
    #[command(flatten)]
    seen: SeenArgs,
    #[command(flatten)]
    documents: DocumentArgs,
    #[command(flatten)]
    detection: DetectionArgs,
}

pub(crate) fn run(mut args: Args) -> Result<Exit, Failure> {
    args.detection.add_found_rules()?;
    let args = &args;
    check_roots(&args.paths)?;
    if args.columns {
        return map_columns(args);
    }
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
    let seen = args.seen.open(&args.detection.told()?)?;
    let format = args.format.writer(&settings);
    let documents = args.documents.documents()?;
    let examiner = Examiner {
        finder: &finder,
        format: &*format,
        detail: Detail { show_values: args.show_values, context: format.wants_context() },
        documents: &documents,
        fail_on: args.fail_on.as_ref(),
        seen: seen.as_ref(),
    };
    let (summary, fails, marks) = scan(args, &examiner)?;
    documents.tell();
    if let Some(mut seen) = seen {
        seen.add(marks)?;
    }
    Ok(args.detection.native.readers.conclude(conclude(&summary, fails)))
}

fn map_columns(args: &Args) -> Result<Exit, Failure> {
    if !matches!(args.format, ReportFormat::Table | ReportFormat::Json | ReportFormat::Csv) {
        return Err(Failure::ColumnsFormat);
    }
    let detector = args.detection.native.detector(Overlaps::Resolve)?;
    let documents = args.documents.documents()?;
    let mapping =
        Mapping { detector: &detector, documents: &documents, files: &args.files, format: args.format };
    let exit = mapping.map(&args.paths, Output::open(args.output.as_deref())?)?;
    documents.tell();
    Ok(args.detection.native.readers.conclude(exit))
}

fn scan(args: &Args, examiner: &Examiner<'_>) -> Result<(Summary, bool, Vec<Mark>), Failure> {
    let out = Output::open(args.output.as_deref())?;
    let mut except = out.files();
    except.extend(args.seen.changed_since.as_deref());
    let walk = Walk::new(&args.paths, &args.files, &except);
    let progress = Progress::start(&out);
    let mut report = Report::start(examiner.format, out)?;
    let mut fails = false;
    let mut marks = Vec::new();
    ordered(
        args.files.threads(),
        walk,
        |found| examiner.examine(found),
        Examined::bytes,
        |examined| {
            fails |= match examined {
                Examined::File(mut rendered) => {
                    marks.extend(rendered.mark.take());
                    rendered.pass_on(&mut report)?
                }
                Examined::Stream(path) => scan_stream(examiner, path, &mut report)?,
            };
            progress.show(report.summary());
            Ok::<_, Failure>(())
        },
    )?;
    progress.end();
    Ok((report.finish()?, fails, marks))
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

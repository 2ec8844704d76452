//! How much of a file is taken, and what to do where that is too little.

use std::{process, time::Duration};

use clap::Args;
use tacita_documents::{Limits, ReadError, isolation::Readers};

use crate::size::Size;

/// What a single file may cost. Whatever exceeds a limit is an error that names it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Larger files are errors
    #[arg(long, value_name = "SIZE", default_value = "50MB")]
    pub(crate) max_size: Size,
    /// What a file may unpack to, with all that lies in it
    #[arg(long, value_name = "SIZE", default_value = "500MiB")]
    max_unpacked: Size,
    /// How many times larger than its packed form a part may be, from 1 MiB on
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    max_ratio: u32,
    /// Files in an archive and the archives in it, parts of a mail, messages of a mailbox
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_entries: u32,
    /// Documents within documents
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(0..=64))]
    max_nesting: u32,
    /// Pages of a PDF
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_pages: u32,
    /// Seconds to read a file
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    max_time: u32,
    /// Memory of a process that reads files
    #[arg(long, value_name = "SIZE", default_value = "512MiB")]
    max_memory: Size,
}

/// Below this not even an empty file is read.
const LEAST_MEMORY: usize = 64 << 20;

impl LimitArgs {
    /// Processes of this very program that read within these limits. On Linux it is started by what the kernel has of it,
    /// whatever became of the file.
    pub(crate) fn readers(&self) -> Readers {
        let limits = Limits {
            file_bytes: self.max_size.bytes(),
            text_bytes: self.max_unpacked.bytes(),
            ratio: self.max_ratio as usize,
            entries: self.max_entries as usize,
            nesting: self.max_nesting as usize,
            pages: self.max_pages as usize,
            time: Duration::from_secs(self.max_time.into()),
            memory: self.max_memory.bytes().max(LEAST_MEMORY),
            ..Limits::default()
        };
        Readers::new(limits, |memory| {
            let own =
                if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() };
            // Where the system does not tell, the path is searched for it.
            let mut command = process::Command::new(own.unwrap_or_else(|_| "tacita".into()));
            command.arg("read").arg(memory.to_string());
            command
        })
    }
}

/// Why a file was not read, and the option that lets it be read.
pub(crate) fn told(error: &ReadError) -> String {
    let option = match error {
        ReadError::TooLarge(_) => "--max-size",
        ReadError::TooMuchText(_) => "--max-unpacked",
        ReadError::Bomb(_) => "--max-ratio",
        ReadError::TooMany { what: "pages", .. } => "--max-pages",
        ReadError::TooMany { .. } => "--max-entries",
        ReadError::TooSlow(_) => "--max-time",
        ReadError::Crashed(_) => "--max-memory",
        _ => return error.to_string(),
    };
    format!("{error}; raise it with `{option}` if you trust the file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Command {
        #[command(flatten)]
        limits: LimitArgs,
    }

    fn limits(args: &[&str]) -> Limits {
        let args = std::iter::once(&"tacita").chain(args);
        let command: Command = clap::Parser::try_parse_from(args).expect("they are options");
        command.limits.readers().limits().clone()
    }

    #[test]
    fn without_options_they_are_those_of_the_reader() {
        let Limits { text_bytes, ratio, entries, nesting, pages, time, memory, depth, .. } = limits(&[]);
        let usual = Limits::default();
        assert_eq!(
            (text_bytes, ratio, entries, nesting, pages, time, memory, depth),
            (
                usual.text_bytes,
                usual.ratio,
                usual.entries,
                usual.nesting,
                usual.pages,
                usual.time,
                usual.memory,
                usual.depth
            )
        );
    }

    #[test]
    fn every_option_sets_its_own() {
        let args = [
            "--max-size=1MB",
            "--max-unpacked=2MB",
            "--max-ratio=3",
            "--max-entries=4",
            "--max-nesting=5",
            "--max-pages=6",
            "--max-time=7",
            "--max-memory=1GB",
        ];
        let Limits { file_bytes, text_bytes, ratio, entries, nesting, pages, time, memory, .. } =
            limits(&args);
        assert_eq!((file_bytes, text_bytes, ratio, entries), (1_000_000, 2_000_000, 3, 4));
        assert_eq!((nesting, pages, time, memory), (5, 6, Duration::from_secs(7), 1_000_000_000));
    }
}

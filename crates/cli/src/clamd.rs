//! A virus scanner beside us: clamd is asked about every file before it is read.
//!
//! The command is INSTREAM, as `man clamd` has it: the bytes go through the connection, so clamd needs no access to the file.

use std::{
    fmt,
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    path::PathBuf,
    str::FromStr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use clap::{Args, ValueEnum};

/// Whether a virus scanner is asked.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Viruses")]
pub(crate) struct ClamdArgs {
    /// Ask clamd there about every file first: `unix:/run/clamav/clamd.ctl` or `host:port`; infected files are errors
    #[arg(long, value_name = "ADDRESS")]
    clamd: Option<Address>,
    /// What to do with files that clamd says nothing about
    #[arg(long, value_enum, default_value_t, requires = "clamd")]
    clamd_unreachable: Unreachable,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Unreachable {
    /// They are errors
    #[default]
    Refuse,
    /// They are read, and counted
    Continue,
}

/// Where clamd listens.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Address {
    Tcp(String),
    Unix(PathBuf),
}

/// A clamd that is asked.
#[derive(Debug)]
pub(crate) struct Clamd {
    address: Address,
    unreachable: Unreachable,
    /// Files that were read without its word.
    unasked: AtomicUsize,
}

const CONNECT: Duration = Duration::from_secs(5);
/// A scan of a large archive takes its time.
const ANSWER: Duration = Duration::from_secs(120);
const CHUNK: usize = 64 << 10;
/// The answer is a line with a name.
const LONGEST_ANSWER: u64 = 4 << 10;

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

impl ClamdArgs {
    pub(crate) fn clamd(&self) -> Option<Clamd> {
        let address = self.clamd.clone()?;
        Some(Clamd { address, unreachable: self.clamd_unreachable, unasked: AtomicUsize::new(0) })
    }
}

impl Clamd {
    /// # Errors
    /// Why the file of these bytes must not be read.
    pub(crate) fn ask(&self, bytes: &[u8]) -> Result<(), String> {
        let reason = match self.answer(bytes) {
            Ok(answer) => match verdict(&answer) {
                Verdict::Clean => return Ok(()),
                Verdict::Infected(name) => return Err(format!("refused: clamd finds {name} in it")),
                Verdict::Unclear => format!("clamd answers `{}`", answer.trim()),
            },
            Err(cause) => format!("clamd at {} does not answer: {cause}", self.address),
        };
        match self.unreachable {
            Unreachable::Refuse => {
                Err(format!("refused: {reason}; `--clamd-unreachable continue` reads on without it"))
            }
            Unreachable::Continue => {
                self.unasked.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    /// Says how many files were read without its word.
    pub(crate) fn tell(&self) {
        let unasked = self.unasked.load(Ordering::Relaxed);
        if unasked > 0 {
            anstream::eprintln!(
                "tacita: {unasked} files were read without the word of clamd at {}",
                self.address
            );
        }
    }

    fn answer(&self, bytes: &[u8]) -> io::Result<String> {
        let mut stream = self.connect()?;
        stream.write_all(b"zINSTREAM\0")?;
        for chunk in bytes.chunks(CHUNK) {
            // It hangs up in the middle of a file that is longer than it allows, and has said so.
            let sent =
                stream.write_all(&(chunk.len() as u32).to_be_bytes()).and_then(|()| stream.write_all(chunk));
            if sent.is_err() {
                break;
            }
        }
        let ended = stream.write_all(&[0; 4]).and_then(|()| stream.flush());
        let mut answer = Vec::new();
        let read = stream.take(LONGEST_ANSWER).read_to_end(&mut answer);
        if answer.is_empty() {
            ended?;
            read?;
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&answer).trim_end_matches('\0').to_owned())
    }

    fn connect(&self) -> io::Result<Box<dyn Stream>> {
        match &self.address {
            Address::Tcp(address) => {
                let mut last = io::Error::new(io::ErrorKind::NotFound, "it has no address");
                for address in address.to_socket_addrs()? {
                    match TcpStream::connect_timeout(&address, CONNECT) {
                        Ok(stream) => {
                            stream.set_read_timeout(Some(ANSWER))?;
                            stream.set_write_timeout(Some(ANSWER))?;
                            return Ok(Box::new(stream));
                        }
                        Err(error) => last = error,
                    }
                }
                Err(last)
            }
            #[cfg(unix)]
            Address::Unix(path) => {
                let stream = std::os::unix::net::UnixStream::connect(path)?;
                stream.set_read_timeout(Some(ANSWER))?;
                stream.set_write_timeout(Some(ANSWER))?;
                Ok(Box::new(stream))
            }
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict<'a> {
    Clean,
    Infected(&'a str),
    /// An error of clamd's own: a file over its limit.
    Unclear,
}

fn verdict(answer: &str) -> Verdict<'_> {
    let said = answer.trim().strip_prefix("stream: ").unwrap_or_default();
    match said.strip_suffix(" FOUND") {
        Some(name) => Verdict::Infected(name),
        None if said == "OK" => Verdict::Clean,
        None => Verdict::Unclear,
    }
}

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
            return Ok(Self::Unix(path.into()));
        }
        let port =
            text.rsplit_once(':').filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        port.map(|_| Self::Tcp(text.to_owned()))
            .ok_or("give `unix:` and the path of its socket, or a host and port such as localhost:3310")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => f.write_str(address),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood() {
        for (answer, expected) in [
            ("stream: OK", Verdict::Clean),
            ("stream: Eicar-Signature FOUND\n", Verdict::Infected("Eicar-Signature")),
            ("INSTREAM size limit exceeded. ERROR", Verdict::Unclear),
            ("stream: FOUND OK", Verdict::Unclear),
            ("", Verdict::Unclear),
        ] {
            assert_eq!(verdict(answer), expected, "{answer}");
        }
    }

    #[test]
    fn addresses_are_paths_or_ports() {
        assert_eq!("unix:/run/clamd.ctl".parse(), Ok(Address::Unix("/run/clamd.ctl".into())));
        assert_eq!("localhost:3310".parse(), Ok(Address::Tcp("localhost:3310".to_owned())));
        for bad in ["", "unix:", "localhost", ":3310", "localhost:clamd"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }
}

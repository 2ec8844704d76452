//! A virus scanner beside us: clamd is asked about every file before it is read.
//!
//! The command is INSTREAM, as `man clamd` has it: the bytes go through the connection, so clamd needs no access to the file.

use std::{
    fmt,
    io::{self, Read, Write},
    net::{IpAddr, TcpStream, ToSocketAddrs},
    path::PathBuf,
    str::FromStr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use clap::{Args, ValueEnum};

use crate::failure::Failure;

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
    /// Allow a clamd on another machine: whole files go there unencrypted
    #[arg(long, requires = "clamd")]
    clamd_remote: bool,
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
    /// # Errors
    /// When it is on another machine, and that is not allowed.
    pub(crate) fn clamd(&self) -> Result<Option<Clamd>, Failure> {
        let Some(address) = self.clamd.clone() else { return Ok(None) };
        if !self.clamd_remote && !address.is_this_machine() {
            return Err(Failure::ClamdRemote(address.to_string()));
        }
        let unasked = AtomicUsize::new(0);
        Ok(Some(Clamd { address, unreachable: self.clamd_unreachable, unasked }))
    }
}

impl Clamd {
    /// # Errors
    /// Why the file of these bytes must not be read.
    pub(crate) fn ask(&self, bytes: &[u8]) -> Result<(), String> {
        let reason = match self.answer(bytes) {
            Ok((answer, whole)) => match verdict(&answer) {
                Verdict::Clean if whole => return Ok(()),
                Verdict::Clean => format!("clamd at {} hung up before it had the whole file", self.address),
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

    /// Its answer, and whether it got the whole file before it.
    fn answer(&self, bytes: &[u8]) -> io::Result<(String, bool)> {
        let mut stream = self.connect()?;
        stream.write_all(b"zINSTREAM\0")?;
        // It hangs up in the middle of a file that is longer than it allows, and has said so.
        let sent = bytes.chunks(CHUNK).try_for_each(|chunk| {
            stream.write_all(&(chunk.len() as u32).to_be_bytes()).and_then(|()| stream.write_all(chunk))
        });
        let sent = sent.and_then(|()| stream.write_all(&[0; 4])).and_then(|()| stream.flush());
        let whole = sent.is_ok();
        let mut answer = Vec::new();
        let read = stream.take(LONGEST_ANSWER).read_to_end(&mut answer);
        if answer.is_empty() {
            sent?;
            read?;
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok((String::from_utf8_lossy(&answer).trim_end_matches('\0').to_owned(), whole))
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

impl Address {
    /// What is sent there does not leave the machine.
    fn is_this_machine(&self) -> bool {
        let Self::Tcp(address) = self else { return true };
        let host = address.rsplit_once(':').map_or(&**address, |(host, _)| host).to_ascii_lowercase();
        let ip: Result<IpAddr, _> = host.trim_start_matches('[').trim_end_matches(']').parse();
        // RFC 6761: names in `localhost` never leave the machine.
        ip.is_ok_and(|ip| ip.is_loopback()) || host == "localhost" || host.ends_with(".localhost")
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
    fn other_machines_are_known() {
        for (address, ours) in [
            ("unix:/run/clamd.ctl", true),
            ("127.0.0.1:3310", true),
            ("[::1]:3310", true),
            ("LocalHost:3310", true),
            ("localhost.example.org:3310", false),
            ("192.0.2.7:3310", false),
        ] {
            let parsed: Address = address.parse().expect("it is an address");
            assert_eq!(parsed.is_this_machine(), ours, "{address}");
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

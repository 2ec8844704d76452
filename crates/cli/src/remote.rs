//! A log on a server, as C2SP's tlog-tiles lays it out: what `tacita verify --log URL` reads.
//!
//! A server gives no bodies: they are sealed, and whoever may have them exports them.

use std::{fs::File, io::Read, path::Path, time::Duration};

use tacita_ledger::{
    entry::Salt,
    note::MAX_NOTE,
    tiles::{Bundle, Tile, WIDTH},
    verify::{Source, Unreadable},
};
use tacita_service::{Remote, RemoteError};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The longest time for one request.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest tile, in bytes.
const MAX_TILE: u64 = 256 * 32;
/// The longest bundle, in bytes: 256 entries of the longest kind.
const MAX_BUNDLE: u64 = 256 * (2 + u16::MAX as u64);
/// The longest token, in bytes.
const MAX_TOKEN: u64 = 8 * 1024;
/// The environment variable that holds a token.
const TOKEN: &str = "TACITA_TOKEN";

/// A log on a server.
pub(crate) struct Served(Remote);

impl Served {
    /// The log at `url`, with a token of the file or the environment, where there is one.
    pub(crate) fn open(url: &str, token_file: Option<&Path>) -> Result<Self, Failure> {
        let failed = |why: RemoteError| Failure::Log { at: url.to_owned(), why: why.to_string() };
        let remote = Remote::new(url, false, TIMEOUT).map_err(failed)?;
        let token = match token_file {
            Some(path) => {
                let mut token = Zeroizing::new(String::new());
                let file = File::open(path).map_err(Failure::read(path))?;
                file.take(MAX_TOKEN).read_to_string(&mut token).map_err(Failure::read(path))?;
                Some(token)
            }
            None => std::env::var(TOKEN).ok().map(Zeroizing::new),
        };
        match token {
            Some(token) => Ok(Self(remote.with_token(token.trim()).map_err(failed)?)),
            None => Ok(Self(remote)),
        }
    }

    /// The newest checkpoint.
    pub(crate) fn checkpoint(&self) -> Result<Vec<u8>, Failure> {
        let failed = |why: String| Failure::Log { at: self.0.url().to_owned(), why };
        let found = self.read("checkpoint", MAX_NOTE as u64).map_err(|why| failed(why.0))?;
        found.ok_or_else(|| failed("there is no log, or nothing in it yet".to_owned()))
    }

    fn read(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, Unreadable> {
        match self.0.get(path, most) {
            Ok((200, bytes)) => Ok(Some(bytes)),
            Ok((404, _)) => Ok(None),
            Ok((status @ (401 | 403), _)) => Err(Unreadable(format!(
                "status {status}: give a token that may read the log, in the file of `--token-file` or in {TOKEN}"
            ))),
            Ok((status, _)) => Err(Unreadable(format!("status {status}"))),
            Err(why) => Err(Unreadable(why.to_string())),
        }
    }
}

impl Source for Served {
    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, Unreadable> {
        match self.read(&tile.to_string(), MAX_TILE)? {
            // Where the full one is there, a narrower one need not be.
            None => match Tile::new(tile.level(), tile.index(), WIDTH) {
                Some(full) if full != tile => self.read(&full.to_string(), MAX_TILE),
                _ => Ok(None),
            },
            found => Ok(found),
        }
    }

    fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, Unreadable> {
        match self.read(&bundle.to_string(), MAX_BUNDLE)? {
            None => match Bundle::new(bundle.index(), WIDTH) {
                Some(full) if full != bundle => self.read(&full.to_string(), MAX_BUNDLE),
                _ => Ok(None),
            },
            found => Ok(found),
        }
    }

    fn body(&mut self, _index: u64) -> Result<Option<(Salt, Vec<u8>)>, Unreadable> {
        Ok(None)
    }
}

//! A whole log as a folder: what `tacita audit export` writes and `tacita verify --log` reads.
//!
//! | file | what it has |
//! |---|---|
//! | `checkpoint` | the signed checkpoint, <https://c2sp.org/tlog-checkpoint> |
//! | `tile/…` | hashes and entries, <https://c2sp.org/tlog-tiles> |
//! | `bodies.jsonl` | salt and sealed body of each entry that still has them: an object in each line |
//! | `pruned` | below which index the bodies were pruned |
//! | `keys` | the public keys, a verifier key in each line |

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use tacita_domain::OrganisationId;
use tacita_ledger::{
    checkpoint::Checkpoint,
    entry::Salt,
    note::Note,
    tiles::{Bundle, Tile, WIDTH, grown, grown_bundles},
    verify::{Source, Unreadable},
};
use tacita_service::{Placed, Service};

use crate::failure::Failure;

/// The longest tile or bundle that is read, in bytes: 256 entries of the longest kind.
const MAX_FILE: u64 = 256 * (2 + u16::MAX as u64);
/// The longest line of a body, in bytes.
const MAX_LINE: u64 = 4 * 1024 * 1024;
/// Bodies that are fetched at a time.
const BODIES: u64 = 1000;

/// A line of `bodies.jsonl`.
#[derive(Serialize, Deserialize)]
struct Line {
    index: u64,
    operation: String,
    salt: String,
    sealed: String,
}

/// An exported log.
pub(crate) struct Exported {
    folder: PathBuf,
    bodies: Option<BufReader<File>>,
    /// The body that was read last and not asked for yet.
    next: Option<Line>,
    /// Below which index the bodies were pruned; none where there are no bodies, or nobody says.
    pruned: Option<u64>,
}

impl Exported {
    /// The log in `folder`, of which the bodies may be missing.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join("bodies.jsonl");
        let bodies = match File::open(&path) {
            Ok(file) => Some(BufReader::new(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::read(path)(error)),
        };
        let path = folder.join("pruned");
        let pruned = match fs::read_to_string(&path) {
            Ok(text) => Some(text.trim_end().parse().map_err(|_| {
                Failure::read(&path)(io::Error::new(ErrorKind::InvalidData, "it is no index of an entry"))
            })?),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::read(path)(error)),
        };
        let pruned = pruned.filter(|_| bodies.is_some());
        Ok(Self { folder: folder.to_owned(), bodies, next: None, pruned })
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Unreadable> {
        let mut bytes = Vec::new();
        match File::open(self.folder.join(path)) {
            Ok(file) => {
                file.take(MAX_FILE).read_to_end(&mut bytes).map_err(|error| Unreadable(error.to_string()))?;
                Ok(Some(bytes))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Unreadable(error.to_string())),
        }
    }

    fn line(&mut self) -> Result<Option<Line>, Unreadable> {
        let Some(bodies) = &mut self.bodies else { return Ok(None) };
        let mut line = Vec::new();
        bodies.take(MAX_LINE).read_until(b'\n', &mut line).map_err(|error| Unreadable(error.to_string()))?;
        if line.is_empty() {
            return Ok(None);
        }
        let parsed = serde_json::from_slice(&line);
        parsed.map(Some).map_err(|_| Unreadable("a line of `bodies.jsonl` is malformed".to_owned()))
    }
}

impl Source for Exported {
    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, Unreadable> {
        match self.read(&tile.to_string())? {
            None => match Tile::new(tile.level(), tile.index(), WIDTH) {
                Some(full) if full != tile => self.read(&full.to_string()),
                _ => Ok(None),
            },
            found => Ok(found),
        }
    }

    fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, Unreadable> {
        match self.read(&bundle.to_string())? {
            None => match Bundle::new(bundle.index(), WIDTH) {
                Some(full) if full != bundle => self.read(&full.to_string()),
                _ => Ok(None),
            },
            found => Ok(found),
        }
    }

    fn body(&mut self, index: u64) -> Result<Option<(Salt, Vec<u8>)>, Unreadable> {
        while self.next.as_ref().is_none_or(|next| next.index < index) {
            self.next = self.line()?;
            if self.next.is_none() {
                return Ok(None);
            }
        }
        let Some(line) = self.next.take_if(|next| next.index == index) else { return Ok(None) };
        let malformed = || Unreadable("salt or body is malformed".to_owned());
        let decode = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| malformed());
        let salt = decode(&line.salt)?.try_into().map_err(|_| malformed())?;
        Ok(Some((salt, decode(&line.sealed)?)))
    }

    fn pruned(&self) -> Option<u64> {
        self.pruned
    }
}

/// Writes the log of an organisation into a folder that is new or empty, and says how many entries it has.
pub(crate) async fn export(
    service: &Service,
    organisation: OrganisationId,
    folder: &Path,
) -> Result<u64, Failure> {
    let note = service.checkpoint(organisation).await?;
    let size = size(&note).map_err(|why| Failure::Read {
        path: "checkpoint".into(),
        cause: io::Error::new(ErrorKind::InvalidData, why),
    })?;
    make_empty(folder)?;
    write(&folder.join("keys"), service.ledger_keys(organisation).await?.as_bytes())?;
    for tile in grown(0, size) {
        write(&folder.join(tile.to_string()), &service.tile(organisation, tile).await?)?;
    }
    for bundle in grown_bundles(0, size) {
        write(&folder.join(bundle.to_string()), &service.bundle(organisation, bundle).await?)?;
    }
    let path = folder.join("bodies.jsonl");
    let mut bodies = BufWriter::new(File::create_new(&path).map_err(Failure::write(&path))?);
    for start in (0..size).step_by(BODIES as usize) {
        for placed in service.sealed_bodies(organisation, start, size.min(start + BODIES)).await? {
            let line = serde_json::to_writer(&mut bodies, &Line::from(placed)).map_err(io::Error::from);
            line.and_then(|()| bodies.write_all(b"\n")).map_err(Failure::write(&path))?;
        }
    }
    bodies.into_inner().map_err(|error| Failure::write(&path)(error.into_error()))?;
    // After the bodies: what was pruned meanwhile is pruned.
    write(&folder.join("pruned"), format!("{}\n", service.pruned(organisation).await?).as_bytes())?;
    // Last: a folder without it is no whole log.
    write(&folder.join("checkpoint"), note.as_bytes())?;
    Ok(size)
}

impl From<Placed> for Line {
    fn from(Placed { position, operation, salt, sealed }: Placed) -> Self {
        let (salt, sealed) = (BASE64.encode(&salt), BASE64.encode(&sealed));
        Self { index: position, operation: operation.to_string(), salt, sealed }
    }
}

fn size(note: &str) -> Result<u64, String> {
    let note = Note::parse(note.as_bytes()).map_err(|error| error.to_string())?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|error| error.to_string())?;
    Ok(checkpoint.head().size)
}

fn make_empty(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(Failure::write(folder))?;
    let mut files = fs::read_dir(folder).map_err(Failure::read(folder))?;
    if files.next().is_some() {
        let cause = io::Error::new(
            ErrorKind::DirectoryNotEmpty,
            "it is not empty; give a folder that is, or a new one",
        );
        return Err(Failure::Write { path: folder.to_owned(), cause });
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Failure::write(folder))?;
    }
    fs::write(path, bytes).map_err(Failure::write(path))
}

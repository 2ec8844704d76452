//! Keys, as an operator works on them: copies of the root key, whether all keys open, rotation.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use tacita_domain::OrganisationId;
use tacita_store::{Sample, Verified, verify};
use tacita_vault::{ExportError, Root, RootError, RootKey, RootSource, SecureMemory, Start, system_random};
use zeroize::Zeroizing;

use crate::{
    Deployment, Error, OpenError, Service,
    database_keys::{self, Missing},
};

/// Keys of data subjects of each organisation that are tried where not all are.
const SAMPLE: u32 = 1000;
/// Keys that are wrapped again in one transaction: some milliseconds, for which others wait.
const TOGETHER: u32 = 1000;

/// A copy of the root key, and what opens it.
pub struct CopyOfRoot {
    /// What the file says.
    pub text: String,
    /// The passphrase.
    pub passphrase: Zeroizing<String>,
}

impl std::fmt::Debug for CopyOfRoot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CopyOfRoot([secret])")
    }
}

/// What opens by the root key, and what does not.
#[derive(Debug, Default)]
pub struct KeysOpened {
    /// The files with the keys of the databases' files; why one does not open.
    pub files: Vec<(PathBuf, Result<(), String>)>,
    /// What opens of each organisation.
    pub organisations: BTreeMap<OrganisationId, Verified>,
    /// Why the organisations could not be looked at.
    pub unread: Option<String>,
}

impl KeysOpened {
    /// Whether everything opens that was tried.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.unread.is_none()
            && self.files.iter().all(|(_, opened)| opened.is_ok())
            && self.organisations.values().all(|verified| verified.refused == 0)
    }
}

/// What a rotation has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The version that wraps everything now.
    pub version: u32,
    /// Keys of data subjects that were wrapped again.
    pub keys: u64,
    /// Whether it was begun before and stopped.
    pub is_resumed: bool,
}

impl Service {
    /// Writes a copy of the root key under a passphrase into a new file that only its owner can read.
    ///
    /// # Errors
    /// When the root key is in a transit engine, the passphrase is empty, or there is such a file already.
    pub fn export_root(&self, passphrase: &str, path: &Path) -> Result<(), Error> {
        let copy = self.store.ring().export_root(passphrase).ok_or_else(|| {
            Error::Invalid(
                "the root key is in a transit engine, which gives it to nobody, so that there is nothing to export: back up \
                 the engine itself, and try with `tacita keys verify` what you restore"
                    .to_owned(),
            )
        })?;
        let copy = Zeroizing::new(copy.map_err(|error| Error::Invalid(error.to_string()))?);
        database_keys::write_new(path, copy.as_bytes()).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Error::Exists,
            _ => Error::Files(error),
        })
    }

    /// Gives an organisation's key a new version and wraps everything by it that the former wrapped, or goes on where that was
    /// stopped. Others read and write meanwhile. `progress` is told how many keys are done.
    ///
    /// # Errors
    /// When a key does not open, or the key ring can't write. What was done until then stays, and the next call goes on.
    pub async fn rotate_keys(
        &self,
        organisation: OrganisationId,
        progress: impl Fn(u64),
    ) -> Result<Rotated, Error> {
        let ring = self.store.ring();
        let mut rotation = ring.rotate(organisation, self.now()).await?;
        let (version, is_resumed, mut keys) = (rotation.version(), rotation.is_resumed(), 0);
        loop {
            loop {
                match ring.wrap_again(&mut rotation, TOGETHER).await? {
                    0 => break,
                    more => keys += more as u64,
                }
                progress(keys);
            }
            if ring.remove_versions(&mut rotation).await? {
                return Ok(Rotated { version, keys, is_resumed });
            }
        }
    }
}

impl Deployment {
    /// Tries to open every key by the root key, or by a copy of it: of the databases' files, of organisations, and of their data
    /// subjects all or a sample. Nothing is written.
    ///
    /// # Errors
    /// When there is no root key, or the copy is none or does not open.
    pub fn verify_keys(&self, copy: Option<&CopyOfRoot>, all: bool) -> Result<KeysOpened, OpenError> {
        let memory = SecureMemory::new();
        if let Some(copy) = copy {
            let key = opened(copy, &memory)?;
            return self.verify_keys_by(&Root::Local(key), &memory, all);
        }
        let root =
            Root::open(&self.root, Start::Again, &memory, &mut system_random).map_err(OpenError::Root)?;
        let verified = self.verify_keys_by(&root, &memory, all)?;
        match self.unfinished(&verified, &memory, all) {
            Some((_, by_next)) => Ok(by_next),
            None => Ok(verified),
        }
    }

    /// The root key that was to take the place of the one in the file, where that opens not everything and this one does: what was
    /// to be done last is still to be done.
    pub(crate) fn unfinished(
        &self,
        verified: &KeysOpened,
        memory: &SecureMemory,
        all: bool,
    ) -> Option<(Root, KeysOpened)> {
        let (next, _) = if verified.is_whole() { None } else { self.next_root() }?;
        let next = RootSource::File(next);
        let root = Root::open(&next, Start::Again, memory, &mut system_random).ok()?;
        let by_next = self.verify_keys_by(&root, memory, all).ok()?;
        by_next.is_whole().then_some((root, by_next))
    }

    pub(crate) fn verify_keys_by(
        &self,
        root: &Root,
        memory: &SecureMemory,
        all: bool,
    ) -> Result<KeysOpened, OpenError> {
        let mut chance = [0; 32];
        system_random(&mut chance);
        let sample = if all { Sample::All } else { Sample::Some { most: SAMPLE, chance } };
        let mut verified = KeysOpened::default();
        if self.servers()?.is_none() {
            for file in self.files() {
                let opened = database_keys::open(root, &file, memory, Missing::Refused);
                let opened = opened.map(drop).map_err(|error| error.to_string());
                verified.files.push((database_keys::kept_at(&file), opened));
            }
        }
        let organisations = self.places(root, memory, Missing::Refused).and_then(|[house, keyring]| {
            verify(&house, &keyring, root, memory, sample).map_err(OpenError::Store)
        });
        match organisations {
            Ok(organisations) => verified.organisations = organisations,
            Err(error) => verified.unread = Some(error.to_string()),
        }
        Ok(verified)
    }

    /// Puts the root key's file back from a copy. Where there are keys already, it has to open them.
    ///
    /// # Errors
    /// When the root key does not lie in a file, there is one already, or the copy is none, does not open, or is of another key.
    pub fn import_root(&self, copy: &CopyOfRoot) -> Result<PathBuf, OpenError> {
        let RootSource::File(path) = &self.root else {
            return Err(OpenError::Key(
                "the settings take the root key from elsewhere than a file: set `root_key.file` to where it is to lie".to_owned(),
            ));
        };
        let memory = SecureMemory::new();
        let key = opened(copy, &memory)?;
        if self.is_begun()? {
            let verified = self.verify_keys(Some(copy), false)?;
            if !verified.is_whole() {
                return Err(OpenError::Key(format!(
                    "the copy is of root key {}, which does not open what is kept here: `tacita keys verify FILE` says what",
                    key.id()
                )));
            }
        }
        key.write(path).map_err(OpenError::Root)?;
        Ok(path.clone())
    }

    /// Changes the root key: to `to`, or, where that is none and the root key lies in a file, to a new one in its place. Says how
    /// many keys of organisations it wraps. Whatever happens meanwhile, the former or the new root key opens everything; what was
    /// stopped is finished by the next start or call.
    ///
    /// # Errors
    /// When another process changes it at this moment, either root key can't be had or does not do what it is to do, or a key does
    /// not open.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn change_root(&self, to: Option<&RootSource>) -> Result<usize, OpenError> {
        if !self.is_begun()? {
            return Err(OpenError::Key(
                "nothing is kept here yet: there is no root key to change".to_owned(),
            ));
        }
        // Two at once would each put its own keys of the files in the place of the other's.
        let lock =
            database_keys::lock(&self.data).map_err(|error| OpenError::Data(self.data.clone(), error))?;
        let Some(_lock) = lock else {
            return Err(OpenError::Key(
                "another process changes the root key at this moment: wait until it is done".to_owned(),
            ));
        };
        let store = match (self.store(), to) {
            (Ok(store), _) => store,
            // It was changed already; opening it has finished what was left.
            (Err(_), Some(to)) if self.store_by(to, Start::Again).is_ok() => return Ok(0),
            (Err(error), _) => return Err(error),
        };
        let change = Change::begin(self, to)?;
        let count = store.ring().change_root(&change.to).await.map_err(OpenError::Store)?;
        change.finish(self)?;
        Ok(count)
    }
}

/// A change of the root key, step by step. Before the organisations' keys are wrapped anew the former root key opens everything,
/// afterwards the new one.
struct Change {
    to: Arc<Root>,
    memory: SecureMemory,
    /// The new root key's file, and the one in whose place it comes.
    files: Option<(PathBuf, PathBuf)>,
}

impl Change {
    /// Gets the new root key, and wraps the keys of the databases' files by it too.
    fn begin(deployment: &Deployment, to: Option<&RootSource>) -> Result<Self, OpenError> {
        let files = match (to, &deployment.root) {
            (Some(_), _) => None,
            (None, RootSource::File(path)) => Some((database_keys::next_to(path), path.clone())),
            (None, _) => {
                return Err(OpenError::Key(
                    "the root key does not lie in a file, so that the new one has to be named: give a file of settings with `--to`"
                        .to_owned(),
                ));
            }
        };
        let next = files.as_ref().map(|(next, _)| RootSource::File(next.clone()));
        let memory = SecureMemory::new();
        let open = |source: &RootSource, start| {
            Root::open(source, start, &memory, &mut system_random).map_err(OpenError::Root)
        };
        let from = open(&deployment.root, Start::Again)?;
        let to = open(to.or(next.as_ref()).expect("one of them is given"), Start::First)?;
        if from.id().is_some() && from.id() == to.id() {
            return Err(OpenError::Key("both are the same root key: name another one".to_owned()));
        }
        if deployment.servers()?.is_none() {
            let files = deployment.files();
            files.iter().try_for_each(|file| database_keys::wrap_next(&from, &to, file, &memory))?;
            files.iter().try_for_each(|file| database_keys::check_next(&to, file, &memory))?;
        }
        Ok(Self { to: Arc::new(to), memory, files })
    }

    /// Lets the new root key be the only one.
    fn finish(self, deployment: &Deployment) -> Result<(), OpenError> {
        let Self { to, memory, files } = self;
        if deployment.servers()?.is_none() {
            let files = deployment.files();
            files.iter().try_for_each(|file| database_keys::settle(&to, file, &memory))?;
        }
        files.map_or(Ok(()), |(next, path)| replace_root(&next, &path))
    }
}

/// Puts a new root key's file in the place of the former, which stays beside it: older backups of the key ring need it.
pub(crate) fn replace_root(next: &Path, path: &Path) -> Result<(), OpenError> {
    let failed = |error| OpenError::Data(path.to_owned(), error);
    match RootKey::read(path, &SecureMemory::new()) {
        Ok(former) => {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(format!(".{}.old", former.id()));
            match fs::hard_link(path, path.with_file_name(name)) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
                _ => {}
            }
        }
        // Somebody has taken it away already.
        Err(RootError::Missing(_)) => {}
        Err(error) => return Err(OpenError::Root(error)),
    }
    database_keys::rename(next, path).map_err(failed)
}

fn opened(copy: &CopyOfRoot, memory: &SecureMemory) -> Result<RootKey, OpenError> {
    RootKey::import(&copy.text, &copy.passphrase, memory)
        .map_err(|error: ExportError| OpenError::Key(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU8;

    use tacita_detect::{Detector, Options};
    use tempfile::TempDir;

    use super::*;
    use crate::{Health, system_clock};

    fn deployment(folder: &TempDir) -> Deployment {
        Deployment::in_folder(folder.path().join("data"))
    }

    fn open(deployment: &Deployment) -> Result<Service, OpenError> {
        deployment.open(Arc::new(Detector::new(Options::default()).unwrap()), system_clock)
    }

    fn names(deployment: &Deployment) -> Vec<String> {
        let all = fs::read_dir(&deployment.data).unwrap();
        let mut names: Vec<_> = all.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name.contains("key") && !name.starts_with("keyring.db-"));
        names.sort();
        names
    }

    /// Steps of a change that are taken before the power goes.
    async fn stopped(deployment: &Deployment, to: Option<&RootSource>, steps: NonZeroU8) {
        let store = deployment.store().unwrap();
        let change = Change::begin(deployment, to).unwrap();
        if steps.get() > 1 {
            store.ring().change_root(&change.to).await.unwrap();
        }
        if steps.get() > 2 {
            database_keys::settle(&change.to, &deployment.files()[0], &change.memory).unwrap();
        }
        if steps.get() > 3 {
            database_keys::settle(&change.to, &deployment.files()[1], &change.memory).unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_root_key_in_a_file_is_replaced_and_a_stop_anywhere_is_finished() {
        for steps in (1..5).filter_map(NonZeroU8::new) {
            let folder = tempfile::tempdir().unwrap();
            let deployment = deployment(&folder);
            open(&deployment).unwrap().found_organisation("Example Ltd").await.unwrap();
            let before = fs::read(deployment.data.join("root.key")).unwrap();
            stopped(&deployment, None, steps).await;
            assert!(deployment.verify_keys(None, true).unwrap().is_whole(), "{steps}");
            let found = deployment.doctor(system_clock);
            let worst =
                found.iter().filter(|finding| finding.area.ends_with("key") || finding.area == "keys");
            assert_eq!(
                worst.map(|finding| finding.health).max(),
                Some(Health::Warning),
                "{steps}: {found:#?}"
            );
            // The next start finishes it; before the organisations' keys were wrapped anew there is nothing to finish.
            assert_eq!(open(&deployment).unwrap().organisations().await.unwrap().len(), 1, "{steps}");
            let is_changed = steps.get() > 1;
            assert_eq!(fs::read(deployment.data.join("root.key")).unwrap() != before, is_changed, "{steps}");
            assert_eq!(names(&deployment).iter().any(|name| name.ends_with(".next")), !is_changed, "{steps}");
            // And so does calling it again.
            deployment.change_root(None).await.unwrap();
            let names = names(&deployment);
            assert!(!names.iter().any(|name| name.ends_with(".next")), "{names:?}");
            assert_eq!(
                names.iter().filter(|name| name.ends_with(".old")).count(),
                1 + usize::from(is_changed)
            );
            assert!(deployment.verify_keys(None, true).unwrap().is_whole(), "{steps}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_root_key_moves_to_a_passphrase_and_a_stop_anywhere_leaves_one_that_opens() {
        for steps in (1..5).filter_map(NonZeroU8::new) {
            let folder = tempfile::tempdir().unwrap();
            let mut deployment = deployment(&folder);
            open(&deployment).unwrap().found_organisation("Example Ltd").await.unwrap();
            let to = || RootSource::Passphrase {
                passphrase: Zeroizing::new("correct horse battery staple".to_owned()),
                parameters: folder.path().join("data/root.salt"),
            };
            stopped(&deployment, Some(&to()), steps).await;
            let opens = |source: &RootSource| deployment.store_by(source, Start::Again).is_ok();
            assert_eq!(opens(&deployment.root), steps.get() == 1, "{steps}");
            assert_eq!(opens(&to()), steps.get() > 1, "{steps}");
            // Again with the former settings, as whoever saw it stop does.
            deployment.change_root(Some(&to())).await.unwrap();
            assert!(open(&deployment).is_err(), "{steps}: the former root key opens nothing");
            deployment.root = to();
            assert!(deployment.verify_keys(None, true).unwrap().is_whole(), "{steps}");
            assert!(!names(&deployment).iter().any(|name| name.ends_with(".next")));
            assert_eq!(open(&deployment).unwrap().organisations().await.unwrap().len(), 1, "{steps}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_changes_of_the_root_key_at_once_leave_one_that_opens_everything() {
        for _ in 0..4 {
            let folder = tempfile::tempdir().unwrap();
            let deployment = deployment(&folder);
            open(&deployment).unwrap().found_organisation("Example Ltd").await.unwrap();
            let [one, two] = ["1", "2"].map(|name| RootSource::File(folder.path().join(name)));
            let changed =
                tokio::join!(deployment.change_root(Some(&one)), deployment.change_root(Some(&two)));
            assert!(changed.0.is_ok() || changed.1.is_ok(), "{changed:?}");
            let whole = [one, two].into_iter().map(|root| {
                let by = Deployment { root, ..self::deployment(&folder) };
                by.verify_keys(None, true).is_ok_and(|verified| verified.is_whole())
            });
            assert_eq!(whole.filter(|is_whole| *is_whole).count(), 1, "{changed:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_root_key_is_not_changed_while_another_process_changes_it() {
        let folder = tempfile::tempdir().unwrap();
        let deployment = deployment(&folder);
        open(&deployment).unwrap();
        let lock = database_keys::lock(&deployment.data).unwrap().unwrap();
        let refused = deployment.change_root(None).await.unwrap_err();
        assert!(refused.to_string().contains("at this moment"), "{refused}");
        assert!(!names(&deployment).iter().any(|name| name.ends_with(".next")));
        drop(lock);
        deployment.change_root(None).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_root_key_that_opens_neither_key_of_a_file_settles_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let deployment = deployment(&folder);
        open(&deployment).unwrap();
        // Its keys of the files were overwritten by another's.
        let change = Change::begin(&deployment, None).unwrap();
        let other = Change::begin(&deployment, Some(&RootSource::File(folder.path().join("other")))).unwrap();
        let file = &deployment.files()[0];
        assert!(database_keys::check_next(&change.to, file, &change.memory).is_err());
        let refused = database_keys::settle(&change.to, file, &change.memory).unwrap_err();
        assert!(refused.to_string().starts_with("neither"), "{refused}");
        database_keys::settle(&other.to, file, &other.memory).unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_copy_puts_the_root_key_back() {
        let folder = tempfile::tempdir().unwrap();
        let deployment = deployment(&folder);
        let service = open(&deployment).unwrap();
        service.found_organisation("Example Ltd").await.unwrap();
        let file = folder.path().join("copy");
        service.export_root("correct horse", &file).unwrap();
        assert!(matches!(service.export_root("correct horse", &file), Err(Error::Exists)));
        let refused = service.export_root("", &folder.path().join("other")).unwrap_err();
        assert!(matches!(refused, Error::Invalid(_)), "{refused}");
        drop(service);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o600);
        }
        let text = fs::read_to_string(&file).unwrap();
        let copy = |passphrase: &str| CopyOfRoot {
            text: text.clone(),
            passphrase: Zeroizing::new(passphrase.to_owned()),
        };
        assert!(deployment.import_root(&copy("correct horse")).is_err(), "there is one");
        let root = deployment.data.join("root.key");
        let before = fs::read(&root).unwrap();
        fs::remove_file(&root).unwrap();
        assert!(deployment.verify_keys(None, false).is_err());
        assert!(deployment.verify_keys(Some(&copy("correct horse")), false).unwrap().is_whole());
        assert!(deployment.verify_keys(Some(&copy("wrong horse")), false).is_err());
        assert!(deployment.import_root(&copy("wrong horse")).is_err());
        deployment.import_root(&copy("correct horse")).unwrap();
        assert_eq!(fs::read(&root).unwrap(), before);
        open(&deployment).unwrap();

        // A copy of another root key opens nothing here, and says what.
        deployment.change_root(None).await.unwrap();
        let verified = deployment.verify_keys(Some(&copy("correct horse")), false).unwrap();
        assert!(!verified.is_whole());
        assert!(verified.files.iter().all(|(_, opened)| opened.is_err()) && verified.unread.is_some());
        fs::remove_file(&root).unwrap();
        let refused = deployment.import_root(&copy("correct horse")).unwrap_err();
        assert!(refused.to_string().contains("does not open what is kept here"), "{refused}");
        assert!(!root.exists());
    }
}

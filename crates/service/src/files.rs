//! The folder of sealed files.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tacita_domain::{AttachmentId, OrganisationId};

/// How old a file has to be before it is taken for left over: its row may be on its way.
const LEFT_OVER: Duration = Duration::from_secs(60 * 60);

/// How long a file that no row knows is kept aside.
const ASIDE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The ending of files that are set aside.
const GONE: &str = ".gone";

/// The folder of sealed files: one for each organisation, in it a file for each attachment, called as its id.
#[derive(Clone, Debug)]
pub(crate) struct Files(PathBuf);

impl Files {
    pub(crate) const fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Writes a file: as a whole or not at all, and on the disk when this returns.
    pub(crate) fn write(
        &self,
        organisation: OrganisationId,
        attachment: AttachmentId,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let folder = self.folder(organisation);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        // Made with mode 0600, and removed again where what follows fails.
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&folder)?;
        let mut buffered = BufWriter::new(file.as_file_mut());
        write(&mut buffered)?;
        buffered.flush()?;
        drop(buffered);
        file.as_file().sync_all()?;
        file.persist_noclobber(folder.join(attachment.to_string()))?;
        File::open(&folder)?.sync_all()
    }

    pub(crate) fn read(
        &self,
        organisation: OrganisationId,
        attachment: AttachmentId,
    ) -> io::Result<impl Read + Send + use<>> {
        File::open(self.path(organisation, attachment)).map(BufReader::new)
    }

    /// Removes a file; that it is gone already is no error.
    pub(crate) fn remove(&self, organisation: OrganisationId, attachment: AttachmentId) -> io::Result<()> {
        present(fs::remove_file(self.path(organisation, attachment)))
    }

    /// Files of an organisation that have been there for a while, whose rows may be gone, and those that are set aside; and
    /// removes those that were never finished.
    pub(crate) fn old(&self, organisation: OrganisationId, now: SystemTime) -> io::Result<Vec<AttachmentId>> {
        let mut old = Vec::new();
        self.each(organisation, |name, path, age| {
            let name = name.strip_suffix(GONE).unwrap_or(name);
            match name.parse() {
                Ok(attachment) if age(now) >= LEFT_OVER => old.push(attachment),
                Err(_) if age(now) >= LEFT_OVER => present(fs::remove_file(path))?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(old)
    }

    /// Sets a file aside that no row knows.
    pub(crate) fn set_aside(
        &self,
        organisation: OrganisationId,
        attachment: AttachmentId,
        now: SystemTime,
    ) -> io::Result<()> {
        let (path, aside) = (self.path(organisation, attachment), self.aside(organisation, attachment));
        match File::options().append(true).open(&path) {
            Ok(file) => {
                // Its age counts from now.
                file.set_modified(now)?;
                fs::rename(path, aside)
            }
            // It is set aside already, or gone.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Puts a file back that a row knows after all.
    pub(crate) fn put_back(&self, organisation: OrganisationId, attachment: AttachmentId) -> io::Result<()> {
        present(fs::rename(self.aside(organisation, attachment), self.path(organisation, attachment)))
    }

    /// Removes what has been set aside for long enough.
    pub(crate) fn remove_set_aside(&self, organisation: OrganisationId, now: SystemTime) -> io::Result<()> {
        self.each(organisation, |name, path, age| {
            if name.ends_with(GONE) && age(now) >= ASIDE { present(fs::remove_file(path)) } else { Ok(()) }
        })
    }

    /// Calls `what` with each file of an organisation: its name, its path, and how old it is at a time.
    fn each(
        &self,
        organisation: OrganisationId,
        mut what: impl FnMut(&str, &Path, &dyn Fn(SystemTime) -> Duration) -> io::Result<()>,
    ) -> io::Result<()> {
        let files = match fs::read_dir(self.folder(organisation)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            files => files?,
        };
        for file in files {
            let file = file?;
            // Another request may remove it at this moment.
            let Ok(modified) = file.metadata().and_then(|metadata| metadata.modified()) else { continue };
            let age = |now: SystemTime| now.duration_since(modified).unwrap_or_default();
            what(&file.file_name().to_string_lossy(), &file.path(), &age)?;
        }
        Ok(())
    }

    /// The folder of an organisation's files.
    pub(crate) fn folder(&self, organisation: OrganisationId) -> PathBuf {
        self.0.join(organisation.to_string())
    }

    fn aside(&self, organisation: OrganisationId, attachment: AttachmentId) -> PathBuf {
        self.folder(organisation).join(format!("{attachment}{GONE}"))
    }

    fn path(&self, organisation: OrganisationId, attachment: AttachmentId) -> PathBuf {
        self.folder(organisation).join(attachment.to_string())
    }
}

/// That a file is not there is no error.
fn present(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use tacita_domain::Timestamp;

    use super::*;

    fn ids() -> (OrganisationId, AttachmentId) {
        let at = Timestamp::from_micros(0);
        (OrganisationId::new(at, [1; 10]), AttachmentId::new(at, [2; 10]))
    }

    #[test]
    fn a_file_is_there_as_a_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let (files, (organisation, attachment)) = (Files::new(folder.path().join("files")), ids());
        let failed = files.write(organisation, attachment, |to| {
            to.write_all(b"half")?;
            Err(io::Error::other("the client is gone"))
        });
        assert!(failed.is_err());
        assert!(files.read(organisation, attachment).is_err());
        assert_eq!(
            fs::read_dir(folder.path().join("files").join(organisation.to_string())).unwrap().count(),
            0
        );

        files.write(organisation, attachment, |to| to.write_all(b"whole")).unwrap();
        let mut read = String::new();
        files.read(organisation, attachment).unwrap().read_to_string(&mut read).unwrap();
        assert_eq!(read, "whole");
        assert!(files.write(organisation, attachment, |to| to.write_all(b"other")).is_err());
        files.remove(organisation, attachment).unwrap();
        files.remove(organisation, attachment).unwrap();
        assert!(files.read(organisation, attachment).is_err());
    }

    #[test]
    fn only_what_has_been_there_for_a_while_is_left_over() {
        let folder = tempfile::tempdir().unwrap();
        let (files, (organisation, attachment)) = (Files::new(folder.path().to_owned()), ids());
        assert_eq!(
            Files::new(folder.path().join("none")).old(organisation, SystemTime::UNIX_EPOCH).unwrap(),
            []
        );
        files.write(organisation, attachment, |to| to.write_all(b"x")).unwrap();
        let unfinished = folder.path().join(organisation.to_string()).join(".new-1");
        fs::write(&unfinished, "").unwrap();
        let written = fs::metadata(&unfinished).unwrap().modified().unwrap();
        assert_eq!(files.old(organisation, written).unwrap(), []);
        let later = written + LEFT_OVER + Duration::from_secs(1);
        assert_eq!(files.old(organisation, later).unwrap(), [attachment]);
        assert!(!unfinished.exists());
    }

    #[test]
    fn what_no_row_knows_is_kept_aside_for_a_week_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let (files, (organisation, attachment)) = (Files::new(folder.path().to_owned()), ids());
        files.write(organisation, attachment, |to| to.write_all(b"x")).unwrap();
        let now = fs::metadata(files.path(organisation, attachment)).unwrap().modified().unwrap();
        let later = now + LEFT_OVER;
        for _ in 0..2 {
            files.set_aside(organisation, attachment, later).unwrap();
            assert!(files.read(organisation, attachment).is_err());
        }
        assert_eq!(files.old(organisation, later + LEFT_OVER).unwrap(), [attachment]);
        files.remove_set_aside(organisation, later + ASIDE - Duration::from_secs(1)).unwrap();
        files.put_back(organisation, attachment).unwrap();
        files.put_back(organisation, attachment).unwrap();
        assert!(files.read(organisation, attachment).is_ok());
        files.set_aside(organisation, attachment, later).unwrap();
        files.remove_set_aside(organisation, later + ASIDE).unwrap();
        files.put_back(organisation, attachment).unwrap();
        assert!(files.read(organisation, attachment).is_err());
    }
}

//! The folder of sealed files.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, ErrorKind, Read, Write},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use tacita_domain::{AttachmentId, OrganisationId};

/// How old a file has to be before it is taken for left over: its row may be on its way.
const LEFT_OVER: Duration = Duration::from_secs(60 * 60);

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
        let folder = self.0.join(organisation.to_string());
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
        match fs::remove_file(self.path(organisation, attachment)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Files that have been there for a while, whose rows may be gone; and removes those that were never finished.
    pub(crate) fn old(&self, now: SystemTime) -> io::Result<Vec<(OrganisationId, AttachmentId)>> {
        let mut old = Vec::new();
        let folders = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(old),
            folders => folders?,
        };
        for folder in folders {
            let folder = folder?;
            let Ok(organisation) = folder.file_name().to_string_lossy().parse() else { continue };
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                let modified = file.metadata()?.modified()?;
                if now.duration_since(modified).is_ok_and(|age| age >= LEFT_OVER) {
                    match file.file_name().to_string_lossy().parse() {
                        Ok(attachment) => old.push((organisation, attachment)),
                        Err(_) => fs::remove_file(file.path())?,
                    }
                }
            }
        }
        Ok(old)
    }

    fn path(&self, organisation: OrganisationId, attachment: AttachmentId) -> PathBuf {
        self.0.join(organisation.to_string()).join(attachment.to_string())
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
        assert_eq!(Files::new(folder.path().join("none")).old(SystemTime::UNIX_EPOCH).unwrap(), []);
        files.write(organisation, attachment, |to| to.write_all(b"x")).unwrap();
        let unfinished = folder.path().join(organisation.to_string()).join(".new-1");
        fs::write(&unfinished, "").unwrap();
        let written = fs::metadata(&unfinished).unwrap().modified().unwrap();
        assert_eq!(files.old(written).unwrap(), []);
        let later = written + LEFT_OVER + Duration::from_secs(1);
        assert_eq!(files.old(later).unwrap(), [(organisation, attachment)]);
        assert!(!unfinished.exists());
    }
}

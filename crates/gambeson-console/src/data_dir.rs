//! The folder that holds everything a Console owns: database, keys, certificate.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// An open data directory. While it is held, no other Console can open the same one.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// The folder cannot be made or looked at.
    #[error("cannot use the data directory {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process holds the lock.
    #[error(
        "another Console is using the data directory {}: stop it, or give this one its own --data-dir",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A file in the folder cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// "read" or "write".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that holds a secret can be read by other users of the machine.
    #[error("{} holds a secret but its mode is {mode:o}: run `chmod 600` on it", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file that the Console wrote itself does not hold what it should.
    #[error("{} is damaged ({reason}): restore it from a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl DataDir {
    /// Makes the folder if there is none (mode 0700) and takes its lock.
    pub(crate) fn open(path: &Path) -> Result<Self, DataDirError> {
        let folder = |source| DataDirError::Folder { path: path.to_owned(), source };
        if !path.exists() {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(folder)?;
            }
            fs::DirBuilder::new().mode(0o700).create(path).map_err(folder)?;
        }
        let mode = fs::metadata(path).map_err(folder)?.mode();
        if mode & 0o077 != 0 {
            // Keys in it are 0600 anyway; the database is made by SQLite with the umask, so the folder is its protection.
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(folder)?;
        }
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(folder)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(folder(source)),
        }
    }

    /// The place of a file in the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Reads a file of ours; `None` if there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, DataDirError> {
        let path = self.file(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DataDirError::File { action: "read", path, source }),
        }
    }

    /// Reads a secret of ours, which nobody else may be able to read; `None` if there is none.
    pub(crate) fn read_secret(&self, name: &str) -> Result<Option<Vec<u8>>, DataDirError> {
        let bytes = self.read(name)?;
        let path = self.file(name);
        if let Ok(found) = fs::metadata(&path)
            && found.mode() & 0o077 != 0
        {
            return Err(DataDirError::Exposed { path, mode: found.mode() & 0o777 });
        }
        Ok(bytes)
    }

    /// Writes a file as a whole or not at all. Mode 0600; `replace` says whether one that is there may be replaced.
    pub(crate) fn write(&self, name: &str, bytes: &[u8], replace: bool) -> Result<(), DataDirError> {
        let path = self.file(name);
        let written = tempfile::NamedTempFile::new_in(&self.path).and_then(|mut file| {
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            if replace { file.persist(&path) } else { file.persist_noclobber(&path) }.map_err(|e| e.error)
        });
        written.map(drop).map_err(|source| DataDirError::File { action: "write", path, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_console_at_a_time_and_only_its_owner_reads_it() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a/b");
        let first = DataDir::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        assert!(matches!(DataDir::open(&path), Err(DataDirError::InUse { .. })));
        drop(first);
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let dir = DataDir::open(place.path()).unwrap();
        dir.write("key", b"secret", false).unwrap();
        assert_eq!(dir.read_secret("key").unwrap().unwrap(), b"secret");
        assert!(dir.write("key", b"other", false).is_err());
        fs::set_permissions(dir.file("key"), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(dir.read_secret("key"), Err(DataDirError::Exposed { mode: 0o640, .. })));
    }
}

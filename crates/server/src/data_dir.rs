//! The data folder: made private, and held by one server at a time.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rand::TryRng as _;
use rand::rngs::SysRng;
use rustix::fs::{FlockOperation, flock};

/// How long the key of previews is.
const PREVIEW_KEY_BYTES: usize = 32;

/// The data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made or opened.
    #[error("the data folder {path} cannot be used: check that this user may write to it")]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another server has it.
    #[error(
        "the data folder {path} is in use by another Atelier server (process {pid}): stop that one, \
         or choose another folder with --data"
    )]
    InUse {
        /// The folder.
        path: PathBuf,
        /// Which process, as it wrote itself.
        pid: String,
    },
}

/// The SQLite file of a data folder.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join("atelier.db")
}

/// The folder, held until this is dropped. The kernel lets go when the process dies, however.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the folder (mode 0700) and takes hold of it.
    pub(crate) fn open(path: &Path) -> Result<Self, DataDirError> {
        let unusable = |source| DataDirError::Unusable {
            path: path.to_owned(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(unusable)?;
        let path = path.canonicalize().map_err(unusable)?;
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(unusable)?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut pid = String::new();
            lock.read_to_string(&mut pid).map_err(unusable)?;
            return Err(DataDirError::InUse {
                path,
                pid: pid.trim().to_owned(),
            });
        }
        let write = |lock: &mut File| {
            lock.set_len(0)?;
            lock.rewind()?;
            writeln!(lock, "{}", std::process::id())
        };
        write(&mut lock).map_err(unusable)?;
        Ok(Self { path, _lock: lock })
    }

    /// The key that tokens for previews are signed with: 32 random bytes, made at the first start.
    /// Without the file, whoever has a preview open comes in again.
    pub(crate) fn preview_key(&self) -> Result<Vec<u8>, DataDirError> {
        let path = self.path.join("preview.key");
        let unusable = |source| DataDirError::Unusable {
            path: path.clone(),
            source,
        };
        match std::fs::read(&path) {
            Ok(key) if key.len() == PREVIEW_KEY_BYTES => return Ok(key),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unusable(error)),
        }
        let mut key = vec![0; PREVIEW_KEY_BYTES];
        SysRng
            .try_fill_bytes(&mut key)
            .map_err(|error| unusable(io::Error::other(error)))?;
        let temporary = self.path.join("preview.key.new");
        let write = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&temporary)?;
            file.write_all(&key)?;
            file.sync_all()?;
            std::fs::rename(&temporary, &path)
        };
        write().map_err(unusable)?;
        Ok(key)
    }

    /// The local node's folder.
    pub(crate) fn node(&self) -> PathBuf {
        self.path.join("node")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let first = DataDir::open(&path).unwrap();
        let second = DataDir::open(&path).unwrap_err().to_string();
        assert!(second.contains(&std::process::id().to_string()), "{second}");
        drop(first);
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn the_key_of_previews_stays_and_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        let key = data.preview_key().unwrap();
        assert_eq!(key, data.preview_key().unwrap());
        assert_ne!(key, [0; PREVIEW_KEY_BYTES]);
        let file = folder.path().join("preview.key");
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_in_its_place_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        std::fs::write(&path, "").unwrap();
        assert!(matches!(
            DataDir::open(&path),
            Err(DataDirError::Unusable { .. })
        ));
    }
}

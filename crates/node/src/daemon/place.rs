//! The daemon's files in the node's data directory.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::key::{KeyError, NodeKey};
use super::registration::Registration;
use crate::drivers::host::write_whole;

/// The data directory, as the daemon uses it.
#[derive(Debug, Clone)]
pub struct DaemonDirectory(PathBuf);

/// Why a server cannot leave.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaveError {
    /// The daemon runs and would go on.
    #[error("the daemon runs; stop it first (systemctl stop atelier-node)")]
    Running,
    /// Nothing is to be left.
    #[error("this server has not joined")]
    NotJoined,
    /// The files cannot be removed.
    #[error("the key and the registration cannot be removed")]
    Files(#[from] io::Error),
}

impl DaemonDirectory {
    /// The data directory at `path`, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The key's file.
    pub fn key_file(&self) -> PathBuf {
        self.0.join("node.key")
    }

    /// The key that is being joined with, in place of the one of before.
    fn new_key_file(&self) -> PathBuf {
        self.0.join("node.key.new")
    }

    fn registration_file(&self) -> PathBuf {
        self.0.join("node.json")
    }

    /// Where this server belongs; nothing before it has joined.
    pub fn registration(&self) -> io::Result<Option<Registration>> {
        match fs::read(self.registration_file()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
        }
    }

    /// The key to join with. A `fresh` one is kept beside the one of before until it is accepted; one
    /// that an earlier attempt has left is taken again, for it may have been accepted already.
    pub(super) fn key_to_join_with(&self, fresh: bool) -> Result<NodeKey, KeyError> {
        let file = if fresh {
            self.new_key_file()
        } else {
            self.key_file()
        };
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0);
        made.map_err(|error| KeyError::Unwritable(file.clone(), error))?;
        NodeKey::load_or_create(&file)
    }

    /// Notes that the control plane has accepted the key. The registration is written first: what a
    /// crash leaves between the two is finished by [`DaemonDirectory::key_of`].
    pub(super) fn accept(&self, registration: &Registration) -> io::Result<()> {
        self.save(registration)?;
        self.key_of(registration)
            .map(drop)
            .map_err(io::Error::other)
    }

    pub(super) fn save(&self, registration: &Registration) -> io::Result<()> {
        let json = serde_json::to_vec_pretty(registration).expect("a registration is plain data");
        write_whole(&self.registration_file(), &json)
    }

    /// The key that the registration was made with.
    pub(crate) fn key_of(&self, registration: &Registration) -> Result<NodeKey, KeyError> {
        let fresh = self.new_key_file();
        if let Ok(key) = NodeKey::load(&fresh)
            && key.public() == registration.public_key
        {
            fs::rename(&fresh, self.key_file())
                .map_err(|error| KeyError::Unwritable(self.key_file(), error))?;
            return Ok(key);
        }
        let key = NodeKey::load(&self.key_file())?;
        if key.public() == registration.public_key {
            Ok(key)
        } else {
            Err(KeyError::Damaged(self.key_file()))
        }
    }

    /// Forgets the key and where this server belongs. Workspaces and their files stay.
    pub fn leave(&self) -> Result<(), LeaveError> {
        if is_running(&self.0) {
            return Err(LeaveError::Running);
        }
        let mut found = false;
        for file in [
            self.new_key_file(),
            self.key_file(),
            self.registration_file(),
        ] {
            match fs::remove_file(file) {
                Ok(()) => found = true,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        if found {
            Ok(())
        } else {
            Err(LeaveError::NotJoined)
        }
    }
}

/// Whether a node uses the data directory now.
pub fn is_running(data_dir: &Path) -> bool {
    let Ok(lock) = File::open(data_dir.join("node.lock")) else {
        return false;
    };
    // Let go at once, when the file is closed.
    flock(&lock, FlockOperation::NonBlockingLockShared).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(key: &NodeKey) -> Registration {
        serde_json::from_value(serde_json::json!({
            "url": "https://atelier.example.org",
            "node_id": "node_00000000000000000000000001",
            "name": "a",
            "public_key": key.public(),
        }))
        .unwrap()
    }

    #[test]
    fn a_new_key_takes_the_place_of_the_old_one_when_it_is_accepted() {
        let directory = tempfile::tempdir().unwrap();
        let place = DaemonDirectory::new(directory.path().join("data"));
        let first = place.key_to_join_with(false).unwrap();
        place.accept(&registration(&first)).unwrap();
        let second = place.key_to_join_with(true).unwrap();
        assert_ne!(second.public(), first.public());
        // The answer was lost, say: the old key still counts, and the new one is tried again.
        let counts = place.key_of(&registration(&first)).unwrap();
        assert_eq!(counts.public(), first.public());
        assert_eq!(
            place.key_to_join_with(true).unwrap().public(),
            second.public()
        );
        // Killed between the two files.
        place.save(&registration(&second)).unwrap();
        let counts = place.key_of(&registration(&second)).unwrap();
        assert_eq!(counts.public(), second.public());
        assert!(!place.new_key_file().exists());
        assert!(place.key_of(&registration(&first)).is_err());
        place.leave().unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        assert!(matches!(place.leave(), Err(LeaveError::NotJoined)));
    }
}

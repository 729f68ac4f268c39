//! The key of stored secrets: from the configuration, or a file of the data folder.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::TryRng as _;
use rand::rngs::SysRng;

use crate::config;

/// The file of the data folder.
const FILE: &str = "master.key";

pub(super) type KeyBytes = [u8; 32];

/// The key of stored secrets cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Both a key and a file are configured.
    #[error(
        "secrets.key and secrets.key_file are both set, and only one key can count: remove one"
    )]
    Both,
    /// The file cannot be read or made.
    #[error("the key file {path} cannot be used: check that this user may read it")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others can read the file.
    #[error("the key file {path} can be read by others: run chmod 600 {path}")]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// It is no key.
    #[error(
        "{place} holds no key: it must be 32 bytes in base64, as `openssl rand -base64 32` prints them. A \
         key that is lost makes all stored secrets unreadable, so no new one is made in its place"
    )]
    NoKey {
        /// Where it stands.
        place: String,
    },
}

/// The key. The file of the data folder is made when there is none.
pub(super) fn load(folder: &Path, config: &config::Secrets) -> Result<KeyBytes, KeyError> {
    match (&config.key, &config.key_file) {
        (Some(_), Some(_)) => Err(KeyError::Both),
        (Some(key), None) => parse(key.expose(), "secrets.key"),
        (None, Some(path)) => read(path),
        (None, None) => own(folder),
    }
}

fn own(folder: &Path) -> Result<KeyBytes, KeyError> {
    let path = folder.join(FILE);
    let unusable = |source| KeyError::Unusable {
        path: path.clone(),
        source,
    };
    match std::fs::metadata(&path) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => Err(KeyError::Open { path }),
        Ok(_) => read(&path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(folder, &path).map_err(unusable)
        }
        Err(error) => Err(unusable(error)),
    }
}

fn make(folder: &Path, path: &Path) -> io::Result<KeyBytes> {
    let mut key = KeyBytes::default();
    SysRng.try_fill_bytes(&mut key).map_err(io::Error::other)?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    // Whole or not at all: half a key would refuse every later start.
    let temporary = path.with_extension("key.new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    writeln!(file, "{}", STANDARD.encode(key))?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    std::fs::File::open(folder)?.sync_all()?;
    Ok(key)
}

fn read(path: &Path) -> Result<KeyBytes, KeyError> {
    let text = std::fs::read_to_string(path).map_err(|source| KeyError::Unusable {
        path: path.to_owned(),
        source,
    })?;
    parse(&text, &path.display().to_string())
}

fn parse(text: &str, place: &str) -> Result<KeyBytes, KeyError> {
    let no_key = || KeyError::NoKey {
        place: place.to_owned(),
    };
    let bytes = STANDARD.decode(text.trim()).map_err(|_| no_key())?;
    bytes.try_into().map_err(|_| no_key())
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    fn config(text: &str) -> config::Secrets {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn the_first_start_makes_a_private_key_that_stays() {
        let folder = tempfile::tempdir().unwrap();
        let made = load(folder.path(), &config::Secrets::default()).unwrap();
        assert_ne!(made, KeyBytes::default());
        let again = load(folder.path(), &config::Secrets::default()).unwrap();
        assert_eq!(made, again);
        let path = folder.path().join(FILE);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let open = load(folder.path(), &config::Secrets::default()).unwrap_err();
        assert!(matches!(open, KeyError::Open { .. }), "{open}");
    }

    #[test]
    fn a_broken_file_is_said_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, "short").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let error = load(folder.path(), &config::Secrets::default()).unwrap_err();
        assert!(error.to_string().contains("openssl rand"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"short");
    }

    #[test]
    fn the_configuration_comes_first_and_is_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let text = STANDARD.encode([7; 32]);
        let given = config(&format!("key = \"{text}\""));
        assert_eq!(load(folder.path(), &given).unwrap(), [7; 32]);
        assert!(!folder.path().join(FILE).exists());
        let shown = format!("{given:?} {}", serde_json::to_string(&given).unwrap());
        assert!(!shown.contains(&text), "{shown}");
        let both = config(&format!("key = \"{text}\"\nkey_file = \"/x\""));
        assert!(matches!(load(folder.path(), &both), Err(KeyError::Both)));
        let absent = config("key_file = \"/nowhere/key\"");
        let error = load(folder.path(), &absent).unwrap_err();
        assert!(matches!(error, KeyError::Unusable { .. }), "{error}");
    }
}

//! The daemon's Ed25519 key (RFC 8032), in PKCS #8 and PEM, readable by its owner only.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use atelier_api::v1::nodes::signed_bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// Anything that its group or others may do with the file.
const FOR_OTHERS: u32 = 0o077;

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is not there, or cannot be read.
    #[error("the key `{}` cannot be read", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// Others could have read it.
    #[error(
        "the key `{}` can be read by others; it may have been copied. If you are sure that it was \
         not: chmod 600. Else delete it and join again", .0.display()
    )]
    Exposed(PathBuf),
    /// It is no key.
    #[error("the key `{}` is damaged; delete it and join again", .0.display())]
    Damaged(PathBuf),
    /// It cannot be written.
    #[error("the key `{}` cannot be written", .0.display())]
    Unwritable(PathBuf, #[source] io::Error),
}

/// A key pair.
pub(crate) struct NodeKey {
    pair: Ed25519KeyPair,
    pkcs8: Vec<u8>,
}

impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NodeKey").field(&self.public()).finish()
    }
}

impl NodeKey {
    /// The key in the file; a new one in a new file when there is none.
    pub(super) fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        match Self::load(path) {
            Err(KeyError::Unreadable(_, error)) if error.kind() == io::ErrorKind::NotFound => {
                let key = Self::generate();
                key.save(path)
                    .map_err(|error| KeyError::Unwritable(path.to_owned(), error))?;
                Ok(key)
            }
            result => result,
        }
    }

    /// The key in the file.
    pub(super) fn load(path: &Path) -> Result<Self, KeyError> {
        let unreadable = |error| KeyError::Unreadable(path.to_owned(), error);
        let mode = fs::metadata(path).map_err(unreadable)?.mode();
        if mode & FOR_OTHERS != 0 {
            return Err(KeyError::Exposed(path.to_owned()));
        }
        let text = fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text).ok_or_else(|| KeyError::Damaged(path.to_owned()))
    }

    fn generate() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .expect("the system has randomness");
        let pkcs8 = pkcs8.as_ref().to_vec();
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).expect("it was just made");
        Self { pair, pkcs8 }
    }

    fn parse(pem: &str) -> Option<Self> {
        let body = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
        let body: String = body.split_ascii_whitespace().collect();
        let pkcs8 = STANDARD.decode(body).ok()?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).ok()?;
        Some(Self { pair, pkcs8 })
    }

    /// Writes it, whole or not at all, and for good: what the control plane will be told of must still
    /// be here after a power failure.
    fn save(&self, path: &Path) -> io::Result<()> {
        let temporary = path.with_extension("tmp");
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temporary)?;
        let body = STANDARD.encode(&self.pkcs8);
        file.write_all(format!("{BEGIN}\n{body}\n{END}\n").as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    }

    /// The public half, in base64.
    pub(super) fn public(&self) -> String {
        STANDARD.encode(self.pair.public_key())
    }

    /// The proof, in base64, that this is the key's holder.
    pub(super) fn prove(&self, nonce: &str) -> String {
        let message = signed_bytes(nonce.as_bytes(), self.pair.public_key().as_ref());
        STANDARD.encode(self.pair.sign(&message))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    #[test]
    fn it_is_made_once_and_closed_to_others() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("node.key");
        // Half-written by a daemon that was killed.
        fs::write(path.with_extension("tmp"), "half").unwrap();
        let made = NodeKey::load_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        let again = NodeKey::load_or_create(&path).unwrap();
        assert_eq!(made.public(), again.public());
        assert!(!format!("{made:?}").contains(&STANDARD.encode(&made.pkcs8)));

        for mode in [0o640, 0o604, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = NodeKey::load_or_create(&path);
            assert!(matches!(refused, Err(KeyError::Exposed(_))), "{mode:o}");
        }
    }

    #[test]
    fn a_damaged_key_is_never_replaced_silently() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("node.key");
        let whole = {
            NodeKey::load_or_create(&path).unwrap();
            fs::read_to_string(&path).unwrap()
        };
        for damaged in [
            "",
            "nonsense",
            &whole[..whole.len() / 2],
            &whole.replace('M', "N"),
        ] {
            fs::write(&path, damaged).unwrap();
            let refused = NodeKey::load_or_create(&path);
            assert!(matches!(refused, Err(KeyError::Damaged(_))), "{damaged}");
            assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
        }
    }

    #[test]
    fn the_proof_is_of_this_nonce_and_this_key() {
        let directory = tempfile::tempdir().unwrap();
        let key = NodeKey::load_or_create(&directory.path().join("node.key")).unwrap();
        let proof = STANDARD.decode(key.prove("nonce")).unwrap();
        let public = STANDARD.decode(key.public()).unwrap();
        let holds = |nonce: &str| {
            let message = signed_bytes(nonce.as_bytes(), &public);
            UnparsedPublicKey::new(&ED25519, &public)
                .verify(&message, &proof)
                .is_ok()
        };
        assert!(holds("nonce") && !holds("another"));
    }
}

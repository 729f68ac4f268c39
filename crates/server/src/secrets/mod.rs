//! Secrets at rest: sealed with one key of the server (decision 0023).
//!
//! Invariant: a secret that must be read again (a person's password at a Git host) stands in the database
//! only sealed: ChaCha20-Poly1305 (RFC 8439) with a random nonce, by `ring`. What it is about (table and id)
//! is authenticated with it, so that sealed secrets can neither be changed nor moved to another row.
//!
//! Invariant: between the database and where it is used, a secret is a [`SecretText`], which neither prints
//! nor serializes.
//!
//! A sealed secret begins with the id of its key, so that one that was sealed with another key is told apart
//! from one that was tampered with, and a key can be replaced by another one later.

mod key;

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng as _;
use rand::rngs::SysRng;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest as _, Sha256};

pub use key::KeyError;

use crate::config;
use crate::error::{Error, Result};

/// The first part of what is sealed in this way.
const FORM: &str = "v1";

/// How many bytes of a hash make a key's id.
const KEY_ID_BYTES: usize = 6;

/// A secret as it is used. It cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretText(String);

impl SecretText {
    /// Takes hold of one.
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, to hand on.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText")
    }
}

/// Why a sealed secret cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnsealError {
    /// Another key has sealed it.
    #[error(
        "it was sealed with another key ({theirs}; this server's is {ours}): bring the old master.key \
         back, or store the secret again"
    )]
    OtherKey {
        /// The id of the key that sealed it.
        theirs: String,
        /// The id of this server's.
        ours: String,
    },
    /// It is not what was sealed, or belongs to something else.
    #[error("it was changed in the database, or belongs to another row: store the secret again")]
    Tampered,
}

/// What seals secrets and reads them again.
pub struct Secrets {
    key: LessSafeKey,
    /// Tells keys apart, and says nothing of the key.
    id: String,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.id)
    }
}

impl Secrets {
    /// With the configured key, or the one of the data folder, which is made when there is none.
    ///
    /// # Errors
    /// When it is no key, or cannot be read or made.
    pub fn open(folder: &Path, config: &config::Secrets) -> Result<Self, KeyError> {
        Ok(Self::new(&key::load(folder, config)?))
    }

    /// With this key.
    pub fn new(key: &[u8; 32]) -> Self {
        let hash = Sha256::new()
            .chain_update(b"atelier: the id of a key")
            .chain_update(key)
            .finalize();
        let key =
            UnboundKey::new(&CHACHA20_POLY1305, key).expect("the key has the cipher's length");
        Self {
            key: LessSafeKey::new(key),
            id: hex::encode(&hash[..KEY_ID_BYTES]),
        }
    }

    /// Seals a secret for the row that it is about: `git_credentials/gitcred_…`.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub(crate) fn seal(&self, about: &str, secret: &SecretText) -> Result<String> {
        let mut nonce = [0; NONCE_LEN];
        SysRng.try_fill_bytes(&mut nonce).map_err(Error::internal)?;
        let mut sealed = secret.expose().as_bytes().to_vec();
        let aad = Aad::from(self.bound(about));
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| Error::internal("a secret cannot be sealed"))?;
        let mut whole = nonce.to_vec();
        whole.append(&mut sealed);
        Ok(format!(
            "{FORM}.{}.{}",
            self.id,
            URL_SAFE_NO_PAD.encode(whole)
        ))
    }

    /// Reads a secret that was sealed for this row.
    ///
    /// # Errors
    /// [`UnsealError`].
    pub(crate) fn unseal(&self, about: &str, sealed: &str) -> Result<SecretText, UnsealError> {
        let (theirs, whole) = sealed
            .strip_prefix(FORM)
            .and_then(|rest| rest.strip_prefix('.')?.split_once('.'))
            .ok_or(UnsealError::Tampered)?;
        if theirs != self.id {
            return Err(UnsealError::OtherKey {
                theirs: theirs.chars().take(KEY_ID_BYTES * 2).collect(),
                ours: self.id.clone(),
            });
        }
        let mut whole = URL_SAFE_NO_PAD
            .decode(whole)
            .map_err(|_| UnsealError::Tampered)?;
        let (nonce, sealed) = whole
            .split_first_chunk_mut::<NONCE_LEN>()
            .ok_or(UnsealError::Tampered)?;
        let aad = Aad::from(self.bound(about));
        let opened = self
            .key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), aad, sealed)
            .map_err(|_| UnsealError::Tampered)?;
        String::from_utf8(opened.to_vec())
            .map(SecretText)
            .map_err(|_| UnsealError::Tampered)
    }

    /// Whether this server's key has sealed it.
    pub(crate) fn has_sealed(&self, sealed: &str) -> bool {
        sealed.split('.').nth(1) == Some(&self.id)
    }

    /// What is authenticated with a secret.
    fn bound(&self, about: &str) -> Vec<u8> {
        format!("{FORM}.{}.{about}", self.id).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROW: &str = "git_credentials/a";

    fn secrets(byte: u8) -> Secrets {
        Secrets::new(&[byte; 32])
    }

    #[test]
    fn another_key_and_another_row_do_not_read_it() {
        let ours = secrets(1);
        let secret = SecretText::new("s3cret".into());
        let sealed = ours.seal(ROW, &secret).unwrap();
        assert_eq!(ours.unseal(ROW, &sealed), Ok(secret.clone()));
        assert!(!sealed.contains("s3cret"));
        // Twice the same secret is not twice the same text.
        assert_ne!(ours.seal(ROW, &secret).unwrap(), sealed);
        assert_eq!(
            ours.unseal("git_credentials/b", &sealed),
            Err(UnsealError::Tampered)
        );
        let other = secrets(2).unseal(ROW, &sealed).unwrap_err();
        assert!(matches!(other, UnsealError::OtherKey { .. }), "{other:?}");
        assert!(other.to_string().contains(&ours.id), "{other}");
        assert!(ours.has_sealed(&sealed) && !secrets(2).has_sealed(&sealed));
        // Passed off as sealed with another key, it is not read either.
        let renamed = sealed.replace(&ours.id, &secrets(2).id);
        assert_eq!(secrets(2).unseal(ROW, &renamed), Err(UnsealError::Tampered));
        assert_eq!(
            format!("{secret:?} {ours:?}"),
            format!("SecretText Secrets({})", ours.id)
        );
    }

    proptest! {
        #[test]
        fn what_was_sealed_is_read_again(text in ".{0,200}") {
            let secret = SecretText::new(text);
            let sealed = secrets(1).seal(ROW, &secret).unwrap();
            prop_assert_eq!(secrets(1).unseal(ROW, &sealed), Ok(secret));
        }

        #[test]
        fn what_was_changed_is_not_read(text in ".{0,40}", at in any::<prop::sample::Index>(), to in any::<u8>()) {
            let sealed = secrets(1).seal(ROW, &SecretText::new(text)).unwrap();
            let (front, whole) = sealed.rsplit_once('.').unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(whole).unwrap();
            let at = at.index(bytes.len());
            prop_assume!(bytes[at] != to);
            bytes[at] = to;
            let changed = format!("{front}.{}", URL_SAFE_NO_PAD.encode(bytes));
            prop_assert_eq!(secrets(1).unseal(ROW, &changed), Err(UnsealError::Tampered));
        }

        #[test]
        fn garbage_is_no_secret(text in "(v1\\.)?[a-f0-9]{0,12}\\.?.{0,60}") {
            prop_assert!(secrets(1).unseal(ROW, &text).is_err());
        }
    }
}

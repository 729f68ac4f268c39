//! Public keys, as they stand in `.pub` files and in `known_hosts`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};

/// The longest key, in bytes of base64: RSA with 16,384 bits.
const KEY_MAX: usize = 4_096;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublicKey {
    pub(super) key_type: String,
    /// In base64.
    pub(super) key: String,
}

impl PublicKey {
    /// Checks that the key is one of this type (RFC 4253, 6.6: it begins with its type).
    pub(super) fn new(key_type: &str, key: &str) -> Option<Self> {
        if key.len() > KEY_MAX {
            return None;
        }
        let blob = STANDARD.decode(key).ok()?;
        let (inner, _) = string(&blob)?;
        (inner == key_type.as_bytes() && is_type(key_type)).then(|| Self {
            key_type: key_type.to_owned(),
            key: key.to_owned(),
        })
    }

    /// The key that a blob holds.
    pub(super) fn of_blob(blob: &[u8]) -> Option<Self> {
        let (key_type, _) = string(blob)?;
        let key_type = std::str::from_utf8(key_type).ok()?;
        Self::new(key_type, &STANDARD.encode(blob))
    }

    /// `ssh-ed25519 AAAA… comment`: the key, and the comment.
    pub(super) fn of_line(line: &str) -> Option<(Self, String)> {
        let line = line.trim();
        let (key_type, rest) = line.split_once([' ', '\t'])?;
        let rest = rest.trim_start();
        let (key, comment) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        Some((Self::new(key_type, key)?, comment.trim().to_owned()))
    }

    pub(super) fn fingerprint(&self) -> String {
        let blob = STANDARD.decode(&self.key).unwrap_or_default();
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(blob)))
    }
}

/// The fingerprint of a key that a host presents, if it is one.
pub(in crate::git) fn fingerprint_of(key_type: &str, key: &str) -> Option<String> {
    Some(PublicKey::new(key_type, key)?.fingerprint())
}

/// A string of RFC 4251, and what follows it.
pub(super) fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    (length <= rest.len()).then(|| rest.split_at(length))
}

/// `ecdsa-sha2-nistp256`, `sk-ssh-ed25519@openssh.com`
fn is_type(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.@".contains(&byte))
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One that was made by `ssh-keygen`.
    pub(in crate::git::ssh) const LINE: &str = "ssh-ed25519 \
        AAAAC3NzaC1lZDI1NTE5AAAAIHpeDbRe16hMY0MNE0y+/LU+tUEuN/mUhsupSBOdhn7r ada@example.com";

    #[test]
    fn a_line_is_read_and_its_fingerprint_is_that_of_ssh_keygen() {
        let (key, comment) = PublicKey::of_line(LINE).unwrap();
        assert_eq!(
            (key.key_type.as_str(), &*comment),
            ("ssh-ed25519", "ada@example.com")
        );
        assert_eq!(
            key.fingerprint(),
            "SHA256:SmJ8MWqVnsh6Ym3/x681qgIVngnI3+56dKoz8mlE7ck"
        );
    }

    #[test]
    fn what_is_no_key_is_none() {
        let key = LINE.split(' ').nth(1).unwrap();
        for (key_type, key) in [
            ("ssh-rsa", key),
            ("ssh-ed25519", "AAAA"),
            ("ssh-ed25519", "no base64!"),
            ("", ""),
        ] {
            assert_eq!(PublicKey::new(key_type, key), None, "{key_type} {key}");
        }
        assert_eq!(PublicKey::new("ssh-ed25519", &"A".repeat(5_000)), None);
    }

    proptest! {
        #[test]
        fn no_line_breaks_the_reader(line in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = PublicKey::of_line(&line);
            let _ = PublicKey::of_blob(&bytes);
        }
    }
}

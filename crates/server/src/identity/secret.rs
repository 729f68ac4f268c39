//! Secrets: 256 random bits that are handed out once and kept as their SHA-256.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng as _;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// What every personal access token begins with, so that scanners find leaked ones.
pub(super) const TOKEN_PREFIX: &str = "atp_";

/// How many random bytes a secret has.
const SECRET_BYTES: usize = 32;

/// 32 bytes in base64url without padding.
const SECRET_CHARS: usize = 43;

/// A secret in its printable form. It cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

/// The SHA-256 of a secret: what is stored and looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SecretHash([u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A new one, from the operating system's generator.
    pub(crate) fn generate(prefix: &str) -> Result<Self> {
        let mut bytes = [0_u8; SECRET_BYTES];
        rand::rngs::SysRng
            .try_fill_bytes(&mut bytes)
            .map_err(Error::internal)?;
        Ok(Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// Reads what a client sent; absent when it cannot be one of ours, whatever its length.
    pub(crate) fn parse(prefix: &str, text: &str) -> Option<Self> {
        let body = text.strip_prefix(prefix)?;
        let valid = body.len() == SECRET_CHARS
            && body
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        valid.then(|| Self(text.to_owned()))
    }

    /// The text, to hand out.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl SecretHash {
    /// The form of the database.
    pub(crate) fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_secret_parses_and_differs_from_the_next() {
        let secret = Secret::generate(TOKEN_PREFIX).unwrap();
        assert_eq!(
            Secret::parse(TOKEN_PREFIX, secret.expose()),
            Some(secret.clone())
        );
        assert_eq!(Secret::parse("", secret.expose()), None);
        assert_ne!(secret, Secret::generate(TOKEN_PREFIX).unwrap());
        assert_eq!(format!("{secret:?}"), "Secret");
    }

    #[test]
    fn refuses_what_cannot_be_a_secret() {
        let body = "a".repeat(SECRET_CHARS);
        assert!(Secret::parse("", &body).is_some());
        for text in [
            "",
            "a",
            &"a".repeat(SECRET_CHARS + 1),
            &format!("{}é", "a".repeat(SECRET_CHARS - 2)),
            &format!("{}'", "a".repeat(SECRET_CHARS - 1)),
        ] {
            assert!(Secret::parse("", text).is_none(), "{text}");
        }
    }
}

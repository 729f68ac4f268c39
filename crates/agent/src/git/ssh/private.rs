//! What can be told of a private key without its secret: which key it is, and whether it takes a passphrase.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::public::{PublicKey, string};

/// What a file with a private key tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PrivateKey {
    /// Stands in the clear in OpenSSH's own format.
    pub(super) public: Option<PublicKey>,
    pub(super) encrypted: bool,
}

impl PrivateKey {
    /// Reads OpenSSH's format (its PROTOCOL.key) and PEM; nothing where it is neither.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text
            .trim_start()
            .strip_prefix("-----BEGIN ")?
            .split_once("-----")?;
        if kind == "OPENSSH PRIVATE KEY" {
            let (body, _) = rest.split_once("-----END")?;
            let body: String = body.split_whitespace().collect();
            return openssh(&STANDARD.decode(body).ok()?);
        }
        kind.ends_with("PRIVATE KEY").then(|| Self {
            public: None,
            encrypted: kind.starts_with("ENCRYPTED") || rest.contains("Proc-Type: 4,ENCRYPTED"),
        })
    }
}

/// Magic, cipher, key derivation and its options, the number of keys, the first public key.
fn openssh(bytes: &[u8]) -> Option<PrivateKey> {
    let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let (cipher, rest) = string(rest)?;
    let (_, rest) = string(rest)?;
    let (_, rest) = string(rest)?;
    let rest = rest.get(4..)?;
    let (blob, _) = string(rest)?;
    Some(PrivateKey {
        public: PublicKey::of_blob(blob),
        encrypted: cipher != b"none",
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pem_says_whether_it_is_encrypted() {
        for (text, encrypted) in [
            ("-----BEGIN RSA PRIVATE KEY-----\nAA==\n", false),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n",
                true,
            ),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n", true),
            ("-----BEGIN EC PRIVATE KEY-----\nAA==\n", false),
        ] {
            let key = PrivateKey::parse(text).expect(text);
            assert_eq!((key.public, key.encrypted), (None, encrypted), "{text}");
        }
        for text in [
            "",
            "Host *",
            "-----BEGIN CERTIFICATE-----\n",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END",
        ] {
            assert_eq!(PrivateKey::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut whole = b"openssh-key-v1\0".to_vec();
            whole.extend(bytes);
            let _ = openssh(&whole);
        }
    }
}

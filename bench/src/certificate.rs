//! A certificate for a control plane that listens with TLS.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use rcgen::{CertificateParams, KeyPair};
use sha2::{Digest as _, Sha256};

/// Where the control plane listens with TLS, and what is known of it.
#[derive(Debug)]
pub(crate) struct Tls {
    pub(crate) address: String,
    /// The certificate's SHA-256.
    pub(crate) pin: String,
    /// The value of `ATELIER_LISTEN_TLS`.
    pub(crate) setting: String,
}

impl Tls {
    /// Makes a certificate for this address in `folder`, and chooses a port that is free now.
    pub(crate) fn make(folder: &Path, address: &str) -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec![address.to_owned()])?.self_signed(&key)?;
        let (certificate_file, key_file) = (folder.join("tls.pem"), folder.join("tls.key"));
        fs::write(&certificate_file, certificate.pem())?;
        fs::write(&key_file, key.serialize_pem())?;
        let port = TcpListener::bind((address, 0))?.local_addr()?.port();
        Ok(Self {
            address: format!("{address}:{port}"),
            pin: hex::encode(Sha256::digest(certificate.der())),
            setting: format!(
                "{{ address = \"{address}\", port = {port}, certificate = \"{}\", key = \"{}\" }}",
                certificate_file.display(),
                key_file.display()
            ),
        })
    }
}

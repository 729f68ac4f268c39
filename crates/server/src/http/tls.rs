//! TLS for those who reach the control plane without a proxy: a certificate from files, read again when
//! they change.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::Tls;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// The certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or holds no such thing.
    #[error("{path}: no {what} in PEM form can be read from it")]
    File {
        /// What was looked for.
        what: &'static str,
        /// Where.
        path: String,
        /// Why.
        #[source]
        source: pem::Error,
    },
    /// They do not belong together, or make no sense.
    #[error("the certificate and the key of listen.tls cannot be used")]
    Pair(#[source] rustls::Error),
}

/// The certificate that clients are shown, which may be renewed meanwhile. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    files: Arc<Tls>,
    current: Arc<RwLock<Arc<ServerConfig>>>,
}

impl Certificate {
    /// # Errors
    /// When the files do not hold a certificate and its key.
    pub(crate) fn load(files: &Tls) -> Result<Self, TlsError> {
        Ok(Self {
            current: Arc::new(RwLock::new(load(files)?)),
            files: Arc::new(files.clone()),
        })
    }

    /// Shakes hands with a client.
    pub(super) async fn accept(&self, tcp: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let current = self.current.read().clone();
        TlsAcceptor::from(current).accept(tcp).await
    }

    /// Takes over a renewed one as long as it is polled. One that cannot be used leaves the old one in place.
    pub(super) async fn refresh(&self) {
        let changed = || [&self.files.certificate, &self.files.key].map(|path| modified(path).ok());
        let mut known = changed();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = changed();
            if now == known {
                continue;
            }
            known = now;
            match load(&self.files) {
                Ok(config) => {
                    *self.current.write() = config;
                    tracing::info!("the certificate of listen.tls was read again");
                }
                Err(error) => {
                    let error = crate::error::Chain(&error);
                    tracing::error!(%error, "the renewed certificate cannot be used; the old one stays");
                }
            }
        }
    }
}

fn modified(path: &Path) -> io::Result<SystemTime> {
    path.metadata()?.modified()
}

fn load(tls: &Tls) -> Result<Arc<ServerConfig>, TlsError> {
    let file = |what, path: &Path| {
        let path = path.display().to_string();
        move |source| TlsError::File { what, path, source }
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect)
        .and_then(|chain: Vec<_>| {
            if chain.is_empty() {
                Err(pem::Error::NoItemsFound)
            } else {
                Ok(chain)
            }
        })
        .map_err(file("certificate", &tls.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(file("private key", &tls.key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;

    use rcgen::{CertificateParams, KeyPair};
    use rustls::{ClientConfig, RootCertStore};
    use tokio_rustls::TlsConnector;

    use super::*;

    /// A certificate and its key in files, and who trusts it.
    pub(in crate::http) fn files(folder: &Path) -> (Tls, TlsConnector) {
        let key = KeyPair::generate().unwrap();
        let made = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let made = made.self_signed(&key).unwrap();
        let tls = Tls {
            address: [127, 0, 0, 1].into(),
            port: 0,
            certificate: folder.join("certificate.pem"),
            key: folder.join("key.pem"),
        };
        fs::write(&tls.certificate, made.pem()).unwrap();
        fs::write(&tls.key, key.serialize_pem()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        (tls, TlsConnector::from(Arc::new(client)))
    }

    #[test]
    fn files_that_cannot_be_used_are_named() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ((tls, _), (foreign, _)) = (files(one.path()), files(other.path()));
        load(&tls).unwrap();
        let wrong = Tls {
            key: foreign.key,
            ..tls.clone()
        };
        assert!(matches!(load(&wrong), Err(TlsError::Pair(_))));
        let swapped = Tls {
            certificate: tls.key.clone(),
            key: tls.certificate.clone(),
            ..tls.clone()
        };
        let error = load(&swapped).unwrap_err().to_string();
        assert!(error.contains("key.pem: no certificate"), "{error}");
        fs::remove_file(&tls.key).unwrap();
        let error = load(&tls).unwrap_err().to_string();
        assert!(error.contains("key.pem: no private key"), "{error}");
    }
}

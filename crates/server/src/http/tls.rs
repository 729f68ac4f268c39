//! TLS for those who reach the control plane without a proxy: a certificate from files, read again when
//! they change.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::Tls;

/// How long a client may take to say who it is.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How many handshakes may be under way; more wait to be accepted.
const HANDSHAKES: usize = 1024;

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

/// Listens with TLS. Handshakes run beside each other, so that a client that stalls keeps nobody waiting.
#[derive(Debug)]
pub(crate) struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsListener {
    /// Serves handshakes until it is dropped.
    ///
    /// # Errors
    /// When the files do not hold a certificate and its key.
    pub(crate) fn start(tls: &Tls, listener: TcpListener) -> Result<Self, TlsError> {
        let current = Arc::new(RwLock::new(TlsAcceptor::from(load(tls)?)));
        let address = listener.local_addr();
        let address = address.unwrap_or_else(|_| SocketAddr::new(tls.address, tls.port));
        let (sender, ready) = mpsc::channel(1);
        let (refreshed, tls) = (Arc::clone(&current), tls.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = accept(listener, current, sender.clone()) => {}
                () = refresh(&tls, &refreshed) => {}
                () = sender.closed() => {}
            }
        });
        Ok(Self { address, ready })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next client that has shaken hands.
    pub(crate) async fn accept(&mut self) -> Option<(TlsStream<TcpStream>, SocketAddr)> {
        self.ready.recv().await
    }
}

async fn accept(
    mut listener: TcpListener,
    current: Arc<RwLock<TlsAcceptor>>,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        let Ok(permit) = Arc::clone(&handshakes).acquire_owned().await else {
            return;
        };
        let (tcp, address) = axum::serve::Listener::accept(&mut listener).await;
        // Before the handshake: its messages are small, and waited for.
        let _ = tcp.set_nodelay(true);
        let handshake = current.read().accept(tcp);
        let ready = ready.clone();
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
                // An error: the server stops.
                Ok(Ok(stream)) => drop(ready.send((stream, address)).await),
                Ok(Err(error)) => tracing::debug!(%address, %error, "a TLS handshake failed"),
                Err(_) => tracing::debug!(%address, "a TLS handshake took too long"),
            }
            drop(permit);
        });
    }
}

/// Takes over a certificate that was renewed. One that cannot be used leaves the old one in place.
async fn refresh(tls: &Tls, current: &RwLock<TlsAcceptor>) {
    let changed = || [&tls.certificate, &tls.key].map(|path| modified(path).ok());
    let mut known = changed();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = changed();
        if now == known {
            continue;
        }
        known = now;
        match load(tls) {
            Ok(config) => {
                *current.write() = TlsAcceptor::from(config);
                tracing::info!("the certificate of listen.tls was read again");
            }
            Err(error) => {
                let error = crate::error::Chain(&error);
                tracing::error!(%error, "the renewed certificate cannot be used; the old one stays");
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
mod tests {
    use std::fs;

    use rcgen::{CertificateParams, KeyPair};
    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, RootCertStore};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::TlsConnector;

    use super::*;

    /// A certificate and its key in files, and who trusts it.
    fn files(folder: &Path) -> (Tls, TlsConnector) {
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

    #[tokio::test]
    async fn a_client_that_stalls_keeps_nobody_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let (tls, connector) = files(folder.path());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut listener = TlsListener::start(&tls, listener).unwrap();
        let address = listener.address();
        let _stalled = TcpStream::connect(address).await.unwrap();
        let mut garbled = TcpStream::connect(address).await.unwrap();
        garbled.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let client = tokio::spawn(async move {
            let tcp = TcpStream::connect(address).await.unwrap();
            let name = ServerName::try_from("localhost").unwrap();
            let mut stream = connector.connect(name, tcp).await.unwrap();
            stream.write_all(b"hello").await.unwrap();
            stream.shutdown().await.unwrap();
        });
        let (mut stream, from) = listener.accept().await.unwrap();
        assert_eq!(from.ip(), address.ip());
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "hello");
        client.await.unwrap();
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

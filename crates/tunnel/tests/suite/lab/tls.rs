//! Certificates for the tests, and an HTTP proxy.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// An authority of our own, and a server that it vouches for.
pub(crate) struct Certificates {
    pub(crate) authority_pem: String,
    pub(crate) fingerprint: [u8; 32],
    pub(crate) acceptor: TlsAcceptor,
}

pub(crate) fn certificates(name: &str) -> Certificates {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = server.signed_by(&key, &issuer).unwrap().der().clone();
    let fingerprint = Sha256::digest(&certificate).into();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    Certificates {
        authority_pem,
        fingerprint,
        acceptor: TlsAcceptor::from(Arc::new(config)),
    }
}

/// A proxy that leads every name to `target`, for those who know the password.
pub(crate) struct TestProxy {
    pub(crate) address: SocketAddr,
    /// The heads of the requests it got.
    pub(crate) heads: Arc<Mutex<Vec<String>>>,
}

impl TestProxy {
    pub(crate) async fn start(target: SocketAddr, authorization: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let noted = heads.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let noted = noted.clone();
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(client.read_u8().await.unwrap());
                    }
                    let head = String::from_utf8(head).unwrap();
                    let known = head.contains(&format!("Proxy-Authorization: {authorization}\r\n"));
                    noted.lock().push(head);
                    if !known {
                        let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
                        client.write_all(answer).await.unwrap();
                        return;
                    }
                    let mut server = TcpStream::connect(target).await.unwrap();
                    client
                        .write_all(b"HTTP/1.1 200 Connection established\r\nvia: x\r\n\r\n")
                        .await
                        .unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Self { address, heads }
    }
}

//! TLS in front of a server, as a reverse proxy has it: one certificate, bytes passed on.

use std::sync::Arc;

use atelier_tunnel::tune;
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use sha2::{Digest as _, Sha256};
use tokio::io::copy_bidirectional_with_sizes;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::helper::Helper;

/// What is copied at a time.
const BUFFER: usize = 128 * 1024;

/// Serves TLS on a free port for the server at `target`; prints the address and the certificate's SHA-256.
pub(crate) async fn serve(target: String) -> anyhow::Result<()> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.self_signed(&key)?;
    let certificate = certificate.der().clone();
    let pin = hex::encode(Sha256::digest(&certificate));
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{} {pin}", listener.local_addr()?);
    loop {
        let (socket, _) = listener.accept().await?;
        let (acceptor, target) = (acceptor.clone(), target.clone());
        // A line that ends, ends: its two ends see it.
        tokio::spawn(async move { pass(socket, acceptor, &target).await.ok() });
    }
}

async fn pass(socket: TcpStream, acceptor: TlsAcceptor, target: &str) -> anyhow::Result<()> {
    tune(&socket)?;
    socket.set_nodelay(true)?;
    let mut outer = acceptor.accept(socket).await?;
    let mut inner = TcpStream::connect(target).await?;
    inner.set_nodelay(true)?;
    copy_bidirectional_with_sizes(&mut outer, &mut inner, BUFFER, BUFFER).await?;
    Ok(())
}

/// A terminator in a process of its own.
#[derive(Debug)]
pub(crate) struct Terminator {
    _helper: Helper,
    pub(crate) address: String,
    /// The certificate's SHA-256.
    pub(crate) pin: String,
}

impl Terminator {
    pub(crate) async fn start(target: &str) -> anyhow::Result<Self> {
        let (helper, line) = Helper::start(&["--terminator", target]).await?;
        let (address, pin) = line.split_once(' ').unwrap_or_default();
        Ok(Self {
            _helper: helper,
            address: address.to_owned(),
            pin: pin.to_owned(),
        })
    }
}

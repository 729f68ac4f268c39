//! The line between a node and its control plane: a TCP relay that can go bad.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

/// Bytes enough for any test.
const PLENTY: i64 = i64::MAX / 2;

/// Listens in front of a control plane.
pub(crate) struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
    _stop: DropGuard,
}

struct Shared {
    target: SocketAddr,
    /// Bytes from the node that still pass; at zero the line is a black hole in both directions.
    left: AtomicI64,
    /// Connections that were made.
    connections: AtomicUsize,
    /// Connections end that carry nothing for so long.
    idle: Option<Duration>,
    to_plane: broadcast::Sender<Vec<u8>>,
    to_node: broadcast::Sender<Vec<u8>>,
}

impl Relay {
    pub(crate) async fn start(target: SocketAddr, idle: Option<Duration>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            target,
            left: AtomicI64::new(PLENTY),
            connections: AtomicUsize::new(0),
            idle,
            to_plane: broadcast::channel(4).0,
            to_node: broadcast::channel(4).0,
        });
        let stop = CancellationToken::new();
        let serving = serve(listener, shared.clone());
        tokio::spawn(stop.child_token().run_until_cancelled_owned(serving));
        Self {
            address,
            shared,
            _stop: stop.drop_guard(),
        }
    }

    pub(crate) fn url(&self) -> Url {
        format!("ws://{}/tunnel", self.address).parse().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// From now on bytes vanish, after so many more from the node.
    pub(crate) fn black_hole_after(&self, bytes: i64) {
        self.shared.left.store(bytes, Ordering::SeqCst);
    }

    pub(crate) fn heal(&self) {
        self.shared.left.store(PLENTY, Ordering::SeqCst);
    }

    /// Puts bytes of its own between those of the node.
    pub(crate) fn inject_to_plane(&self, bytes: &[u8]) {
        self.shared.to_plane.send(bytes.to_vec()).unwrap();
    }

    /// The same in the other direction.
    pub(crate) fn inject_to_node(&self, bytes: &[u8]) {
        self.shared.to_node.send(bytes.to_vec()).unwrap();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((node, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let shared = shared.clone();
        tokio::spawn(async move {
            let Ok(plane) = TcpStream::connect(shared.target).await else {
                return;
            };
            let (node_read, node_write) = node.into_split();
            let (plane_read, plane_write) = plane.into_split();
            tokio::select! {
                () = copy(node_read, plane_write, &shared, true) => {}
                () = copy(plane_read, node_write, &shared, false) => {}
            }
        });
    }
}

/// Passes bytes on until the line ends. Returning ends both directions.
async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, from_node: bool) {
    let mut injected = if from_node {
        &shared.to_plane
    } else {
        &shared.to_node
    }
    .subscribe();
    let mut buffer = vec![0; 64 << 10];
    let idle = shared.idle.unwrap_or(Duration::from_secs(3600));
    loop {
        let count = tokio::select! {
            read = from.read(&mut buffer) => match read {
                Ok(0) | Err(_) => {
                    // A black hole swallows the goodbye, too.
                    while shared.left.load(Ordering::SeqCst) <= 0 {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                    return;
                }
                Ok(count) => count,
            },
            Ok(bytes) = injected.recv() => {
                buffer[..bytes.len()].copy_from_slice(&bytes);
                bytes.len()
            }
            () = tokio::time::sleep(idle) => return,
        };
        let spent = if from_node {
            i64::try_from(count).unwrap()
        } else {
            0
        };
        let left = shared.left.fetch_sub(spent, Ordering::SeqCst);
        let passing = left.clamp(0, i64::try_from(count).unwrap());
        let passing = usize::try_from(passing).unwrap();
        if to.write_all(&buffer[..passing]).await.is_err() {
            return;
        }
    }
}

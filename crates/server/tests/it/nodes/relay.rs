//! The line between a server and its control plane: a TCP relay that can go bad.

use std::net::SocketAddr;

use atelier_testkit::TestApp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What becomes of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Open,
    /// They vanish, and nobody is told.
    BlackHole,
    /// Every connection ends, without a goodbye.
    Cut,
}

/// Listens in front of a control plane; dropped, it ends.
pub(super) struct Relay {
    address: SocketAddr,
    way: watch::Sender<Way>,
    _stop: DropGuard,
}

impl Relay {
    pub(super) async fn to(app: &TestApp) -> Self {
        let target = app.url().replacen("http://", "", 1).parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (way, ways) = watch::channel(Way::Open);
        let stop = CancellationToken::new();
        let serving = serve(listener, target, ways);
        tokio::spawn(stop.child_token().run_until_cancelled_owned(serving));
        Self {
            address,
            way,
            _stop: stop.drop_guard(),
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn turn(&self, way: Way) {
        self.way.send_replace(way);
    }
}

async fn serve(listener: TcpListener, target: SocketAddr, way: watch::Receiver<Way>) {
    while let Ok((node, _)) = listener.accept().await {
        let way = way.clone();
        tokio::spawn(async move {
            let Ok(plane) = TcpStream::connect(target).await else {
                return;
            };
            let (node_read, node_write) = node.into_split();
            let (plane_read, plane_write) = plane.into_split();
            tokio::select! {
                () = pass(node_read, plane_write, way.clone()) => {}
                () = pass(plane_read, node_write, way.clone()) => {}
                () = cut(way) => {}
            }
        });
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut way: watch::Receiver<Way>) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if *way.borrow() == Way::Open && to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
    // A black hole swallows the goodbye, too.
    let _ = way.wait_for(|way| *way != Way::BlackHole).await;
}

async fn cut(mut way: watch::Receiver<Way>) {
    if way.wait_for(|way| *way == Way::Cut).await.is_err() {
        std::future::pending::<()>().await;
    }
}

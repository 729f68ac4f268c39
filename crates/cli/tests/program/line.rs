//! The line between two programs: a TCP relay that can be slow and cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What is held between the two sockets of one direction, in bytes: little, so that what is on its way
/// when the line is cut is lost, as on a real one.
const BUFFER: u32 = 64 << 10;

/// Listens in front of a server; dropped, it ends.
pub(crate) struct Line {
    address: SocketAddr,
    shared: Arc<Shared>,
    _stop: DropGuard,
}

struct Shared {
    target: SocketAddr,
    /// For each connection and direction, in bytes a second; any, when zero.
    rate: AtomicU32,
    refuses: AtomicBool,
    connections: AtomicUsize,
    /// Changes with each cut.
    cuts: watch::Sender<u32>,
}

impl Line {
    pub(crate) fn to(target: SocketAddr, rate: Option<u32>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Connections take it over.
        socket.set_recv_buffer_size(BUFFER).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(64).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            target,
            rate: AtomicU32::new(rate.unwrap_or(0)),
            refuses: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            cuts: watch::Sender::new(0),
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

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// From now on everything passes as fast as it comes.
    pub(crate) fn hurry(&self) {
        self.shared.rate.store(0, Ordering::SeqCst);
    }

    /// Ends all connections, and takes none until it is mended.
    pub(crate) fn cut(&self) {
        self.shared.refuses.store(true, Ordering::SeqCst);
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Takes connections again.
    pub(crate) fn mend(&self) {
        self.shared.refuses.store(false, Ordering::SeqCst);
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        if shared.refuses.load(Ordering::SeqCst) {
            continue;
        }
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let shared = shared.clone();
        tokio::spawn(async move {
            let mut cuts = shared.cuts.subscribe();
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(BUFFER).unwrap();
            let Ok(server) = socket.connect(shared.target).await else {
                return;
            };
            for stream in [&client, &server] {
                stream.set_nodelay(true).unwrap();
            }
            tokio::select! {
                () = relay(client, server, &shared) => {}
                _ = cuts.changed() => {}
            }
        });
    }
}

/// Passes bytes on until one side ends.
async fn relay(client: TcpStream, server: TcpStream, shared: &Shared) {
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    tokio::select! {
        () = copy(client_read, server_write, &shared.rate) => {}
        () = copy(server_read, client_write, &shared.rate) => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, rate: &AtomicU32) {
    let mut buffer = vec![0; 32 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if let rate @ 1.. = rate.load(Ordering::SeqCst) {
            let seconds = f64::from(u32::try_from(count).unwrap()) / f64::from(rate);
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

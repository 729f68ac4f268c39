//! The way to a port: an upgraded connection whose bytes are the port's.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional_with_sizes};
use tokio::net::TcpStream;

use super::{Ports, sniff};
use crate::AgentError;

/// How long a socket of the same machine may take to be connected to.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The buffer of each direction, in bytes.
const BUFFER: usize = 64 * 1024;

/// A connection to one of the workspace's own sockets.
pub(super) struct Connected {
    stream: TcpStream,
    inode: u64,
}

impl Connected {
    pub(super) fn inode(&self) -> u64 {
        self.inode
    }

    pub(super) fn into_stream(self) -> TcpStream {
        self.stream
    }
}

impl Ports {
    /// Connects to a port, if it is one that the workspace listens on.
    pub(super) async fn connect(self: &Arc<Self>, port: u16) -> Result<Connected, AgentError> {
        let mut failure = None;
        for (address, inode) in self.listening_on(port).await? {
            match open(address).await {
                Ok(stream) => {
                    // Still the same socket: then it is the one that was connected to.
                    let again = self.listening_on(port).await?;
                    if again.contains(&(address, inode)) {
                        return Ok(Connected { stream, inode });
                    }
                }
                Err(error) => failure = Some(error),
            }
        }
        let error = AgentError::unavailable(
            1,
            format!("What listens on port {port} does not take connections at the moment."),
        );
        Err(match failure {
            Some(failure) => error.caused_by(failure),
            None => error,
        })
    }

    /// Passes bytes both ways until both sides are done or one breaks.
    pub(super) async fn pipe(self: Arc<Self>, caller: OnUpgrade, connected: Connected) {
        let Connected { mut stream, inode } = connected;
        let Ok(caller) = caller.await else {
            return;
        };
        let mut caller = TokioIo::new(caller);
        let mut port = Sniffed {
            stream: &mut stream,
            ports: Some(&self),
            inode,
        };
        // Ends with an error when either side is cut off, which is how most leave.
        let _: io::Result<_> =
            copy_bidirectional_with_sizes(&mut caller, &mut port, BUFFER, BUFFER).await;
    }
}

/// A connection to a port whose first words tell what it speaks.
struct Sniffed<'a> {
    stream: &'a mut TcpStream,
    /// Who wants to know; nobody once it is known.
    ports: Option<&'a Ports>,
    inode: u64,
}

impl AsyncRead for Sniffed<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut *self.stream).poll_read(cx, buffer);
        if let Some(ports) = self.ports
            && let Some(words) = buffer.filled().get(before..)
            && let Some(protocol) = sniff::by_answer(words)
        {
            ports.learnt(self.inode, protocol);
            self.ports = None;
        }
        read
    }
}

impl AsyncWrite for Sniffed<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream).poll_shutdown(cx)
    }
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(address)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

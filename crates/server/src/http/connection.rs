//! Connections of clients that can be ended from outside: a WebSocket outlives the request that
//! opened it, and must not outlive the right to it.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};

/// A client's connection.
pub(crate) struct Connection {
    stream: Stream,
    cut: CancellationToken,
    when_cut: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Until when the first byte must have come. HTTP itself waits without a limit to learn which version it is to be.
    silent_until: Option<Pin<Box<Sleep>>>,
    /// Tells those who watch over the connection that it has ended.
    _ended: DropGuard,
}

enum Stream {
    Plain(TcpStream),
    // Large, and rarer.
    Tls(Box<TlsStream<TcpStream>>),
}

/// Who is at the other end.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Where.
    pub(crate) address: SocketAddr,
    /// Cancelled when the connection has ended; cancelling it ends the connection.
    pub(crate) cut: CancellationToken,
}

impl Connection {
    pub(super) fn plain(tcp: TcpStream) -> Self {
        Self::new(Stream::Plain(tcp))
    }

    pub(super) fn tls(stream: TlsStream<TcpStream>) -> Self {
        Self::new(Stream::Tls(Box::new(stream)))
    }

    /// Who is at its other end.
    pub(super) fn peer(&self, address: SocketAddr) -> Peer {
        Peer {
            address,
            cut: self.cut.clone(),
        }
    }

    fn new(stream: Stream) -> Self {
        let cut = CancellationToken::new();
        Self {
            stream,
            when_cut: Box::pin(cut.clone().cancelled_owned()),
            silent_until: None,
            _ended: cut.clone().drop_guard(),
            cut,
        }
    }

    /// Lets reading fail when nothing has come within this time.
    pub(super) fn wait_for_first_byte(&mut self, limit: Duration) {
        self.silent_until = Some(Box::pin(tokio::time::sleep(limit)));
    }

    /// An error once the connection was cut. Only reading waits for it: who writes is woken by the
    /// socket soon, or by the reading half of the same task.
    fn uncut(&self) -> io::Result<()> {
        if self.cut.is_cancelled() {
            Err(io::ErrorKind::ConnectionAborted.into())
        } else {
            Ok(())
        }
    }
}

/// Passes each call on to the stream that it is.
macro_rules! on {
    ($self:ident, $stream:ident => $call:expr) => {
        match $self {
            Stream::Plain(tcp) => {
                let $stream = Pin::new(tcp);
                $call
            }
            Stream::Tls(tls) => {
                let $stream = Pin::new(tls.as_mut());
                $call
            }
        }
    };
}

impl Stream {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        on!(self, stream => stream.poll_read(cx, buffer))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        on!(self, stream => stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        on!(self, stream => stream.poll_write_vectored(cx, slices))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on!(self, stream => stream.poll_shutdown(cx))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(tcp) => tcp.is_write_vectored(),
            Self::Tls(tls) => tls.is_write_vectored(),
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.stream {
            Stream::Plain(tcp) => tcp.as_fd(),
            Stream::Tls(tls) => tls.get_ref().0.as_fd(),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.uncut()?;
        if let Poll::Ready(read) = self.stream.poll_read(cx, buffer) {
            self.silent_until = None;
            return Poll::Ready(read);
        }
        if let Some(limit) = &mut self.silent_until
            && limit.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        match self.when_cut.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(self.uncut()),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.uncut()?;
        self.stream.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.uncut()?;
        self.stream.poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    async fn connected() -> (TcpStream, Connection) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await;
        let (tcp, _) = listener.accept().await.unwrap();
        (client.unwrap(), Connection::plain(tcp))
    }

    #[tokio::test]
    async fn a_connection_that_is_cut_ends_while_it_is_read() {
        let (mut client, mut connection) = connected().await;
        let cut = connection.cut.clone();
        let reading = tokio::spawn(async move { connection.read_u8().await });
        tokio::task::yield_now().await;
        cut.cancel();
        let error = reading.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
        assert_eq!(client.read(&mut [0; 1]).await.unwrap_or(0), 0);
    }

    #[tokio::test]
    async fn who_watches_learns_of_the_end() {
        let (_client, connection) = connected().await;
        let cut = connection.cut.clone();
        assert!(!cut.is_cancelled());
        drop(connection);
        assert!(cut.is_cancelled());
    }
}

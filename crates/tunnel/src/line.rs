//! One connection's bytes, with a switch that ends them.
//!
//! Whoever holds one does not drive it: HTTP/2 moves the bytes in a task of its own. So the switch sits below,
//! where every byte passes.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;

use crate::frame::Gathered;
use crate::pieces;
use crate::socket::GIVEN_UP_AFTER;

/// How much may wait while the WebSocket writes more of its own, in bytes: a peer that asks again and again, and does
/// not read what it is answered, is answered no more.
const WAITING_MAX: usize = 64 << 10;

/// What is no larger leaves in one write with what waited, in bytes: the last word of the handshake with the first of HTTP/2.
const TOGETHER_MAX: usize = 4 << 10;

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum End {
    /// The other side closed it.
    #[error("the other side closed it")]
    Closed,
    /// Nothing was heard for so long that the line is dead.
    #[error("nothing was heard for {} s", .0.as_secs_f32())]
    Silent(Duration),
    /// The same node connected anew.
    #[error("the node connected again")]
    Replaced,
    /// The bulk lane was not used.
    #[error("it was not used")]
    Idle,
    /// The node may not connect any more: its right was taken while it was connected.
    #[error("the node was revoked")]
    Revoked,
    /// The node has got a new right, and whoever is connected came with the one of before.
    #[error("the node joined again")]
    Rejoined,
    /// This side ended it for another reason; says which.
    #[error("{0}")]
    Killed(String),
    /// The bytes broke off, or made no sense.
    #[error("{0}")]
    Failed(String),
}

/// What is known of a line, shared by all who hold it.
pub(crate) struct LineState {
    kill: CancellationToken,
    /// Who reads, to be woken by the end.
    reader: AtomicWaker,
    end: OnceLock<End>,
    opened: Instant,
    /// Microseconds after `opened` at which bytes were last read.
    heard: AtomicU64,
    /// Microseconds; 0 while unknown.
    round_trip: AtomicU64,
}

impl fmt::Debug for LineState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineState").field("end", &self.end).finish()
    }
}

impl LineState {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            kill: CancellationToken::new(),
            reader: AtomicWaker::new(),
            end: OnceLock::new(),
            opened: Instant::now(),
            heard: AtomicU64::new(0),
            round_trip: AtomicU64::new(0),
        })
    }

    /// Ends the line and all of its streams at once. The first reason counts.
    pub(crate) fn end(&self, why: End) {
        self.end.get_or_init(|| why);
        self.kill.cancel();
        self.reader.wake();
    }

    pub(crate) fn ended(&self) -> Option<&End> {
        self.end.get()
    }

    /// Waits for the end.
    pub(crate) async fn wait(&self) -> End {
        self.kill.cancelled().await;
        self.end.get().cloned().unwrap_or(End::Closed)
    }

    pub(crate) fn opened(&self) -> Instant {
        self.opened
    }

    pub(crate) fn heard(&self) -> Instant {
        self.opened + Duration::from_micros(self.heard.load(Ordering::Relaxed))
    }

    pub(crate) fn round_trip(&self) -> Option<Duration> {
        match self.round_trip.load(Ordering::Relaxed) {
            0 => None,
            micros => Some(Duration::from_micros(micros)),
        }
    }

    pub(crate) fn set_round_trip(&self, measured: Duration) {
        self.round_trip
            .store(micros(measured).max(1), Ordering::Relaxed);
    }

    fn hear(&self) {
        self.heard
            .store(micros(self.opened.elapsed()), Ordering::Relaxed);
    }

    fn error(&self) -> io::Error {
        let why = self.end.get().cloned().unwrap_or(End::Closed);
        io::Error::new(io::ErrorKind::ConnectionAborted, why)
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Bytes that end when their state says so.
pub(crate) struct Line<S> {
    io: S,
    state: Arc<LineState>,
    /// What is to be written before anything else.
    waiting: BytesMut,
}

impl<S> Line<S> {
    pub(crate) fn new(io: S, state: Arc<LineState>) -> Self {
        Self {
            io,
            state,
            waiting: BytesMut::new(),
        }
    }

    pub(crate) fn state(&self) -> &Arc<LineState> {
        &self.state
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.state.reader.register(cx.waker());
        if self.state.ended().is_some() {
            return Poll::Ready(Err(self.state.error()));
        }
        match ready!(Pin::new(&mut self.io).poll_read(cx, buffer)) {
            Ok(()) => {
                self.state.hear();
                Poll::Ready(Ok(()))
            }
            // The kernel has noticed before the heartbeat did.
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                self.state.end(End::Silent(GIVEN_UP_AFTER));
                Poll::Ready(Err(self.state.error()))
            }
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl<S: AsyncWrite + Unpin> Line<S> {
    /// Writes what waits.
    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.state.ended().is_some() {
            return Poll::Ready(Err(self.state.error()));
        }
        while !self.waiting.is_empty() {
            let io = Pin::new(&mut self.io);
            let written = if io.is_write_vectored() {
                io.poll_write_vectored(cx, pieces::slices(&self.waiting, &mut pieces::room()))
            } else {
                io.poll_write(cx, &self.waiting)
            };
            match ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.waiting.advance(count),
            }
        }
        // Nor hold the buffer.
        self.waiting = BytesMut::new();
        Poll::Ready(Ok(()))
    }

    /// Takes what was gathered: as it is once nothing else waits, or together with what is as small.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        gathered: &mut Gathered,
        role: Role,
    ) -> Poll<io::Result<()>> {
        if self.waiting.len() + gathered.len() > TOGETHER_MAX {
            ready!(self.poll_waiting(cx))?;
        }
        let frame = gathered.take(role);
        if self.waiting.is_empty() {
            self.waiting = frame;
        } else {
            self.waiting.unsplit(frame);
        }
        // What cannot be written yet is with the next call.
        let _ = self.poll_waiting(cx)?;
        Poll::Ready(Ok(()))
    }
}

/// What the WebSocket writes by itself is small, and waits for the flush. It is taken whole, so that no frame of another's
/// is ever amid it.
impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.waiting.len() >= WAITING_MAX {
            ready!(self.poll_waiting(cx))?;
        }
        self.waiting.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_waiting(cx))?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.state.ended().is_some() {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_waiting(cx))?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures_util::FutureExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

    use super::*;

    /// A line, and what it leads to, with so many bytes in between.
    fn line(narrow: usize) -> (Line<DuplexStream>, DuplexStream) {
        let (near, far) = tokio::io::duplex(narrow);
        (Line::new(near, LineState::new()), far)
    }

    fn gathered(bytes: &[u8]) -> Gathered {
        let mut gathered = Gathered::default();
        gathered.add(bytes, bytes.len());
        gathered
    }

    #[tokio::test]
    async fn a_frame_comes_after_what_the_websocket_wrote_and_never_amid_it() {
        for size in [3, 100_000] {
            let (mut line, mut far) = line(10);
            line.write_all(b"before").await.unwrap();
            let mut frame = gathered(&vec![7; size]);
            let expected = gathered(&vec![7; size]).take(Role::Server);
            let writing = async {
                poll_fn(|cx| line.poll_frame(cx, &mut frame, Role::Server)).await?;
                line.write_all(b"after").await?;
                line.flush().await?;
                io::Result::Ok(line)
            };
            let mut all = vec![0; "before".len() + expected.len() + "after".len()];
            let (line, read) = tokio::join!(writing, far.read_exact(&mut all));
            read.unwrap();
            assert_eq!(all, [b"before", &expected[..], b"after"].concat());
            assert_eq!(line.unwrap().waiting.capacity(), 0, "nor is a buffer held");
        }
    }

    #[tokio::test]
    async fn what_waits_for_one_who_does_not_read_has_a_bound() {
        let (mut line, _far) = line(10);
        let pong = [0; 127];
        while line.write_all(&pong).now_or_never().is_some() {}
        assert!((WAITING_MAX..WAITING_MAX + pong.len()).contains(&line.waiting.len()));
    }

    #[tokio::test]
    async fn a_line_that_has_ended_takes_no_frame() {
        let (mut line, _far) = line(10);
        line.state.end(End::Revoked);
        let mut frame = gathered(b"late");
        let refused = poll_fn(|cx| line.poll_frame(cx, &mut frame, Role::Server)).await;
        assert_eq!(refused.unwrap_err().to_string(), End::Revoked.to_string());
    }
}

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

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::socket::GIVEN_UP_AFTER;

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
}

impl<S> Line<S> {
    pub(crate) fn new(io: S, state: Arc<LineState>) -> Self {
        Self { io, state }
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

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.state.ended().is_some() {
            return Poll::Ready(Err(self.state.error()));
        }
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.state.ended().is_some() {
            return Poll::Ready(Err(self.state.error()));
        }
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.state.ended().is_some() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

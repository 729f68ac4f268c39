//! A byte stream over a WebSocket's binary messages: what HTTP/2 is spoken over.
//!
//! Writes gather until the flush, or until they are as long as the lane's messages may be, and leave as one message, past the
//! WebSocket library, which would copy it. The heartbeat lives here too,
//! polled with the bytes, so that a tunnel needs no task or timer of its own for it.
//!
//! On a long line of keystrokes the last message is chased: a lost packet is missed only when a later one arrives
//! (RACK, RFC 8985), and after a single keystroke none would, so that TCP waited out its timer. A pong
//! that nobody asked for (RFC 6455 §5.5.3) is that later one.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use futures_util::{Sink as _, Stream as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use crate::frame::Gathered;
use crate::line::{End, Line, LineState};
use crate::pieces;
use crate::settings::{Heartbeat, Lane, Pace};

/// Small writes (keystrokes, pings) get a small buffer.
const SMALL: usize = 4 << 10;

/// The pings of all connections leave in steps of this share of the time between two: ten thousand
/// lines then wake the process fifty times, not ten thousand times, and their answers come together too.
const STEPS: u32 = 50;

/// What the steps are counted from.
static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Called at each heartbeat.
pub(crate) type OnBeat = Box<dyn FnMut() -> Beat + Send>;

/// What a connection was found at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beat {
    /// Requests are under way.
    Busy,
    /// None is.
    Idle,
    /// None was for so long that the connection is to end.
    Unused,
}

/// The bytes of one connection.
pub(crate) struct ByteStream<S> {
    socket: WebSocketStream<Line<S>>,
    line: Arc<LineState>,
    reading: Bytes,
    writing: Gathered,
    role: Role,
    /// The largest message, in bytes.
    message: usize,
    pulse: Pulse,
}

/// The heartbeat's state.
struct Pulse {
    timer: Pin<Box<Sleep>>,
    silence: Duration,
    /// `None` where only the other side sends pings.
    pings: Option<Pings>,
    next_beat: Instant,
    /// A ping is due that the socket could not yet take.
    owed: bool,
    unflushed: bool,
    /// The last ping: its number and when it left.
    sent: Option<(u64, Instant)>,
    chase: Chase,
}

struct Pings {
    /// How often it is asked whether requests are under way, and a ping sent if so; …
    every: Duration,
    /// … if not, with each so many-th time.
    idle: u32,
    /// Times since the last ping.
    passed: u32,
    beat: OnBeat,
}

/// What goes after the last message.
struct Chase {
    /// How long after it, if at all.
    after: Option<Duration>,
    /// When it is due.
    at: Option<Instant>,
    owed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ByteStream<S> {
    /// The control plane's end, which sends the pings.
    pub(crate) fn pinging(
        socket: WebSocketStream<Line<S>>,
        lane: Lane,
        pace: Pace,
        beat: OnBeat,
        chase: Option<Duration>,
    ) -> Self {
        let pings = Pings {
            every: pace.busy,
            idle: pace.idle_beats(),
            passed: 0,
            beat,
        };
        Self::new(socket, Role::Server, lane, pace.idle, Some(pings), chase)
    }

    /// The node's end: it answers pings and expects them.
    pub(crate) fn listening(
        socket: WebSocketStream<Line<S>>,
        lane: Lane,
        heartbeat: Heartbeat,
        chase: Option<Duration>,
    ) -> Self {
        Self::new(socket, Role::Client, lane, heartbeat, None, chase)
    }

    fn new(
        socket: WebSocketStream<Line<S>>,
        role: Role,
        lane: Lane,
        heartbeat: Heartbeat,
        pings: Option<Pings>,
        chase: Option<Duration>,
    ) -> Self {
        let line = socket.get_ref().state().clone();
        let now = Instant::now();
        let (next_beat, first) = match &pings {
            Some(pings) => {
                let beat = in_step(now + pings.every, pings.every / STEPS);
                (beat, beat)
            }
            None => (now, now + heartbeat.silence()),
        };
        Self {
            socket,
            line,
            reading: Bytes::new(),
            writing: Gathered::default(),
            role,
            message: lane.message(),
            pulse: Pulse {
                timer: Box::pin(tokio::time::sleep_until(first)),
                silence: heartbeat.silence(),
                pings,
                next_beat,
                owed: false,
                unflushed: false,
                sent: None,
                chase: Chase {
                    after: chase,
                    at: None,
                    owed: false,
                },
            },
        }
    }

    /// Ends the line and says why to whoever reads or writes.
    fn fail(&self, why: End) -> io::Error {
        self.line.end(why.clone());
        io::Error::new(io::ErrorKind::ConnectionAborted, why)
    }

    fn broken(&self, error: &WsError) -> io::Error {
        self.fail(End::Failed(error.to_string()))
    }

    fn poll_pulse(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while self.pulse.timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            let dead = self.line.heard() + self.pulse.silence;
            if now >= dead {
                return Err(self.fail(End::Silent(self.pulse.silence)));
            }
            let mut next = dead;
            if let Some(pings) = &mut self.pulse.pings {
                if now >= self.pulse.next_beat {
                    pings.passed += 1;
                    let due = match (pings.beat)() {
                        Beat::Busy => true,
                        Beat::Idle => pings.passed >= pings.idle,
                        Beat::Unused => return Err(self.fail(End::Idle)),
                    };
                    if due {
                        pings.passed = 0;
                        self.pulse.owed = true;
                    }
                    self.pulse.next_beat = in_step(now + pings.every, pings.every / STEPS);
                }
                next = next.min(self.pulse.next_beat);
            }
            if let Some(at) = self.pulse.chase.at {
                if now >= at {
                    self.pulse.chase.at = None;
                    self.pulse.chase.owed = true;
                } else {
                    next = next.min(at);
                }
            }
            self.pulse.timer.as_mut().reset(next);
        }
        if self.pulse.owed {
            match Pin::new(&mut self.socket).poll_ready(cx) {
                Poll::Pending => return Ok(()),
                Poll::Ready(ready) => ready.map_err(|error| self.broken(&error))?,
            }
            let number = self.pulse.sent.map_or(0, |(number, _)| number + 1);
            let ping = Message::Ping(Bytes::copy_from_slice(&number.to_be_bytes()));
            Pin::new(&mut self.socket)
                .start_send(ping)
                .map_err(|error| self.broken(&error))?;
            self.pulse.sent = Some((number, Instant::now()));
            self.pulse.owed = false;
            self.pulse.unflushed = true;
        }
        if self.pulse.chase.owed {
            match Pin::new(&mut self.socket).poll_ready(cx) {
                Poll::Pending => return Ok(()),
                Poll::Ready(ready) => ready.map_err(|error| self.broken(&error))?,
            }
            Pin::new(&mut self.socket)
                .start_send(Message::Pong(Bytes::new()))
                .map_err(|error| self.broken(&error))?;
            self.pulse.chase.owed = false;
            self.pulse.unflushed = true;
        }
        if self.pulse.unflushed
            && let Poll::Ready(flushed) = Pin::new(&mut self.socket).poll_flush(cx)
        {
            flushed.map_err(|error| self.broken(&error))?;
            self.pulse.unflushed = false;
        }
        Ok(())
    }

    fn pong(&self, payload: &[u8]) {
        if let Some((number, left)) = self.pulse.sent
            && payload == number.to_be_bytes()
        {
            self.line.set_round_trip(left.elapsed());
        }
    }

    /// Hands what gathered to the line.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let line = self.socket.get_mut();
        ready!(line.poll_frame(cx, &mut self.writing, self.role))
            .map_err(|error| self.fail(End::Failed(error.to_string())))?;
        if let Some(after) = self.pulse.chase.after {
            let at = Instant::now() + after;
            self.pulse.chase.at = Some(at);
            if at < self.pulse.timer.deadline() {
                self.pulse.timer.as_mut().reset(at);
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// The next step at or after this time.
fn in_step(at: Instant, step: Duration) -> Instant {
    let passed = at.saturating_duration_since(*EPOCH).as_nanos();
    let beyond = passed.checked_rem(step.as_nanos()).unwrap_or(0);
    if beyond == 0 {
        return at;
    }
    at + step - Duration::from_nanos(u64::try_from(beyond).unwrap_or(0))
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for ByteStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.poll_pulse(cx)?;
        loop {
            if !this.reading.is_empty() {
                let count = this.reading.len().min(buffer.remaining());
                pieces::fill(buffer, &this.reading[..count]);
                this.reading.advance(count);
                if this.reading.is_empty() {
                    // Nor hold the buffer that it was cut from: that is used again then.
                    this.reading = Bytes::new();
                }
                return Poll::Ready(Ok(()));
            }
            match ready!(Pin::new(&mut this.socket).poll_next(cx)) {
                Some(Ok(Message::Binary(bytes))) => this.reading = bytes,
                Some(Ok(Message::Pong(payload))) => this.pong(&payload),
                // tungstenite answers it with the next read or write, so the loop goes on.
                Some(Ok(Message::Ping(_))) => {}
                Some(Ok(Message::Close(_))) | None => {
                    this.line.end(End::Closed);
                    return Poll::Ready(Ok(()));
                }
                Some(Ok(Message::Text(_) | Message::Frame(_))) => {
                    return Poll::Ready(Err(this.fail(End::Failed(
                        "a text message came among the bytes".to_owned(),
                    ))));
                }
                Some(Err(error)) => return Poll::Ready(Err(this.broken(&error))),
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ByteStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.writing.len() >= this.message {
            ready!(this.poll_send(cx))?;
        }
        let small = SMALL.min(this.message);
        let room = if bytes.len() > small {
            this.message
        } else {
            small
        };
        let count = bytes.len().min(this.message - this.writing.len());
        this.writing.add(&bytes[..count], room);
        Poll::Ready(Ok(count))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut written = 0;
        for slice in slices.iter().filter(|slice| !slice.is_empty()) {
            match self.as_mut().poll_write(cx, slice)? {
                Poll::Ready(count) => written += count,
                Poll::Pending if written == 0 => return Poll::Pending,
                Poll::Pending => break,
            }
            if self.writing.len() >= self.message {
                break;
            }
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.poll_pulse(cx)?;
        if this.writing.len() > 0 {
            ready!(this.poll_send(cx))?;
            // The timer may have been set to an earlier time, at which this task is to be woken.
            this.poll_pulse(cx)?;
        }
        ready!(Pin::new(&mut this.socket).poll_flush(cx)).map_err(|error| this.broken(&error))?;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(cx))?;
        match ready!(Pin::new(&mut self.socket).poll_close(cx)) {
            Ok(()) | Err(WsError::AlreadyClosed | WsError::ConnectionClosed) => {
                self.line.end(End::Closed);
                Poll::Ready(Ok(()))
            }
            Err(error) => Poll::Ready(Err(self.broken(&error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

    use super::*;

    async fn socket(
        io: DuplexStream,
        role: Role,
        lane: Lane,
    ) -> WebSocketStream<Line<DuplexStream>> {
        let line = Line::new(io, LineState::new());
        WebSocketStream::from_raw_socket(line, role, Some(lane.websocket())).await
    }

    /// Writes in these pieces, flushing after those that say so; the pings go on between them.
    async fn pass(lane: Lane, pieces: Vec<(usize, bool)>, narrow: usize) -> bool {
        let (near, far) = tokio::io::duplex(narrow);
        let heartbeat = Heartbeat {
            every: Duration::from_millis(1),
            timeout: Duration::from_secs(60),
        };
        let pace = Pace {
            busy: heartbeat.every,
            idle: heartbeat,
        };
        let beat = Box::new(|| Beat::Idle);
        let near = ByteStream::pinging(
            socket(near, Role::Server, lane).await,
            lane,
            pace,
            beat,
            None,
        );
        let far =
            ByteStream::listening(socket(far, Role::Client, lane).await, lane, heartbeat, None);
        let (mut near_read, mut near_write) = tokio::io::split(near);
        let (mut far_read, mut far_write) = tokio::io::split(far);
        let total = pieces.iter().map(|(size, _)| size).sum::<usize>();
        let sent: Vec<u8> = (0..total)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect();
        let there = async {
            let mut rest = &sent[..];
            for (size, flush) in pieces {
                let (piece, after) = rest.split_at(size);
                near_write.write_all(piece).await.unwrap();
                if flush {
                    near_write.flush().await.unwrap();
                }
                rest = after;
            }
            near_write.flush().await.unwrap();
        };
        // The other side sends all of it back.
        let echo = async {
            let mut passing = vec![0; total];
            far_read.read_exact(&mut passing).await.unwrap();
            far_write.write_all(&passing).await.unwrap();
            far_write.flush().await.unwrap();
        };
        let mut back = vec![0; total];
        let ((), (), read) = tokio::join!(there, echo, near_read.read_exact(&mut back));
        read.unwrap();
        back == sent
    }

    #[test]
    fn pings_of_many_lines_leave_in_steps() {
        let step = Duration::from_millis(100);
        let steps = |millis| in_step(*EPOCH + Duration::from_millis(millis), step) - *EPOCH;
        assert_eq!(steps(0), Duration::ZERO);
        assert_eq!(steps(5_001), Duration::from_millis(5_100));
        assert_eq!(steps(5_099), Duration::from_millis(5_100));
        assert_eq!(steps(5_100), Duration::from_millis(5_100));
        let at = *EPOCH + Duration::from_millis(7);
        assert_eq!(in_step(at, Duration::ZERO), at);
    }

    #[tokio::test]
    async fn the_last_of_some_messages_is_chased_once() {
        let (near, far) = tokio::io::duplex(1 << 16);
        let heartbeat = Heartbeat {
            every: Duration::from_secs(5),
            timeout: Duration::from_secs(4),
        };
        let lane = Lane::Interactive;
        let near = socket(near, Role::Client, lane).await;
        let after = Some(Duration::from_millis(5));
        let mut near = ByteStream::listening(near, lane, heartbeat, after);
        let mut far = socket(far, Role::Server, lane).await;
        for key in [b"a", b"b"] {
            near.write_all(key).await.unwrap();
            near.flush().await.unwrap();
        }
        // HTTP/2 always reads too; here nothing comes until the end.
        let reading = tokio::spawn(async move { near.read_u8().await });
        let limit = Duration::from_secs(30);
        let came = far.by_ref().take(3).map(Result::unwrap).collect::<Vec<_>>();
        let came = tokio::time::timeout(limit, came).await.unwrap();
        let [a, b] = [b"a", b"b"].map(|key| Message::binary(&key[..]));
        assert_eq!(came, [a, b, Message::Pong(Bytes::new())]);
        far.close(None).await.unwrap();
        // Its end does not wait for ours: what comes last may be an error.
        let rest = far.filter_map(async |message| message.ok());
        let rest = rest.collect::<Vec<_>>().await;
        assert!(rest.iter().all(Message::is_close), "{rest:?}");
        reading.await.unwrap().unwrap_err();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn bytes_arrive_as_they_were_sent_however_they_are_cut(
            pieces in prop::collection::vec((0..100_000_usize, any::<bool>()), 1..12),
            narrow in 100..200_000_usize,
            lane in prop::sample::select(vec![Lane::Interactive, Lane::Bulk]),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let limit = Duration::from_secs(30);
            let passing = async { tokio::time::timeout(limit, pass(lane, pieces, narrow)).await };
            let whole = runtime.block_on(passing);
            prop_assert!(whole.expect("it ends"));
        }
    }
}

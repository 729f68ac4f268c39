//! The figures of a connection, from the measured study (docs/decisions/0003).
//!
//! Invariant: the connection window is at least the stream window times the number of streams, so that
//! streams whose reader has stopped can never keep the others from being read.

use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Which of a node's two connections a request takes. As a request's extension it chooses the lane.
///
/// Two TCP connections keep a download from standing in a keystroke's way where packets are lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Terminals, calls, events: always connected.
    #[default]
    Interactive,
    /// Downloads, uploads, images: connected while it is used.
    Bulk,
}

/// Bytes that one stream may send before its reader takes some, at most. One stream moves about 0.67
/// windows a round trip, so that 4 MiB fill 400 Mbit/s at 50 ms.
const BULK_WINDOW: u32 = 4 << 20;
/// On a short line less fills it too, and a reader that stops holds that much less.
const SHORT_BULK_WINDOW: u32 = 768 << 10;
/// What a window is made to carry, in bytes a microsecond, at 0.67 windows a round trip.
const BULK_RATE: (u128, u128) = (6000, 67);
/// Interactive streams are small; less memory is lost on one that stalls.
const INTERACTIVE_WINDOW: u32 = 1 << 20;
/// Both lanes: 1008 × 1 MiB and 248 × 4 MiB fit, see the module's invariant.
const CONNECTION_WINDOW: u32 = 1 << 30;
/// HTTP/2 frames: larger ones doubled the latency of keystrokes beside a download …
const FRAME: u32 = 16 << 10;
/// … which has a connection of its own, where they cost nothing and carry a fifth more. With its own header (RFC 9113
/// §4.1: 9 bytes) and the message's (RFC 6455 §5.2: 2, 2 of length, 4 of mask) one fills four TLS records, and leaves
/// in one piece.
const BULK_FRAME: u32 = (64 << 10) - 9 - 8;
/// What one stream may have waiting inside HTTP/2, beside what the kernel holds: a reader that stops keeps it.
const SEND_BUFFER: usize = 128 << 10;
/// Cookies for a dev server pass (hyper's default is 16 KiB).
const HEADERS: u32 = 64 << 10;

/// What gathers until the flush, in bytes, and so the largest WebSocket message of the bulk lane.
const MESSAGE: usize = 64 << 10;
/// The largest WebSocket message of the interactive lane, in bytes: as much as is read at once, less its header (RFC
/// 6455 §5.2: 2, 2 of length, 4 of mask). The reader makes room for a whole message behind what it has read already:
/// for so much twice, and stays so.
const INTERACTIVE_MESSAGE: usize = INTERACTIVE_READ_BUFFER - 8;
/// Allocated eagerly, and twice as much in the end: it decides what 10,000 idle tunnels cost.
const INTERACTIVE_READ_BUFFER: usize = 2 << 10;
/// Cleared before each read, which gets one TLS record at most.
const BULK_READ_BUFFER: usize = 16 << 10;
/// The largest piece of an answer's body that becomes one HTTP/2 frame of the interactive lane, in bytes. h2
/// keeps a buffer of the largest frame that ever came; its first has 8 KiB.
pub(crate) const INTERACTIVE_PIECE: usize = 4 << 10;
/// The largest WebSocket frame that is taken; a peer that announces more is cut off.
const MESSAGE_ACCEPTED: usize = 4 * MESSAGE;
/// Buffers of a browser's WebSocket as it passes, per direction, in bytes.
pub(crate) const PIPE: usize = 64 << 10;

/// From this round trip on a lost keystroke is worth a second packet: below it, TCP's own timer is as short.
const CHASED_ROUND_TRIP: Duration = Duration::from_millis(15);
/// How long after the last message the second one follows: far enough that one burst of loss does not take
/// both, and less than TCP waits (a quarter of the round trip) before it takes a packet for lost.
const CHASE_AFTER: Duration = Duration::from_millis(5);

/// So many nodes dial a second when their control plane is back: each within the time that all need. Faster, whoever
/// else comes would find the door blocked.
const DIALS_PER_SECOND: u32 = 5_000;
/// Nor does anyone wait longer than this.
const REDIAL_MAX: Duration = Duration::from_secs(10);

/// How long so many nodes take to come back.
pub(crate) fn redial_within(nodes: usize) -> Duration {
    let nodes = u32::try_from(nodes).unwrap_or(u32::MAX);
    (Duration::from_secs(1) / DIALS_PER_SECOND)
        .saturating_mul(nodes)
        .min(REDIAL_MAX)
}

/// How long either side of the handshake waits for the other's next message.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest message of the handshake, in bytes.
pub(crate) const HANDSHAKE_MESSAGE: usize = 32 << 10;

impl Lane {
    /// How many requests may be under way at once.
    pub const fn requests(self) -> u32 {
        match self {
            Self::Interactive => 1000,
            Self::Bulk => 240,
        }
    }

    /// With room for the tunnel's own calls, so that a busy node can still be asked whether it lives.
    const fn streams(self) -> u32 {
        self.requests() + 8
    }

    /// The window of a stream on a line with this round trip.
    pub(crate) fn window(self, round_trip: Duration) -> u32 {
        match self {
            Self::Interactive => INTERACTIVE_WINDOW,
            Self::Bulk => {
                let (bytes, micros) = BULK_RATE;
                let wanted = round_trip.as_micros().saturating_mul(bytes) / micros;
                let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
                wanted.clamp(SHORT_BULK_WINDOW, BULK_WINDOW)
            }
        }
    }

    /// How long after the last message another one follows on a line with this round trip, if at all.
    pub(crate) fn chase(self, round_trip: Duration) -> Option<Duration> {
        (self == Self::Interactive && round_trip >= CHASED_ROUND_TRIP).then_some(CHASE_AFTER)
    }

    /// Bytes that may stand unsent in the kernel. What stands there, no keystroke can overtake; a bulk
    /// line has none, and stands still less often with more.
    pub(crate) const fn unsent(self) -> u32 {
        match self {
            Self::Interactive => 16 << 10,
            Self::Bulk => 256 << 10,
        }
    }

    const fn frame(self) -> u32 {
        match self {
            Self::Interactive => FRAME,
            Self::Bulk => BULK_FRAME,
        }
    }

    const fn read_buffer(self) -> usize {
        match self {
            Self::Interactive => INTERACTIVE_READ_BUFFER,
            Self::Bulk => BULK_READ_BUFFER,
        }
    }

    /// The largest WebSocket message that is sent, in bytes.
    pub(crate) const fn message(self) -> usize {
        match self {
            Self::Interactive => INTERACTIVE_MESSAGE,
            Self::Bulk => MESSAGE,
        }
    }

    pub(crate) fn websocket(self) -> WebSocketConfig {
        WebSocketConfig::default()
            .read_buffer_size(self.read_buffer())
            // What it writes gathers in the line.
            .write_buffer_size(0)
            .max_write_buffer_size(MESSAGE_ACCEPTED)
            .max_message_size(Some(MESSAGE_ACCEPTED))
            .max_frame_size(Some(MESSAGE_ACCEPTED))
    }

    /// The control plane's end: it makes the requests.
    pub(crate) fn client(self, window: u32) -> h2::client::Builder {
        let mut http = h2::client::Builder::new();
        http.enable_push(false)
            .initial_window_size(window)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_frame_size(self.frame())
            .max_header_list_size(HEADERS)
            .max_send_buffer_size(SEND_BUFFER);
        http
    }

    /// The node's end: it serves.
    pub(crate) fn server(self, window: u32) -> hyper::server::conn::http2::Builder<TokioExecutor> {
        let mut http = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .enable_connect_protocol()
            .max_concurrent_streams(self.streams())
            .initial_stream_window_size(window)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_frame_size(self.frame())
            .max_header_list_size(HEADERS)
            .max_send_buf_size(SEND_BUFFER);
        http
    }
}

/// How a dead line is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// The control plane sends a WebSocket ping this often.
    pub every: Duration,
    /// A side that has heard nothing for `every` and this long on top takes the line for dead.
    pub timeout: Duration,
}

impl Default for Heartbeat {
    /// Noticed after 9 s.
    fn default() -> Self {
        Self {
            every: Duration::from_secs(5),
            timeout: Duration::from_secs(4),
        }
    }
}

impl Heartbeat {
    /// Of a line whose two ends are those of one TCP connection, and which carries nothing: there the kernels notice that
    /// it is dead (see [`tune`](crate::tune)), and a ping is needed only to find out that a process hangs.
    pub const WATCHED: Self = Self {
        every: Duration::from_secs(30),
        timeout: Duration::from_secs(4),
    };

    /// The longest silence of a living line.
    pub(crate) fn silence(self) -> Duration {
        self.every + self.timeout
    }
}

/// How often the control plane pings a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// While requests are under way: somebody looks at the round trip.
    pub(crate) busy: Duration,
    /// While there are none; and the silence that is borne in any case.
    pub(crate) idle: Heartbeat,
}

impl Pace {
    /// How many times longer the one is than the other.
    pub(crate) fn idle_beats(self) -> u32 {
        let times = self.idle.every.as_nanos() / self.busy.as_nanos().max(1);
        u32::try_from(times).unwrap_or(u32::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stalled_streams_cannot_use_up_the_connections_window() {
        for lane in [Lane::Interactive, Lane::Bulk] {
            assert!(
                u64::from(lane.streams()) * u64::from(lane.window(Duration::MAX))
                    <= u64::from(CONNECTION_WINDOW)
            );
        }
    }

    #[test]
    fn a_line_is_not_silent_between_two_pings() {
        for (busy_ms, idle_ms, beats) in [
            (5_000, 30_000, 6),
            (5_000, 5_000, 1),
            (300, 1_000, 3),
            (9, 5, 1),
        ] {
            let idle = Heartbeat {
                every: Duration::from_millis(idle_ms),
                timeout: Duration::from_secs(4),
            };
            let pace = Pace {
                busy: Duration::from_millis(busy_ms),
                idle,
            };
            assert_eq!(pace.idle_beats(), beats);
            assert!(pace.busy * beats < idle.silence());
        }
    }

    #[test]
    fn many_nodes_come_back_one_after_the_other() {
        for (nodes, millis) in [(0, 0), (100, 20), (10_000, 2_000), (usize::MAX, 10_000)] {
            assert_eq!(redial_within(nodes), Duration::from_millis(millis));
        }
    }

    #[test]
    fn a_frame_leaves_as_one_message_in_full_tls_records() {
        let frame = usize::try_from(Lane::Bulk.frame()).unwrap() + 9;
        assert!(frame <= Lane::Bulk.message(), "one message");
        let (header, record) = (4, 16 << 10);
        for mask in [0, 4] {
            let records = (frame + header + mask).div_ceil(record);
            assert_eq!(records, 4, "RFC 8446 §5.1: a record holds 16 KiB");
        }
    }

    #[test]
    fn a_bulk_window_follows_the_line() {
        let window = |millis| Lane::Bulk.window(Duration::from_millis(millis));
        assert_eq!(window(0), SHORT_BULK_WINDOW);
        assert_eq!(window(5), SHORT_BULK_WINDOW);
        assert_eq!(window(20), 1_791_044);
        assert_eq!(window(50), BULK_WINDOW);
        assert_eq!(window(100_000), BULK_WINDOW);
    }
}

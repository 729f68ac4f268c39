//! The server's side of a WebSocket (RFC 6455), for streams of raw bytes.
//!
//! Why not axum's: it assembles whole messages, in and out, in buffers of its own. Here the payload
//! of a binary message is handed on as it arrives, however long the message is, and output goes from
//! the ring to the socket in one vectored write. A viewer costs 8 KiB, and one frame while its
//! socket is full.

mod pulse;
mod read;
mod upgrade;
mod write;

use std::io;

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{ReadHalf, WriteHalf};

pub(crate) use pulse::Pulse;
pub(crate) use read::{Incoming, ReadError, Reader};
pub(crate) use upgrade::Upgrade;
pub(crate) use write::Writer;

type Io = TokioIo<Upgraded>;

/// An open WebSocket in its two directions.
pub(crate) struct Socket {
    /// What the peer sends.
    pub(crate) reader: Reader<ReadHalf<Io>>,
    /// What goes to the peer.
    pub(crate) writer: Writer<WriteHalf<Io>>,
}

/// Why the connection is closed, for the peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closing {
    /// The close code (RFC 6455 §7.4.1).
    pub(crate) code: u16,
    /// What a person should know.
    pub(crate) detail: String,
}

impl Closing {
    /// 1000: everything has been said.
    pub(crate) const NORMAL: u16 = 1000;
    /// 1002: the peer broke the protocol.
    pub(crate) const PROTOCOL: u16 = 1002;
    /// 1003: this kind of data is not accepted here.
    pub(crate) const UNSUPPORTED: u16 = 1003;
    /// 1007: a text that is not UTF-8.
    pub(crate) const NOT_UTF8: u16 = 1007;
    /// 1008: a message that is not understood.
    pub(crate) const POLICY: u16 = 1008;
    /// 1009: a message that is too long.
    pub(crate) const TOO_BIG: u16 = 1009;

    pub(crate) fn new(code: u16, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

/// Why a conversation ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The peer left, or cannot be reached.
    Gone,
    /// It has to be closed.
    Close(Closing),
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl From<ReadError> for End {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Gone => Self::Gone,
            ReadError::Violation(closing) => Self::Close(closing),
        }
    }
}

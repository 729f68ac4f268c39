//! The bridge: a workspace's terminals, processes and files over one WebSocket with JSON messages,
//! for programs (decision 0018).
//!
//! `GET /v1/bridge` upgrades to a WebSocket with the subprotocol [`SUBPROTOCOL`]. Every message is one
//! text frame: a [`BridgeRequest`] one way, a [`BridgeMessage`] the other.
//!
//! * The first request is `hello`. It names a *session*, which the client has made up, and which
//!   outlives the connection; `welcome` says whether the agent knew it.
//! * Each further request carries an `id`, greater than all that the session has used before. What
//!   answers it repeats the `id`: either the one kind of message that is named with each request, or
//!   `error`.
//! * What changes something (`create_terminal`, `terminal_input`, `close_terminal`, `run_command`,
//!   `stop_process`, `write_file`) is done **at most once** for an id of a session. Sent again after a
//!   cut it is answered as it was the first time. The agent keeps the last [`ANSWERS_MAX`] answers of a
//!   session; an id that is older is refused rather than done again.
//! * Output has offsets, in bytes, from 0. Whoever comes back attaches with the offset of the first byte
//!   that it lacks. Bytes are base64 (RFC 4648 §4): a terminal's output need not be UTF-8, and where it
//!   is, a piece may end inside a character.
//! * A terminal or process is sent to a client at most [`WINDOW_BYTES`] beyond what the client has
//!   acknowledged, of each stream.

mod base64_bytes;
mod message;
mod request;

pub use base64_bytes::Base64;
pub use message::BridgeMessage;
pub use request::{BridgeHead, BridgeRequest};

/// The WebSocket subprotocol of the bridge.
pub const SUBPROTOCOL: &str = "atelier.bridge.v1";

/// The longest message of a client, in bytes; a longer one ends the connection with the code 1009.
pub const REQUEST_MAX_BYTES: usize = 2 * 1024 * 1024;

/// The longest message of an agent, in bytes: a page of a directory, or the snapshot of a large screen.
pub const MESSAGE_MAX_BYTES: usize = 16 * 1024 * 1024;

/// The largest file that is written by one message, in bytes. Larger ones go by `PUT …/files/content`.
pub const FILE_MAX_BYTES: usize = 1024 * 1024;

/// The most that one message tells of a file, in bytes.
pub const READ_MAX_BYTES: u64 = 256 * 1024;

/// How many entries a page of a directory holds at most.
pub const LIST_MAX: u32 = 1_000;

/// The greatest id: what JavaScript's numbers hold exactly.
pub const ID_MAX: u64 = (1 << 53) - 1;

/// How far a terminal or process is sent beyond what was acknowledged, in bytes of each stream.
pub const WINDOW_BYTES: u64 = 256 * 1024;

/// A client acknowledges at least this often, in bytes consumed.
pub const ACK_EVERY_BYTES: u64 = 64 * 1024;

/// How many answers of a session are kept for whoever asks again.
pub const ANSWERS_MAX: usize = 256;

/// How many sessions an agent knows; of those without a connection, the one left longest ago is
/// forgotten first.
pub const SESSIONS_MAX: usize = 32;

/// How many terminals and processes a connection follows at once.
pub const FOLLOWED_MAX: usize = 320;

/// How many directories a connection watches at once.
pub const WATCHES_MAX: usize = 64;

/// How much input may wait for a terminal's program, in bytes; more is refused.
pub const INPUT_WAITING_MAX_BYTES: usize = 1024 * 1024;

/// The length of a session's name, in characters: letters, digits, `-` and `_`.
pub const SESSION_CHARS: std::ops::RangeInclusive<usize> = 16..=64;

/// The close code of a connection whose session another connection has taken over.
pub const CLOSE_TAKEN_OVER: u16 = 4001;

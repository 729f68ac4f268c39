//! Terminals: programs on pseudoterminals that outlive their viewers (protocol:
//! [`atelier_api::agent::terminals`]).
//!
//! [`core`] and [`mod@viewer`] are the state machine and know no transport. [`terminal`] joins them to a
//! program by a [`pty`], [`attach`] to a viewer by a WebSocket. [`screen`] and [`playback`] know what
//! the screen showed at the ring's start. [`osc`] picks out of the output what it says of the terminal
//! itself: its title, and with the shell integration of [`shell`] its [`commands`]. A recording
//! ([`recordings`]) is one more reader of the output.
//!
//! Invariants: every byte of output has one offset and is sent to a viewer at most once; a slow
//! viewer costs others nothing; a program is held back only while all of its viewers are behind.

mod attach;
mod commands;
mod core;
mod escape;
mod follow;
mod osc;
mod playback;
mod pty;
mod recordings;
mod registry;
mod resync;
mod routes;
mod screen;
mod session;
mod shell;
mod terminal;
mod viewer;

pub(crate) use follow::{Follow as FollowTerminal, News as TerminalNews};
pub use recordings::RecordingLimits;
pub(crate) use recordings::Recordings;
pub(crate) use registry::Terminals;
pub(crate) use routes::{routes, viewer};

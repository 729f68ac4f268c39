//! Terminals: programs on pseudoterminals that outlive their viewers (protocol:
//! [`atelier_api::agent::terminals`]).
//!
//! [`core`] and [`viewer`] are the state machine and know no transport. [`terminal`] joins them to a
//! program by a [`pty`], [`attach`] to a viewer by a WebSocket. [`screen`] and [`playback`] know what
//! the screen showed at the ring's start.
//!
//! Invariants: every byte of output has one offset and is sent to a viewer at most once; a slow
//! viewer costs others nothing; a program is held back only while all of its viewers are behind.

mod attach;
mod core;
mod escape;
mod playback;
mod pty;
mod registry;
mod routes;
mod screen;
mod session;
mod terminal;
mod title;
mod viewer;

pub(crate) use registry::Terminals;
pub(crate) use routes::routes;

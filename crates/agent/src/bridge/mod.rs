//! The bridge: terminals, processes and files over one WebSocket (protocol:
//! [`atelier_api::agent::bridge`]; decision 0018).
//!
//! [`connection`] is the protocol and knows no transport; [`serve`] joins it to a WebSocket. A
//! [`session`] outlives connections, and [`memory`] is what it knows of what was done.
//!
//! Invariants: what changes something is done at most once for an id of a session; a client that does
//! not read, or does not acknowledge, costs a bounded amount of memory.

mod connection;
mod input;
mod memory;
mod perform;
mod routes;
mod serve;
mod session;

use std::sync::Arc;

use crate::files::Files;
use crate::processes::Processes;
use crate::terminals::Terminals;

pub(crate) use routes::routes;

/// What connections share.
pub(crate) struct Bridge {
    terminals: Arc<Terminals>,
    processes: Arc<Processes>,
    files: Arc<Files>,
    sessions: Arc<session::Sessions>,
}

impl Bridge {
    pub(crate) fn new(
        terminals: Arc<Terminals>,
        processes: Arc<Processes>,
        files: Arc<Files>,
    ) -> Self {
        Self {
            terminals,
            processes,
            files,
            sessions: Arc::default(),
        }
    }
}

//! Processes: commands without a terminal, whose two output streams are kept apart (protocol:
//! [`atelier_api::agent::processes`]).
//!
//! [`output`] is the state of a process's streams and knows no transport; [`process`] joins it to a
//! program, [`attach`] to a viewer.
//!
//! Invariant: while a viewer is attached, the process waits for it rather than overrun the ring.

mod attach;
mod follow;
mod input;
mod output;
mod process;
mod registry;
mod routes;

pub(crate) use follow::{Follow as FollowProcess, News as ProcessNews};
pub(crate) use registry::Processes;
pub(crate) use routes::routes;

//! The node as a daemon on a server of its own: it joins a control plane once, and from then on dials out
//! to it and serves the node's router over that connection.
//!
//! In the data directory, next to the workspaces: `node.key`, which never leaves the machine, and
//! `node.json`, which says where it belongs.

pub mod doctor;
mod identity;
mod join;
mod key;
mod place;
mod registration;
mod run;

pub use atelier_tunnel::Proxy;

pub use self::join::{Join, JoinError, join};
pub use self::key::KeyError;
pub use self::place::{DaemonDirectory, LeaveError, is_running};
pub use self::registration::{Destination, DestinationError, Registration};
pub(crate) use self::run::run_noticing;
pub use self::run::{RunError, run};

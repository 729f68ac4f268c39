//! The node daemon: runs workspaces on one server and passes requests on to their agents.
//!
//! [`Node::open`] takes a data directory, [`Node::router`] serves the API of [`atelier_api::node`].
//! The control plane calls it in process ([`Node::link`]) or through the tunnel; the node listens on no
//! port and knows no database.
//!
//! * `workspaces`: what is wanted of each, what is, and what is remembered.
//! * `drivers::host`: storage, sandbox, limits, user ids.
//! * `policy`: what the host's owner permits, asked before anything is done.
//! * `machine`: the machine's own terminals, files and processes.
//! * `jobs`: commands that the control plane has run on the machine, each at most once.
//! * `daemon`: joining a control plane, and staying connected to it, on a server of its own.
//! * `update`: replacing the daemon's own program.
//! * `telemetry`: what the machine measures of itself.
//! * `proxy`: requests and WebSockets on their way to an agent.
//!
//! Invariant: workspaces outlive the node. Whatever a node has started, the next one finds.

mod clock;
mod config;
pub mod daemon;
mod drivers;
mod error;
mod http;
mod jobs;
mod machine;
mod node;
mod policy;
mod proxy;
mod routes;
mod system;
mod telemetry;
mod text;
pub mod update;
mod workspaces;

pub use clock::Clock;
pub use config::{Launcher, NodeConfig};
pub use drivers::host::machine::machine_init;
pub use drivers::host::sandbox::sandbox_init;
pub use node::{Node, OpenError};
pub use policy::{HostPolicy, POLICY_FILE, PolicyError};

//! The workspace agent: one small process inside a workspace that serves its terminals, processes,
//! files and Git over HTTP on a Unix socket, under `/v1` (shapes in [`atelier_api::agent`]).
//!
//! It is where user code runs, and it runs with the workspace's rights: whoever reaches the socket
//! (mode 0600) may do what the workspace's user may do. Authorization is the control plane's work.
//!
//! Invariant: sessions outlive connections. Terminals and processes belong to the agent and survive
//! every viewer, the tunnel, the node and the control plane.

mod clock;
mod config;
mod error;
mod files;
mod git;
mod health;
mod http;
mod ids;
mod serve;

use std::sync::Arc;

use axum::Router;

pub use config::{AgentArgs, Config};
pub use error::AgentError;
pub use serve::{main, serve};

/// The agent's routes, ready to be served.
pub fn router(config: Config) -> Router {
    assemble(Arc::new(config))
}

fn assemble(config: Arc<Config>) -> Router {
    Router::new()
        .merge(health::routes())
        .merge(files::routes(&config))
        .merge(git::routes(&config))
        .fallback(http::not_found)
        .method_not_allowed_fallback(http::method_not_allowed)
}

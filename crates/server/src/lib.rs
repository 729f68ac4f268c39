//! The control plane: the one front door. Owns identity, policy, records and audit; serves the web
//! interface and the API; calls nodes.
//!
//! Reading order: `serve.rs` starts it, `router.rs` lists the routes, `middleware.rs` is what every
//! request passes through. The ground: `app.rs config/ error.rs ctx/ http/ authz/ jobs/ events/
//! audit/`. Between them stand the feature folders, each with its front door in `mod.rs`.

pub mod app;
pub mod audit;
pub mod authz;
pub mod config;
pub mod ctx;
pub mod error;
pub mod events;
pub mod gateway;
pub mod git_credentials;
pub mod http;
pub mod identity;
pub mod jobs;
pub mod node_jobs;
pub mod node_updates;
pub mod nodes;
pub mod organizations;
pub mod preferences;
pub mod repositories;
pub mod schedules;
pub mod secrets;
pub mod telemetry;
pub mod templates;
mod terminal_shares;
pub mod workspaces;

mod assets;
mod data_dir;
mod health;
mod middleware;
mod names;
mod openapi;
mod router;
mod serve;

pub use config::Config;
pub use error::{Error, Result};
pub use router::openapi;
pub use serve::{Server, ServerOptions, StartError, open_database};

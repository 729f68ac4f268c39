//! The control plane: the one front door. Owns identity, policy, records and audit; serves the web
//! interface and the API; calls nodes.

pub mod app;
pub mod audit;
pub mod authz;
pub mod config;
pub mod ctx;
pub mod error;
pub mod events;
pub mod http;
pub mod identity;
pub mod jobs;
pub mod nodes;
pub mod organizations;
pub mod templates;
pub mod workspaces;

pub use error::{Error, Result};

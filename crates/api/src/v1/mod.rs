//! The public API, `/api/v1`. What stands in `crate::agent` is also public, below
//! `/api/v1/workspaces/{workspace}/`.

pub mod audit;
pub mod events;
pub mod git_credentials;
pub mod identity;
pub mod jobs;
pub mod node_jobs;
pub mod node_rollouts;
pub mod nodes;
pub mod organizations;
pub mod ports;
pub mod preferences;
pub mod repositories;
pub mod schedules;
pub mod system;
pub mod telemetry;
pub mod templates;
pub mod terminal_shares;
pub mod vscode;
pub mod workspaces;

/// The header that every state-changing request of a browser must carry (CSRF, together with the
/// Origin check). Requests with a bearer token need it not.
pub const CSRF_HEADER: &str = "Atelier-Csrf";

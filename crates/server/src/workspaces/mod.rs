//! Workspaces: isolated environments on nodes, owned by a person in an organization.
//!
//! A row says what is wanted and what is known; the node makes it so. Every change of what is wanted
//! raises the row's `generation` and enqueues a job for that generation, in one transaction. A job
//! whose generation is no longer the row's does nothing: newer wishes win, and every job may run
//! twice. The reconciler compares rows with what nodes report and repairs either.
//!
//! * Invariant: a workspace belongs to one node for life.
//! * Invariant: shutting the control plane down, or killing it, stops no workspace.
//! * Invariant: nothing of the caller's credentials reaches a node or an agent, and nothing that an
//!   agent answers can set a cookie or run a script on our origin (`forward.rs`).
//! * Invariant: no credentials reach the audit log: of what goes to Git it holds only fields that are named.
//! * Delete is soft: restorable for [`service::RESTORE_FOR`], then `WorkspacePurge` deletes the
//!   storage.

mod agent_routes;
mod bridge;
mod bridge_routes;
mod bridge_schema;
mod clone;
mod entry_routes;
mod fields;
mod forward;
mod git_change_routes;
mod git_long_routes;
mod git_manage_routes;
mod git_read_routes;
mod git_sign_in;
mod git_ssh_routes;
mod jobs;
mod language_routes;
mod nodes;
mod port_routes;
mod reconcile;
mod recording_routes;
mod routes;
mod running;
mod search_routes;
mod service;
mod steps;
mod store;
mod touched;
mod upload_routes;
mod vscode_routes;

use atelier_api::ids::{OrganizationId, WorkspaceId};
use atelier_db::ReadCache;
use bytes::Bytes;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// What is read most, kept for as long as it is exact.
#[derive(Debug, Default)]
pub(crate) struct Caches {
    /// Pages of lists, by their query. What members of an organization see in it does not depend on
    /// who asks; the right to see it is checked before.
    lists: ReadCache<(OrganizationId, String), Bytes>,
    /// Where workspaces are, which every request to an agent asks.
    placements: ReadCache<WorkspaceId, store::Placement>,
    /// Where something has changed that is seen from outside.
    touched: touched::Touched,
}

pub use bridge_schema::bridge_schema;
pub(crate) use nodes::{count_on, forget_deleted_on};
pub(crate) use running::{Reach, organization_of, owner_of, reach, running};
pub(crate) use service::node_of;
pub(crate) use touched::touched;

pub(crate) fn routes() -> OpenApiRouter<App> {
    routes::routes()
        .merge(agent_routes::routes())
        .merge(bridge_routes::routes())
        .merge(entry_routes::routes())
        .merge(git_read_routes::routes())
        .merge(git_change_routes::routes())
        .merge(git_manage_routes::routes())
        .merge(git_long_routes::routes())
        .merge(git_ssh_routes::routes())
        .merge(language_routes::routes())
        .merge(vscode_routes::routes())
        .merge(search_routes::routes())
        .merge(upload_routes::routes())
        .merge(port_routes::routes())
        .merge(recording_routes::routes())
}

/// Registers the jobs. Called in the assembly, before the engine starts.
pub(crate) fn register(app: &App) {
    crate::jobs::register::<jobs::WorkspaceStart>(app);
    crate::jobs::register::<jobs::WorkspaceStop>(app);
    crate::jobs::register::<jobs::WorkspacePurge>(app);
}

/// Starts the reconciler.
pub(crate) fn start(app: &App) {
    reconcile::start(app);
}

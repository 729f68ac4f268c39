//! Git, passed on to the workspace's agent ([`atelier_api::agent::git`], decision 0020).
//!
//! Invariant: no credentials reach the audit log: it holds only the fields that are named here.

mod change;
mod long;
mod manage;
mod read;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    read::routes()
        .merge(change::routes())
        .merge(manage::routes())
        .merge(long::routes())
}

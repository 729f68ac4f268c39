//! Looking at workspaces, and keeping what was seen.

use std::collections::BTreeMap;
use std::time::Duration;

use atelier_api::agent::git::{GitFound, GitFoundList};
use atelier_api::ids::WorkspaceId;
use atelier_api::v1::events::EventBody;
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::store;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{Chain, Result};
use crate::workspaces;

/// How many repositories of a workspace are kept; its agent tells as many.
const REPOSITORIES_MAX: usize = 100;

/// How large what is told of one may be, in bytes of JSON. More is nothing that our agent tells.
const FOUND_BYTES_MAX: usize = 16 * 1024;

/// How long an agent may take: it gives up after 15 seconds by itself.
const WITHIN: Duration = Duration::from_secs(25);

/// What was begun by Git together is looked at together.
const GATHER: Duration = Duration::from_millis(500);

/// How many workspaces are looked at at once by themselves.
const AT_ONCE: usize = 4;

/// Looks at workspaces that have started, or in which Git has changed something.
pub(crate) fn start(app: &App) {
    let ctx = Ctx::system(app, "repository_look");
    app.tasks().spawn("repository_look", async move {
        loop {
            let touched = workspaces::touched(ctx.app()).await;
            let ctx = &ctx;
            futures_util::stream::iter(touched)
                .for_each_concurrent(AT_ONCE, |id| async move {
                    look(ctx, id).await;
                })
                .await;
            tokio::time::sleep(GATHER).await;
        }
    });
}

/// Looks at a workspace, and keeps what was seen: whether there may be more, or nothing when it cannot be asked.
pub(super) async fn look(ctx: &Ctx, id: WorkspaceId) -> Option<bool> {
    let looking = timeout(WITHIN, try_look(ctx, id));
    match looking.await {
        Ok(Ok(truncated)) => Some(truncated),
        Ok(Err(error)) => {
            tracing::debug!(workspace.id = %id, error = %Chain(&error), "its repositories could not be looked at");
            None
        }
        Err(_) => {
            tracing::debug!(workspace.id = %id, "its repositories were not told in time");
            None
        }
    }
}

async fn try_look(ctx: &Ctx, id: WorkspaceId) -> Result<bool> {
    let reach = workspaces::reach(ctx, id).await?;
    let looked_at = ctx.now();
    let GitFoundList { items, truncated } = reach.client.repositories(id).await?;
    let told = items.len();
    let kept: BTreeMap<String, GitFound> = items
        .into_iter()
        .take(REPOSITORIES_MAX)
        .filter(|found| serde_json::to_vec(found).is_ok_and(|json| json.len() <= FOUND_BYTES_MAX))
        .map(|found| (found.path.clone(), found))
        .collect();
    let truncated = truncated || kept.len() < told;
    let mut tx = ctx.begin().await?;
    tx.lock(&format!("repositories:{id}")).await?;
    // It may have been purged meanwhile, and a later look may have come first.
    if store::may_keep(&mut tx, id, looked_at).await? {
        if store::kept(&mut tx, id).await?.as_ref() != Some(&kept) {
            store::keep(&mut tx, id, kept.values()).await?;
            let changed = EventBody::RepositoriesChanged { workspace_id: id };
            tx.publish(reach.organization, changed);
        }
        store::looked(&mut tx, id, looked_at, truncated).await?;
        tx.commit().await?;
    }
    Ok(truncated)
}

//! The reconciler: compares rows with what nodes report, and repairs either. Takes no input.

use std::collections::HashMap;
use std::time::Duration;

use atelier_api::ids::{NodeId, WorkspaceId};
use atelier_api::node::{ActualState, DesiredState, NodeWorkspace};
use atelier_api::v1::workspaces::WorkspaceState;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::time::timeout;

use super::jobs::{self, WorkspaceStart, WorkspaceStop};
use super::service;
use super::store::{self, WorkspaceRow};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{Chain, Result};
use crate::nodes;

/// How often nodes are asked.
const EVERY: Duration = Duration::from_secs(5);

/// Where one node comes back others do too: they are asked together.
const GATHER: Duration = Duration::from_millis(200);

/// How many are asked at once.
const NODES_AT_ONCE: usize = 32;

/// How long a node may take to say what runs on it.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

pub(super) fn start(app: &App) {
    let ctx = Ctx::system(app, "workspace_reconcile");
    app.tasks().spawn("workspace_reconcile", async move {
        loop {
            if let Err(error) = reconcile(&ctx).await {
                tracing::warn!(error = %Chain(&error), "workspaces could not be reconciled");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = ctx.app().nodes().returned() => tokio::time::sleep(GATHER).await,
            }
        }
    });
}

async fn reconcile(ctx: &Ctx) -> Result<()> {
    let nodes = store::nodes_in_use(&mut *ctx.read().await?).await?;
    // A node that does not answer must not keep the others waiting.
    let reconciled = futures_util::stream::iter(nodes)
        .map(|node| reconcile_node(ctx, node))
        .buffer_unordered(NODES_AT_ONCE);
    reconciled.try_collect().await
}

async fn reconcile_node(ctx: &Ctx, node: NodeId) -> Result<()> {
    // A node that is away is asked again at the next turn.
    let Ok(client) = nodes::client_by_id(ctx, node).await else {
        return Ok(());
    };
    let Ok(Ok(known)) = timeout(ANSWER_WITHIN, client.workspaces()).await else {
        return Ok(());
    };
    let known: HashMap<WorkspaceId, NodeWorkspace> = known
        .items
        .into_iter()
        .map(|known| (known.id, known))
        .collect();
    let rows = store::list_on(&mut *ctx.read().await?, node).await?;
    for row in rows {
        let known = known.get(&row.workspace.id);
        let runs = known.is_some_and(|known| known.state == ActualState::Running);
        match row.workspace.state {
            WorkspaceState::Running if !runs => fell(ctx, &row, known).await?,
            WorkspaceState::Starting | WorkspaceState::Stopping => repair_job(ctx, &row).await?,
            WorkspaceState::Stopped | WorkspaceState::Deleted if runs => {
                let spec = jobs::spec(ctx, &row, DesiredState::Stopped);
                if let Err(error) = client.apply(row.workspace.id, &spec).await {
                    tracing::warn!(
                        workspace.id = %row.workspace.id, error = %Chain(&error),
                        "a workspace runs that should not, and cannot be stopped"
                    );
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// A workspace that should run does not: says why.
async fn fell(ctx: &Ctx, seen: &WorkspaceRow, known: Option<&NodeWorkspace>) -> Result<()> {
    let id = seen.workspace.id;
    let Some((mut tx, mut row)) = jobs::held(ctx, id, seen.generation).await? else {
        return Ok(());
    };
    if row.workspace.state != WorkspaceState::Running {
        return Ok(());
    }
    let (state, reason) = match known {
        Some(known) if known.state == ActualState::Failed => (
            WorkspaceState::Failed,
            known
                .detail
                .clone()
                .unwrap_or_else(|| "It ended by itself.".to_owned()),
        ),
        _ => (
            WorkspaceState::Stopped,
            "It was no longer running when the server came back. Start it to go on.".to_owned(),
        ),
    };
    service::set_state(ctx, &mut row, state, Some(reason));
    service::save(&mut tx, &mut row, None).await?;
    tx.commit().await
}

/// A start or stop whose job is lost gets one again; the idempotency key makes it one only.
async fn repair_job(ctx: &Ctx, seen: &WorkspaceRow) -> Result<()> {
    let mut tx = ctx.begin().await?;
    if seen.workspace.state == WorkspaceState::Starting {
        tx.enqueue(&WorkspaceStart::of(seen), jobs::options(seen))
            .await?;
    } else {
        tx.enqueue(&WorkspaceStop::of(seen, false), jobs::options(seen))
            .await?;
    }
    tx.commit().await
}

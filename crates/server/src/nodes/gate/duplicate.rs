//! Two machines with one key: a disk was copied.

use std::time::Duration;

use atelier_api::node::NodeInfo;
use atelier_tunnel::Reason;

use super::{Decision, refused};
use crate::ctx::Ctx;
use crate::error::Result;
use crate::names;
use crate::nodes::store::{self, NodeRow};
use crate::nodes::{service, wire};

/// How long the connected one may take to show that it lives.
const PROBE: Duration = Duration::from_secs(2);

/// The copy may have been switched off, or the first one.
const RETRY: Duration = Duration::from_secs(60);

/// Refuses another daemon while the one that is connected still answers, and warns of both. One that
/// does not answer is replaced: it is the same machine, started again.
pub(super) async fn check(
    ctx: &Ctx,
    row: &NodeRow,
    instance: &str,
    info: &NodeInfo,
) -> Decision<()> {
    let tunnel = ctx.app().nodes().tunnels.tunnel(&row.id);
    if tunnel
        .instance()
        .is_none_or(|connected| connected == instance)
    {
        return Ok(());
    }
    if !tunnel.is_alive(PROBE).await {
        return Ok(());
    }
    let place = |address: Option<&str>, info: Option<&NodeInfo>| {
        let hostname = info.map_or("unknown host", |info| info.hostname.as_str());
        let shown = hostname.chars().take(64);
        let hostname: String = shown.filter(|c| !names::is_unprintable(*c)).collect();
        format!("{} ({hostname})", address.unwrap_or("an unknown address"))
    };
    let warning = format!(
        "Two machines use the key of this server: one is connected from {}, another was refused \
         from {}. If the machine was copied, join the copy with a token of its own and --new-key.",
        place(row.address.as_deref(), row.info.as_ref()),
        place(ctx.origin().address.as_deref(), Some(info)),
    );
    warn(ctx, row, &warning).await?;
    refused(Reason::Duplicate, warning, RETRY)
}

async fn warn(ctx: &Ctx, seen: &NodeRow, warning: &str) -> Result<()> {
    if seen.warning.as_deref() == Some(warning) {
        return Ok(());
    }
    let mut tx = ctx.begin().await?;
    tx.lock(&service::lock_scope(seen.id)).await?;
    let Some(mut row) = store::find(&mut tx, seen.id).await? else {
        return Ok(());
    };
    tracing::warn!(node.id = %row.id, "{warning}");
    row.warning = Some(warning.to_owned());
    store::update(&mut tx, &row).await?;
    tx.publish(row.organization_id, wire::changed(ctx.app(), &row));
    tx.commit().await
}

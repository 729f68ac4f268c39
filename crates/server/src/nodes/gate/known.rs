//! A server that has joined before and connects.

use std::sync::Arc;
use std::time::Duration;

use atelier_api::ErrorCode;
use atelier_api::node::NodeInfo;
use atelier_api::v1::nodes::NodeIdentity;
use atelier_tunnel::{End, Reason};

use super::{Decision, denied, join, refused};
use crate::ctx::Ctx;
use crate::nodes::presence::Presence;
use crate::nodes::rows::{self, Read};
use crate::nodes::store::{self, NodeRow};
use crate::nodes::{service, wire};

/// A revoked server can come back only by joining again, which asks anew.
const REVOKED_RETRY: Duration = Duration::from_secs(10 * 60);

/// The row of whoever has this key and says to be this node.
pub(super) async fn find(ctx: &Ctx, identity: &NodeIdentity, public_key: &str) -> Decision<Read> {
    let Some(id) = identity.node_id else {
        return denied(
            "This server has not joined yet. Run `atelier node join` with a join token on it.",
        );
    };
    let read = match rows::read(ctx, id).await {
        Ok(read) if !read.row.local => read,
        Err(error) if error.code() != ErrorCode::NotFound => return Err(error.into()),
        _ => {
            return denied(
                "This server is not known here: it was removed. Run `atelier node join` with a new \
                 join token on it.",
            );
        }
    };
    check(&read.row, public_key)?;
    Ok(read)
}

fn check(row: &NodeRow, public_key: &str) -> Decision<()> {
    if row.revoked {
        return refused(
            Reason::Revoked,
            "This server was revoked. Run `atelier node join` with a new join token on it.",
            REVOKED_RETRY,
        );
    }
    if row.public_key.as_deref() != Some(public_key) {
        return denied(
            "This server has joined with another key. If its key was lost, run `atelier node \
             join` with a join token for this very server on it.",
        );
    }
    Ok(())
}

/// Why what let a server in does not hold any more; nothing while it does.
pub(in crate::nodes) async fn lost_right(ctx: &Ctx, read: &Read) -> Option<End> {
    if ctx.app().db().is_unchanged_since(read.generation) {
        return None;
    }
    let key = read.row.public_key.as_deref().unwrap_or_default();
    match rows::read(ctx, read.row.id).await {
        Ok(now) if check(&now.row, key).is_ok() => None,
        Ok(now) if now.row.revoked => Some(End::Revoked),
        Ok(_) => Some(End::Rejoined),
        Err(error) => Some(End::Killed(format!(
            "the server's row is gone or cannot be read: {error}"
        ))),
    }
}

/// Writes down what the connection tells, if it is new. A warning of before is settled: who has it is
/// here, and alone.
pub(super) async fn refresh(
    ctx: &Ctx,
    read: Read,
    public_key: &str,
    info: &NodeInfo,
) -> Decision<Read> {
    let Read { row, generation } = &read;
    let is_known = row.info.as_ref() == Some(info)
        && row.address == ctx.origin().address
        && row.warning.is_none();
    if is_known {
        return Ok(read);
    }
    let generation = *generation;
    let mut tx = ctx.begin().await?;
    tx.lock(&service::lock_scope(row.id)).await?;
    let Some(mut row) = store::find(&mut tx, row.id).await? else {
        return denied("This server is not known here: it was removed just now.");
    };
    check(&row, public_key)?;
    join::seen(ctx, &mut row, info);
    row.warning = None;
    store::update(&mut tx, &row).await?;
    let counts_as_there = |presence: Presence| presence.online;
    if ctx
        .app()
        .nodes()
        .presences
        .get(row.id)
        .is_some_and(counts_as_there)
    {
        // Else its arrival is told with what is written here.
        tx.publish(row.organization_id, wire::changed(ctx.app(), &row));
    }
    tx.commit().await?;
    Ok(Read {
        row: Arc::new(row),
        generation,
    })
}

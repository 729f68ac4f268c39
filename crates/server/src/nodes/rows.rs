//! Rows for those who need one at a time: read many at once, and kept for as long as they are exact.
//!
//! Thousands of servers that come back ask for theirs within seconds: one read is for all who came during the one before.

use std::collections::HashMap;
use std::sync::Arc;

use atelier_api::ids::{NodeId, OrganizationId};
use atelier_db::ReadCache;

use super::store::{self, Filter, NodeRow};
use super::together::{Together, Turns, Waiting};
use crate::ctx::{Conn, Ctx};
use crate::error::{Chain, Error, Result};

/// How many pages of lists are kept, of at most 200 rows: some megabytes.
const PAGES_MAX: usize = 16;

/// Rows of nodes, as they are.
#[derive(Debug)]
pub(super) struct Rows {
    /// What every request to a node asks for.
    kept: ReadCache<NodeId, Arc<NodeRow>>,
    /// What every open list asks for, again and again while servers come and go.
    pages: ReadCache<PageKey, Arc<Vec<NodeRow>>>,
    line: Together<NodeId, Option<Read>>,
}

/// What page is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PageKey {
    pub(super) organization: OrganizationId,
    pub(super) filter: Filter,
    /// The last id of the page before.
    pub(super) after: String,
    /// How many rows.
    pub(super) limit: u32,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            kept: ReadCache::default(),
            pages: ReadCache::holding(PAGES_MAX),
            line: Together::default(),
        }
    }
}

/// A row, and what [`atelier_db::Db::generation`] was before it was read.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) row: Arc<NodeRow>,
    pub(super) generation: u64,
}

/// A row as it is, save when the node was last seen.
///
/// # Errors
/// `not_found` when there is none.
pub(super) async fn cached(ctx: &Ctx, id: NodeId) -> Result<Arc<NodeRow>> {
    let (rows, db) = (&ctx.app().nodes().rows, ctx.app().db());
    if let Some(row) = rows.kept.get(db, &id) {
        return Ok(row);
    }
    let Read { row, generation } = read(ctx, id).await?;
    rows.kept.put(db, generation, id, Arc::clone(&row));
    Ok(row)
}

/// The same for one who needs it once: it is read, and not kept.
///
/// # Errors
/// `not_found` when there is none.
pub(super) async fn read(ctx: &Ctx, id: NodeId) -> Result<Read> {
    let (answered, turns) = ctx.app().nodes().rows.line.ask(id);
    if let Some(turns) = turns {
        let serve = serve(ctx.clone(), turns);
        ctx.app().tasks().spawn("node_rows", serve);
    }
    match answered.await {
        Ok(read) => read.ok_or_else(|| Error::not_found("server")),
        // That read failed, for all who waited, or the control plane stops. Its own tells each why.
        Err(_) => alone(ctx, id).await,
    }
}

/// A page of a list, as it is, save when nodes were last seen that have been here since.
pub(super) async fn page(ctx: &Ctx, key: PageKey) -> Result<Arc<Vec<NodeRow>>> {
    let (pages, db) = (&ctx.app().nodes().rows.pages, ctx.app().db());
    if let Some(rows) = pages.get(db, &key) {
        return Ok(rows);
    }
    let generation = db.generation();
    let mut conn = ctx.read().await?;
    let rows = store::list(
        &mut conn,
        key.organization,
        &key.filter,
        &key.after,
        key.limit,
    )
    .await?;
    let rows = Arc::new(rows);
    pages.put(db, generation, key, Arc::clone(&rows));
    Ok(rows)
}

async fn alone(ctx: &Ctx, id: NodeId) -> Result<Read> {
    let generation = ctx.app().db().generation();
    let row = load(&mut *ctx.read().await?, id).await?;
    Ok(Read {
        row: Arc::new(row),
        generation,
    })
}

/// A row, read on this connection.
///
/// # Errors
/// `not_found` when there is none.
pub(super) async fn load(conn: &mut Conn, id: NodeId) -> Result<NodeRow> {
    store::find(conn, id)
        .await?
        .ok_or_else(|| Error::not_found("server"))
}

/// Reads for all who wait, until nobody does.
async fn serve(ctx: Ctx, mut turns: Turns<NodeId, Option<Read>>) {
    while let Some(waiting) = turns.next(usize::MAX) {
        answer(&ctx, waiting).await;
    }
}

async fn answer(ctx: &Ctx, waiting: Vec<Waiting<NodeId, Option<Read>>>) {
    // Only after they came: what was written before they asked is seen.
    let generation = ctx.app().db().generation();
    let ids: Vec<_> = waiting.iter().map(|(id, _)| *id).collect();
    match find(ctx, &ids).await {
        Ok(rows) => {
            for (id, answer) in waiting {
                let row = rows.get(&id).cloned();
                let _ = answer.send(row.map(|row| Read { row, generation }));
            }
        }
        Err(error) => {
            tracing::debug!(error = %Chain(&error), "rows of servers could not be read together");
        }
    }
}

async fn find(ctx: &Ctx, ids: &[NodeId]) -> Result<HashMap<NodeId, Arc<NodeRow>>> {
    let rows = store::find_many(&mut *ctx.read().await?, ids).await?;
    let rows = rows.into_iter().map(|row| (row.id, Arc::new(row)));
    Ok(rows.collect())
}

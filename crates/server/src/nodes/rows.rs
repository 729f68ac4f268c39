//! Rows for those who need one at a time: read many at once, and kept for as long as they are exact.
//!
//! Thousands of servers that come back ask for theirs within seconds. Each waits for the read that is
//! under way, and the next one is for all who came meanwhile: never for fewer than need it, and none
//! waits for a clock.

use std::collections::HashMap;
use std::sync::Arc;

use atelier_api::ids::{NodeId, OrganizationId};
use atelier_db::ReadCache;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::store::{self, Filter, NodeRow};
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
    line: Mutex<Line>,
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
            line: Mutex::default(),
        }
    }
}

/// Those who wait for the next read.
#[derive(Debug, Default)]
struct Line {
    /// Somebody reads, and reads on until nobody waits.
    reading: bool,
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    id: NodeId,
    answer: oneshot::Sender<Option<Read>>,
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
    let (answer, answered) = oneshot::channel();
    let first = {
        let mut line = ctx.app().nodes().rows.line.lock();
        line.waiting.push(Waiting { id, answer });
        !std::mem::replace(&mut line.reading, true)
    };
    if first {
        let turn = Turn {
            ctx: ctx.clone(),
            ended: false,
        };
        ctx.app().tasks().spawn("node_rows", turn.serve());
    }
    match answered.await {
        Ok(read) => read.ok_or_else(|| Error::not_found("server")),
        // That read failed, for all who waited. Its own tells each why.
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

/// The one who reads.
struct Turn {
    ctx: Ctx,
    ended: bool,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.ended {
            // At the shutdown no task goes on. Who waits reads alone.
            let mut line = self.ctx.app().nodes().rows.line.lock();
            *line = Line::default();
        }
    }
}

impl Turn {
    /// Reads for all who wait, until nobody does.
    async fn serve(mut self) {
        while let Some(waiting) = self.next() {
            answer(&self.ctx, waiting).await;
        }
    }

    fn next(&mut self) -> Option<Vec<Waiting>> {
        let mut line = self.ctx.app().nodes().rows.line.lock();
        if line.waiting.is_empty() {
            (line.reading, self.ended) = (false, true);
            return None;
        }
        Some(std::mem::take(&mut line.waiting))
    }
}

async fn answer(ctx: &Ctx, waiting: Vec<Waiting>) {
    // Only after they came: what was written before they asked is seen.
    let generation = ctx.app().db().generation();
    match find(ctx, &waiting).await {
        Ok(rows) => {
            for Waiting { id, answer } in waiting {
                let row = rows.get(&id).cloned();
                // Whoever has gone needs it no more.
                let _ = answer.send(row.map(|row| Read { row, generation }));
            }
        }
        Err(error) => {
            tracing::debug!(error = %Chain(&error), "rows of servers could not be read together");
        }
    }
}

async fn find(ctx: &Ctx, waiting: &[Waiting]) -> Result<HashMap<NodeId, Arc<NodeRow>>> {
    let ids: Vec<_> = waiting.iter().map(|waiting| waiting.id).collect();
    let rows = store::find_many(&mut *ctx.read().await?, &ids).await?;
    let rows = rows.into_iter().map(|row| (row.id, Arc::new(row)));
    Ok(rows.collect())
}

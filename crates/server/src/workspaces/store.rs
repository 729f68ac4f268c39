//! All SQL on `workspaces`.

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, NodeId, OrganizationId, WorkspaceId};
use atelier_api::v1::workspaces::{Workspace, WorkspaceState};
use atelier_db::DbError;
use atelier_db::sqlx::{self, Row as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ctx::Conn;
use crate::ctx::column::{corrupt, number, parsed};
use crate::error::{Error, Result};

/// A workspace as it is stored: what is public, and what is not.
#[derive(Debug, Clone)]
pub(super) struct WorkspaceRow {
    pub(super) workspace: Workspace,
    pub(super) name_key: String,
    /// Counts the wishes: every start, stop and delete raises it.
    pub(super) generation: u64,
    /// The repository has been cloned.
    pub(super) cloned: bool,
}

/// What authorization and forwarding need of a workspace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placement {
    pub(super) organization: OrganizationId,
    pub(super) owner: AccountId,
    pub(super) node: NodeId,
    pub(super) state: WorkspaceState,
}

/// The columns of a row, with the names of owner and node joined in.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT w.*, a.name AS owner_name, n.name AS node_name FROM workspaces w \
             JOIN accounts a ON a.id = w.owner_id JOIN nodes n ON n.id = w.node_id ",
            $rest
        )
    };
}

fn json<T: DeserializeOwned>(row: &atelier_db::Row, column: &'static str) -> Result<T> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|error| corrupt(column, &error))
}

/// An enumeration as the one word that serde writes for it.
fn word<T: Serialize>(value: T) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        Ok(other) => Err(Error::internal(format!("{other} is stored as one word"))),
        Err(error) => Err(Error::internal(error)),
    }
}

fn unword<T: DeserializeOwned>(row: &atelier_db::Row, column: &'static str) -> Result<T> {
    let text: String = row.try_get(column)?;
    serde_json::from_value(serde_json::Value::String(text)).map_err(|error| corrupt(column, &error))
}

fn row(row: &atelier_db::Row) -> Result<WorkspaceRow> {
    Ok(WorkspaceRow {
        workspace: Workspace {
            id: parsed(row, "id")?,
            organization_id: parsed(row, "organization_id")?,
            owner_id: parsed(row, "owner_id")?,
            owner_name: row.try_get("owner_name")?,
            name: row.try_get("name")?,
            node_id: parsed(row, "node_id")?,
            node_name: row.try_get("node_name")?,
            driver: unword(row, "driver")?,
            source: json(row, "source")?,
            state: unword(row, "state")?,
            state_since: Timestamp(row.try_get("state_since")?),
            state_reason: row.try_get("state_reason")?,
            steps: json(row, "steps")?,
            limits: json(row, "limits")?,
            created_at: Timestamp(row.try_get("created_at")?),
            deleted_at: row.try_get::<Option<i64>, _>("deleted_at")?.map(Timestamp),
            version: number(row, "version")?,
        },
        name_key: row.try_get("name_key")?,
        generation: number(row, "generation")?,
        cloned: row.try_get::<i64, _>("cloned")? != 0,
    })
}

pub(super) async fn find(conn: &mut Conn, id: WorkspaceId) -> Result<Option<WorkspaceRow>> {
    let found = sqlx::query(select!("WHERE w.id = $1"))
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    found.as_ref().map(row).transpose()
}

pub(super) async fn placement(conn: &mut Conn, id: WorkspaceId) -> Result<Option<Placement>> {
    let found = sqlx::query(
        "SELECT organization_id, owner_id, node_id, state FROM workspaces WHERE id = $1",
    )
    .bind(id.to_string())
    .fetch_optional(conn)
    .await?;
    found
        .map(|row| {
            Ok(Placement {
                organization: parsed(&row, "organization_id")?,
                owner: parsed(&row, "owner_id")?,
                node: parsed(&row, "node_id")?,
                state: unword(&row, "state")?,
            })
        })
        .transpose()
}

/// Newest first, from before `before` on; with a node, those on it alone.
pub(super) async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    deleted: bool,
    node: Option<NodeId>,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<WorkspaceRow>> {
    // `~` sorts after every id.
    let before = before.unwrap_or("~");
    let query = match (deleted, node) {
        (false, None) => select!(
            "WHERE w.organization_id = $1 AND w.id < $2 AND w.deleted_at IS NULL \
             ORDER BY w.id DESC LIMIT $3"
        ),
        (true, None) => select!(
            "WHERE w.organization_id = $1 AND w.id < $2 AND w.deleted_at IS NOT NULL \
             ORDER BY w.id DESC LIMIT $3"
        ),
        (false, Some(_)) => select!(
            "WHERE w.organization_id = $1 AND w.id < $2 AND w.node_id = $4 \
             AND w.deleted_at IS NULL ORDER BY w.id DESC LIMIT $3"
        ),
        (true, Some(_)) => select!(
            "WHERE w.organization_id = $1 AND w.id < $2 AND w.node_id = $4 \
             AND w.deleted_at IS NOT NULL ORDER BY w.id DESC LIMIT $3"
        ),
    };
    let query = sqlx::query(query)
        .bind(organization.to_string())
        .bind(before.to_owned())
        .bind(i64::from(limit));
    let query = match node {
        None => query,
        Some(node) => query.bind(node.to_string()),
    };
    let rows = query.fetch_all(conn).await?;
    rows.iter().map(row).collect()
}

/// Everything on a node, for the reconciler.
pub(super) async fn list_on(conn: &mut Conn, node: NodeId) -> Result<Vec<WorkspaceRow>> {
    let rows = sqlx::query(select!("WHERE w.node_id = $1 ORDER BY w.id"))
        .bind(node.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(row).collect()
}

/// The nodes that have workspaces.
pub(super) async fn nodes_in_use(conn: &mut Conn) -> Result<Vec<NodeId>> {
    let rows = sqlx::query("SELECT DISTINCT node_id FROM workspaces")
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| parsed(row, "node_id")).collect()
}

/// How many a node has: those that were not deleted, and those that were.
pub(super) async fn count_on(conn: &mut Conn, node: NodeId) -> Result<(u64, u64)> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS total, COUNT(deleted_at) AS deleted FROM workspaces WHERE node_id = $1",
    )
    .bind(node.to_string())
    .fetch_one(conn)
    .await?;
    let (total, deleted): (u64, u64) = (number(&row, "total")?, number(&row, "deleted")?);
    Ok((total - deleted, deleted))
}

/// The deleted ones on a node.
pub(super) async fn deleted_on(conn: &mut Conn, node: NodeId) -> Result<Vec<WorkspaceId>> {
    let rows =
        sqlx::query("SELECT id FROM workspaces WHERE node_id = $1 AND deleted_at IS NOT NULL")
            .bind(node.to_string())
            .fetch_all(conn)
            .await?;
    rows.iter().map(|row| parsed(row, "id")).collect()
}

pub(super) async fn count(conn: &mut Conn, organization: OrganizationId) -> Result<u64> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM workspaces WHERE organization_id = $1 AND deleted_at IS NULL",
    )
    .bind(organization.to_string())
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The unique index on names answers as `name_taken`.
fn taken(name: &str) -> impl Fn(sqlx::Error) -> Error {
    move |error| match DbError::from(error) {
        DbError::Unique(_) => Error::name_taken(name),
        other => other.into(),
    }
}

pub(super) async fn insert(conn: &mut Conn, row: &WorkspaceRow) -> Result<()> {
    let w = &row.workspace;
    sqlx::query(
        "INSERT INTO workspaces (id, organization_id, owner_id, name, name_key, node_id, driver, \
         source, state, state_since, state_reason, steps, limits, generation, cloned, created_at, \
         deleted_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, NULL, $17)",
    )
    .bind(w.id.to_string())
    .bind(w.organization_id.to_string())
    .bind(w.owner_id.to_string())
    .bind(&w.name)
    .bind(&row.name_key)
    .bind(w.node_id.to_string())
    .bind(word(w.driver)?)
    .bind(serde_json::to_string(&w.source).map_err(Error::internal)?)
    .bind(word(w.state)?)
    .bind(w.state_since.0)
    .bind(w.state_reason.as_deref())
    .bind(serde_json::to_string(&w.steps).map_err(Error::internal)?)
    .bind(serde_json::to_string(&w.limits).map_err(Error::internal)?)
    .bind(i64::try_from(row.generation).map_err(Error::internal)?)
    .bind(i64::from(row.cloned))
    .bind(w.created_at.0)
    .bind(i64::try_from(w.version).map_err(Error::internal)?)
    .execute(conn)
    .await
    .map_err(taken(&w.name))?;
    Ok(())
}

/// Writes what can change, raising `version`.
pub(super) async fn update(conn: &mut Conn, row: &mut WorkspaceRow) -> Result<()> {
    row.workspace.version += 1;
    let w = &row.workspace;
    sqlx::query(
        "UPDATE workspaces SET name = $2, name_key = $3, state = $4, state_since = $5, \
         state_reason = $6, steps = $7, generation = $8, cloned = $9, deleted_at = $10, \
         version = $11 WHERE id = $1",
    )
    .bind(w.id.to_string())
    .bind(&w.name)
    .bind(&row.name_key)
    .bind(word(w.state)?)
    .bind(w.state_since.0)
    .bind(w.state_reason.as_deref())
    .bind(serde_json::to_string(&w.steps).map_err(Error::internal)?)
    .bind(i64::try_from(row.generation).map_err(Error::internal)?)
    .bind(i64::from(row.cloned))
    .bind(w.deleted_at.map(|at| at.0))
    .bind(i64::try_from(w.version).map_err(Error::internal)?)
    .execute(conn)
    .await
    .map_err(taken(&w.name))?;
    Ok(())
}

pub(super) async fn delete(conn: &mut Conn, id: WorkspaceId) -> Result<()> {
    sqlx::query("DELETE FROM workspaces WHERE id = $1")
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

//! All SQL on `repositories` and `repository_looks`.

use std::collections::BTreeMap;
use std::fmt;

use atelier_api::Timestamp;
use atelier_api::agent::git::GitFound;
use atelier_api::ids::{AccountId, OrganizationId, WorkspaceId};
use atelier_api::v1::repositories::Repository;
use atelier_db::Row;
use atelier_db::sqlx::{self, Row as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ctx::Conn;
use crate::ctx::column::{corrupt, parsed};
use crate::error::{Error, Result};

/// A row's place in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    committed_at: i64,
    workspace: WorkspaceId,
    path: String,
}

impl Place {
    /// Reads a cursor.
    pub(super) fn parse(cursor: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let mut parts = text.splitn(3, ':');
        Some(Self {
            committed_at: parts.next()?.parse().ok()?,
            workspace: parts.next()?.parse().ok()?,
            path: parts.next()?.to_owned(),
        })
    }
}

/// The cursor.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}:{}:{}", self.committed_at, self.workspace, self.path);
        f.write_str(&URL_SAFE_NO_PAD.encode(text))
    }
}

/// What a page is to hold.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) organization: OrganizationId,
    /// Only of this person's workspaces.
    pub(super) owner: Option<AccountId>,
    pub(super) workspace: Option<WorkspaceId>,
    /// In lower case; empty for all.
    pub(super) search: String,
    pub(super) after: Option<Place>,
}

/// A repository, and its place in the order.
#[derive(Debug)]
pub(super) struct RepositoryRow {
    pub(super) repository: Repository,
    pub(super) place: Place,
}

fn found(row: &Row) -> Result<GitFound> {
    let found: &str = row.try_get("found")?;
    serde_json::from_str(found).map_err(|error| corrupt("found", &error))
}

fn repository_row(row: &Row) -> Result<RepositoryRow> {
    let workspace_id: WorkspaceId = parsed(row, "workspace_id")?;
    Ok(RepositoryRow {
        place: Place {
            committed_at: row.try_get("committed_at")?,
            workspace: workspace_id,
            path: row.try_get("path")?,
        },
        repository: Repository {
            workspace_id,
            workspace_name: row.try_get("workspace_name")?,
            owner_id: parsed(row, "owner_id")?,
            owner_name: row.try_get("owner_name")?,
            node_name: row.try_get("node_name")?,
            running: row.try_get::<&str, _>("state")? == "running",
            looked_at: Timestamp(row.try_get("looked_at")?),
            found: found(row)?,
        },
    })
}

/// A page: the newest commits first.
pub(super) async fn repositories(
    conn: &mut Conn,
    wanted: &Wanted,
    limit: u32,
) -> Result<Vec<RepositoryRow>> {
    let any = String::new;
    let (committed_at, workspace, path) = match &wanted.after {
        Some(after) => (
            after.committed_at,
            after.workspace.to_string(),
            after.path.clone(),
        ),
        None => (i64::MAX, any(), any()),
    };
    // What a pattern means by itself is searched for as it is.
    let search = wanted
        .search
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_");
    let rows = sqlx::query(
        "SELECT r.*, l.looked_at, w.name AS workspace_name, w.state, w.owner_id, \
         a.name AS owner_name, n.name AS node_name \
         FROM repositories r \
         JOIN repository_looks l ON l.workspace_id = r.workspace_id \
         JOIN workspaces w ON w.id = r.workspace_id \
         JOIN accounts a ON a.id = w.owner_id \
         JOIN nodes n ON n.id = w.node_id \
         WHERE w.organization_id = $1 AND w.deleted_at IS NULL \
         AND ($2 = '' OR w.owner_id = $2) AND ($3 = '' OR r.workspace_id = $3) \
         AND (r.words LIKE $4 ESCAPE '!' OR w.name_key LIKE $4 ESCAPE '!') \
         AND (r.committed_at < $5 OR (r.committed_at = $5 AND \
         (r.workspace_id > $6 OR (r.workspace_id = $6 AND r.path > $7)))) \
         ORDER BY r.committed_at DESC, r.workspace_id, r.path LIMIT $8",
    )
    .bind(wanted.organization.to_string())
    .bind(wanted.owner.map_or_else(any, |id| id.to_string()))
    .bind(wanted.workspace.map_or_else(any, |id| id.to_string()))
    .bind(format!("%{search}%"))
    .bind(committed_at)
    .bind(workspace)
    .bind(path)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(repository_row).collect()
}

/// The workspaces that run, newest first.
pub(super) async fn running(
    conn: &mut Conn,
    organization: OrganizationId,
    owner: Option<AccountId>,
    limit: u32,
) -> Result<Vec<WorkspaceId>> {
    let rows = sqlx::query(
        "SELECT id FROM workspaces WHERE organization_id = $1 AND state = 'running' \
         AND ($2 = '' OR owner_id = $2) ORDER BY id DESC LIMIT $3",
    )
    .bind(organization.to_string())
    .bind(owner.map_or_else(String::new, |id| id.to_string()))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| parsed(row, "id")).collect()
}

/// Whether what was seen then may be kept: the workspace is there, and nothing newer is kept.
pub(super) async fn may_keep(
    conn: &mut Conn,
    workspace: WorkspaceId,
    looked_at: Timestamp,
) -> Result<bool> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM workspaces w WHERE w.id = $1 AND NOT EXISTS \
         (SELECT 1 FROM repository_looks l WHERE l.workspace_id = $1 AND l.looked_at > $2)",
    )
    .bind(workspace.to_string())
    .bind(looked_at.0)
    .fetch_one(conn)
    .await?;
    Ok(count > 0)
}

/// What is kept of a workspace's repositories, by their paths; nothing where one cannot be read.
pub(super) async fn kept(
    conn: &mut Conn,
    workspace: WorkspaceId,
) -> Result<Option<BTreeMap<String, GitFound>>> {
    let rows = sqlx::query("SELECT found FROM repositories WHERE workspace_id = $1")
        .bind(workspace.to_string())
        .fetch_all(conn)
        .await?;
    let kept: Result<_> = rows
        .iter()
        .map(|row| found(row).map(|found| (found.path.clone(), found)))
        .collect();
    Ok(kept.ok())
}

/// Keeps what was found in place of what was kept.
pub(super) async fn keep(
    conn: &mut Conn,
    workspace: WorkspaceId,
    found: impl Iterator<Item = &GitFound>,
) -> Result<()> {
    sqlx::query("DELETE FROM repositories WHERE workspace_id = $1")
        .bind(workspace.to_string())
        .execute(&mut *conn)
        .await?;
    for one in found {
        let words = [Some(&one.path), one.branch.as_ref(), one.remote.as_ref()];
        let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
        sqlx::query(
            "INSERT INTO repositories (workspace_id, path, found, words, committed_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(workspace.to_string())
        .bind(&one.path)
        .bind(serde_json::to_string(one).map_err(Error::internal)?)
        .bind(words.join("\n").to_lowercase())
        .bind(one.last_commit.as_ref().map_or(0, |last| last.at.0))
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Keeps when a workspace was looked at, and whether it has more than was told.
pub(super) async fn looked(
    conn: &mut Conn,
    workspace: WorkspaceId,
    at: Timestamp,
    truncated: bool,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO repository_looks (workspace_id, looked_at, truncated) VALUES ($1, $2, $3) \
         ON CONFLICT (workspace_id) DO UPDATE SET looked_at = excluded.looked_at, \
         truncated = excluded.truncated",
    )
    .bind(workspace.to_string())
    .bind(at.0)
    .bind(i64::from(truncated))
    .execute(conn)
    .await?;
    Ok(())
}

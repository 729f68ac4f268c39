//! All SQL on `audit_events` and `audit_heads`.

use atelier_api::Timestamp;
use atelier_api::ids::{AuditEventId, OrganizationId};
use atelier_api::v1::audit::{AuditEvent, AuditOutcome};
use atelier_db::sqlx::{self, Row as _};
use atelier_db::{DbError, Row};

use super::chain::{self, GENESIS};
use crate::ctx::Conn;
use crate::error::{Error, Result};

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) sequence: u64,
    pub(super) hash: String,
}

/// An event with the text of its details as it is stored, which the hash covers.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) event: AuditEvent,
    pub(super) details: String,
}

/// Where the chain ends; an empty one at its beginning.
pub(super) async fn head(conn: &mut Conn, organization: OrganizationId) -> Result<Head> {
    let row = sqlx::query("SELECT sequence, hash FROM audit_heads WHERE organization_id = $1")
        .bind(organization.to_string())
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else {
        return Ok(Head {
            sequence: 0,
            hash: GENESIS.to_owned(),
        });
    };
    Ok(Head {
        sequence: sequence(&row)?,
        hash: row.try_get("hash")?,
    })
}

pub(super) async fn set_head(
    conn: &mut Conn,
    organization: OrganizationId,
    sequence: u64,
    hash: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO audit_heads (organization_id, sequence, hash) VALUES ($1, $2, $3) \
         ON CONFLICT (organization_id) \
         DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
    )
    .bind(organization.to_string())
    .bind(i64::try_from(sequence).map_err(Error::internal)?)
    .bind(hash)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn insert(conn: &mut Conn, event: &AuditEvent, details: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO audit_events (organization_id, sequence, id, at, actor, actor_name, action, \
         resource, outcome, details, address, request_id, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(event.organization_id.to_string())
    .bind(i64::try_from(event.sequence).map_err(Error::internal)?)
    .bind(event.id.to_string())
    .bind(event.at.0)
    .bind(event.actor.as_str())
    .bind(event.actor_name.as_str())
    .bind(event.action.as_str())
    .bind(event.resource.as_deref())
    .bind(chain::outcome(event.outcome))
    .bind(details)
    .bind(event.address.as_deref())
    .bind(event.request_id.as_deref())
    .bind(event.hash.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// Newest first, those before a place in the chain; with a resource, those of it alone.
pub(super) async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    resource: Option<&str>,
    before: i64,
    limit: u32,
) -> Result<Vec<Stored>> {
    // A text of its own for each: one that fits both would not use the index.
    let query = match resource {
        None => sqlx::query(
            "SELECT * FROM audit_events WHERE organization_id = $1 AND sequence < $2 \
             ORDER BY sequence DESC LIMIT $3",
        ),
        Some(_) => sqlx::query(
            "SELECT * FROM audit_events WHERE organization_id = $1 AND sequence < $2 \
             AND resource = $4 ORDER BY sequence DESC LIMIT $3",
        ),
    };
    let query = query
        .bind(organization.to_string())
        .bind(before)
        .bind(i64::from(limit));
    let query = match resource {
        None => query,
        Some(resource) => query.bind(resource.to_owned()),
    };
    let rows = query.fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Oldest first, those after a place in the chain.
pub(super) async fn follow(
    conn: &mut Conn,
    organization: OrganizationId,
    after: i64,
    limit: u32,
) -> Result<Vec<Row>> {
    let rows = sqlx::query(
        "SELECT * FROM audit_events WHERE organization_id = $1 AND sequence > $2 \
         ORDER BY sequence LIMIT $3",
    )
    .bind(organization.to_string())
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Every organization that has a chain, or should have one.
pub(super) async fn organizations(conn: &mut Conn) -> Result<Vec<OrganizationId>> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT organization_id FROM audit_heads \
         UNION SELECT organization_id FROM audit_events ORDER BY organization_id",
    )
    .fetch_all(conn)
    .await?;
    ids.iter()
        .map(|id| id.parse().map_err(Error::internal))
        .collect()
}

/// A row's place, readable even where the rest is not.
pub(super) fn place(row: &Row) -> Result<i64> {
    Ok(row.try_get("sequence")?)
}

pub(super) fn read(row: &Row) -> Result<Stored> {
    let parsed = |column: &'static str, text: String| DbError::Corrupt {
        column,
        detail: format!("unexpected value {text:?}"),
    };
    let id: String = row.try_get("id")?;
    let id: AuditEventId = id.parse().map_err(|_| parsed("id", id))?;
    let organization: String = row.try_get("organization_id")?;
    let organization_id = organization
        .parse()
        .map_err(|_| parsed("organization_id", organization))?;
    let outcome: String = row.try_get("outcome")?;
    let outcome = match outcome.as_str() {
        "success" => AuditOutcome::Success,
        "denied" => AuditOutcome::Denied,
        "failure" => AuditOutcome::Failure,
        _ => return Err(parsed("outcome", outcome).into()),
    };
    let details: String = row.try_get("details")?;
    let event = AuditEvent {
        id,
        organization_id,
        sequence: sequence(row)?,
        at: Timestamp(row.try_get("at")?),
        actor: row.try_get("actor")?,
        actor_name: row.try_get("actor_name")?,
        action: row.try_get("action")?,
        resource: row.try_get("resource")?,
        outcome,
        details: serde_json::from_str(&details)
            .map_err(|error| parsed("details", error.to_string()))?,
        address: row.try_get("address")?,
        request_id: row.try_get("request_id")?,
        hash: row.try_get("hash")?,
    };
    Ok(Stored { event, details })
}

fn sequence(row: &Row) -> Result<u64> {
    let sequence: i64 = row.try_get("sequence")?;
    u64::try_from(sequence).map_err(Error::internal)
}

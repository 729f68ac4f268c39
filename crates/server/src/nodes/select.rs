//! Servers as other features pick them: by id, or by labels.

use std::collections::BTreeMap;

use atelier_api::ids::{NodeId, OrganizationId};
use atelier_api::v1::nodes::NodeState;

use super::store::Filter;
use super::{fields, store, wire};
use crate::app::App;
use crate::ctx::Conn;
use crate::error::{Error, Result};

/// How many rows are read at once.
const BATCH: u32 = 1_000;

/// Whether a server can be reached now.
pub(crate) fn is_online(app: &App, id: NodeId, local: bool) -> bool {
    wire::state(app, id, local) == NodeState::Online
}

/// Checks that these are servers of the organization, which may be used.
///
/// # Errors
/// `not_found` for another's; `conflict` for one that was revoked.
pub(crate) async fn named(
    conn: &mut Conn,
    organization: OrganizationId,
    ids: &[NodeId],
) -> Result<()> {
    for id in ids {
        let row = store::find(conn, *id).await?;
        let row = row.filter(|row| row.organization_id == organization);
        let row = row.ok_or_else(|| Error::not_found("server").with_field("nodes"))?;
        if row.revoked {
            return Err(Error::conflict(format!(
                "The server “{}” was revoked: it has to join again first.",
                row.name
            )));
        }
    }
    Ok(())
}

/// The servers of an organization that have all these labels, oldest first.
pub(crate) async fn labelled(
    conn: &mut Conn,
    organization: OrganizationId,
    labels: &BTreeMap<String, String>,
) -> Result<Vec<NodeId>> {
    fields::labels(labels)?;
    let first = labels
        .iter()
        .next()
        .map(|(key, value)| format!("{key}={value}"));
    let filter = fields::filter(None, first.as_deref())?;
    matching(conn, organization, labels, &filter).await
}

/// All servers of an organization, oldest first, those that were revoked aside.
pub(crate) async fn all(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<NodeId>> {
    matching(conn, organization, &BTreeMap::new(), &Filter::default()).await
}

async fn matching(
    conn: &mut Conn,
    organization: OrganizationId,
    labels: &BTreeMap<String, String>,
    filter: &Filter,
) -> Result<Vec<NodeId>> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let rows = store::list(conn, organization, filter, &after, BATCH).await?;
        let Some(last) = rows.last() else {
            return Ok(found);
        };
        after = last.id.to_string();
        let fits = |row: &&store::NodeRow| {
            !row.revoked
                && labels
                    .iter()
                    .all(|(key, value)| row.labels.get(key) == Some(value))
        };
        found.extend(rows.iter().filter(fits).map(|row| row.id));
    }
}

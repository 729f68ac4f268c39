//! Decisions about join tokens.

use atelier_api::ids::{NodeTokenId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::nodes::{JOIN_TOKEN_PREFIX, NodeToken, NodeTokenCreate, NodeTokenCreated};
use atelier_api::{ErrorCode, Page};
use serde_json::json;

use super::fields;
use super::store::tokens::{self as store, TokenRow};
use crate::authz::{Action, Resource};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::http::paging;
use crate::identity::Secret;
use crate::names;

/// For how long a token can be used, in milliseconds: an hour.
const TTL_MS: i64 = 60 * 60 * 1_000;

/// For how long an expired one is still listed, in milliseconds: a week.
const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// How many tokens of an organization can be open at once: many servers may be set up in an hour.
const OPEN_MAX: u64 = 1_000;

/// Makes a token; `url` is the address that the server will reach us at.
pub(super) async fn create(
    ctx: &Ctx,
    organization: OrganizationId,
    request: NodeTokenCreate,
    url: &str,
) -> Result<NodeTokenCreated> {
    ctx.authorize(
        Action::NodeTokenCreate,
        &Resource::Organization(organization),
    )?;
    let name = request.name.as_deref();
    let name = name
        .map(|name| names::name("server", name))
        .transpose()?
        .map(|name| name.text);
    fields::labels(&request.labels)?;
    if request.node_id.is_some() && (name.is_some() || !request.labels.is_empty()) {
        return Err(Error::invalid(
            "node_id",
            "A server that joins again keeps its name and labels: leave them out.",
        ));
    }
    let secret = Secret::generate(JOIN_TOKEN_PREFIX)?;
    let now = ctx.now();
    let token = TokenRow {
        id: NodeTokenId::from_uuid(ctx.next_id()),
        organization_id: organization,
        name,
        labels: request.labels,
        rejoins: request.node_id,
        created_by: ctx.actor().to_string(),
        created_at: now,
        expires_at: now.plus_ms(TTL_MS),
        used_by: None,
    };

    let mut tx = ctx.begin().await?;
    tx.lock(&format!("node_tokens:{organization}")).await?;
    if store::count_open(&mut tx, organization, now).await? >= OPEN_MAX {
        return Err(Error::limit_reached(format!(
            "{OPEN_MAX} join tokens wait to be used, as many as may. Delete some, or wait an hour."
        )));
    }
    if let Some(id) = token.rejoins {
        let node = super::store::find(&mut tx, id).await?;
        if node.is_none_or(|node| node.organization_id != organization || node.local) {
            return Err(Error::invalid(
                "node_id",
                "This organization has no such server that could join again.",
            ));
        }
    }
    store::prune(&mut tx, organization, now.plus_ms(-KEPT_MS)).await?;
    store::insert(&mut tx, &token, &secret.hash().to_hex()).await?;
    let details = json!({ "name": token.name, "labels": token.labels, "rejoins": token.rejoins });
    tx.audit(organization, Action::NodeTokenCreate, &token.id, details);
    tx.commit().await?;
    Ok(NodeTokenCreated {
        command: command(url, secret.expose()),
        secret: secret.expose().to_owned(),
        token: wire(token),
    })
}

/// What to run on the server.
fn command(url: &str, secret: &str) -> String {
    let quoted = |text: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]@%".contains(c);
        if text.chars().all(plain) && !text.contains('[') {
            text.to_owned()
        } else {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
    };
    let (script, url) = (quoted(&format!("{url}/install.sh")), quoted(url));
    format!("curl -fsSL {script} | sh -s -- --url {url} --token {secret}")
}

/// A page of an organization's tokens, newest first.
pub(super) async fn list(
    ctx: &Ctx,
    organization: OrganizationId,
    query: &PageQuery,
) -> Result<Page<NodeToken>> {
    ctx.authorize(Action::NodeTokenList, &Resource::Organization(organization))?;
    let limit = paging::limit(query.limit)?;
    let before = match &query.cursor {
        // It sorts after every id.
        None => "~".to_owned(),
        Some(cursor) => cursor
            .parse::<NodeTokenId>()
            .map_err(|_| Error::invalid("cursor", "This is no cursor of this list."))?
            .to_string(),
    };
    let rows = store::list(&mut *ctx.read().await?, organization, &before, limit + 1).await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.id.to_string());
    let items = rows.into_iter().map(wire).collect();
    Ok(Page { items, next_cursor })
}

/// Takes a token back. A server that has joined with it stays.
pub(super) async fn delete(ctx: &Ctx, id: NodeTokenId) -> Result<()> {
    let mut tx = ctx.begin().await?;
    tx.lock(&lock_scope(id)).await?;
    let not_found = || Error::not_found("join token");
    let token = store::find(&mut tx, id).await?.ok_or_else(not_found)?;
    let organization = token.organization_id;
    ctx.authorize(
        Action::NodeTokenDelete,
        &Resource::Organization(organization),
    )
    .map_err(|error| match error.code() {
        ErrorCode::NotFound => not_found(),
        _ => error,
    })?;
    store::delete(&mut tx, id).await?;
    tx.audit(organization, Action::NodeTokenDelete, &id, json!({}));
    tx.commit().await
}

/// Uses of one token run one after the other.
pub(super) fn lock_scope(id: NodeTokenId) -> String {
    format!("node_token:{id}")
}

fn wire(row: TokenRow) -> NodeToken {
    NodeToken {
        id: row.id,
        name: row.name,
        labels: row.labels,
        rejoins: row.rejoins,
        created_at: row.created_at,
        expires_at: row.expires_at,
        node_id: row.used_by,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_safe_to_paste() {
        assert_eq!(
            command("https://a.example:8443", "atj_x"),
            "curl -fsSL https://a.example:8443/install.sh | sh -s -- --url https://a.example:8443 \
             --token atj_x"
        );
        let odd = command("https://a.example/$(id)'&", "atj_x");
        assert!(
            odd.contains(r"'https://a.example/$(id)'\''&/install.sh'"),
            "{odd}"
        );
    }
}

//! Joining: a token, once, for a key.

use atelier_api::ids::NodeId;
use atelier_api::node::NodeInfo;
use atelier_api::v1::nodes::{JOIN_TOKEN_PREFIX, NodeIdentity};
use atelier_tunnel::End;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Decision, denied};
use crate::authz::Action;
use crate::ctx::{Ctx, CtxTx};
use crate::error::Error;
use crate::identity::Secret;
use crate::names::{self, NAME_MAX, Name};
use crate::nodes::store::tokens::{self, TokenRow};
use crate::nodes::store::{self, NodeRow};
use crate::nodes::{service, tokens as token_service, wire};

/// So many numbers are tried behind a name that is taken, then a part of the id is taken.
const NUMBERS: u32 = 20;

/// Uses the token: the row, the used token and the audit event are one transaction. Who lost the
/// answer asks again with the same token and key and gets the same row.
pub(super) async fn join(
    ctx: &Ctx,
    secret: &str,
    public_key: &str,
    identity: &NodeIdentity,
) -> Decision<NodeRow> {
    let unknown = "There is no such join token. Make a new one on the servers page.";
    let Some(secret) = Secret::parse(JOIN_TOKEN_PREFIX, secret) else {
        return denied(unknown);
    };
    let hash = secret.hash().to_hex();
    let mut tx = ctx.begin().await?;
    let Some(token) = tokens::find_by_hash(&mut tx, &hash).await? else {
        return denied(unknown);
    };
    tx.lock(&token_service::lock_scope(token.id)).await?;
    // As it is now that nobody else can use it.
    let Some(token) = tokens::find_by_hash(&mut tx, &hash).await? else {
        return denied(unknown);
    };
    if let Some(id) = token.used_by {
        let row = store::find(&mut tx, id).await?;
        return match row {
            Some(row) if row.public_key.as_deref() == Some(public_key) => Ok(row),
            _ => denied("This join token was used already. Make a new one on the servers page."),
        };
    }
    if ctx.now() >= token.expires_at {
        return denied("This join token has expired. Make a new one on the servers page.");
    }
    if let Some(other) = store::find_by_key(&mut tx, public_key).await?
        && Some(other.id) != token.rejoins
    {
        let whose = if other.organization_id == token.organization_id {
            format!("the server “{}”", other.name)
        } else {
            "another server".to_owned()
        };
        return denied(format!(
            "The key of this machine is the key of {whose} already. If the machine was copied, \
             join with --new-key; else remove that server first."
        ));
    }
    let row = match token.rejoins {
        Some(id) => rejoin(ctx, &mut tx, id, public_key, identity).await?,
        None => insert(ctx, &mut tx, &token, public_key, identity).await?,
    };
    tokens::set_used(&mut tx, token.id, row.id, ctx.now()).await?;
    let details = json!({
        "joined": if token.rejoins.is_some() { "again" } else { "new" },
        "name": row.name,
        "token": token.id,
        "token_created_by": token.created_by,
        "key_sha256": hex::encode(Sha256::digest(public_key.as_bytes())),
        "hostname": cut(&identity.info.hostname),
    });
    tx.audit(row.organization_id, Action::NodeTunnel, &row.id, details);
    tx.publish(row.organization_id, wire::changed(ctx.app(), &row));
    tx.commit().await?;
    if token.rejoins.is_some() {
        // Whoever is connected has shown the key of before.
        let before = ctx.app().nodes().tunnels.tunnel(&row.id);
        before.end(&End::Rejoined);
    }
    Ok(row)
}

async fn rejoin(
    ctx: &Ctx,
    tx: &mut CtxTx,
    id: NodeId,
    public_key: &str,
    identity: &NodeIdentity,
) -> Result<NodeRow, Error> {
    tx.lock(&service::lock_scope(id)).await?;
    let row = store::find(tx, id).await?;
    let mut row = row.ok_or_else(|| Error::not_found("server"))?;
    row.public_key = Some(public_key.to_owned());
    row.revoked = false;
    row.warning = None;
    seen(ctx, &mut row, &identity.info);
    store::update(tx, &row).await?;
    Ok(row)
}

async fn insert(
    ctx: &Ctx,
    tx: &mut CtxTx,
    token: &TokenRow,
    public_key: &str,
    identity: &NodeIdentity,
) -> Result<NodeRow, Error> {
    let organization = token.organization_id;
    // Two that join at once must not choose the same name.
    tx.lock(&format!("node_names:{organization}")).await?;
    let id = NodeId::from_uuid(ctx.next_id());
    let name = free_name(tx, token, id, &identity.info.hostname).await?;
    let mut row = NodeRow {
        id,
        organization_id: organization,
        name: name.text,
        name_key: name.key,
        local: false,
        created_at: ctx.now(),
        info: None,
        public_key: Some(public_key.to_owned()),
        labels: token.labels.clone(),
        draining: false,
        revoked: false,
        last_seen_at: Some(ctx.now()),
        address: None,
        machine: None,
        warning: None,
    };
    seen(ctx, &mut row, &identity.info);
    store::insert(tx, &row).await?;
    Ok(row)
}

/// The token's name or the host name, with a number behind it where that is taken.
async fn free_name(
    tx: &mut CtxTx,
    token: &TokenRow,
    id: NodeId,
    hostname: &str,
) -> Result<Name, Error> {
    let wanted = token.name.as_deref().unwrap_or(hostname);
    let base = names::name("server", &cut(wanted))
        .or_else(|_| names::name("server", "server"))?
        .text;
    let id = id.to_string();
    let suffixes = std::iter::once(String::new())
        .chain((2..=NUMBERS).map(|number| format!("-{number}")))
        .chain([format!("-{}", &id[id.len() - 6..]), format!("-{id}")]);
    for suffix in suffixes {
        let room = NAME_MAX.saturating_sub(suffix.chars().count());
        let text: String = base.chars().take(room).chain(suffix.chars()).collect();
        let name = names::name("server", &text)?;
        if !store::name_taken(tx, token.organization_id, &name.key).await? {
            return Ok(name);
        }
    }
    Err(Error::internal("no name with a part of the id is free"))
}

fn cut(text: &str) -> String {
    text.chars().take(NAME_MAX).collect()
}

/// What a connection tells of the machine.
pub(super) fn seen(ctx: &Ctx, row: &mut NodeRow, info: &NodeInfo) {
    row.info = Some(info.clone());
    row.machine.clone_from(&info.machine);
    row.address.clone_from(&ctx.origin().address);
}

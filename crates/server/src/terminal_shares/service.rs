//! Decisions about links to terminals.

use atelier_api::Timestamp;
use atelier_api::agent::terminals::Terminal;
use atelier_api::ids::{TerminalId, TerminalShareId, WorkspaceId};
use atelier_api::v1::terminal_shares::{
    SHARE_SECONDS, SHARE_SECONDS_MAX, SHARE_TOKEN_PREFIX, SHARES_MAX, ShareAccess, ShareState,
    SharedTerminal, TerminalShare, TerminalShareCreate, TerminalShareCreated, TerminalShareList,
};
use serde_json::json;

use super::store::{self, ShareRow};
use crate::authz::{self, Action, Resource};
use crate::ctx::{Actor, Ctx};
use crate::error::{Error, Result};
use crate::identity::{self, LimitKey, Secret};
use crate::{organizations, workspaces};

/// For how short a link may be good, in seconds.
const SHARE_SECONDS_MIN: u32 = 60;

/// For how long a link that is no longer good is still listed, in milliseconds: thirty days.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// How many links a list shows.
const LISTED_MAX: u32 = 500;

/// The longest name that a guest may be called by, in characters.
const GUEST_NAME_MAX: usize = 40;

/// Makes a link.
pub(super) async fn create(
    ctx: &Ctx,
    workspace: WorkspaceId,
    terminal: TerminalId,
    request: TerminalShareCreate,
) -> Result<TerminalShareCreated> {
    let running = workspaces::running(ctx, Action::TerminalShareCreate, workspace).await?;
    let person = ctx.person()?;
    let seconds = request.expires_in_s.unwrap_or(SHARE_SECONDS);
    if !(SHARE_SECONDS_MIN..=SHARE_SECONDS_MAX).contains(&seconds) {
        return Err(Error::invalid(
            "expires_in_s",
            "A link is good for a minute at least and for seven days (604,800 seconds) at most.",
        ));
    }
    // A link to nothing helps nobody.
    let _: Terminal = running.terminal(terminal).await?;
    let secret = Secret::generate(SHARE_TOKEN_PREFIX)?;
    let now = ctx.now();
    let share = ShareRow {
        id: TerminalShareId::from_uuid(ctx.next_id()),
        organization: running.organization,
        workspace,
        terminal,
        access: request.access,
        created_by: person.account,
        created_by_name: person.name.clone(),
        created_at: now,
        expires_at: now.plus_ms(i64::from(seconds) * 1_000),
        revoked_at: None,
        last_used_at: None,
        uses: 0,
    };
    let mut tx = ctx.begin().await?;
    tx.lock(&format!("terminal_shares:{workspace}")).await?;
    if store::count_good(&mut tx, workspace, now).await? >= u64::from(SHARES_MAX) {
        return Err(Error::limit_reached(format!(
            "{SHARES_MAX} links to this workspace's terminals are good, as many as may be. Revoke some \
             that are not needed."
        )));
    }
    store::prune(&mut tx, workspace, now.plus_ms(-KEPT_MS)).await?;
    store::insert(&mut tx, &share, &secret.hash().to_hex()).await?;
    let details = json!({
        "share": share.id, "terminal": terminal, "access": share.access, "expires_at": share.expires_at,
    });
    tx.audit(
        share.organization,
        Action::TerminalShareCreate,
        &workspace,
        details,
    );
    tx.commit().await?;
    Ok(TerminalShareCreated {
        token: secret.expose().to_owned(),
        path: format!("/share/{}#{}", share.id, secret.expose()),
        share: wire(share, now),
    })
}

/// The links of a terminal, newest first.
pub(super) async fn list(
    ctx: &Ctx,
    workspace: WorkspaceId,
    terminal: TerminalId,
) -> Result<TerminalShareList> {
    workspaces::node_of(ctx, Action::TerminalShareList, workspace).await?;
    let now = ctx.now();
    let rows = store::list(&mut *ctx.read().await?, workspace, terminal, LISTED_MAX).await?;
    let items = rows
        .into_iter()
        .filter(|row| row.expires_at.plus_ms(KEPT_MS) > now)
        .map(|row| wire(row, now))
        .collect();
    Ok(TerminalShareList { items })
}

/// Takes a link back, and cuts off whoever is there by it. May be repeated.
pub(super) async fn revoke(
    ctx: &Ctx,
    workspace: WorkspaceId,
    id: TerminalShareId,
) -> Result<TerminalShare> {
    workspaces::node_of(ctx, Action::TerminalShareRevoke, workspace).await?;
    let mut tx = ctx.begin().await?;
    let now = ctx.now();
    let found = store::find(&mut tx, id).await?;
    let mut share = found
        .filter(|share| share.workspace == workspace)
        .ok_or_else(|| Error::not_found("link"))?;
    if share.revoked_at.is_none() {
        share.revoked_at = Some(now);
        store::set_revoked(&mut tx, id, now).await?;
    }
    let details = json!({ "share": id, "terminal": share.terminal });
    tx.audit(
        share.organization,
        Action::TerminalShareRevoke,
        &workspace,
        details,
    );
    tx.commit().await?;
    ctx.app().live_shares().cut(id);
    Ok(wire(share, now))
}

/// What the holder of a link learns.
pub(super) async fn open(ctx: &Ctx, token: &str) -> Result<SharedTerminal> {
    ctx.authorize(Action::ShareOpen, &Resource::Own)?;
    let share = found(ctx, token).await?;
    let state = state(&share, ctx.now());
    let mut shared = SharedTerminal {
        id: share.id,
        state,
        access: share.access,
        shared_by: share.created_by_name.clone(),
        expires_at: share.expires_at,
        name: None,
        exit: None,
        end_offset: None,
    };
    if state != ShareState::Active {
        return Ok(shared);
    }
    if !maker_may_attach(ctx, &share).await? {
        shared.state = ShareState::Revoked;
        return Ok(shared);
    }
    let running = workspaces::running(ctx, Action::ShareOpen, share.workspace).await?;
    let terminal: Terminal = running.terminal(share.terminal).await?;
    shared.name = Some(terminal.name);
    shared.exit = terminal.exit;
    shared.end_offset = Some(terminal.end_offset);
    Ok(shared)
}

/// A link by which somebody may come in now.
pub(super) async fn admit(ctx: &Ctx, token: &str) -> Result<ShareRow> {
    ctx.authorize(Action::ShareAttach, &Resource::Own)?;
    let share = found(ctx, token).await?;
    let limits = ctx.app().identity().limits();
    limits.take(LimitKey::ShareUse(share.id.to_string()), ctx.now())?;
    let reason = match state(&share, ctx.now()) {
        ShareState::Active if maker_may_attach(ctx, &share).await? => return Ok(share),
        ShareState::Expired => "This link has expired.",
        ShareState::Active | ShareState::Revoked => "This link was revoked.",
    };
    Err(Error::forbidden(format!(
        "{reason} Ask whoever gave it to you for a new one."
    )))
}

/// Records that somebody has come in.
pub(super) async fn used(ctx: &Ctx, share: &ShareRow, viewer: &str) -> Result<()> {
    let mut tx = ctx.begin().await?;
    store::set_used(&mut tx, share.id, ctx.now()).await?;
    let details = json!({
        "share": share.id, "terminal": share.terminal, "access": share.access, "viewer": viewer,
    });
    tx.audit(
        share.organization,
        Action::ShareAttach,
        &share.workspace,
        details,
    );
    tx.commit().await
}

/// Whether who is there by a link may stay.
pub(super) async fn still_good(ctx: &Ctx, id: TerminalShareId) -> bool {
    let good = async {
        let share = store::find(&mut *ctx.read().await?, id).await?;
        match share {
            Some(share) if state(&share, ctx.now()) == ShareState::Active => {
                maker_may_attach(ctx, &share).await
            }
            _ => Ok(false),
        }
    };
    good.await.unwrap_or_else(|error| {
        tracing::warn!(error = %crate::error::Chain(&error), "a link could not be checked again");
        false
    })
}

/// How whoever comes by a link is called: by their account's name, else as they wish, marked as a guest.
pub(super) fn viewer_name(ctx: &Ctx, wished: Option<&str>) -> String {
    if let Actor::Person(person) = ctx.actor() {
        return person.name.clone();
    }
    let wished: String = wished
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(GUEST_NAME_MAX)
        .collect();
    match wished.trim() {
        "" => "Guest".to_owned(),
        name => format!("{name} (guest)"),
    }
}

/// The link of a token. What is guessed counts against whoever guesses.
async fn found(ctx: &Ctx, token: &str) -> Result<ShareRow> {
    let address = identity::network(ctx.origin().address.as_deref());
    let (key, limits) = (LimitKey::Share(address), ctx.app().identity().limits());
    limits.check(&key, ctx.now())?;
    let found = match Secret::parse(SHARE_TOKEN_PREFIX, token) {
        Some(secret) => {
            store::find_by_hash(&mut *ctx.read().await?, &secret.hash().to_hex()).await?
        }
        None => None,
    };
    if found.is_none() {
        limits.take(key, ctx.now())?;
    }
    found.ok_or_else(|| Error::not_found("link"))
}

/// A link of somebody who was removed, or whose role was taken, opens nothing.
async fn maker_may_attach(ctx: &Ctx, share: &ShareRow) -> Result<bool> {
    let owner = workspaces::owner_of(ctx, share.workspace).await?;
    let roles = organizations::roles_of(&mut *ctx.read().await?, share.created_by).await?;
    let role = roles
        .into_iter()
        .find(|(organization, _)| *organization == share.organization);
    let own = owner == share.created_by;
    Ok(role.is_some_and(|(_, role)| authz::allows(Action::TerminalAttach, role, own)))
}

fn state(share: &ShareRow, now: Timestamp) -> ShareState {
    if share.revoked_at.is_some() {
        ShareState::Revoked
    } else if share.expires_at <= now {
        ShareState::Expired
    } else {
        ShareState::Active
    }
}

/// Whether who comes by it only watches.
pub(super) fn is_read_only(share: &ShareRow) -> bool {
    share.access == ShareAccess::Read
}

fn wire(row: ShareRow, now: Timestamp) -> TerminalShare {
    TerminalShare {
        state: state(&row, now),
        id: row.id,
        workspace_id: row.workspace,
        terminal: row.terminal,
        access: row.access,
        created_by: row.created_by_name,
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        last_used_at: row.last_used_at,
        uses: row.uses,
    }
}

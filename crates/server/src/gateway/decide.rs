//! Whether somebody may see an application now.

use atelier_api::v1::ports::PortVisibility;

use super::store;
use super::token::{Place, Visitor};
use crate::authz::{self, Action};
use crate::ctx::{Ctx, Person};
use crate::error::{Error, Result};
use crate::identity;
use crate::workspaces::{self, Reach};

/// The way to an application, for who may see it.
///
/// # Errors
/// `unauthenticated` for nobody, where it takes somebody; `not_found` for who may not know of it;
/// `forbidden`; `workspace_not_running`.
pub(super) async fn decide(ctx: &Ctx, place: Place, visitor: Option<Visitor>) -> Result<Reach> {
    let person = match visitor {
        Some(visitor) => identity::person(ctx.app(), visitor.account, visitor.credential).await?,
        None => None,
    };
    let reach = workspaces::reach(ctx, place.workspace).await;
    let Some(port) = place.application.port() else {
        let person = person.ok_or_else(Error::unauthenticated)?;
        let reach = reach?;
        permits_vscode(&person, &reach)?;
        return Ok(reach);
    };
    let set = store::find(&mut *ctx.read().await?, place.workspace, port).await?;
    if set.visibility == PortVisibility::Public {
        return reach;
    }
    // What there is, only those learn who are somebody.
    let person = person.ok_or_else(Error::unauthenticated)?;
    let reach = reach?;
    permits(&person, set.visibility, &reach)?;
    Ok(reach)
}

/// Nothing, or why this person may not see what is visible so.
pub(super) fn permits(person: &Person, visibility: PortVisibility, reach: &Reach) -> Result<()> {
    let role = match (visibility, person.role_in(reach.organization)) {
        (PortVisibility::Public, _) => return Ok(()),
        (_, None) => return Err(Error::not_found("application")),
        (_, Some(role)) => role,
    };
    let own = reach.owner == person.account;
    if visibility == PortVisibility::Organization || authz::allows(Action::PortList, role, own) {
        return Ok(());
    }
    Err(Error::forbidden(
        "This port is private: only those see it who may work in the workspace. Ask its owner to share it \
         with the organization.",
    ))
}

/// Nothing, or why this person may not use VS Code: it is the workspace's files, and a terminal.
pub(super) fn permits_vscode(person: &Person, reach: &Reach) -> Result<()> {
    let Some(role) = person.role_in(reach.organization) else {
        return Err(Error::not_found("application"));
    };
    let own = reach.owner == person.account;
    let needed = [
        Action::VscodeOpen,
        Action::FileWrite,
        Action::TerminalCreate,
    ];
    if needed
        .into_iter()
        .all(|action| authz::allows(action, role, own))
    {
        return Ok(());
    }
    Err(Error::forbidden(
        "VS Code is a terminal, too: only those use it who may work in the workspace.",
    ))
}

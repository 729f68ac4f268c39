//! Authorization: one table says which role each action needs (`table.rs`), one function decides.
//!
//! Invariant: every operation of `openapi.json` has a row in the table, and the coverage test
//! (`tests/it/authz.rs`) drives each through every role, in the own and in a foreign organization.
//! What an actor may not see answers 404, not 403.

mod table;

use atelier_api::ids::{AccountId, OrganizationId};
use atelier_api::v1::organizations::Role;

pub use table::{Action, Rule};

use crate::audit;
use crate::ctx::{Actor, Ctx};
use crate::error::{Error, Result};

/// What an action is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// The server as a whole, or the actor's own account.
    Own,
    /// Something of an organization that no single person owns.
    Organization(OrganizationId),
    /// Something of an organization that a person owns, e.g. a workspace.
    Owned {
        /// Whose organization.
        organization: OrganizationId,
        /// Whose.
        owner: AccountId,
        /// What it is called when it must be denied that it exists: "workspace".
        noun: &'static str,
    },
}

/// Decides, and audits a refusal that is no secret.
pub(crate) fn decide(ctx: &Ctx, action: Action, resource: &Resource) -> Result<()> {
    let rule = action.rule();
    let person = match ctx.actor() {
        Actor::System(_) => return Ok(()),
        _ if rule == Rule::Public => return Ok(()),
        Actor::Anonymous => return Err(Error::unauthenticated()),
        Actor::Person(person) => person,
    };
    let Rule::Role { own, any } = rule else {
        return Ok(());
    };
    let (organization, needed, noun) = match resource {
        Resource::Own => return Ok(()),
        Resource::Organization(organization) => (*organization, any, "organization"),
        Resource::Owned {
            organization,
            owner,
            noun,
        } => (
            *organization,
            if *owner == person.account { own } else { any },
            *noun,
        ),
    };
    match person.role_in(organization) {
        None => Err(Error::not_found(noun)),
        Some(role) if role >= needed => Ok(()),
        Some(role) => {
            audit::record_denial(ctx, organization, action);
            Err(Error::forbidden(format!(
                "This needs the role {}; yours is {}. Ask an owner of the organization.",
                name(needed),
                name(role),
            )))
        }
    }
}

/// Whether the role is enough for the action, to what is one's own or another's.
pub(crate) fn allows(action: Action, role: Role, own: bool) -> bool {
    match action.rule() {
        Rule::Public | Rule::SignedIn => true,
        Rule::Role { own: needed, .. } if own => role >= needed,
        Rule::Role { any: needed, .. } => role >= needed,
    }
}

fn name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Member => "member",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

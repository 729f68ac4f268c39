//! Who asks.

use std::fmt;
use std::sync::Arc;

use atelier_api::ids::{AccountId, OrganizationId, SessionId, TokenId};
use atelier_api::v1::organizations::Role;

/// Who asks.
#[derive(Debug, Clone)]
pub enum Actor {
    /// Nobody that we know.
    Anonymous,
    /// A signed-in person.
    Person(Arc<Person>),
    /// The platform itself: a job or reconciler, by name.
    System(&'static str),
}

/// A signed-in person, with what authorization needs.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub account: AccountId,
    /// The account's name.
    pub name: String,
    /// What the request was signed in with.
    pub credential: Credential,
    /// The role in each organization.
    pub roles: Vec<(OrganizationId, Role)>,
}

/// What a request was signed in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A browser session.
    Session(SessionId),
    /// A personal access token.
    Token(TokenId),
}

impl Person {
    /// The role in an organization; absent when the person is not in it.
    pub fn role_in(&self, organization: OrganizationId) -> Option<Role> {
        self.roles
            .iter()
            .find(|(id, _)| *id == organization)
            .map(|(_, role)| *role)
    }
}

impl Actor {
    /// The name for the audit log and for people.
    pub fn name(&self) -> &str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Person(person) => &person.name,
            Self::System(name) => name,
        }
    }
}

impl fmt::Display for Actor {
    /// The form of the audit log: `account:acc_…`, `token:tok_…`, `system` or `anonymous`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::System(_) => f.write_str("system"),
            Self::Person(person) => match person.credential {
                Credential::Session(_) => write!(f, "account:{}", person.account),
                Credential::Token(token) => write!(f, "token:{token}"),
            },
        }
    }
}

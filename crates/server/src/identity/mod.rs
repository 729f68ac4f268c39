//! Identity: accounts, browser sessions, personal access tokens, and the first set-up.
//!
//! The front door for the assembly is [`authenticate()`] (credentials of a request → [`Actor`]),
//! [`ensure_setup`] (at server start) and [`routes()`].
//!
//! Invariant: no secret is stored. Session and token secrets and the set-up token are kept as
//! SHA-256 (they are 256 random bits, so a fast hash is enough), passwords as argon2id.
//!
//! Invariant: whether an account exists cannot be told from outside: an unknown e-mail address
//! costs the same password verification and meets the same rate limits.
//!
//! [`Actor`]: crate::ctx::Actor

mod accounts;
mod authenticate;
mod cache;
mod fields;
mod guard;
mod limits;
mod password;
mod routes;
mod scratch;
mod secret;
mod service;
mod setup;
mod sign_in;
mod store;

pub(crate) use accounts::NewAccount;
pub(crate) use authenticate::person;
pub use authenticate::{authenticate, carries_token, still_valid};
pub(crate) use fields::name as valid_name;
pub(crate) use guard::guard;
pub(crate) use limits::{Key as LimitKey, Limits, network};
pub use routes::routes;
pub(crate) use secret::Secret;
pub use setup::{ensure_setup, found_organization};

/// The cookie that carries a browser session's secret.
pub const SESSION_COOKIE: &str = "atelier_session";

/// How long a session lives after its last use, in milliseconds: 30 days.
const SESSION_TTL_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// What identity keeps in memory. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    cache: cache::Cache,
    hasher: password::Hasher,
    limits: limits::Limits,
}

impl Identity {
    /// The limits on guessing.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many passwords have been hashed or verified since the start: an unknown account costs
    /// as many as a known one.
    pub fn password_operations(&self) -> u64 {
        self.hasher.operations()
    }
}

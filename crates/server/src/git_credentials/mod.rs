//! Git credentials: who people are at Git hosts, so that they are not asked at every push (decision 0023).
//!
//! They belong to a person, not to a workspace or an organization. The secret is sealed (`secrets`), is
//! answered by no route, and leaves the control plane in one way only: in the body of one operation that the
//! person runs in a workspace of their own, when Git there has asked for the host that it is for.
//!
//! Invariant: a credential is found only by its own person, for its own scheme, host and port, and below its
//! own path (`place`), over https; over http only for a loopback address.
//!
//! Invariant: neither secrets nor names (a token can stand in either) reach the log or the audit log.

mod place;
mod routes;
mod service;
mod store;

pub use routes::routes;
pub(crate) use service::{Found, Stored, Wanted, find, found_for, mark_refused, mark_used};

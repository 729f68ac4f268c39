//! Organizations and their members.
//!
//! Invariant: an organization always has an owner, and nobody changes or removes a member whose
//! role is above their own, nor gives a role above it. Changes of members run one after the other,
//! and the actor's own role is read again inside.
//!
//! What a person may do follows from the rows of `members` at each request, so a change of role or
//! a removal takes effect at once, also for those who are signed in.

mod members;
mod routes;
mod service;
mod store;

pub use routes::routes;
pub(crate) use service::insert;
pub(crate) use store::{memberships_of, roles_of};

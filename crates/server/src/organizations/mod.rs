//! Organizations and their members.
//!
//! Invariant: an organization always has an owner, and nobody changes or removes a member whose
//! role is above their own, nor gives a role above it.

mod store;

pub(crate) use store::roles_of;

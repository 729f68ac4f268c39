//! Preferences: what people have set for themselves, one JSON object a namespace, the same on every
//! device ([decision 0013](../../../../docs/decisions/0013-preferences.md)).
//!
//! Invariant: an object is replaced as a whole, and only by who has seen the version that is there.
//!
//! Invariant: number and size are bounded, so that all of an account fit into one answer.
//!
//! Nobody but the person is touched by a change, and people change them often: they are not in the
//! audit log.

mod routes;
mod service;
mod store;

pub use routes::routes;

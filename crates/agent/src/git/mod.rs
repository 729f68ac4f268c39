//! Git: clone with progress, and status. The wire contract stands in [`atelier_api::agent::git`].
//!
//! Invariants: Git never asks anything, runs no helper or hook that an address or a repository
//! chose for it, and keeps no password; a clone is there whole or not at all.

mod clone;
mod failure;
mod porcelain;
mod program;
mod progress;
mod remote;
mod routes;
mod status;

pub(crate) use routes::routes;

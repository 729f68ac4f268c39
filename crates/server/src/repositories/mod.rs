//! Repositories: all of an organization's, over all workspaces, as they were last seen.
//!
//! Agents find them and say how they stand; what they say is kept, so that the list asks nobody, and shows a
//! workspace that is stopped or away as it was, with the time. It is looked at again when a workspace has
//! started, when Git has changed something there, and when somebody asks.
//!
//! Invariant: a person sees the repositories of those workspaces in which they may use Git: their own, and
//! as an admin all.
//!
//! Invariant: an agent is not trusted: it can fill the list of its own workspace only, and that within bounds.

mod look;
mod routes;
mod service;
mod store;

pub(crate) use look::start;
pub use routes::routes;

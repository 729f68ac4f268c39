//! The ways to run workspaces. Today there is one.

pub(crate) mod host;

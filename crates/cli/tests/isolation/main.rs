//! Isolation of workspaces, tried from inside real ones: two workspaces of one node, which is
//! started and driven here, in sandboxes of the real program.
//!
//! As root everything must hold. As an ordinary user the node degrades; then these tests hold it to
//! what it says of itself: what it claims to protect must be protected.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod files;
mod harness;
mod lifecycle;
mod limits;
mod machine;
mod privileges;
mod processes;
mod works;

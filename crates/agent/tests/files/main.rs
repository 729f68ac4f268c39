//! Files over the agent's API, on real directories.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod archive;
mod batch;
mod change;
mod copy;
mod escape;
mod list;
mod machine;
mod read;
mod support;
mod transfer;
mod trash;
mod uploads;
mod watch;
mod write;

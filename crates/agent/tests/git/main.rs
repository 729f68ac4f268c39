//! Git over the agent's API, against a real Git server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod clone;
mod server;
mod status;
mod support;

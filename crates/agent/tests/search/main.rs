//! Search, through the agent's own router, on real files.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad;
mod names;
mod replace;
mod support;
mod text;
mod undo;

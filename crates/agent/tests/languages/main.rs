//! Language servers through the agent's socket: scripted ones that behave, and that do not, and real ones.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad;
mod install;
mod real;
mod support;
mod viewers;

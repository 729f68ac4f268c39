//! The real program, as people run it: `atelier serve` killed and started again, and the commands.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails like the test itself"
)]

mod bridge;
mod chaos;
mod commands;
mod copying;
mod entries;
mod faults;
mod git_credentials;
mod git_ssh;
mod jobs;
mod line;
mod node;
mod nodes;
mod preferences;
mod program;
mod revocation;
mod schedules;
mod search;
mod sharing;
mod start;
mod survival;
mod update;

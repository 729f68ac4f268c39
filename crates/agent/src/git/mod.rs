//! Git: all that a person does with it, by the `git` program. The wire contract stands in
//! [`atelier_api::agent::git`]; the choices in decision 0020.
//!
//! * `program` runs Git; `repository` is one that a request names; `arguments` checks what goes to Git.
//! * `journal` keeps what was run; `writers` keeps writers apart; `refusal` says why something failed.
//! * `stream` runs what takes long and tells how it goes; `helper` answers what Git asks meanwhile:
//!   credentials, the list of a rebase, messages.
//! * `ssh` keeps keys and known hosts, and says how Git runs `ssh`.
//! * The rest is one file for each kind of thing: `changes/`, `history/`, `references`, `remotes`, …
//!
//! Invariants: only the subcommands that stand in these files are run, and no argument that a caller gave
//! can be taken for an option; Git never asks anything of a terminal, and keeps no password; a clone is
//! there whole or not at all; hooks run, where they do, inside the workspace and with its rights.

mod arguments;
mod changes;
mod clone;
mod failure;
mod helper;
mod helper_program;
mod history;
mod journal;
mod operations;
mod porcelain;
mod program;
mod progress;
mod references;
mod refusal;
mod remote;
mod remotes;
mod repository;
mod routes;
mod scan;
mod ssh;
mod stash;
mod status;
mod stream;
mod trees;
mod writers;

pub use helper_program::git_helper;
pub(crate) use routes::routes;

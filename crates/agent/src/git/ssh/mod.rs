//! SSH: the keys in the workspace's `~/.ssh`, the hosts that are known there, and how Git runs `ssh`.
//!
//! * `command` says how `ssh` is run; `program` runs `ssh-keygen`.
//! * `keys` lists, makes and deletes keys, which `public` and `private` read.
//! * `hosts` lists, adds and deletes known hosts; `verdict` says why a host was not accepted.
//!
//! Invariants: what is trusted is the key that a person was shown; a host that is known with another key is
//! never trusted over it; no private key is answered; no file that is there is overwritten.
//!
//! `ssh` tells the agent the key that a host presents (`KnownHostsCommand`), in the very connection that is
//! then refused: nothing is asked a second time, and `~/.ssh/config` holds as always.

mod command;
mod hosts;
mod keys;
mod private;
mod program;
mod public;
mod routes;
mod verdict;

use std::collections::BTreeMap;
use std::path::PathBuf;

use tokio::sync::{Mutex, OnceCell};

pub(super) use command::{Offered, base_command};
pub(super) use public::fingerprint_of;
pub(super) use routes::routes;
pub(super) use verdict::Verdict;

use crate::{AgentError, Config};

/// The workspace's `~/.ssh`.
#[derive(Debug)]
pub(super) struct Ssh {
    directory: PathBuf,
    /// What stands behind a key when nobody says so.
    name: String,
    environment: BTreeMap<String, String>,
    /// The environment says how Git runs `ssh`, and is left its way.
    is_foreign: bool,
    /// Whether `ssh` can tell what a host presents.
    tells: OnceCell<bool>,
    /// Of whoever writes `known_hosts`.
    writing: Mutex<()>,
}

impl Ssh {
    pub(super) fn new(config: &Config) -> Self {
        let mut environment = config.environment();
        environment.insert("LC_ALL".into(), "C".into());
        Self {
            directory: config.home.join(".ssh"),
            name: config.name.clone(),
            is_foreign: environment.contains_key("GIT_SSH_COMMAND"),
            environment,
            tells: OnceCell::new(),
            writing: Mutex::new(()),
        }
    }

    fn known_hosts(&self) -> PathBuf {
        self.directory.join("known_hosts")
    }
}

/// Makes `~/.ssh`, for its owner alone, unless it is there.
fn make_directory(directory: &std::path::Path) -> Result<(), AgentError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(directory).map_err(unwritable)
}

/// Something in `~/.ssh` cannot be written.
fn unwritable(error: std::io::Error) -> AgentError {
    let detail = format!("“~/.ssh” cannot be changed: {error}.");
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            AgentError::out_of_space(detail)
        }
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            AgentError::forbidden(detail)
        }
        _ => AgentError::conflict(detail),
    }
    .caused_by(error)
}

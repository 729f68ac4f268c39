//! What is remembered of a workspace on disk.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use atelier_api::Timestamp;
use atelier_api::node::{DesiredState, Driver, WorkspaceLimits, WorkspaceSpec};
use serde::{Deserialize, Serialize};

use crate::drivers::host::{RunRecord, WorkspaceDirectory, write_whole};

/// A workspace's `state.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// The last specification, without its seed, which has become files.
    pub(super) spec: WorkspaceSpec,
    /// Whose files they are.
    pub(super) uid: u32,
    /// When the state changed last.
    pub(super) since: Timestamp,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<String>,
    /// What runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<RunRecord>,
}

impl Record {
    /// Reads it back. An unreadable one loses what was wanted, not the files: the workspace is then
    /// a stopped one of generation 0, whose owner is read from the files themselves.
    pub(super) fn load_or_recover(directory: &WorkspaceDirectory) -> io::Result<Self> {
        let path = directory.state();
        let loaded = fs::read(&path)
            .and_then(|bytes| serde_json::from_slice(&bytes).map_err(io::Error::other));
        loaded.or_else(|error| {
            let shown = path.display();
            tracing::error!(path = %shown, %error, "a workspace's state is unreadable; recovering");
            Ok(Self {
                spec: WorkspaceSpec {
                    desired: DesiredState::Stopped,
                    generation: 0,
                    name: "workspace".into(),
                    driver: Driver::Host,
                    limits: WorkspaceLimits::default(),
                    env: BTreeMap::new(),
                    seed: Vec::new(),
                },
                uid: fs::metadata(directory.workspace())?.uid(),
                since: Timestamp(0),
                failure: None,
                run: None,
            })
        })
    }

    /// As it is written.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a record is plain data")
    }

    /// Writes it, whole or not at all.
    pub(super) fn save(&self, path: &Path) -> io::Result<()> {
        write_whole(path, &self.to_bytes())
    }
}

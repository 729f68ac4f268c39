//! What is on the disk of an execution.

use std::fs;
use std::io;
use std::path::Path;

use atelier_api::Timestamp;
use atelier_api::agent::processes::Span;
use atelier_api::ids::{ExecutionId, ProcessId};
use atelier_api::node::jobs::{Execution, ExecutionSpec, ExecutionState};
use serde::{Deserialize, Serialize};

use crate::drivers::host::write_whole;

const FILE: &str = "record.json";

/// An execution as it is remembered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// As it was last written; how much output there is, the spool knows.
    pub(super) execution: Execution,
    /// Absent for one that was cancelled before it came.
    pub(super) spec: Option<ExecutionSpec>,
    /// The agent's process; absent until the agent has answered.
    pub(super) process: Option<ProcessId>,
    /// It is to end.
    pub(super) cancel: bool,
}

impl Record {
    pub(super) fn new(id: ExecutionId, spec: Option<ExecutionSpec>, now: Timestamp) -> Self {
        let (state, detail) = match spec {
            Some(_) => (ExecutionState::Running, None),
            None => (
                ExecutionState::Cancelled,
                Some("It was cancelled before it began.".to_owned()),
            ),
        };
        Self {
            execution: Execution {
                id,
                state,
                detail,
                exit: None,
                timed_out: false,
                accepted_at: now,
                output: Span::default(),
            },
            spec,
            process: None,
            cancel: false,
        }
    }

    pub(super) fn load(directory: &Path) -> io::Result<Self> {
        let bytes = fs::read(directory.join(FILE))?;
        serde_json::from_slice(&bytes).map_err(io::Error::other)
    }

    /// Whole or not at all, and on the disk when this comes back: the directory too, in which the
    /// file is new.
    pub(super) fn save(&self, directory: &Path) -> io::Result<()> {
        let bytes = serde_json::to_vec(self).expect("a record is plain data");
        write_whole(&directory.join(FILE), &bytes)?;
        fs::File::open(directory)?.sync_all()
    }
}

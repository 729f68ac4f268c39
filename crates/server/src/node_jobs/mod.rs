//! Node jobs: commands that people have run on servers, once on each.
//!
//! A job has a run for each server. Runs are rows; one task (`dispatch.rs`) looks which of them can
//! go on, on the servers whose lines end in this process, and carries each (`carry.rs`). They are not
//! jobs of the engine (`crate::jobs`): that has 64 places and asks each waiting job every 5 s, where
//! here ten thousand may wait for one server that is away, and one may run for a day.
//!
//! * Invariant: a run is `running` in the database before its server hears of it, under an execution
//!   id that the server runs at most once. So whoever asks again, after whatever broke, asks the same.
//! * Invariant: whether a run has begun in time is decided before the server is asked, and for one
//!   that may have begun only together with the server.
//! * Invariant: no command is stored that the command policy denies, and none is run that it asks
//!   about before a person has approved.

mod carry;
mod create;
mod dispatch;
mod fields;
mod limits;
mod outcome;
mod routes;
mod service;
mod store;
mod wire;

use atelier_policy::Policy;
use tokio::sync::Notify;

pub(crate) use create::{Asked, check, create};
pub(crate) use dispatch::start;
pub(crate) use routes::routes;
pub(crate) use service::{SCHEDULE_KEY, has_ended};

/// The dispatcher's handle.
#[derive(Debug)]
pub(crate) struct NodeJobs {
    wake: Notify,
    /// What may run, as the control plane's configuration says.
    policy: Policy,
}

impl NodeJobs {
    /// With the command policy of the configuration.
    pub(crate) fn new(policy: Policy) -> Self {
        Self {
            wake: Notify::new(),
            policy,
        }
    }

    /// Has the dispatcher look again. Call it after the commit.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }
}

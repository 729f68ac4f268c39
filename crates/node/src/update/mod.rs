//! Replacing the node's own program, beside workspaces and terminals that go on (docs/decisions/0012).
//!
//! * `programs`: the programs on the disk, which of them is to run, and the report of the last order.
//! * `receive`, `elf`, `probe`: a new program comes, is verified, and shows that it runs here.
//! * `start`: which program a start of the daemon becomes; a crash loop goes back to the one of before.
//! * `service`: the daemon's life, from one program to the next.
//! * `successor`: the new program beside the old one, as the old one sees it.
//! * `health`: what a new program must have found before it counts.
//! * `role`: what a daemon is told of how it came to be started.
//!
//! Invariant: whatever ends at whatever moment, the next start finds a program that has worked: what is new
//! is written down as chosen only after it has proven itself beside the old one, and on probation from then
//! until it has done so again in the old one's place.
//!
//! Invariant: from the first program to the last, somebody who may holds the data directory's lock.

mod children;
mod elf;
mod health;
mod probe;
mod programs;
mod receive;
mod role;
mod routes;
mod service;
mod start;
mod successor;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use atelier_api::node::update::{UpdateOrder, UpdateReport, UpdateState, UpdateStatus};
use parking_lot::Mutex;
use tokio::sync::Notify;

pub use self::probe::{Probe, probe};
pub use self::role::Role;
pub(crate) use self::routes::routes;
pub use self::service::{ServeError, Service, serve};
pub use self::start::{Own, become_chosen};

use self::programs::Programs;
use crate::Clock;
use crate::error::NodeError;

/// What a node needs to be given new programs. A node that is part of another program has none of it: it is
/// replaced together with that.
#[derive(Debug, Clone)]
pub struct Updates(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    programs: Programs,
    /// The running one's SHA-256.
    own: Option<String>,
    /// How the new program is asked to show that it runs here.
    probe: Vec<std::ffi::OsString>,
    clock: Clock,
    /// New orders are taken; not by a program that is itself being tried out.
    open: bool,
    /// Held while a program is received or an order is looked at.
    taking: tokio::sync::Mutex<()>,
    accepted: Mutex<Option<UpdateOrder>>,
    ordered: Notify,
}

impl Updates {
    /// Those of a daemon on `data_dir`, of which this program is `own`.
    pub(crate) fn new(
        data_dir: &Path,
        own: Option<String>,
        probe: Vec<std::ffi::OsString>,
        clock: Clock,
        open: bool,
    ) -> Self {
        Self(Arc::new(Inner {
            programs: Programs::in_data(data_dir),
            own,
            probe,
            clock,
            open,
            taking: tokio::sync::Mutex::default(),
            accepted: Mutex::default(),
            ordered: Notify::new(),
        }))
    }

    /// The SHA-256 of the running program.
    pub(crate) fn own(&self) -> Option<&str> {
        self.0.own.as_deref()
    }

    /// Waits for an order.
    async fn ordered(&self) -> UpdateOrder {
        loop {
            self.0.ordered.notified().await;
            if let Some(order) = self.0.accepted.lock().clone() {
                return order;
            }
        }
    }

    fn status(&self) -> UpdateStatus {
        UpdateStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            program: self.0.own.clone(),
            kept: self.0.programs.kept(),
            report: self.0.programs.report(),
        }
    }

    /// Looks at an order, and takes it on if the program runs here.
    async fn order(&self, order: UpdateOrder) -> Result<UpdateReport, NodeError> {
        let inner = &self.0;
        if let Some(report) = inner.programs.report().filter(|it| it.id == order.id) {
            return Ok(report);
        }
        if !inner.open {
            return Err(NodeError::unavailable(
                "Another update is under way on this server.",
            ));
        }
        let _taking = inner.taking.lock().await;
        if inner.accepted.lock().is_some() {
            return Err(NodeError::unavailable(
                "Another update is under way on this server.",
            ));
        }
        let program = inner.programs.file(&order.sha256).ok_or_else(|| {
            NodeError::not_found("The server does not have this program. Send it first.")
        })?;
        let runs_already = inner.own.as_ref() == Some(&order.sha256);
        if !runs_already {
            probe::ask(&program, &inner.probe)
                .await
                .map_err(|reason| NodeError::invalid("sha256", reason))?;
        }
        let report = UpdateReport {
            id: order.id,
            sha256: order.sha256.clone(),
            state: if runs_already {
                UpdateState::Succeeded
            } else {
                UpdateState::Running
            },
            reason: None,
            at: inner.clock.now(),
        };
        inner
            .programs
            .save_report(&report)
            .map_err(|error| NodeError::storage("noting the update", error))?;
        if !runs_already {
            *inner.accepted.lock() = Some(order);
            inner.ordered.notify_one();
        }
        Ok(report)
    }
}

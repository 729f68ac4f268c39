//! Checks of what people enter.

use atelier_api::v1::node_jobs::NodeJobCreate;

use crate::app::App;
use crate::error::{Error, Result};
use crate::{names, node_jobs};

/// How many schedules an organization may have.
pub(super) const SCHEDULES_MAX: u64 = 1_000;

/// On how many servers by name a schedule runs at most; more have labels.
const NODES_MAX: usize = 1_000;

/// The longest name, in characters.
const NAME_MAX: usize = 100;

pub(super) fn name(name: &str) -> Result<String> {
    let name = name.trim();
    let is_good = !name.is_empty()
        && name.chars().count() <= NAME_MAX
        && !name.chars().any(names::is_unprintable);
    if is_good {
        Ok(name.to_owned())
    } else {
        Err(Error::invalid(
            "name",
            format!("A name has 1 to {NAME_MAX} printable characters."),
        ))
    }
}

/// Checks what is to be run, as far as that can be known now.
pub(super) fn job(app: &App, job: &NodeJobCreate) -> Result<()> {
    if job.idempotency_key.is_some() {
        return Err(Error::invalid(
            "job",
            "A schedule's jobs have keys of their own: leave idempotency_key out.",
        ));
    }
    if job.nodes.is_empty() == job.labels.is_empty() || job.nodes.len() > NODES_MAX {
        return Err(Error::invalid(
            "job",
            format!("Say on which servers: by at most {NODES_MAX} ids, or by their labels."),
        ));
    }
    node_jobs::check(app, job)
}

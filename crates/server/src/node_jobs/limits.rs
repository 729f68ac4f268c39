//! How many runs there may be at once, and what those wait for that may not begin.

use std::collections::HashMap;

use atelier_api::ids::{NodeId, OrganizationId};

use super::store::JobRow;
use super::store::runs::{self, RunRow};
use crate::app::App;
use crate::ctx::Conn;
use crate::error::Result;

/// How many may begin on a server now, as far as the limits go.
pub(super) async fn room(app: &App, conn: &mut Conn, node: NodeId) -> Result<usize> {
    let bounds = &app.config().node_jobs;
    let (here, all) = runs::running_beside(conn, node).await?;
    let left = |max: u32, used: u64| u64::from(max).saturating_sub(used);
    let room = left(bounds.per_node_max, here).min(left(bounds.per_organization_max, all));
    Ok(usize::try_from(room).unwrap_or(usize::MAX))
}

/// What runs now, for the reasons of what waits.
pub(super) struct Load {
    per_node_max: u32,
    per_organization_max: u32,
    concurrency: Option<u32>,
    job: u64,
    organization: u64,
    nodes: HashMap<NodeId, u64>,
}

impl Load {
    /// As it is for the runs of one job.
    pub(super) async fn of(app: &App, conn: &mut Conn, job: &JobRow) -> Result<Self> {
        let organization: OrganizationId = job.organization_id;
        let nodes = runs::running_by_node(conn, organization).await?;
        let bounds = &app.config().node_jobs;
        Ok(Self {
            per_node_max: bounds.per_node_max,
            per_organization_max: bounds.per_organization_max,
            concurrency: job.spec.concurrency,
            job: runs::counts(conn, job.id).await?.running,
            organization: nodes.values().sum(),
            nodes,
        })
    }

    /// What a queued run waits for whose server is there.
    pub(super) fn reason(&self, run: &RunRow) -> String {
        let name = &run.node_name;
        let here = self.nodes.get(&run.node).copied().unwrap_or_default();
        let is_full = |max: u32, used: u64| used >= u64::from(max);
        if let Some(max) = self.concurrency.filter(|max| is_full(*max, self.job)) {
            format!("It waits for the job's other servers: it runs on at most {max} at once.")
        } else if is_full(self.per_node_max, here) {
            let max = self.per_node_max;
            format!("It waits for a place on “{name}”, which runs at most {max} jobs at once.")
        } else if is_full(self.per_organization_max, self.organization) {
            let max = self.per_organization_max;
            format!("It waits for a place: the organization runs at most {max} jobs at once.")
        } else {
            "It waits for its turn on the server.".to_owned()
        }
    }
}

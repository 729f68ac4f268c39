//! What a daemon has found, and answers: how a program proves itself.

use std::collections::BTreeSet;

use atelier_api::ids::WorkspaceId;
use futures_util::future::{join, join_all};
use serde::{Deserialize, Serialize};

use crate::Node;

/// The agents that answer. Its fields only grow: programs of different versions tell it to each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Found {
    /// Workspaces whose agent answers.
    pub(super) workspaces: BTreeSet<WorkspaceId>,
    /// The machine's own agent runs, and answers.
    pub(super) machine: bool,
}

impl Found {
    /// Asks all agents that run.
    pub(super) async fn by(node: &Node) -> Self {
        let asked = node
            .agents()
            .into_iter()
            .map(|(id, agent)| async move { agent.health().await.is_ok().then_some(id) });
        let machine = async {
            match node.machine_agent().await {
                Some(agent) => agent.health().await.is_ok(),
                None => false,
            }
        };
        let (workspaces, machine) = join(join_all(asked), machine).await;
        Self {
            workspaces: workspaces.into_iter().flatten().collect(),
            machine,
        }
    }

    /// What is missing of it in `later`, for people.
    pub(super) fn missing_in(&self, later: &Self) -> Option<String> {
        let mut missing: Vec<String> = self
            .workspaces
            .difference(&later.workspaces)
            .map(|id| format!("the workspace {id}"))
            .collect();
        if self.machine && !later.machine {
            missing.push("the machine's terminals and processes".to_owned());
        }
        (!missing.is_empty()).then(|| missing.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_there_is_missed() {
        let id: WorkspaceId = "ws_00000000000000000000000001".parse().unwrap();
        let some = Found {
            workspaces: [id].into(),
            machine: true,
        };
        assert_eq!(some.missing_in(&some), None);
        assert_eq!(Found::default().missing_in(&some), None);
        let missing = some.missing_in(&Found::default()).unwrap();
        assert!(
            missing.contains("ws_") && missing.contains("machine"),
            "{missing}"
        );
    }
}

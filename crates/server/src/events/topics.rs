//! What a watcher wants to hear of.

use atelier_api::ids::{AccountId, NodeId, OrganizationId, WorkspaceId};
use atelier_api::v1::events::{Event, EventBody};

/// How many topics one watcher may have.
pub(super) const TOPICS_MAX: usize = 100;

/// One topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    Organization(OrganizationId),
    Workspace(WorkspaceId),
    Node(NodeId),
    Account(AccountId),
}

impl Topic {
    /// Reads `organization:org_…`, `workspace:ws_…`, `node:node_…` or `account:acc_…`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("organization", id) => id.parse().ok().map(Self::Organization),
            ("workspace", id) => id.parse().ok().map(Self::Workspace),
            ("node", id) => id.parse().ok().map(Self::Node),
            ("account", id) => id.parse().ok().map(Self::Account),
            _ => None,
        }
    }

    /// Whether an event belongs to it.
    pub(super) fn covers(self, event: &Event) -> bool {
        match self {
            Self::Organization(organization) => {
                event.organization_id == organization && whose(&event.body).is_none()
            }
            Self::Account(account) => whose(&event.body) == Some(account),
            Self::Workspace(workspace) => match &event.body {
                EventBody::WorkspaceChanged { workspace: changed } => changed.id == workspace,
                EventBody::WorkspacePurged { workspace_id }
                | EventBody::RepositoriesChanged { workspace_id }
                | EventBody::PortChanged { workspace_id, .. } => *workspace_id == workspace,
                _ => false,
            },
            Self::Node(node) => match &event.body {
                EventBody::NodeChanged { node: changed } => changed.id == node,
                EventBody::NodeDeleted { node_id } => *node_id == node,
                _ => false,
            },
        }
    }
}

/// Of what only one person is told: who that is.
fn whose(body: &EventBody) -> Option<AccountId> {
    match body {
        EventBody::PreferenceChanged { account_id, .. } => Some(*account_id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atelier_api::Timestamp;
    use uuid::Uuid;

    #[test]
    fn reads_the_four_forms_and_nothing_else() {
        let organization = OrganizationId::from_uuid(Uuid::from_u128(7));
        let workspace = WorkspaceId::from_uuid(Uuid::from_u128(8));
        assert_eq!(
            Topic::parse(&format!("organization:{organization}")),
            Some(Topic::Organization(organization))
        );
        assert_eq!(
            Topic::parse(&format!("workspace:{workspace}")),
            Some(Topic::Workspace(workspace))
        );
        let node = NodeId::from_uuid(Uuid::from_u128(9));
        assert_eq!(
            Topic::parse(&format!("node:{node}")),
            Some(Topic::Node(node))
        );
        let account = AccountId::from_uuid(Uuid::from_u128(10));
        assert_eq!(
            Topic::parse(&format!("account:{account}")),
            Some(Topic::Account(account))
        );
        for text in [
            "",
            ":",
            "organization:",
            &format!("organization:{workspace}"),
            &format!("{organization}"),
            &format!("workspace: {workspace}"),
            &format!("node:{workspace}"),
            "*",
        ] {
            assert_eq!(Topic::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_topic_covers_its_own_events_only() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let event = Event {
            sequence: 1,
            at: Timestamp(0),
            organization_id: OrganizationId::from_uuid(one),
            body: EventBody::WorkspacePurged {
                workspace_id: WorkspaceId::from_uuid(one),
            },
        };
        assert!(Topic::Workspace(WorkspaceId::from_uuid(one)).covers(&event));
        assert!(!Topic::Workspace(WorkspaceId::from_uuid(two)).covers(&event));
        assert!(Topic::Organization(OrganizationId::from_uuid(one)).covers(&event));
        assert!(!Topic::Organization(OrganizationId::from_uuid(two)).covers(&event));

        let (account, other) = (AccountId::from_uuid(one), AccountId::from_uuid(two));
        let own = Event {
            body: EventBody::PreferenceChanged {
                account_id: account,
                namespace: "editor".to_owned(),
                etag: String::new(),
            },
            ..event.clone()
        };
        assert!(Topic::Account(account).covers(&own));
        assert!(!Topic::Account(other).covers(&own));
        assert!(!Topic::Organization(OrganizationId::from_uuid(one)).covers(&own));
        assert!(!Topic::Account(account).covers(&event));

        let gone = Event {
            body: EventBody::NodeDeleted {
                node_id: NodeId::from_uuid(one),
            },
            ..event
        };
        assert!(Topic::Node(NodeId::from_uuid(one)).covers(&gone));
        assert!(!Topic::Node(NodeId::from_uuid(two)).covers(&gone));
        assert!(!Topic::Workspace(WorkspaceId::from_uuid(one)).covers(&gone));
    }
}

//! A row and what the registry knows of it → the node of the API.

use atelier_api::ids::NodeId;
use atelier_api::v1::events::EventBody;
use atelier_api::v1::nodes::{Node, NodeState};

use super::store::NodeRow;
use crate::app::App;

/// The node as it is told to people. Calls nobody.
pub(super) fn node(app: &App, row: &NodeRow) -> Node {
    let presence = app.nodes().presences.get(row.id);
    let state = state(app, row.id, row.local);
    let online = state == NodeState::Online;
    let info = if row.local {
        app.nodes().local_info.get().or(row.info.as_ref())
    } else {
        row.info.as_ref()
    };
    Node {
        id: row.id,
        organization_id: row.organization_id,
        name: row.name.clone(),
        local: row.local,
        state,
        state_since: presence.map(|presence| presence.since).or(row.last_seen_at),
        created_at: row.created_at,
        last_seen_at: if online && !row.local {
            Some(app.clock().now())
        } else {
            // What is not written down yet is newer.
            presence.map(|presence| presence.since).or(row.last_seen_at)
        },
        address: row.address.clone(),
        labels: row.labels.clone(),
        draining: row.draining,
        revoked: row.revoked,
        round_trip_us: if online && !row.local {
            round_trip_us(app, row.id)
        } else {
            None
        },
        warning: row.warning.clone(),
        info: info.cloned(),
        usage: app.telemetry().usage(row.id),
    }
}

fn round_trip_us(app: &App, id: NodeId) -> Option<u64> {
    let measured = app.nodes().tunnels.tunnel(&id).round_trip()?;
    u64::try_from(measured.as_micros()).ok()
}

/// Whether it can be reached.
pub(super) fn state(app: &App, id: NodeId, local: bool) -> NodeState {
    let online = if local {
        app.nodes().local.is_some()
    } else {
        let presence = app.nodes().presences.get(id);
        presence.is_some_and(|presence| presence.online)
    };
    if online {
        NodeState::Online
    } else {
        NodeState::Offline
    }
}

/// The news that it has changed.
pub(super) fn changed(app: &App, row: &NodeRow) -> EventBody {
    EventBody::NodeChanged {
        node: Box::new(node(app, row)),
    }
}

//! Servers while they are connected, and as they go.

use atelier_api::v1::events::{EventBody, EventServerMessage, SUBPROTOCOL};
use atelier_api::v1::nodes::{Node, NodeState};
use atelier_testkit::{TestApp, WebSocket, wait_for, wait_until};
use atelier_tunnel::Reason;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::daemon::{Start, info};
use super::{all, node_path, nodes_path, seen, token, view};

async fn watch(app: &TestApp, topic: String) -> WebSocket {
    let owner = app.owner().await;
    let socket = owner.websocket("/api/v1/events", Some(SUBPROTOCOL)).await;
    let mut socket = socket.unwrap();
    let subscribe = json!({ "type": "subscribe", "topics": [topic] });
    let sent = socket.send(Message::text(subscribe.to_string())).await;
    sent.unwrap();
    let answer = next(&mut socket).await;
    assert!(matches!(answer, EventServerMessage::Subscribed { .. }));
    socket
}

async fn next(socket: &mut WebSocket) -> EventServerMessage {
    loop {
        let message = socket.next().await.expect("the stream goes on");
        if let Message::Text(text) = message.expect("the stream is whole") {
            return serde_json::from_str(&text).expect("messages are as described");
        }
    }
}

/// The next news of a server.
async fn news(socket: &mut WebSocket) -> EventBody {
    match next(socket).await {
        EventServerMessage::Event(event) => event.body,
        other => panic!("{other:?}"),
    }
}

async fn changed(socket: &mut WebSocket) -> Node {
    match news(socket).await {
        EventBody::NodeChanged { node } => *node,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn coming_and_going_are_seen_and_told() {
    let app = TestApp::start().await;
    let start = Start::joining(&token(&app, &json!({})).await.secret);
    let (daemon, id) = start.join(&app).await;
    seen(&app, id).await;
    let online = wait_for("its round trip is known", || async {
        let node = view(&app, id).await;
        node.round_trip_us.is_some().then_some(node)
    })
    .await;
    assert!(online.last_seen_at.is_some());

    let mut socket = watch(&app, format!("node:{id}")).await;
    drop(daemon);
    let gone = changed(&mut socket).await;
    assert_eq!((gone.id, gone.state), (id, NodeState::Offline));
    assert_eq!(gone.state_since, gone.last_seen_at);
    assert_eq!(gone.round_trip_us, None);
    let (_daemon, _) = start.joined(id).join(&app).await;
    let back = changed(&mut socket).await;
    assert_eq!((back.id, back.state), (id, NodeState::Online));
}

#[tokio::test]
async fn a_list_asks_no_server_anything() {
    let app = TestApp::start().await;
    let mut daemons = Vec::new();
    for _ in 0..5 {
        let start = Start::joining(&token(&app, &json!({})).await.secret);
        daemons.push(start.join(&app).await);
    }
    let (organization, viewer) = (app.organization().await, app.viewer().await);
    let path = nodes_path(organization);
    wait_until("all are seen", || async {
        let online = all(&viewer, &path, &[("state", "online"), ("limit", "2")]).await;
        online.len() == 5
    })
    .await;
    let offline = all(&viewer, &path, &[("state", "offline")]).await;
    assert_eq!(offline.len(), 1, "the embedded one, which this app has not");
    for (daemon, id) in &daemons {
        view(&app, *id).await;
        assert_eq!(daemon.calls(), 0);
    }
}

#[tokio::test]
async fn of_a_copied_machine_the_second_is_refused_and_both_are_named() {
    let app = TestApp::start().await;
    let start = Start::joining(&token(&app, &json!({})).await.secret);
    let (first, id) = start.join(&app).await;
    seen(&app, id).await;

    let mut copy = start.joined(id);
    copy.info = info("copy");
    let refusal = copy.refused(&app).await;
    assert_eq!(refusal.reason, Reason::Duplicate);
    let node = view(&app, id).await;
    let warning = node.warning.unwrap();
    for name in ["127.0.0.1 (machine)", "127.0.0.1 (copy)"] {
        assert!(warning.contains(name), "{warning}");
    }
    assert_eq!(node.info.unwrap().hostname, "machine");
    assert_eq!(node.state, NodeState::Online, "the first goes on");
    first.connected().await;

    drop(first);
    let (_first, _) = start.joined(id).join(&app).await;
    wait_until("the warning is settled", || async {
        view(&app, id).await.warning.is_none()
    })
    .await;
}

#[tokio::test]
async fn a_revoked_server_is_cut_off_at_once_and_can_join_again() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let secret = token(&app, &json!({ "name": "kept" })).await.secret;
    let start = Start::joining(&secret);
    let (daemon, id) = start.join(&app).await;
    seen(&app, id).await;
    let mut socket = watch(&app, format!("node:{id}")).await;
    let revoke = format!("{}/revoke", node_path(id));
    let revoked: Node = owner.post(&revoke).send().await.ok();
    assert!(revoked.revoked);
    assert_eq!(revoked.state, NodeState::Offline);
    let told = changed(&mut socket).await;
    assert_eq!((told.state, told.revoked), (NodeState::Offline, true));

    // It presents its token still, as one does that has never stored its id.
    let detail = daemon.refusal().await;
    assert_eq!(detail.reason, Reason::Denied, "{detail}");
    drop(daemon);
    let refusal = start.joined(id).refused(&app).await;
    assert_eq!(refusal.reason, Reason::Revoked);

    let again = token(&app, &json!({ "node_id": id })).await;
    let rejoin = Start::joining(&again.secret);
    let (_daemon, same) = rejoin.join(&app).await;
    assert_eq!(same, id);
    let node = view(&app, id).await;
    assert_eq!((node.name.as_str(), node.revoked), ("kept", false));
    let detail = start.joined(id).denied(&app).await;
    assert!(detail.contains("another key"), "{detail}");
}

#[tokio::test]
async fn a_key_is_exchanged_by_joining_again() {
    let app = TestApp::start().await;
    let start = Start::joining(&token(&app, &json!({})).await.secret);
    let (old, id) = start.join(&app).await;
    let again = token(&app, &json!({ "node_id": id })).await;
    let (new, same) = Start::joining(&again.secret).join(&app).await;
    assert_eq!(same, id);
    let refusal = old.refusal().await;
    assert_eq!(refusal.reason, Reason::Denied);
    new.connected().await;
}

#[tokio::test]
async fn a_removed_server_is_gone_with_its_connection() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let start = Start::joining(&token(&app, &json!({})).await.secret);
    let (daemon, id) = start.join(&app).await;
    seen(&app, id).await;
    let mut socket = watch(&app, format!("node:{id}")).await;
    owner.delete(&node_path(id)).send().await.expect_status(204);
    assert_eq!(
        news(&mut socket).await,
        EventBody::NodeDeleted { node_id: id }
    );
    daemon.refusal().await;
    let detail = start.joined(id).denied(&app).await;
    assert!(detail.contains("removed"), "{detail}");
    owner.get(&node_path(id)).send().await.expect_status(404);
}

#[tokio::test]
async fn servers_are_back_after_a_restart_of_the_control_plane() {
    let mut app = TestApp::start().await;
    let start = Start::joining(&token(&app, &json!({})).await.secret);
    let (daemon, id) = start.join(&app).await;
    seen(&app, id).await;
    let owner = app.owner().await;
    app.restart().await.unwrap();
    drop(daemon);
    let owner = app.again(&owner);
    let node: Node = owner.get(&node_path(id)).send().await.ok();
    assert_eq!(node.state, NodeState::Offline);
    assert!(node.last_seen_at.is_some(), "written at the shutdown");
    let (_daemon, _) = start.joined(id).join(&app).await;
    wait_until("the server is seen again", || async {
        let node: Node = owner.get(&node_path(id)).send().await.ok();
        node.state == NodeState::Online
    })
    .await;
}

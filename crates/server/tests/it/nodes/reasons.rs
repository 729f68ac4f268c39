//! Why lines went down: each kind, as it is told.

use atelier_api::Page;
use atelier_api::ids::NodeId;
use atelier_api::v1::nodes::{NodeConnectionChange, NodeConnectionReason, NodeState};
use atelier_db::sqlx;
use atelier_testkit::TestApp;
use serde_json::{Value, json};

use super::connections::{path, reach, written};
use super::daemon::{Daemon, Start};
use super::relay::{Relay, Way};
use super::{embedded, seen, token};

async fn join_through(app: &TestApp, relay: &Relay) -> (Daemon, NodeId) {
    let start = Start::joining(&token(app, &json!({})).await.secret);
    let daemon = start.run_through(&relay.url());
    let id = daemon.welcome().await.node_id;
    seen(app, id).await;
    (daemon, id)
}

#[tokio::test]
async fn a_line_that_falls_silent_and_one_that_is_cut_say_so() {
    let mut app = TestApp::start().await;
    let owner = app.owner().await;
    let (one, other) = (Relay::to(&app).await, Relay::to(&app).await);
    let (_silent, silent_id) = join_through(&app, &one).await;
    let (_cut, cut_id) = join_through(&app, &other).await;
    one.turn(Way::BlackHole);
    other.turn(Way::Cut);
    reach(&app, &owner, cut_id, NodeState::Offline).await;
    reach(&app, &owner, silent_id, NodeState::Offline).await;

    app.restart().await.unwrap();
    let owner = app.again(&owner);
    let newest = written(&owner, silent_id).await.remove(0);
    let silence_ms = 9_000;
    let silent = NodeConnectionReason::Silent { silence_ms };
    assert_eq!(newest.reason, Some(silent));
    match written(&owner, cut_id).await.remove(0).reason {
        Some(NodeConnectionReason::Failed { detail }) => assert_ne!(detail, ""),
        other => panic!("{other:?}"),
    }
}

/// As they are stored; what was written before there were kinds is like the last.
#[tokio::test]
async fn every_kind_is_told_with_what_belongs_to_it() {
    let app = TestApp::start().await;
    let (owner, id) = (app.owner().await, embedded(&app).await.id);
    let db = app.database().await;
    let mut tx = db.begin().await.unwrap();
    let kinds = [
        ("closed", None, None),
        ("silent", Some(34_000_i64), None),
        ("revoked", None, None),
        ("rejoined", None, None),
        ("stayed_away", None, None),
        ("failed", None, Some("the other side closed it")),
    ];
    for (sequence, (kind, silence_ms, detail)) in (1_i64..).zip(kinds) {
        sqlx::query(
            "INSERT INTO node_connections (node_id, sequence, at, online, reason_kind, \
             silence_ms, reason_detail) VALUES ($1, $2, $2, 0, $3, $4, $5)",
        )
        .bind(id.to_string())
        .bind(sequence)
        .bind(kind)
        .bind(silence_ms)
        .bind(detail)
        .execute(&mut *tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    db.close().await;

    let page: Page<Value> = owner.get(&path(id)).send().await.ok();
    let told: Vec<_> = page
        .items
        .iter()
        .rev()
        .map(|item| &item["reason"])
        .collect();
    let expected = [
        json!({ "kind": "closed" }),
        json!({ "kind": "silent", "silence_ms": 34_000 }),
        json!({ "kind": "revoked" }),
        json!({ "kind": "rejoined" }),
        json!({ "kind": "stayed_away" }),
        json!({ "kind": "failed", "detail": "the other side closed it" }),
    ];
    assert_eq!(told, expected.iter().collect::<Vec<_>>());
    let page: Page<NodeConnectionChange> = owner.get(&path(id)).send().await.ok();
    assert_eq!(page.items.len(), kinds.len());
}

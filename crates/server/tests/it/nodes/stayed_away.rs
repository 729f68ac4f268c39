//! Servers that do not come back after the control plane was restarted.

use atelier_api::Timestamp;
use atelier_api::ids::NodeId;
use atelier_api::v1::nodes::{Node, NodeConnectionChange, NodeConnectionReason, NodeState};
use atelier_db::sqlx;
use atelier_testkit::{TestActor, TestApp, wait_until};
use serde_json::json;

use super::connections::{reach, written};
use super::daemon::{Daemon, Start};
use super::list::{fleet, number};
use super::{node_path, seen, token};

/// So long after the start a server may be on its way back.
const ON_ITS_WAY_MAX_MS: i64 = 2 * 60 * 1_000;

const MINUTE_MS: i64 = 60 * 1_000;

async fn join(app: &TestApp) -> (Daemon, Start, NodeId) {
    let start = Start::joining(&token(app, &json!({})).await.secret);
    let (daemon, id) = start.join(app).await;
    seen(app, id).await;
    (daemon, start.joined(id), id)
}

async fn come_back(app: &TestApp, owner: &TestActor, start: &Start) -> Daemon {
    let (daemon, id) = start.join(app).await;
    reach(app, owner, id, NodeState::Online).await;
    daemon
}

/// Since when a server is there or not; for after a restart, too.
async fn since(app: &TestApp, owner: &TestActor, id: NodeId) -> Option<Timestamp> {
    let request = app.again(owner).get(&node_path(id));
    request.send().await.ok::<Node>().state_since
}

fn up(at: Timestamp) -> NodeConnectionChange {
    NodeConnectionChange {
        at,
        online: true,
        reason: None,
    }
}

fn away(at: Timestamp) -> NodeConnectionChange {
    NodeConnectionChange {
        at,
        online: false,
        reason: Some(NodeConnectionReason::StayedAway),
    }
}

#[tokio::test]
async fn a_server_that_stays_away_after_a_restart_went_down_when_it_was_last_seen() {
    let mut app = TestApp::builder().manual_clock().start().await;
    let owner = app.owner().await;
    let (gone, gone_start, gone_id) = join(&app).await;
    let (here, here_start, here_id) = join(&app).await;
    let joined = since(&app, &owner, gone_id).await.unwrap();
    app.advance_ms(10 * MINUTE_MS);
    let stopped = joined.plus_ms(10 * MINUTE_MS);
    app.restart().await.unwrap();
    drop((gone, here));

    // While it may be on its way nothing is written, at the shutdown neither.
    let here = come_back(&app, &owner, &here_start).await;
    app.advance_ms(ON_ITS_WAY_MAX_MS - 1);
    app.restart().await.unwrap();
    drop(here);
    let again = app.again(&owner);
    assert_eq!(written(&again, gone_id).await, [up(joined)]);
    assert_eq!(written(&again, here_id).await, [up(joined)]);

    // Then it is, by itself, and nothing of the one that is there.
    let here = come_back(&app, &owner, &here_start).await;
    app.advance_ms(ON_ITS_WAY_MAX_MS);
    wait_until("it is written that the server stayed away", || async {
        written(&again, gone_id).await.len() > 1
    })
    .await;
    let told = [away(stopped), up(joined)];
    assert_eq!(written(&again, gone_id).await, told);
    assert_eq!(since(&app, &owner, gone_id).await, Some(stopped));
    assert_eq!(written(&again, here_id).await, [up(joined)]);

    // Once; the next restart has the other one's turn, who was seen until then.
    let second = stopped.plus_ms(2 * ON_ITS_WAY_MAX_MS - 1);
    app.restart().await.unwrap();
    drop(here);
    app.advance_ms(ON_ITS_WAY_MAX_MS);
    app.restart().await.unwrap();
    let again = app.again(&owner);
    assert_eq!(written(&again, gone_id).await, told);
    assert_eq!(written(&again, here_id).await, [away(second), up(joined)]);

    // Back, it was away from then on.
    let _gone = come_back(&app, &owner, &gone_start).await;
    let back = since(&app, &owner, gone_id).await.unwrap();
    app.advance_ms(ON_ITS_WAY_MAX_MS);
    app.restart().await.unwrap();
    let told = [up(back), away(stopped), up(joined)];
    assert_eq!(written(&app.again(&owner), gone_id).await, told);
}

/// What is stored of lines that stayed away: how many, and when the one of a server went down.
async fn stored(app: &TestApp, node: NodeId) -> (i64, Option<i64>) {
    let db = app.database().await;
    let mut conn = db.read().await.unwrap();
    let count = sqlx::query_scalar(
        "SELECT COUNT(*) FROM node_connections WHERE reason_kind = 'stayed_away'",
    )
    .fetch_one(&mut *conn)
    .await
    .unwrap();
    let at = sqlx::query_scalar(
        "SELECT at FROM node_connections WHERE node_id = $1 AND reason_kind = 'stayed_away'",
    )
    .bind(node.to_string())
    .fetch_optional(&mut *conn)
    .await
    .unwrap();
    drop(conn);
    db.close().await;
    (count, at)
}

/// More than are read at once, and than one transaction writes.
#[tokio::test]
async fn thousands_that_stay_away_are_told_from_those_that_were_away_before() {
    let mut app = TestApp::builder().manual_clock().start().await;
    let organization = app.organization().await;
    fleet(&app, organization, 4_100).await;
    let db = app.database().await;
    let mut tx = db.begin().await.unwrap();
    for statement in [
        // All were there when they were last seen, at 5. Of the first five nothing is known; the sixth came later.
        "INSERT INTO node_connections (node_id, sequence, at, online) \
         SELECT id, 1, CASE WHEN name_key = 'node 00006' THEN 7 ELSE 3 END, 1 FROM nodes \
         WHERE local = 0 AND name_key > 'node 00005'",
        // Every tenth went before.
        "INSERT INTO node_connections (node_id, sequence, at, online, reason_kind) \
         SELECT id, 2, 4, 0, 'closed' FROM nodes WHERE name_key LIKE 'node %0'",
    ] {
        sqlx::query(statement).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    db.close().await;

    app.advance_ms(ON_ITS_WAY_MAX_MS);
    app.restart().await.unwrap();
    let away = 4_100 - 5 - 410;
    assert_eq!(stored(&app, number(4_099)).await, (away, Some(5)));
    assert_eq!(stored(&app, number(6)).await, (away, Some(7)));
    assert_eq!(stored(&app, number(5)).await, (away, None));
    assert_eq!(stored(&app, number(4_100)).await, (away, None));
}

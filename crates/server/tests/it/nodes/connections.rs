//! When the lines to servers went up and down, as people read it afterwards.

use atelier_api::ids::NodeId;
use atelier_api::v1::nodes::{Node, NodeConnectionChange, NodeConnectionReason, NodeState};
use atelier_api::{ErrorCode, Page};
use atelier_db::sqlx;
use atelier_testkit::{TestActor, TestApp, wait_until};
use serde_json::json;

use super::daemon::{Daemon, Start};
use super::{embedded, node_path, seen, token, view};

pub(super) fn path(node: NodeId) -> String {
    format!("{}/connections", node_path(node))
}

/// What is written of a server's line, newest first.
pub(super) async fn written(actor: &TestActor, node: NodeId) -> Vec<NodeConnectionChange> {
    let page: Page<NodeConnectionChange> = actor.get(&path(node)).send().await.ok();
    assert_eq!(page.next_cursor, None);
    page.items
}

pub(super) async fn reach(app: &TestApp, owner: &TestActor, node: NodeId, state: NodeState) {
    let owner = app.again(owner);
    wait_until(&format!("the server is {state:?}"), || async {
        let node: Node = owner.get(&node_path(node)).send().await.ok();
        node.state == state
    })
    .await;
}

#[tokio::test]
async fn a_line_that_goes_down_and_up_is_written_with_its_reason() {
    let mut app = TestApp::start().await;
    let owner = app.owner().await;
    let start = Start::joining(&token(&app, &json!({})).await.secret);
    let (daemon, id) = start.join(&app).await;
    let start = start.joined(id);
    seen(&app, id).await;
    let up = view(&app, id).await.state_since;

    // Nobody has stopped: the saver writes by itself.
    wait_until("the first time is written", || async {
        !written(&owner, id).await.is_empty()
    })
    .await;

    drop(daemon);
    reach(&app, &owner, id, NodeState::Offline).await;
    let down = view(&app, id).await.state_since;
    let (daemon, _) = start.join(&app).await;
    reach(&app, &owner, id, NodeState::Online).await;
    let back = view(&app, id).await.state_since;

    // What has not been written yet is at the shutdown, and that the line ends with it is not.
    app.restart().await.unwrap();
    let owner = app.again(&owner);
    let first = written(&owner, id).await;
    let times: Vec<_> = first
        .iter()
        .map(|change| (change.online, Some(change.at)))
        .collect();
    assert_eq!(times, [(true, back), (false, down), (true, up)]);
    let reasons: Vec<_> = first.iter().map(|change| change.reason.clone()).collect();
    assert_eq!(reasons, [None, Some(NodeConnectionReason::Closed), None]);

    // It is back after the restart, and was not away as far as anybody knows.
    drop(daemon);
    let (_daemon, _) = start.join(&app).await;
    reach(&app, &owner, id, NodeState::Online).await;
    app.restart().await.unwrap();
    assert_eq!(written(&app.again(&owner), id).await, first);
}

/// Cuts a server's line and lets it come back, and answers whether that was no news.
async fn cut_shortly(app: &TestApp, start: &Start, daemon: Daemon, id: NodeId) -> (Daemon, bool) {
    let has_line = |wanted: bool| async move {
        wait_until("the line is as it is to be", || async {
            view(app, id).await.round_trip_us.is_some() == wanted
        })
        .await;
    };
    has_line(true).await;
    let since = view(app, id).await.state_since;
    drop(daemon);
    has_line(false).await;
    let (daemon, _) = start.join(app).await;
    has_line(true).await;
    (daemon, view(app, id).await.state_since == since)
}

#[tokio::test]
async fn a_line_that_is_back_within_the_grace_is_not_written() {
    let mut app = TestApp::start().await;
    let owner = app.owner().await;
    let start = Start::joining(&token(&app, &json!({})).await.secret);
    let (mut daemon, id) = start.join(&app).await;
    let start = start.joined(id);
    seen(&app, id).await;
    // A busy machine may take longer than the grace once, and then it is news.
    let mut was_short = false;
    for _ in 0..5 {
        (daemon, was_short) = cut_shortly(&app, &start, daemon, id).await;
        if was_short {
            break;
        }
    }
    assert!(was_short, "no line is back within the grace");
    let since = view(&app, id).await.state_since;

    // When the grace of a line that is cut later is over, so is that of the first.
    let other = Start::joining(&token(&app, &json!({})).await.secret);
    let (later, other_id) = other.join(&app).await;
    seen(&app, other_id).await;
    drop(later);
    reach(&app, &owner, other_id, NodeState::Offline).await;

    app.restart().await.unwrap();
    drop(daemon);
    let owner = app.again(&owner);
    let newest = written(&owner, id).await.remove(0);
    assert_eq!((newest.online, Some(newest.at)), (true, since));
    let newest = written(&owner, other_id).await.remove(0);
    assert!(!newest.online);
}

#[tokio::test]
async fn a_revoked_server_says_so_and_comes_back() {
    let mut app = TestApp::start().await;
    let owner = app.owner().await;
    let start = Start::joining(&token(&app, &json!({})).await.secret);
    let (daemon, id) = start.join(&app).await;
    seen(&app, id).await;
    let revoke = format!("{}/revoke", node_path(id));
    owner.post(&revoke).send().await.expect_status(200);
    drop(daemon);
    let again = token(&app, &json!({ "node_id": id })).await;
    let (_daemon, _) = Start::joining(&again.secret).join(&app).await;
    seen(&app, id).await;

    // One that is removed before anything is written of it is no hindrance.
    let gone = Start::joining(&token(&app, &json!({})).await.secret);
    let (_gone, gone_id) = gone.join(&app).await;
    seen(&app, gone_id).await;
    let removed = owner.delete(&node_path(gone_id)).send().await;
    removed.expect_status(204);

    app.restart().await.unwrap();
    let owner = app.again(&owner);
    let changes = written(&owner, id).await;
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change.online, change.reason.clone()))
        .collect();
    let revoked = Some(NodeConnectionReason::Revoked);
    assert_eq!(told, [(true, None), (false, revoked), (true, None)]);
    let answer = owner.get(&path(gone_id)).send().await;
    answer.problem(ErrorCode::NotFound);
}

#[tokio::test]
async fn the_newest_five_hundred_are_kept_and_read_page_by_page() {
    let mut app = TestApp::start().await;
    let owner = app.owner().await;
    let start = Start::joining(&token(&app, &json!({})).await.secret);
    let (daemon, id) = start.join(&app).await;
    seen(&app, id).await;
    drop(daemon);
    reach(&app, &owner, id, NodeState::Offline).await;
    app.restart().await.unwrap();
    let owner = app.again(&owner);

    // Three are there when it is back; so many more as are kept were before.
    let db = app.database().await;
    let mut tx = db.begin().await.unwrap();
    sqlx::query("UPDATE node_connections SET sequence = sequence + 498 WHERE node_id = $1")
        .bind(id.to_string())
        .execute(&mut *tx)
        .await
        .unwrap();
    for sequence in 1..=498_i64 {
        sqlx::query(
            "INSERT INTO node_connections (node_id, sequence, at, online, reason_kind, \
             reason_detail) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.to_string())
        .bind(sequence)
        .bind(sequence)
        .bind(sequence % 2)
        .bind((sequence % 2 == 0).then_some("failed"))
        .bind((sequence % 2 == 0).then_some("it broke"))
        .execute(&mut *tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    db.close().await;
    let (_daemon, _) = start.joined(id).join(&app).await;
    reach(&app, &owner, id, NodeState::Online).await;
    app.restart().await.unwrap();
    let owner = app.again(&owner);

    let (mut changes, mut cursor) = (Vec::new(), String::new());
    loop {
        let mut query = vec![("limit", "200")];
        if !cursor.is_empty() {
            query.push(("cursor", cursor.as_str()));
        }
        let request = owner.get(&path(id)).query(&query);
        let page: Page<NodeConnectionChange> = request.send().await.ok();
        changes.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = next,
            None => break,
        }
    }
    assert_eq!(changes.len(), 500);
    assert_eq!(changes[499].at.0, 2, "the oldest of them all is gone");
    let detail = "it broke".to_owned();
    let failed = NodeConnectionReason::Failed { detail };
    assert_eq!(changes[499].reason, Some(failed));
    let alternate = changes
        .windows(2)
        .all(|pair| pair[0].online != pair[1].online);
    assert!(alternate && changes[0].online);

    let malformed = owner.get(&path(id)).query(&[("cursor", "x")]).send().await;
    let problem = malformed.problem(ErrorCode::Invalid);
    assert_eq!(problem.field.as_deref(), Some("cursor"));
}

#[tokio::test]
async fn whoever_sees_a_server_reads_it_and_nobody_else() {
    let app = TestApp::start().await;
    let id = embedded(&app).await.id;
    assert_eq!(written(&app.viewer().await, id).await, []);
    let answer = app.outsider().await.get(&path(id)).send().await;
    answer.problem(ErrorCode::NotFound);
    let answer = app.anonymous().get(&path(id)).send().await;
    answer.problem(ErrorCode::Unauthenticated);
}

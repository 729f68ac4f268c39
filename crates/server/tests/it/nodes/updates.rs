//! Rollouts: which servers are told when, by what the servers answer.

use std::sync::Arc;

use atelier_api::ids::NodeId;
use atelier_api::node::update::UpdateOrder;
use atelier_api::v1::node_rollouts::NodeUpdateState::{Aborted, Failed, Succeeded};
use atelier_api::v1::node_rollouts::{
    NodeRollout, NodeRolloutState, NodeUpdateRun, NodeUpdateState,
};
use atelier_api::v1::nodes::NodeState;
use atelier_api::{ErrorCode, Page};
use atelier_testkit::{TestApp, wait_for, wait_until};
use axum::Router;
use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::daemon::{Daemon, Start};
use super::{embedded, seen, token, view};

/// Who was ordered, in this order.
type Told = Arc<Mutex<Vec<&'static str>>>;

/// Servers that take every program, and do with an order what their names say.
struct Fleet {
    app: TestApp,
    told: Told,
    nodes: Vec<NodeId>,
    daemons: Vec<Daemon>,
    _folder: tempfile::TempDir,
}

fn answer(value: &Value) -> Response {
    let headers = [(CONTENT_TYPE, "application/json")];
    (headers, value.to_string()).into_response()
}

/// A server that is updated at once, or fails, or forbids it.
fn router(name: &'static str, told: &Told) -> Router {
    let (told, report) = (Arc::clone(told), Arc::new(Mutex::new(Value::Null)));
    let known = Arc::clone(&report);
    let status = move || async move {
        let mut status = json!({ "version": "0", "kept": [] });
        let report = known.lock().clone();
        if !report.is_null() {
            status["report"] = report;
        }
        answer(&status)
    };
    let order = move |body: Bytes| async move {
        if name.starts_with("forbids") {
            let problem = json!({ "type": "about:blank", "title": "Forbidden", "status": 403,
                "code": "forbidden", "detail": "The owner does not permit it." });
            return (StatusCode::FORBIDDEN, answer(&problem)).into_response();
        }
        let order: UpdateOrder = serde_json::from_slice(&body).unwrap();
        told.lock().push(name);
        let failed = name.starts_with("fails");
        let state = if failed { "failed" } else { "succeeded" };
        let made = json!({ "id": order.id, "sha256": order.sha256, "state": state, "at": 1,
            "reason": failed.then_some("It was not healthy.") });
        *report.lock() = made.clone();
        answer(&made)
    };
    Router::new()
        .route("/v1/update", get(status))
        .route("/v1/update/order", put(order))
        .route(
            "/v1/update/programs/{sha256}",
            put(|body: Bytes| async move {
                assert_eq!(body, "a program");
                StatusCode::NO_CONTENT
            }),
        )
}

impl Fleet {
    async fn new(names: &[&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::write(&program, "a program").unwrap();
        let app = TestApp::builder()
            .config(|config| {
                config.updates.programs = [("x86_64".to_owned(), program)].into();
            })
            .start()
            .await;
        let told = Told::default();
        let (mut nodes, mut daemons) = (Vec::new(), Vec::new());
        for name in names {
            let mut start = Start::joining(&token(&app, &json!({ "name": name })).await.secret);
            start.router = router(name, &told);
            let (daemon, id) = start.join(&app).await;
            seen(&app, id).await;
            nodes.push(id);
            daemons.push(daemon);
        }
        Self {
            app,
            told,
            nodes,
            daemons,
            _folder: folder,
        }
    }

    async fn start(&self, more: Value) -> NodeRollout {
        let mut body = json!({ "nodes": self.nodes, "canary": 1, "batch": 2 });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        let path = format!(
            "/api/v1/organizations/{}/node-rollouts",
            self.app.organization().await
        );
        let request = self.app.owner().await.post(&path).json(&body);
        request.send().await.expect_status(201).ok()
    }

    async fn get(&self, rollout: &NodeRollout) -> NodeRollout {
        let path = format!("/api/v1/node-rollouts/{}", rollout.id);
        self.app.owner().await.get(&path).send().await.ok()
    }

    async fn ended(&self, rollout: &NodeRollout) -> NodeRollout {
        wait_for("the rollout's end", || async {
            let seen = self.get(rollout).await;
            seen.state.has_ended().then_some(seen)
        })
        .await
    }

    async fn states(&self, rollout: &NodeRollout) -> Vec<NodeUpdateState> {
        let path = format!("/api/v1/node-rollouts/{}/nodes", rollout.id);
        let page: Page<NodeUpdateRun> = self.app.owner().await.get(&path).send().await.ok();
        page.items.iter().map(|run| run.state).collect()
    }

    async fn ask(&self, rollout: &NodeRollout, verb: &str) -> atelier_testkit::TestResponse {
        let path = format!("/api/v1/node-rollouts/{}/{verb}", rollout.id);
        let request = self.app.owner().await.post(&path).json(&json!({}));
        request.send().await
    }

    fn told(&self) -> Vec<&'static str> {
        self.told.lock().clone()
    }
}

#[tokio::test]
async fn the_canary_comes_before_the_batches() {
    let fleet = Fleet::new(&["canary", "b", "c", "forbids", "e"]).await;
    let rollout = fleet.start(json!({})).await;
    let ended = fleet.ended(&rollout).await;
    assert_eq!(ended.state, NodeRolloutState::Succeeded, "{ended:?}");
    assert_eq!(ended.reason.as_deref(), Some("One server was passed over."));
    let mut told = fleet.told();
    told[1..3].sort_unstable();
    assert_eq!(told, ["canary", "b", "c", "e"]);
    assert_eq!(fleet.states(&rollout).await[3], NodeUpdateState::Skipped);
    // In the order in which they were named, not in that of their ids.
    let first = fleet.nodes[4];
    let again = fleet
        .start(json!({ "nodes": [first, fleet.nodes[0]] }))
        .await;
    fleet.ended(&again).await;
    assert_eq!(fleet.told()[4..], ["e", "canary"]);
}

#[tokio::test]
async fn a_failure_stops_it_before_others_are_touched() {
    let fleet = Fleet::new(&["canary", "fails", "c", "d", "e"]).await;
    let rollout = fleet.start(json!({})).await;
    let ended = fleet.ended(&rollout).await;
    assert_eq!(ended.state, NodeRolloutState::Failed);
    let reason = ended.reason.unwrap();
    assert!(
        reason.contains("“fails”") && reason.contains("not healthy"),
        "{reason}"
    );
    let states = fleet.states(&rollout).await;
    assert_eq!(states, [Succeeded, Failed, Succeeded, Aborted, Aborted]);
    assert_eq!(fleet.told().len(), 3);
}

#[tokio::test]
async fn it_pauses_goes_on_and_ends_as_people_say() {
    let fleet = Fleet::new(&["canary", "b", "c"]).await;
    let slow = json!({ "pause_s": 3600, "batch": 1 });
    let rollout = fleet.start(slow).await;
    let pausing = || async {
        let seen = fleet.get(&rollout).await;
        seen.next_stage_at.is_some()
    };
    wait_until("the pause after the canary", pausing).await;
    let path = format!(
        "/api/v1/organizations/{}/node-rollouts",
        fleet.app.organization().await
    );
    let second = fleet
        .app
        .owner()
        .await
        .post(&path)
        .json(&json!({ "all": true }));
    second.send().await.problem(ErrorCode::Conflict);

    let paused: NodeRollout = fleet.ask(&rollout, "pause").await.ok();
    assert_eq!(paused.state, NodeRolloutState::Paused);
    fleet
        .ask(&rollout, "pause")
        .await
        .problem(ErrorCode::Conflict);
    fleet.app.settle().await;
    assert_eq!(fleet.told(), ["canary"]);
    let resumed: NodeRollout = fleet.ask(&rollout, "resume").await.ok();
    assert_eq!(resumed.state, NodeRolloutState::Running);
    wait_until("the pause after the next", || async {
        fleet.told().len() == 2 && fleet.get(&rollout).await.next_stage_at.is_some()
    })
    .await;
    let aborted: NodeRollout = fleet.ask(&rollout, "abort").await.ok();
    assert_eq!(aborted.state, NodeRolloutState::Aborted);
    fleet
        .ask(&rollout, "resume")
        .await
        .problem(ErrorCode::Conflict);
    assert_eq!(
        fleet.states(&rollout).await,
        [Succeeded, Succeeded, Aborted]
    );
    fleet.app.settle().await;
    assert_eq!(fleet.told(), ["canary", "b"]);
}

#[tokio::test]
async fn who_is_away_is_waited_for_where_that_is_wanted() {
    let mut fleet = Fleet::new(&["away"]).await;
    fleet.daemons.clear();
    wait_until("the server is away", || async {
        view(&fleet.app, fleet.nodes[0]).await.state == NodeState::Offline
    })
    .await;
    let rollout = fleet.start(json!({ "wait_for_offline": true })).await;
    wait_until("it is being updated", || async {
        fleet.states(&rollout).await == [NodeUpdateState::Running]
    })
    .await;
    let rejoin = json!({ "node_id": fleet.nodes[0] });
    let mut start = Start::joining(&token(&fleet.app, &rejoin).await.secret);
    start.router = router("away", &fleet.told);
    fleet.daemons.push(start.join(&fleet.app).await.0);
    let ended = fleet.ended(&rollout).await;
    assert_eq!(ended.state, NodeRolloutState::Succeeded, "{ended:?}");
    assert_eq!(fleet.told(), ["away"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_what_cannot_be_is_passed_over() {
    let fleet = Fleet::new(&["one"]).await;
    let path = format!(
        "/api/v1/organizations/{}/node-rollouts",
        fleet.app.organization().await
    );
    let owner = fleet.app.owner().await;
    for (body, status) in [
        (json!({}), 422),
        (json!({ "all": true, "nodes": [fleet.nodes[0]] }), 422),
        (json!({ "labels": { "no": "such" } }), 422),
        (json!({ "all": true, "batch": 0 }), 422),
        (json!({ "all": true, "healthy_within_s": 601 }), 422),
        (json!({ "nodes": ["node_00000000000000000000000009"] }), 404),
    ] {
        let sent = owner.post(&path).json(&body).send().await;
        assert_eq!(sent.status.as_u16(), status, "{body}");
    }
    let local = embedded(&fleet.app).await;
    let rollout = fleet.start(json!({ "nodes": [local.id] })).await;
    let ended = fleet.ended(&rollout).await;
    assert_eq!(ended.counts.skipped, 1);
    assert_eq!(fleet.told(), Vec::<&str>::new());
}

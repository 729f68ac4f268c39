//! Node jobs: from the request to real processes on servers behind the tunnel.

use std::path::PathBuf;

use atelier_api::ids::{NodeId, NodeJobId, NodeRunId};
use atelier_api::node::jobs::OFFSET_HEADER;
use atelier_api::v1::node_jobs::{NodeJob, NodeJobState, NodeRun, NodeRunState};
use atelier_api::v1::nodes::NodeState;
use atelier_api::{ErrorCode, Page};
use atelier_node::{Launcher, Node, NodeConfig};
use atelier_testkit::{TestActor, TestApp, TestResponse, wait_for, wait_until};
use axum::extract::Request;
use axum::middleware::Next;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::daemon::{Daemon, Start};
use super::{node_path, seen, token, view};

/// A server that has joined, with a real node whose agent runs in this process.
pub(super) struct Far {
    folder: tempfile::TempDir,
    /// Absent only while it starts again.
    node: Option<Node>,
    pub(super) start: Start,
    daemon: Option<Daemon>,
    pub(super) id: NodeId,
}

impl Far {
    pub(super) async fn join(app: &TestApp) -> Self {
        Self::join_with(app, "").await
    }

    /// With a policy of its own.
    async fn join_with(app: &TestApp, policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let node = open(&folder, policy).await;
        let mut start = Start::joining(&token(app, &json!({})).await.secret);
        start.router = node.router();
        let (daemon, id) = start.join(app).await;
        seen(app, id).await;
        Self {
            start: start.joined(id),
            daemon: Some(daemon),
            folder,
            node: Some(node),
            id,
        }
    }

    /// The line drops.
    pub(super) async fn leave(&mut self, app: &TestApp) {
        self.daemon = None;
        wait_until("the server is away", || async {
            view(app, self.id).await.state == NodeState::Offline
        })
        .await;
    }

    pub(super) async fn come_back(&mut self, app: &TestApp) {
        let (daemon, _) = self.start.join(app).await;
        self.daemon = Some(daemon);
        seen(app, self.id).await;
    }

    /// The node's process ends, and with it, in this test, its agent; another one starts.
    async fn restart(&mut self) {
        self.start.router = axum::Router::new();
        let node = self.node.take().unwrap();
        node.shutdown().await;
        drop(node);
        let folder = &self.folder;
        // The data directory is free when the last connection has let go of the router.
        let node = wait_for("the node starts again", || async {
            let config = NodeConfig::new(folder.path().join("node"), Launcher::InProcess);
            Node::open(config).await.ok()
        })
        .await;
        self.start.router = node.router();
        self.node = Some(node);
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn lines(&self, name: &str) -> usize {
        let text = std::fs::read_to_string(self.file(name)).unwrap_or_default();
        text.lines().count()
    }

    pub(super) fn counting(&self) -> String {
        format!("echo once >> {}", self.file("count").display())
    }
}

async fn open(folder: &tempfile::TempDir, policy: &str) -> Node {
    let mut config = NodeConfig::new(folder.path().join("node"), Launcher::InProcess);
    let file = folder.path().join("node.toml");
    std::fs::write(&file, policy).unwrap();
    config.policy_file = Some(file);
    Node::open(config).await.unwrap()
}

pub(super) fn offset_header() -> http::HeaderName {
    http::HeaderName::from_static(OFFSET_HEADER)
}

async fn post(app: &TestApp, actor: &TestActor, body: &Value) -> TestResponse {
    let organization = app.organization().await;
    let path = format!("/api/v1/organizations/{organization}/node-jobs");
    actor.post(&path).json(body).send().await
}

pub(super) async fn create(app: &TestApp, body: &Value) -> NodeJob {
    let answer = post(app, &app.owner().await, body).await;
    answer.expect_status(201).ok()
}

pub(super) fn path(id: NodeJobId) -> String {
    format!("/api/v1/node-jobs/{id}")
}

async fn show(app: &TestApp, id: NodeJobId) -> NodeJob {
    app.owner().await.get(&path(id)).send().await.ok()
}

pub(super) async fn reach(app: &TestApp, id: NodeJobId, state: NodeJobState) -> NodeJob {
    wait_for(&format!("the job is {state:?}"), || async {
        let job = show(app, id).await;
        (job.state == state).then_some(job)
    })
    .await
}

pub(super) async fn run(app: &TestApp, id: NodeJobId) -> NodeRun {
    let path = format!("{}/runs", path(id));
    let page: Page<NodeRun> = app.owner().await.get(&path).send().await.ok();
    page.items.into_iter().next().unwrap()
}

pub(super) async fn output(app: &TestApp, id: NodeRunId, query: &str) -> TestResponse {
    let path = format!("/api/v1/node-runs/{id}/output{query}");
    app.owner().await.get(&path).send().await
}

#[tokio::test]
async fn a_command_runs_on_all_servers_with_a_label_and_its_output_is_kept() {
    let app = TestApp::start().await;
    let (one, two) = (Far::join(&app).await, Far::join(&app).await);
    let _other = Far::join(&app).await;
    for far in [&one, &two] {
        let labels = json!({ "labels": { "region": "eu", "gpu": "yes" } });
        let owner = app.owner().await;
        let labelled = owner.patch(&node_path(far.id)).json(&labels).send().await;
        labelled.expect_status(200);
    }
    let body = json!({
        "labels": { "gpu": "yes", "region": "eu" }, "command": "echo $WORD; pwd; exit 0",
        "env": { "WORD": "hello" }, "cwd": "/", "concurrency": 1,
    });
    let job = create(&app, &body).await;
    let done = reach(&app, job.id, NodeJobState::Succeeded).await;
    assert_eq!(done.counts.succeeded, 2);
    let run = run(&app, job.id).await;
    assert_eq!(run.exit.unwrap().code, Some(0));
    let answer = output(&app, run.id, "?offset=6").await;
    assert_eq!(
        answer.header(http::HeaderName::from_static(OFFSET_HEADER)),
        Some("6")
    );
    assert_eq!(answer.body, "/\n");
}

#[tokio::test]
async fn output_is_streamed_while_the_command_runs_and_cancelling_ends_it() {
    let app = TestApp::start().await;
    let far = Far::join(&app).await;
    let body = json!({ "nodes": [far.id], "command": "echo begun; sleep 600" });
    let job = create(&app, &body).await;
    let run = wait_for("the output comes", || async {
        let run = run(&app, job.id).await;
        let answer = output(&app, run.id, "?wait_ms=1000").await;
        (answer.body == "begun\n").then_some(run)
    })
    .await;
    let cancel = format!("{}/cancel", path(job.id));
    let owner = app.owner().await;
    owner.post(&cancel).send().await.expect_status(200);
    reach(&app, job.id, NodeJobState::Cancelled).await;
    assert_eq!(output(&app, run.id, "").await.body, "begun\n", "kept");
    let again = owner.post(&cancel).send().await;
    again.problem(ErrorCode::Conflict);
}

#[tokio::test]
async fn a_failing_command_is_tried_again_as_often_as_wanted() {
    let app = TestApp::start().await;
    let far = Far::join(&app).await;
    let command = format!("{}; exit 7", far.counting());
    let body = json!({ "nodes": [far.id], "command": command, "retries": 2 });
    let job = create(&app, &body).await;
    reach(&app, job.id, NodeJobState::Failed).await;
    let run = run(&app, job.id).await;
    assert_eq!((run.attempt, run.exit.unwrap().code), (3, Some(7)));
    assert_eq!(far.lines("count"), 3);
}

#[tokio::test]
async fn a_key_makes_one_job() {
    let app = TestApp::start().await;
    let far = Far::join(&app).await;
    let mut body = json!({
        "nodes": [far.id], "command": far.counting(), "idempotency_key": "deploy 7",
    });
    let owner = app.owner().await;
    let job = create(&app, &body).await;
    let again: NodeJob = post(&app, &owner, &body).await.expect_status(200).ok();
    assert_eq!(again.id, job.id);
    reach(&app, job.id, NodeJobState::Succeeded).await;
    let again: NodeJob = post(&app, &owner, &body).await.expect_status(200).ok();
    assert_eq!(again.state, NodeJobState::Succeeded);
    assert_eq!(far.lines("count"), 1);
    body["command"] = "something else".into();
    let refused = post(&app, &owner, &body).await.problem(ErrorCode::Conflict);
    assert_eq!(refused.field.as_deref(), Some("idempotency_key"));
}

#[tokio::test]
async fn answers_that_are_lost_do_not_run_it_twice() {
    let app = TestApp::start().await;
    let mut far = Far::join(&app).await;
    far.leave(&app).await;
    // The command is begun, and then everything that asks for it hears of a failure, thrice.
    let failures = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(3));
    let left = failures.clone();
    let lossy = axum::middleware::from_fn(move |request: Request, next: Next| {
        let left = left.clone();
        async move {
            let is_put = request.method() == Method::PUT;
            let answer = next.run(request).await;
            let decrement = |left: usize| left.checked_sub(1);
            let order = std::sync::atomic::Ordering::SeqCst;
            if is_put && left.fetch_update(order, order, decrement).is_ok() {
                let mut lost = axum::response::Response::default();
                *lost.status_mut() = StatusCode::BAD_GATEWAY;
                return lost;
            }
            answer
        }
    });
    far.start.router = far.node.as_ref().unwrap().router().layer(lossy);
    far.come_back(&app).await;
    let body = json!({ "nodes": [far.id], "command": far.counting() });
    let job = create(&app, &body).await;
    reach(&app, job.id, NodeJobState::Succeeded).await;
    assert_eq!(failures.load(std::sync::atomic::Ordering::SeqCst), 0);
    assert_eq!(far.lines("count"), 1);
}

#[tokio::test]
async fn a_server_that_is_away_gets_it_on_return() {
    let app = TestApp::start().await;
    let mut far = Far::join(&app).await;
    far.leave(&app).await;
    let body = json!({ "nodes": [far.id], "command": far.counting() });
    let job = create(&app, &body).await;
    let waiting = run(&app, job.id).await;
    assert_eq!(waiting.state, NodeRunState::Queued);
    let reason = waiting.reason.unwrap();
    assert!(reason.contains("not connected"), "{reason}");
    far.come_back(&app).await;
    reach(&app, job.id, NodeJobState::Succeeded).await;
    assert_eq!(far.lines("count"), 1);
}

#[tokio::test]
async fn the_line_and_the_node_may_end_while_it_runs() {
    let app = TestApp::start().await;
    let mut far = Far::join(&app).await;
    let command = format!(
        "{}; while ! [ -e {} ]; do sleep 0.05; done; echo done",
        far.counting(),
        far.file("go").display()
    );
    let body = json!({ "nodes": [far.id], "command": command });
    let job = create(&app, &body).await;
    wait_until("it has begun", || async { far.lines("count") == 1 }).await;

    far.leave(&app).await;
    let reason = run(&app, job.id).await.reason.unwrap();
    assert!(reason.contains("goes on"), "{reason}");
    std::fs::write(far.file("go"), "").unwrap();
    far.come_back(&app).await;
    reach(&app, job.id, NodeJobState::Succeeded).await;
    assert_eq!(
        output(&app, run(&app, job.id).await.id, "").await.body,
        "done\n"
    );

    std::fs::remove_file(far.file("go")).unwrap();
    let job = create(&app, &body).await;
    wait_until("it has begun", || async { far.lines("count") == 2 }).await;
    far.leave(&app).await;
    far.restart().await;
    far.come_back(&app).await;
    reach(&app, job.id, NodeJobState::Failed).await;
    assert_eq!(run(&app, job.id).await.state, NodeRunState::Interrupted);
    assert_eq!(far.lines("count"), 2);
}

#[tokio::test]
async fn what_could_not_begin_in_time_is_expired_and_never_run() {
    let app = TestApp::builder().manual_clock().start().await;
    let mut far = Far::join(&app).await;
    far.leave(&app).await;
    let command = far.counting();
    let body = json!({ "nodes": [far.id], "command": command, "ttl_ms": 60_000 });
    let job = create(&app, &body).await;
    let asked = json!({ "nodes": [far.id], "command": "c=true; $c", "ttl_ms": 60_000 });
    let asked = create(&app, &asked).await;
    app.advance_ms(60_000);
    reach(&app, job.id, NodeJobState::Expired).await;
    reach(&app, asked.id, NodeJobState::Expired).await;
    far.come_back(&app).await;
    // One that comes after shows that the server is served.
    let later = json!({ "nodes": [far.id], "command": "true" });
    let later = create(&app, &later).await;
    reach(&app, later.id, NodeJobState::Succeeded).await;
    assert_eq!(far.lines("count"), 0);
    assert_eq!(run(&app, job.id).await.state, NodeRunState::Expired);
}

#[tokio::test]
async fn what_the_server_was_asked_in_vain_expires_too() {
    let app = TestApp::builder().manual_clock().start().await;
    let mut far = Far::join(&app).await;
    far.leave(&app).await;
    let deaf = axum::middleware::from_fn(|request: Request, next: Next| async move {
        if request.method() == Method::PUT {
            let mut lost = axum::response::Response::default();
            *lost.status_mut() = StatusCode::BAD_GATEWAY;
            return lost;
        }
        next.run(request).await
    });
    let router = far.node.as_ref().unwrap().router();
    far.start.router = router.clone().layer(deaf);
    far.come_back(&app).await;
    let body = json!({ "nodes": [far.id], "command": far.counting(), "ttl_ms": 60_000 });
    let job = create(&app, &body).await;
    wait_until("the server is asked", || async {
        run(&app, job.id).await.state == NodeRunState::Running
    })
    .await;
    app.advance_ms(60_000);
    reach(&app, job.id, NodeJobState::Expired).await;
    far.leave(&app).await;
    far.start.router = router;
    far.come_back(&app).await;
    let later = json!({ "nodes": [far.id], "command": "true" });
    let later = create(&app, &later).await;
    reach(&app, later.id, NodeJobState::Succeeded).await;
    assert_eq!(far.lines("count"), 0);
}

#[tokio::test]
async fn what_the_policy_denies_is_not_even_kept() {
    let app = TestApp::start().await;
    let far = Far::join(&app).await;
    let owner = app.owner().await;
    for command in ["rm -rf /", "echo a; sudo sh -c 'mkfs.ext4 /dev/sda1'"] {
        let body = json!({ "nodes": [far.id], "command": command });
        let refused = post(&app, &owner, &body).await;
        let refused = refused.problem(ErrorCode::Forbidden);
        assert!(refused.detail.len() > 60, "{}", refused.detail);
    }
    let organization = app.organization().await;
    let path = format!("/api/v1/organizations/{organization}/node-jobs");
    let page: Page<NodeJob> = owner.get(&path).send().await.ok();
    assert!(page.items.is_empty());
}

#[tokio::test]
async fn what_the_policy_asks_about_waits_for_another_admin() {
    let app = TestApp::start().await;
    let far = Far::join(&app).await;
    let admin = app.admin().await;
    let command = format!("c=true; $c && {}", far.counting());
    let body = json!({ "nodes": [far.id], "command": command });
    let job: NodeJob = post(&app, &admin, &body).await.expect_status(201).ok();
    assert_eq!(job.state, NodeJobState::AwaitingApproval);
    assert!(job.reason.is_some());
    let approve = format!("{}/approve", path(job.id));
    let own = admin.post(&approve).send().await;
    own.problem(ErrorCode::Forbidden);
    assert_eq!(run(&app, job.id).await.state, NodeRunState::Held);
    assert_eq!(far.lines("count"), 0);
    let owner = app.owner().await;
    owner.post(&approve).send().await.expect_status(200);
    let done = reach(&app, job.id, NodeJobState::Succeeded).await;
    assert!(done.decided_by_name.is_some());
    assert_eq!(far.lines("count"), 1);
    let again = owner.post(&approve).send().await;
    again.problem(ErrorCode::Conflict);

    let job = create(&app, &body).await;
    let refuse = format!("{}/refuse", path(job.id));
    admin.post(&refuse).send().await.expect_status(200);
    assert_eq!(show(&app, job.id).await.state, NodeJobState::Refused);
    let late = owner.post(&format!("{}/approve", path(job.id))).send();
    late.await.problem(ErrorCode::Conflict);
    assert_eq!(far.lines("count"), 1);
}

#[tokio::test]
async fn the_rules_of_the_configuration_count_and_are_named() {
    let app = TestApp::builder()
        .config(|config| {
            let rules = json!([
                { "action": "ask", "pattern": ["echo", "deploy"], "reason": "it goes live" },
                { "action": "deny", "pattern": ["git", "push"], "reason": "not from here" },
                { "action": "allow", "pattern": ["mkfs"] },
            ]);
            config.policy.rules = serde_json::from_value(rules).unwrap();
        })
        .start()
        .await;
    let far = Far::join(&app).await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    for command in ["git push", "sudo sh -c 'git push'", "mkfs /dev/sda1"] {
        let body = json!({ "nodes": [far.id], "command": command });
        let refused = post(&app, &owner, &body).await;
        refused.problem(ErrorCode::Forbidden);
    }
    let body = json!({ "nodes": [far.id], "command": "true && echo deploy now" });
    let asked: NodeJob = post(&app, &admin, &body).await.expect_status(201).ok();
    assert_eq!(asked.state, NodeJobState::AwaitingApproval);
    let finding = &asked.findings[0];
    assert_eq!(finding.command, "echo deploy now");
    assert!(finding.rule.contains("rule 1 (echo deploy)"), "{finding:?}");
    assert!(finding.reason.contains("it goes live"), "{finding:?}");
    let filter = [("state", "awaiting_approval")];
    let list = format!(
        "/api/v1/organizations/{}/node-jobs",
        app.organization().await
    );
    let page: Page<NodeJob> = owner.get(&list).query(&filter).send().await.ok();
    assert_eq!(page.items.len(), 1);
    let approve = format!("{}/approve", path(asked.id));
    owner.post(&approve).send().await.expect_status(200);
    reach(&app, asked.id, NodeJobState::Succeeded).await;
    let page: Page<NodeJob> = owner.get(&list).query(&filter).send().await.ok();
    assert!(page.items.is_empty());
}

#[tokio::test]
async fn what_a_servers_own_policy_asks_about_is_asked_of_people_and_its_denials_stand() {
    let app = TestApp::builder()
        .config(|config| {
            let rules = json!([{ "action": "allow", "pattern": ["*"] }]);
            config.policy.rules = serde_json::from_value(rules).unwrap();
        })
        .start()
        .await;
    let policy = "[[policy.rules]]\naction = \"ask\"\npattern = [\"echo\"]\nreason = \"ours\"\n\
                  [[policy.rules]]\naction = \"deny\"\npattern = [\"touch\"]\n";
    let far = Far::join_with(&app, policy).await;
    let owner = app.owner().await;
    let body = json!({ "nodes": [far.id], "command": far.counting() });
    let asked = create(&app, &body).await;
    let held = reach(&app, asked.id, NodeJobState::AwaitingApproval).await;
    assert!(held.findings[0].rule.contains("own policy"), "{held:?}");
    assert!(held.findings[0].reason.contains("ours"), "{held:?}");
    assert_eq!(run(&app, asked.id).await.state, NodeRunState::Held);
    assert_eq!(far.lines("count"), 0);
    let approve = format!("{}/approve", path(asked.id));
    owner.post(&approve).send().await.expect_status(200);
    reach(&app, asked.id, NodeJobState::Succeeded).await;
    assert_eq!(far.lines("count"), 1);

    let body = json!({ "nodes": [far.id], "command": "touch /tmp/never" });
    let denied = create(&app, &body).await;
    reach(&app, denied.id, NodeJobState::Failed).await;
    let reason = run(&app, denied.id).await.reason.unwrap();
    assert!(reason.contains("The server refuses"), "{reason}");
}

#[tokio::test]
async fn what_an_ended_job_has_not_done_can_be_tried_again() {
    let app = TestApp::start().await;
    let (far, other) = (Far::join(&app).await, Far::join(&app).await);
    let file = far.file("there").display().to_string();
    // On the machine of both; only the first finds it.
    let command = format!("[ -e {file} ] && rm {file} && sleep 0.1");
    std::fs::write(far.file("there"), "").unwrap();
    let body = json!({ "nodes": [far.id, other.id], "command": command, "concurrency": 1 });
    let job = create(&app, &body).await;
    let failed = reach(&app, job.id, NodeJobState::Failed).await;
    assert_eq!((failed.counts.succeeded, failed.counts.failed), (1, 1));
    std::fs::write(far.file("there"), "").unwrap();
    let owner = app.owner().await;
    let retry = |id| format!("{}/retry", path(id));
    let again = owner.post(&retry(job.id)).send().await;
    let again: NodeJob = again.expect_status(201).ok();
    assert_eq!(again.command, job.command);
    let done = reach(&app, again.id, NodeJobState::Succeeded).await;
    assert_eq!(done.counts.succeeded, 1);
    let in_vain = owner.post(&retry(again.id)).send().await;
    in_vain.problem(ErrorCode::Conflict);
    let list = format!(
        "/api/v1/organizations/{}/node-jobs",
        app.organization().await
    );
    for (state, count) in [("failed", 1), ("ended", 2), ("active", 0)] {
        let page: Page<NodeJob> = owner
            .get(&list)
            .query(&[("state", state)])
            .send()
            .await
            .ok();
        assert_eq!(page.items.len(), count, "{state}");
    }
    let node = other.id.to_string();
    let page: Page<NodeJob> = owner.get(&list).query(&[("node", node)]).send().await.ok();
    assert!(!page.items.is_empty());
}

#[tokio::test]
async fn a_thousand_jobs_for_one_server_that_is_away_run_by_priority() {
    let app = TestApp::start().await;
    let mut far = Far::join(&app).await;
    far.leave(&app).await;
    let owner = app.owner().await;
    let mut urgent = None;
    for number in 0..1_000 {
        let priority = i32::from(number == 999);
        let command = format!("echo {number} >> {}", far.file("count").display());
        let body = json!({ "nodes": [far.id], "command": command, "priority": priority });
        let job: NodeJob = post(&app, &owner, &body).await.expect_status(201).ok();
        urgent = Some(job.id);
    }
    far.come_back(&app).await;
    reach(&app, urgent.unwrap(), NodeJobState::Succeeded).await;
    assert!(
        far.lines("count") < 500,
        "the urgent one did not wait for the others"
    );
    for goal in (100..=1_000).step_by(100) {
        wait_until("more have run", || async { far.lines("count") >= goal }).await;
    }
    let text = std::fs::read_to_string(far.file("count")).unwrap();
    let mut numbers: Vec<u32> = text.lines().map(|line| line.parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..1_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn bad_requests_are_refused_with_their_field() {
    let app = TestApp::start().await;
    let far = Far::join(&app).await;
    let owner = app.owner().await;
    let stranger = format!("node_{}", "0".repeat(26));
    for (change, field) in [
        (json!({ "command": " " }), "command"),
        (json!({ "command": "a\u{0}b" }), "command"),
        (json!({ "nodes": [] }), "nodes"),
        (json!({ "labels": { "a": "b" } }), "nodes"),
        (json!({ "nodes": [], "labels": { "a": "b" } }), "labels"),
        (json!({ "timeout_ms": 0 }), "timeout_ms"),
        (json!({ "ttl_ms": 9_999_999_999_u64 }), "ttl_ms"),
        (json!({ "concurrency": 0 }), "concurrency"),
        (json!({ "retries": 11 }), "retries"),
        (json!({ "priority": 1_001 }), "priority"),
        (json!({ "env": { "A=B": "c" } }), "env"),
        (json!({ "idempotency_key": "" }), "idempotency_key"),
    ] {
        let mut body = json!({ "nodes": [far.id], "command": "true" });
        for (key, value) in change.as_object().unwrap() {
            body[key] = value.clone();
        }
        let refused = post(&app, &owner, &body).await.problem(ErrorCode::Invalid);
        assert_eq!(refused.field.as_deref(), Some(field), "{change}");
    }
    let body = json!({ "nodes": [stranger], "command": "true" });
    post(&app, &owner, &body).await.problem(ErrorCode::NotFound);
}

//! Workspaces on a server that is connected through the tunnel.

use std::cell::Cell;
use std::path::Path;

use atelier_api::agent::files::FileEntry;
use atelier_api::agent::uploads::{FileUpload, UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER};
use atelier_api::ids::{NodeId, WorkspaceId};
use atelier_api::v1::audit::AuditEvent;
use atelier_api::v1::nodes::NodeState;
use atelier_api::v1::repositories::RepositoryRefresh;
use atelier_api::v1::workspaces::{Workspace, WorkspaceState};
use atelier_api::{ErrorCode, Page};
use atelier_node::{Launcher, Node, NodeConfig};
use atelier_testkit::git_server::{GitServer, Manner};
use atelier_testkit::{TestActor, TestApp, wait_for, wait_until};
use http::HeaderName;
use serde_json::{Value, json};

use super::daemon::{Daemon, Start};
use super::{node_path, seen, token, view};
use crate::{ports, repositories};

const LENGTH: HeaderName = HeaderName::from_static(UPLOAD_LENGTH_HEADER);
const OFFSET: HeaderName = HeaderName::from_static(UPLOAD_OFFSET_HEADER);

/// A real node, whose agents run in this process.
async fn node(folder: &Path) -> Node {
    let config = NodeConfig::new(folder.to_owned(), Launcher::InProcess);
    Node::open(config).await.unwrap()
}

/// A running workspace on a server that joined, called "far".
struct Far {
    app: TestApp,
    owner: TestActor,
    _folder: tempfile::TempDir,
    node: Node,
    start: Start,
    daemon: Cell<Option<Daemon>>,
    id: NodeId,
    workspace: Workspace,
}

impl Far {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let owner = app.owner().await;
        let folder = tempfile::tempdir().unwrap();
        let node = node(&folder.path().join("node")).await;
        let mut start = Start::joining(&token(&app, &json!({ "name": "far" })).await.secret);
        start.router = node.router();
        let (daemon, id) = start.join(&app).await;
        seen(&app, id).await;
        let source = json!({ "kind": "template", "template": "empty" });
        let body = json!({ "name": "w", "source": source, "node_id": id });
        let made: Workspace = create(&app, &body).await.expect_status(201).ok();
        let workspace = reach(&owner, made.id, WorkspaceState::Running).await;
        Self {
            app,
            owner,
            _folder: folder,
            node,
            start,
            daemon: Cell::new(Some(daemon)),
            id,
            workspace,
        }
    }

    /// The workspace's address.
    fn path(&self) -> String {
        format!("/api/v1/workspaces/{}", self.workspace.id)
    }

    /// Ends the daemon, and waits until that is seen.
    async fn away(&self) {
        drop(self.daemon.take());
        wait_until("the server is away", || async {
            view(&self.app, self.id).await.state == NodeState::Offline
        })
        .await;
    }
}

/// Removes the workspace for good, so that nothing waits for the server when the test ends.
async fn close(app: &TestApp, owner: &TestActor, path: &str, node: &Node) {
    owner.delete(path).send().await.expect_status(200);
    app.settle().await;
    node.shutdown().await;
}

async fn create(app: &TestApp, body: &Value) -> atelier_testkit::TestResponse {
    let path = format!(
        "/api/v1/organizations/{}/workspaces",
        app.organization().await
    );
    app.owner().await.post(&path).json(body).send().await
}

async fn reach(owner: &TestActor, id: WorkspaceId, state: WorkspaceState) -> Workspace {
    wait_for(&format!("the workspace is {state:?}"), || async {
        let workspace: Workspace = owner
            .get(&format!("/api/v1/workspaces/{id}"))
            .send()
            .await
            .ok();
        (workspace.state == state).then_some(workspace)
    })
    .await
}

#[tokio::test]
async fn a_workspace_runs_on_a_remote_server_and_waits_for_it_while_it_is_away() {
    let far = Far::start().await;
    let (app, owner, id, path) = (&far.app, &far.owner, far.id, far.path());
    assert_eq!(far.workspace.node_name, "far");
    let file = format!("{path}/files/content?path=a.txt");
    let write = owner.put(&file).header(http::header::IF_MATCH, "*");
    let content = "far away\n".repeat(100_000);
    write.body(content.clone()).send().await.expect_status(200);
    let read = owner.get(&file).send().await;
    assert!(read.body == content, "{} bytes", read.body.len());

    // It keeps the server from being removed.
    let removed = owner.delete(&node_path(id)).send().await;
    let problem = removed.problem(ErrorCode::Conflict);
    assert!(
        problem.detail.contains("has 1 workspace."),
        "{}",
        problem.detail
    );

    far.away().await;
    let read = owner.get(&file).send().await;
    let problem = read.problem(ErrorCode::NodeOffline);
    assert!(problem.detail.contains("“far”"), "{}", problem.detail);
    let source = json!({ "kind": "template", "template": "empty" });
    let another = json!({ "name": "v", "source": source, "node_id": id });
    create(app, &another).await.problem(ErrorCode::NodeOffline);

    // What is wanted of it meanwhile waits, and says for what.
    owner
        .post(&format!("{path}/restart"))
        .send()
        .await
        .expect_status(202);
    wait_until("the workspace says what it waits for", || async {
        let workspace: Workspace = owner.get(&path).send().await.ok();
        let reason = workspace.state_reason.unwrap_or_default();
        workspace.state == WorkspaceState::Stopping && reason.contains("“far”")
    })
    .await;
    let (_daemon, _) = far.start.joined(far.id).join(app).await;
    let back = reach(owner, far.workspace.id, WorkspaceState::Running).await;
    assert_eq!(back.state_reason, None);
    let read = owner.get(&file).send().await;
    assert!(read.body == content, "its files are there still");
    close(app, owner, &path, &far.node).await;
}

/// What is known of its repositories stays, and that it cannot be asked is said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repositories_of_a_server_that_is_away_are_listed_as_they_were_last_seen() {
    let far = Far::start().await;
    let (app, owner, path) = (&far.app, &far.owner, far.path());
    let server = GitServer::start(Manner::Open).await;
    server.add("app.git", &[("a.txt", b"one\n")]);
    let done = repositories::clone(owner, &far.workspace, &server.url("app.git"), "app").await;
    assert_eq!(done["type"], "done", "{done}");
    wait_until("it is seen", || async {
        repositories::list(app, owner, "").await.items.len() == 1
    })
    .await;
    let before = repositories::list(app, owner, "").await.items;

    far.away().await;
    let refresh = async || -> RepositoryRefresh {
        let organization = app.organization().await;
        let path = format!("/api/v1/organizations/{organization}/repositories/refresh");
        owner.post(&path).send().await.ok()
    };
    let looked = refresh().await;
    assert_eq!((looked.workspaces, looked.failed), (0, 1), "{looked:?}");
    let listed = repositories::list(app, owner, "").await.items;
    assert_eq!(listed, before);
    // One that is to be cloned now says why it cannot be.
    let refused = owner
        .post(&format!("{path}/git/clone"))
        .json(&json!({ "url": server.url("app.git"), "path": "other" }))
        .send()
        .await;
    refused.problem(ErrorCode::NodeOffline);

    let (_daemon, _) = far.start.joined(far.id).join(app).await;
    wait_until("it is asked again", || async {
        refresh().await.workspaces == 1
    })
    .await;
    close(app, owner, &path, &far.node).await;
}

#[tokio::test]
async fn an_upload_in_parts_crosses_the_tunnel_and_is_audited_with_its_path() {
    let far = Far::start().await;
    let (app, owner, path) = (&far.app, &far.owner, far.path());
    let begin = owner.post(&format!("{path}/files/uploads?path=a"));
    let begin = begin.header(http::header::IF_NONE_MATCH, "*");
    let begun = begin.header(LENGTH, "2000000").send().await;
    let upload: FileUpload = begun.expect_status(201).ok();
    assert_eq!(upload.length, Some(2_000_000));
    let route = format!("{path}/files/uploads/{}", upload.id);
    let part = |at: &'static str| owner.patch(&route).header(OFFSET, at);
    let half = vec![7_u8; 1_000_000];
    for (at, status, kept) in [
        ("0", 204, "1000000"),
        ("0", 409, "1000000"),
        ("1000000", 204, "2000000"),
    ] {
        let answer = part(at).body(half.clone()).send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.header(OFFSET)),
            (status, Some(kept))
        );
    }
    let outsider = app.outsider().await;
    let peek = outsider.get(&route).send().await;
    peek.problem(ErrorCode::NotFound);
    let finish = owner.post(&format!("{route}/finish?path=a")).send().await;
    let entry: FileEntry = finish.expect_status(200).ok();
    assert_eq!(entry.size, 2_000_000);

    let audit = format!(
        "/api/v1/organizations/{}/audit-events",
        app.organization().await
    );
    let events: Page<AuditEvent> = owner.get(&audit).send().await.ok();
    let of_uploads = events.items.iter().rev();
    let of_uploads = of_uploads.filter(|event| event.action.starts_with("file_upload"));
    let said: Vec<_> = of_uploads
        .map(|event| (event.action.as_str(), event.details.to_string()))
        .collect();
    let details = r#"{"query":"path=a"}"#.to_owned();
    let expected = [
        ("file_upload_create", details.clone()),
        ("file_upload_finish", details),
    ];
    assert_eq!(said, expected);
    close(app, owner, &path, &far.node).await;
}

#[tokio::test]
async fn new_workspaces_go_where_they_may() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let embedded = super::embedded(&app).await;
    let drain = json!({ "draining": true });
    let drained = owner.patch(&node_path(embedded.id)).json(&drain).send();
    drained.await.expect_status(200);

    let source = json!({ "kind": "template", "template": "empty" });
    let mut forbidding = Start::joining(&token(&app, &json!({})).await.secret);
    forbidding.info.policy = Some(atelier_api::node::NodePolicy {
        workspaces: false,
        ..Default::default()
    });
    let (_forbidding, forbidden) = forbidding.join(&app).await;
    let body = json!({ "name": "w", "source": source, "node_id": forbidden });
    let refused = create(&app, &body).await.problem(ErrorCode::Conflict);
    assert!(refused.detail.contains("node.toml"), "{}", refused.detail);

    let start = Start::joining(&token(&app, &json!({})).await.secret);
    let (_daemon, id) = start.join(&app).await;
    seen(&app, id).await;
    let body = json!({ "name": "w", "source": source });
    let made: Workspace = create(&app, &body).await.expect_status(201).ok();
    assert_eq!(made.node_id, id);
    let path = format!("/api/v1/workspaces/{}", made.id);
    owner.delete(&path).send().await.expect_status(200);

    let revoke = format!("{}/revoke", node_path(id));
    owner.post(&revoke).send().await.expect_status(200);
    let body = json!({ "name": "v", "source": source, "node_id": id });
    let refused = create(&app, &body).await.problem(ErrorCode::Conflict);
    assert!(refused.detail.contains("revoked"), "{}", refused.detail);

    // What was deleted goes with a server that is gone.
    owner.delete(&node_path(id)).send().await.expect_status(204);
    owner.get(&path).send().await.problem(ErrorCode::NotFound);
}

/// What an application is asked and answers is the same through the tunnel, WebSockets too.
#[tokio::test]
async fn an_application_is_shown_from_a_remote_server() {
    let far = Far::start().await;
    let (path, owner, node) = (far.path(), &far.owner, &far.node);
    let stage = ports::Stage {
        port: ports::listen(ports::talking()).await,
        app: far.app,
        workspace: far.workspace,
    };
    let cookie = stage.enter(owner).await;
    let both = format!("a=1; {cookie}; b=2");
    let target = "//x/a%2fb;c?q=(1)&&";
    let said: Value = stage
        .visit(http::Method::GET, target, Some(&both))
        .send()
        .await
        .ok();
    assert_eq!(said["target"], target);
    assert_eq!(ports::sent(&said, "host"), [stage.host()]);
    assert_eq!(ports::sent(&said, "cookie"), ["a=1; b=2"]);
    ports::converse(&stage, &cookie).await;

    close(&stage.app, owner, &path, node).await;
}

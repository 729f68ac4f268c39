//! The registry of repositories, on a real node with a real agent and a real Git server.

use atelier_api::v1::events::EventBody;
use atelier_api::v1::repositories::{Repository, RepositoryRefresh};
use atelier_api::v1::workspaces::{Workspace, WorkspaceState};
use atelier_api::{ErrorCode, Page, Timestamp};
use atelier_testkit::git_server::{GitServer, Manner};
use atelier_testkit::{TestActor, TestApp, WebSocket, wait_until};
use serde_json::{Value, json};

use crate::events::{said, subscribed};

async fn workspace(app: &TestApp, owner: &TestActor, name: &str) -> Workspace {
    let organization = app.organization().await;
    let body = json!({ "name": name, "source": { "kind": "template", "template": "empty" } });
    let path = format!("/api/v1/organizations/{organization}/workspaces");
    let made: Workspace = owner.post(&path).json(&body).send().await.ok();
    is_in(owner, &made, WorkspaceState::Running).await;
    made
}

async fn is_in(owner: &TestActor, workspace: &Workspace, state: WorkspaceState) {
    let path = format!("/api/v1/workspaces/{}", workspace.id);
    wait_until("the workspace is in that state", || async {
        let seen: Workspace = owner.get(&path).send().await.ok();
        seen.state == state
    })
    .await;
}

pub(crate) async fn clone(
    owner: &TestActor,
    workspace: &Workspace,
    url: &str,
    path: &str,
) -> Value {
    let to = format!("/api/v1/workspaces/{}/git/clone", workspace.id);
    let answer = owner
        .post(&to)
        .json(&json!({ "url": url, "path": path }))
        .send()
        .await;
    let text = String::from_utf8_lossy(&answer.body);
    serde_json::from_str(text.lines().last().expect("a line")).expect("JSON")
}

pub(crate) async fn list(app: &TestApp, actor: &TestActor, query: &str) -> Page<Repository> {
    let organization = app.organization().await;
    let path = format!("/api/v1/organizations/{organization}/repositories{query}");
    actor.get(&path).send().await.ok()
}

async fn paths(app: &TestApp, actor: &TestActor, query: &str) -> Vec<String> {
    let page = list(app, actor, query).await;
    let mut paths: Vec<String> = page.items.into_iter().map(|it| it.found.path).collect();
    paths.sort();
    paths
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repositories_are_listed_as_they_were_last_seen_to_those_who_may_use_git_there() {
    let app = TestApp::builder().with_node().start().await;
    let (owner, member) = (app.owner().await, app.member().await);
    let server = GitServer::start(Manner::Open).await;
    for name in ["app.git", "100%_sure.git"] {
        server.add(name, &[("a.txt", b"one\n")]);
    }
    let of_owner = workspace(&app, &owner, "Owners").await;
    let of_member = workspace(&app, &member, "Members").await;
    let done = clone(&owner, &of_owner, &server.url("app.git"), "app").await;
    assert_eq!(done["type"], "done", "{done}");
    clone(
        &member,
        &of_member,
        &server.url("100%_sure.git"),
        "below/sure",
    )
    .await;
    // Nobody asked for it: a clone is a change that is looked at by itself.
    wait_until("both are seen", || async {
        paths(&app, &owner, "").await.len() == 2
    })
    .await;
    assert_eq!(paths(&app, &owner, "").await, ["app", "below/sure"]);
    assert_eq!(paths(&app, &member, "").await, ["below/sure"]);
    let seen = list(&app, &owner, "?search=app").await.items;
    let [seen] = seen.as_slice() else {
        panic!("{seen:?}")
    };
    assert_eq!(
        (seen.workspace_name.as_str(), seen.running),
        ("Owners", true)
    );
    assert_eq!(seen.found.branch.as_deref(), Some("main"));
    assert_eq!(
        (seen.found.changed, seen.found.remote.as_deref()),
        (0, Some(&*server.url("app.git")))
    );

    // A search means what it says; pages follow each other.
    assert_eq!(
        paths(&app, &owner, "?search=100%25_SURE").await,
        ["below/sure"]
    );
    assert_eq!(paths(&app, &owner, "?search=members").await, ["below/sure"]);
    assert!(paths(&app, &owner, "?search=1%25e").await.is_empty());
    let first = list(&app, &owner, "?limit=1").await;
    let cursor = first.next_cursor.expect("there is another");
    let second = list(&app, &owner, &format!("?limit=1&cursor={cursor}")).await;
    assert_ne!(first.items, second.items);
    assert_eq!((second.items.len(), second.next_cursor), (1, None));

    // What changes without Git's routes is seen when somebody asks.
    let write = format!(
        "/api/v1/workspaces/{}/files/content?path=app/new.txt",
        of_owner.id
    );
    owner
        .put(&write)
        .header(http::header::IF_NONE_MATCH, "*")
        .body("new")
        .send()
        .await
        .expect_status(200);
    let organization = app.organization().await;
    let refresh = format!("/api/v1/organizations/{organization}/repositories/refresh");
    let looked: RepositoryRefresh = member.post(&refresh).send().await.ok();
    assert_eq!(
        (looked.workspaces, looked.failed),
        (1, 0),
        "the member's own alone"
    );
    assert_eq!(
        list(&app, &owner, "?search=app").await.items[0]
            .found
            .changed,
        0
    );
    let looked: RepositoryRefresh = owner.post(&refresh).send().await.ok();
    assert_eq!(
        (looked.workspaces, looked.failed, looked.more),
        (2, 0, false)
    );
    assert_eq!(
        list(&app, &owner, "?search=app").await.items[0]
            .found
            .changed,
        1
    );

    // A workspace that is stopped is shown as it was; one that is deleted is not.
    let path = format!("/api/v1/workspaces/{}", of_owner.id);
    owner
        .post(&format!("{path}/stop"))
        .send()
        .await
        .ok::<Workspace>();
    is_in(&owner, &of_owner, WorkspaceState::Stopped).await;
    let stopped = list(&app, &owner, "?search=app").await.items;
    assert_eq!((stopped[0].running, stopped[0].found.changed), (false, 1));
    owner.delete(&path).send().await.ok::<Workspace>();
    assert_eq!(paths(&app, &owner, "").await, ["below/sure"]);
}

/// How many changes of repositories are told of before an event that is published now.
async fn told(app: &TestApp, socket: &mut WebSocket, of: &Workspace) -> usize {
    let organization = app.organization().await;
    let body = EventBody::OrganizationChanged;
    app.app().events().publish(Timestamp(1), organization, body);
    let mut count = 0;
    loop {
        let body = said(socket).await["body"].take();
        match body["kind"].as_str() {
            Some("repositories_changed") => {
                assert_eq!(body["workspace_id"], json!(of.id));
                count += 1;
            }
            Some("organization_changed") => return count,
            _ => (),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_watches_is_told_when_a_look_finds_something_else() {
    let app = TestApp::builder().with_node().start().await;
    let owner = app.owner().await;
    let organization = app.organization().await;
    let server = GitServer::start(Manner::Open).await;
    server.add("app.git", &[("a.txt", b"one\n")]);
    let workspace = workspace(&app, &owner, "One").await;
    let (mut socket, _) = subscribed(&owner, organization).await;
    clone(&owner, &workspace, &server.url("app.git"), "app").await;
    wait_until("it is seen", || async {
        list(&app, &owner, "").await.items.len() == 1
    })
    .await;
    assert_eq!(told(&app, &mut socket, &workspace).await, 1);
    let refresh = format!("/api/v1/organizations/{organization}/repositories/refresh");
    let looked: RepositoryRefresh = owner.post(&refresh).send().await.ok();
    assert_eq!(looked.workspaces, 1);
    assert_eq!(told(&app, &mut socket, &workspace).await, 0, "nothing new");
    let write = format!(
        "/api/v1/workspaces/{}/files/content?path=app/new.txt",
        workspace.id
    );
    let written = owner.put(&write).header(http::header::IF_NONE_MATCH, "*");
    written.body("new").send().await.expect_status(200);
    owner.post(&refresh).send().await.ok::<RepositoryRefresh>();
    assert_eq!(told(&app, &mut socket, &workspace).await, 1);
}

#[tokio::test]
async fn what_is_no_cursor_or_no_search_is_refused_and_viewers_see_none() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let path = format!("/api/v1/organizations/{organization}/repositories");
    let owner = app.owner().await;
    let cursor = owner.get(&format!("{path}?cursor=abc")).send().await;
    cursor.problem(ErrorCode::Malformed);
    let long = format!("{path}?search={}", "x".repeat(201));
    owner.get(&long).send().await.problem(ErrorCode::Invalid);
    app.viewer()
        .await
        .get(&path)
        .send()
        .await
        .problem(ErrorCode::Forbidden);
    app.outsider()
        .await
        .get(&path)
        .send()
        .await
        .problem(ErrorCode::NotFound);
}

//! The test kit itself: what it starts is real, and what it leaves is nothing.

use atelier_api::v1::workspaces::{Workspace, WorkspaceState};
use atelier_testkit::{TestApp, wait_for};
use serde_json::json;

#[tokio::test]
async fn a_workspace_runs_on_the_node_in_process() {
    let app = TestApp::builder().with_node().start().await;
    let member = app.member().await;
    let path = format!(
        "/api/v1/organizations/{}/workspaces",
        app.organization().await
    );
    let body = json!({ "name": "real", "source": { "kind": "template", "template": "empty" } });
    let created: Workspace = member.post(&path).json(&body).send().await.ok();
    let path = format!("/api/v1/workspaces/{}", created.id);
    let view = || async { member.get(&path).send().await.ok::<Workspace>() };
    wait_for("the workspace runs", || async {
        let workspace = view().await;
        assert_ne!(workspace.state, WorkspaceState::Failed, "{workspace:#?}");
        (workspace.state == WorkspaceState::Running).then_some(())
    })
    .await;

    let file = format!("{path}/files/content?path=hello.txt");
    let write = member.put(&file).header(http::header::IF_NONE_MATCH, "*");
    let written = write.body("hello").send().await;
    assert!(written.status.is_success(), "{written}");
    let read = member.get(&file).send().await;
    assert_eq!(read.expect_status(200).body, "hello");
}

#[tokio::test]
async fn two_apps_at_once_share_nothing() {
    let (a, b) = tokio::join!(TestApp::start(), TestApp::start());
    let owner = a.owner().await;
    b.owner().await;
    assert_ne!(a.url(), b.url());
    b.again(&owner)
        .get("/api/v1/me")
        .send()
        .await
        .expect_status(401);
    owner.get("/api/v1/me").send().await.expect_status(200);
}

#[tokio::test]
async fn a_dropped_app_has_ended() {
    let app = TestApp::start().await;
    let (address, folder) = (app.url().replace("http://", ""), app.data_dir().to_owned());
    drop(app);
    tokio::net::TcpStream::connect(&address)
        .await
        .expect_err("nobody listens any more");
    assert!(!folder.exists());
}

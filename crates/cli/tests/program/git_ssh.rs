//! Git over SSH from a workspace: the real program, its sandbox, and a real `sshd`; and what the audit log holds of it.

use atelier_api::Page;
use atelier_api::ids::WorkspaceId;
use atelier_api::v1::audit::AuditEvent;
use atelier_testkit::ssh_server::SshServer;
use serde_json::{Value, json};

use crate::program::Program;

/// Does what takes long, and gives its last event.
async fn last(program: &Program, workspace: WorkspaceId, what: &str, body: Value) -> Value {
    let path = format!("/workspaces/{workspace}/git/{what}");
    let text = program.post_as(&program.token, &path, &body).await;
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_reaches_a_host_with_its_own_key_once_it_is_trusted() {
    let mut program = Program::start().await;
    let server = SshServer::start().await;
    server.add("app.git", &[("a.txt", b"one\n")]);
    let workspace = program.workspace("reaching").await;
    let ssh = format!("/workspaces/{workspace}/git/ssh");
    let key: Value = program
        .post(&format!("{ssh}/keys/create"), &json!({}))
        .await;
    server.let_in(key["public_key"].as_str().unwrap());

    let clone = json!({ "url": server.url("app.git"), "path": "app" });
    let unknown = last(&program, workspace, "clone", clone.clone()).await;
    assert_eq!(unknown["reason"], "unknown_host", "{unknown}");
    let presented = &unknown["host_key"]["presented"];
    assert_eq!(presented["fingerprint"], server.fingerprint());
    let shown = json!({
        "host": presented["host"], "key_type": presented["key_type"], "key": presented["key"],
    });
    let _: Value = program.post(&format!("{ssh}/hosts/create"), &shown).await;
    let done = last(&program, workspace, "clone", clone).await;
    assert_eq!(done["type"], "done", "{done}");

    server.change_host_key();
    let fetch = json!({ "path": "app" });
    let changed = last(&program, workspace, "fetch", fetch).await;
    assert_eq!(changed["reason"], "host_key", "{changed}");

    let path = format!(
        "/organizations/{}/audit-events?limit=200",
        program.organization.unwrap()
    );
    let events: Page<AuditEvent> = program.get(&path).await;
    let actions: Vec<&str> = events
        .items
        .iter()
        .map(|event| event.action.as_str())
        .collect();
    for action in ["git_ssh_key_create", "git_known_host_create"] {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
}

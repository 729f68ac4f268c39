//! Git credentials that the control plane keeps: the real program, a real workspace, real Git, and a Git
//! server that asks.

use std::path::Path;
use std::time::Duration;

use atelier_api::Page;
use atelier_api::ids::WorkspaceId;
use atelier_api::v1::audit::AuditEvent;
use atelier_api::v1::git_credentials::{GitCredential, GitCredentialList};
use atelier_testkit::git_server::{GitServer, Manner};
use serde_json::{Value, json};

use crate::program::Program;

const SECRET: &str = "s3cret ü'\"";

/// A Git server that asks, and a workspace with a clone that has something to push.
async fn stage(program: &mut Program) -> (GitServer, WorkspaceId) {
    let server = GitServer::start(Manner::Guarded {
        username: "ada".into(),
        password: SECRET.into(),
    })
    .await;
    server.add("app.git", &[("a.txt", b"one\n")]);
    let workspace = program.workspace("pushing").await;
    let url = server.url("app.git");
    let script = format!(
        "git config --global user.name Ada && git config --global user.email ada@example.com && \
         git init -q -b main app && cd app && git remote add origin {url} && \
         echo two > b.txt && git add . && git commit -qm Second"
    );
    exec(program, &script);
    (server, workspace)
}

fn exec(program: &Program, script: &str) -> String {
    let run = ["exec", "pushing", "--no-stdin", "--", "sh", "-c", script];
    let ran = program.command(&run);
    let error = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{script}: {error}");
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

/// Does what takes long, and gives its last event.
async fn last(program: &Program, workspace: WorkspaceId, what: &str, body: Value) -> Value {
    let path = format!("/workspaces/{workspace}/git/{what}");
    let mut whole = json!({ "path": "app" });
    whole
        .as_object_mut()
        .unwrap()
        .extend(body.as_object().unwrap().clone());
    let text = program.post_as(&program.token, &path, &whole).await;
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

async fn store(program: &Program, url: &str, secret: &str) -> GitCredential {
    let body = json!({ "url": url, "username": "ada", "secret": secret, "replace": true });
    program.post("/me/git-credentials", &body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stored_credential_is_given_to_git_when_it_asks() {
    let mut program = Program::start().await;
    let (server, workspace) = stage(&mut program).await;
    let host = server.url("");

    let asked = last(&program, workspace, "fetch", json!({ "remote": "origin" })).await;
    assert_eq!(asked["type"], "credentials_required", "{asked}");
    assert_eq!(
        (&asked["path"], &asked["stored"]),
        (&json!("app.git"), &Value::Null)
    );

    // For another host and for another path of this one it is not used.
    store(&program, "https://example.org", SECRET).await;
    store(&program, &format!("{host}other"), SECRET).await;
    let asked = last(&program, workspace, "fetch", json!({ "remote": "origin" })).await;
    assert_eq!(asked["type"], "credentials_required", "{asked}");

    // A wrong one is tried, refused, and that is said.
    store(&program, &host, "wrong").await;
    let asked = last(&program, workspace, "fetch", json!({ "remote": "origin" })).await;
    assert_eq!(
        (&asked["refused"], &asked["stored"]),
        (&json!(true), &json!("refused"))
    );
    let listed = program
        .get::<GitCredentialList>("/me/git-credentials")
        .await;
    let refused = listed.items.iter().find(|it| it.refused_at.is_some());
    assert!(
        refused.is_some_and(|it| it.last_used_at.is_some()),
        "{listed:?}"
    );

    // The right one, for this path alone, comes before the one for the whole host.
    store(&program, &format!("{host}app"), SECRET).await;
    let done = last(&program, workspace, "fetch", json!({ "remote": "origin" })).await;
    assert_eq!(done["type"], "done", "{done}");
    exec(&program, "cd app && git rebase -q origin/main");
    let done = last(&program, workspace, "push", json!({})).await;
    assert_eq!(done["type"], "done", "{done}");
    assert_eq!(
        server.git("app.git", &["log", "-1", "--format=%s", "main"]),
        "Second"
    );

    // It stands nowhere in the workspace (the sign would else stand in the audit log, by this very command), in the journal, or in the audit log.
    let found = exec(
        &program,
        "grep -rlF s3c''ret /workspace /home /tmp 2>/dev/null || true",
    );
    assert_eq!(found, "");
    let runs: Value = program
        .get(&format!("/workspaces/{workspace}/git/runs"))
        .await;
    let path = format!(
        "/organizations/{}/audit-events?limit=200",
        program.organization.unwrap()
    );
    let events: Page<AuditEvent> = program.get(&path).await;
    let text = format!("{runs} {}", serde_json::to_string(&events).unwrap());
    assert!(!text.contains("s3cret") && text.contains("\"git_credential\""));
    assert!(
        !holds(&program.data(), b"s3cret"),
        "the data folder holds it"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_has_expired_is_not_tried_and_that_is_said() {
    let mut program = Program::start().await;
    let (server, workspace) = stage(&mut program).await;
    // All by the server's clock, which tells when something else is stored.
    let other = async || {
        store(&program, "https://example.org", SECRET)
            .await
            .updated_at
    };
    let expires_at = other().await.plus_ms(2_000);
    let body = json!({
        "url": server.url(""), "username": "ada", "secret": SECRET, "expires_at": expires_at,
    });
    let stored: GitCredential = program.post("/me/git-credentials", &body).await;
    while other().await < expires_at {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let asked = last(&program, workspace, "fetch", json!({ "remote": "origin" })).await;
    assert_eq!(
        (&asked["type"], &asked["stored"], &asked["refused"]),
        (
            &json!("credentials_required"),
            &json!("expired"),
            &json!(false)
        ),
        "{asked}"
    );
    let listed: GitCredentialList = program.get("/me/git-credentials").await;
    let kept = listed.items.iter().find(|it| it.id == stored.id);
    assert!(
        kept.is_some_and(|it| it.last_used_at.is_none() && it.refused_at.is_none()),
        "{listed:?}"
    );

    // A newer secret in its place is tried again.
    store(&program, &server.url(""), SECRET).await;
    let done = last(&program, workspace, "fetch", json!({ "remote": "origin" })).await;
    assert_eq!(done["type"], "done", "{done}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_given_what_somebody_else_has_stored() {
    let mut program = Program::start().await;
    let (server, workspace) = stage(&mut program).await;
    // An admin may do everything in the owner's workspace, but neither is given the other's.
    let admin = program.somebody("admin").await;
    store(&program, &server.url(""), SECRET).await;
    let body = json!({ "path": "app", "remote": "origin" });
    let path = format!("/workspaces/{workspace}/git/fetch");
    let asked = program.post_as(&admin, &path, &body).await;
    let asked: Value = serde_json::from_str(asked.lines().last().unwrap()).unwrap();
    assert_eq!(asked["type"], "credentials_required", "{asked}");
    assert_eq!(asked["stored"], Value::Null, "{asked}");
    // Nor is the admin's own given to a workspace whose owner could read it there.
    let mine = json!({ "url": server.url(""), "username": "ada", "secret": SECRET });
    program.post_as(&admin, "/me/git-credentials", &mine).await;
    let asked = program.post_as(&admin, &path, &body).await;
    let asked: Value = serde_json::from_str(asked.lines().last().unwrap()).unwrap();
    assert_eq!(asked["stored"], "not_owner", "{asked}");
    // The owner is.
    let done = last(&program, workspace, "fetch", json!({ "remote": "origin" })).await;
    assert_eq!(done["type"], "done", "{done}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_is_cloned_with_what_its_owner_has_stored() {
    let mut program = Program::start().await;
    let server = GitServer::start(Manner::Guarded {
        username: "ada".into(),
        password: SECRET.into(),
    })
    .await;
    server.add("app.git", &[("a.txt", b"one\n")]);
    let failed = program.cloned("asked", &server.url("app.git")).await;
    let reason = failed.state_reason.unwrap_or_default();
    assert!(reason.contains("Git credentials"), "{reason}");
    store(&program, &server.url(""), SECRET).await;
    let made = program.cloned("pushing", &server.url("app.git")).await;
    assert_eq!(made.state_reason, None);
    assert_eq!(exec(&program, "cat app/a.txt"), "one\n");
    let config = exec(&program, "cat app/.git/config");
    assert!(
        !config.contains("s3cret") && !config.contains("ada"),
        "{config}"
    );
}

/// Whether a file of the folder holds these bytes.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths.any(|path| {
        if path.is_dir() && !path.is_symlink() {
            return holds(&path, bytes);
        }
        // What is no file (a socket) cannot be read, and holds nothing.
        let content = std::fs::read(&path).unwrap_or_default();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

//! Links to terminals: those that are guessed, expired, revoked, or made by somebody who may no longer.

use std::sync::atomic::{AtomicU64, Ordering};

use atelier_api::ErrorCode;
use atelier_api::ids::TerminalShareId;
use atelier_api::v1::organizations::Role;
use atelier_api::v1::terminal_shares::{ShareState, SharedTerminal};
use atelier_api::v1::workspaces::Workspace;
use atelier_testkit::{TestActor, TestApp};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A day, in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

struct Link {
    id: String,
    token: String,
}

async fn workspace(app: &TestApp, owner: &TestActor) -> Workspace {
    named(app, owner, "shared").await
}

async fn named(app: &TestApp, owner: &TestActor, name: &str) -> Workspace {
    let path = format!(
        "/api/v1/organizations/{}/workspaces",
        app.organization().await
    );
    let body = json!({ "name": name, "source": { "kind": "template", "template": "empty" } });
    owner.post(&path).json(&body).send().await.ok()
}

/// A link as it is stored: without a node none can be made over the API.
async fn link(app: &TestApp, workspace: &Workspace, maker: &TestActor, expires_at: i64) -> Link {
    static LINKS: AtomicU64 = AtomicU64::new(1);
    let number = LINKS.fetch_add(1, Ordering::Relaxed);
    let id = TerminalShareId::from_uuid(Uuid::from_u128(number.into())).to_string();
    let token = format!("ats_{number:043}");
    let db = app.database().await;
    let mut tx = db.begin().await.expect("it begins");
    sqlx::query(
        "INSERT INTO terminal_shares (id, organization_id, workspace_id, terminal_id, token_hash, \
         access, created_by, created_by_name, created_at, expires_at, uses) \
         VALUES ($1, $2, $3, 'term_00000000000000000000000001', $4, 'read', $5, 'Maker', 1, $6, 0)",
    )
    .bind(&id)
    .bind(workspace.organization_id.to_string())
    .bind(workspace.id.to_string())
    .bind(hex::encode(Sha256::digest(token.as_bytes())))
    .bind(maker.account().id.to_string())
    .bind(expires_at)
    .execute(&mut *tx)
    .await
    .expect("it is inserted");
    tx.commit().await.expect("it is committed");
    db.close().await;
    Link { id, token }
}

async fn state(actor: &TestActor, token: &str) -> ShareState {
    let request = actor
        .post("/api/v1/shares/open")
        .json(&json!({ "token": token }));
    request.send().await.ok::<SharedTerminal>().state
}

#[tokio::test]
async fn what_is_guessed_never_was_and_guessing_slows_down() {
    let app = TestApp::builder().manual_clock().start().await;
    let owner = app.owner().await;
    let guess = |number: u32| format!("ats_{number:043}");
    let open = async |actor: &TestActor, token: String| {
        let request = actor
            .post("/api/v1/shares/open")
            .json(&json!({ "token": token }));
        request.send().await
    };
    let (anonymous, mut told) = (app.anonymous(), Vec::new());
    for token in [guess(1), "nonsense".to_owned(), String::new()] {
        for actor in [&anonymous, &owner] {
            let answer = open(actor, token.clone()).await;
            let problem = answer.problem(ErrorCode::NotFound);
            told.push((problem.code, problem.detail));
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "all are told the same: {told:?}");
    for number in 0..4 {
        open(&anonymous, guess(number))
            .await
            .problem(ErrorCode::NotFound);
    }
    let refused = open(&anonymous, guess(9))
        .await
        .problem(ErrorCode::RateLimited);
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(refused.retry_after_s.is_some());
    app.advance_ms(30_000);
    open(&anonymous, guess(9))
        .await
        .problem(ErrorCode::NotFound);
}

#[tokio::test]
async fn an_expired_or_revoked_link_says_so_to_its_holder() {
    let app = TestApp::builder().manual_clock().start().await;
    let member = app.member().await;
    let workspace = workspace(&app, &member).await;
    let now = app.app().clock().now().0;
    let link = link(&app, &workspace, &member, now + DAY_MS).await;
    let anonymous = app.anonymous();
    let request = anonymous
        .post("/api/v1/shares/open")
        .json(&json!({ "token": link.token }));
    // It is good, and there is no node.
    request.send().await.problem(ErrorCode::WorkspaceNotRunning);
    app.advance_ms(DAY_MS);
    assert_eq!(state(&anonymous, &link.token).await, ShareState::Expired);

    let foreign = named(&app, &app.owner().await, "foreign").await;
    let revoke = async |actor: &TestActor, workspace: &Workspace| {
        let path = format!(
            "/api/v1/workspaces/{}/terminal-shares/{}/revoke",
            workspace.id, link.id
        );
        actor.post(&path).send().await
    };
    revoke(&app.owner().await, &foreign)
        .await
        .problem(ErrorCode::NotFound);
    revoke(&app.outsider().await, &workspace)
        .await
        .problem(ErrorCode::NotFound);
    revoke(&member, &workspace).await.expect_status(200);
    revoke(&member, &workspace).await.expect_status(200);
    assert_eq!(state(&anonymous, &link.token).await, ShareState::Revoked);
}

/// A link allows no more than its maker may do.
#[tokio::test]
async fn a_link_dies_with_its_makers_right() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let workspace = workspace(&app, &owner).await;
    let admin = app.add_member(Role::Admin, "maker").await;
    let link = link(&app, &workspace, &admin, i64::MAX).await;
    let anonymous = app.anonymous();
    let open = async || {
        let request = anonymous
            .post("/api/v1/shares/open")
            .json(&json!({ "token": link.token }));
        request.send().await
    };
    open().await.problem(ErrorCode::WorkspaceNotRunning);
    let path = format!(
        "/api/v1/organizations/{}/members/{}",
        app.organization().await,
        admin.account().id
    );
    let request = owner.patch(&path).json(&json!({ "role": "member" }));
    request.send().await.expect_status(200);
    assert_eq!(state(&anonymous, &link.token).await, ShareState::Revoked);
}

#[tokio::test]
async fn a_link_is_good_for_a_minute_at_least_and_seven_days_at_most() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let workspace = workspace(&app, &owner).await;
    let path = format!(
        "/api/v1/workspaces/{}/terminals/term_00000000000000000000000001/shares",
        workspace.id
    );
    for body in [
        json!({}),
        json!({ "access": "all" }),
        json!({ "access": "read", "x": 1 }),
    ] {
        owner
            .post(&path)
            .json(&body)
            .send()
            .await
            .problem(ErrorCode::Malformed);
    }
}

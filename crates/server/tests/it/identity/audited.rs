//! What the audit log holds of people's own accounts, and what it must not hold.

use atelier_api::Page;
use atelier_api::v1::audit::{AuditEvent, AuditOutcome};
use atelier_testkit::{PASSWORD, TestActor, TestApp, wait_for};
use serde_json::json;

async fn events(owner: &TestActor) -> Vec<AuditEvent> {
    let organization = owner.account().memberships[0].organization_id;
    let path = format!("/api/v1/organizations/{organization}/audit-events?limit=200");
    let page: Page<AuditEvent> = owner.get(&path).send().await.ok();
    page.items
}

/// The newest event of this action and outcome; what is audited in the background is waited for.
async fn event(owner: &TestActor, action: &str, outcome: AuditOutcome) -> AuditEvent {
    wait_for(&format!("{action} is audited"), || async {
        let mut events = events(owner).await.into_iter();
        events.find(|event| event.action == action && event.outcome == outcome)
    })
    .await
}

#[tokio::test]
async fn every_change_of_the_own_account_is_audited_without_secrets() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let account = format!("account:{}", owner.account().id);
    let new = "eleven quiet otters nap";

    let wrong = json!({ "email": "owner@example.org", "password": "a wrong guess" });
    let request = app.anonymous().post("/api/v1/session").json(&wrong);
    request.send().await.expect_status(401);
    let failure = event(&owner, "session_create", AuditOutcome::Failure).await;
    assert_eq!(failure.actor, "anonymous");
    assert_eq!(failure.resource, Some(owner.account().id.to_string()));
    assert_eq!(failure.address.as_deref(), Some("127.0.0.1"));

    let phone = app.anonymous().sign_in("owner@example.org").await;
    let token = app.token_of(&owner).await;
    let rename = token
        .patch("/api/v1/me")
        .json(&json!({ "name": "Renamed" }));
    rename.send().await.expect_status(200);
    phone
        .delete("/api/v1/session")
        .send()
        .await
        .expect_status(204);
    let wrong = json!({ "current": "a wrong guess", "new": new });
    let request = owner.put("/api/v1/me/password").json(&wrong);
    request.send().await.expect_status(422);
    let right = json!({ "current": PASSWORD, "new": new });
    let request = owner.put("/api/v1/me/password").json(&right);
    request.send().await.expect_status(204);

    event(&owner, "password_update", AuditOutcome::Failure).await;
    for action in [
        "setup_complete",
        "session_create",
        "token_create",
        "session_delete",
        "password_update",
    ] {
        let event = event(&owner, action, AuditOutcome::Success).await;
        assert_eq!(event.actor, account, "{action}");
        assert!(event.request_id.is_some(), "{action}");
    }
    let renamed = event(&owner, "account_update", AuditOutcome::Success).await;
    assert!(renamed.actor.starts_with("token:tok_"), "{}", renamed.actor);

    let log = serde_json::to_string(&events(&owner).await).unwrap();
    for secret in [PASSWORD, new, "a wrong guess", "argon2", "atp_"] {
        assert!(!log.contains(secret), "the audit log holds {secret:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_for_nobody_is_in_no_log() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let before = events(&owner).await.len();
    let nobody = json!({ "email": "nobody@example.org", "password": "a wrong guess" });
    let request = app.anonymous().post("/api/v1/session").json(&nobody);
    request.send().await.expect_status(401);
    // One that is audited, after it: what came before would be there as well.
    let known = json!({ "email": "owner@example.org", "password": "a wrong guess" });
    let request = app.anonymous().post("/api/v1/session").json(&known);
    request.send().await.expect_status(401);
    event(&owner, "session_create", AuditOutcome::Failure).await;
    assert_eq!(events(&owner).await.len(), before + 1);
}

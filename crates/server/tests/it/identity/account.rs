//! The own account: name and password.

use atelier_api::ErrorCode;
use atelier_api::v1::identity::Account;
use atelier_testkit::{PASSWORD, TestActor, TestApp, TestResponse};
use serde_json::json;

async fn set_password(actor: &TestActor, current: &str, new: &str) -> TestResponse {
    let body = json!({ "current": current, "new": new });
    actor.put("/api/v1/me/password").json(&body).send().await
}

async fn sign_in(app: &TestApp, password: &str) -> TestResponse {
    let body = json!({ "email": "owner@example.org", "password": password });
    let request = app.anonymous().post("/api/v1/session").json(&body);
    request.send().await
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let app = TestApp::start().await;
    let laptop = app.owner().await;
    let phone = app.anonymous().sign_in("owner@example.org").await;
    let token = app.token_of(&laptop).await;
    let new = "eleven quiet otters nap";

    set_password(&laptop, PASSWORD, new)
        .await
        .expect_status(204);
    laptop.get("/api/v1/me").send().await.expect_status(200);
    token.get("/api/v1/me").send().await.expect_status(200);
    let answer = phone.get("/api/v1/me").send().await;
    answer.problem(ErrorCode::Unauthenticated);
    sign_in(&app, PASSWORD)
        .await
        .problem(ErrorCode::InvalidCredentials);
    sign_in(&app, new).await.expect_status(200);
}

#[tokio::test]
async fn wrong_and_weak_passwords_are_refused_by_field() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let overlong = "x1y2".repeat(300);
    for (current, new, field) in [
        ("not my password", "eleven quiet otters nap", "current"),
        (&overlong, "eleven quiet otters nap", "current"),
        (PASSWORD, "short", "new"),
        (PASSWORD, "password123", "new"),
        (PASSWORD, "owner@example.org", "new"),
        (PASSWORD, "olivia OWNER", "new"),
        (PASSWORD, &overlong, "new"),
    ] {
        let problem = set_password(&owner, current, new)
            .await
            .problem(ErrorCode::Invalid);
        assert_eq!(problem.field.as_deref(), Some(field), "{new}");
    }
    sign_in(&app, PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn guessing_the_current_password_is_limited() {
    let app = TestApp::builder().manual_clock().start().await;
    let owner = app.owner().await;
    let new = "eleven quiet otters nap";
    for _ in 0..10 {
        set_password(&owner, "a wrong guess", new)
            .await
            .problem(ErrorCode::Invalid);
    }
    set_password(&owner, PASSWORD, new)
        .await
        .problem(ErrorCode::RateLimited);
    app.advance_ms(30_000);
    set_password(&owner, PASSWORD, new).await.expect_status(204);
}

#[tokio::test]
async fn of_two_password_changes_at_once_one_wins() {
    let app = TestApp::start().await;
    let laptop = app.owner().await;
    let phone = app.anonymous().sign_in("owner@example.org").await;
    let (a, b) = tokio::join!(
        set_password(&laptop, PASSWORD, "eleven quiet otters nap"),
        set_password(&phone, PASSWORD, "twelve loud herons sing"),
    );
    let won = [&a, &b]
        .iter()
        .filter(|answer| answer.status.is_success())
        .count();
    assert_eq!(won, 1, "{a} / {b}");
    let left = [&laptop, &phone];
    let mut signed_in = 0;
    for actor in left {
        signed_in += u32::from(actor.get("/api/v1/me").send().await.status.is_success());
    }
    assert_eq!(signed_in, 1);
}

#[tokio::test]
async fn names_are_checked() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let rename = |name: &str| {
        owner
            .patch("/api/v1/me")
            .json(&json!({ "name": name }))
            .send()
    };
    let account: Account = rename("  Ada 🦀 عائشة ").await.ok();
    assert_eq!(account.name, "Ada 🦀 عائشة");
    for name in [
        "",
        " ",
        "nul\0",
        "new\nline",
        "\u{202e}evil",
        &"é".repeat(300),
    ] {
        let problem = rename(name).await.problem(ErrorCode::Invalid);
        assert_eq!(problem.field.as_deref(), Some("name"), "{name:?}");
    }
    let unchanged: Account = owner.patch("/api/v1/me").json(&json!({})).send().await.ok();
    assert_eq!(unchanged.name, account.name);
    let role = json!({ "role": "owner" });
    owner
        .patch("/api/v1/me")
        .json(&role)
        .send()
        .await
        .problem(ErrorCode::Malformed);
}

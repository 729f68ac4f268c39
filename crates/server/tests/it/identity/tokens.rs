//! Personal access tokens.

use atelier_api::ErrorCode;
use atelier_api::v1::identity::{Account, TokenCreated, TokenList};
use atelier_testkit::{PASSWORD, TestActor, TestApp, wait_until};
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue};
use serde_json::json;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

async fn create(actor: &TestActor, days: u32) -> TokenCreated {
    let body = json!({ "name": "laptop", "expires_in_days": days });
    let answer = actor.post("/api/v1/me/tokens").json(&body).send().await;
    answer.expect_status(201).ok()
}

async fn list(actor: &TestActor) -> TokenList {
    actor.get("/api/v1/me/tokens").send().await.ok()
}

#[tokio::test]
async fn a_token_is_shown_once_and_stands_for_its_person() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let created = create(&owner, 30).await;
    assert!(created.secret.starts_with("atp_"));
    assert_eq!(created.token.hint, created.secret[..8]);

    let token = app.anonymous().with_token(&created.secret);
    let account: Account = token.get("/api/v1/me").send().await.ok();
    assert_eq!(account.id, owner.account().id);
    assert_eq!(account.session_id, None);
    // Changes need neither Origin nor the header of browsers.
    let rename = token
        .patch("/api/v1/me")
        .json(&json!({ "name": "Renamed" }));
    rename.send().await.expect_status(200);

    let listed = owner.get("/api/v1/me/tokens").send().await;
    assert!(!String::from_utf8_lossy(&listed.body).contains(&created.secret));
}

#[tokio::test]
async fn a_wrong_token_is_told_so_everywhere() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let session = owner.headers();
    for secret in [
        "",
        "x",
        "atp_",
        "atp_x",
        &format!("atp_{}", "A".repeat(43)),
        &"y".repeat(5_000),
    ] {
        let actor = app.anonymous().with_token(secret);
        for path in ["/api/v1/me", "/api/v1/info"] {
            actor
                .get(path)
                .send()
                .await
                .problem(ErrorCode::Unauthenticated);
        }
        // A right cookie beside it does not help: the token says who is meant.
        let mut both = session.clone();
        both.extend(actor.headers());
        let answer = owner.bare_request(http::Method::GET, "/api/v1/me", both);
        answer.send().await.problem(ErrorCode::Unauthenticated);
    }
    let mut binary = HeaderMap::new();
    binary.insert(
        AUTHORIZATION,
        HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap(),
    );
    let answer = owner.bare_request(http::Method::GET, "/api/v1/me", binary);
    answer.send().await.problem(ErrorCode::Unauthenticated);
}

#[tokio::test]
async fn a_token_expires() {
    let app = TestApp::builder().manual_clock().start().await;
    let owner = app.owner().await;
    let created = create(&owner, 2).await;
    let token = app.anonymous().with_token(&created.secret);
    app.advance_ms(2 * DAY_MS - 1);
    token.get("/api/v1/me").send().await.expect_status(200);
    app.advance_ms(1);
    token
        .get("/api/v1/me")
        .send()
        .await
        .problem(ErrorCode::Unauthenticated);
    assert_eq!(
        list(&owner).await.items.len(),
        1,
        "it is still listed, to be seen and removed"
    );
}

#[tokio::test]
async fn a_deleted_token_stops_at_once() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let outsider = app.outsider().await;
    let created = create(&owner, 1).await;
    let token = app.anonymous().with_token(&created.secret);
    token.get("/api/v1/me").send().await.expect_status(200);

    let path = format!("/api/v1/me/tokens/{}", created.token.id);
    outsider
        .delete(&path)
        .send()
        .await
        .problem(ErrorCode::NotFound);
    owner.delete(&path).send().await.expect_status(204);
    token
        .get("/api/v1/me")
        .send()
        .await
        .problem(ErrorCode::Unauthenticated);
    owner
        .delete(&path)
        .send()
        .await
        .problem(ErrorCode::NotFound);
    assert!(list(&owner).await.items.is_empty());
}

#[tokio::test]
async fn a_token_cannot_make_itself_lasting_access() {
    let app = TestApp::start().await;
    let token = app.token_of(&app.owner().await).await;
    let another = json!({ "name": "another", "expires_in_days": 365 });
    let password = json!({ "current": PASSWORD, "new": "eleven quiet otters nap" });
    for request in [
        token.post("/api/v1/me/tokens").json(&another),
        token.put("/api/v1/me/password").json(&password),
        token.delete("/api/v1/session"),
    ] {
        request.send().await.problem(ErrorCode::Forbidden);
    }
}

#[tokio::test]
async fn the_last_use_is_shown_to_the_minute() {
    let app = TestApp::builder().manual_clock().start().await;
    let owner = app.owner().await;
    let created = create(&owner, 30).await;
    assert_eq!(created.token.last_used_at, None);
    let token = app.anonymous().with_token(&created.secret);
    let used = |at| {
        let (app, owner, token) = (&app, &owner, &token);
        async move {
            token.get("/api/v1/me").send().await.expect_status(200);
            wait_until("the use is written down", || async {
                list(owner).await.items[0].last_used_at == Some(at)
            })
            .await;
            app.advance_ms(60_000);
        }
    };
    used(app.app().clock().now()).await;
    used(app.app().clock().now()).await;
}

#[tokio::test]
async fn fields_are_checked_and_the_number_is_bounded() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let long = "n".repeat(300);
    for (name, days, field) in [
        ("", 30, "name"),
        ("nul\0", 30, "name"),
        (long.as_str(), 30, "name"),
        ("laptop", 0, "expires_in_days"),
        ("laptop", 366, "expires_in_days"),
        ("laptop", u32::MAX, "expires_in_days"),
    ] {
        let body = json!({ "name": name, "expires_in_days": days });
        let answer = owner.post("/api/v1/me/tokens").json(&body).send().await;
        let problem = answer.problem(ErrorCode::Invalid);
        assert_eq!(problem.field.as_deref(), Some(field));
    }
    for _ in 0..100 {
        create(&owner, 1).await;
    }
    let body = json!({ "name": "one more", "expires_in_days": 1 });
    let answer = owner.post("/api/v1/me/tokens").json(&body).send().await;
    answer.problem(ErrorCode::LimitReached);
}

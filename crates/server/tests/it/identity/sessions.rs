//! Browser sessions: what a cookie is worth, and for how long.

use std::sync::Arc;

use atelier_api::ErrorCode;
use atelier_api::v1::identity::{Account, SessionList};
use atelier_server::ctx::{Actor, Person};
use atelier_server::identity::{authenticate, still_valid};
use atelier_testkit::{TestActor, TestApp, wait_until};
use http::StatusCode;
use http::header::SET_COOKIE;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

async fn is_signed_in(actor: &TestActor) -> bool {
    match actor.get("/api/v1/me").send().await.status {
        StatusCode::OK => true,
        StatusCode::UNAUTHORIZED => false,
        other => panic!("{other}"),
    }
}

async fn sessions(actor: &TestActor) -> SessionList {
    actor.get("/api/v1/me/sessions").send().await.ok()
}

#[tokio::test]
async fn foreign_and_malformed_cookies_are_nobodys() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let foreign = "A".repeat(43);
    for secret in [
        "",
        "x",
        &foreign,
        "../../etc/passwd",
        "%00",
        &"x".repeat(4_000),
        "a=b",
        "\"q\"",
    ] {
        let actor = app.anonymous().with_session(secret);
        let answer = actor.get("/api/v1/me").send().await;
        answer.problem(ErrorCode::Unauthenticated);
        // The sign-in page must still be reached with it.
        actor.get("/api/v1/info").send().await.expect_status(200);
        assert!(is_signed_in(&actor.sign_in("owner@example.org").await).await);
    }
    assert!(is_signed_in(&owner).await);
}

#[tokio::test]
async fn a_session_ends_thirty_days_after_its_last_use() {
    let app = TestApp::builder().manual_clock().start().await;
    let owner = app.owner().await;
    for _ in 0..3 {
        app.advance_ms(29 * DAY_MS);
        assert!(is_signed_in(&owner).await);
        wait_until("the use is written down", || async {
            sessions(&owner).await.items[0].last_used_at == app.app().clock().now()
        })
        .await;
    }
    app.advance_ms(30 * DAY_MS);
    assert!(!is_signed_in(&owner).await);
    app.advance_ms(-DAY_MS);
    assert!(
        is_signed_in(&owner).await,
        "a clock set back a day gives it back, and breaks nothing"
    );
}

#[tokio::test]
async fn the_use_is_written_down_once_a_minute() {
    let app = TestApp::builder().manual_clock().start().await;
    let owner = app.owner().await;
    let made_at = app.app().clock().now();
    app.advance_ms(59_999);
    assert_eq!(sessions(&owner).await.items[0].last_used_at, made_at);
    app.advance_ms(1);
    wait_until("the use is written down", || async {
        sessions(&owner).await.items[0].last_used_at == app.app().clock().now()
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_and_revoked() {
    let app = TestApp::start().await;
    let laptop = app.owner().await;
    let phone = app.anonymous().sign_in("owner@example.org").await;
    let outsider = app.outsider().await;

    let list = sessions(&laptop).await.items;
    assert_eq!(list.len(), 2);
    assert_eq!(Some(list[0].id), phone.account().session_id, "newest first");
    assert_eq!((list[0].current, list[1].current), (false, true));
    assert_eq!(list[0].address, "127.0.0.1");

    let revoke = |actor: &TestActor, id: &str| {
        let path = format!("/api/v1/me/sessions/{id}");
        actor.delete(&path).send()
    };
    let phone_id = list[0].id.to_string();
    for foreign in [
        &phone_id,
        "ses_",
        "nonsense",
        "ses_00000000000000000000000000",
        "%2e%2e",
    ] {
        revoke(&outsider, foreign)
            .await
            .problem(ErrorCode::NotFound);
    }
    assert!(is_signed_in(&phone).await);
    revoke(&laptop, &phone_id).await.expect_status(204);
    assert!(!is_signed_in(&phone).await);
    assert!(is_signed_in(&laptop).await);
    revoke(&laptop, &phone_id)
        .await
        .problem(ErrorCode::NotFound);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_takes_the_cookie_away() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let answer = owner.delete("/api/v1/session").send().await;
    let cookie = answer.expect_status(204).header(SET_COOKIE).unwrap();
    assert!(
        cookie.starts_with("atelier_session=; ") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
    assert!(!is_signed_in(&owner).await);
    owner
        .delete("/api/v1/session")
        .send()
        .await
        .problem(ErrorCode::Unauthenticated);
}

#[tokio::test]
async fn signing_in_again_replaces_the_browsers_session() {
    let app = TestApp::start().await;
    let first = app.owner().await;
    let second = first.sign_in("owner@example.org").await;
    assert!(!is_signed_in(&first).await);
    assert_eq!(sessions(&second).await.items.len(), 1);
}

#[tokio::test]
async fn an_account_keeps_its_hundred_latest_sessions() {
    let app = TestApp::builder().manual_clock().start().await;
    let first = app.owner().await;
    let mut last = first.clone();
    for _ in 0..100 {
        // Time passes, for the limit on sign-ins from one address.
        app.advance_ms(2_000);
        last = app.anonymous().sign_in("owner@example.org").await;
    }
    assert_eq!(sessions(&last).await.items.len(), 100);
    assert!(!is_signed_in(&first).await);
}

#[tokio::test]
async fn sessions_survive_a_restart() {
    let mut app = TestApp::start().await;
    let owner = app.owner().await;
    app.restart().await.unwrap();
    let account: Account = app.again(&owner).get("/api/v1/me").send().await.ok();
    assert_eq!(&account, owner.account());
}

/// The person that a request of this actor stands for.
async fn person(app: &TestApp, actor: &TestActor) -> Arc<Person> {
    let headers = actor.headers();
    let call = |app| async move { authenticate(&app, &headers).await };
    match app.inside(call).await.expect("the database answers") {
        Actor::Person(person) => person,
        other => panic!("{other:?}"),
    }
}

async fn holds(app: &TestApp, person: &Arc<Person>) -> bool {
    let person = Arc::clone(person);
    let call = |app| async move { still_valid(&app, &person).await };
    app.inside(call).await
}

#[tokio::test]
async fn what_outlives_its_request_is_told_when_it_must_end() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let member = app.member().await;
    let token = app.token_of(&member).await;
    let by_session = person(&app, &member).await;
    let by_token = person(&app, &token).await;
    assert!(holds(&app, &by_session).await);
    assert!(holds(&app, &by_token).await);

    let path = format!(
        "/api/v1/organizations/{organization}/members/{}",
        by_session.account
    );
    let viewer = serde_json::json!({ "role": "viewer" });
    let owner = app.owner().await;
    owner
        .patch(&path)
        .json(&viewer)
        .send()
        .await
        .expect_status(200);
    assert!(!holds(&app, &by_session).await, "the role has changed");
    let by_session = person(&app, &member).await;
    assert!(holds(&app, &by_session).await);
    member
        .delete("/api/v1/session")
        .send()
        .await
        .expect_status(204);
    assert!(!holds(&app, &by_session).await, "signed out");
}

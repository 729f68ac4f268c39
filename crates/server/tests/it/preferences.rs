//! Preferences over the public API.

#![expect(
    clippy::unwrap_used,
    reason = "Clippy's exception for tests does not reach their helper functions"
)]

use std::time::Duration;

use atelier_api::ErrorCode;
use atelier_api::v1::events::SUBPROTOCOL;
use atelier_api::v1::preferences::{Preference, PreferenceList};
use atelier_testkit::{TestActor, TestApp, TestResponse, WebSocket};
use futures_util::{SinkExt as _, StreamExt as _};
use http::header::IF_MATCH;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

const LIST: &str = "/api/v1/me/preferences";

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn path(namespace: &str) -> String {
    format!("{LIST}/{namespace}")
}

async fn view(actor: &TestActor, namespace: &str) -> Preference {
    actor.get(&path(namespace)).send().await.ok()
}

async fn update(actor: &TestActor, namespace: &str, seen: &str, value: &Value) -> TestResponse {
    let request = actor
        .put(&path(namespace))
        .json(&json!({ "value": value }))
        .header(IF_MATCH, seen);
    request.send().await
}

/// Writes over whatever is there.
async fn set(actor: &TestActor, namespace: &str, value: &Value) -> Preference {
    let seen = view(actor, namespace).await.etag;
    update(actor, namespace, &seen, value).await.ok()
}

async fn list(actor: &TestActor) -> Vec<Preference> {
    let list: PreferenceList = actor.get(LIST).send().await.ok();
    list.items
}

#[tokio::test]
async fn what_is_set_is_there_on_every_device_and_for_nobody_else() {
    let app = TestApp::start().await;
    let (laptop, member) = (app.owner().await, app.member().await);
    let phone = app.anonymous().sign_in("owner@example.org").await;
    assert!(list(&laptop).await.is_empty());
    let empty = view(&laptop, "editor").await;
    assert!(empty.value.is_empty() && empty.updated_at.is_none());

    let wanted = json!({ "fontSize": 15, "keymap": "vim", "rulers": [80, 100] });
    let written = set(&laptop, "editor", &wanted).await;
    assert_ne!(written.etag, empty.etag);
    assert_eq!(view(&phone, "editor").await, written);
    assert_eq!(Value::Object(written.value.clone()), wanted);
    set(&laptop, "appearance", &json!({ "theme": "dark" })).await;
    let names: Vec<_> = list(&phone)
        .await
        .into_iter()
        .map(|it| it.namespace)
        .collect();
    assert_eq!(names, ["appearance", "editor"]);
    assert!(list(&member).await.is_empty());

    let answer = phone.delete(&path("editor")).send().await;
    answer.expect_status(204);
    assert_eq!(view(&laptop, "editor").await, empty);
    let again = phone.delete(&path("editor")).send().await;
    again.expect_status(204);
}

#[tokio::test]
async fn nobody_writes_over_a_version_that_they_have_not_seen() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let seen = view(&owner, "editor").await.etag;
    let first: Preference = update(&owner, "editor", &seen, &json!({ "tabSize": 2 }))
        .await
        .ok();

    let late = update(&owner, "editor", &seen, &json!({ "tabSize": 8 })).await;
    let problem = late.problem(ErrorCode::Stale);
    assert_eq!(problem.etag.as_deref(), Some(first.etag.as_str()));
    let blind = owner
        .put(&path("editor"))
        .json(&json!({ "value": { "tabSize": 8 } }));
    let answer = blind.send().await;
    answer.problem(ErrorCode::PreconditionRequired);
    assert_eq!(view(&owner, "editor").await, first);
}

#[tokio::test]
async fn of_two_who_write_at_once_one_is_told() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let seen = view(&owner, "editor").await.etag;
    let (two, eight) = (json!({ "tabSize": 2 }), json!({ "tabSize": 8 }));
    let (left, right) = tokio::join!(
        update(&owner, "editor", &seen, &two),
        update(&owner, "editor", &seen, &eight)
    );
    let mut statuses = [left.status.as_u16(), right.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[tokio::test]
async fn what_is_no_namespace_or_no_object_is_refused() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let long = "a".repeat(65);
    for namespace in ["Editor", "1st", "a%20b", "a%2Fb", "%00", "a%0A", &long] {
        let problem = owner.get(&path(namespace)).send().await;
        let problem = problem.problem(ErrorCode::Invalid);
        assert_eq!(problem.field.as_deref(), Some("namespace"), "{namespace}");
        let answer = update(&owner, namespace, "\"x\"", &json!({})).await;
        answer.problem(ErrorCode::Invalid);
        let answer = owner.delete(&path(namespace)).send().await;
        answer.problem(ErrorCode::Invalid);
    }
    for body in [
        json!([]),
        json!({}),
        json!({ "value": 3 }),
        json!({ "value": {}, "x": 1 }),
    ] {
        let request = owner.put(&path("editor")).json(&body);
        request.send().await.problem(ErrorCode::Malformed);
    }
    assert!(list(&owner).await.is_empty());
}

#[tokio::test]
async fn size_and_number_are_bounded() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    // `{"a":"…"}` has eight bytes around the text.
    let fits = json!({ "a": "x".repeat(16 * 1024 - 8) });
    let larger = json!({ "a": "x".repeat(16 * 1024 - 7) });
    let seen = set(&owner, "n0", &fits).await.etag;
    let answer = update(&owner, "n0", &seen, &larger).await;
    answer.problem(ErrorCode::TooLarge);
    assert_eq!(view(&owner, "n0").await.etag, seen);

    for number in 1..64 {
        set(&owner, &format!("n{number}"), &json!({})).await;
    }
    let empty = view(&owner, "n64").await.etag;
    let answer = update(&owner, "n64", &empty, &json!({})).await;
    answer.problem(ErrorCode::LimitReached);
    // What is there can still be changed, and room be made.
    set(&owner, "n1", &json!({ "a": 1 })).await;
    owner.delete(&path("n2")).send().await.expect_status(204);
    set(&owner, "n64", &json!({})).await;
}

async fn listen(actor: &TestActor) -> WebSocket {
    let mut socket = actor
        .websocket("/api/v1/events", Some(SUBPROTOCOL))
        .await
        .unwrap();
    let account = actor.account();
    let organization = account.memberships[0].organization_id;
    let topics = [
        format!("organization:{organization}"),
        format!("account:{}", account.id),
    ];
    let message = json!({ "type": "subscribe", "topics": topics }).to_string();
    socket.send(Message::text(message)).await.unwrap();
    assert_eq!(heard(&mut socket).await["type"], "subscribed");
    socket
}

async fn heard(socket: &mut WebSocket) -> Value {
    loop {
        let message = timeout(PATIENCE, socket.next()).await;
        if let Message::Text(text) = message.expect("news in time").unwrap().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

#[tokio::test]
async fn the_own_devices_hear_of_a_change_and_nobody_else_does() {
    let app = TestApp::start().await;
    let (owner, member) = (app.owner().await, app.member().await);
    let (mut own, mut other) = (listen(&owner).await, listen(&member).await);
    let written = set(&owner, "editor", &json!({ "tabSize": 2 })).await;
    let news = heard(&mut own).await;
    assert_eq!(
        news["body"],
        json!({
            "kind": "preference_changed", "account_id": owner.account().id,
            "namespace": "editor", "etag": written.etag,
        })
    );
    // The first that the other one hears is what comes after it.
    set(&member, "terminal", &json!({})).await;
    assert_eq!(heard(&mut other).await["body"]["namespace"], "terminal");
}

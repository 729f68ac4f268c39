//! The event stream over its WebSocket.

#![expect(
    clippy::unwrap_used,
    reason = "Clippy's exception for tests does not reach their helper functions"
)]

use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::ids::{OrganizationId, WorkspaceId};
use atelier_api::v1::events::{EventBody, SUBPROTOCOL};
use atelier_api::v1::organizations::Role;
use atelier_testkit::{TestActor, TestApp, WebSocket};
use futures_util::{SinkExt as _, StreamExt as _};
use http::HeaderValue;
use http::header::ORIGIN;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message};
use uuid::Uuid;

const PATH: &str = "/api/v1/events";

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came from the server.
#[derive(Debug)]
enum Heard {
    Said(Value),
    /// The close code.
    Closed(u16),
}

async fn connect(actor: &TestActor) -> WebSocket {
    actor.websocket(PATH, Some(SUBPROTOCOL)).await.unwrap()
}

async fn say(socket: &mut WebSocket, message: &Value) {
    let text = Message::text(message.to_string());
    socket.send(text).await.unwrap();
}

async fn hear(socket: &mut WebSocket) -> Heard {
    loop {
        let message = timeout(PATIENCE, socket.next()).await;
        match message
            .expect("the server says something")
            .unwrap()
            .unwrap()
        {
            Message::Text(text) => return Heard::Said(serde_json::from_str(&text).unwrap()),
            Message::Close(frame) => return Heard::Closed(frame.unwrap().code.into()),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) async fn said(socket: &mut WebSocket) -> Value {
    match hear(socket).await {
        Heard::Said(value) => value,
        Heard::Closed(code) => panic!("closed with {code}"),
    }
}

fn to_all_of(organization: OrganizationId) -> Value {
    json!({ "type": "subscribe", "topics": [format!("organization:{organization}")] })
}

pub(crate) async fn subscribed(
    actor: &TestActor,
    organization: OrganizationId,
) -> (WebSocket, Value) {
    let mut socket = connect(actor).await;
    say(&mut socket, &to_all_of(organization)).await;
    let answer = said(&mut socket).await;
    assert_eq!(answer["type"], "subscribed", "{answer}");
    (socket, answer)
}

/// News that costs nothing to make: a workspace is gone.
fn publish(app: &TestApp, organization: OrganizationId, number: u128) {
    let workspace_id = WorkspaceId::from_uuid(Uuid::from_u128(number));
    let body = EventBody::WorkspacePurged { workspace_id };
    app.app().events().publish(Timestamp(1), organization, body);
}

/// Which workspace an event is about.
fn number(message: &Value) -> u128 {
    assert_eq!(message["type"], "event", "{message}");
    let id: WorkspaceId = message["body"]["workspace_id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    id.uuid().as_u128()
}

#[tokio::test]
async fn events_arrive_in_order_at_everyone_who_may_see_them() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let outsider = app.outsider().await;
    let elsewhere = outsider.account().memberships[0].organization_id;
    let (owner, viewer) = (app.owner().await, app.viewer().await);
    let (mut owner, _) = subscribed(&owner, organization).await;
    let (mut viewer, _) = subscribed(&viewer, organization).await;
    let (mut other, _) = subscribed(&outsider, elsewhere).await;
    for number in 0..100 {
        publish(&app, organization, number);
    }
    publish(&app, elsewhere, 1_000);
    for expected in 0..100 {
        assert_eq!(number(&said(&mut owner).await), expected);
        assert_eq!(number(&said(&mut viewer).await), expected);
    }
    assert_eq!(number(&said(&mut other).await), 1_000);
}

#[tokio::test]
async fn a_topic_of_one_workspace_tells_of_it_alone() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let mut socket = connect(&app.owner().await).await;
    let wanted = WorkspaceId::from_uuid(Uuid::from_u128(7));
    let topics = json!({ "type": "subscribe", "topics": [format!("workspace:{wanted}")] });
    say(&mut socket, &topics).await;
    said(&mut socket).await;
    publish(&app, organization, 6);
    publish(&app, organization, 7);
    assert_eq!(number(&said(&mut socket).await), 7);
}

#[tokio::test]
async fn whoever_comes_back_misses_nothing() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let owner = app.owner().await;
    let (mut socket, answer) = subscribed(&owner, organization).await;
    publish(&app, organization, 1);
    let last = said(&mut socket).await;
    drop(socket);
    publish(&app, organization, 2);
    publish(&app, organization, 3);

    let mut socket = connect(&owner).await;
    let mut again = to_all_of(organization);
    again["epoch"] = answer["epoch"].clone();
    again["after"] = last["sequence"].clone();
    say(&mut socket, &again).await;
    assert_eq!(said(&mut socket).await["sequence"], last["sequence"]);
    assert_eq!(number(&said(&mut socket).await), 2);
    assert_eq!(number(&said(&mut socket).await), 3);
}

#[tokio::test]
async fn after_a_restart_the_client_is_told_to_read_again() {
    let mut app = TestApp::start().await;
    let organization = app.organization().await;
    let owner = app.owner().await;
    let (mut socket, answer) = subscribed(&owner, organization).await;
    publish(&app, organization, 1);
    let last = said(&mut socket).await;
    app.restart().await.unwrap();
    let Heard::Closed(code) = hear(&mut socket).await else {
        panic!("the server went without a word");
    };
    assert_eq!(code, 1001);

    let mut socket = connect(&app.again(&owner)).await;
    let mut again = to_all_of(organization);
    again["epoch"] = answer["epoch"].clone();
    again["after"] = last["sequence"].clone();
    say(&mut socket, &again).await;
    let subscribed = said(&mut socket).await;
    assert_ne!(subscribed["epoch"], answer["epoch"]);
    assert_eq!(said(&mut socket).await["type"], "dropped");
}

#[tokio::test]
async fn a_member_who_is_removed_hears_no_more() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let member = app.member().await;
    let (mut socket, _) = subscribed(&member, organization).await;
    let path = format!(
        "/api/v1/organizations/{organization}/members/{}",
        member.account().id
    );
    app.owner()
        .await
        .delete(&path)
        .send()
        .await
        .expect_status(204);
    publish(&app, organization, 1);
    // Not even the news that members have changed.
    let Heard::Closed(code) = hear(&mut socket).await else {
        panic!("an event reached somebody who may not see it");
    };
    assert_eq!(code, 1008);
}

#[tokio::test]
async fn a_signed_out_session_hears_no_more() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let viewer = app.viewer().await;
    let (mut socket, _) = subscribed(&viewer, organization).await;
    viewer
        .delete("/api/v1/session")
        .send()
        .await
        .expect_status(204);
    // What makes the server look at once; else it looks every 30 s.
    app.add_member(Role::Viewer, "somebody").await;
    let Heard::Closed(code) = hear(&mut socket).await else {
        panic!("an event reached a session that has ended");
    };
    assert_eq!(code, 1008);
}

#[tokio::test]
async fn a_change_of_other_members_reaches_those_who_stay() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (mut socket, _) = subscribed(&app.owner().await, organization).await;
    app.add_member(Role::Viewer, "somebody").await;
    let news = said(&mut socket).await;
    assert_eq!(news["body"]["kind"], "organization_changed", "{news}");
    publish(&app, organization, 1);
    assert_eq!(number(&said(&mut socket).await), 1);
}

#[tokio::test]
async fn a_reader_that_does_not_read_holds_nobody_up_and_is_told_what_it_missed() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let owner = app.owner().await;
    let (mut slow, _) = subscribed(&owner, organization).await;
    let (mut quick, _) = subscribed(&owner, organization).await;
    // Far more than the history and the sockets hold.
    let mut news = 0;
    for _ in 0..100 {
        for _ in 0..1_000 {
            publish(&app, organization, news);
            news += 1;
        }
        // The quick one keeps up.
        while number(&said(&mut quick).await) != news - 1 {}
    }
    let mut last = None;
    let told = loop {
        let message = said(&mut slow).await;
        if message["type"] == "dropped" {
            break message;
        }
        let number = number(&message);
        assert!(
            last.is_none_or(|last| number == last + 1),
            "{last:?} then {number}"
        );
        last = Some(number);
    };
    publish(&app, organization, news);
    let mut next = said(&mut slow).await;
    while next["type"] == "dropped" {
        next = said(&mut slow).await;
    }
    assert!(next["sequence"].as_u64() > told["sequence"].as_u64());
}

#[tokio::test]
async fn what_breaks_the_protocol_is_told_why_and_closed() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let organization = app.organization().await;
    let elsewhere = app.outsider().await.account().memberships[0].organization_id;
    let own = format!("organization:{organization}");
    let many: Vec<_> = (0..101).map(|_| own.clone()).collect();
    let frames = [
        Message::text(""),
        Message::text("\u{0}"),
        Message::text("{\"type\":\"subscribe\""),
        Message::text("{\"type\":\"subscribe\",\"topics\":[],\"extra\":1}"),
        Message::text("{\"type\":\"subscribe\",\"topics\":[\"everything\"]}"),
        Message::text(json!({ "type": "subscribe", "topics": many }).to_string()),
        Message::text(to_all_of(elsewhere).to_string()),
        Message::binary(vec![0xff; 10]),
    ];
    for frame in frames {
        let mut socket = connect(&owner).await;
        socket.send(frame.clone()).await.unwrap();
        let error = said(&mut socket).await;
        assert_eq!(error["type"], "error", "{frame:?}: {error}");
        assert!(!error["detail"].as_str().unwrap().is_empty());
        let Heard::Closed(code) = hear(&mut socket).await else {
            panic!("{frame:?} did not end the connection");
        };
        assert_eq!(code, 1008);
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_ends_the_connection() {
    let app = TestApp::start().await;
    let mut socket = connect(&app.owner().await).await;
    // The server may have closed before all of it was sent.
    let _ = socket.send(Message::text("x".repeat(1024 * 1024))).await;
    let ended = timeout(PATIENCE, async {
        while let Some(Ok(message)) = socket.next().await {
            assert!(message.is_close() || message.is_ping(), "{message:?}");
        }
    });
    ended.await.expect("the connection ends");
}

#[tokio::test]
async fn only_a_signed_in_page_of_our_own_may_listen() {
    let app = TestApp::start().await;
    let status = |result: Result<WebSocket, Box<WebSocketError>>| match result.map_err(|e| *e) {
        Err(WebSocketError::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    };
    let owner = app.owner().await;
    let anonymous = app.anonymous().websocket(PATH, Some(SUBPROTOCOL)).await;
    assert_eq!(status(anonymous), 401);
    let mut headers = owner.headers();
    headers.insert(ORIGIN, HeaderValue::from_static("https://evil.example"));
    let foreign = owner.bare_websocket(PATH, Some(SUBPROTOCOL), headers).await;
    assert_eq!(status(foreign), 403);
    assert_eq!(status(owner.websocket(PATH, None).await), 400);
    assert_eq!(status(owner.websocket(PATH, Some("soap")).await), 400);
    owner.get(PATH).send().await.expect_status(400);
    // A token needs no origin.
    let (mut socket, _) = subscribed(&app.token_of(&owner).await, app.organization().await).await;
    publish(&app, app.organization().await, 1);
    assert_eq!(number(&said(&mut socket).await), 1);
}

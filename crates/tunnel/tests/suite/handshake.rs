//! The handshake, spoken well and badly.

use std::sync::Arc;
use std::time::Duration;

use atelier_tunnel::{AcceptOptions, DialConfig, DialError, Dialer, Reason, State, reach};
use axum::http::StatusCode;
use futures_util::SinkExt as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::lab::node::{Seen, TestIdentity, router};
use crate::lab::plane::Plane;
use crate::lab::{Lab, eventually, raw, state_where};

/// What a node comes to at this address, with little patience.
async fn outcome(url: Url) -> State {
    let mut config = DialConfig::new(url);
    config.step_timeout = Duration::from_secs(1);
    let router = router(Arc::new(Seen::default()));
    let dialer = Dialer::new(config, Arc::new(TestIdentity::new("n1")), router).unwrap();
    let mut states = dialer.state();
    let stop = CancellationToken::new();
    let _stop = stop.clone().drop_guard();
    tokio::spawn(dialer.run(stop));
    let done = |state: &State| !matches!(state, State::Connecting);
    state_where(&mut states, "the attempt has ended", done).await
}

fn error_of(state: State) -> String {
    match state {
        State::Waiting { error, .. } => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn both_sides_learn_what_the_other_has_to_say() {
    let plane = Plane::start().await;
    let identity = TestIdentity::new("n1");
    let told = identity.told.clone();
    let stop = CancellationToken::new();
    let _stop = stop.clone().drop_guard();
    let config = DialConfig::new(plane.url_with_host("localhost"));
    let router = router(Arc::new(Seen::default()));
    let dialer = Dialer::new(config, Arc::new(identity), router).unwrap();
    let mut states = dialer.state();
    tokio::spawn(dialer.run(stop));
    state_where(&mut states, "connected", |state| {
        matches!(state, State::Connected { .. })
    })
    .await;
    assert_eq!(*told.lock(), [json!({ "welcome": "n1" })]);
    let attempt = plane.shared.attempts.lock()[0].clone();
    let identity: Value = serde_json::from_str(attempt.hello.identity.get()).unwrap();
    assert_eq!(identity["host"], "localhost");
    assert_eq!(attempt.hello.instance.len(), 32);
}

#[tokio::test]
async fn a_node_that_stalls_is_let_go() {
    let options = AcceptOptions {
        hello_within: Duration::from_millis(300),
        ..AcceptOptions::default()
    };
    let plane = Plane::serve(options, None).await;
    let mut silent = raw::node(plane.address).await;
    raw::closed(&mut silent).await;
    let half = TcpStream::connect(plane.address).await.unwrap();
    let mut half = tokio_tungstenite::client_async(plane.url().as_str(), half)
        .await
        .unwrap()
        .0;
    // Half a frame: a text of 100 bytes is announced, three bytes come.
    half.get_mut()
        .write_all(&[0x81, 0x80 | 0x64, 1, 2, 3, 4, 5, 6, 7])
        .await
        .unwrap();
    raw::closed(&mut half).await;
    eventually("both are noted", || plane.errors().len() == 2).await;
    let stalled = plane
        .shared
        .errors
        .lock()
        .iter()
        .all(|error| format!("{error:?}").contains("Stalled"));
    assert!(stalled, "{:?}", plane.shared.errors.lock());
}

#[tokio::test]
async fn garbage_in_place_of_a_hello_ends_the_connection() {
    let plane = Plane::start().await;
    let large = raw::hello(&"n".repeat(40 << 10), "interactive", "i").to_string();
    let garbage = [
        Message::text("not JSON"),
        Message::text("{}"),
        Message::text(large),
        Message::binary(raw::hello("n1", "interactive", "i").to_string()),
        Message::text(raw::hello("n1", "sideways", "i").to_string()),
    ];
    for (index, message) in garbage.into_iter().enumerate() {
        let mut socket = raw::node(plane.address).await;
        socket.send(message).await.unwrap();
        raw::closed(&mut socket).await;
        eventually("it is noted", || plane.errors().len() == index + 1).await;
    }
    assert!(
        plane.shared.attempts.lock().is_empty(),
        "none of these reached the authenticator"
    );
}

#[tokio::test]
async fn a_frame_of_a_gigabyte_is_refused_when_announced() {
    let plane = Plane::start().await;
    let mut socket = raw::node(plane.address).await;
    let announced = (1_u64 << 30).to_be_bytes();
    let head = [&[0x82, 0x80 | 127][..], &announced, &[1, 2, 3, 4]].concat();
    socket.get_mut().write_all(&head).await.unwrap();
    raw::closed(&mut socket).await;
    eventually("it is noted", || plane.errors().len() == 1).await;
    let error = format!("{:?}", plane.shared.errors.lock()[0]);
    assert!(error.contains("MessageTooLong"), "{error}");
}

#[tokio::test]
async fn a_proof_for_another_challenge_is_denied() {
    let plane = Plane::start().await;
    let mut hello = raw::hello("n1", "interactive", "i");
    hello["identity"]["nonce"] = Value::from("replayed");
    let mut socket = raw::node_says(plane.address, hello).await;
    let refused = raw::next_json(&mut socket).await;
    assert_eq!(refused["type"], "refused");
    assert_eq!(refused["reason"], "denied");
    assert_eq!(refused["retry_after_ms"], 60_000);
    assert!(!plane.tunnels.tunnel(&"n1".to_owned()).is_connected());
}

#[tokio::test]
async fn versions_that_do_not_fit_are_named_by_both_sides() {
    let plane = Plane::start().await;
    for version in [0, 99] {
        let mut hello = raw::hello("n1", "interactive", "i");
        hello["protocol"] = Value::from(version);
        let mut socket = raw::node_says(plane.address, hello).await;
        let refused = raw::next_json(&mut socket).await;
        assert_eq!(refused["reason"], "version");
        assert!(
            refused["detail"]
                .as_str()
                .unwrap()
                .contains(&format!("version {version}"))
        );
    }
    for range in [[0, 0], [7, 9]] {
        let challenge = json!({ "type": "challenge", "protocols": range, "nonce": "n" });
        match outcome(raw::plane(vec![challenge]).await).await {
            State::Refused { refusal, .. } => assert_eq!(refusal.reason, Reason::Version),
            other => panic!("{other:?}"),
        }
    }
    // A newer control plane that still speaks this version is well.
    let challenge = json!({ "type": "challenge", "protocols": [1, 9], "nonce": "n" });
    let refused =
        json!({ "type": "refused", "reason": "lunch", "detail": "d", "retry_after_ms": 5000 });
    match outcome(raw::plane(vec![challenge, refused]).await).await {
        State::Refused { refusal, .. } => assert_eq!(refusal.reason, Reason::Other),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_node_does_not_wait_for_ever_and_says_why_it_is_not_connected() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let error = error_of(outcome(format!("ws://{address}/").parse().unwrap()).await);
    assert!(
        error.contains("upgrade to a WebSocket took longer than 1 s"),
        "{error}"
    );

    let error = error_of(outcome(raw::plane(vec![]).await).await);
    assert!(error.contains("said nothing for 2 s"), "{error}");

    let error = error_of(outcome(raw::plane(vec![json!({ "type": "welcome" })]).await).await);
    assert!(
        error.contains("something else than the handshake's challenge"),
        "{error}"
    );

    drop(silent);
    let error = error_of(outcome(format!("ws://{address}/").parse().unwrap()).await);
    assert!(
        error.contains("no connection to") && error.contains("refused"),
        "{error}"
    );

    let error = error_of(outcome("ws://localhost:1/".parse().unwrap()).await);
    assert!(error.contains("localhost:1"), "{error}");
}

#[tokio::test]
async fn the_way_can_be_checked_without_touching_a_connection() {
    let lab = Lab::tunnel().await;
    let config = DialConfig::new(lab.plane().url());
    reach(&config).await.unwrap();
    assert!(lab.plane().ends().is_empty());
    assert_eq!(lab.plane().shared.attempts.lock().len(), 1);
    lab.plane()
        .shared
        .statuses
        .lock()
        .push_back(StatusCode::NOT_FOUND);
    let error = reach(&config).await.unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
    let unsafe_config = DialConfig::new("ws://192.0.2.1/".parse().unwrap());
    let error = reach(&unsafe_config).await.unwrap_err();
    assert!(matches!(error, DialError::Config(_)), "{error}");
}

#[tokio::test]
async fn a_request_that_is_no_upgrade_is_answered() {
    let plane = Plane::start().await;
    let mut browser = TcpStream::connect(plane.address).await.unwrap();
    let request = b"GET /tunnel HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    browser.write_all(request).await.unwrap();
    let mut answer = String::new();
    browser.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

//! Nodes that are told to wait, or to go elsewhere.

use std::sync::Arc;
use std::time::Duration;

use atelier_tunnel::{AcceptOptions, Admission, DialConfig, End, Reason, Refusal, State};
use axum::http::StatusCode;
use futures_util::future::join_all;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::lab::node::{Seen, TestIdentity, router};
use crate::lab::plane::Plane;
use crate::lab::{eventually, run_node, state_where};

fn node(plane: &Plane, name: &'static str) -> (watch::Receiver<State>, DropGuard) {
    let stop = CancellationToken::new();
    let router = router(Arc::new(Seen::default()));
    let config = DialConfig::new(plane.url());
    let states = run_node(config, TestIdentity::new(name), router, &stop);
    (states, stop.drop_guard())
}

fn is_connected(state: &State) -> bool {
    matches!(state, State::Connected { .. })
}

#[tokio::test]
async fn a_refusals_delay_is_obeyed_and_its_words_are_shown() {
    let plane = Plane::start().await;
    let delay = Duration::from_millis(600);
    let refusal = Refusal::new(Reason::Starting, "The control plane starts.", delay);
    plane.shared.refusals.lock().push_back(refusal.clone());
    let (mut states, _stop) = node(&plane, "n1");
    let refused = |state: &State| matches!(state, State::Refused { .. });
    let State::Refused {
        refusal: shown,
        retry_at,
    } = state_where(&mut states, "it is refused", refused).await
    else {
        unreachable!()
    };
    let refused_at = Instant::now();
    assert_eq!(shown, refusal);
    assert!(retry_at > refused_at);
    state_where(&mut states, "it is let in", is_connected).await;
    assert!(
        refused_at.elapsed() > delay * 9 / 10,
        "the node came too early"
    );
    assert_eq!(plane.shared.attempts.lock().len(), 2);
}

#[tokio::test]
async fn a_status_with_retry_after_is_obeyed() {
    let plane = Plane::start().await;
    plane
        .shared
        .statuses
        .lock()
        .push_back(StatusCode::SERVICE_UNAVAILABLE);
    let (mut states, _stop) = node(&plane, "n1");
    let waiting = |state: &State| matches!(state, State::Waiting { .. });
    let state = state_where(&mut states, "it waits", waiting).await;
    let seen = Instant::now();
    let State::Waiting { error, .. } = state else {
        unreachable!()
    };
    assert!(error.contains("503"), "{error}");
    state_where(&mut states, "it is let in", is_connected).await;
    assert!(seen.elapsed() > Duration::from_millis(900));
}

#[tokio::test]
async fn a_node_goes_where_it_is_sent_and_returns_when_that_fails() {
    let old = Plane::start().await;
    let new = Plane::start().await;
    old.shared
        .refusals
        .lock()
        .push_back(Refusal::moved(new.url()));
    let (_states, _stop) = node(&old, "n1");
    let there = new.tunnels.tunnel(&"n1".to_owned());
    eventually("it is at the new address", || there.is_connected()).await;
    assert_eq!(old.shared.attempts.lock().len(), 1);
    drop(new);
    there.end(&End::Killed("a test".to_owned()));
    let back = old.tunnels.tunnel(&"n1".to_owned());
    eventually("it is back at the old address", || back.is_connected()).await;
}

#[tokio::test]
async fn a_node_is_not_sent_where_it_must_not_go() {
    let plane = Plane::start().await;
    for url in ["ws://192.0.2.1/", "http://127.0.0.1/", "nonsense"] {
        plane.shared.refusals.lock().push_back(Refusal::moved(url));
    }
    let (mut states, _stop) = node(&plane, "n1");
    state_where(&mut states, "it is let in", is_connected).await;
    assert_eq!(plane.shared.attempts.lock().len(), 4);
}

#[tokio::test]
async fn those_who_come_too_many_are_let_in_one_after_the_other() {
    let options = AcceptOptions {
        admission: Some(Arc::new(Admission::new(20, 1))),
        ..AcceptOptions::default()
    };
    let plane = Plane::serve(options, None).await;
    let began = Instant::now();
    let names = ["a", "b", "c", "d"];
    let nodes: Vec<_> = names.map(|name| node(&plane, name)).into();
    eventually("all are in", || {
        plane.tunnels.connected().len() == names.len()
    })
    .await;
    assert!(
        began.elapsed() >= Duration::from_millis(100),
        "two had to wait"
    );
    assert_eq!(
        plane.errors(),
        Vec::<String>::new(),
        "and nobody was refused"
    );
    drop(nodes);
}

#[tokio::test]
async fn who_would_wait_too_long_is_told_to_come_again() {
    let options = AcceptOptions {
        admission: Some(Arc::new(Admission::new(1, 1))),
        ..AcceptOptions::default()
    };
    let plane = Plane::serve(options, None).await;
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let more = ["k", "l", "m", "n", "o", "p", "q", "r", "s", "t"];
    let nodes: Vec<_> = [names, more]
        .as_flattened()
        .iter()
        .map(|name| node(&plane, name))
        .collect();
    eventually("some are refused", || plane.errors().len() >= 2).await;
    assert!(
        plane.errors().iter().all(|error| error.contains("Busy")),
        "{:?}",
        plane.errors()
    );
    drop(nodes);
}

#[tokio::test]
async fn where_there_are_many_each_comes_back_at_a_moment_of_its_own() {
    let options = AcceptOptions {
        nodes: usize::MAX,
        ..AcceptOptions::default()
    };
    let plane = Plane::serve(options, None).await;
    let mut nodes = ["a", "b", "c", "d"].map(|name| node(&plane, name));
    eventually("all are in", || plane.tunnels.connected().len() == 4).await;
    for node in plane.tunnels.connected() {
        let tunnel = plane.tunnels.tunnel(&node);
        tunnel.end(&End::Killed("a test".to_owned()));
    }
    let waits = nodes.iter_mut().map(async |(states, _)| {
        let waiting = |state: &State| matches!(state, State::Waiting { .. });
        let State::Waiting { retry_at, .. } = state_where(states, "it waits", waiting).await else {
            unreachable!()
        };
        retry_at.saturating_duration_since(Instant::now())
    });
    let longest = join_all(waits).await.into_iter().max().unwrap();
    // All four within half a second of the ten, where few would come within 0.2 s: once in 160,000 runs.
    assert!(longest > Duration::from_millis(500), "{longest:?}");
}

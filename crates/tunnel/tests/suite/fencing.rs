//! Connections that are replaced, revoked, or come back.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use atelier_tunnel::{DialConfig, End, Lane, Link, LinkError, Reason, State};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use crate::lab::node::{Seen, TestIdentity, router};
use crate::lab::plane::{BRISK, Plane};
use crate::lab::{Lab, PATIENCE, eventually, next_data, raw, run_node, state_where, text};

#[tokio::test]
async fn a_node_that_was_never_there_is_offline() {
    let plane = Plane::start().await;
    let link = Link::Tunnel(plane.tunnels.tunnel(&"nobody".to_owned()));
    let answer = link.send(Request::new(Body::empty())).await;
    assert!(matches!(answer, Err(LinkError::Offline)), "{answer:?}");
    assert_eq!(plane.tunnels.connected(), Vec::<String>::new());
}

#[tokio::test]
async fn the_kill_switch_ends_everything_at_once_and_says_why() {
    let lab = Lab::tunnel().await;
    let tunnel = lab.plane().tunnels.tunnel(&"n1".to_owned());
    let mut socket = lab.websocket("/ws").await;
    socket.send(Message::text("key")).await.unwrap();
    socket.next().await.unwrap().unwrap();
    let mut download = lab.get("/endless").await.into_body();
    let mut bulk = lab.get_bulk("/endless").await.into_body();
    next_data(&mut download).await.unwrap().unwrap();
    next_data(&mut bulk).await.unwrap().unwrap();
    assert_eq!(lab.seen.open(), 3);
    let link = lab.link.clone();
    let waiting = tokio::spawn(async move {
        let request = Request::get("/stuck").body(Body::empty()).unwrap();
        link.send(request).await
    });
    eventually("the call has arrived", || lab.seen.open() == 4).await;

    let revoked = End::Killed("this server was revoked".to_owned());
    tunnel.end(&revoked);
    for body in [&mut download, &mut bulk] {
        let error = loop {
            match next_data(body).await {
                Some(Ok(_)) => {}
                Some(Err(error)) => break error,
                None => panic!("a download that breaks off must not look whole"),
            }
        };
        assert!(error.to_string().contains("revoked"), "{error}");
    }
    let ended = tokio::time::timeout(PATIENCE, socket.next())
        .await
        .expect("the socket ends");
    assert!(!matches!(ended, Some(Ok(_))), "{ended:?}");
    match waiting.await.unwrap() {
        Err(LinkError::Broken(why)) => assert_eq!(why, revoked),
        other => panic!("{other:?}"),
    }
    eventually("the node's side is empty", || lab.seen.open() == 0).await;
    eventually("both ends are noted", || lab.plane().ends().len() == 2).await;
    let ends = lab.plane().ends();
    assert!(
        ends.contains(&(Lane::Interactive, revoked.clone(), true)),
        "{ends:?}"
    );
    assert!(ends.contains(&(Lane::Bulk, revoked, true)), "{ends:?}");
}

#[tokio::test]
async fn a_node_comes_back_and_the_same_link_reaches_it() {
    let lab = Lab::tunnel().await;
    let tunnel = lab.plane().tunnels.tunnel(&"n1".to_owned());
    let instance = tunnel.instance();
    for round in 1..=3 {
        tunnel.end(&End::Killed("a test".to_owned()));
        eventually("the end is noted", || lab.plane().ends().len() == round).await;
        eventually("it is back", || tunnel.is_connected()).await;
        assert_eq!(text(lab.get("/hello").await).await, "hello");
    }
    assert_eq!(tunnel.instance(), instance, "the same start of the daemon");
}

#[tokio::test]
async fn a_newer_connection_replaces_the_older_whose_late_end_changes_nothing() {
    let plane = Plane::start().await;
    let key = "n1".to_owned();
    let tunnel = plane.tunnels.tunnel(&key);
    let stop = [CancellationToken::new(), CancellationToken::new()];
    let seen = [Arc::new(Seen::default()), Arc::new(Seen::default())];
    let url = || DialConfig::new(plane.url());
    run_node(
        url(),
        TestIdentity::new("n1"),
        router(seen[0].clone()),
        &stop[0],
    );
    eventually("the first is connected", || tunnel.is_connected()).await;
    let first = tunnel.instance().unwrap();
    let link = Link::Tunnel(tunnel.clone());
    let request = Request::get("/endless").body(Body::empty()).unwrap();
    let mut download = link.send(request).await.unwrap().into_body();
    next_data(&mut download).await.unwrap().unwrap();

    stop[0].cancel();
    run_node(
        url(),
        TestIdentity::new("n1"),
        router(seen[1].clone()),
        &stop[1],
    );
    eventually("the second has its place", || {
        tunnel.instance().is_some_and(|instance| instance != first)
    })
    .await;
    eventually("the first's streams are dropped", || seen[0].open() == 0).await;
    eventually("its end is noted", || !plane.ends().is_empty()).await;
    assert!(tunnel.is_connected());
    assert_eq!(plane.tunnels.connected(), [key]);
    let request = Request::get("/hello").body(Body::empty()).unwrap();
    assert_eq!(link.send(request).await.unwrap().status(), StatusCode::OK);
    stop[1].cancel();
}

#[tokio::test]
async fn a_cloned_node_is_refused_while_the_first_lives() {
    let plane = Plane::start().await;
    plane.shared.refuse_clones.store(true, Ordering::SeqCst);
    let tunnel = plane.tunnels.tunnel(&"n1".to_owned());
    let stop = [CancellationToken::new(), CancellationToken::new()];
    let node = |stop| {
        let router = router(Arc::new(Seen::default()));
        run_node(
            DialConfig::new(plane.url()),
            TestIdentity::new("n1"),
            router,
            stop,
        )
    };
    node(&stop[0]);
    eventually("the first is connected", || tunnel.is_connected()).await;
    let first = tunnel.instance();
    let mut clone = node(&stop[1]);
    let refused = |state: &State| matches!(state, State::Refused { refusal, .. } if refusal.reason == Reason::Duplicate);
    state_where(&mut clone, "the clone is refused", refused).await;
    assert_eq!(tunnel.instance(), first);

    // The same daemon after a break is no clone.
    tunnel.end(&End::Killed("a break".to_owned()));
    eventually("one of them is connected", || tunnel.is_connected()).await;
    let holder = usize::from(tunnel.instance() != first);
    stop[holder].cancel();
    let gone = tunnel.instance();
    eventually("the other gets in once the first is gone", || {
        tunnel.is_connected() && tunnel.instance() != gone
    })
    .await;
    stop[1 - holder].cancel();
}

#[tokio::test]
async fn a_bulk_lane_of_another_daemon_is_ended() {
    let lab = Lab::tunnel().await;
    let plane = lab.plane();
    let mut clone = raw::node_says(plane.address, raw::hello("n1", "bulk", "another")).await;
    assert_eq!(raw::next_json(&mut clone).await["type"], "welcome");
    // A node's end by hand, which shows that the protocol is as the documentation has it.
    let served = raw::serve(clone, router(Arc::new(Seen::default())));
    tokio::time::timeout(PATIENCE, served)
        .await
        .expect("the control plane ends it");
    assert!(plane.errors().is_empty(), "{:?}", plane.errors());
    assert!(plane.ends().is_empty(), "it never had a place");
    assert_eq!(text(lab.get_bulk("/hello").await).await, "hello");
    let lanes: Vec<_> = plane
        .shared
        .attempts
        .lock()
        .iter()
        .map(|a| a.hello.lane)
        .collect();
    assert_eq!(
        lanes,
        [Lane::Interactive, Lane::Bulk, Lane::Bulk],
        "its own came up beside"
    );
}

#[tokio::test]
async fn a_node_made_by_hand_is_called() {
    let plane = Plane::with_heartbeat(BRISK).await;
    let mut node = raw::node_says(plane.address, raw::hello("hand", "interactive", "i")).await;
    let welcome = raw::next_json(&mut node).await;
    assert_eq!(welcome["ping_every_ms"], 20);
    assert_eq!(welcome["ping_timeout_ms"], 10_000);
    let tunnel = plane.tunnels.tunnel(&"hand".to_owned());
    let serving = tokio::spawn(raw::serve(node, router(Arc::new(Seen::default()))));
    eventually("it is connected", || tunnel.is_connected()).await;
    let link = Link::Tunnel(tunnel.clone());
    let request = Request::get("/bytes?300000").body(Body::empty()).unwrap();
    assert_eq!(text(link.send(request).await.unwrap()).await.len(), 300_000);
    // It has no bulk lane, and says so: nothing is waited for.
    let request = Request::get("/hello")
        .extension(Lane::Bulk)
        .body(Body::empty())
        .unwrap();
    assert_eq!(text(link.send(request).await.unwrap()).await, "hello");
    tunnel.end(&End::Killed("a test".to_owned()));
    serving.await.unwrap();
}

#[tokio::test]
async fn a_daemon_that_stops_says_goodbye() {
    let plane = Plane::start().await;
    let tunnel = plane.tunnels.tunnel(&"n1".to_owned());
    let stop = CancellationToken::new();
    let config = DialConfig::new(plane.url());
    let router = router(Arc::new(Seen::default()));
    let mut states = run_node(config, TestIdentity::new("n1"), router, &stop);
    eventually("it is connected", || tunnel.is_connected()).await;
    stop.cancel();
    state_where(&mut states, "it has stopped", |state| {
        matches!(state, State::Stopped)
    })
    .await;
    eventually("the end is noted", || plane.ends().len() == 1).await;
    let (lane, end, current) = plane.ends().remove(0);
    assert_eq!((lane, end, current), (Lane::Interactive, End::Closed, true));
}

#[tokio::test]
async fn a_node_that_is_removed_is_ended_and_forgotten() {
    let lab = Lab::tunnel().await;
    let plane = lab.plane();
    plane.shared.refusals.lock().extend((0..100).map(|_| {
        let delay = std::time::Duration::from_secs(60);
        atelier_tunnel::Refusal::new(atelier_tunnel::Reason::Revoked, "Removed.", delay)
    }));
    plane
        .tunnels
        .remove(&"n1".to_owned(), &End::Killed("removed".to_owned()));
    let answer = lab.link.send(Request::new(Body::empty())).await;
    assert!(matches!(answer, Err(LinkError::Offline)), "{answer:?}");
    let mut states = lab.state.clone().unwrap();
    let refused = |state: &State| matches!(state, State::Refused { .. });
    state_where(&mut states, "it is refused", refused).await;
}

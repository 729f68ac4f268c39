//! Lines that die without a word.

use std::sync::Arc;
use std::time::{Duration, Instant};

use atelier_tunnel::{AcceptOptions, DialConfig, End, Heartbeat, Lane, State, Tunnel};
use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::lab::node::{Seen, TestIdentity, router};
use crate::lab::plane::{BRISK, Plane, QUICK};
use crate::lab::raw;
use crate::lab::relay::Relay;
use crate::lab::{Lab, PATIENCE, eventually, next_data, run_node, state_where};

/// A node behind a relay.
struct Line {
    plane: Plane,
    relay: Relay,
    tunnel: Tunnel,
    states: watch::Receiver<State>,
    _stop: DropGuard,
}

async fn line(plane: Plane, idle: Option<Duration>) -> Line {
    let relay = Relay::start(plane.address, idle).await;
    let stop = CancellationToken::new();
    let router = router(Arc::new(Seen::default()));
    let config = DialConfig::new(relay.url());
    let states = run_node(config, TestIdentity::new("n1"), router, &stop);
    let tunnel = plane.tunnels.tunnel(&"n1".to_owned());
    eventually("the node is connected", || tunnel.is_connected()).await;
    Line {
        plane,
        relay,
        tunnel,
        states,
        _stop: stop.drop_guard(),
    }
}

fn silent(state: &State) -> bool {
    matches!(state, State::Waiting { error, .. } if error.contains("nothing was heard"))
}

#[test]
fn by_default_a_dead_line_is_noticed_within_ten_seconds() {
    let Heartbeat { every, timeout } = Heartbeat::default();
    assert!(every + timeout < Duration::from_secs(10));
}

#[tokio::test]
async fn the_round_trip_is_measured() {
    let lab = Lab::with(Plane::with_heartbeat(BRISK).await).await;
    let tunnel = lab.plane().tunnels.tunnel(&"n1".to_owned());
    assert!(
        tunnel.round_trip().is_some(),
        "known from the first ping on"
    );
    let probed = tunnel.round_trip();
    eventually("a ping has measured it anew", || {
        tunnel.round_trip() != probed
    })
    .await;
    assert!(tunnel.round_trip().unwrap() < PATIENCE);
}

/// How often a node that comes from this port, or says that it does, is to expect a ping, in milliseconds.
async fn told(plane: &Plane, lane: &str, port: impl FnOnce(u16) -> Option<u16>) -> Option<u64> {
    let stream = TcpStream::connect(plane.address).await.unwrap();
    let port = port(stream.local_addr().unwrap().port());
    let mut hello = raw::hello("n1", lane, "i");
    hello["port"] = json!(port);
    let mut socket = raw::node_says_on(stream, hello).await;
    raw::next_json(&mut socket).await["ping_every_ms"].as_u64()
}

#[tokio::test]
async fn a_line_straight_from_the_node_is_mostly_left_to_the_kernels() {
    let plane = Plane::start().await;
    assert_eq!(told(&plane, "interactive", Some).await, Some(30_000));
    // A proxy has dialed anew, with a port of its own; an older node says nothing.
    let other = |port: u16| Some(port ^ 1);
    assert_eq!(told(&plane, "interactive", other).await, Some(5_000));
    assert_eq!(told(&plane, "interactive", |_| None).await, Some(5_000));
    assert_eq!(told(&plane, "bulk", Some).await, Some(5_000));
}

#[tokio::test]
async fn a_line_left_to_the_kernels_is_measured_while_it_is_used() {
    let plane = Plane::serve(
        AcceptOptions {
            heartbeat: BRISK,
            watched: Heartbeat {
                every: Duration::from_secs(3_600),
                ..BRISK
            },
            ..AcceptOptions::default()
        },
        None,
    )
    .await;
    let lab = Lab::with(plane).await;
    let tunnel = lab.plane().tunnels.tunnel(&"n1".to_owned());
    let request = Request::get("/endless").body(Body::empty()).unwrap();
    let _under_way = lab.link.send(request).await.unwrap();
    let before = tunnel.round_trip();
    eventually("a first ping has measured it", || {
        tunnel.round_trip() != before
    })
    .await;
    let first = tunnel.round_trip();
    eventually("and another one", || tunnel.round_trip() != first).await;
}

#[tokio::test]
async fn both_sides_notice_a_black_hole_and_the_node_comes_back() {
    let mut line = line(Plane::with_heartbeat(QUICK).await, None).await;
    let first = line.tunnel.connected_since();
    line.relay.black_hole_after(0);
    state_where(&mut line.states, "the node has noticed", silent).await;
    let silence = QUICK.every + QUICK.timeout;
    eventually("the control plane has noticed", || {
        !line.plane.ends().is_empty()
    })
    .await;
    assert_eq!(
        line.plane.ends(),
        [(Lane::Interactive, End::Silent(silence), true)]
    );
    assert!(!line.tunnel.is_connected());
    line.relay.heal();
    eventually("the node is back", || line.tunnel.is_connected()).await;
    assert!(line.tunnel.connected_since() > first);
}

#[tokio::test]
async fn half_a_frame_and_then_silence_is_noticed() {
    let line = line(Plane::with_heartbeat(QUICK).await, None).await;
    let link = atelier_tunnel::Link::Tunnel(line.tunnel.clone());
    let request = Request::get("/endless").body(Body::empty()).unwrap();
    let mut body = link.send(request).await.unwrap().into_body();
    let mut states = line.states.clone();
    let noticed = tokio::spawn(async move {
        state_where(&mut states, "the node has noticed", silent).await;
    });
    // In the middle of a message: those are of 64 KiB, and a ping's is small.
    line.relay.black_hole_after(100_000);
    let error = loop {
        match next_data(&mut body).await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => panic!("a download that breaks off must not look whole"),
        }
    };
    assert!(error.to_string().contains("nothing was heard"), "{error}");
    noticed.await.unwrap();
}

#[tokio::test]
async fn pings_keep_a_line_open_that_is_cut_when_idle() {
    let cut_after = Duration::from_secs(1);
    let busy = line(Plane::with_heartbeat(BRISK).await, Some(cut_after)).await;
    let slow = Heartbeat {
        every: Duration::from_secs(60),
        ..BRISK
    };
    let idle = line(Plane::with_heartbeat(slow).await, Some(cut_after)).await;
    let begun = Instant::now();
    eventually(
        "two idle times have passed and the idle line was cut",
        || begun.elapsed() > 2 * cut_after && !idle.plane.ends().is_empty(),
    )
    .await;
    assert_eq!(busy.plane.ends(), []);
    assert_eq!(busy.relay.connections(), 1);
    assert!(busy.tunnel.is_alive(PATIENCE).await);
}

/// A WebSocket frame of a gigabyte is announced; masked, as a client must.
const GIGABYTE: [u8; 14] = [0x82, 0x80 | 127, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4];

#[tokio::test]
async fn a_gigabyte_announced_ends_a_standing_connection_too() {
    let mut line = line(Plane::start().await, None).await;
    line.relay.inject_to_plane(&GIGABYTE);
    eventually("the control plane has ended it", || {
        line.plane.ends().len() == 1
    })
    .await;
    let (_, end, _) = line.plane.ends().remove(0);
    assert!(
        matches!(&end, End::Failed(why) if why.contains("Space limit")),
        "{end:?}"
    );
    eventually("the node is back", || line.tunnel.is_connected()).await;

    let mut unmasked = GIGABYTE[..10].to_vec();
    unmasked[1] &= 0x7f;
    line.relay.inject_to_node(&unmasked);
    let refused = |state: &State| matches!(state, State::Waiting { error, .. } if error.contains("Space limit"));
    state_where(&mut line.states, "the node has ended it", refused).await;
}

#[tokio::test]
async fn whether_a_node_answers_can_be_asked() {
    let line = line(Plane::start().await, None).await;
    assert!(line.tunnel.is_alive(PATIENCE).await);
    line.relay.black_hole_after(0);
    assert!(!line.tunnel.is_alive(Duration::from_millis(200)).await);
    assert!(
        line.tunnel.is_connected(),
        "the heartbeat has not yet noticed"
    );
}

//! Many streams, and streams that stop.

use std::time::Duration;

use atelier_tunnel::{AcceptOptions, End, Lane, LinkError};
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::BodyExt as _;
use tokio_tungstenite::tungstenite::Message;

use crate::lab::plane::{BRISK, Plane};
use crate::lab::{Lab, PATIENCE, eventually, next_data, text};

/// A call, a download and a terminal work as if nothing were.
async fn all_is_well(lab: &Lab) {
    assert_eq!(text(lab.get("/hello").await).await, "hello");
    let download = lab.get("/bytes?8000000").await.into_body().collect();
    let download = tokio::time::timeout(PATIENCE, download)
        .await
        .expect("the download ends");
    assert_eq!(download.unwrap().to_bytes().len(), 8_000_000);
    let request = Request::post("/count")
        .body(Body::from(vec![1; 3_000_000]))
        .unwrap();
    assert_eq!(text(lab.send(request).await).await, "3000000");
    let mut socket = lab.websocket("/ws").await;
    socket.send(Message::text("key")).await.unwrap();
    let echo = tokio::time::timeout(PATIENCE, socket.next())
        .await
        .expect("the echo comes");
    assert_eq!(echo.unwrap().unwrap(), Message::text("key"));
}

#[tokio::test]
async fn stalled_readers_do_not_stop_the_others() {
    let lab = Lab::tunnel().await;
    let mut stalled = Vec::new();
    for _ in 0..64 {
        let mut body = lab.get("/endless").await.into_body();
        next_data(&mut body).await.unwrap().unwrap();
        stalled.push(body);
    }
    all_is_well(&lab).await;
    eventually("only the stalled are open", || lab.seen.open() == 64).await;
    let produced = lab.seen.produced();
    assert!(
        produced < 64 * (2 << 20),
        "{produced} bytes wait for readers that stopped"
    );
    drop(stalled);
    eventually("the node's streams are dropped", || lab.seen.open() == 0).await;
}

#[tokio::test]
async fn half_an_upload_never_passes_for_a_whole_one() {
    let lab = Lab::tunnel().await;
    for round in 0..20 {
        let first = futures_util::stream::iter([Ok::<_, axum::Error>(Bytes::from_static(b"half"))]);
        let body = Body::from_stream(first.chain(futures_util::stream::pending()));
        let request = Request::post("/count-apart").body(body).unwrap();
        let link = lab.link.clone();
        let call = tokio::spawn(async move { link.send(request).await });
        eventually("the request has arrived", || lab.seen.open() == 1).await;
        call.abort();
        eventually("the node has seen its end", || lab.seen.open() == 0).await;
        let ended = lab.seen.upload.lock().take();
        assert!(matches!(ended, Some(Err(_))), "{round}: {ended:?}");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_given_up_and_one_that_waits_is_not() {
    let options = AcceptOptions {
        heartbeat: BRISK,
        reset_stalled_after: Duration::from_millis(300),
        ..AcceptOptions::default()
    };
    let lab = Lab::with(Plane::serve(options, None).await).await;
    let (first, mut receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    let body = Body::from_stream(async_stream::stream! {
        while let Some(chunk) = receiver.recv().await {
            yield Ok::<_, std::io::Error>(chunk);
        }
    });
    let mut waits = lab
        .send(Request::post("/echo").body(body).unwrap())
        .await
        .into_body();
    let waiting = tokio::spawn(async move { next_data(&mut waits).await });

    let mut body = lab.get("/endless").await.into_body();
    next_data(&mut body).await.unwrap().unwrap();
    eventually("the node's stream is dropped", || lab.seen.open() == 0).await;
    let error = next_data(&mut body).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("nobody read it"), "{error}");

    first.send(Bytes::from_static(b"late")).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().unwrap(), "late");
}

#[tokio::test]
async fn stalled_uploads_do_not_stop_the_others() {
    let lab = Lab::tunnel().await;
    let mut stalled = Vec::new();
    for _ in 0..64 {
        let body = Body::from_stream(async_stream::stream! {
            loop {
                yield Ok::<_, std::io::Error>(Bytes::from(vec![7; 64 << 10]));
            }
        });
        let link = lab.link.clone();
        let request = Request::post("/stuck").body(body).unwrap();
        stalled.push(tokio::spawn(async move { link.send(request).await }));
    }
    eventually("all have arrived", || lab.seen.open() == 64).await;
    all_is_well(&lab).await;
    for upload in &stalled {
        upload.abort();
    }
    eventually("the node's requests are dropped", || lab.seen.open() == 0).await;
}

#[tokio::test]
async fn a_flood_of_requests_is_refused_at_the_limit() {
    let lab = Lab::tunnel().await;
    let tunnel = lab.plane().tunnels.tunnel(&"n1".to_owned());
    let most = Lane::Interactive.requests();
    let mut flood = tokio::task::JoinSet::new();
    for _ in 0..most {
        let link = lab.link.clone();
        let request = Request::get("/stuck").body(Body::empty()).unwrap();
        flood.spawn(async move { link.send(request).await });
    }
    eventually("all have arrived", || lab.seen.open() == most as usize).await;
    let request = Request::get("/hello").body(Body::empty()).unwrap();
    let refused = lab.link.send(request).await;
    assert!(
        matches!(refused, Err(LinkError::Busy(limit)) if limit == most),
        "{refused:?}"
    );
    assert!(
        tunnel.is_alive(PATIENCE).await,
        "a busy node is not a dead one"
    );
    flood.shutdown().await;
    eventually("the node's requests are dropped", || lab.seen.open() == 0).await;
    assert_eq!(lab.get("/hello").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_open_websocket_and_an_open_body_count_as_requests() {
    let lab = Lab::tunnel().await;
    let mut socket = lab.websocket("/ws").await;
    let body = lab.get("/endless").await.into_body();
    let mut flood = tokio::task::JoinSet::new();
    for _ in 0..Lane::Interactive.requests() - 2 {
        let link = lab.link.clone();
        let request = Request::get("/stuck").body(Body::empty()).unwrap();
        flood.spawn(async move { link.send(request).await });
    }
    let most = Lane::Interactive.requests() as usize;
    eventually("all have arrived", || lab.seen.open() == most).await;
    let call = async || {
        lab.link
            .send(Request::get("/hello").body(Body::empty()).unwrap())
            .await
    };
    assert!(matches!(call().await, Err(LinkError::Busy(_))));
    drop(body);
    assert_eq!(call().await.unwrap().status(), StatusCode::OK);
    socket.close(None).await.unwrap();
    drop(socket);
    drop(flood);
    eventually("the node's side is empty", || lab.seen.open() == 0).await;
}

#[tokio::test]
async fn bulk_goes_over_a_second_connection_that_is_dialed_once() {
    let lab = Lab::tunnel().await;
    let lanes = || {
        lab.plane()
            .shared
            .attempts
            .lock()
            .iter()
            .map(|a| a.hello.lane)
            .collect::<Vec<_>>()
    };
    assert_eq!(lanes(), [Lane::Interactive]);
    let (a, b, c) = tokio::join!(
        lab.get_bulk("/bytes?5000000"),
        lab.get_bulk("/bytes?5000000"),
        lab.get_bulk("/hello"),
    );
    assert_eq!(
        a.into_body().collect().await.unwrap().to_bytes().len(),
        5_000_000
    );
    assert_eq!(
        b.into_body().collect().await.unwrap().to_bytes().len(),
        5_000_000
    );
    assert_eq!(text(c).await, "hello");
    assert_eq!(lanes(), [Lane::Interactive, Lane::Bulk]);
    assert!(lab.plane().ends().is_empty());
}

#[tokio::test]
async fn a_bulk_lane_that_is_not_used_ends_and_comes_back_when_it_is() {
    let lab = Lab::with(Plane::with_heartbeat(BRISK).await).await;
    let bulk_ends = || lab.plane().ends();
    for round in 1..=2 {
        let mut body = lab.get_bulk("/endless").await.into_body();
        next_data(&mut body).await.unwrap().unwrap();
        assert_eq!(bulk_ends().len(), round - 1, "in use, it stays");
        drop(body);
        eventually("the bulk lane has ended", || bulk_ends().len() == round).await;
        assert_eq!(bulk_ends()[round - 1], (Lane::Bulk, End::Idle, true));
    }
    assert_eq!(lab.plane().shared.attempts.lock().len(), 3);
    assert_eq!(text(lab.get("/hello").await).await, "hello");
}

#[tokio::test]
async fn without_a_bulk_lane_bulk_takes_the_interactive_one() {
    let lab = Lab::tunnel().await;
    let refusal = atelier_tunnel::Refusal::new(atelier_tunnel::Reason::Busy, "no", Duration::ZERO);
    lab.plane().shared.refusals.lock().push_back(refusal);
    assert_eq!(text(lab.get_bulk("/hello").await).await, "hello");
    assert_eq!(
        lab.plane().shared.attempts.lock().len(),
        2,
        "it was asked for and refused"
    );
    // It is not asked for again at once.
    assert_eq!(text(lab.get_bulk("/hello").await).await, "hello");
    assert_eq!(lab.plane().shared.attempts.lock().len(), 2);
}

//! The same suite over every kind of link, with TLS too: no caller can tell them apart.

use std::time::Duration;

use atelier_tunnel::{AnswerWithin, LinkError};
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header::HOST};
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use crate::lab::{Lab, as_text, eventually, next_data, text};

macro_rules! over_all_links {
    ($($name:ident),+ $(,)?) => {
        mod local {
            $(#[tokio::test] async fn $name() { super::$name(crate::lab::Lab::local().await).await })+
        }
        mod tunnel {
            $(#[tokio::test] async fn $name() { super::$name(crate::lab::Lab::tunnel().await).await })+
        }
        mod encrypted {
            $(#[tokio::test] async fn $name() { super::$name(crate::lab::Lab::encrypted().await).await })+
        }
    };
}

over_all_links!(
    plain_requests_pass_and_refusals_are_answers,
    outer_path_parameters_do_not_leak,
    bodies_stream_both_ways_at_once,
    a_reader_that_pauses_holds_the_node_back,
    a_cancelled_download_drops_the_nodes_stream,
    a_truncated_upload_is_an_error,
    an_answer_that_takes_too_long_times_out,
    websockets_pass_opaquely,
    websockets_of_http2_browsers_pass,
    an_upgrade_to_an_unknown_path_is_refused,
    a_browser_that_vanishes_ends_the_nodes_websocket,
);

async fn plain_requests_pass_and_refusals_are_answers(lab: Lab) {
    let response = lab.get("/hello").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response).await, "hello");
    assert_eq!(lab.get("/nothing").await.status(), StatusCode::NOT_FOUND);

    let request = Request::get("/host").header(HOST, "app.example.org:8080");
    let response = lab.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(text(response).await, "app.example.org:8080");

    let request = Request::post("/count")
        .body(Body::from(vec![1; 300_000]))
        .unwrap();
    assert_eq!(text(lab.send(request).await).await, "300000");

    // 40 KB of cookies for a dev server.
    let request = Request::get("/hello").header("cookie", "c".repeat(40_000));
    let response = lab.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
}

async fn outer_path_parameters_do_not_leak(lab: Lab) {
    let link = lab.link.clone();
    let handler = async move |request: Request<Body>| {
        let (mut parts, body) = request.into_parts();
        parts.uri = "/inner/2".parse().unwrap();
        link.send(Request::from_parts(parts, body)).await.unwrap()
    };
    let outer = axum::Router::new().route("/outer/{a}", axum::routing::get(handler));
    let request = Request::get("/outer/1").body(Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(outer, request).await.unwrap();
    assert_eq!(text(response).await, "b=2;");
}

async fn bodies_stream_both_ways_at_once(lab: Lab) {
    let (chunks, mut receiver) = mpsc::channel::<Bytes>(1);
    let body = Body::from_stream(async_stream::stream! {
        while let Some(chunk) = receiver.recv().await {
            yield Ok::<_, std::io::Error>(chunk);
        }
    });
    let response = lab.send(Request::post("/echo").body(body).unwrap()).await;
    let mut body = response.into_body();
    for round in 0..20_u8 {
        chunks.send(Bytes::from(vec![round; 1000])).await.unwrap();
        let mut back = Vec::new();
        while back.len() < 1000 {
            back.extend(next_data(&mut body).await.unwrap().unwrap());
        }
        assert_eq!(back, vec![round; 1000]);
    }
    drop(chunks);
    assert!(next_data(&mut body).await.is_none());

    let whole = lab
        .get("/bytes?20000000")
        .await
        .into_body()
        .collect()
        .await
        .unwrap();
    assert_eq!(whole.to_bytes().len(), 20_000_000);
}

async fn a_reader_that_pauses_holds_the_node_back(lab: Lab) {
    let mut body = lab.get("/endless").await.into_body();
    next_data(&mut body).await.unwrap().unwrap();
    let mut before = usize::MAX;
    // It stops by itself: two looks a while apart see the same.
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = lab.seen.produced();
        if now == before {
            break;
        }
        before = now;
    }
    assert_eq!(
        before,
        lab.seen.produced(),
        "the node goes on though nobody reads"
    );
    assert!(
        before < 8 << 20,
        "{before} bytes were produced for a reader that stopped"
    );
    for _ in 0..1000 {
        next_data(&mut body).await.unwrap().unwrap();
    }
    assert!(
        lab.seen.produced() > before,
        "the node goes on once it is read"
    );
}

async fn a_cancelled_download_drops_the_nodes_stream(lab: Lab) {
    let mut body = lab.get("/endless").await.into_body();
    next_data(&mut body).await.unwrap().unwrap();
    assert_eq!(lab.seen.open(), 1);
    drop(body);
    eventually("the stream is dropped", || lab.seen.open() == 0).await;

    // A caller that gives up before the answer.
    let link = lab.link.clone();
    let request = Request::get("/stuck").body(Body::empty()).unwrap();
    let call = tokio::spawn(async move { link.send(request).await });
    eventually("the request has arrived", || lab.seen.open() == 1).await;
    call.abort();
    eventually("the request is dropped", || lab.seen.open() == 0).await;
}

async fn a_truncated_upload_is_an_error(lab: Lab) {
    let heads = [
        "content-length: 1000\r\n\r\nonly this",
        "transfer-encoding: chunked\r\n\r\n9\r\nonly this\r\n",
    ];
    for head in heads {
        *lab.seen.upload.lock() = None;
        let mut browser = TcpStream::connect(lab.front).await.unwrap();
        let request = format!("POST /count HTTP/1.1\r\nhost: x\r\n{head}");
        browser.write_all(request.as_bytes()).await.unwrap();
        browser.shutdown().await.unwrap();
        eventually("the upload has ended", || lab.seen.upload.lock().is_some()).await;
        let ended = lab.seen.upload.lock().take();
        assert!(matches!(ended, Some(Err(_))), "{head}: {ended:?}");
        drop(browser);
    }
}

async fn an_answer_that_takes_too_long_times_out(lab: Lab) {
    let within = AnswerWithin(Duration::from_millis(50));
    let request = Request::get("/stuck")
        .extension(within)
        .body(Body::empty())
        .unwrap();
    let answer = lab.link.send(request).await;
    assert!(
        matches!(answer, Err(LinkError::TimedOut(limit)) if limit == within.0),
        "{answer:?}"
    );
    eventually("the request is dropped", || lab.seen.open() == 0).await;
}

async fn websockets_pass_opaquely(lab: Lab) {
    let mut request = format!("ws://{}/ws", lab.front)
        .into_client_request()
        .unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "other, echo.v1".parse().unwrap());
    let (mut socket, response) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(response.headers()["sec-websocket-protocol"], "echo.v1");

    socket.send(Message::text("first")).await.unwrap();
    assert_eq!(as_text(&socket.next().await.unwrap().unwrap()), "first");

    // A message in fragments, with a ping between them.
    let start = Frame::message("frag", OpCode::Data(Data::Text), false);
    let rest = Frame::message("ments", OpCode::Data(Data::Continue), true);
    socket.send(Message::Frame(start)).await.unwrap();
    socket
        .send(Message::Ping(Bytes::from_static(b"p")))
        .await
        .unwrap();
    socket.send(Message::Frame(rest)).await.unwrap();
    assert_eq!(
        socket.next().await.unwrap().unwrap(),
        Message::Pong(Bytes::from_static(b"p"))
    );
    assert_eq!(as_text(&socket.next().await.unwrap().unwrap()), "fragments");

    let large = Bytes::from(vec![9; 5 << 20]);
    socket.send(Message::Binary(large.clone())).await.unwrap();
    assert_eq!(
        socket.next().await.unwrap().unwrap(),
        Message::Binary(large)
    );

    let close = CloseFrame {
        code: CloseCode::Library(4001),
        reason: "bye".into(),
    };
    socket.close(Some(close.clone())).await.unwrap();
    assert_eq!(
        socket.next().await.unwrap().unwrap(),
        Message::Close(Some(close))
    );
    assert!(socket.next().await.is_none());
    eventually("the node's socket is closed", || lab.seen.open() == 0).await;
}

async fn websockets_of_http2_browsers_pass(lab: Lab) {
    let stream = TcpStream::connect(lab.front).await.unwrap();
    let (mut sender, connection) = crate::lab::raw::http2(stream).await;
    tokio::spawn(connection);
    // RFC 8441: a client may send one only when the server's settings say so; a first call fetches them.
    let plain = Request::get("http://front/hello")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        sender.send_request(plain).await.unwrap().status(),
        StatusCode::OK
    );

    let connect = Request::connect("http://front/ws")
        .version(axum::http::Version::HTTP_2)
        .extension(hyper::ext::Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .body(Body::empty())
        .unwrap();
    let response = sender.send_request(connect).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let upgraded = hyper::upgrade::on(response).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(upgraded);
    let role = tokio_tungstenite::tungstenite::protocol::Role::Client;
    let mut socket = tokio_tungstenite::WebSocketStream::from_raw_socket(io, role, None).await;
    socket.send(Message::text("over two")).await.unwrap();
    assert_eq!(as_text(&socket.next().await.unwrap().unwrap()), "over two");
}

async fn an_upgrade_to_an_unknown_path_is_refused(lab: Lab) {
    let refused = tokio_tungstenite::connect_async(format!("ws://{}/none", lab.front)).await;
    match refused.err() {
        Some(WsError::Http(response)) => assert_eq!(response.status(), StatusCode::NOT_FOUND),
        other => panic!("{other:?}"),
    }
    // A WebSocket's request without its key is no upgrade, and the node says so.
    let mut browser = TcpStream::connect(lab.front).await.unwrap();
    let head = "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    browser.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    browser.read_exact(&mut answer).await.unwrap();
    assert!(
        answer.starts_with(b"HTTP/1.1 4"),
        "{}",
        answer.escape_ascii()
    );
}

async fn a_browser_that_vanishes_ends_the_nodes_websocket(lab: Lab) {
    let mut socket = lab.websocket("/ws").await;
    socket.send(Message::text("here")).await.unwrap();
    socket.next().await.unwrap().unwrap();
    assert_eq!(lab.seen.open(), 1);
    drop(socket);
    eventually("the node's socket is closed", || lab.seen.open() == 0).await;
}

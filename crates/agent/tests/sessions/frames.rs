//! Peers that do not keep to the protocol.

use atelier_api::agent::terminals::ServerMessage;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{TestAgent, Told, Viewer, patiently};

/// The error that a viewer is told, and the code that it is closed with.
async fn dismissed(viewer: &mut Viewer) -> (String, u16) {
    let detail = viewer
        .told(|message| match message {
            ServerMessage::Error { detail } => Some(detail.clone()),
            _ => None,
        })
        .await;
    match viewer.next().await {
        Told::Closed(Some(frame)) => (detail, frame.code.into()),
        told => panic!("not closed: {told:?}"),
    }
}

#[tokio::test]
async fn messages_that_are_not_understood_end_only_their_viewer() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("cat").await;
    let mut other = agent.attach(&terminal, None).await;
    for text in [
        "not JSON",
        "{}",
        "[]",
        r#"{"type":"unknown"}"#,
        r#"{"type":"resize","cols":100000,"rows":1}"#,
        r#"{"type":"resize","cols":-1,"rows":1}"#,
        r#"{"type":"ack"}"#,
        r#"{"type":"ack","offset":1e99}"#,
    ] {
        let mut viewer = agent.attach(&terminal, None).await;
        viewer
            .websocket
            .send(Message::text(text))
            .await
            .expect("sent");
        let (detail, code) = dismissed(&mut viewer).await;
        assert_eq!(code, 1008, "{text}");
        assert!(detail.contains("resize"), "{detail}");
    }
    for (frame, code) in [
        (
            Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true),
            1007,
        ),
        (
            Frame::message(vec![b'x'; 5000], OpCode::Data(Data::Text), true),
            1009,
        ),
        (
            Frame::message(vec![b'x'], OpCode::Data(Data::Continue), true),
            1002,
        ),
    ] {
        let mut viewer = agent.attach(&terminal, None).await;
        viewer
            .websocket
            .send(Message::Frame(frame))
            .await
            .expect("sent");
        assert_eq!(dismissed(&mut viewer).await.1, code);
    }
    other.type_in("undisturbed\n").await;
    other.until("undisturbed").await;
    agent
        .until(&terminal, |terminal| terminal.viewers == 1)
        .await;
}

#[tokio::test]
async fn bytes_that_are_no_frames_end_the_connection() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("cat").await;
    for garbage in [
        // Not masked.
        &b"\x82\x01x"[..],
        // A reserved bit and an unknown type.
        b"\xf2\x81\0\0\0\0x",
        b"\x83\x81\0\0\0\0x",
        b"GET / HTTP/1.1\r\n\r\n",
    ] {
        let mut stream = agent.connect().await;
        let request = format!(
            "GET /v1/terminals/{}/attach HTTP/1.1\r\nhost: agent\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
            terminal.id
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        stream.write_all(garbage).await.expect("sent");
        let mut answer = Vec::new();
        patiently("the agent closes", stream.read_to_end(&mut answer))
            .await
            .expect("read");
        assert!(answer.starts_with(b"HTTP/1.1 101"));
        let close = answer
            .windows(4)
            .any(|bytes| bytes[0] == 0x88 && bytes[2..] == [0x03, 0xea]);
        assert!(close, "{:?}", String::from_utf8_lossy(&answer));
    }
    agent
        .until(&terminal, |terminal| terminal.viewers == 0)
        .await;
}

#[tokio::test]
async fn pings_are_answered_and_a_farewell_is_returned() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("cat").await;
    let mut viewer = agent.attach(&terminal, None).await;
    viewer
        .websocket
        .send(Message::Ping(b"there?".to_vec().into()))
        .await
        .expect("sent");
    let pong = async {
        loop {
            if let Message::Pong(payload) =
                viewer.websocket.next().await.expect("open").expect("read")
            {
                return payload;
            }
        }
    };
    assert_eq!(&patiently("a pong", pong).await[..], b"there?");
    viewer.websocket.close(None).await.expect("sent");
    assert!(matches!(viewer.next().await, Told::Closed(Some(_))));
    agent
        .until(&terminal, |terminal| terminal.viewers == 0)
        .await;
}

//! Agents that give away what they should not.

use std::future::Future;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdUnixStream;

use atelier_api::node::Application;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::Request;
use http_body_util::BodyExt as _;
use rustix::cmsg_space;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::proxy::{Agent, AgentSocket, Pipes};

const PROMISE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\
    upgrade: atelier-tcp\r\natelier-pass-socket: 1\r\n\r\n";

/// What is answered when the agent promises a socket and then does this.
async fn answer<F: Future<Output = ()> + Send + 'static>(
    then: impl FnOnce(UnixStream) -> F + Send + 'static,
) -> (u16, String) {
    let directory = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(directory.path().join("agent.sock")).unwrap();
    tokio::spawn(async move {
        let (mut node, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(node.read_u8().await.unwrap());
        }
        node.write_all(PROMISE).await.unwrap();
        assert_eq!(node.read_u8().await.unwrap(), b'.');
        then(node).await;
    });
    let agent = Agent::new(AgentSocket::open(directory.path(), None).unwrap());
    let pipes = Pipes {
        tasks: TaskTracker::new(),
        shutdown: CancellationToken::new(),
    };
    let request = Request::get("/").body(Body::empty()).unwrap();
    let target = "/".parse().unwrap();
    let answer = agent
        .preview(Application::Port(3000), target, request, &pipes)
        .await;
    let response: Response = answer.unwrap_or_else(IntoResponse::into_response);
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

fn give(node: &UnixStream, descriptors: &[&OwnedFd]) {
    let descriptors: Vec<_> = descriptors.iter().map(AsFd::as_fd).collect();
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(8))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        assert!(ancillary.push(SendAncillaryMessage::ScmRights(&descriptors)));
    }
    sendmsg(
        node,
        &[IoSlice::new(b".")],
        &mut ancillary,
        SendFlags::NOSIGNAL,
    )
    .unwrap();
}

/// Two ends, of which the first would block whoever reads from it.
fn blocking() -> (OwnedFd, UnixStream) {
    let (given, own) = StdUnixStream::pair().unwrap();
    own.set_nonblocking(true).unwrap();
    (given.into(), UnixStream::from_std(own).unwrap())
}

async fn speak(mut application: UnixStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(application.read_u8().await.unwrap());
        // One byte at a time: whoever waits for the rest in a read stops this very thread.
        tokio::task::yield_now().await;
    }
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
    for byte in answer {
        application.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_socket_that_blocks_blocks_nobody() {
    let (status, body) = answer(|node| async move {
        let (given, application) = blocking();
        give(&node, &[&given]);
        speak(application).await;
    })
    .await;
    assert_eq!((status, body.as_str()), (200, "hello"));
}

#[tokio::test]
async fn of_several_sockets_one_is_taken() {
    let (status, body) = answer(|node| async move {
        let (given, application) = blocking();
        let (more, other) = blocking();
        give(&node, &[&given, &more, &more, &more]);
        drop(more);
        speak(application).await;
        // The others are closed, where they came.
        let mut other = other;
        assert_eq!(other.read(&mut [0; 8]).await.unwrap(), 0);
    })
    .await;
    assert_eq!((status, body.as_str()), (200, "hello"));
}

#[tokio::test]
async fn what_is_no_connection_is_refused() {
    for wrong in [
        rustix::pipe::pipe().unwrap().0,
        std::fs::File::open("/dev/zero").unwrap().into(),
        std::net::UdpSocket::bind("127.0.0.1:0").unwrap().into(),
    ] {
        let (status, body) = answer(|node| async move { give(&node, &[&wrong]) }).await;
        assert_eq!(status, 503, "{body}");
        assert!(body.contains("The agent closed the connection"), "{body}");
    }
}

#[tokio::test]
async fn a_promise_that_is_not_kept_is_said() {
    let (status, body) = answer(|node| async move { give(&node, &[]) }).await;
    assert_eq!(status, 503, "{body}");
    let (status, body) = answer(|node| async move { drop(node) }).await;
    assert_eq!(status, 503, "{body}");
}

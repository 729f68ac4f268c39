//! What a process listens on is seen as long as it listens.

use atelier_api::agent::ports::{ListeningPort, ListeningPorts, PortProtocol};
use futures_util::StreamExt as _;
use http::{Method, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::support::{TestAgent, patiently};

#[expect(clippy::unwrap_used, reason = "a test")]
async fn watch(agent: &TestAgent) -> WebSocketStream<UnixStream> {
    let request = "ws://agent/v1/ports/watch".into_client_request().unwrap();
    let upgraded = tokio_tungstenite::client_async(request, agent.connect().await).await;
    upgraded.unwrap().0
}

/// What is listened on as soon as `wanted` holds of it.
#[expect(clippy::unwrap_used, reason = "a test")]
async fn until(
    watch: &mut WebSocketStream<UnixStream>,
    wanted: impl Fn(&[ListeningPort]) -> bool,
) -> Vec<ListeningPort> {
    patiently("the ports become as wanted", async {
        loop {
            let message = watch.next().await.unwrap().unwrap();
            let Ok(text) = message.to_text() else {
                continue;
            };
            let list: ListeningPorts = serde_json::from_str(text).unwrap();
            if wanted(&list.items) {
                return list.items;
            }
        }
    })
    .await
}

#[expect(clippy::unwrap_used, reason = "a test")]
async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn a_server_is_seen_when_it_listens_and_gone_when_it_ends() {
    let agent = TestAgent::start().await;
    let port = free_port().await;
    let mut watching = watch(&agent).await;
    let seen = |items: &[ListeningPort]| items.iter().any(|item| item.port == port);
    let terminal = agent
        .script(&format!(
            "exec python3 -m http.server {port} --bind 127.0.0.1"
        ))
        .await;
    let items = until(&mut watching, seen).await;
    let found = items.iter().find(|item| item.port == port).unwrap();
    assert!(found.process.name.starts_with("python3"), "{found:?}");
    assert_eq!(found.addresses, ["127.0.0.1"]);
    assert_eq!(found.protocol, PortProtocol::Unknown);
    let path = format!("/v1/terminals/{}", terminal.id);
    let (ended, _) = agent.send(Method::DELETE, &path, Vec::new()).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    until(&mut watching, |items| !seen(items)).await;
}

/// The connection reaches the socket in its own family, and what it says tells what it speaks.
#[tokio::test]
async fn a_connection_is_the_ports_own() {
    let agent = TestAgent::start().await;
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        return; // A machine without IPv6.
    };
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = [0; 5];
        stream.read_exact(&mut asked).await.unwrap();
        stream.write_all(b"HTTP/1.1 204 \r\n\r\n").await.unwrap();
        // Held, so that the port is still listened on below.
        (listener, stream, asked)
    });
    let mut socket = agent.connect().await;
    let request = format!(
        "GET /v1/ports/{port}/connect HTTP/1.1\r\nhost: agent\r\nconnection: upgrade\r\n\
         upgrade: atelier-tcp\r\n\r\nhello"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"204 \r\n\r\n") {
        answer.push(socket.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
    let (_listener, _stream, asked) = serving.await.unwrap();
    assert_eq!(&asked, b"hello");
    let list: ListeningPorts = agent.get("/v1/ports").await;
    let found = list.items.iter().find(|item| item.port == port).unwrap();
    assert_eq!(found.protocol, PortProtocol::Http);
    assert_eq!(found.addresses, ["::1"]);
}

#[tokio::test]
async fn what_is_none_of_the_workspaces_is_not_connected_to() {
    let agent = TestAgent::start().await;
    let port = free_port().await;
    for (path, status) in [
        (format!("/v1/ports/{port}/connect"), 400),
        ("/v1/ports/70000/connect".to_owned(), 404),
    ] {
        let (refused, _) = agent.send(Method::GET, &path, Vec::new()).await;
        assert_eq!(refused.status.as_u16(), status, "{path}");
    }
    let mut socket = agent.connect().await;
    let request = format!(
        "GET /v1/ports/{port}/connect HTTP/1.1\r\nhost: agent\r\nconnection: upgrade\r\n\
         upgrade: atelier-tcp\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 502");
}

//! Applications of a workspace: seen, shared, opened, and kept apart from the platform.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod by_host;
mod by_path;
mod settings;
mod tokens;
mod vscode;

use std::sync::Arc;

use atelier_api::v1::ports::PortOpened;
use atelier_api::v1::workspaces::{Workspace, WorkspaceState};
use atelier_testkit::{TestActor, TestApp, TestAppBuilder, TestRequest, wait_until};
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

/// A running workspace, and an application that listens in it. The agent runs in this process, so that what
/// this process listens on is the workspace's.
pub(crate) struct Stage {
    pub(crate) app: TestApp,
    pub(crate) workspace: Workspace,
    pub(crate) port: u16,
}

async fn running(app: &TestApp, owner: &TestActor, name: &str) -> Workspace {
    let organization = app.organization().await;
    let body = json!({ "name": name, "source": { "kind": "template", "template": "empty" } });
    let path = format!("/api/v1/organizations/{organization}/workspaces");
    let made: Workspace = owner.post(&path).json(&body).send().await.ok();
    let path = format!("/api/v1/workspaces/{}", made.id);
    wait_until("the workspace runs", || async {
        let seen: Workspace = owner.get(&path).send().await.ok();
        seen.state == WorkspaceState::Running
    })
    .await;
    made
}

/// Listens with what a test wants.
pub(crate) async fn listen(router: Router) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    port
}

/// Answers with what it was asked.
pub(crate) async fn echo(request: Request) -> Response {
    let said = json!({
        "method": request.method().as_str(),
        "target": request.uri().to_string(),
        "headers": pairs(request.headers()),
    });
    said.to_string().into_response()
}

fn pairs(headers: &HeaderMap) -> Value {
    let pairs = headers
        .iter()
        .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]));
    Value::Array(pairs.collect())
}

/// The values of a header that the application was sent.
pub(crate) fn sent(said: &Value, name: &str) -> Vec<String> {
    let headers = said["headers"].as_array().unwrap();
    headers
        .iter()
        .filter(|pair| pair[0] == name)
        .map(|pair| pair[1].as_str().unwrap().to_owned())
        .collect()
}

impl Stage {
    async fn with(builder: TestAppBuilder, router: Router) -> Self {
        let app = builder.with_node().start().await;
        let member = app.member().await;
        let workspace = running(&app, &member, "shown").await;
        Self {
            app,
            workspace,
            port: listen(router).await,
        }
    }

    async fn start(router: Router) -> Self {
        Self::with(TestApp::builder(), router).await
    }

    /// `http://{port}--{workspace}--{organization}.localhost:{port of the platform}`.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.host_of(&self.workspace, self.port))
    }

    fn host_of(&self, workspace: &Workspace, port: u16) -> String {
        let bare = |id: &str| id.split_once('_').unwrap().1.to_owned();
        let platform = self.app.url().rsplit_once(':').unwrap().1.to_owned();
        format!(
            "{port}--{}--{}.localhost:{platform}",
            bare(&workspace.id.to_string()),
            bare(&workspace.organization_id.to_string())
        )
    }

    pub(crate) fn host(&self) -> String {
        self.host_of(&self.workspace, self.port)
    }

    fn ports(&self) -> String {
        format!("/api/v1/workspaces/{}/ports", self.workspace.id)
    }

    pub(crate) async fn open(&self, actor: &TestActor, body: Value) -> PortOpened {
        let path = format!("{}/{}/open", self.ports(), self.port);
        actor.post(&path).json(&body).send().await.ok()
    }

    async fn share(&self, visibility: &str) {
        let path = format!("{}/{}", self.ports(), self.port);
        let body = json!({ "visibility": visibility });
        let member = self.app.member().await;
        let shared = member.patch(&path).json(&body).send().await;
        shared.expect_status(200);
    }

    /// A browser's request to the application's host, by whoever has this cookie of it.
    pub(crate) fn visit(&self, method: Method, target: &str, cookie: Option<&str>) -> TestRequest {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::HOST, self.host().parse().unwrap());
        let request = self.app.anonymous().bare_request(method, target, headers);
        match cookie {
            Some(cookie) => request.header(http::header::COOKIE, cookie),
            None => request,
        }
    }

    /// Comes in by host name, and gives the cookie that lets in.
    pub(crate) async fn enter(&self, actor: &TestActor) -> String {
        let opened = self.open(actor, json!({ "addressing": "host" })).await;
        let target = opened.url.strip_prefix(&self.origin()).unwrap().to_owned();
        let entered = self.visit(Method::GET, &target, None).send().await;
        entered.expect_status(303);
        cookie(entered.header(http::header::SET_COOKIE).unwrap())
    }
}

/// `name=value` of a `Set-Cookie`.
fn cookie(set: &str) -> String {
    set.split(';').next().unwrap().to_owned()
}

/// An application that echoes.
async fn echoing() -> Arc<Stage> {
    Arc::new(Stage::start(Router::new().fallback(echo)).await)
}

/// An application that echoes, and speaks WebSocket at `/ws`.
pub(crate) fn talking() -> Router {
    let talk = async |upgrade: axum::extract::ws::WebSocketUpgrade| {
        upgrade
            .protocols(["vite-hmr"])
            .on_upgrade(|mut socket| async move {
                while let Some(Ok(message)) = socket.recv().await {
                    let _ = socket.send(message).await;
                }
            })
    };
    Router::new()
        .fallback(echo)
        .route("/ws", axum::routing::any(talk))
}

type Socket = tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>;

type Connected = Result<
    (
        Socket,
        tokio_tungstenite::tungstenite::handshake::client::Response,
    ),
    Box<WsError>,
>;

/// Opens the application's WebSocket as its page would.
async fn connect(stage: &Stage, cookie: Option<&str>) -> Connected {
    talk_at(stage, &stage.host(), &stage.origin(), cookie).await
}

/// Opens a host's WebSocket as a page of an origin would.
async fn talk_at(stage: &Stage, host: &str, origin: &str, cookie: Option<&str>) -> Connected {
    let address = stage.app.url().replace("http://", "");
    let mut request = format!("ws://{host}/ws")
        .into_client_request()
        .map_err(Box::new)?;
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "vite-hmr".parse().unwrap());
    headers.insert("origin", origin.parse().unwrap());
    if let Some(cookie) = cookie {
        headers.insert("cookie", cookie.parse().unwrap());
    }
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio_tungstenite::client_async(request, stream)
        .await
        .map_err(Box::new)
}

/// Says something, and hears it.
pub(crate) async fn converse(stage: &Stage, cookie: &str) {
    let (mut socket, response) = connect(stage, Some(cookie)).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "vite-hmr");
    socket.send(Message::text("hello")).await.unwrap();
    let heard = socket.next().await.unwrap().unwrap();
    assert_eq!(heard, Message::text("hello"));
}

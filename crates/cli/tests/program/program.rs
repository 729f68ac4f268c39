//! `atelier serve` in a process of its own, with its first account and a token.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use atelier_api::agent::terminals::{
    ClientMessage, SUBPROTOCOL, ServerMessage, Terminal, TerminalCreate,
};
use atelier_api::ids::{NodeId, OrganizationId, TokenId, WorkspaceId};
use atelier_api::node::WorkspaceLimits;
use atelier_api::v1::identity::{Account, TokenCreate, TokenCreated};
use atelier_api::v1::system::SetupComplete;
use atelier_api::v1::workspaces::{Workspace, WorkspaceCreate, WorkspaceSource, WorkspaceState};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program under test.
pub(crate) const ATELIER: &str = env!("CARGO_BIN_EXE_atelier");

/// A server process on a data folder; dropped, its workspaces and it are ended.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    /// Kept open: a server whose output has no reader would be ended by it.
    output: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
    pub(crate) url: String,
    pub(crate) token: String,
    /// The browser's session.
    cookie: String,
    pub(crate) organization: Option<OrganizationId>,
    workspaces: Vec<WorkspaceId>,
}

/// Starts the program on a data folder; answers it with its ready line.
fn serve(data: &Path, address: SocketAddr) -> (Child, BufReader<ChildStdout>, String) {
    let mut command = Command::new(ATELIER);
    let offered = offered(data);
    if offered.exists() {
        let programs = format!(
            "{{ {} = \"{}\" }}",
            std::env::consts::ARCH,
            offered.display()
        );
        command.env("ATELIER_UPDATES_PROGRAMS", programs);
    }
    let mut child = command
        .args(["serve", "--address", &address.ip().to_string()])
        .args(["--port", &address.port().to_string(), "--data"])
        .arg(data)
        .env("ATELIER_LOG_FILTER", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    (child, output, line.trim().to_owned())
}

/// Where the program is that the server gives to others, if it is not its own.
fn offered(data: &Path) -> PathBuf {
    data.with_file_name("offered")
}

impl Program {
    /// A new server, set up, with a token.
    pub(crate) async fn start() -> Self {
        Self::start_at("127.0.0.1").await
    }

    /// The same at this address of the machine.
    pub(crate) async fn start_at(address: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), address).await
    }

    /// The same, which gives this program to others.
    pub(crate) async fn start_offering(program: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("offered"), program).unwrap();
        Self::start_in(folder, "127.0.0.1").await
    }

    /// From now on gives this program to others.
    pub(crate) fn offer(&self, program: &[u8]) {
        let new = self.folder.path().join("offered.new");
        std::fs::write(&new, program).unwrap();
        std::fs::rename(new, offered(&self.data())).unwrap();
    }

    async fn start_in(folder: tempfile::TempDir, address: &str) -> Self {
        // No TLS is spoken here, but the client wants to know how it would be.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (child, output, line) = serve(
            &folder.path().join("data"),
            SocketAddr::new(address.parse().unwrap(), 0),
        );
        let link = line.rsplit(' ').next().unwrap();
        let (url, setup) = link
            .split_once("/setup#token=")
            .unwrap_or_else(|| panic!("{line}"));
        let http = reqwest::Client::new();
        let setup = SetupComplete {
            token: setup.to_owned(),
            email: "owner@example.org".to_owned(),
            name: "Owner".to_owned(),
            password: "a password for the tests".to_owned(),
            organization: None,
        };
        let request = http
            .post(format!("{url}/api/v1/setup"))
            .header("Atelier-Csrf", "1");
        let answer = request
            .json(&setup)
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let account: Account = answer.json().await.unwrap();
        let request = http
            .post(format!("{url}/api/v1/me/tokens"))
            .header("Atelier-Csrf", "1");
        let create = TokenCreate {
            name: "tests".to_owned(),
            expires_in_days: 1,
        };
        let request = request.header("cookie", &cookie).json(&create);
        let answer = request.send().await.unwrap().error_for_status().unwrap();
        let created: TokenCreated = answer.json().await.unwrap();
        Self {
            child,
            output,
            url: url.to_owned(),
            token: created.secret,
            cookie,
            organization: Some(account.memberships[0].organization_id),
            workspaces: Vec::new(),
            folder,
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        let (_, address) = self.url.split_once("://").unwrap();
        address.parse().unwrap()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same data and port.
    pub(crate) fn start_again(&mut self) {
        let (child, output, line) = serve(&self.data(), self.address());
        assert_eq!(line, format!("Atelier is ready: {}", self.url));
        self.child = child;
        self.output = output;
    }

    pub(crate) async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let request = reqwest::Client::new().get(format!("{}/api/v1{path}", self.url));
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    pub(crate) async fn bytes(&self, path: &str) -> Vec<u8> {
        let request = reqwest::Client::new().get(format!("{}/api/v1{path}", self.url));
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        let bytes = answer.error_for_status().unwrap().bytes().await.unwrap();
        bytes.to_vec()
    }

    pub(crate) async fn post<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        body: &impl serde::Serialize,
    ) -> T {
        let request = reqwest::Client::new().post(format!("{}/api/v1{path}", self.url));
        let answer = request
            .bearer_auth(&self.token)
            .json(body)
            .send()
            .await
            .unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    /// What is answered to a person with this token: lines of JSON, say.
    pub(crate) async fn post_as(
        &self,
        token: &str,
        path: &str,
        body: &impl serde::Serialize,
    ) -> String {
        let request = reqwest::Client::new().post(format!("{}/api/v1{path}", self.url));
        let answer = request.bearer_auth(token).json(body).send().await.unwrap();
        answer.error_for_status().unwrap().text().await.unwrap()
    }

    /// A token of somebody else in the organization, with this role.
    pub(crate) async fn somebody(&self, role: &str) -> String {
        let (email, password) = (format!("{role}@example.org"), "eleven quiet otters");
        let member = serde_json::json!({
            "email": email, "name": role, "role": role, "password": password,
        });
        let path = format!("/organizations/{}/members", self.organization.unwrap());
        let _: serde_json::Value = self.post(&path, &member).await;
        let request = |path: &str| {
            reqwest::Client::new()
                .post(format!("{}/api/v1{path}", self.url))
                .header("Atelier-Csrf", "1")
        };
        let session = serde_json::json!({ "email": email, "password": password });
        let answer = request("/session").json(&session).send().await.unwrap();
        let answer = answer.error_for_status().unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let token = serde_json::json!({ "name": "tests", "expires_in_days": 1 });
        let request = request("/me/tokens").header("cookie", cookie).json(&token);
        let answer = request.send().await.unwrap().error_for_status().unwrap();
        answer.json::<TokenCreated>().await.unwrap().secret
    }

    /// A workspace that is cloned from here, when it runs or has failed.
    pub(crate) async fn cloned(&mut self, name: &str, url: &str) -> Workspace {
        let create = WorkspaceCreate {
            name: name.to_owned(),
            source: WorkspaceSource::Git {
                url: url.to_owned(),
                reference: None,
            },
            node_id: None,
            limits: WorkspaceLimits::default(),
        };
        let path = format!("/organizations/{}/workspaces", self.organization.unwrap());
        let made: Workspace = self.post(&path, &create).await;
        self.workspaces.push(made.id);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now: Workspace = self.get(&format!("/workspaces/{}", made.id)).await;
            if now.state != WorkspaceState::Starting {
                return now;
            }
            assert!(Instant::now() < deadline, "it starts for ever: {now:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// An empty workspace that runs on the local server.
    pub(crate) async fn workspace(&mut self, name: &str) -> WorkspaceId {
        self.workspace_on(name, None).await
    }

    /// An empty workspace that runs on this server.
    pub(crate) async fn workspace_on(&mut self, name: &str, node: Option<NodeId>) -> WorkspaceId {
        let create = WorkspaceCreate {
            name: name.to_owned(),
            source: WorkspaceSource::Template {
                template: "empty".to_owned(),
            },
            node_id: node,
            limits: WorkspaceLimits::default(),
        };
        let path = format!("/organizations/{}/workspaces", self.organization.unwrap());
        let made: Workspace = self.post(&path, &create).await;
        self.workspaces.push(made.id);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now: Workspace = self.get(&format!("/workspaces/{}", made.id)).await;
            match now.state {
                WorkspaceState::Running => return made.id,
                WorkspaceState::Starting if Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                state => panic!("the workspace is {state:?}: {:?}", now.state_reason),
            }
        }
    }

    /// A terminal that runs `sh -c script`.
    pub(crate) async fn terminal(&self, workspace: WorkspaceId, script: &str) -> Terminal {
        let create = TerminalCreate {
            command: ["sh", "-c", script].map(str::to_owned).to_vec(),
            ..TerminalCreate::default()
        };
        self.post(&format!("/workspaces/{workspace}/terminals"), &create)
            .await
    }

    /// A viewer of a terminal that has seen nothing yet.
    pub(crate) fn viewer(&self, workspace: WorkspaceId, terminal: &Terminal) -> Viewer {
        let path = format!(
            "/api/v1/workspaces/{workspace}/terminals/{}/attach",
            terminal.id
        );
        Viewer {
            url: format!("{}{path}", self.url.replace("http", "ws")),
            token: self.token.clone(),
            socket: None,
            output: Vec::new(),
            exited: false,
        }
    }

    /// How many viewers a terminal has.
    pub(crate) async fn viewers(&self, workspace: WorkspaceId, terminal: &Terminal) -> u32 {
        let path = format!("/workspaces/{workspace}/terminals/{}", terminal.id);
        self.get::<Terminal>(&path).await.viewers
    }

    /// Another token of the same person.
    pub(crate) async fn another_token(&self) -> TokenCreated {
        let create = TokenCreate {
            name: "another".to_owned(),
            expires_in_days: 1,
        };
        let request = self.in_browser(reqwest::Method::POST, "/me/tokens");
        let answer = request.json(&create).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    /// Takes a token back.
    pub(crate) async fn delete_token(&self, id: TokenId) {
        let request = self.in_browser(reqwest::Method::DELETE, &format!("/me/tokens/{id}"));
        let answer = request.send().await.unwrap();
        answer.error_for_status().unwrap();
    }

    /// A request as the web interface makes it: tokens cannot manage tokens.
    fn in_browser(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        reqwest::Client::new()
            .request(method, format!("{}/api/v1{path}", self.url))
            .header("Atelier-Csrf", "1")
            .header("cookie", &self.cookie)
    }

    /// Runs a user command, signed in.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        Command::new(ATELIER)
            .args(arguments)
            .env("ATELIER_URL", &self.url)
            .env("ATELIER_TOKEN", &self.token)
            .output()
            .unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Workspaces outlive their server by design; the test's must not outlive the test.
        for workspace in &self.workspaces {
            self.command(&["workspace", "stop", &workspace.to_string()]);
        }
        self.kill();
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A viewer that keeps what it has seen, whatever happens to its connection.
#[derive(Debug)]
pub(crate) struct Viewer {
    url: String,
    token: String,
    socket: Option<Socket>,
    pub(crate) output: Vec<u8>,
    pub(crate) exited: bool,
}

impl Viewer {
    /// Comes with another token.
    pub(crate) fn with_token(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    /// Reads until the connection is ended by the other side.
    pub(crate) async fn read_to_end(&mut self) {
        let socket = self.socket.as_mut().unwrap();
        let reading = async { while let Some(Ok(_)) = socket.next().await {} };
        tokio::time::timeout(PATIENCE, reading).await.unwrap();
    }

    /// Cuts the connection, without a word.
    pub(crate) fn cut(&mut self) {
        self.socket = None;
    }

    /// Reads until the output is at least so long, or the program has exited; connects again
    /// wherever the connection breaks, at the very next byte.
    pub(crate) async fn read_to(&mut self, length: usize) {
        let reading = async {
            while self.output.len() < length && !self.exited {
                match &mut self.socket {
                    None => self.connect().await,
                    Some(socket) => match socket.next().await {
                        Some(Ok(message)) => self.take(message).await,
                        Some(Err(_)) | None => self.socket = None,
                    },
                }
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, reading).await.is_ok();
        assert!(
            in_time,
            "only {} bytes of {length} came in time",
            self.output.len()
        );
    }

    async fn connect(&mut self) {
        let url = format!("{}?offset={}", self.url, self.output.len());
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert(
            "authorization",
            format!("Bearer {}", self.token).parse().unwrap(),
        );
        headers.insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => self.socket = Some(socket),
            // The server is away for the moment; the patience of `read_to` is the bound.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }

    async fn take(&mut self, message: Message) {
        match message {
            Message::Binary(bytes) => {
                self.output.extend_from_slice(&bytes);
                let offset = self.output.len() as u64;
                let ack = serde_json::to_string(&ClientMessage::Ack { offset }).unwrap();
                if let Some(socket) = &mut self.socket
                    && socket.send(Message::text(ack)).await.is_err()
                {
                    self.socket = None;
                }
            }
            Message::Text(text) => match serde_json::from_str(&text).unwrap() {
                ServerMessage::Hello { offset, resync, .. } => {
                    assert!(!resync, "the ring must hold what this test has not seen");
                    assert_eq!(
                        offset,
                        self.output.len() as u64,
                        "the stream goes on elsewhere"
                    );
                }
                ServerMessage::Exit { .. } => self.exited = true,
                _ => {}
            },
            Message::Close(_) => self.socket = None,
            _ => {}
        }
    }
}

//! Terminals that are shared by links, on the real thing: whoever has a link reaches the terminal and
//! nothing else.

use std::time::Duration;

use atelier_api::agent::terminals::{SUBPROTOCOL, ServerMessage, Terminal, TerminalViewer};
use atelier_api::ids::WorkspaceId;
use atelier_api::v1::terminal_shares::{
    ShareState, SharedTerminal, TerminalShare, TerminalShareCreated, TerminalShareList,
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::program::Program;

const PATIENCE: Duration = Duration::from_secs(60);

/// Says what it is given, in pointed brackets.
const ECHO: &str = "stty -echo; echo ready; while read -r line; do echo \"<$line>\"; done";

/// Somebody who came by a link.
struct Guest {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    viewers: Vec<TerminalViewer>,
}

async fn share(
    program: &Program,
    workspace: WorkspaceId,
    terminal: &Terminal,
    access: &str,
) -> TerminalShareCreated {
    let path = format!("/workspaces/{workspace}/terminals/{}/shares", terminal.id);
    program.post(&path, &json!({ "access": access })).await
}

/// A POST without an account, as the page of a link makes it.
async fn open(program: &Program, token: &str) -> reqwest::Response {
    let url = format!("{}/api/v1/shares/open", program.url);
    let request = reqwest::Client::new().post(url).header("Atelier-Csrf", "1");
    let request = request.json(&json!({ "token": token }));
    request.send().await.unwrap()
}

async fn attach(program: &Program, token: &str, origin: &str) -> Result<Guest, u16> {
    let url = program.url.replace("http", "ws");
    let url = format!("{url}/api/v1/shares/attach?name=Eve%20%1b");
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("origin", origin.parse().unwrap());
    let protocols = format!("{SUBPROTOCOL}, atelier.share.{token}");
    headers.insert("sec-websocket-protocol", protocols.parse().unwrap());
    // What a client says of itself does not count.
    headers.insert("atelier-viewer-name", "Owner".parse().unwrap());
    headers.insert("atelier-viewer-access", "all".parse().unwrap());
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, answer)) => {
            assert_eq!(answer.headers()["sec-websocket-protocol"], SUBPROTOCOL);
            Ok(Guest {
                socket,
                viewers: Vec::new(),
            })
        }
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

impl Guest {
    /// Reads output until it holds the text.
    async fn until(&mut self, text: &str) -> String {
        let mut output = String::new();
        let reading = async {
            while !output.contains(text) {
                match self.socket.next().await {
                    Some(Ok(Message::Binary(bytes))) => {
                        output.push_str(&String::from_utf8_lossy(&bytes));
                    }
                    Some(Ok(Message::Text(message))) => {
                        if let Ok(ServerMessage::Viewers { viewers, .. }) =
                            serde_json::from_str(&message)
                        {
                            self.viewers = viewers;
                        }
                    }
                    Some(Ok(_)) => {}
                    other => panic!("{other:?} before “{text}”, after {output:?}"),
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap();
        output
    }

    async fn type_in(&mut self, text: &str) {
        let bytes = text.as_bytes().to_vec();
        self.socket.send(Message::binary(bytes)).await.unwrap();
    }

    /// Waits until the other side ends the connection.
    async fn until_cut(&mut self) {
        let reading = async { while let Some(Ok(_)) = self.socket.next().await {} };
        tokio::time::timeout(PATIENCE, reading).await.unwrap();
    }
}

#[tokio::test]
async fn a_link_leads_to_one_terminal_and_nowhere_else() {
    let mut program = Program::start().await;
    let workspace = program.workspace("shared").await;
    let terminal = program.terminal(workspace, ECHO).await;
    let own = program.url.clone();
    let watch = share(&program, workspace, &terminal, "read").await;
    assert_eq!(
        watch.path,
        format!("/share/{}#{}", watch.share.id, watch.token)
    );
    let shown: SharedTerminal = open(&program, &watch.token).await.json().await.unwrap();
    assert_eq!(shown.name.as_deref(), Some(terminal.name.as_str()));
    assert_eq!(shown.shared_by, "Owner");

    // To watch is not to type.
    let mut watcher = attach(&program, &watch.token, &own).await.unwrap();
    watcher.until("ready").await;
    watcher.type_in("evil\r").await;
    let both = share(&program, workspace, &terminal, "write").await;
    let mut writer = attach(&program, &both.token, &own).await.unwrap();
    writer.type_in("hello\r").await;
    let seen = watcher.until("<hello>").await;
    assert!(!seen.contains("evil"), "{seen}");
    let names: Vec<_> = watcher
        .viewers
        .iter()
        .map(|viewer| (viewer.name.as_deref(), viewer.read_only))
        .collect();
    assert_eq!(
        names,
        [(Some("Eve (guest)"), true), (Some("Eve (guest)"), false)]
    );

    // Another site's page cannot use it, and it is no key to anything else.
    assert_eq!(
        attach(&program, &watch.token, "https://evil.example")
            .await
            .err(),
        Some(403)
    );
    for path in ["/me", &format!("/workspaces/{workspace}")] {
        let request = reqwest::Client::new().get(format!("{own}/api/v1{path}"));
        let answer = request.bearer_auth(&both.token).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
    }

    // Nothing in the database opens it.
    let stored = std::fs::read(program.data().join("atelier.db")).unwrap();
    let wal = std::fs::read(program.data().join("atelier.db-wal")).unwrap_or_default();
    for bytes in [stored, wal] {
        let found = bytes
            .windows(watch.token.len())
            .any(|window| window == watch.token.as_bytes());
        assert!(!found, "the token is in the database");
    }
}

#[tokio::test]
async fn a_link_that_is_revoked_is_dead_at_once() {
    let mut program = Program::start().await;
    let workspace = program.workspace("revoking").await;
    let terminal = program.terminal(workspace, ECHO).await;
    let own = program.url.clone();
    let made = share(&program, workspace, &terminal, "write").await;
    let mut guest = attach(&program, &made.token, &own).await.unwrap();
    guest.until("ready").await;

    let path = format!(
        "/workspaces/{workspace}/terminal-shares/{}/revoke",
        made.share.id
    );
    let revoked: TerminalShare = program.post(&path, &json!({})).await;
    assert_eq!(revoked.state, ShareState::Revoked);
    guest.until_cut().await;
    assert_eq!(attach(&program, &made.token, &own).await.err(), Some(403));
    let shown: SharedTerminal = open(&program, &made.token).await.json().await.unwrap();
    assert_eq!((shown.state, shown.name), (ShareState::Revoked, None));

    let path = format!("/workspaces/{workspace}/terminals/{}/shares", terminal.id);
    let list: TerminalShareList = program.get(&path).await;
    assert_eq!(list.items.len(), 1);
    assert_eq!(list.items[0].uses, 1);
    assert_eq!(list.items[0].created_by, "Owner");

    // Making, using and revoking stand in the audit log, in this order.
    let path = format!(
        "/organizations/{}/audit-events?limit=50",
        program.organization.unwrap()
    );
    let log: Value = program.get(&path).await;
    let mut actions: Vec<_> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .filter(|action| action.contains("share"))
        .collect();
    actions.reverse();
    assert_eq!(
        actions,
        [
            "terminal_share_create",
            "share_attach",
            "terminal_share_revoke"
        ]
    );
}

#[tokio::test]
async fn links_and_recordings_can_be_had_by_command() {
    let mut program = Program::start().await;
    let workspace = program.workspace("commanded").await;
    let terminal = program.terminal(workspace, ECHO).await;
    let run = |arguments: &[&str]| {
        let output = program.command(arguments);
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        );
        assert!(output.status.success(), "{arguments:?}: {out}{err}");
        out
    };
    let name = terminal.name.as_str();
    let link = run(&[
        "terminal",
        "share",
        "create",
        "commanded",
        name,
        "--hours",
        "2",
    ]);
    assert!(
        link.starts_with(&format!("{}/share/share_", program.url)),
        "{link}"
    );
    let listed = run(&["terminal", "share", "list", "commanded", name]);
    assert!(listed.contains("watch   good"), "{listed}");
    let (path, _) = link.split_once('#').unwrap();
    let id = path.rsplit('/').next().unwrap();
    run(&["terminal", "share", "revoke", "commanded", id]);
    assert!(run(&["terminal", "share", "list", "commanded", name]).contains("revoked"));

    run(&[
        "terminal",
        "update",
        "commanded",
        name,
        "--color",
        "green",
        "--name",
        "build",
    ]);
    assert!(run(&["terminal", "list", "commanded"]).contains("build"));
    assert!(run(&["terminal", "view", "commanded", "build"]).contains("build"));

    let made = run(&[
        "recording",
        "create",
        "commanded",
        "build",
        "--output",
        "json",
    ]);
    let made: Value = serde_json::from_str(&made).unwrap();
    let id = made["recording"]["id"].as_str().unwrap();
    run(&["recording", "stop", "commanded", id]);
    assert!(run(&["recording", "list", "commanded"]).contains("stopped"));
    let file = program.data().join("a.cast");
    run(&[
        "recording",
        "read",
        "commanded",
        id,
        "--to",
        file.to_str().unwrap(),
    ]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("{\"version\":2"), "{text}");
    assert!(
        text.contains("ready"),
        "it begins with what is on the screen: {text}"
    );
    run(&["recording", "delete", "commanded", id]);
    assert!(!run(&["recording", "list", "commanded"]).contains(id));

    let found = run(&[
        "terminal",
        "command",
        "search",
        "commanded",
        "nothing",
        "like",
        "it",
    ]);
    assert_eq!(found.lines().count(), 1, "{found}");
    run(&["terminal", "command", "list", "commanded", "build"]);
    run(&["terminal", "delete", "commanded", "build"]);
}

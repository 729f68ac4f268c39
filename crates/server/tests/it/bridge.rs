//! The bridge through the control plane: who may, what is recorded, what ends it.

use std::collections::BTreeSet;

use atelier_api::ErrorCode;
use atelier_api::Page;
use atelier_api::agent::bridge::SUBPROTOCOL;
use atelier_api::v1::audit::AuditEvent;
use atelier_api::v1::organizations::Role;
use atelier_api::v1::workspaces::{Workspace, WorkspaceState};
use atelier_testkit::{TestActor, TestApp, WebSocket, wait_for};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

/// The story's workspace.
struct Story {
    app: TestApp,
    member: TestActor,
    path: String,
}

impl Story {
    async fn begin() -> Self {
        let app = TestApp::builder().with_node().start().await;
        let member = app.member().await;
        let workspaces = format!(
            "/api/v1/organizations/{}/workspaces",
            app.organization().await
        );
        let body =
            json!({ "name": "driven", "source": { "kind": "template", "template": "empty" } });
        let created: Workspace = member.post(&workspaces).json(&body).send().await.ok();
        let path = format!("/api/v1/workspaces/{}", created.id);
        wait_for("the workspace runs", || async {
            let workspace: Workspace = member.get(&path).send().await.ok();
            assert_ne!(workspace.state, WorkspaceState::Failed, "{workspace:#?}");
            (workspace.state == WorkspaceState::Running).then_some(())
        })
        .await;
        Self { app, member, path }
    }

    async fn open(&self, actor: &TestActor) -> Bridge {
        let path = format!("{}/bridge", self.path);
        let socket = actor.websocket(&path, Some(SUBPROTOCOL)).await;
        let mut bridge = Bridge(socket.expect("opened"));
        let hello = json!({ "type": "hello", "session": "session-of-a-story-1" });
        assert_eq!(bridge.ask(hello).await["type"], "welcome");
        bridge
    }

    /// What the audit log holds of the bridge's doings, oldest first.
    async fn recorded(&self) -> Vec<(String, Value)> {
        let audit = format!(
            "/api/v1/organizations/{}/audit-events",
            self.app.organization().await
        );
        let events: Page<AuditEvent> = self.app.owner().await.get(&audit).send().await.ok();
        let workspace = self.path.rsplit('/').next();
        let events = events.items.into_iter().rev();
        let ours = events.filter(|event| event.resource.as_deref() == workspace);
        ours.map(|event| (event.action, event.details))
            .filter(|(action, _)| action != "workspace_create")
            .collect()
    }
}

struct Bridge(WebSocket);

impl Bridge {
    async fn say(&mut self, message: Value) {
        let message = Message::text(message.to_string());
        self.0.send(message).await.expect("sent");
    }

    /// The answer to a request; events that come before it are passed over.
    async fn ask(&mut self, message: Value) -> Value {
        let id = message["id"].clone();
        self.say(message).await;
        loop {
            let answer = self.next().await;
            if answer["id"] == id {
                return answer;
            }
        }
    }

    async fn next(&mut self) -> Value {
        loop {
            match self.0.next().await.expect("open").expect("read") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    async fn told(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next().await;
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// The code with which it is closed; nothing when it is cut off.
    async fn closed(mut self) -> Option<u16> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }
}

#[tokio::test]
async fn what_is_done_is_recorded_as_the_api_records_it() {
    let story = Story::begin().await;
    let mut bridge = story.open(&story.member).await;
    let run = json!({
        "type": "run_command", "id": 1, "command": ["sh", "-c", "echo hi"],
        "env": { "SECRET": "x" }, "timeout_ms": 60_000,
    });
    let started = bridge.ask(run).await;
    assert_eq!(started["type"], "process_started", "{started}");
    let process = started["process"]["id"].clone();
    assert_eq!(bridge.told("process_output").await["data"], "aGkK");
    assert_eq!(bridge.told("process_exited").await["status"]["code"], 0);
    let write = json!({
        "type": "write_file", "id": 2, "path": "a b.txt", "data": "aGk=", "if_absent": true,
    });
    assert_eq!(bridge.ask(write).await["type"], "file_written");
    let create =
        json!({ "type": "create_terminal", "id": 3, "name": "t", "command": ["sleep", "1000"] });
    let created = bridge.ask(create).await;
    assert_eq!(created["type"], "terminal_created", "{created}");
    let terminal = created["terminal"]["id"].clone();
    let input =
        json!({ "type": "terminal_input", "id": 4, "terminal": terminal, "data": "c2VjcmV0" });
    bridge.say(input).await;
    bridge.told("done").await;
    let close = json!({ "type": "close_terminal", "id": 5, "terminal": terminal });
    bridge.say(close).await;
    bridge.told("done").await;
    let stop = json!({ "type": "stop_process", "id": 6, "process": process });
    assert_eq!(bridge.ask(stop).await["problem"]["code"], "conflict");
    let reads = json!({ "type": "list_files", "id": 7 });
    assert_eq!(bridge.ask(reads).await["type"], "file_list");

    let expected = [
        ("workspace_bridge", json!({ "query": "" })),
        (
            "process_create",
            json!({ "command": ["sh", "-c", "echo hi"], "timeout_ms": 60_000 }),
        ),
        (
            "file_write",
            json!({ "query": "root=workspace&path=a%20b%2Etxt" }),
        ),
        (
            "terminal_create",
            json!({ "command": ["sleep", "1000"], "name": "t" }),
        ),
        (
            "terminal_delete",
            json!({ "terminal": terminal, "query": "" }),
        ),
        (
            "process_signal",
            json!({ "process": process, "signal": "SIGTERM" }),
        ),
    ];
    let expected = expected.map(|(action, details)| (action.to_owned(), details));
    assert_eq!(story.recorded().await, expected);
}

#[tokio::test]
async fn what_cannot_be_passed_on_is_refused_with_its_id() {
    let story = Story::begin().await;
    let mut bridge = story.open(&story.member).await;
    for (message, id) in [
        (r#"{"type":"launch_rocket","id":5}"#, json!(5)),
        (
            r#"{"type":"run_command","id":6,"command":["true"],"sudo":true}"#,
            json!(6),
        ),
        ("nonsense", Value::Null),
    ] {
        bridge.0.send(Message::text(message)).await.expect("sent");
        let answer = bridge.next().await;
        assert_eq!(answer["problem"]["code"], "malformed", "{answer}");
        assert_eq!(answer["id"], id, "{answer}");
    }
    // Too long to be passed on, and still understood.
    let data = "A".repeat(2 * 1024 * 1024);
    let write =
        json!({ "type": "write_file", "id": 7, "path": "a", "data": data, "if_match": "*" });
    let answer = bridge.ask(write).await;
    assert_eq!(answer["problem"]["code"], "too_large", "{answer}");
    assert_eq!(answer["id"], 7);
    let list = bridge
        .ask(json!({ "type": "list_processes", "id": 8 }))
        .await;
    assert_eq!(list["items"], json!([]), "{list}");
    let recorded = story.recorded().await;
    assert_eq!(recorded.len(), 1, "{recorded:?}");
    // And too long to be read at all.
    let mut bridge = story.open(&story.member).await;
    let endless = Message::text("x".repeat(5 * 1024 * 1024));
    // It is not read to its end.
    let _ = bridge.0.send(endless).await;
    assert!(matches!(bridge.closed().await, Some(1009) | None));
}

#[tokio::test]
async fn it_is_for_those_who_may_use_the_workspace_for_as_long_as_they_may() {
    let story = Story::begin().await;
    let path = format!("{}/bridge", story.path);
    let status = async |actor: &TestActor| match actor.websocket(&path, Some(SUBPROTOCOL)).await {
        Err(error) => match *error {
            WsError::Http(answer) => answer.status().as_u16(),
            error => panic!("{error}"),
        },
        Ok(_) => 101,
    };
    assert_eq!(status(&story.app.anonymous()).await, 401);
    assert_eq!(status(&story.app.outsider().await).await, 404);
    assert_eq!(status(&story.app.viewer().await).await, 403);
    let without = story.member.websocket(&path, None).await;
    assert!(without.is_err(), "a subprotocol is needed");

    // An administrator becomes a member, to whom the workspace is another's.
    let admin = story.app.add_member(Role::Admin, "admin-for-a-while").await;
    let mut bridge = story.open(&admin).await;
    let run = json!({ "type": "run_command", "id": 1, "command": ["true"] });
    assert_eq!(bridge.ask(run).await["type"], "process_started");
    let member = format!(
        "/api/v1/organizations/{}/members/{}",
        story.app.organization().await,
        admin.account().id
    );
    let owner = story.app.owner().await;
    let demoted = owner.patch(&member).json(&json!({ "role": "member" }));
    demoted.send().await.expect_status(200);
    bridge.closed().await;
    assert_eq!(status(&admin).await, 403);

    // A workspace that has stopped takes no more requests.
    let stop = format!("{}/stop", story.path);
    let mut bridge = story.open(&story.member).await;
    story.member.post(&stop).send().await.expect_status(202);
    let request = Message::text(json!({ "type": "list_processes", "id": 1 }).to_string());
    // It may be closed already.
    if bridge.0.send(request).await.is_ok() {
        while let Some(Ok(message)) = bridge.0.next().await {
            if let Message::Text(text) = message {
                let answer: Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(
                    answer["problem"]["code"], "workspace_not_running",
                    "{answer}"
                );
                break;
            }
        }
    }
    story
        .member
        .get(&path)
        .send()
        .await
        .problem(ErrorCode::WorkspaceNotRunning);
}

/// The committed schema is the one of the types, and the golden examples show each of its messages.
#[test]
fn the_committed_schema_is_current_and_every_message_has_an_example() {
    let committed = include_str!("../../../../bridge.schema.json");
    let committed: Value = serde_json::from_str(committed).unwrap();
    let current = atelier_server::workspaces::bridge_schema();
    assert!(
        committed == current,
        "bridge.schema.json is not what the types say: run `cargo xtask regen` and commit it"
    );
    let golden = include_str!("../../../api/golden/bridge.json");
    let golden: Value = serde_json::from_str(golden).unwrap();
    for (part, definition) in [("requests", "BridgeRequest"), ("messages", "BridgeMessage")] {
        let variants = current["$defs"][definition]["oneOf"].as_array().unwrap();
        let known: BTreeSet<String> = variants
            .iter()
            .map(|variant| variant["properties"]["type"]["enum"][0].to_string())
            .collect();
        let shown: BTreeSet<String> = golden[part]
            .as_array()
            .unwrap()
            .iter()
            .map(|example| example["type"].to_string())
            .collect();
        assert_eq!(known, shown, "{definition}");
    }
}

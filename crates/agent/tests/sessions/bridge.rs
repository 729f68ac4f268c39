//! The bridge: what a program does over one socket.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::UnixStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{TestAgent, counted, patiently};

/// A client that keeps to the protocol as far as a test has it do so.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<UnixStream>,
}

impl Client {
    /// Connects, and says nothing.
    pub(crate) async fn silent(agent: &TestAgent) -> Self {
        Self {
            socket: agent.websocket("/v1/bridge").await,
        }
    }

    /// Connects with a session; and whether the agent knew it.
    pub(crate) async fn connect(agent: &TestAgent, session: &str) -> (Self, bool) {
        let mut client = Self::silent(agent).await;
        let answer = client
            .ask(json!({ "type": "hello", "session": session }))
            .await;
        assert_eq!(answer["type"], "welcome", "{answer}");
        (client, answer["resumed"] == true)
    }

    pub(crate) async fn say(&mut self, message: Value) {
        let message = Message::text(message.to_string());
        self.socket.send(message).await.expect("sent");
    }

    /// The next message; nothing once it is closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            match patiently("the bridge says something", self.socket.next()).await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).expect("JSON")),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The code with which it is closed.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match patiently("the bridge is closed", self.socket.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("no close frame came: {other:?}"),
            }
        }
    }

    pub(crate) async fn ask(&mut self, message: Value) -> Value {
        self.say(message).await;
        self.next().await.expect("answered")
    }

    /// The next message of this type.
    pub(crate) async fn told(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next().await.expect("it is not closed");
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// The message that answers a request, whatever comes before it.
    pub(crate) async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.next().await.expect("it is not closed");
            if message["id"] == id {
                return message;
            }
        }
    }
}

pub(crate) const SESSION: &str = "session-of-a-test-0001";

pub(crate) fn bytes(message: &Value) -> Vec<u8> {
    let data = message["data"].as_str().expect("data");
    STANDARD.decode(data).expect("base64")
}

pub(crate) fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}

/// How often a line stands in the file `name` of the workspace.
pub(crate) fn lines(agent: &TestAgent, name: &str) -> usize {
    let text = std::fs::read_to_string(agent.config.workspace.join(name)).unwrap_or_default();
    text.lines().count()
}

#[tokio::test]
async fn a_command_is_run_and_its_output_told() {
    let agent = TestAgent::start().await;
    let (mut client, resumed) = Client::connect(&agent, SESSION).await;
    assert!(!resumed);
    let script = "printf out; printf err >&2; exit 3";
    let started = client
        .ask(json!({ "type": "run_command", "id": 1, "command": ["sh", "-c", script] }))
        .await;
    assert_eq!(started["type"], "process_started", "{started}");
    let process = started["process"]["id"].clone();
    let mut streams = [Vec::new(), Vec::new()];
    loop {
        let message = client.next().await.expect("open");
        assert_eq!(message["process"], process, "{message}");
        if message["type"] == "process_exited" {
            assert_eq!(message["status"]["code"], 3);
            break;
        }
        let stream = &mut streams[usize::from(message["stream"] == "stderr")];
        assert_eq!(message["offset"], stream.len());
        stream.extend(bytes(&message));
    }
    assert_eq!(streams, [b"out".to_vec(), b"err".to_vec()]);
    let list = client
        .ask(json!({ "type": "list_processes", "id": 2 }))
        .await;
    assert_eq!(list["items"][0]["id"], process, "{list}");
}

#[tokio::test]
async fn a_terminal_is_created_typed_into_resized_and_closed() {
    let agent = TestAgent::start().await;
    let (mut client, _) = Client::connect(&agent, SESSION).await;
    let script = "stty -echo; echo ready; read line; echo got $line; stty size; sleep 1000";
    let create = json!({
        "type": "create_terminal", "id": 1, "name": "t", "command": ["sh", "-c", script],
        "cols": 90, "rows": 30,
    });
    let created = client.ask(create).await;
    assert_eq!(created["type"], "terminal_created", "{created}");
    let terminal = created["terminal"]["id"].clone();
    let mut output = Vec::new();
    let mut until = async |client: &mut Client, text: &str| {
        while !String::from_utf8_lossy(&output).contains(text) {
            let message = client.told("terminal_output").await;
            assert_eq!(message["offset"], output.len());
            output.extend(bytes(&message));
        }
    };
    until(&mut client, "ready").await;
    let resize = json!({ "type": "terminal_resize", "id": 2, "terminal": terminal, "cols": 100, "rows": 40 });
    client.say(resize).await;
    assert_eq!(client.answer(2).await["type"], "done");
    let input =
        json!({ "type": "terminal_input", "id": 3, "terminal": terminal, "data": encoded("hi\n") });
    client.say(input).await;
    until(&mut client, "got hi").await;
    until(&mut client, "40 100").await;
    client
        .say(json!({ "type": "close_terminal", "id": 4, "terminal": terminal }))
        .await;
    assert_eq!(client.answer(4).await["type"], "done");
    let gone = client
        .ask(json!({ "type": "terminal_input", "id": 5, "terminal": terminal, "data": "" }))
        .await;
    assert_eq!(gone["problem"]["code"], "not_found", "{gone}");
}

#[tokio::test]
async fn a_client_comes_back_and_misses_nothing() {
    let agent = TestAgent::start().await;
    let (mut client, _) = Client::connect(&agent, SESSION).await;
    let run = json!({ "type": "run_command", "id": 1, "command": ["seq", "1", "100000"] });
    let started = client.ask(run.clone()).await;
    let process = started["process"]["id"].clone();
    let mut output = bytes(&client.told("process_output").await);
    drop(client);

    let (mut client, resumed) = Client::connect(&agent, SESSION).await;
    assert!(resumed);
    // What was answered is answered again, and not run again.
    let again = client.ask(run).await;
    assert_eq!(again, started);
    let attach =
        json!({ "type": "attach_process", "id": 2, "process": process, "stdout": output.len() });
    let attached = client.ask(attach).await;
    assert_eq!(attached["stdout"], output.len(), "{attached}");
    loop {
        let message = client.next().await.expect("open");
        if message["type"] == "process_exited" {
            break;
        }
        assert_eq!(message["offset"], output.len());
        output.extend(bytes(&message));
        let ack = json!({ "type": "ack_process", "process": process, "stdout": output.len(), "stderr": 0 });
        client.say(ack).await;
    }
    assert_eq!(String::from_utf8_lossy(&output), counted(1, 100_000));
}

#[tokio::test]
async fn files_are_read_written_listed_and_watched() {
    let agent = TestAgent::start().await;
    let (mut client, _) = Client::connect(&agent, SESSION).await;
    let watching = client
        .ask(json!({ "type": "watch_files", "id": 1, "recursive": true }))
        .await;
    assert_eq!(watching, json!({ "type": "watching", "id": 1 }));
    let write = json!({
        "type": "write_file", "id": 2, "path": "a.txt", "data": encoded("hello"), "if_absent": true,
    });
    client.say(write.clone()).await;
    let written = client.answer(2).await;
    assert_eq!(written["type"], "file_written", "{written}");
    loop {
        let changed = client.told("file_changed").await;
        assert_eq!(changed["watch"], 1);
        if changed["changes"].to_string().contains("a.txt") {
            break;
        }
    }
    client
        .say(json!({ "type": "unwatch_files", "id": 3, "watch": 1 }))
        .await;
    assert_eq!(client.answer(3).await["type"], "done");
    // The same request again is not a second write, which `if_absent` would refuse.
    assert_eq!(client.ask(write).await, written);
    let again = json!({
        "type": "write_file", "id": 4, "path": "a.txt", "data": encoded("other"), "if_absent": true,
    });
    assert_eq!(client.ask(again).await["problem"]["code"], "stale");
    let read = json!({ "type": "read_file", "id": 5, "path": "a.txt", "offset": 1, "length": 3 });
    let content = client.ask(read).await;
    assert_eq!(
        (bytes(&content), &content["size"]),
        (b"ell".to_vec(), &json!(5))
    );
    assert_eq!(content["etag"], written["entry"]["etag"]);
    let list = client
        .ask(json!({ "type": "list_files", "id": 6, "limit": 1 }))
        .await;
    assert_eq!(list["items"][0]["name"], "a.txt", "{list}");
    let unsaid = json!({ "type": "write_file", "id": 7, "path": "b", "data": "" });
    assert_eq!(
        client.ask(unsaid).await["problem"]["code"],
        "precondition_required"
    );
}

/// A client that acknowledges nothing is sent a window of each stream, and what it asks is still answered.
#[tokio::test]
async fn a_client_that_acknowledges_nothing_is_sent_a_window() {
    let agent = TestAgent::start().await;
    let (mut client, _) = Client::connect(&agent, SESSION).await;
    let run = json!({ "type": "run_command", "id": 1, "command": ["sh", "-c", "yes; true"] });
    let process = client.ask(run).await["process"]["id"].clone();
    let mut received = 0;
    while received < 256 * 1024 {
        received += bytes(&client.told("process_output").await).len();
    }
    assert_eq!(received, 256 * 1024);
    let list = client
        .ask(json!({ "type": "list_processes", "id": 2 }))
        .await;
    assert_eq!(list["type"], "process_list");
    let ack = json!({ "type": "ack_process", "process": process, "stdout": 1000, "stderr": 0 });
    client.say(ack).await;
    let more = client.told("process_output").await;
    assert_eq!(bytes(&more).len(), 1000);
    let stop = json!({ "type": "stop_process", "id": 3, "process": process, "signal": "SIGKILL" });
    assert_eq!(client.ask(stop).await["type"], "done");
}

//! Bad input over the bridge: repeated, unknown, oversized, out of order, and too much at once.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::bridge::{Client, SESSION, encoded, lines};
use crate::support::TestAgent;

fn run(id: u64, script: &str) -> serde_json::Value {
    json!({ "type": "run_command", "id": id, "command": ["sh", "-c", script] })
}

#[tokio::test]
async fn a_repeated_id_runs_nothing_twice() {
    let agent = TestAgent::start().await;
    let (mut client, _) = Client::connect(&agent, SESSION).await;
    let request = run(1, "echo once >> ran");
    for _ in 0..20 {
        client.say(request.clone()).await;
    }
    let first = client.answer(1).await;
    for _ in 1..20 {
        assert_eq!(client.answer(1).await, first);
    }
    client.say(run(2, "true")).await;
    client.answer(2).await;
    while lines(&agent, "ran") == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(lines(&agent, "ran"), 1);
    // The same id for something else is no repeat.
    client.say(run(1, "echo other >> ran")).await;
    let refused = client.answer(1).await;
    assert_eq!(refused["problem"]["field"], "id", "{refused}");
    assert_eq!(lines(&agent, "ran"), 1);
}

#[tokio::test]
async fn an_id_that_is_too_old_is_refused() {
    let agent = TestAgent::start().await;
    let (mut client, _) = Client::connect(&agent, SESSION).await;
    for id in 1..=300 {
        let stop = json!({
            "type": "stop_process", "id": id, "process": "proc_00000000000000000000000001",
        });
        assert_eq!(client.ask(stop).await["problem"]["code"], "not_found");
    }
    let refused = client.ask(run(7, "echo twice >> ran")).await;
    assert_eq!(refused["problem"]["field"], "id", "{refused}");
    assert_eq!(lines(&agent, "ran"), 0);
}

#[tokio::test]
async fn what_cannot_be_understood_is_answered_and_the_rest_goes_on() {
    let agent = TestAgent::start().await;
    let (mut client, _) = Client::connect(&agent, SESSION).await;
    for (message, id) in [
        (r#"{"type":"launch_rocket","id":5}"#, json!(5)),
        (
            r#"{"type":"run_command","id":6,"command":["true"],"shell":true}"#,
            json!(6),
        ),
        (
            r#"{"type":"run_command","id":-1,"command":["true"]}"#,
            json!(null),
        ),
        (
            r#"{"type":"run_command","id":7,"id":8,"command":["true"]}"#,
            json!(null),
        ),
        (
            r#"{"type":"terminal_input","id":9,"terminal":"x","data":""}"#,
            json!(9),
        ),
        (r#"{"id":10}"#, json!(10)),
        (r#"["run_command"]"#, json!(null)),
        ("nonsense", json!(null)),
        ("", json!(null)),
    ] {
        client
            .socket
            .send(Message::text(message))
            .await
            .expect("sent");
        let answer = client.next().await.expect("open");
        assert_eq!(answer["type"], "error", "{message}: {answer}");
        assert_eq!(
            answer["problem"]["code"], "malformed",
            "{message}: {answer}"
        );
        assert_eq!(answer["id"], id, "{message}: {answer}");
    }
    let zero = client.ask(run(0, "true")).await;
    assert_eq!(zero["problem"]["field"], "id", "{zero}");
    assert_eq!(client.ask(run(1, "true")).await["type"], "process_started");
}

#[tokio::test]
async fn a_message_that_is_too_long_ends_the_connection() {
    let agent = TestAgent::start().await;
    let (client, _) = Client::connect(&agent, SESSION).await;
    let (mut sink, mut stream) = client.socket.split();
    let sending = tokio::spawn(async move {
        // It is not read to its end.
        let _ = sink.send(Message::text("x".repeat(3 << 20))).await;
    });
    let Some(Ok(Message::Close(Some(frame)))) = stream.next().await else {
        panic!("no close frame came");
    };
    assert_eq!(u16::from(frame.code), 1009);
    drop(stream);
    sending.await.expect("sent");

    let (mut client, _) = Client::connect(&agent, SESSION).await;
    client
        .socket
        .send(Message::binary(&b"x"[..]))
        .await
        .expect("sent");
    assert_eq!(client.closed().await, 1003);
}

#[tokio::test]
async fn messages_out_of_order_are_refused() {
    let agent = TestAgent::start().await;
    let mut client = Client::silent(&agent).await;
    let early = client.ask(run(1, "echo early >> ran")).await;
    assert_eq!(early["problem"]["code"], "conflict", "{early}");
    for session in ["short", "has space in its name", &"x".repeat(65)] {
        let refused = client
            .ask(json!({ "type": "hello", "session": session }))
            .await;
        assert_eq!(refused["problem"]["field"], "session", "{refused}");
    }
    let hello = json!({ "type": "hello", "session": SESSION });
    assert_eq!(client.ask(hello.clone()).await["type"], "welcome");
    assert_eq!(client.ask(hello).await["problem"]["code"], "conflict");
    // A lower id that was never used is no repeat.
    assert_eq!(client.ask(run(9, "true")).await["type"], "process_started");
    client.say(run(3, "true")).await;
    assert_eq!(client.answer(3).await["type"], "process_started");
    assert_eq!(lines(&agent, "ran"), 0);
    // An acknowledgement of what nobody follows, or of what was not sent, means nothing.
    for message in [
        json!({ "type": "ack_terminal", "terminal": "term_00000000000000000000000001", "offset": 7 }),
        json!({ "type": "ack_process", "process": "proc_00000000000000000000000001", "stdout": 1_000_000_000_000_u64, "stderr": 0 }),
    ] {
        client.say(message).await;
    }
    client
        .say(json!({ "type": "list_processes", "id": 20 }))
        .await;
    assert_eq!(client.answer(20).await["type"], "process_list");
}

#[tokio::test]
async fn a_session_belongs_to_its_newest_connection() {
    let agent = TestAgent::start().await;
    let (mut old, _) = Client::connect(&agent, SESSION).await;
    old.ask(run(1, "echo once >> ran")).await;
    let (mut new, resumed) = Client::connect(&agent, SESSION).await;
    assert!(resumed);
    assert_eq!(old.closed().await, 4001);
    let again = new.ask(run(1, "echo once >> ran")).await;
    assert_eq!(again["type"], "process_started");
    // Another session's ids are its own.
    let (mut other, resumed) = Client::connect(&agent, "another-session-0001").await;
    assert!(!resumed);
    let own = other.ask(run(1, "true")).await;
    assert_ne!(own["process"]["id"], again["process"]["id"]);
}

/// All are answered, by a start or by a clear refusal, and what was answered with a start ran once.
#[tokio::test]
async fn ten_thousand_commands_at_once() {
    const COMMANDS: u64 = 10_000;
    let agent = TestAgent::start().await;
    let (client, _) = Client::connect(&agent, SESSION).await;
    let (mut sink, stream) = client.socket.split();
    let sending = tokio::spawn(async move {
        for id in 1..=COMMANDS {
            // Most of them name no program, so that a slow machine is not asked for 10,000 of them.
            let command = if id % 20 == 0 { "true" } else { "/none" };
            let request = json!({ "type": "run_command", "id": id, "command": [command] });
            sink.send(Message::text(request.to_string()))
                .await
                .expect("sent");
        }
        sink
    });
    let mut answered = std::collections::HashSet::new();
    let mut stream = stream;
    let (mut started, mut exited, mut refused) = (0, 0, 0);
    while answered.len() < usize::try_from(COMMANDS).expect("small") || exited < started {
        let message = crate::support::patiently("an answer comes", stream.next()).await;
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            // It took long enough to be asked whether somebody is there.
            Some(Ok(Message::Ping(_))) => continue,
            other => panic!("closed: {other:?}"),
        };
        let message: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        match message["type"].as_str() {
            Some("process_exited") => exited += 1,
            Some("process_started") => started += 1,
            Some("error") => {
                let code = &message["problem"]["code"];
                assert!(code == "invalid" || code == "limit_reached", "{message}");
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
        if let Some(id) = message["id"].as_u64() {
            assert!(answered.insert(id), "{id} was answered twice");
        }
    }
    assert_eq!(started + refused, COMMANDS);
    assert!(started > 0);
    drop(sending.await.expect("sent"));
}

/// Input that nobody reads is bounded, and other requests go on.
#[tokio::test]
async fn input_that_nobody_reads_is_refused_at_its_bound() {
    let agent = TestAgent::start().await;
    let (mut client, _) = Client::connect(&agent, SESSION).await;
    let script = "stty raw -echo; echo ready; sleep 1000";
    let create = json!({ "type": "create_terminal", "id": 1, "command": ["sh", "-c", script] });
    let terminal = client.ask(create).await["terminal"]["id"].clone();
    client.told("terminal_output").await;
    let data = encoded(&"x".repeat(256 * 1024));
    for id in 2..=7 {
        client
            .say(json!({ "type": "terminal_input", "id": id, "terminal": terminal, "data": data }))
            .await;
    }
    let refused = client.told("error").await;
    assert_eq!(refused["problem"]["code"], "limit_reached", "{refused}");
    client.say(run(8, "true")).await;
    assert_eq!(client.answer(8).await["type"], "process_started");
    client
        .say(json!({ "type": "close_terminal", "id": 9, "terminal": terminal }))
        .await;
    assert_eq!(client.answer(9).await["type"], "done");
}

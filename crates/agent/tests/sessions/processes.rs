//! Processes: streams apart, input, signals, time, and being forgotten.

use atelier_api::ErrorCode;
use atelier_api::agent::processes::{
    PROCESS_RING_BYTES, PROCESSES_MAX, Process, ProcessList, ProcessMessage,
};
use futures_util::{SinkExt, StreamExt};
use http::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{TestAgent, counted, nothing, patiently};

async fn start(agent: &TestAgent, body: Value) -> Process {
    agent.ask(Method::POST, "/v1/processes", body).await
}

async fn script(agent: &TestAgent, script: &str) -> Process {
    start(agent, json!({ "command": ["/bin/sh", "-c", script] })).await
}

fn path(process: &Process) -> String {
    format!("/v1/processes/{}", process.id)
}

/// Waits until a process has ended.
async fn ended(agent: &TestAgent, process: &Process) -> Process {
    patiently("the process ends", async {
        loop {
            let now: Process = agent.get(&path(process)).await;
            if now.exit.is_some() {
                return now;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// What an attached viewer saw of a process.
#[derive(Default)]
struct Seen {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    messages: Vec<ProcessMessage>,
    close: Option<u16>,
}

/// Attaches, sends `frames`, and reads to the end.
async fn watch(agent: &TestAgent, process: &Process, query: &str, frames: Vec<Message>) -> Seen {
    let websocket = agent
        .websocket(&format!("{}/attach{query}", path(process)))
        .await;
    let (mut sink, mut stream) = websocket.split();
    let sending = async {
        for frame in frames {
            // The agent may close before it has read them all.
            let _ = sink.send(frame).await;
        }
        std::future::pending::<()>().await;
    };
    let mut seen = Seen::default();
    let reading = async {
        while let Some(Ok(message)) = stream.next().await {
            match message {
                Message::Binary(bytes) if bytes[0] == 1 => seen.stdout.extend(&bytes[1..]),
                Message::Binary(bytes) if bytes[0] == 2 => seen.stderr.extend(&bytes[1..]),
                Message::Text(text) => {
                    seen.messages
                        .push(serde_json::from_str(&text).expect("a message"));
                }
                Message::Close(frame) => seen.close = frame.map(|frame| frame.code.into()),
                other => panic!("{other:?}"),
            }
        }
    };
    patiently("the streams end", async {
        tokio::select! { () = sending => {} () = reading => {} }
    })
    .await;
    seen
}

#[tokio::test]
async fn both_streams_and_the_exit_status_pass_through() {
    let agent = TestAgent::start().await;
    let process = script(&agent, "seq 1 100000; seq 1 50000 >&2; exit 3").await;
    let seen = watch(&agent, &process, "", vec![]).await;
    let numbers = |last| counted(1, last).into_bytes();
    assert!(seen.stdout == numbers(100_000));
    assert!(seen.stderr == numbers(50_000));
    let [
        ProcessMessage::Hello {
            stdout: 0,
            stderr: 0,
        },
        ProcessMessage::Exit { status, .. },
    ] = &seen.messages[..]
    else {
        panic!("{:?}", seen.messages);
    };
    assert_eq!((status.code, status.signal), (Some(3), None));
    assert_eq!(seen.close, Some(1000));
    let shown = ended(&agent, &process).await;
    assert_eq!(shown.exit.as_ref(), Some(status));

    // What is held can be read again, by offset.
    let query = format!("{}/output?stream=stderr&offset=288886", path(&process));
    let (parts, body) = agent.send(Method::GET, &query, vec![]).await;
    assert_eq!(parts.headers["atelier-offset"], "288886");
    assert_eq!(body, b"9\n50000\n");
    let again = watch(&agent, &process, "?stdout=588888&stderr=999999", vec![]).await;
    assert_eq!(
        (&again.stdout[..], again.stderr.len()),
        (&b"100000\n"[..], 0)
    );
}

#[tokio::test]
async fn more_than_the_ring_reaches_an_attached_viewer_whole() {
    let agent = TestAgent::start().await;
    let body = json!({ "command": ["/bin/sh", "-c", "read go; seq 1 1000000"], "stdin": true });
    let process = start(&agent, body).await;
    let seen = watch(&agent, &process, "", vec![Message::binary(&b"\n"[..])]).await;
    assert!(seen.stdout.len() > 6 * PROCESS_RING_BYTES);
    assert!(seen.stdout == counted(1, 1_000_000).into_bytes());
    // Who comes later learns from where on it is held.
    let late = watch(&agent, &process, "", vec![]).await;
    let ProcessMessage::Hello { stdout, .. } = late.messages[0] else {
        panic!("no hello")
    };
    assert_eq!(stdout + late.stdout.len() as u64, seen.stdout.len() as u64);
    assert!(late.stdout.len() <= PROCESS_RING_BYTES && seen.stdout.ends_with(&late.stdout));
}

#[tokio::test]
async fn stdin_is_written_and_closed_both_ways() {
    let agent = TestAgent::start().await;
    let command = json!({ "command": ["sort", "-n"], "stdin": true });
    let process = start(&agent, command.clone()).await;
    let input: Vec<String> = (0..100_000).rev().map(|n| n.to_string()).collect();
    let stdin = format!("{}/stdin", path(&process));
    let half = input.len() / 2;
    let body = |lines: &[String]| (lines.join("\n") + "\n").into_bytes();
    for (query, lines) in [("", &input[..half]), ("?close=true", &input[half..])] {
        let (parts, _) = agent
            .send(Method::POST, &format!("{stdin}{query}"), body(lines))
            .await;
        assert_eq!(parts.status, 204);
    }
    let sorted = counted(0, 99_999).into_bytes();
    assert!(watch(&agent, &process, "", vec![]).await.stdout == sorted);
    assert_eq!(
        agent.refuse(Method::POST, &stdin, nothing()).await.code,
        ErrorCode::Conflict
    );

    let process = start(&agent, command).await;
    let frames = vec![
        Message::binary(body(&input[..half])),
        Message::binary(body(&input[half..])),
        Message::text(r#"{"type":"close_stdin"}"#),
    ];
    assert!(watch(&agent, &process, "", frames).await.stdout == sorted);

    // Without a stdin a program reads end of file, and nobody can write.
    let process = script(&agent, "cat; echo eof; sleep 1000").await;
    let stdin = format!("{}/stdin", path(&process));
    assert_eq!(
        agent.refuse(Method::POST, &stdin, nothing()).await.code,
        ErrorCode::Conflict
    );
    let seen = watch(&agent, &process, "", vec![Message::binary(&b"x"[..])]).await;
    assert_eq!(seen.close, Some(1003));
    let seen = watch(&agent, &process, "", vec![Message::text("{}")]).await;
    assert_eq!(seen.close, Some(1008));
}

#[tokio::test]
async fn time_that_is_over_ends_even_who_ignores_it() {
    let agent = TestAgent::start().await;
    let body = json!({ "command": ["sleep", "1000"], "timeout_ms": 50 });
    let polite = ended(&agent, &start(&agent, body).await).await;
    assert!(polite.timed_out);
    assert_eq!(polite.exit.and_then(|exit| exit.signal), Some(15));
    let stubborn = json!({
        "command": ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"], "timeout_ms": 50,
    });
    let stubborn = start(&agent, stubborn).await;
    let seen = watch(&agent, &stubborn, "", vec![]).await;
    let Some(ProcessMessage::Exit {
        status,
        timed_out: true,
    }) = seen.messages.last()
    else {
        panic!("{:?}", seen.messages);
    };
    assert_eq!(status.signal, Some(9));
    let in_time = json!({ "command": ["true"], "timeout_ms": 100_000 });
    assert!(!ended(&agent, &start(&agent, in_time).await).await.timed_out);
}

#[tokio::test]
async fn signals_and_deletion_reach_the_whole_group() {
    let agent = TestAgent::start().await;
    let process = script(
        &agent,
        "trap 'echo got it; exit 5' USR1; echo ready; sleep 1000 & wait",
    )
    .await;
    let output = format!("{}/output", path(&process));
    patiently("it is ready", async {
        while agent.send(Method::GET, &output, vec![]).await.1 != b"ready\n" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let signal = format!("{}/signal", path(&process));
    let _: () = agent
        .ask(Method::POST, &signal, json!({ "signal": "SIGUSR1" }))
        .await;
    let shown = ended(&agent, &process).await;
    assert_eq!(shown.exit.and_then(|exit| exit.code), Some(5));
    let seen = watch(&agent, &process, "", vec![]).await;
    assert_eq!(seen.stdout, b"ready\ngot it\n");
    let problem = agent
        .refuse(Method::POST, &signal, json!({ "signal": "SIGUSR1" }))
        .await;
    assert_eq!(problem.code, ErrorCode::Conflict);

    let process = script(&agent, "sleep 1000 & echo $!; wait").await;
    let output = format!("{}/output", path(&process));
    let child = patiently("the child is named", async {
        loop {
            let text = String::from_utf8(agent.send(Method::GET, &output, vec![]).await.1);
            if let Ok(pid) = text.expect("text").trim().parse::<i32>() {
                return pid;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    let _: () = agent.ask(Method::DELETE, &path(&process), nothing()).await;
    patiently("the child is gone", async {
        let stat = format!("/proc/{child}/stat");
        while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let problem = agent.refuse(Method::GET, &path(&process), nothing()).await;
    assert_eq!(problem.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_program_left_behind_does_not_hide_the_end() {
    let agent = TestAgent::start().await;
    let process = script(&agent, "sleep 1000 & echo $!").await;
    let seen = watch(&agent, &process, "", vec![]).await;
    assert!(matches!(
        seen.messages.last(),
        Some(ProcessMessage::Exit { .. })
    ));
    // It lives on, and has to be ended by whoever knows it.
    let pid = String::from_utf8(seen.stdout)
        .expect("text")
        .trim()
        .parse()
        .expect("a number");
    let pid = rustix::process::Pid::from_raw(pid).expect("a process id");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it lives");
}

#[tokio::test]
async fn the_oldest_that_has_ended_is_forgotten() {
    let agent = TestAgent::start().await;
    let running = script(&agent, "sleep 1000").await;
    let first = script(&agent, "true").await;
    ended(&agent, &first).await;
    for _ in 2..PROCESSES_MAX {
        script(&agent, "true").await;
    }
    agent.get::<Process>(&path(&first)).await;
    let last = script(&agent, "true").await;
    let list: ProcessList = agent.get("/v1/processes").await;
    assert_eq!(list.items.len(), PROCESSES_MAX);
    assert_eq!(list.items.last().map(|process| process.id), Some(last.id));
    assert_eq!(
        list.items.first().map(|process| process.id),
        Some(running.id)
    );
    let problem = agent.refuse(Method::GET, &path(&first), nothing()).await;
    assert_eq!(problem.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let agent = TestAgent::start().await;
    for (body, field) in [
        (json!({ "command": [] }), "command"),
        (json!({ "command": [""] }), "command"),
        (json!({ "command": ["no-such-program"] }), "command"),
        (
            json!({ "command": ["true"], "cwd": "/no/such/place" }),
            "cwd",
        ),
        (json!({ "command": ["true"], "env": { "": "x" } }), "env."),
    ] {
        let problem = agent.refuse(Method::POST, "/v1/processes", &body).await;
        assert_eq!(
            (problem.code, problem.field.as_deref()),
            (ErrorCode::Invalid, Some(field))
        );
    }
    let problem = agent
        .refuse(Method::POST, "/v1/processes", json!({ "command": "ls" }))
        .await;
    assert_eq!(problem.code, ErrorCode::Malformed);
}

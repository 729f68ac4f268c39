//! Recordings: what stands in them, and what they may take.

use atelier_agent::RecordingLimits;
use atelier_api::ErrorCode;
use atelier_api::agent::recordings::{Recording, RecordingCreated, RecordingEnd, RecordingList};
use atelier_api::agent::terminals::{ClientMessage, Terminal};
use atelier_api::ids::RecordingId;
use http::Method;
use serde_json::Value;

use crate::support::{TestAgent, nothing, patiently};

async fn begin(agent: &TestAgent, terminal: &Terminal) -> RecordingCreated {
    let path = format!("/v1/terminals/{}/recordings", terminal.id);
    agent.ask(Method::POST, &path, nothing()).await
}

async fn stop(agent: &TestAgent, id: RecordingId) -> Recording {
    let path = format!("/v1/recordings/{id}/stop");
    agent.ask(Method::POST, &path, nothing()).await
}

async fn list(agent: &TestAgent) -> RecordingList {
    agent.get("/v1/recordings").await
}

/// The header and the events of a recording.
async fn read(agent: &TestAgent, id: RecordingId) -> (Value, Vec<(f64, String, String)>) {
    let path = format!("/v1/recordings/{id}/content");
    let (parts, body) = agent.send(Method::GET, &path, Vec::new()).await;
    assert_eq!(parts.headers["content-type"], "application/x-asciicast");
    let text = String::from_utf8(body).expect("it is text");
    let (header, events) = text.split_once('\n').expect("it has a header");
    let events = events.lines();
    let events = events.map(|line| serde_json::from_str(line).expect("an event"));
    (
        serde_json::from_str(header).expect("a header"),
        events.collect(),
    )
}

/// What was printed, all together.
fn output(events: &[(f64, String, String)]) -> String {
    let output = events.iter().filter(|(_, code, _)| code == "o");
    output.map(|(.., text)| text.as_str()).collect()
}

/// Waits until a recording has ended by itself.
async fn ended(agent: &TestAgent, id: RecordingId) -> Recording {
    patiently("the recording ends", async {
        loop {
            let recording: Recording = agent.get(&format!("/v1/recordings/{id}")).await;
            if recording.ended.is_some() {
                return recording;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

#[tokio::test]
async fn a_recording_holds_output_and_sizes_and_no_input() {
    let agent = TestAgent::start().await;
    let terminal = agent
        .script("stty -echo; echo before; while read -r line; do echo \"got é\"; done")
        .await;
    let mut viewer = agent.attach(&terminal, None).await;
    viewer.until("before").await;
    let begun = begin(&agent, &terminal).await;
    assert_eq!(begun.dropped, []);
    let id = begun.recording.id;
    assert_eq!(agent.terminal(&terminal).await.recording, Some(id));
    let resize = ClientMessage::Resize {
        cols: 100,
        rows: 30,
    };
    viewer.say(&resize).await.expect("sent");
    viewer.type_in("hunter2-is-secret\r").await;
    viewer.until("got é").await;
    let stopped = stop(&agent, id).await;
    assert_eq!(stopped.ended, Some(RecordingEnd::Stopped));
    assert_eq!(agent.terminal(&terminal).await.recording, None);
    assert_eq!(stop(&agent, id).await, stopped, "it may be repeated");

    let (header, events) = read(&agent, id).await;
    assert_eq!(
        (&header["version"], &header["width"], &header["height"]),
        (&2.into(), &80.into(), &24.into())
    );
    let text = output(&events);
    let (before, got) = (text.find("before"), text.find("got é"));
    assert!(before.is_some() && before < got, "{text:?}");
    assert!(!text.contains("hunter2"), "input is never recorded");
    assert!(
        events
            .iter()
            .any(|(_, code, size)| code == "r" && size == "100x30")
    );
    assert_eq!(
        events.last().map(|(_, _, end)| end.as_str()),
        Some("ended: stopped")
    );
    assert!(events.is_sorted_by(|(one, ..), (other, ..)| one <= other));
}

#[tokio::test]
async fn a_recording_ends_with_the_program() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("read -r line; echo bye").await;
    let id = begin(&agent, &terminal).await.recording.id;
    let problem = agent
        .refuse(
            Method::POST,
            &format!("/v1/terminals/{}/recordings", terminal.id),
            nothing(),
        )
        .await;
    assert_eq!(problem.code, ErrorCode::Conflict, "one at a time");
    let path = format!("/v1/recordings/{id}");
    let problem = agent.refuse(Method::DELETE, &path, nothing()).await;
    assert_eq!(problem.code, ErrorCode::Conflict, "it is being made");

    agent.attach(&terminal, None).await.type_in("x\r").await;
    assert_eq!(ended(&agent, id).await.ended, Some(RecordingEnd::Exited));
    assert!(output(&read(&agent, id).await.1).contains("bye"));

    // It outlives its terminal.
    let path = format!("/v1/terminals/{}", terminal.id);
    let () = agent.ask(Method::DELETE, &path, nothing()).await;
    assert_eq!(list(&agent).await.items.len(), 1);
    let path = format!("/v1/recordings/{id}");
    let () = agent.ask(Method::DELETE, &path, nothing()).await;
    assert_eq!(list(&agent).await.items, []);
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/stop")),
        (Method::GET, format!("{path}/content")),
        (
            Method::GET,
            "/v1/recordings/..%2f..%2fetc%2fpasswd/content".to_owned(),
        ),
    ] {
        let problem = agent.refuse(method, &path, nothing()).await;
        assert_eq!(problem.code, ErrorCode::NotFound, "{path}");
    }
}

#[tokio::test]
async fn a_recording_that_is_full_ends_and_says_so() {
    let bytes = 40_000;
    let agent = TestAgent::with(|config| {
        config.recordings = RecordingLimits {
            bytes,
            bytes_together: 10 * bytes,
            ..RecordingLimits::default()
        };
    })
    .await;
    let terminal = agent.script("read -r line; yes; cat").await;
    let id = begin(&agent, &terminal).await.recording.id;
    agent.attach(&terminal, None).await.type_in("x\r").await;
    let recording = ended(&agent, id).await;
    assert_eq!(recording.ended, Some(RecordingEnd::Size));
    assert!(recording.size_bytes <= bytes, "{}", recording.size_bytes);
    assert!(
        agent.terminal(&terminal).await.exit.is_none(),
        "the program goes on"
    );
}

#[tokio::test]
async fn a_recording_that_is_long_enough_ends_and_says_so() {
    let agent = TestAgent::with(|config| {
        config.recordings.duration_ms = 20;
    })
    .await;
    let terminal = agent.script("cat").await;
    let id = begin(&agent, &terminal).await.recording.id;
    let recording = ended(&agent, id).await;
    assert_eq!(recording.ended, Some(RecordingEnd::Duration));
}

#[tokio::test]
async fn the_oldest_recordings_go_and_it_is_said() {
    let agent = TestAgent::with(|config| {
        config.recordings = RecordingLimits {
            bytes: 100_000,
            bytes_together: 300_000,
            count: 3,
            ..RecordingLimits::default()
        };
    })
    .await;
    let terminal = agent.script("cat").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let begun = begin(&agent, &terminal).await;
        assert_eq!(begun.dropped, []);
        ids.push(stop(&agent, begun.recording.id).await.id);
    }
    let begun = begin(&agent, &terminal).await;
    assert_eq!(begun.dropped.len(), 1);
    assert_eq!(begun.dropped[0].id, ids[0]);
    stop(&agent, begun.recording.id).await;

    // By size: what is there leaves no room for one more that may grow as large as it may.
    let path = agent
        .config
        .home
        .join(format!(".local/share/atelier/recordings/{}.cast", ids[2]));
    let mut bytes = std::fs::read(&path).expect("it is there");
    bytes.extend(b"[9.0, \"o\", \"");
    bytes.resize(250_000, b'x');
    std::fs::write(&path, bytes).expect("written");
    let listed = list(&agent).await;
    assert_eq!(listed.items.len(), 3);
    assert_eq!(listed.size_bytes_max, 300_000);
    let dropped: Vec<_> = begin(&agent, &terminal).await.dropped;
    let dropped: Vec<_> = dropped.into_iter().map(|recording| recording.id).collect();
    assert_eq!(dropped, [ids[1], ids[2]]);
}

#[tokio::test]
async fn recordings_survive_the_agent_and_foreign_files_are_passed_over() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("echo here; cat").await;
    let id = begin(&agent, &terminal).await.recording.id;
    stop(&agent, id).await;
    let folder = agent.config.home.join(".local/share/atelier/recordings");
    std::fs::write(folder.join("notes.cast"), "mine").expect("written");
    std::fs::write(folder.join("rec_0000000000000000000000000a.cast"), "broken").expect("written");
    let home = agent.config.home.clone();
    let directory = agent.stop().await;
    let again = TestAgent::with(|config| config.home = home).await;
    let items = list(&again).await.items;
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].id, id);
    drop(directory);
}

//! Many entries at once.

use std::fs;
use std::os::unix::fs::symlink;

use atelier_api::ErrorCode;
use atelier_api::agent::transfers::{EntryOutcome, Outcome, TransferMessage};
use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Agent, Reply, SmallDisk, until};

async fn send(agent: &Agent, request: Value) -> Reply {
    agent
        .json(Method::POST, "/v1/files/transfer", request)
        .await
}

/// How it went with each entry; the answer must have come to its end.
async fn transfer(agent: &Agent, request: Value) -> Vec<EntryOutcome> {
    let reply = send(agent, request).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let lines = std::str::from_utf8(&reply.body).unwrap().lines();
    let mut messages: Vec<TransferMessage> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(messages.pop(), Some(TransferMessage::End));
    let outcome = |message| match message {
        TransferMessage::Entry(outcome) => Some(*outcome),
        _ => None,
    };
    messages.into_iter().filter_map(outcome).collect()
}

fn told(items: &[EntryOutcome]) -> Vec<(&str, Outcome, Option<&str>)> {
    let mut all = Vec::new();
    for item in items {
        let to = item.entry.as_ref().map(|entry| entry.path.as_str());
        all.push((item.path.as_str(), item.outcome, to));
    }
    all
}

#[tokio::test]
async fn entries_are_moved_and_copied_together() {
    let agent = Agent::new();
    agent.file("a/one", "1");
    agent.file("a/tree/two", "2");
    fs::create_dir(agent.path("to")).unwrap();
    let copied = transfer(
        &agent,
        json!({ "kind": "copy", "paths": ["a/one", "a/tree"], "to": "to" }),
    )
    .await;
    assert_eq!(
        told(&copied),
        [
            ("a/one", Outcome::Done, Some("to/one")),
            ("a/tree", Outcome::Done, Some("to/tree"))
        ]
    );
    let moved = transfer(
        &agent,
        json!({ "kind": "move", "paths": ["a/one", "a/tree", "a/missing"] }),
    )
    .await;
    assert_eq!(
        told(&moved[..2]),
        [
            ("a/one", Outcome::Done, Some("one")),
            ("a/tree", Outcome::Done, Some("tree"))
        ]
    );
    let problem = moved[2].problem.as_ref().unwrap();
    assert_eq!(problem.code, ErrorCode::NotFound);
    assert!(problem.detail.contains("a/missing"), "{problem:?}");
    assert_eq!(agent.names(""), ["a", "one", "to", "tree"]);
    assert_eq!(agent.names("a"), [""; 0]);
    // There already: nothing to do.
    let stayed = transfer(&agent, json!({ "kind": "move", "paths": ["one"] })).await;
    assert_eq!(stayed[0].outcome, Outcome::Skipped);
}

#[tokio::test]
async fn a_taken_name_is_a_choice() {
    let agent = Agent::new();
    let run = async |kind: &str, conflict: &str| {
        agent.file("from/a.txt", "new");
        agent.file("to/a.txt", "old");
        let request =
            json!({ "kind": kind, "paths": ["from/a.txt"], "to": "to", "conflict": conflict });
        transfer(&agent, request).await.remove(0)
    };
    for kind in ["copy", "move"] {
        let failed = run(kind, "fail").await;
        assert_eq!(failed.problem.unwrap().code, ErrorCode::NameTaken);
        assert_eq!(run(kind, "skip").await.outcome, Outcome::Skipped);
        assert_eq!(fs::read(agent.path("to/a.txt")).unwrap(), b"old");
        assert!(agent.path("from/a.txt").exists());
    }
    assert_eq!(
        run("copy", "keep_both").await.entry.unwrap().path,
        "to/a (2).txt"
    );
    assert_eq!(
        run("move", "keep_both").await.entry.unwrap().path,
        "to/a (3).txt"
    );
    assert_eq!(run("move", "replace").await.outcome, Outcome::Done);
    assert_eq!(fs::read(agent.path("to/a.txt")).unwrap(), b"new");
    // A tree in the place of a file, and a file in that of a tree.
    agent.file("from/x/deep", "");
    agent.file("to/x", "file");
    let request = json!({ "kind": "move", "paths": ["from/x"], "to": "to", "conflict": "replace" });
    assert_eq!(transfer(&agent, request).await[0].outcome, Outcome::Done);
    assert_eq!(agent.names("to/x"), ["deep"]);
}

#[tokio::test]
async fn a_copy_in_its_own_directory_is_a_duplicate() {
    let agent = Agent::new();
    agent.file("dir/app.tar.gz", "x");
    agent.file("dir/tree.d/file", "y");
    let request = json!({
        "kind": "copy", "paths": ["dir/app.tar.gz", "dir/tree.d"], "to": "dir", "conflict": "keep_both",
    });
    transfer(&agent, request).await;
    assert_eq!(
        agent.names("dir"),
        ["app (2).tar.gz", "app.tar.gz", "tree.d", "tree.d (2)"]
    );
    assert_eq!(fs::read(agent.path("dir/tree.d (2)/file")).unwrap(), b"y");
}

#[tokio::test]
async fn nothing_lands_inside_itself_and_links_stay_links() {
    let agent = Agent::new();
    agent.file("a/b/c", "");
    symlink("..", agent.path("a/loop")).unwrap();
    for kind in ["copy", "move"] {
        let request = json!({ "kind": kind, "paths": ["a"], "to": "a/b" });
        let failed = transfer(&agent, request).await.remove(0).problem.unwrap();
        assert_eq!(failed.code, ErrorCode::Conflict);
        assert!(failed.detail.contains("inside itself"), "{failed:?}");
    }
    fs::create_dir(agent.path("to")).unwrap();
    transfer(
        &agent,
        json!({ "kind": "copy", "paths": ["a"], "to": "to" }),
    )
    .await;
    assert_eq!(
        fs::read_link(agent.path("to/a/loop")).unwrap().to_str(),
        Some("..")
    );
}

#[tokio::test]
async fn what_cannot_begin_says_so_at_once() {
    let agent = Agent::new();
    agent.file("a", "");
    send(
        &agent,
        json!({ "kind": "move", "paths": ["a"], "to": "missing" }),
    )
    .await
    .problem(ErrorCode::NotFound);
    send(&agent, json!({ "kind": "move", "paths": ["a"], "to": "a" }))
        .await
        .problem(ErrorCode::Conflict);
    send(
        &agent,
        json!({ "kind": "move", "root": "system", "paths": ["a"] }),
    )
    .await
    .problem(ErrorCode::Forbidden);
    send(&agent, json!({ "kind": "link", "paths": ["a"] }))
        .await
        .problem(ErrorCode::Malformed);
    let many: Vec<_> = (0..1001).map(|index| index.to_string()).collect();
    send(&agent, json!({ "kind": "move", "paths": many }))
        .await
        .problem(ErrorCode::Invalid);
    assert!(
        transfer(&agent, json!({ "kind": "move", "paths": [] }))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn another_file_system_is_crossed() {
    let agent = Agent::new();
    let Some(_disk) = SmallDisk::mount(agent.path("disk")) else {
        return; // Mounting is not permitted here.
    };
    agent.file("tree/file", "x");
    agent.file("large", vec![1; 2 << 20]);
    let request = json!({ "kind": "move", "paths": ["tree", "large"], "to": "disk" });
    let moved = transfer(&agent, request).await;
    assert_eq!(moved[0].outcome, Outcome::Done);
    assert_eq!(
        moved[1].problem.as_ref().unwrap().code,
        ErrorCode::OutOfSpace
    );
    // What did not fit is where it was.
    assert_eq!(fs::metadata(agent.path("large")).unwrap().len(), 2 << 20);
    assert!(!agent.path("tree").exists());
    until("the partial copy is gone", || {
        agent.names("disk") == ["tree"]
    })
    .await;
}

#[tokio::test]
async fn a_transfer_stops_when_its_caller_goes_away() {
    let agent = Agent::new();
    agent.file("first", "");
    for index in 0..3000 {
        agent.file(&format!("a/d{}/f{index}", index % 20), "content");
    }
    fs::create_dir(agent.path("to")).unwrap();
    let body = json!({ "kind": "copy", "paths": ["first", "a"], "to": "to" }).to_string();
    let request = Request::post("/v1/files/transfer")
        .header("content-type", "application/json")
        .body(Body::from(body));
    let response = agent
        .router
        .clone()
        .oneshot(request.unwrap())
        .await
        .unwrap();
    let mut body = response.into_body();
    loop {
        let line = body.frame().await.unwrap().unwrap().into_data().unwrap();
        if line.starts_with(br#"{"type":"entry""#) {
            break;
        }
    }
    drop(body);
    until("the partial copy is gone", || {
        agent.names("to") == ["first"]
    })
    .await;
}

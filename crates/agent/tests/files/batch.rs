//! Many small files in one request.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;

use atelier_api::ErrorCode;
use atelier_api::agent::transfers::{EntryOutcome, EntryOutcomes, Outcome};
use atelier_api::agent::uploads::{BATCH_BYTES_MAX, BATCH_FILES_MAX};
use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::Request;

use crate::support::{Agent, Reply, SmallDisk, until};

const BOUNDARY: &str = "------here";
const NEW: (&str, &str) = ("if-none-match", "*");
const ANY: (&str, &str) = ("if-match", "*");

/// A part as browsers write it.
fn part(name: &str, content: impl AsRef<[u8]>) -> Vec<u8> {
    let name = name
        .replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    let disposition = format!("form-data; name=\"{name}\"; filename=\"blob\"");
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: text/plain\r\n\r\n"
    );
    [head.as_bytes(), content.as_ref(), b"\r\n"].concat()
}

fn body(files: &[(&str, &str)]) -> Vec<u8> {
    let parts = files.iter().flat_map(|(name, content)| part(name, content));
    parts
        .chain(format!("--{BOUNDARY}--\r\n").into_bytes())
        .collect()
}

async fn send(agent: &Agent, query: &str, condition: (&str, &str), body: impl Into<Body>) -> Reply {
    let request = Request::post(format!("/v1/files/batch?{query}"))
        .header(
            "content-type",
            format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .header(condition.0, condition.1);
    agent.send(request.body(body.into()).unwrap()).await
}

/// Writes files below `directory`, and tells how it went.
async fn write(
    agent: &Agent,
    directory: &str,
    condition: (&str, &str),
    files: &[(&str, &str)],
) -> Vec<EntryOutcome> {
    let query = format!("path={directory}&files={}", files.len());
    let reply = send(agent, &query, condition, body(files)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json::<EntryOutcomes>().items
}

fn code(outcome: &EntryOutcome) -> Option<ErrorCode> {
    assert_eq!(
        outcome.problem.is_some(),
        outcome.outcome == Outcome::Failed
    );
    outcome.problem.as_ref().map(|problem| problem.code)
}

fn read(agent: &Agent, path: &str) -> String {
    fs::read_to_string(agent.path(path)).unwrap()
}

#[tokio::test]
async fn files_come_with_their_directories_and_what_is_said_of_each_stands_in_their_order() {
    let agent = Agent::new();
    let odd = "a \"quoted\" %25 new\nline.txt";
    let files = [
        ("one.txt", "1"),
        ("deep/er/two.txt", "2"),
        ("empty", ""),
        (odd, "odd"),
        ("deep/three.txt", "--------here, almost\r\n--"),
    ];
    let told = write(&agent, "site", NEW, &files).await;
    let names: Vec<_> = told.iter().map(|told| told.path.as_str()).collect();
    assert_eq!(
        names,
        [
            "one.txt",
            "deep/er/two.txt",
            "empty",
            "a %22quoted%22 %25 new%0Aline.txt",
            "deep/three.txt"
        ]
    );
    assert!(
        told.iter().all(|told| told.outcome == Outcome::Done),
        "{told:?}"
    );
    assert_eq!(read(&agent, "site/deep/er/two.txt"), "2");
    assert_eq!(read(&agent, "site/deep/three.txt"), files[4].1);
    assert_eq!(read(&agent, "site/empty"), "");
    assert_eq!(read(&agent, "site/a \"quoted\" % new\nline.txt"), "odd");
    let entry = told[1].entry.as_ref().unwrap();
    assert_eq!(
        (entry.path.as_str(), entry.size),
        ("site/deep/er/two.txt", 1)
    );
    assert_eq!(entry.etag, agent.stat("site/deep/er/two.txt").await.etag);
}

#[tokio::test]
async fn one_that_fails_leaves_the_others() {
    let agent = Agent::new();
    agent.file("taken", "theirs");
    agent.file("plain", "no directory");
    fs::create_dir(agent.path("folder")).unwrap();
    symlink("/etc", agent.path("out")).unwrap();
    let files = [
        ("fine", "1"),
        ("taken", "mine"),
        ("../escape", "2"),
        ("folder", "3"),
        ("plain/below", "4"),
        ("out/passwd", "5"),
        ("", "6"),
        ("twice", "first"),
        ("twice", "second"),
        ("last", "7"),
    ];
    let told = write(&agent, "", NEW, &files).await;
    let codes: Vec<_> = told.iter().map(code).collect();
    assert_eq!(
        codes,
        [
            None,
            Some(ErrorCode::Stale),
            Some(ErrorCode::Invalid),
            Some(ErrorCode::Conflict),
            Some(ErrorCode::Conflict),
            Some(ErrorCode::Forbidden),
            Some(ErrorCode::Invalid),
            None,
            Some(ErrorCode::Stale),
            None,
        ]
    );
    let problem = told[1].problem.as_ref().unwrap();
    assert_eq!(problem.etag, agent.stat("taken").await.etag);
    assert!(problem.detail.contains("“taken”"), "{}", problem.detail);
    assert_eq!(read(&agent, "taken"), "theirs");
    assert_eq!(read(&agent, "twice"), "first");
    assert_eq!(read(&agent, "last"), "7");
    until("no temporary file is left", || {
        agent.names("") == ["fine", "folder", "last", "out", "plain", "taken", "twice"]
    })
    .await;
}

#[tokio::test]
async fn what_is_sent_again_is_as_good_as_written_and_what_differs_is_not() {
    let agent = Agent::new();
    let files = [
        ("a", "same"),
        ("b", "mine"),
        ("c", "longer"),
        ("link", "same"),
    ];
    agent.file("a", "same");
    agent.file("b", "ours");
    agent.file("c", "long");
    symlink("a", agent.path("link")).unwrap();
    let told = write(&agent, "", NEW, &files).await;
    let codes: Vec<_> = told.iter().map(code).collect();
    let stale = Some(ErrorCode::Stale);
    // What is written through a link is its target.
    assert_eq!(codes, [None, stale, stale, None]);
    let there = agent.stat("a").await.etag;
    for told in [&told[0], &told[3]] {
        assert_eq!(told.entry.as_ref().unwrap().etag, there);
    }

    let told = write(&agent, "", ANY, &files[..3]).await;
    assert!(told.iter().all(|told| code(told).is_none()), "{told:?}");
    assert_eq!(read(&agent, "b"), "mine");
    assert_eq!(read(&agent, "c"), "longer");
    // That it is to be replaced was said.
    assert_ne!(agent.stat("a").await.etag, there);
}

#[tokio::test]
async fn more_than_are_written_together_all_come() {
    let agent = Agent::new();
    let names: Vec<_> = (0..BATCH_FILES_MAX)
        .map(|index| format!("day-{}/{index}", index % 7))
        .collect();
    let files: Vec<_> = names.iter().map(|name| (&**name, &**name)).collect();
    let told = write(&agent, "", NEW, &files).await;
    assert_eq!(told.len(), files.len());
    for (name, told) in names.iter().zip(&told) {
        assert_eq!((&told.path, code(told)), (name, None));
        assert_eq!(read(&agent, name), *name);
    }
}

#[tokio::test]
async fn what_was_not_announced_is_not_written() {
    let agent = Agent::new();
    let three = body(&[("a", "1"), ("b", "2"), ("c", "3")]);
    for (files, written) in [(2, &["a", "b"][..]), (4, &["a", "b", "c"])] {
        let reply = send(&agent, &format!("files={files}"), NEW, three.clone()).await;
        reply.problem(ErrorCode::Malformed);
        assert_eq!(agent.names(""), written);
        for name in written {
            fs::remove_file(agent.path(name)).unwrap();
        }
    }
    for files in [0, BATCH_FILES_MAX + 1] {
        let reply = send(&agent, &format!("files={files}"), NEW, three.clone()).await;
        let problem = reply.problem(ErrorCode::Invalid);
        assert_eq!(problem.field.as_deref(), Some("files"));
    }
    send(&agent, "", NEW, three)
        .await
        .problem(ErrorCode::Malformed);
    assert!(agent.names("").is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_as_files_says_so() {
    let agent = Agent::new();
    for (condition, code) in [
        (("x-other", "*"), ErrorCode::PreconditionRequired),
        (("if-match", "\"1\""), ErrorCode::PreconditionRequired),
    ] {
        let reply = send(&agent, "files=1", condition, body(&[("a", "1")])).await;
        reply.problem(code);
    }
    for garbage in ["", "no parts", "--------here\r\nno header\r\n"] {
        let reply = send(&agent, "files=1", NEW, garbage).await;
        reply.problem(ErrorCode::Malformed);
    }
    let request = Request::post("/v1/files/batch?files=1").header(NEW.0, NEW.1);
    let reply = agent.send(request.body(Body::from("x")).unwrap()).await;
    reply.problem(ErrorCode::Malformed);
    assert!(agent.names("").is_empty());
}

#[tokio::test]
async fn what_came_whole_before_the_line_broke_is_written() {
    let agent = Agent::new();
    let mut sent = [part("a", "whole"), part("b", "half of it")].concat();
    sent.truncate(sent.len() - 4);
    let broken = stream::iter([Ok(Bytes::from(sent))])
        .chain(stream::once(async { Err(io::Error::other("cut")) }));
    let reply = send(&agent, "files=2", NEW, Body::from_stream(broken)).await;
    reply.problem(ErrorCode::Malformed);
    assert_eq!(read(&agent, "a"), "whole");
    assert_eq!(agent.names(""), ["a"]);
}

#[tokio::test]
async fn too_much_at_once_is_refused_and_what_came_before_stays() {
    let agent = Agent::new();
    let large = "x".repeat(BATCH_BYTES_MAX);
    let mut sent = [part("a", "small"), part("b", &large)].concat();
    // With the first boundary behind it the first file is whole.
    let rest = sent.split_off(part("a", "small").len() + BOUNDARY.len() + 2);
    let pieces = [sent, rest].map(|piece| Ok::<_, io::Error>(Bytes::from(piece)));
    let reply = send(
        &agent,
        "files=2",
        NEW,
        Body::from_stream(stream::iter(pieces)),
    )
    .await;
    reply.problem(ErrorCode::TooLarge);
    assert_eq!(agent.names(""), ["a"]);
}

#[tokio::test]
async fn a_full_disk_refuses_what_it_has_no_room_for() {
    let agent = Agent::new();
    let Some(disk) = SmallDisk::mount(agent.path("small")) else {
        eprintln!("left out: mounting is not permitted here");
        return;
    };
    let large = "x".repeat(2 << 20);
    let told = write(
        &agent,
        "small",
        NEW,
        &[("a", "1"), ("large", &large), ("b", "2")],
    )
    .await;
    let codes: Vec<_> = told.iter().map(code).collect();
    assert_eq!(codes[1], Some(ErrorCode::OutOfSpace));
    assert_eq!(codes[0], None);
    until("no temporary file is left", || {
        !fs::read_dir(&disk.0).unwrap().any(|entry| {
            entry
                .unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with(".atelier")
        })
    })
    .await;
}

//! Uploads that go on where they broke off.

use std::fs;
use std::io;
use std::time::Duration;

use atelier_api::ErrorCode;
use atelier_api::agent::files::FileEntry;
use atelier_api::agent::uploads::{FileUpload, UPLOADS_MAX};
use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::Request;
use tokio::io::AsyncWriteExt as _;

use crate::support::{Agent, Reply, SmallDisk, escape, until};

/// What the tests send: no two parts of it are alike.
fn content(length: u32) -> Vec<u8> {
    (0..length.div_ceil(4))
        .flat_map(u32::to_le_bytes)
        .take(length as usize)
        .collect()
}

async fn create(agent: &Agent, path: &str, headers: &[(&str, &str)]) -> Reply {
    let uri = format!("/v1/files/uploads?path={}", escape(path));
    let request = headers
        .iter()
        .fold(Request::post(uri), |request, (name, value)| {
            request.header(*name, *value)
        });
    agent.send(request.body(Body::empty()).unwrap()).await
}

/// Begins one for a file that does not exist.
async fn begin(agent: &Agent, path: &str) -> FileUpload {
    let created = create(agent, path, &[("if-none-match", "*")]).await;
    assert_eq!(
        (created.status.as_u16(), created.header("upload-offset")),
        (201, "0")
    );
    created.json()
}

fn uri(upload: &FileUpload) -> String {
    format!("/v1/files/uploads/{}", upload.id)
}

async fn append(agent: &Agent, upload: &FileUpload, offset: u64, body: impl Into<Body>) -> Reply {
    let request = Request::patch(uri(upload)).header("upload-offset", offset);
    agent.send(request.body(body.into()).unwrap()).await
}

async fn finish(agent: &Agent, upload: &FileUpload, headers: &[(&str, &str)]) -> Reply {
    let uri = format!("{}/finish?path={}", uri(upload), escape(&upload.path));
    let request = headers
        .iter()
        .fold(Request::post(uri), |request, (name, value)| {
            request.header(*name, *value)
        });
    agent.send(request.body(Body::empty()).unwrap()).await
}

async fn offset(agent: &Agent, upload: &FileUpload) -> u64 {
    agent.get(&uri(upload)).await.json::<FileUpload>().offset
}

/// How long the one file is that nobody is to see.
fn hidden(agent: &Agent) -> u64 {
    let names = agent.names("");
    let [name] = &names[..] else {
        panic!("{names:?}")
    };
    fs::metadata(agent.path(name)).unwrap().len()
}

/// A body that ends with an error, as one does whose connection is cut.
fn broken(part: &[u8]) -> Body {
    let part = Bytes::copy_from_slice(part);
    let cut = Err(io::Error::from(io::ErrorKind::ConnectionReset));
    Body::from_stream(stream::iter([Ok(part), cut]))
}

#[tokio::test]
async fn a_file_comes_in_parts_and_is_seen_when_it_is_whole() {
    let agent = Agent::new();
    let all = content(3_000_000);
    let upload = begin(&agent, "a").await;
    let part = append(&agent, &upload, 0, all[..1_000_000].to_vec()).await;
    assert_eq!(
        (part.status.as_u16(), part.header("upload-offset")),
        (204, "1000000")
    );
    assert_eq!(agent.list("").await.total, 0, "nobody sees it");

    // Cut at half: what came is kept.
    let cut = append(
        &agent,
        &upload,
        1_000_000,
        broken(&all[1_000_000..1_700_000]),
    )
    .await;
    cut.problem(ErrorCode::Malformed);
    assert_eq!(cut.header("upload-offset"), "1700000");
    assert_eq!(offset(&agent, &upload).await, 1_700_000);
    append(&agent, &upload, 1_700_000, all[1_700_000..].to_vec()).await;

    let finished = finish(&agent, &upload, &[]).await;
    let entry: FileEntry = finished.json();
    assert_eq!(finished.header("etag"), entry.etag.clone().unwrap());
    assert_eq!(agent.stat("a").await, entry);
    assert_eq!(fs::read(agent.path("a")).unwrap(), all);
    assert_eq!(agent.names(""), ["a"]);
    // An answer that was lost is had again, also when the file has changed since.
    fs::write(agent.path("a"), "newer").unwrap();
    assert_eq!(
        finish(&agent, &upload, &[]).await.json::<FileEntry>(),
        entry
    );
    let view: FileUpload = agent.get(&uri(&upload)).await.json();
    assert_eq!(view.finished, Some(entry));
    append(&agent, &upload, 3_000_000, "more")
        .await
        .problem(ErrorCode::Conflict);
    assert_eq!(fs::read(agent.path("a")).unwrap(), b"newer");
}

#[tokio::test]
async fn a_part_at_another_offset_is_told_the_right_one() {
    let agent = Agent::new();
    let upload = begin(&agent, "a").await;
    append(&agent, &upload, 0, "12345").await;
    for wrong in [0, 4, 6, u64::MAX] {
        let refused = append(&agent, &upload, wrong, "x").await;
        let problem = refused.problem(ErrorCode::Conflict);
        assert!(problem.detail.contains("5 bytes"), "{problem:?}");
        assert_eq!(refused.header("upload-offset"), "5");
    }
    for wrong in ["", "-1", "+5", "5.0", "99999999999999999999"] {
        let request = Request::patch(uri(&upload)).header("upload-offset", wrong);
        let refused = agent.send(request.body("x".into()).unwrap()).await;
        refused.problem(ErrorCode::Malformed);
    }
    let unsaid = Request::patch(uri(&upload)).body("x".into()).unwrap();
    agent.send(unsaid).await.problem(ErrorCode::Malformed);
    assert_eq!(offset(&agent, &upload).await, 5);
    let elsewhere = format!("{}/finish?path=b", uri(&upload));
    let refused = agent.json(http::Method::POST, &elsewhere, ().into()).await;
    refused.problem(ErrorCode::Invalid);
}

#[tokio::test]
async fn of_a_connection_that_was_cut_the_last_byte_is_kept() {
    let agent = Agent::new();
    let all = content(5_000_000);
    let upload = begin(&agent, "a").await;
    let mut connection = tokio::net::TcpStream::connect(agent.serve()).await.unwrap();
    let head = format!(
        "PATCH {} HTTP/1.1\r\nHost: agent\r\nUpload-Offset: 0\r\nContent-Length: {}\r\n\r\n",
        uri(&upload),
        all.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&all[..2_345_678]).await.unwrap();
    drop(connection);
    until("all that was sent is kept", || hidden(&agent) == 2_345_678).await;
    assert_eq!(offset(&agent, &upload).await, 2_345_678);
    append(&agent, &upload, 2_345_678, all[2_345_678..].to_vec()).await;
    finish(&agent, &upload, &[]).await.json::<FileEntry>();
    assert_eq!(fs::read(agent.path("a")).unwrap(), all);
}

/// The client has another address now; its old connection neither ends nor says anything.
#[tokio::test]
async fn who_comes_back_takes_over_from_a_connection_that_hangs() {
    let agent = Agent::new();
    let upload = begin(&agent, "a").await;
    let (sender, receiver) = tokio::sync::mpsc::channel::<io::Result<Bytes>>(4);
    let hanging = stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|item| (item, receiver))
    });
    let old = append(&agent, &upload, 0, Body::from_stream(hanging.boxed()));
    let new = async {
        sender.send(Ok("old ".into())).await.unwrap();
        // Asking how far it is would take over before it has come.
        until("what was sent is kept", || hidden(&agent) == 4).await;
        assert_eq!(offset(&agent, &upload).await, 4);
        assert_eq!(append(&agent, &upload, 4, "new ").await.status, 204);
        // What was still on its way comes late.
        sender.send(Ok("late".into())).await.unwrap();
        drop(sender);
    };
    let (old, ()) = tokio::join!(old, new);
    let problem = old.problem(ErrorCode::Conflict);
    assert!(problem.detail.contains("another connection"), "{problem:?}");
    assert_eq!(old.header("upload-offset"), "8");
    append(&agent, &upload, 8, "end").await;
    finish(&agent, &upload, &[]).await.json::<FileEntry>();
    assert_eq!(fs::read(agent.path("a")).unwrap(), b"old new end");
}

#[tokio::test]
async fn what_changed_meanwhile_is_not_overwritten_and_the_upload_stays() {
    let agent = Agent::new();
    agent.file("a", "old");
    let etag = agent.stat("a").await.etag.unwrap();
    create(&agent, "a", &[])
        .await
        .problem(ErrorCode::PreconditionRequired);
    create(&agent, "a", &[("if-none-match", "*")])
        .await
        .problem(ErrorCode::Stale);
    create(&agent, "", &[("if-match", "*")])
        .await
        .problem(ErrorCode::Invalid);
    create(&agent, "a/b", &[("if-match", "*")])
        .await
        .problem(ErrorCode::Conflict);
    create(&agent, "../a", &[("if-match", "*")])
        .await
        .problem(ErrorCode::Invalid);

    let upload: FileUpload = create(&agent, "a", &[("if-match", &etag)]).await.json();
    append(&agent, &upload, 0, "mine").await;
    fs::write(agent.path("a"), "theirs").unwrap();
    let current = agent.stat("a").await.etag;
    let refused = finish(&agent, &upload, &[]).await;
    assert_eq!(refused.problem(ErrorCode::Stale).etag, current);
    assert_eq!(fs::read(agent.path("a")).unwrap(), b"theirs");
    // Having seen the other version, the person wants it all the same.
    let current = current.unwrap();
    finish(&agent, &upload, &[("if-match", &current)])
        .await
        .json::<FileEntry>();
    assert_eq!(fs::read(agent.path("a")).unwrap(), b"mine");
}

#[tokio::test]
async fn an_announced_length_is_kept_to() {
    let agent = Agent::new();
    let headers = [("if-none-match", "*"), ("upload-length", "6")];
    let upload: FileUpload = create(&agent, "a", &headers).await.json();
    assert_eq!(upload.length, Some(6));
    append(&agent, &upload, 0, "four").await;
    let early = finish(&agent, &upload, &[])
        .await
        .problem(ErrorCode::Conflict);
    assert!(early.detail.contains("4 of 6"), "{early:?}");
    append(&agent, &upload, 4, "too much")
        .await
        .problem(ErrorCode::TooLarge);
    assert_eq!(
        append(&agent, &upload, 4, "--")
            .await
            .header("upload-offset"),
        "6"
    );
    finish(&agent, &upload, &[]).await.json::<FileEntry>();
    assert_eq!(fs::read(agent.path("a")).unwrap(), b"four--");
    let huge = [
        ("if-none-match", "*"),
        ("upload-length", "1152921504606846976"),
    ];
    create(&agent, "b", &huge)
        .await
        .problem(ErrorCode::OutOfSpace);
    let nonsense = [("if-none-match", "*"), ("upload-length", "many")];
    create(&agent, "b", &nonsense)
        .await
        .problem(ErrorCode::Malformed);
    until("only the file is left", || agent.names("") == ["a"]).await;
}

#[tokio::test]
async fn a_full_disk_keeps_what_was_written_and_says_so() {
    let agent = Agent::new();
    let Some(disk) = SmallDisk::mount(agent.path("disk")) else {
        assert!(!rustix::process::getuid().is_root(), "root can mount");
        println!("not root: no small disk to fill");
        return;
    };
    let all = content(900 << 10);
    fs::write(disk.0.join("fill"), vec![2; 600 << 10]).unwrap();
    let upload = begin(&agent, "disk/a").await;
    append(&agent, &upload, 0, all[..300 << 10].to_vec()).await;
    let full = append(&agent, &upload, 300 << 10, all[300 << 10..].to_vec()).await;
    let problem = full.problem(ErrorCode::OutOfSpace);
    assert!(problem.detail.contains("space"), "{problem:?}");
    let kept: usize = full.header("upload-offset").parse().unwrap();
    assert!(kept >= 300 << 10, "{kept}");
    // With some space freed it goes on.
    fs::remove_file(disk.0.join("fill")).unwrap();
    append(&agent, &upload, kept as u64, all[kept..].to_vec()).await;
    finish(&agent, &upload, &[]).await.json::<FileEntry>();
    assert!(fs::read(disk.0.join("a")).unwrap() == all);
}

#[tokio::test]
async fn there_are_not_too_many_and_each_can_be_given_up() {
    let agent = Agent::new();
    let mut uploads = Vec::new();
    for number in 0..UPLOADS_MAX {
        uploads.push(begin(&agent, &number.to_string()).await);
    }
    let refused = create(&agent, "more", &[("if-none-match", "*")]).await;
    refused.problem(ErrorCode::LimitReached);
    let given_up = uploads.pop().unwrap();
    assert_eq!(agent.delete(&uri(&given_up)).await.status, 204);
    agent
        .get(&uri(&given_up))
        .await
        .problem(ErrorCode::NotFound);
    append(&agent, &given_up, 0, "x")
        .await
        .problem(ErrorCode::NotFound);
    until("its file is gone", || {
        agent.names("").len() == UPLOADS_MAX - 1
    })
    .await;
    begin(&agent, "more").await;
    // One that is finished makes room.
    finish(&agent, &uploads[0], &[]).await.json::<FileEntry>();
    begin(&agent, "still more").await;
    agent
        .get(&uri(&uploads[0]))
        .await
        .problem(ErrorCode::NotFound);
    agent
        .get("/v1/files/uploads/upload_x")
        .await
        .problem(ErrorCode::NotFound);
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let agent = Agent::with(|config| config.upload_idle = Duration::from_millis(200));
    let empty = begin(&agent, "empty").await;
    let begun = begin(&agent, "begun").await;
    append(&agent, &begun, 0, "something").await;
    until("nothing is left of them", || agent.names("").is_empty()).await;
    for gone in [empty, begun] {
        let problem = agent.get(&uri(&gone)).await.problem(ErrorCode::NotFound);
        assert!(problem.detail.contains("Begin again"), "{problem:?}");
    }
}

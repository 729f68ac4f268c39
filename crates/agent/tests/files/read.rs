use std::fs;
use std::os::unix::fs::symlink;

use atelier_api::ErrorCode;
use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::support::{Agent, Reply, content};

async fn get_with(agent: &Agent, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::get(content(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    agent.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_file_is_read_whole_and_in_part() {
    let agent = Agent::new();
    // Longer than several chunks, and no two of them alike.
    let bytes: Vec<u8> = (0..1_000_003_u32)
        .flat_map(|n| n.to_le_bytes()[..3].to_vec())
        .collect();
    agent.file("big.bin", &bytes);
    let size = bytes.len();

    let whole = get_with(&agent, "big.bin", &[]).await;
    assert_eq!(whole.status, 200);
    assert_eq!(whole.header("content-length"), size.to_string());
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.body, bytes);

    for (range, from, to) in [
        ("bytes=0-0".to_owned(), 0, 1),
        ("bytes=262143-262144".to_owned(), 262_143, 262_145),
        (format!("bytes={}-", size - 5), size - 5, size),
        ("bytes=-700000".to_owned(), size - 700_000, size),
        ("bytes=10-99999999".to_owned(), 10, size),
    ] {
        let part = get_with(&agent, "big.bin", &[("range", &range)]).await;
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(
            part.header("content-range"),
            format!("bytes {from}-{}/{size}", to - 1)
        );
        assert!(part.body == bytes[from..to], "{range}");
    }
    let beyond = get_with(&agent, "big.bin", &[("range", &format!("bytes={size}-"))]).await;
    beyond.problem(ErrorCode::RangeNotSatisfiable);
    assert_eq!(beyond.header("content-range"), format!("bytes */{size}"));
    let several = get_with(&agent, "big.bin", &[("range", "bytes=0-1,3-4")]).await;
    assert_eq!((several.status.as_u16(), several.body.len()), (200, size));
}

#[tokio::test]
async fn an_empty_file_is_read() {
    let agent = Agent::new();
    agent.file("empty", "");
    let reply = get_with(&agent, "empty", &[]).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("content-length")),
        (200, "0")
    );
    let reply = get_with(&agent, "empty", &[("range", "bytes=0-")]).await;
    reply.problem(ErrorCode::RangeNotSatisfiable);
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let agent = Agent::new();
    agent.file("a.txt", "one");
    let first = get_with(&agent, "a.txt", &[]).await;
    let etag = first.header("etag").to_owned();
    assert_eq!(agent.stat("a.txt").await.etag.as_deref(), Some(&*etag));

    let held = get_with(&agent, "a.txt", &[("if-none-match", &etag)]).await;
    assert_eq!((held.status.as_u16(), held.body.len()), (304, 0));
    assert_eq!(held.header("etag"), etag);
    agent.file("a.txt", "two");
    let changed = get_with(&agent, "a.txt", &[("if-none-match", &etag)]).await;
    assert_eq!(
        (changed.status.as_u16(), &*changed.body),
        (200, &b"two"[..])
    );
    // A part of the old version must not be joined with one of the new.
    let headers = [("range", "bytes=1-"), ("if-range", &*etag)];
    assert_eq!(get_with(&agent, "a.txt", &headers).await.body, "two");
}

#[tokio::test]
async fn a_browser_does_not_run_what_it_is_sent() {
    let agent = Agent::new();
    agent.file("page.html", "<script>alert(1)</script>");
    agent.file("raw", b"\x00\xff binary");
    let page = get_with(&agent, "page.html", &[]).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("content-security-policy"), "sandbox");
    assert_eq!(page.header("content-disposition"), "");
    let raw = get_with(&agent, "raw", &[]).await;
    assert_eq!(raw.header("content-type"), "application/octet-stream");
    assert_eq!(&*raw.body, b"\x00\xff binary");

    agent.file("تقرير \"1\".txt", "x");
    let download = agent
        .get(&format!("{}&download=true", content("تقرير \"1\".txt")))
        .await;
    assert_eq!(
        download.header("content-disposition"),
        "attachment; filename=\"_____ _1_.txt\"; \
         filename*=UTF-8''%D8%AA%D9%82%D8%B1%D9%8A%D8%B1%20%221%22.txt"
    );
}

#[tokio::test]
async fn a_head_request_gets_no_body() {
    let agent = Agent::new();
    agent.file("a.txt", "hello");
    let request = Request::builder()
        .method(Method::HEAD)
        .uri(content("a.txt"))
        .body(Body::empty());
    let reply = agent.send(request.unwrap()).await;
    assert_eq!(reply.header("content-length"), "5");
    assert_eq!(reply.body.len(), 0);
}

#[tokio::test]
async fn a_file_that_shrinks_meanwhile_breaks_the_stream() {
    let agent = Agent::new();
    let file = agent.file("log", vec![7; 8 << 20]);
    let request = Request::get(content("log")).body(Body::empty()).unwrap();
    let response = agent.router.clone().oneshot(request).await.unwrap();
    let mut body = response.into_body();
    let mut received = body
        .frame()
        .await
        .unwrap()
        .unwrap()
        .into_data()
        .unwrap()
        .len();
    fs::File::options()
        .write(true)
        .open(file)
        .unwrap()
        .set_len(1 << 20)
        .unwrap();
    let error = loop {
        match body.frame().await {
            Some(Ok(frame)) => received += frame.into_data().unwrap().len(),
            Some(Err(error)) => break error,
            None => panic!("a part was sent as if it were the whole"),
        }
    };
    assert!(received < 8 << 20, "{error}");
}

#[tokio::test]
async fn only_files_are_read() {
    let agent = Agent::new();
    fs::create_dir(agent.path("dir")).unwrap();
    let pipe = agent.path("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    symlink("dir", agent.path("to-dir")).unwrap();
    for path in ["dir", "to-dir", "pipe", ""] {
        get_with(&agent, path, &[])
            .await
            .problem(ErrorCode::Conflict);
    }
    get_with(&agent, "missing", &[])
        .await
        .problem(ErrorCode::NotFound);
}

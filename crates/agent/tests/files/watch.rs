use std::fs;
use std::net::SocketAddr;

use atelier_api::ErrorCode;
use atelier_api::agent::files::{ChangeKind, FileChange, WatchMessage};
use futures_util::StreamExt as _;
use http::Method;
use serde_json::json;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async, connect_async};

use crate::support::{Agent, until};

struct Viewer(WebSocketStream<TcpStream>);

impl Viewer {
    async fn open(address: SocketAddr, query: &str) -> Self {
        let connection = TcpStream::connect(address).await.unwrap();
        Self::on(connection, query).await
    }

    async fn on(connection: TcpStream, query: &str) -> Self {
        let uri = format!("ws://agent/v1/files/watch?{query}");
        let (socket, _) = client_async(uri, connection).await.unwrap();
        let mut viewer = Self(socket);
        assert_eq!(viewer.next().await, WatchMessage::Ready);
        viewer
    }

    async fn next(&mut self) -> WatchMessage {
        let message = tokio::time::timeout(std::time::Duration::from_secs(20), self.0.next());
        match message.await.expect("a message in time").unwrap().unwrap() {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// Gathers changes until one is `last`.
    async fn until(&mut self, kind: ChangeKind, path: &str) -> Vec<(ChangeKind, String)> {
        let mut seen = Vec::new();
        loop {
            match self.next().await {
                WatchMessage::Changes { changes } => {
                    let change = |FileChange { kind, path }| (kind, path);
                    seen.extend(changes.into_iter().map(change));
                }
                other => panic!("{other:?} after {seen:?}"),
            }
            if seen.contains(&(kind, path.to_owned())) {
                return seen;
            }
        }
    }
}

fn paths(seen: &[(ChangeKind, String)]) -> Vec<&str> {
    seen.iter().map(|(_, path)| path.as_str()).collect()
}

#[tokio::test]
async fn changes_by_programs_and_by_the_api_are_reported() {
    let agent = Agent::new();
    let address = agent.serve();
    agent.file("a", "1");
    let mut viewer = Viewer::open(address, "").await;

    fs::write(agent.path("a"), "2").unwrap();
    viewer.until(ChangeKind::Modified, "a").await;
    agent.put("b", ("if-none-match", "*"), "x").await;
    let seen = viewer.until(ChangeKind::Created, "b").await;
    // The temporary file is nobody's business.
    assert_eq!(paths(&seen), ["b"]);
    agent.put("b", ("if-match", "*"), "y").await;
    viewer.until(ChangeKind::Created, "b").await;
    fs::rename(agent.path("a"), agent.path("c")).unwrap();
    let seen = viewer.until(ChangeKind::Created, "c").await;
    assert!(
        seen.contains(&(ChangeKind::Deleted, "a".into())),
        "{seen:?}"
    );
    let mode = json!({ "path": "c", "mode": 0o600 });
    agent.json(Method::PUT, "/v1/files/mode", mode).await;
    viewer.until(ChangeKind::Modified, "c").await;
    agent.delete("/v1/files?path=c").await;
    viewer.until(ChangeKind::Deleted, "c").await;
}

#[tokio::test]
async fn new_directories_are_followed_with_what_they_hold() {
    let agent = Agent::new();
    let address = agent.serve();
    agent.file("old/deep/file", "");
    fs::create_dir(agent.outside().join("elsewhere")).unwrap();
    fs::write(agent.outside().join("elsewhere/inner"), "").unwrap();
    let mut flat = Viewer::open(address, "").await;
    let mut viewer = Viewer::open(address, "recursive=true").await;

    fs::write(agent.path("old/deep/file"), "x").unwrap();
    viewer.until(ChangeKind::Modified, "old/deep/file").await;
    // Made faster than they can be watched one by one.
    fs::create_dir_all(agent.path("x/y/z")).unwrap();
    agent.file("x/y/z/new", "");
    viewer.until(ChangeKind::Created, "x/y/z/new").await;
    fs::write(agent.path("x/y/z/new"), "more").unwrap();
    viewer.until(ChangeKind::Modified, "x/y/z/new").await;

    // Moved: the old names fall silent, the new ones speak.
    fs::rename(agent.path("x"), agent.path("renamed")).unwrap();
    let seen = viewer.until(ChangeKind::Created, "renamed/y/z/new").await;
    assert!(
        seen.contains(&(ChangeKind::Deleted, "x".into())),
        "{seen:?}"
    );
    fs::write(agent.path("renamed/y/z/new"), "again").unwrap();
    let seen = viewer.until(ChangeKind::Modified, "renamed/y/z/new").await;
    assert!(
        paths(&seen).iter().all(|path| path.starts_with("renamed")),
        "{seen:?}"
    );

    fs::rename(agent.outside().join("elsewhere"), agent.path("in")).unwrap();
    viewer.until(ChangeKind::Created, "in/inner").await;
    fs::rename(agent.path("renamed"), agent.outside().join("gone")).unwrap();
    viewer.until(ChangeKind::Deleted, "renamed").await;
    fs::write(agent.outside().join("gone/y/z/new"), "unseen").unwrap();
    fs::remove_dir_all(agent.path("old")).unwrap();
    let seen = viewer.until(ChangeKind::Deleted, "old").await;
    assert!(
        paths(&seen).iter().all(|path| path.starts_with("old")),
        "{seen:?}"
    );

    // Who watches one directory hears of that one only.
    let mut heard = flat.until(ChangeKind::Deleted, "old").await;
    heard.retain(|(_, path)| path.contains('/'));
    assert_eq!(heard, []);
}

#[tokio::test]
async fn noise_is_left_out() {
    let agent = Agent::new();
    let address = agent.serve();
    for path in [
        "app/.git/objects/ab/x",
        "app/.git/refs/heads/main",
        "app/node_modules/react/x",
    ] {
        agent.file(path, "");
    }
    agent.file("app/.git/HEAD", "");
    let mut viewer = Viewer::open(address, "recursive=true&path=app").await;
    for path in [
        "app/.git/objects/ab/y",
        "app/.git/objects/cd/z",
        "app/.git/index.lock",
        "app/.git/refs/heads/main.lock",
        "app/node_modules/react/y",
        "app/node_modules/react/lib/z",
        "app/node_modules/vue/x",
        "app/.git/refs/heads/next",
        "app/.git/HEAD",
        "app/src/main.rs",
    ] {
        agent.file(path, "new");
    }
    let seen = viewer.until(ChangeKind::Created, "app/src/main.rs").await;
    let mut paths = paths(&seen);
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(
        paths,
        [
            "app/.git/HEAD",
            "app/.git/refs/heads/next",
            "app/node_modules/vue",
            "app/src",
            "app/src/main.rs"
        ]
    );
}

#[tokio::test]
async fn a_storm_becomes_a_rescan() {
    let agent = Agent::new();
    let address = agent.serve();
    let mut viewer = Viewer::open(address, "recursive=true").await;
    // More in one go than any viewer is told one by one: it is one event for the kernel.
    let elsewhere = agent.outside().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    for index in 0..5000 {
        fs::write(elsewhere.join(format!("f{index}")), "").unwrap();
    }
    fs::rename(elsewhere, agent.path("in")).unwrap();
    loop {
        match viewer.next().await {
            WatchMessage::Rescan { reason } => break assert!(!reason.is_empty()),
            WatchMessage::Changes { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    // It goes on.
    fs::write(agent.path("in/f7"), "x").unwrap();
    viewer.until(ChangeKind::Modified, "in/f7").await;
}

#[tokio::test]
async fn a_viewer_that_does_not_listen_holds_up_nobody_and_rescans() {
    let agent = Agent::new();
    let address = agent.serve();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut lazy = Viewer::on(socket.connect(address).await.unwrap(), "").await;
    let mut eager = Viewer::open(address, "").await;
    for round in 0..16 {
        for index in 0..1000 {
            agent.file(&format!("{round:0>200}-{index}"), "");
        }
        let last = format!("last{round}");
        agent.file(&last, "");
        loop {
            match eager.next().await {
                WatchMessage::Changes { changes } => {
                    if changes.iter().any(|change| change.path == last) {
                        break;
                    }
                }
                // Too fast even for this one.
                WatchMessage::Rescan { .. } => break,
                other => panic!("{other:?}"),
            }
        }
    }
    loop {
        match lazy.next().await {
            WatchMessage::Rescan { .. } => break,
            WatchMessage::Changes { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

fn inotify_instances() -> usize {
    fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok())
        .filter(|target| target.to_string_lossy().contains("inotify"))
        .count()
}

#[tokio::test]
async fn one_instance_serves_all_viewers_and_ends_with_the_last() {
    let agent = Agent::new();
    let address = agent.serve();
    agent.file("dir/file", "");
    assert_eq!(inotify_instances(), 0);
    let mut first = Viewer::open(address, "").await;
    let mut second = Viewer::open(address, "recursive=true").await;
    assert_eq!(inotify_instances(), 1);
    first.0.close(None).await.unwrap();
    fs::write(agent.path("dir/file"), "x").unwrap();
    second.until(ChangeKind::Modified, "dir/file").await;
    // Without a farewell, as when a network breaks.
    drop(second);
    drop(first);
    until("the watch has ended", || inotify_instances() == 0).await;
    let mut third = Viewer::open(address, "recursive=true").await;
    fs::write(agent.path("dir/file"), "y").unwrap();
    third.until(ChangeKind::Modified, "dir/file").await;
}

#[tokio::test]
async fn a_watched_directory_that_goes_is_reported() {
    let agent = Agent::new();
    let address = agent.serve();
    agent.file("a/b/file", "");
    let mut below = Viewer::open(address, "path=a/b").await;
    let mut moved = Viewer::open(address, "path=a").await;
    fs::remove_dir_all(agent.path("a/b")).unwrap();
    below.until(ChangeKind::Deleted, "a/b").await;
    fs::rename(agent.path("a"), agent.path("z")).unwrap();
    moved.until(ChangeKind::Deleted, "a").await;
}

#[tokio::test]
async fn what_cannot_be_watched_says_why() {
    let agent = Agent::new();
    let address = agent.serve();
    agent.file("file", "");
    agent
        .get("/v1/files/watch")
        .await
        .problem(ErrorCode::Malformed);
    for (query, status) in [
        ("path=missing", 404),
        ("path=file", 409),
        ("path=../x", 422),
        ("root=system&recursive=true", 429),
    ] {
        let error = connect_async(format!("ws://{address}/v1/files/watch?{query}"))
            .await
            .unwrap_err();
        let tokio_tungstenite::tungstenite::Error::Http(response) = error else {
            panic!("{error}");
        };
        assert_eq!(response.status(), status, "{query}");
    }
    until("no watch is left", || inotify_instances() == 0).await;
}

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use atelier_api::ErrorCode;
use atelier_api::agent::files::FileEntry;
use http::Method;
use serde_json::json;

use crate::support::{Agent, Reply, until};

async fn copy(agent: &Agent, from: &str, to: &str, overwrite: bool) -> Reply {
    let request = json!({ "from": from, "to": to, "overwrite": overwrite });
    agent.json(Method::POST, "/v1/files/copy", request).await
}

fn mode(agent: &Agent, path: &str) -> u32 {
    fs::metadata(agent.path(path)).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn a_tree_is_copied_as_it_is() {
    let agent = Agent::new();
    let set = |path: &str, mode| {
        fs::set_permissions(agent.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    agent.file("app/src/main.rs", "fn main() {}");
    agent.file("app/run.sh", "#!/bin/sh");
    agent.file("app/big", vec![3; 20 << 20]);
    agent.file("app/locked/file", "x");
    symlink("src/main.rs", agent.path("app/link")).unwrap();
    symlink("/nowhere", agent.path("app/broken")).unwrap();
    fs::create_dir(agent.path("app/empty")).unwrap();
    let pipe = agent.path("app/pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, pipe, rustix::fs::Mode::RUSR).unwrap();
    set("app/run.sh", 0o755);
    set("app/locked", 0o500);

    let entry: FileEntry = copy(&agent, "app", "copy", false).await.json();
    assert_eq!(entry.path, "copy");
    assert_eq!(
        agent.names("copy"),
        ["big", "broken", "empty", "link", "locked", "run.sh", "src"]
    );
    assert_eq!(
        fs::read(agent.path("copy/src/main.rs")).unwrap(),
        b"fn main() {}"
    );
    assert!(fs::read(agent.path("copy/big")).unwrap() == vec![3; 20 << 20]);
    assert_eq!(
        fs::read_link(agent.path("copy/link")).unwrap().to_str(),
        Some("src/main.rs")
    );
    assert_eq!(
        (mode(&agent, "copy/run.sh"), mode(&agent, "copy/locked")),
        (0o755, 0o500)
    );
    assert_eq!(fs::read(agent.path("copy/locked/file")).unwrap(), b"x");
    set("app/locked", 0o700);
    set("copy/locked", 0o700);
}

#[tokio::test]
async fn a_copy_replaces_only_when_told() {
    let agent = Agent::new();
    agent.file("a", "new");
    agent.file("b", "old");
    copy(&agent, "a", "b", false)
        .await
        .problem(ErrorCode::NameTaken);
    assert_eq!(fs::read(agent.path("b")).unwrap(), b"old");
    assert_eq!(copy(&agent, "a", "b", true).await.status, 200);
    assert_eq!(fs::read(agent.path("b")).unwrap(), b"new");
    copy(&agent, "a", "a", true)
        .await
        .problem(ErrorCode::Conflict);
    agent.file("tree/x", "");
    assert_eq!(copy(&agent, "a", "tree", true).await.status, 200);
    assert_eq!(fs::read(agent.path("tree")).unwrap(), b"new");
    until("what was replaced is gone", || {
        agent.names("") == ["a", "b", "tree"]
    })
    .await;
}

#[tokio::test]
async fn a_directory_is_not_copied_into_itself() {
    let agent = Agent::new();
    agent.file("a/b/c", "");
    symlink("a/b", agent.path("link")).unwrap();
    for to in ["a/x", "a/b/x", "link/x"] {
        let problem = copy(&agent, "a", to, true)
            .await
            .problem(ErrorCode::Conflict);
        assert!(problem.detail.contains("inside itself"), "{problem:?}");
    }
    copy(&agent, "a", "a", true)
        .await
        .problem(ErrorCode::Conflict);
    copy(&agent, "", "x", false)
        .await
        .problem(ErrorCode::Invalid);
    copy(&agent, "missing", "x", false)
        .await
        .problem(ErrorCode::NotFound);
    assert_eq!(agent.names("a/b"), ["c"]);
    assert_eq!(agent.names(""), ["a", "link"]);
}

#[tokio::test]
async fn a_tree_that_is_too_deep_is_refused_and_leaves_nothing() {
    let agent = Agent::new();
    fs::create_dir_all(agent.path(&format!("a/{}", vec!["d"; 300].join("/")))).unwrap();
    let problem = copy(&agent, "a", "b", false)
        .await
        .problem(ErrorCode::Conflict);
    assert!(problem.detail.contains("deep"), "{problem:?}");
    until("the partial copy is gone", || agent.names("") == ["a"]).await;
}

#[tokio::test]
async fn a_copy_stops_when_its_caller_goes_away() {
    let agent = Agent::new();
    for index in 0..2000 {
        agent.file(&format!("a/d{}/f{index}", index % 20), "content");
    }
    let request = json!({ "from": "a", "to": "b" });
    {
        let copying = agent.json(Method::POST, "/v1/files/copy", request);
        let started = until("the copy has begun", || agent.names("").len() > 1);
        tokio::select! {
            biased;
            () = started => {}
            reply = copying => panic!("too fast to be stopped: {reply:?}"),
        }
    }
    until("the partial copy is gone", || agent.names("") == ["a"]).await;
}

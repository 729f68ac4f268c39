//! Directories, moves, deletions and permissions.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use atelier_api::ErrorCode;
use atelier_api::agent::files::{FileEntry, FileKind};
use http::Method;
use serde_json::json;

use crate::support::{Agent, Reply, until};

async fn make(agent: &Agent, path: &str, parents: bool) -> Reply {
    let request = json!({ "path": path, "parents": parents });
    agent
        .json(Method::POST, "/v1/files/directory", request)
        .await
}

async fn rename(agent: &Agent, from: &str, to: &str, overwrite: bool) -> Reply {
    let request = json!({ "from": from, "to": to, "overwrite": overwrite });
    agent.json(Method::POST, "/v1/files/move", request).await
}

async fn delete(agent: &Agent, path: &str, recursive: bool) -> Reply {
    agent
        .delete(&format!("/v1/files?path={path}&recursive={recursive}"))
        .await
}

#[tokio::test]
async fn directories_are_made() {
    let agent = Agent::new();
    let reply = make(&agent, "a", false).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.json::<FileEntry>().kind, FileKind::Directory);
    make(&agent, "a", false).await.problem(ErrorCode::NameTaken);
    make(&agent, "x/y", false)
        .await
        .problem(ErrorCode::NotFound);
    assert_eq!(make(&agent, "a/b/c", true).await.status, 201);
    assert_eq!(make(&agent, "a/b/c", true).await.status, 201);
    agent.file("a/file", "");
    make(&agent, "a/file", true)
        .await
        .problem(ErrorCode::NameTaken);
    make(&agent, "a/file/x", true)
        .await
        .problem(ErrorCode::Conflict);
    make(&agent, "", false).await.problem(ErrorCode::NameTaken);
    symlink("a/b", agent.path("link")).unwrap();
    assert_eq!(make(&agent, "link/d/e", true).await.status, 201);
    assert!(agent.path("a/b/d/e").is_dir());
}

#[tokio::test]
async fn entries_move() {
    let agent = Agent::new();
    agent.file("a", "one");
    agent.file("dir/x", "");
    fs::create_dir(agent.path("other")).unwrap();
    let moved: FileEntry = rename(&agent, "a", "dir/b", false).await.json();
    assert_eq!((&*moved.path, moved.size), ("dir/b", 3));
    assert!(!agent.path("a").exists());
    assert_eq!(rename(&agent, "dir", "other/dir", false).await.status, 200);
    assert_eq!(agent.names("other/dir"), ["b", "x"]);

    let problem = rename(&agent, "missing", "y", false)
        .await
        .problem(ErrorCode::NotFound);
    assert!(problem.detail.contains("missing"), "{problem:?}");
    rename(&agent, "other", "missing/y", false)
        .await
        .problem(ErrorCode::NotFound);
    for overwrite in [false, true] {
        let problem = rename(&agent, "other", "other/dir/other", overwrite)
            .await
            .problem(ErrorCode::Conflict);
        assert!(problem.detail.contains("inside itself"), "{problem:?}");
        rename(&agent, "", "y", overwrite)
            .await
            .problem(ErrorCode::Invalid);
        rename(&agent, "other", "", overwrite)
            .await
            .problem(ErrorCode::Invalid);
    }
    rename(&agent, "other/dir", "other", true)
        .await
        .problem(ErrorCode::Conflict);
    assert_eq!(agent.names("other/dir"), ["b", "x"]);
}

#[tokio::test]
async fn a_move_replaces_only_when_told() {
    let agent = Agent::new();
    agent.file("a", "new");
    agent.file("b", "old");
    rename(&agent, "a", "b", false)
        .await
        .problem(ErrorCode::NameTaken);
    assert_eq!(fs::read(agent.path("b")).unwrap(), b"old");
    assert_eq!(rename(&agent, "a", "b", true).await.status, 200);
    assert_eq!(fs::read(agent.path("b")).unwrap(), b"new");

    // A file in the place of a tree, a tree in that of a file, and one of another tree.
    agent.file("tree/deep/x", "");
    assert_eq!(rename(&agent, "b", "tree", true).await.status, 200);
    assert_eq!(fs::read(agent.path("tree")).unwrap(), b"new");
    agent.file("second/y", "");
    assert_eq!(rename(&agent, "second", "tree", true).await.status, 200);
    agent.file("third/z", "");
    assert_eq!(rename(&agent, "third", "tree", true).await.status, 200);
    assert_eq!(agent.names("tree"), ["z"]);
    until("what was replaced is gone", || agent.names("") == ["tree"]).await;
}

#[tokio::test]
async fn a_file_that_differs_in_case_only_is_renamed() {
    let agent = Agent::new();
    agent.file("readme.md", "x");
    assert_eq!(
        rename(&agent, "readme.md", "README.md", false).await.status,
        200
    );
    assert_eq!(agent.names(""), ["README.md"]);
}

#[tokio::test]
async fn entries_are_deleted() {
    let agent = Agent::new();
    agent.file("file", "");
    agent.file("dir/sub/x", "");
    agent.file("kept/y", "");
    symlink("../kept", agent.path("dir/link")).unwrap();
    fs::create_dir(agent.path("empty")).unwrap();
    assert_eq!(delete(&agent, "file", false).await.status, 204);
    delete(&agent, "file", false)
        .await
        .problem(ErrorCode::NotFound);
    assert_eq!(delete(&agent, "empty", false).await.status, 204);
    let problem = delete(&agent, "dir", false)
        .await
        .problem(ErrorCode::Conflict);
    assert!(problem.detail.contains("not empty"), "{problem:?}");
    assert_eq!(delete(&agent, "dir", true).await.status, 204);
    // The link went, not what it led to.
    assert_eq!(agent.names(""), ["kept"]);
    assert_eq!(agent.names("kept"), ["y"]);
    for recursive in [false, true] {
        delete(&agent, "", recursive)
            .await
            .problem(ErrorCode::Invalid);
    }
}

#[tokio::test]
async fn a_tree_of_any_depth_is_deleted() {
    let agent = Agent::new();
    // Deeper than any path can say, as a program can make it.
    let mut directory = fs::File::open(agent.workspace()).unwrap();
    for depth in 0..3000 {
        let name = if depth == 0 { "deep" } else { "d" };
        rustix::fs::mkdirat(&directory, name, rustix::fs::Mode::RWXU).unwrap();
        let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::DIRECTORY;
        directory = rustix::fs::openat(&directory, name, flags, rustix::fs::Mode::empty())
            .unwrap()
            .into();
    }
    drop(directory);
    assert_eq!(delete(&agent, "deep", true).await.status, 204);
    assert_eq!(agent.names(""), [""; 0]);
}

#[tokio::test]
async fn deep_paths_work_as_far_as_the_kernel_goes() {
    let agent = Agent::new();
    let deep = vec!["d"; 1000].join("/");
    assert_eq!(make(&agent, &deep, true).await.status, 201);
    let file = format!("{deep}/file");
    assert_eq!(
        agent.put(&file, ("if-none-match", "*"), "x").await.status,
        200
    );
    assert_eq!(agent.stat(&file).await.path, file);
    let too_deep = vec!["d"; 3000].join("/");
    make(&agent, &too_deep, true)
        .await
        .problem(ErrorCode::Invalid);
    assert_eq!(delete(&agent, "d", true).await.status, 204);
}

#[tokio::test]
async fn permissions_are_set() {
    let agent = Agent::new();
    let path = agent.file("run.sh", "");
    symlink("run.sh", agent.path("link")).unwrap();
    let set = async |path: &str, mode: u32| {
        let request = json!({ "path": path, "mode": mode });
        agent.json(Method::PUT, "/v1/files/mode", request).await
    };
    assert_eq!(set("run.sh", 0o755).await.json::<FileEntry>().mode, 0o755);
    // Nothing may be read, yet the mode can be set again.
    assert_eq!(set("run.sh", 0).await.status, 200);
    assert_eq!(set("link", 0o600).await.status, 200);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
        0o600
    );
    let problem = set("run.sh", 0o4755).await.problem(ErrorCode::Invalid);
    assert_eq!(problem.field.as_deref(), Some("mode"));
    set("missing", 0o600).await.problem(ErrorCode::NotFound);
}

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use atelier_api::ErrorCode;

use crate::server::{GitServer, Manner, git};
use crate::support::{Agent, expect_problem};

/// An agent with a repository of one commit at `app`.
fn with_repository() -> Agent {
    let agent = Agent::new();
    let app = agent.path("app");
    fs::create_dir(&app).unwrap();
    git(&app, &["init", "--quiet", "--initial-branch=main"]);
    for name in ["a.txt", "b.txt", "src/c.txt"] {
        let path = app.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{name}\n").repeat(20)).unwrap();
    }
    git(&app, &["add", "--all"]);
    git(&app, &["commit", "--quiet", "--message=First"]);
    agent
}

#[tokio::test]
async fn a_clean_tree_has_no_files() {
    let agent = with_repository();
    let status = agent.status("app").await.unwrap();
    assert_eq!(
        (&*status.root, status.branch.as_deref()),
        ("app", Some("main"))
    );
    assert_eq!(
        status.commit,
        Some(git(&agent.path("app"), &["rev-parse", "HEAD"]))
    );
    assert_eq!((status.files.len(), status.truncated), (0, false));
    // From below, too.
    assert_eq!(agent.status("app/src").await.unwrap(), status);
}

#[tokio::test]
async fn changes_are_told() {
    let agent = with_repository();
    let app = agent.path("app");
    fs::write(app.join("a.txt"), "changed").unwrap();
    git(&app, &["mv", "b.txt", "renamed file.txt"]);
    fs::remove_file(app.join("src/c.txt")).unwrap();
    fs::write(app.join(OsStr::from_bytes(b"new caf\xe9\n")), "").unwrap();
    let status = agent.status("app").await.unwrap();
    let mut files: Vec<_> = status
        .files
        .iter()
        .map(|f| (&*f.index, &*f.worktree, &*f.path, f.from.as_deref()))
        .collect();
    files.sort_unstable();
    assert_eq!(
        files,
        [
            (".", "D", "src/c.txt", None),
            (".", "M", "a.txt", None),
            ("?", "?", "new caf%E9\n", None),
            ("R", ".", "renamed file.txt", Some("b.txt")),
        ]
    );
}

#[tokio::test]
async fn the_upstream_is_compared() {
    let server = GitServer::start(Manner::Open).await;
    server.add("app.git", &[("a", b"1")]);
    let agent = Agent::new();
    agent.clone(&server.url("app.git"), "app").await;
    let app = agent.path("app");
    git(
        &app,
        &["commit", "--quiet", "--allow-empty", "--message=Second"],
    );
    let status = agent.status("app").await.unwrap();
    assert_eq!(status.upstream.as_deref(), Some("origin/main"));
    assert_eq!((status.ahead, status.behind), (1, 0));
    git(&app, &["checkout", "--quiet", "--detach"]);
    assert_eq!(agent.status("app").await.unwrap().branch, None);
}

#[tokio::test]
async fn more_files_than_can_be_listed_are_cut() {
    let agent = with_repository();
    for index in 0..10_050 {
        fs::write(agent.path(&format!("app/f{index}")), "").unwrap();
    }
    let status = agent.status("app").await.unwrap();
    assert_eq!((status.files.len(), status.truncated), (10_000, true));
}

#[tokio::test]
async fn what_is_no_repository_is_not_found() {
    let agent = with_repository();
    fs::create_dir(agent.path("plain")).unwrap();
    fs::write(agent.path("file"), "").unwrap();
    for path in ["", "plain"] {
        let problem = expect_problem(agent.status(path).await, ErrorCode::NotFound);
        assert!(problem.detail.contains("no Git repository"), "{problem:?}");
    }
    expect_problem(agent.status("missing").await, ErrorCode::NotFound);
    expect_problem(agent.status("file").await, ErrorCode::Conflict);
    expect_problem(agent.status("../x").await, ErrorCode::Invalid);
}

#[tokio::test]
async fn a_repository_around_the_workspace_is_not_its_own() {
    let agent = Agent::new();
    let around = agent.path("..");
    git(&around, &["init", "--quiet"]);
    expect_problem(agent.status("").await, ErrorCode::NotFound);
    // The root itself may be one.
    git(
        &agent.path(""),
        &["init", "--quiet", "--initial-branch=trunk"],
    );
    let status = agent.status("").await.unwrap();
    assert_eq!(
        (&*status.root, status.branch.as_deref()),
        ("", Some("trunk"))
    );
    assert_eq!(status.commit, None);
}

#[tokio::test]
async fn a_program_that_a_repository_names_does_not_run() {
    let agent = with_repository();
    let app = agent.path("app");
    let program = agent.path("monitor");
    fs::write(&program, "#!/bin/sh\ntouch \"$HOME/ran\"\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    git(
        &app,
        &["config", "core.fsmonitor", program.to_str().unwrap()],
    );
    assert!(agent.status("app").await.is_ok());
    assert!(!agent.home().join("ran").exists());
}

#[tokio::test]
async fn a_repository_of_another_owner_is_read() {
    let agent = with_repository();
    if !rustix::process::getuid().is_root() {
        println!("not root: nothing can be given to another");
        return;
    }
    std::os::unix::fs::chown(agent.path("app"), Some(4321), Some(4321)).unwrap();
    std::os::unix::fs::chown(agent.path("app/.git"), Some(4321), Some(4321)).unwrap();
    assert_eq!(
        agent.status("app").await.unwrap().branch.as_deref(),
        Some("main")
    );
}

#[tokio::test]
async fn the_index_is_not_locked() {
    let agent = with_repository();
    // As when another Git is at work.
    fs::write(agent.path("app/.git/index.lock"), "").unwrap();
    assert!(agent.status("app").await.is_ok());
}

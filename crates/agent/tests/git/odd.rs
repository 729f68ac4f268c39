//! Repositories in odd states, and names that are none.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use atelier_api::ErrorCode;
use serde_json::json;

use crate::support::{Agent, expect_problem};

#[tokio::test]
async fn names_that_look_like_options_or_hold_line_ends_are_files() {
    let agent = Agent::with_repository();
    let names: [&[u8]; 4] = [b"--force", b"a\nb", b":(top)*", b"caf\xe9 *"];
    for name in names {
        fs::write(agent.path("app").join(OsStr::from_bytes(name)), "x\n").unwrap();
    }
    let wires = ["--force", "a\nb", ":(top)*", "caf%E9 *"];
    agent
        .post("stage", json!({ "files": [wires[0], wires[1]] }))
        .await
        .unwrap();
    let status = agent.status("app").await.unwrap();
    let staged: Vec<_> = status
        .files
        .iter()
        .filter(|f| f.index == "A")
        .map(|f| &*f.path)
        .collect();
    assert_eq!(staged, ["--force", "a\nb"]);
    agent
        .post("stage", json!({ "files": wires }))
        .await
        .unwrap();
    agent
        .post("commit", json!({ "message": "Names" }))
        .await
        .unwrap();
    for name in names {
        fs::write(agent.path("app").join(OsStr::from_bytes(name)), "changed\n").unwrap();
    }
    let diff = agent.get("diff?path=app&file=a%0Ab").await.unwrap();
    let selection = json!({ "version": diff["version"], "lines": [{ "first": 0, "last": 1 }] });
    let change = json!({ "files": ["a\nb"], "selection": selection });
    agent.post("stage", change).await.unwrap();
    let gone = agent
        .post("discard", json!({ "files": wires }))
        .await
        .unwrap();
    let status = agent.status("app").await.unwrap();
    let left: Vec<_> = status.files.iter().map(|f| (&*f.path, &*f.index)).collect();
    assert_eq!(left, [("a\nb", "M")]);
    agent
        .post("discard/undo", json!({ "undo": gone["undo"] }))
        .await
        .unwrap();
    assert_eq!(agent.status("app").await.unwrap().files.len(), 4);
}

#[tokio::test]
async fn git_s_own_files_are_out_of_reach() {
    let agent = Agent::with_repository();
    let blob = agent.git(&["rev-parse", "HEAD:a.txt"]);
    let file = json!({ "file": ".git/hooks/post-commit", "blob": blob, "mode": "100755" });
    let undo = json!({ "undo": { "files": [file], "trash": [] } });
    expect_problem(agent.post("discard/undo", undo).await, ErrorCode::Invalid);
    let stage = agent
        .post("stage", json!({ "files": [".git/config"] }))
        .await;
    expect_problem(stage, ErrorCode::Invalid);
}

#[tokio::test]
async fn a_lock_that_was_left_is_named() {
    let agent = Agent::with_repository();
    fs::write(agent.path("app/.git/index.lock"), "").unwrap();
    fs::write(agent.path("app/a.txt"), "changed\n").unwrap();
    let problem = expect_problem(
        agent.post("stage", json!({ "all": true })).await,
        ErrorCode::Locked,
    );
    assert!(problem.detail.contains(".git/index.lock"), "{problem:?}");
    // What only reads goes on.
    assert_eq!(agent.status("app").await.unwrap().files.len(), 1);
}

#[tokio::test]
async fn a_bare_a_corrupt_and_a_new_repository_say_what_they_are() {
    let agent = Agent::with_repository();
    agent.git(&["clone", "--quiet", "--bare", ".", "../bare"]);
    let problem = agent.get("status?path=bare").await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::Conflict, "{problem:?}");
    assert!(problem.detail.contains("bare"), "{problem:?}");

    fs::create_dir(agent.path("new")).unwrap();
    crate::server::git(
        &agent.path("new"),
        &["init", "--quiet", "--initial-branch=main"],
    );
    let log = agent.get("log?path=new&all=true").await.unwrap();
    assert_eq!(log["items"], json!([]));
    assert_eq!(
        agent.get("references?path=new").await.unwrap()["items"],
        json!([])
    );

    let head = agent.git(&["rev-parse", "HEAD"]);
    let (directory, file) = head.split_at(2);
    let object = agent.path("app/.git/objects").join(directory).join(file);
    fs::remove_file(object).unwrap();
    let problem = agent.get("log?path=app").await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::Conflict, "{problem:?}");
}

#[tokio::test]
async fn a_shallow_clone_has_a_log() {
    let agent = Agent::with_repository();
    agent.commit("b", "b", "Second");
    let url = format!("file://{}", agent.path("app").display());
    agent.git(&["clone", "--quiet", "--depth=1", &url, "../shallow"]);
    let log = agent.get("log?path=shallow").await.unwrap();
    assert_eq!(log["items"].as_array().unwrap().len(), 1, "{log}");
}

#[tokio::test]
async fn without_an_identity_a_commit_asks_for_one() {
    let agent = Agent::with_repository();
    fs::write(
        agent.home().join(".gitconfig"),
        "[user]\nuseConfigOnly = true\n",
    )
    .unwrap();
    let commit = json!({ "message": "x", "allow_empty": true });
    let problem = expect_problem(
        agent.post("commit", commit.clone()).await,
        ErrorCode::Invalid,
    );
    assert_eq!(problem.field.as_deref(), Some("identity"));
    let bad = json!({ "scope": "global", "name": "A\nB", "email": "a@example.com" });
    expect_problem(agent.post("identity", bad).await, ErrorCode::Invalid);
    let who = json!({ "scope": "global", "name": "Ada Ü", "email": "ada@example.com" });
    agent.post("identity", who).await.unwrap();
    let identity = agent.get("identity?path=app").await.unwrap();
    assert_eq!(identity["global"]["name"], "Ada Ü");
    agent.post("commit", commit).await.unwrap();
}

#[tokio::test]
async fn a_missing_submodule_and_another_working_tree_are_listed() {
    let agent = Agent::with_repository();
    agent.git(&["clone", "--quiet", ".", "../library"]);
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        "../library",
        "lib",
    ];
    agent.git(&["remote", "add", "origin", "https://example.invalid/app"]);
    let url = agent.path("library").display().to_string();
    agent.git(&[&add[..5], &[url.as_str(), "lib"]].concat());
    agent.git(&["commit", "--quiet", "--message=Library"]);
    agent.git(&["submodule", "--quiet", "deinit", "--force", "lib"]);
    fs::remove_dir_all(agent.path("app/.git/modules")).unwrap();
    let list = agent.get("submodules?path=app").await.unwrap();
    assert_eq!(list["items"][0]["directory"], "lib");
    assert_eq!(list["items"][0]["state"], "missing", "{list}");
    // It comes from a local file, which is not allowed.
    let events = agent.long("submodules/update", json!({})).await;
    assert_eq!(events.last().unwrap()["type"], "failed", "{events:?}");

    let add = json!({ "directory": "other", "branch": "topic", "create": true });
    agent.post("worktrees/add", add).await.unwrap();
    let list = agent.get("worktrees?path=other").await.unwrap();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{list}");
    assert_eq!(
        (&items[1]["directory"], &items[1]["current"]),
        (&json!("other"), &json!(true))
    );
    agent
        .post("worktrees/remove", json!({ "directory": "other" }))
        .await
        .unwrap();
    assert!(!agent.path("other").exists());
    let outside = json!({ "directory": "../outside", "branch": "x", "create": true });
    assert!(agent.post("worktrees/add", outside).await.is_err());
}

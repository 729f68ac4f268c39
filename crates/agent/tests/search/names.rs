//! Finding files by parts of their names.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use atelier_api::ErrorCode;
use atelier_api::agent::search::NameList;
use serde_json::{Value, json};

use crate::support::Agent;

fn paths(list: &NameList) -> Vec<&str> {
    list.items.iter().map(|item| item.path.as_str()).collect()
}

#[tokio::test]
async fn the_best_fitting_file_comes_first() {
    let agent = Agent::new();
    for name in [
        "src/components/button/index.ts",
        "src/components/Button.tsx",
        "docs/about-tones.md",
        "src/main.rs",
        "Cargo.toml",
        "target/button",
    ] {
        agent.file(name, "");
    }
    agent.file(".gitignore", "target\n");
    let found = agent.names(&json!({ "query": "button" })).await;
    assert_eq!(paths(&found)[0], "src/components/Button.tsx");
    assert_eq!((found.files, found.total), (5, 3));
    let found = agent.names(&json!({ "query": "comp idx" })).await;
    assert_eq!(paths(&found), ["src/components/button/index.ts"]);
    let found = agent.names(&json!({ "query": "main" })).await;
    assert_eq!(found.items[0].positions, [4, 5, 6, 7]);
    let found = agent
        .names(&json!({ "query": "button", "ignored": true }))
        .await;
    assert!(paths(&found).contains(&"target/button"));
    let found = agent
        .names(&json!({ "query": "", "path": "src", "limit": 2 }))
        .await;
    assert_eq!((found.items.len(), found.total), (2, 3));
    assert_eq!(agent.names(&json!({ "query": "nowhere" })).await.total, 0);
}

#[tokio::test]
async fn recent_files_come_first() {
    let agent = Agent::new();
    for name in ["a/main.rs", "b/main.rs", "deep/down/main.rs", "other.txt"] {
        agent.file(name, "");
    }
    let recent = json!(["gone.rs", "deep/down/main.rs", "other.txt", "b/main.rs"]);
    let found = agent
        .names(&json!({ "query": "main", "recent": recent }))
        .await;
    assert_eq!(
        paths(&found),
        ["deep/down/main.rs", "b/main.rs", "a/main.rs"]
    );
    assert_eq!(found.items.iter().filter(|item| item.recent).count(), 2);
    let found = agent.names(&json!({ "recent": recent })).await;
    assert_eq!(
        paths(&found),
        ["deep/down/main.rs", "other.txt", "b/main.rs", "a/main.rs"]
    );
}

#[tokio::test]
async fn every_name_can_be_found_and_links_lead_nowhere_else() {
    let agent = Agent::new();
    for name in [
        &b"latin\xe9.txt"[..],
        b"new\nline.txt",
        "\u{202e}marked.txt".as_bytes(),
    ] {
        fs::write(agent.path("").join(OsStr::from_bytes(name)), "").unwrap();
    }
    agent.file("😀/smile.txt", "");
    fs::write(agent.outside().join("secret.txt"), "").unwrap();
    symlink("../secret.txt", agent.path("out.txt")).unwrap();
    symlink("..", agent.path("up")).unwrap();
    symlink("😀/smile.txt", agent.path("within.txt")).unwrap();
    let found = agent.names(&json!({ "query": "txt" })).await;
    let mut names = paths(&found);
    names.sort_unstable();
    let expected = [
        "latin%E9.txt",
        "new\nline.txt",
        "within.txt",
        "\u{202e}marked.txt",
        "😀/smile.txt",
    ];
    assert_eq!(names, expected);
    let found = agent.names(&json!({ "query": "smile" })).await;
    assert_eq!(found.items[0].positions, [3, 4, 5, 6, 7]);
}

/// Paths are read again after a second, and who asks meanwhile is told so.
#[tokio::test]
async fn new_files_are_found() {
    let agent = Agent::new();
    agent.file("first", "");
    assert_eq!(agent.names(&json!({})).await.total, 1);
    agent.file("second", "");
    let deadline = Instant::now() + Duration::from_secs(20);
    while agent.names(&json!({})).await.total < 2 {
        assert!(Instant::now() < deadline, "the new file is not found");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let agent = Agent::new();
    let recent: Vec<Value> = vec![json!("a"); 65];
    for (body, field) in [
        (json!({ "query": "a".repeat(2_000) }), "query"),
        (json!({ "recent": recent }), "recent"),
        (json!({ "path": "../a" }), "path"),
    ] {
        let problem = agent.refused("names", &body, ErrorCode::Invalid).await;
        assert_eq!(problem.field.as_deref(), Some(field));
    }
    agent
        .refused("names", &json!({ "path": "absent" }), ErrorCode::NotFound)
        .await;
}

//! Replacing what was found.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use atelier_api::ErrorCode;
use atelier_api::agent::search::SkipReason;
use serde_json::json;

use crate::support::Agent;

#[tokio::test]
async fn matches_are_replaced_and_the_rest_stays() {
    let agent = Agent::new();
    agent.file("a.txt", "old one\r\nold two\r\n");
    let utf16 = |text: &str| -> Vec<u8> {
        let marked = format!("\u{feff}{text}");
        marked.encode_utf16().flat_map(u16::to_be_bytes).collect()
    };
    let wide = agent.file("wide.txt", utf16("é old\n"));
    let script = agent.file("run.sh", "old");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o751)).unwrap();
    let replaced = agent.replace_all("old", "new").await;
    assert_eq!((replaced.matches, replaced.files.len()), (4, 3));
    assert!(replaced.skipped.is_empty());
    assert_eq!(agent.read("a.txt"), "new one\r\nnew two\r\n");
    assert_eq!(fs::read(&wide).unwrap(), utf16("é new\n"));
    assert_eq!(agent.read("run.sh"), "new");
    assert_eq!(fs::metadata(&script).unwrap().mode() & 0o777, 0o751);
    // What it answers is the version that is there: it can be replaced again at once.
    let again = agent.replace_all("new", "old").await;
    assert_eq!(again.matches, 4);
}

#[tokio::test]
async fn only_chosen_matches_are_replaced() {
    let agent = Agent::new();
    agent.file("a", "x x\nx\n");
    let pattern = json!({ "query": "x" });
    let found = agent.search(&json!({ "pattern": pattern })).await;
    let (path, etag) = (&found.files[0].path, &found.files[0].etag);
    let body = |matches: &[u32]| {
        let files = [json!({ "path": path, "etag": etag, "matches": matches })];
        json!({ "pattern": pattern, "replacement": "yy", "files": files })
    };
    let (_, answer) = agent.post("replace", &body(&[7])).await;
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["skipped"][0]["reason"], "no_match");
    assert_eq!(answer["id"], json!(null));
    agent.post("replace", &body(&[0, 2])).await;
    assert_eq!(agent.read("a"), "yy x\nyy\n");
}

#[tokio::test]
async fn groups_of_an_expression_are_put_in() {
    let agent = Agent::new();
    agent.file("a.css", "margin-left: 1px; margin-right: 2px;\n");
    let pattern = json!({ "query": r"margin-(\w+)", "regex": true });
    let found = agent.search(&json!({ "pattern": pattern })).await;
    agent.replace(&pattern, "padding-$1", &found.files).await;
    assert_eq!(
        agent.read("a.css"),
        "padding-left: 1px; padding-right: 2px;\n"
    );
}

#[tokio::test]
async fn what_has_changed_since_is_left_as_it_is() {
    let agent = Agent::new();
    for name in ["kept", "changed", "gone", "link", "folder"] {
        agent.file(name, "old");
    }
    let found = agent
        .search(&json!({ "pattern": { "query": "old" } }))
        .await;
    agent.file("changed", "old and more");
    for name in ["gone", "link", "folder"] {
        fs::remove_file(agent.path(name)).unwrap();
    }
    symlink("kept", agent.path("link")).unwrap();
    fs::create_dir(agent.path("folder")).unwrap();
    let replaced = agent
        .replace(&json!({ "query": "old" }), "new", &found.files)
        .await;
    let skipped: Vec<_> = replaced
        .skipped
        .iter()
        .map(|file| (file.path.as_str(), file.reason))
        .collect();
    assert_eq!(
        skipped,
        [
            ("changed", SkipReason::Changed),
            ("folder", SkipReason::Changed),
            ("gone", SkipReason::NotFound),
            ("link", SkipReason::Changed),
        ]
    );
    assert!(
        replaced
            .skipped
            .iter()
            .all(|file| file.detail.contains(&file.path))
    );
    assert_eq!(replaced.files.len(), 1);
    assert_eq!(agent.read("kept"), "new");
    assert_eq!(agent.read("changed"), "old and more");
}

#[tokio::test]
async fn what_may_not_be_changed_says_so() {
    let agent = Agent::new();
    let fixed = agent.file("fixed", "old");
    fs::set_permissions(&fixed, fs::Permissions::from_mode(0o444)).unwrap();
    agent.file("latin", b"old \xe9");
    let may_write = fs::OpenOptions::new().write(true).open(&fixed).is_ok();
    let replaced = agent.replace_all("old", "né").await;
    let reasons: Vec<_> = replaced.skipped.iter().map(|file| file.reason).collect();
    let expected = if may_write {
        vec![SkipReason::Encoding]
    } else {
        vec![SkipReason::Forbidden, SkipReason::Encoding]
    };
    assert_eq!(reasons, expected);
    assert_eq!(fs::read(agent.path("latin")).unwrap(), b"old \xe9");
}

#[tokio::test]
async fn a_thousand_files_are_replaced_and_brought_back() {
    let agent = Agent::new();
    for number in 0..1_000 {
        agent.file(
            &format!("{}/{number}.txt", number % 20),
            format!("old {number}\n"),
        );
    }
    let replaced = agent.replace_all("old", "new").await;
    assert_eq!((replaced.files.len(), replaced.matches), (1_000, 1_000));
    assert_eq!(agent.read("7/567.txt"), "new 567\n");
    let undone = agent.undo(&replaced).await;
    assert_eq!((undone.files.len(), undone.skipped.len()), (1_000, 0));
    assert_eq!(agent.read("7/567.txt"), "old 567\n");
    // Nothing but the files is left in their folders.
    assert_eq!(fs::read_dir(agent.path("7")).unwrap().count(), 50);
}

#[tokio::test]
async fn too_many_files_at_a_time_are_refused() {
    let agent = Agent::new();
    let file = json!({ "path": "a", "etag": "\"1\"" });
    let files = vec![file; 4_001];
    let body = json!({ "pattern": { "query": "a" }, "replacement": "b", "files": files });
    let problem = agent.refused("replace", &body, ErrorCode::Invalid).await;
    assert_eq!(problem.field.as_deref(), Some("files"));
}

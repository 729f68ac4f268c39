//! Taking replacements back.

use std::fs;

use atelier_api::ErrorCode;
use atelier_api::agent::search::{REPLACEMENTS_KEPT, SkipReason};
use serde_json::json;

use crate::support::Agent;

#[tokio::test]
async fn a_replacement_is_taken_back_once() {
    let agent = Agent::new();
    let content = b"\xef\xbb\xbfold\r\nold \xc3\xa9\n";
    agent.file("a", content);
    let replaced = agent.replace_all("old", "new").await;
    let undone = agent.undo(&replaced).await;
    assert_eq!(
        (undone.files, undone.skipped),
        (vec!["a".to_owned()], vec![])
    );
    assert_eq!(fs::read(agent.path("a")).unwrap(), content);
    let body = json!({ "replacement": replaced.id });
    let problem = agent.refused("undo", &body, ErrorCode::Conflict).await;
    assert!(problem.detail.contains("undone"), "{}", problem.detail);
}

#[tokio::test]
async fn a_file_that_was_changed_since_is_not_taken_back() {
    let agent = Agent::new();
    agent.file("a", "old");
    agent.file("b", "old");
    let replaced = agent.replace_all("old", "new").await;
    agent.file("a", "new, and more");
    let undone = agent.undo(&replaced).await;
    assert_eq!(undone.files, ["b"]);
    assert_eq!(undone.skipped[0].reason, SkipReason::Changed);
    assert_eq!(
        (agent.read("a"), agent.read("b")),
        ("new, and more".into(), "old".into())
    );
}

/// A file that replaced another keeps the other's old content out of reach of whoever writes to it.
#[tokio::test]
async fn the_old_content_is_not_the_new_file() {
    let agent = Agent::new();
    let path = agent.file("a", "old");
    // A program that has the old file under another name changes it.
    fs::hard_link(&path, agent.path("other")).unwrap();
    let found = agent
        .search(&json!({ "pattern": { "query": "old" } }))
        .await;
    let replaced = agent
        .replace(&json!({ "query": "old" }), "new", &found.files[..1])
        .await;
    fs::write(agent.path("other"), "somebody else's").unwrap();
    let undone = agent.undo(&replaced).await;
    assert_eq!(undone.files, Vec::<String>::new());
    assert_eq!(undone.skipped[0].reason, SkipReason::Other);
    assert_eq!(agent.read("a"), "new");
}

#[tokio::test]
async fn only_the_last_replacements_are_kept_and_nobody_sees_them() {
    let agent = Agent::new();
    agent.file("a", "0");
    let mut made = Vec::new();
    for number in 0..=REPLACEMENTS_KEPT {
        let next = (number + 1).to_string();
        made.push(agent.replace_all(&number.to_string(), &next).await);
    }
    let kept = fs::read_dir(agent.path(".atelier-undo")).unwrap();
    let kept = kept.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("repl_")
    });
    assert_eq!(kept.count(), REPLACEMENTS_KEPT);
    let body = json!({ "replacement": made[0].id });
    agent.refused("undo", &body, ErrorCode::Conflict).await;
    let hidden = json!({ "pattern": { "query": "0" }, "scope": { "hidden": true } });
    assert!(agent.search(&hidden).await.paths().is_empty());
    // From the last one on, each can be undone.
    for replacement in made.iter().skip(1).rev() {
        assert_eq!(agent.undo(replacement).await.files, ["a"]);
    }
    assert_eq!(agent.read("a"), "1");
}

#[tokio::test]
async fn a_record_without_sense_is_none() {
    let agent = Agent::new();
    agent.file("a", "old");
    let replaced = agent.replace_all("old", "new").await;
    let name = replaced.id.unwrap().to_string();
    let record = agent.path(".atelier-undo").join(name).join("record.json");
    fs::write(record, "{").unwrap();
    let body = json!({ "replacement": replaced.id });
    agent.refused("undo", &body, ErrorCode::Conflict).await;
    assert_eq!(agent.read("a"), "new");
}

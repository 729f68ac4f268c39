use std::fmt::Write as _;

use atelier_api::ErrorCode;
use serde_json::json;

use crate::support::{Agent, expect_problem};

#[tokio::test]
async fn the_log_comes_in_pages_with_parents_and_references() {
    let agent = Agent::with_repository();
    for number in 0..5 {
        agent.commit("a.txt", &format!("{number}\n"), &format!("Number {number}"));
    }
    agent.git(&["tag", "v1"]);
    agent.git(&["switch", "--quiet", "--create", "topic", "HEAD~2"]);
    let topic = agent.commit("b.txt", "b\n", "Topic");
    agent.git(&["switch", "--quiet", "main"]);
    agent.git(&["merge", "--quiet", "--no-edit", "topic"]);

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = agent
            .get(&format!("log?path=app&all=true&limit=3{cursor}"))
            .await
            .unwrap();
        seen.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 8);
    assert_eq!(seen[0]["parents"].as_array().unwrap().len(), 2);
    assert_eq!(seen[0]["references"], json!(["HEAD", "refs/heads/main"]));
    let tagged = seen
        .iter()
        .find(|commit| commit["subject"] == "Number 4")
        .unwrap();
    assert_eq!(tagged["references"], json!(["refs/tags/v1"]));

    for (filter, count) in [
        ("text=NUMBER", 5),
        ("text=--all", 0),
        ("author=ada@", 8),
        ("author=nobody", 0),
        ("file=b.txt", 1),
        ("reference=topic", 5),
    ] {
        let page = agent.get(&format!("log?path=app&{filter}")).await.unwrap();
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{filter}");
    }
    for bad in ["reference=--all", "reference=a..b", "cursor=x", "file=../x"] {
        let problem = agent.get(&format!("log?path=app&{bad}")).await.unwrap_err();
        assert!(matches!(problem.status, 400 | 422), "{bad}: {problem:?}");
    }
    let view = agent
        .get(&format!("commit?path=app&commit={topic}"))
        .await
        .unwrap();
    assert_eq!(view["message"], "Topic");
    let added = json!({ "file": "b.txt", "status": "A", "added": 1, "removed": 0 });
    assert_eq!(view["files"], json!([added]));
    let missing = agent.get("commit?path=app&commit=0123abcd").await;
    expect_problem(missing, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_renamed_files_history_and_lines_are_followed() {
    let agent = Agent::with_repository();
    agent.git(&["mv", "a.txt", "b.txt"]);
    agent.git(&["commit", "--quiet", "--message=Rename"]);
    agent.commit("b.txt", "one\ntwo\nTHREE\nfour\nfive\n", "Louder");
    let log = agent.get("log?path=app&file=b.txt").await.unwrap();
    let subjects: Vec<_> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["subject"].clone())
        .collect();
    assert_eq!(subjects, ["Louder", "Rename", "First"]);
    let blame = agent.get("blame?path=app&file=b.txt").await.unwrap();
    let ranges = blame["ranges"].as_array().unwrap();
    assert_eq!(ranges.len(), 3, "{blame}");
    let number = usize::try_from(ranges[1]["commit"].as_u64().unwrap()).unwrap();
    let commit = &blame["commits"][number];
    assert_eq!(
        (&commit["subject"], &ranges[1]["first"]),
        (&json!("Louder"), &json!(3))
    );
    let old = agent
        .get("content?path=app&file=b.txt&source=parent&commit=HEAD")
        .await
        .unwrap();
    assert!(old["text"].as_str().unwrap().contains("three"), "{old}");
}

#[tokio::test]
async fn ten_thousand_branches_are_bounded_and_found() {
    let agent = Agent::with_repository();
    let head = agent.git(&["rev-parse", "HEAD"]);
    let mut packed = String::from("# pack-refs with: peeled fully-peeled sorted \n");
    for number in 0..10_000 {
        writeln!(packed, "{head} refs/heads/b{number:05}").unwrap();
    }
    std::fs::write(agent.path("app/.git/packed-refs"), packed).unwrap();
    let list = agent.get("references?path=app").await.unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 2_000);
    assert_eq!(list["truncated"], true);
    let list = agent.get("references?path=app&text=b09999").await.unwrap();
    assert_eq!(list["items"][0]["name"], "b09999");
    assert_eq!(list["truncated"], false);
    agent.get("log?path=app&all=true").await.unwrap();
}

#[tokio::test]
async fn branches_and_tags_come_and_go() {
    let agent = Agent::with_repository();
    let create = json!({ "name": "topic", "switch": true });
    agent.post("branches/create", create.clone()).await.unwrap();
    expect_problem(
        agent.post("branches/create", create).await,
        ErrorCode::Conflict,
    );
    agent.commit("b.txt", "b\n", "Topic");
    agent
        .post("branches/switch", json!({ "name": "main" }))
        .await
        .unwrap();
    let unmerged = agent
        .post("branches/delete", json!({ "name": "topic" }))
        .await;
    expect_problem(unmerged, ErrorCode::Conflict);
    let rename = json!({ "name": "topic", "new_name": "subject" });
    agent.post("branches/rename", rename).await.unwrap();
    let delete = json!({ "name": "subject", "force": true });
    agent.post("branches/delete", delete).await.unwrap();
    let tag = json!({ "name": "v1", "message": "One" });
    agent.post("tags/create", tag).await.unwrap();
    assert_eq!(agent.git(&["cat-file", "-t", "v1"]), "tag");
    agent
        .post("tags/delete", json!({ "name": "v1" }))
        .await
        .unwrap();
    agent
        .post("branches/switch", json!({ "name": "HEAD", "detach": true }))
        .await
        .unwrap();
    let status = agent.status("app").await.unwrap();
    assert_eq!((status.branch, status.operation), (None, None));
    for bad in ["-d", "--orphan", "a b", "a..b", "a\nb"] {
        let create = agent.post("branches/create", json!({ "name": bad })).await;
        expect_problem(create, ErrorCode::Invalid);
    }
}

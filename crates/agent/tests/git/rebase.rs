use atelier_api::ErrorCode;
use serde_json::{Value, json};

use crate::support::{Agent, expect_problem};

fn outcome(events: &[Value]) -> &Value {
    let last = events.last().unwrap();
    assert_eq!(last["type"], "done", "{events:?}");
    &last["result"]["outcome"]
}

#[tokio::test]
async fn a_list_of_commits_is_reworded_joined_moved_and_dropped() {
    let agent = Agent::with_repository();
    let ids: Vec<String> = ["b", "c", "d", "e"]
        .iter()
        .map(|name| agent.commit(name, name, name))
        .collect();
    let todo = json!([
        { "action": "reword", "commit": ids[2], "message": "D, by another name" },
        { "action": "pick", "commit": ids[0] },
        { "action": "squash", "commit": ids[1], "message": "B and C" },
        { "action": "drop", "commit": ids[3] },
    ]);
    let events = agent
        .long("rebase", json!({ "onto": "HEAD~4", "todo": todo }))
        .await;
    assert_eq!(outcome(&events), "done");
    assert_eq!(
        agent.git(&["log", "--format=%s"]),
        "B and C\nD, by another name\nFirst"
    );
    assert!(!agent.path("app/e").exists() && agent.path("app/c").exists());
    assert!(!agent.path("app/.git/rebase-merge").exists());
}

#[tokio::test]
async fn a_conflict_is_resolved_and_the_rebase_goes_on_with_its_messages() {
    let agent = Agent::with_repository();
    let first = agent.commit("a.txt", "ONE\n", "One");
    let second = agent.commit("a.txt", "TWO\n", "Two");
    let todo = json!([
        { "action": "pick", "commit": second },
        { "action": "reword", "commit": first, "message": "Reworded" },
    ]);
    let rebase = json!({ "onto": "HEAD~2", "todo": todo });
    let events = agent.long("rebase", rebase.clone()).await;
    assert_eq!(outcome(&events), "conflicts");
    let status = agent.status("app").await.unwrap();
    assert_eq!(serde_json::to_value(status.operation).unwrap(), "rebase");
    assert_eq!(
        (&*status.files[0].index, &*status.files[0].worktree),
        ("U", "U")
    );
    let theirs = agent
        .get("content?path=app&file=a.txt&source=theirs")
        .await
        .unwrap();
    assert_eq!(theirs["text"], "TWO\n");
    // Nothing else may begin meanwhile.
    let other = agent.post("merge", json!({ "reference": "main" })).await;
    expect_problem(other, ErrorCode::Conflict);

    agent
        .post("resolve", json!({ "files": ["a.txt"], "with": "theirs" }))
        .await
        .unwrap();
    let events = agent.long("proceed", json!({ "step": "continue" })).await;
    assert_eq!(outcome(&events), "conflicts");
    agent
        .post("resolve", json!({ "files": ["a.txt"], "with": "theirs" }))
        .await
        .unwrap();
    let events = agent.long("proceed", json!({ "step": "continue" })).await;
    assert_eq!(outcome(&events), "done");
    assert_eq!(agent.git(&["log", "--format=%s"]), "Reworded\nTwo\nFirst");
    assert_eq!(agent.content("a.txt"), "ONE\n");
    let idle = agent.post("proceed", json!({ "step": "abort" })).await;
    expect_problem(idle, ErrorCode::Conflict);
}

#[tokio::test]
async fn lists_that_cannot_be_are_refused_before_anything_begins() {
    let agent = Agent::with_repository();
    let commit = agent.commit("b", "b", "b");
    for todo in [
        json!([]),
        json!([{ "action": "squash", "commit": commit }]),
        json!([{ "action": "pick", "commit": "--exec=id" }]),
        json!([{ "action": "pick", "commit": "HEAD" }]),
        json!([{ "action": "reword", "commit": commit, "message": " " }]),
    ] {
        let refused = agent
            .post("rebase", json!({ "onto": "HEAD~1", "todo": todo }))
            .await;
        expect_problem(refused, ErrorCode::Invalid);
    }
    let refused = agent.post("rebase", json!({ "onto": "--exec=id" })).await;
    expect_problem(refused, ErrorCode::Invalid);
    assert!(!agent.path("app/.git/rebase-merge").exists());
}

#[tokio::test]
async fn a_merge_stops_at_conflicts_and_takes_both_sides_or_none() {
    let agent = Agent::with_repository();
    agent.git(&["switch", "--quiet", "--create", "topic"]);
    agent.commit("a.txt", "one\nTHEIRS\nthree\nfour\nfive\n", "Theirs");
    agent.git(&["switch", "--quiet", "main"]);
    agent.commit("a.txt", "one\nOURS\nthree\nfour\nfive\n", "Ours");
    let merge = json!({ "reference": "topic" });
    let done = agent.post("merge", merge.clone()).await.unwrap();
    assert_eq!(done["outcome"], "conflicts");
    let events = agent.long("proceed", json!({ "step": "abort" })).await;
    assert_eq!(outcome(&events), "done");
    assert_eq!(agent.content("a.txt"), "one\nOURS\nthree\nfour\nfive\n");

    agent.post("merge", merge).await.unwrap();
    agent
        .post("resolve", json!({ "files": ["a.txt"], "with": "both" }))
        .await
        .unwrap();
    assert_eq!(
        agent.content("a.txt"),
        "one\nOURS\nTHEIRS\nthree\nfour\nfive\n"
    );
    let events = agent.long("proceed", json!({ "step": "continue" })).await;
    assert_eq!(outcome(&events), "done");
    assert_eq!(
        agent.git(&["log", "-1", "--format=%s"]),
        "Merge branch 'topic'"
    );
}

#[tokio::test]
async fn commits_are_picked_reverted_and_left_behind() {
    let agent = Agent::with_repository();
    agent.git(&["switch", "--quiet", "--create", "topic"]);
    let picked = agent.commit("b", "b", "B");
    agent.git(&["switch", "--quiet", "main"]);
    agent
        .post("cherry-pick", json!({ "commits": [picked] }))
        .await
        .unwrap();
    assert_eq!(agent.content("b"), "b");
    let head = agent.git(&["rev-parse", "HEAD"]);
    agent
        .post("revert", json!({ "commits": [head] }))
        .await
        .unwrap();
    assert!(!agent.path("app/b").exists());
    agent
        .post("reset", json!({ "commit": "HEAD~2", "mode": "keep" }))
        .await
        .unwrap();
    assert_eq!(agent.git(&["log", "--format=%s"]), "First");
}

use std::fs;

use atelier_api::ErrorCode;
use serde_json::{Value, json};

use crate::support::{Agent, expect_problem};

async fn diff(agent: &Agent, file: &str, scope: &str) -> Value {
    let query = format!("diff?path=app&file={file}&scope={scope}");
    agent.get(&query).await.unwrap()
}

#[tokio::test]
async fn a_hunk_and_lines_are_staged_and_unstaged() {
    let agent = Agent::with_repository();
    let numbers: Vec<String> = (1..=30).map(|number| number.to_string()).collect();
    let numbers = numbers.join("\n") + "\n";
    agent.commit("n.txt", &numbers, "Numbers");
    let changed = numbers
        .replace("2\n3\n", "two\nthree\n")
        .replace("28\n", "x\n");
    fs::write(agent.path("app/n.txt"), &changed).unwrap();
    let shown = diff(&agent, "n.txt", "unstaged").await;
    let hunks = shown["hunks"].as_array().unwrap();
    assert!(hunks.len() >= 2, "{shown}");
    // The last hunk alone.
    let last = hunks.last().unwrap();
    let first = last["first"].as_u64().unwrap();
    let count = last["lines"].as_array().unwrap().len() as u64;
    let lines = json!([{ "first": first, "last": first + count - 1 }]);
    let change =
        json!({ "files": ["n.txt"], "selection": { "version": shown["version"], "lines": lines } });
    let done = agent.post("stage", change.clone()).await.unwrap();
    assert_eq!(
        done["runs"][0]["command"],
        "git apply --cached --whitespace=nowarn -"
    );
    assert!(agent.git(&["diff", "--cached"]).contains("+x"));
    assert!(!agent.git(&["diff", "--cached"]).contains("+two"));
    // The difference is another one by now.
    expect_problem(agent.post("stage", change).await, ErrorCode::Stale);

    // One pair of lines more, and it off again.
    let shown = diff(&agent, "n.txt", "unstaged").await;
    let lines = shown["hunks"][0]["lines"].as_array().unwrap();
    let pair = lines.iter().enumerate().filter(|(_, line)| {
        line["text"] == "2" && line["kind"] == "removed" || line["text"] == "two"
    });
    let pair: Vec<Value> = pair
        .map(|(at, _)| json!({ "first": at, "last": at }))
        .collect();
    assert_eq!(pair.len(), 2, "{shown}");
    let selection = json!({ "version": shown["version"], "lines": pair });
    let change = json!({ "files": ["n.txt"], "selection": selection });
    agent.post("stage", change).await.unwrap();
    let staged = agent.git(&["show", ":n.txt"]);
    assert!(staged.starts_with("1\ntwo\n3\n4\n"), "{staged}");

    let shown = diff(&agent, "n.txt", "staged").await;
    let selection = json!({ "version": shown["version"], "lines": [{ "first": 0, "last": 5 }] });
    let change = json!({ "files": ["n.txt"], "selection": selection });
    agent.post("unstage", change).await.unwrap();
    let staged = agent.git(&["diff", "--cached"]);
    assert!(
        staged.contains("+x") && !staged.contains("+two"),
        "{staged}"
    );
    assert_eq!(agent.content("n.txt"), changed, "the working tree stays");
}

#[tokio::test]
async fn lines_of_an_untracked_and_of_a_deleted_file_are_staged() {
    let agent = Agent::with_repository();
    fs::write(agent.path("app/new file.txt"), "a\nb\nc\n").unwrap();
    let shown = diff(&agent, "new%20file.txt", "unstaged").await;
    assert_eq!(
        shown["hunks"][0]["lines"].as_array().unwrap().len(),
        3,
        "{shown}"
    );
    let selection = json!({ "version": shown["version"], "lines": [{ "first": 1, "last": 1 }] });
    let change = json!({ "files": ["new file.txt"], "selection": selection });
    agent.post("stage", change).await.unwrap();
    assert_eq!(agent.git(&["show", ":new file.txt"]), "b");

    fs::remove_file(agent.path("app/a.txt")).unwrap();
    let shown = diff(&agent, "a.txt", "unstaged").await;
    let selection = json!({ "version": shown["version"], "lines": [{ "first": 0, "last": 0 }] });
    let change = json!({ "files": ["a.txt"], "selection": selection });
    agent.post("stage", change).await.unwrap();
    assert_eq!(agent.git(&["show", ":a.txt"]), "two\nthree\nfour\nfive");
}

#[tokio::test]
async fn what_is_discarded_comes_back() {
    let agent = Agent::with_repository();
    agent.commit("gone.txt", "gone\n", "Second");
    fs::write(agent.path("app/a.txt"), "changed\n").unwrap();
    fs::remove_file(agent.path("app/gone.txt")).unwrap();
    fs::create_dir(agent.path("app/new")).unwrap();
    fs::write(agent.path("app/new/x"), "unknown\n").unwrap();
    let discarded = agent.post("discard", json!({ "all": true })).await.unwrap();
    assert_eq!(agent.git(&["status", "--porcelain"]), "", "{discarded}");
    assert_eq!(agent.content("gone.txt"), "gone\n");

    // Somebody has changed one of them since.
    fs::write(agent.path("app/a.txt"), "newer\n").unwrap();
    let undo = json!({ "undo": discarded["undo"] });
    let restored = agent.post("discard/undo", undo).await.unwrap();
    assert_eq!(restored["kept"], json!(["a.txt"]), "{restored}");
    assert_eq!(agent.content("a.txt"), "newer\n");
    assert_eq!(agent.content("new/x"), "unknown\n");
    assert!(!agent.path("app/gone.txt").exists());
}

#[tokio::test]
async fn lines_are_discarded_and_come_back() {
    let agent = Agent::with_repository();
    let changed = "ONE\ntwo\nthree\nfour\nFIVE\n";
    fs::write(agent.path("app/a.txt"), changed).unwrap();
    let shown = diff(&agent, "a.txt", "unstaged").await;
    let selection = json!({ "version": shown["version"], "lines": [{ "first": 0, "last": 1 }] });
    let change = json!({ "files": ["a.txt"], "selection": selection });
    let discarded = agent.post("discard", change).await.unwrap();
    assert_eq!(agent.content("a.txt"), "one\ntwo\nthree\nfour\nFIVE\n");
    let undo = json!({ "undo": discarded["undo"] });
    agent.post("discard/undo", undo).await.unwrap();
    assert_eq!(agent.content("a.txt"), changed);
}

#[tokio::test]
async fn a_commit_is_made_amended_and_signed_off() {
    let agent = Agent::with_repository();
    fs::write(agent.path("app/a.txt"), "changed\n").unwrap();
    let nothing = agent.post("commit", json!({ "message": "x" })).await;
    expect_problem(nothing, ErrorCode::Conflict);
    agent.post("stage", json!({ "all": true })).await.unwrap();
    expect_problem(
        agent.post("commit", json!({ "message": " " })).await,
        ErrorCode::Invalid,
    );
    // A message is a message, whatever it looks like.
    let made = agent
        .post("commit", json!({ "message": "--amend\n\nBody" }))
        .await
        .unwrap();
    assert_eq!(made["commit"], agent.git(&["rev-parse", "HEAD"]));
    assert_eq!(agent.git(&["log", "--format=%s"]), "--amend\nFirst");
    let amend = json!({ "message": "Second", "amend": true, "sign_off": true });
    agent.post("commit", amend).await.unwrap();
    let message = agent.git(&["log", "-1", "--format=%B"]);
    assert_eq!(message, "Second\n\nSigned-off-by: Ada <ada@example.com>");
    let runs = agent.get("runs").await.unwrap();
    let last = runs["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["command"], "git commit --file=- --amend --signoff");
    assert!(
        last["output"].as_str().unwrap().contains("Second"),
        "{last}"
    );
}

#[tokio::test]
async fn a_template_and_a_hook_are_those_of_the_repository() {
    let agent = Agent::with_repository();
    fs::write(agent.path("app/template"), "# what\nWhy:\n").unwrap();
    agent.git(&["config", "commit.template", "template"]);
    let draft = agent.get("draft?path=app").await.unwrap();
    assert_eq!(draft, json!({ "message": "Why:", "last": "First" }));
    let hook = agent.path("app/.git/hooks/commit-msg");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho 'no such messages' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let refused = agent
        .post("commit", json!({ "message": "x", "allow_empty": true }))
        .await;
    let problem = expect_problem(refused, ErrorCode::Conflict);
    assert!(problem.detail.contains("no such messages"), "{problem:?}");
}

#[tokio::test]
async fn changes_are_put_aside_and_taken_back() {
    let agent = Agent::with_repository();
    let nothing = agent.post("stashes/push", json!({ "message": "m" })).await;
    expect_problem(nothing, ErrorCode::Conflict);
    fs::write(agent.path("app/a.txt"), "changed\n").unwrap();
    fs::write(agent.path("app/new"), "new\n").unwrap();
    let push = json!({ "message": "--later", "untracked": true });
    agent.post("stashes/push", push).await.unwrap();
    assert_eq!(agent.git(&["status", "--porcelain"]), "");
    assert_eq!(agent.status("app").await.unwrap().stashes, 1);
    let list = agent.get("stashes?path=app").await.unwrap();
    let stash = &list["items"][0];
    assert_eq!(stash["message"], "On main: --later");
    let other = json!({ "index": 0, "id": "0123abcd" });
    expect_problem(agent.post("stashes/drop", other).await, ErrorCode::Stale);
    let pop = json!({ "index": 0, "id": stash["id"] });
    agent.post("stashes/pop", pop).await.unwrap();
    assert_eq!(
        (agent.content("a.txt"), agent.content("new")),
        ("changed\n".into(), "new\n".into())
    );
}

use std::fs;

use atelier_api::agent::git::{GitFound, GitFoundList, GitOperation};

use crate::server::git;
use crate::support::Agent;

async fn scan(agent: &Agent) -> GitFoundList {
    let answer = agent.get("repositories").await.unwrap();
    serde_json::from_value(answer).unwrap()
}

fn make(agent: &Agent, path: &str) {
    let directory = agent.path(path);
    fs::create_dir_all(&directory).unwrap();
    git(&directory, &["init", "--quiet", "--initial-branch=main"]);
}

fn paths(list: &GitFoundList) -> Vec<&str> {
    list.items.iter().map(|found| found.path.as_str()).collect()
}

#[tokio::test]
async fn repositories_are_found_with_how_they_stand() {
    let agent = Agent::with_repository();
    agent.git(&[
        "remote",
        "add",
        "origin",
        "https://ada:s3cret@example.com/app.git",
    ]);
    let head = agent.git(&["rev-parse", "HEAD"]);
    fs::write(agent.path("app/a.txt"), "changed\n").unwrap();
    fs::write(agent.path("app/new.txt"), "new\n").unwrap();
    make(&agent, "deep/er/empty");
    for passed_over in [
        "app/node_modules/x",
        "target/y",
        ".cache/z",
        "a/b/c/d/e/f/g",
    ] {
        make(&agent, passed_over);
    }
    // Links are not followed, so that nothing is found twice or without end.
    std::os::unix::fs::symlink(agent.path(""), agent.path("loop")).unwrap();
    let list = scan(&agent).await;
    assert_eq!(
        (paths(&list), list.truncated),
        (vec!["app", "deep/er/empty"], false)
    );
    let [app, empty]: [GitFound; 2] = list.items.try_into().unwrap();
    // The changed file, the new one, and the folder with new ones.
    assert_eq!(
        (app.branch.as_deref(), app.changed, app.conflicts),
        (Some("main"), 3, 0)
    );
    assert_eq!(app.remote.as_deref(), Some("https://example.com/app.git"));
    let last = app.last_commit.unwrap();
    assert_eq!(
        (last.id, last.subject.as_str(), last.author.as_str()),
        (head, "First", "Ada")
    );
    assert!(last.at.0 > 1_600_000_000_000 && app.size_bytes.unwrap() > 0);
    assert_eq!(
        (empty.last_commit, empty.remote, empty.problem),
        (None, None, None)
    );
}

#[tokio::test]
async fn a_conflict_and_what_is_broken_are_said() {
    let agent = Agent::with_repository();
    agent.git(&["switch", "--quiet", "-c", "theirs"]);
    agent.commit("a.txt", "theirs\n", "Theirs");
    agent.git(&["switch", "--quiet", "main"]);
    agent.commit("a.txt", "ours\n", "Ours");
    agent
        .post("merge", serde_json::json!({ "reference": "theirs" }))
        .await
        .unwrap();
    make(&agent, "corrupt");
    fs::write(agent.path("corrupt/.git/HEAD"), "garbage").unwrap();
    make(&agent, "index");
    fs::write(agent.path("index/.git/index"), "garbage").unwrap();
    let list = scan(&agent).await;
    assert_eq!(paths(&list), ["app", "corrupt", "index"]);
    assert_eq!(list.items[0].operation, Some(GitOperation::Merge));
    assert_eq!(list.items[0].conflicts, 1);
    for broken in &list.items[1..] {
        assert!(broken.problem.is_some(), "{broken:?}");
    }
}

#[tokio::test]
async fn too_many_are_cut_and_that_is_said() {
    let agent = Agent::new();
    make(&agent, "r000");
    for number in 1..=105 {
        let copy = agent.path(&format!("r{number:03}/.git"));
        fs::create_dir_all(&copy).unwrap();
        for name in ["HEAD", "config"] {
            fs::copy(agent.path("r000/.git").join(name), copy.join(name)).unwrap();
        }
        for name in ["objects", "refs"] {
            fs::create_dir(copy.join(name)).unwrap();
        }
    }
    let list = scan(&agent).await;
    assert_eq!((list.items.len(), list.truncated), (100, true));
}

//! The trash: there and back, and what stands in the way.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;

use atelier_api::agent::files::FileKind;
use atelier_api::agent::transfers::{EntryOutcome, EntryOutcomes, Outcome};
use atelier_api::agent::trash::{TRASH_DIRECTORY, TrashEntry, TrashList};
use atelier_api::{ErrorCode, Problem};
use http::Method;
use serde_json::json;

use crate::support::{Agent, Reply, SmallDisk, until};

async fn put(agent: &Agent, paths: &[&str]) -> Vec<EntryOutcome> {
    let reply = agent
        .json(Method::POST, "/v1/files/trash", json!({ "paths": paths }))
        .await;
    reply.json::<EntryOutcomes>().items
}

async fn list(agent: &Agent) -> Vec<TrashEntry> {
    agent.get("/v1/files/trash").await.json::<TrashList>().items
}

async fn restore(agent: &Agent, items: &[&EntryOutcome], conflict: &str) -> Vec<EntryOutcome> {
    let ids: Vec<_> = items.iter().map(|item| item.trash_id).collect();
    let request = json!({ "ids": ids, "conflict": conflict });
    let reply = agent
        .json(Method::POST, "/v1/files/trash/restore", request)
        .await;
    reply.json::<EntryOutcomes>().items
}

fn problem(item: &EntryOutcome, code: ErrorCode) -> &Problem {
    let problem = item.problem.as_ref().unwrap();
    assert_eq!(
        (item.outcome, problem.code),
        (Outcome::Failed, code),
        "{problem:?}"
    );
    problem
}

#[tokio::test]
async fn what_is_deleted_comes_back_as_it_was() {
    let agent = Agent::new();
    agent.file("app/src/main.rs", "fn main() {}");
    agent.file("note", "kept");
    symlink("nowhere", agent.path("app/link")).unwrap();
    let gone = put(&agent, &["app", "note"]).await;
    assert!(
        gone.iter().all(|item| item.outcome == Outcome::Done),
        "{gone:?}"
    );
    assert_eq!(agent.names(""), [TRASH_DIRECTORY]);
    // Nobody is shown the trash itself.
    assert_eq!(agent.list("").await.total, 0);

    let items = list(&agent).await;
    let found: Vec<_> = items
        .iter()
        .map(|item| (item.path.as_str(), item.kind))
        .collect();
    assert_eq!(
        found,
        [("note", FileKind::File), ("app", FileKind::Directory)]
    );
    assert_eq!(Some(items[1].id), gone[0].trash_id);

    let back = restore(&agent, &[&gone[1], &gone[0]], "fail").await;
    assert_eq!(back[0].entry.as_ref().unwrap().path, "note");
    assert_eq!(
        fs::read(agent.path("app/src/main.rs")).unwrap(),
        b"fn main() {}"
    );
    assert_eq!(
        fs::read_link(agent.path("app/link")).unwrap().to_str(),
        Some("nowhere")
    );
    assert!(list(&agent).await.is_empty());
    let again = restore(&agent, &[&gone[0]], "fail").await;
    problem(&again[0], ErrorCode::NotFound);
}

#[tokio::test]
async fn a_name_that_is_taken_meanwhile_is_a_choice() {
    let agent = Agent::new();
    agent.file("dir/a.txt", "old");
    let gone = put(&agent, &["dir/a.txt"]).await;
    agent.file("dir/a.txt", "new");
    problem(
        &restore(&agent, &[&gone[0]], "fail").await[0],
        ErrorCode::NameTaken,
    );
    let skipped = restore(&agent, &[&gone[0]], "skip").await;
    assert_eq!(skipped[0].outcome, Outcome::Skipped);
    assert_eq!(fs::read(agent.path("dir/a.txt")).unwrap(), b"new");
    assert_eq!(list(&agent).await.len(), 1);
    let back = restore(&agent, &[&gone[0]], "keep_both").await;
    assert_eq!(back[0].entry.as_ref().unwrap().path, "dir/a (2).txt");

    let gone = put(&agent, &["dir/a.txt"]).await;
    // A directory, and nothing above it any more.
    fs::remove_dir_all(agent.path("dir")).unwrap();
    agent.file("dir/a.txt/x", "in the way");
    let back = restore(&agent, &[&gone[0]], "replace").await;
    assert_eq!(back[0].outcome, Outcome::Done, "{back:?}");
    assert_eq!(fs::read(agent.path("dir/a.txt")).unwrap(), b"new");

    let gone = put(&agent, &["dir/a.txt"]).await;
    fs::remove_dir_all(agent.path("dir")).unwrap();
    restore(&agent, &[&gone[0]], "fail").await;
    assert_eq!(agent.names("dir"), ["a.txt"]);
}

#[tokio::test]
async fn each_entry_fails_by_itself() {
    let agent = Agent::new();
    agent.file("a", "");
    let gone = put(&agent, &["missing", "../x", "", "a"]).await;
    problem(&gone[0], ErrorCode::NotFound);
    problem(&gone[1], ErrorCode::Invalid);
    problem(&gone[2], ErrorCode::Invalid);
    assert_eq!(gone[3].outcome, Outcome::Done);
    let inside = format!("{TRASH_DIRECTORY}/{}", gone[3].trash_id.unwrap());
    let again = put(&agent, &[TRASH_DIRECTORY, &inside]).await;
    problem(&again[0], ErrorCode::Conflict);
    problem(&again[1], ErrorCode::Conflict);
    let too_many: Vec<_> = (0..1001).map(|index| index.to_string()).collect();
    let request = json!({ "paths": too_many });
    agent
        .json(Method::POST, "/v1/files/trash", request)
        .await
        .problem(ErrorCode::Invalid);
    let system = json!({ "root": "system", "paths": ["etc"] });
    agent
        .json(Method::POST, "/v1/files/trash", system)
        .await
        .problem(ErrorCode::Forbidden);
}

#[tokio::test]
async fn odd_names_go_and_come_back() {
    let agent = Agent::new();
    let names: [&[u8]; 4] = [
        b"two words",
        b"new\nline",
        "\u{202e}gpj.exe".as_bytes(),
        b"caf\xe9 100%",
    ];
    for name in names {
        fs::write(agent.path("").join(OsStr::from_bytes(name)), name).unwrap();
    }
    let paths: Vec<String> = agent
        .list("")
        .await
        .items
        .into_iter()
        .map(|item| item.path)
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let gone = put(&agent, &paths).await;
    assert_eq!(agent.list("").await.total, 0);
    let gone: Vec<_> = gone.iter().collect();
    restore(&agent, &gone, "fail").await;
    for name in names {
        assert_eq!(
            fs::read(agent.path("").join(OsStr::from_bytes(name))).unwrap(),
            name
        );
    }
}

#[tokio::test]
async fn deleting_for_good_leaves_nothing() {
    let agent = Agent::new();
    for name in ["a/x", "b/x", "c/x"] {
        agent.file(name, "");
    }
    let gone = put(&agent, &["a", "b", "c"]).await;
    let one = format!("/v1/files/trash/{}", gone[0].trash_id.unwrap());
    assert_eq!(agent.delete(&one).await.status, 204);
    agent.delete(&one).await.problem(ErrorCode::NotFound);
    assert_eq!(list(&agent).await.len(), 2);
    assert_eq!(agent.delete("/v1/files/trash").await.status, 204);
    assert!(list(&agent).await.is_empty());
    until("the trash is empty on disk, too", || {
        agent.names(TRASH_DIRECTORY) == [".gitignore"]
    })
    .await;
    let fresh = Agent::new();
    assert_eq!(fresh.delete("/v1/files/trash").await.status, 204);
    assert_eq!(fresh.names(""), [""; 0]);
}

#[tokio::test]
async fn another_file_system_is_crossed_both_ways() {
    let agent = Agent::new();
    let Some(disk) = SmallDisk::mount(agent.path("disk")) else {
        return; // Mounting is not permitted here.
    };
    agent.file("disk/tree/deep/file", "content");
    let gone = put(&agent, &["disk/tree"]).await;
    assert_eq!(gone[0].outcome, Outcome::Done, "{gone:?}");
    assert_eq!(agent.names("disk"), [""; 0]);
    restore(&agent, &[&gone[0]], "fail").await;
    assert_eq!(fs::read(disk.0.join("tree/deep/file")).unwrap(), b"content");

    // There is no more room for it on the way back: it stays in the trash, whole.
    let gone = put(&agent, &["disk/tree"]).await;
    agent.file("disk/filler", vec![0; 900 << 10]);
    let kept = agent.path(&format!(
        "{TRASH_DIRECTORY}/{}/entry/big",
        gone[0].trash_id.unwrap()
    ));
    fs::write(&kept, vec![1; 300 << 10]).unwrap();
    problem(
        &restore(&agent, &[&gone[0]], "fail").await[0],
        ErrorCode::OutOfSpace,
    );
    assert!(kept.exists());
    until("the partial copy is gone", || {
        agent.names("disk") == ["filler"]
    })
    .await;
}

#[tokio::test]
async fn what_others_put_into_the_trash_harms_nobody() {
    let agent = Agent::new();
    agent.file("a", "");
    let gone = put(&agent, &["a"]).await;
    let item = format!("{TRASH_DIRECTORY}/{}", gone[0].trash_id.unwrap());
    agent.file(
        &format!("{item}/item.json"),
        // In the future: what is old may be deleted for good meanwhile. With a size: what has none is
        // measured meanwhile, and written anew.
        r#"{"path":"../../etc/x","kind":"file","deleted_at":4102444800000,"size":0}"#,
    );
    problem(
        &restore(&agent, &[&gone[0]], "replace").await[0],
        ErrorCode::Invalid,
    );
    agent.file(&format!("{item}/item.json"), "not JSON");
    agent.file(&format!("{TRASH_DIRECTORY}/stray"), "");
    assert!(list(&agent).await.is_empty());
    // The trash as a link out of the root is none.
    fs::remove_dir_all(agent.path(TRASH_DIRECTORY)).unwrap();
    symlink(agent.outside(), agent.path(TRASH_DIRECTORY)).unwrap();
    agent.file("b", "");
    let reply: Reply = agent
        .json(Method::POST, "/v1/files/trash", json!({ "paths": ["b"] }))
        .await;
    reply.problem(ErrorCode::Conflict);
    assert!(agent.path("b").exists());
}

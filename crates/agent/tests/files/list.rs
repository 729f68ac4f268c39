use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use atelier_api::ErrorCode;
use atelier_api::agent::files::{FileKind, FileList};

use crate::support::{Agent, content, escape, until};

#[tokio::test]
async fn directories_come_first_then_names_whatever_their_case() {
    let agent = Agent::new();
    for name in ["b.txt", "A.txt", "c.txt", ".hidden", "zoo/x", "Apps/y"] {
        agent.file(name, "1");
    }
    let list = agent.list("").await;
    let names: Vec<&str> = list.items.iter().map(|entry| &*entry.name).collect();
    assert_eq!(names, ["Apps", "zoo", ".hidden", "A.txt", "b.txt", "c.txt"]);
    assert_eq!((list.total, list.next_cursor), (6, None));
    assert_eq!(list.items[0].kind, FileKind::Directory);
    assert_eq!((list.items[0].size, &list.items[0].etag), (0, &None));
    assert_eq!(agent.list("Apps").await.items[0].path, "Apps/y");
}

#[tokio::test]
async fn an_entry_is_described() {
    let agent = Agent::new();
    let file = agent.file("run.sh", "#!/bin/sh\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o750)).unwrap();
    symlink("run.sh", agent.path("link")).unwrap();
    symlink("nowhere", agent.path("broken")).unwrap();
    symlink("/etc/passwd", agent.path("out")).unwrap();
    let list = agent.list("").await;
    let entry = |name: &str| {
        list.items
            .iter()
            .find(|entry| entry.name == name)
            .unwrap()
            .clone()
    };
    let run = entry("run.sh");
    assert_eq!((run.kind, run.size, run.mode), (FileKind::File, 10, 0o750));
    assert!(run.modified_at.0 > 1_600_000_000_000, "{run:?}");
    assert!(run.etag.as_deref().unwrap().starts_with('"'));
    assert_eq!(agent.stat("run.sh").await, run);

    let link = entry("link");
    assert_eq!(link.kind, FileKind::Symlink);
    assert_eq!(link.target.as_deref(), Some("run.sh"));
    assert_eq!(link.target_kind, Some(FileKind::File));
    assert_eq!(agent.stat("link").await, link);
    assert_eq!(entry("broken").target_kind, None);
    assert_eq!(entry("out").target_kind, None);

    let root = agent.stat("").await;
    assert_eq!((root.kind, &*root.path), (FileKind::Directory, ""));
}

#[tokio::test]
async fn pages_stay_right_when_entries_come_and_go() {
    let agent = Agent::new();
    for index in 0..50 {
        agent.file(&format!("f{index:02}"), "");
        fs::create_dir(agent.path(&format!("d{index:02}"))).unwrap();
    }
    let mut seen = Vec::new();
    let mut cursor = None::<String>;
    loop {
        let after = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
        let page: FileList = agent
            .get(&format!("/v1/files/list?limit=7{after}"))
            .await
            .json();
        assert!(page.items.len() <= 7);
        seen.extend(page.items.into_iter().map(|entry| entry.name));
        if seen.len() == 14 {
            // One that was seen goes, as does one to come; and one comes on either side.
            fs::remove_dir(agent.path("d13")).unwrap();
            fs::remove_file(agent.path("f30")).unwrap();
            fs::create_dir(agent.path("d00x")).unwrap();
            agent.file("f49x", "");
        }
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    let expected: Vec<String> = (0..50)
        .map(|index| format!("d{index:02}"))
        .chain((0..50).map(|index| format!("f{index:02}")))
        .filter(|name| name != "f30")
        .chain(["f49x".to_owned()])
        .collect();
    assert_eq!(seen, expected);

    agent
        .get("/v1/files/list?cursor=nonsense")
        .await
        .problem(ErrorCode::Malformed);
}

#[tokio::test]
async fn any_name_that_a_directory_can_hold_can_be_addressed() {
    let agent = Agent::new();
    let names: [&[u8]; 8] = [
        b"two words",
        b"line\nbreak",
        "مرحبا بالعالم".as_bytes(),
        "\u{202e}gpj.exe".as_bytes(),
        "🎉".as_bytes(),
        b"caf\xe9",
        b"100%",
        b"a+b&c=d?e#f",
    ];
    for name in names {
        fs::write(agent.workspace().join(OsStr::from_bytes(name)), name).unwrap();
    }
    let list = agent.list("").await;
    assert_eq!(list.items.len(), names.len());
    let mut contents = BTreeSet::new();
    for entry in list.items {
        let reply = agent.get(&content(&entry.path)).await;
        assert_eq!(reply.status, 200, "{entry:?}");
        assert_eq!(
            entry.name.as_bytes(),
            &*String::from_utf8_lossy(&reply.body)
                .into_owned()
                .into_bytes()
        );
        assert_eq!(agent.stat(&entry.path).await, entry);
        contents.insert(reply.body.to_vec());
        let uri = format!("/v1/files?path={}", escape(&entry.path));
        assert_eq!(agent.delete(&uri).await.status, 204);
    }
    assert_eq!(contents, names.iter().map(|name| name.to_vec()).collect());
    assert_eq!(agent.names(""), [""; 0]);
}

#[tokio::test]
async fn what_cannot_be_listed_says_why() {
    let agent = Agent::new();
    agent.file("file", "");
    let list = async |path: &str| agent.get(&format!("/v1/files/list?path={path}")).await;
    list("missing").await.problem(ErrorCode::NotFound);
    list("file").await.problem(ErrorCode::Conflict);
    list("file/below").await.problem(ErrorCode::Conflict);
    let problem = list(&"x".repeat(300)).await.problem(ErrorCode::Invalid);
    assert_eq!(problem.field.as_deref(), Some("path"));
    list("50%2525").await.problem(ErrorCode::NotFound);
    list("50%25").await.problem(ErrorCode::Invalid);
    agent
        .get("/v1/files/list?root=nowhere")
        .await
        .problem(ErrorCode::Malformed);
}

#[tokio::test]
async fn what_a_killed_agent_left_behind_is_hidden_and_swept_away() {
    let agent = Agent::new();
    agent.file(".atelier-tmp-0123456789abcdef-0", "half a file");
    agent.file(".atelier-tmp-0123456789abcdef-1/deep/file", "half a tree");
    // Another agent is still writing this one.
    let busy = agent.file(".atelier-tmp-fedcba9876543210-0", "");
    let held = fs::File::open(&busy).unwrap();
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).unwrap();
    agent.file("mine", "");

    let list = agent.list("").await;
    assert_eq!(list.items.len(), 1);
    assert_eq!(list.total, 1);
    until("only what is in use is left", || {
        agent.names("") == [".atelier-tmp-fedcba9876543210-0", "mine"]
    })
    .await;
}

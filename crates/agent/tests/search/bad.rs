//! Files and expressions that are not as one would wish.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use atelier_api::ErrorCode;
use serde_json::json;

use crate::support::Agent;

#[tokio::test]
async fn one_line_of_fifty_megabytes_is_cut_around_the_match() {
    let agent = Agent::new();
    let mut json_line = Vec::with_capacity(51 << 20);
    while json_line.len() < 50 << 20 {
        json_line.extend_from_slice(br#"{"name":"a long record","value":1234567890},"#);
    }
    let place = 30 << 20;
    json_line[place..place + 6].copy_from_slice(b"needle");
    agent.file("data.json", &json_line);
    let found = agent
        .search(&json!({ "pattern": { "query": "needle" } }))
        .await;
    let [line] = &found.files[0].lines[..] else {
        panic!("{:?}", found.summary);
    };
    assert!(line.text.len() < 1_000 && line.cut);
    assert_eq!(line.matches[0].start, place as u64);
    let start = usize::try_from(line.matches[0].start - line.offset).unwrap();
    assert_eq!(&line.text[start..start + 6], "needle");

    // Matches on every few bytes are counted, not all told.
    let found = agent
        .search(&json!({ "pattern": { "query": "1234567890" } }))
        .await;
    assert_eq!(
        (found.summary.matches, found.files[0].truncated),
        (1_000, true)
    );
}

#[tokio::test]
async fn an_expression_that_explodes_is_refused_or_bounded() {
    let agent = Agent::new();
    agent.file("a", format!("{}b\n", "a".repeat(100_000)));
    let pattern = json!({ "query": r"(\w{1000}){1000}", "regex": true });
    let problem = agent
        .refused("text", &json!({ "pattern": pattern }), ErrorCode::Invalid)
        .await;
    assert!(problem.detail.contains("too large"), "{}", problem.detail);
    // Where others take exponential time.
    let pattern = json!({ "query": "^(a+)+$", "regex": true });
    let found = agent.search(&json!({ "pattern": pattern })).await;
    assert_eq!((found.summary.matches, found.summary.files), (0, 1));
}

#[tokio::test]
async fn binary_files_are_left_out_and_counted() {
    let agent = Agent::new();
    agent.file("program", b"\x7fELF\0\0needle\n");
    // The mark comes late, behind what was found already.
    let filler = b"nothing\n".repeat(100_000);
    agent.file("late", [b"needle\n", &filler[..], b"\0"].concat());
    agent.file("small", b"needle\n\0");
    agent.file("text", "needle");
    let utf16: Vec<u8> = "\u{feff}é needle"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    agent.file("utf16.txt", utf16);
    let found = agent
        .search(&json!({ "pattern": { "query": "needle" } }))
        .await;
    assert_eq!(found.paths(), ["text", "utf16.txt"]);
    assert_eq!(found.summary.binary, 3);
    let line = &found.files[1].lines[0];
    assert_eq!((line.text.as_str(), line.matches[0].start), ("é needle", 2));
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_and_named() {
    let agent = Agent::new();
    agent.file("a", "needle");
    // Deeper than a path may be long, which stops root, too.
    let name = "d".repeat(250);
    let mut directory = rustix::fs::open(
        agent.path(""),
        rustix::fs::OFlags::PATH,
        rustix::fs::Mode::empty(),
    )
    .unwrap();
    for _ in 0..17 {
        rustix::fs::mkdirat(&directory, &name, rustix::fs::Mode::RWXU).unwrap();
        directory = rustix::fs::openat(
            &directory,
            &name,
            rustix::fs::OFlags::PATH,
            rustix::fs::Mode::empty(),
        )
        .unwrap();
    }
    let secret = agent.file("secret", "needle");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    let may_read = fs::read(&secret).is_ok();
    let found = agent
        .search(&json!({ "pattern": { "query": "needle" } }))
        .await;
    assert_eq!(
        found.summary.unreadable,
        if may_read { 1 } else { 2 },
        "{:?}",
        found.summary
    );
    let named = &found.summary.unreadable_paths;
    assert!(
        named
            .iter()
            .any(|it| it.path.starts_with("ddd") && it.reason.contains("too long"))
    );
    assert_eq!(found.files.len(), if may_read { 2 } else { 1 });
}

#[tokio::test]
async fn links_are_not_followed_in_circles_or_out() {
    let agent = Agent::new();
    agent.file("app/a", "needle");
    fs::write(agent.outside().join("secret"), "needle").unwrap();
    symlink("..", agent.path("app/up")).unwrap();
    symlink("loop", agent.path("loop")).unwrap();
    symlink(agent.outside(), agent.path("out")).unwrap();
    symlink("../secret", agent.path("secret")).unwrap();
    symlink("a", agent.path("app/also")).unwrap();
    let body = json!({ "pattern": { "query": "needle" } });
    let found = agent.search(&body).await;
    assert_eq!(
        (found.paths(), found.summary.unreadable),
        (vec!["app/a"], 0)
    );
    // Asked for by name, a link that leads out is refused, and one within is followed.
    let body = |path: &str| json!({ "pattern": { "query": "needle" }, "scope": { "path": path } });
    agent
        .refused("text", &body("out"), ErrorCode::Forbidden)
        .await;
    symlink("app", agent.path("within")).unwrap();
    assert_eq!(agent.search(&body("within")).await.paths(), ["within/a"]);
}

#[tokio::test]
async fn every_name_can_be_addressed() {
    let agent = Agent::new();
    let names: [&[u8]; 4] = [
        b"new\nline",
        "\u{202e}txt.exe".as_bytes(),
        b"latin\xe9",
        b"100%",
    ];
    for name in names {
        fs::write(agent.path("").join(OsStr::from_bytes(name)), "needle").unwrap();
    }
    let found = agent
        .search(&json!({ "pattern": { "query": "needle" } }))
        .await;
    assert_eq!(
        found.paths(),
        ["100%25", "latin%E9", "new\nline", "\u{202e}txt.exe"]
    );
    let replaced = agent.replace_all("needle", "thread").await;
    assert_eq!((replaced.files.len(), replaced.skipped), (4, vec![]));
    for name in names {
        let content = fs::read(agent.path("").join(OsStr::from_bytes(name))).unwrap();
        assert_eq!(content, b"thread");
    }
}

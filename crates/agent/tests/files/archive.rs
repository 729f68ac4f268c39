//! Entries as archives, read back with the same crates that anybody reads them with.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{Cursor, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use atelier_api::ErrorCode;
use atelier_api::agent::archives::NOTES_NAME;
use atelier_api::agent::trash::TRASH_DIRECTORY;
use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::support::{Agent, escape, until};

/// Mode and content (of a link, its target) by name.
type Entries = BTreeMap<Vec<u8>, (u32, Vec<u8>)>;

fn read_zip(bytes: &[u8]) -> Entries {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut entries = Entries::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let (name, mode) = (entry.name_raw().to_vec(), entry.unix_mode().unwrap());
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        assert!(entries.insert(name, (mode, content)).is_none());
    }
    entries
}

fn read_tar(bytes: &[u8]) -> Entries {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let mut entries = Entries::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path_bytes().into_owned();
        let mut content = entry
            .link_name_bytes()
            .map(std::borrow::Cow::into_owned)
            .unwrap_or_default();
        entry.read_to_end(&mut content).unwrap();
        let mode = entry.header().mode().unwrap();
        assert!(entries.insert(name, (mode, content)).is_none());
    }
    entries
}

fn uri(paths: &[&str], format: &str) -> String {
    let paths: Vec<_> = paths
        .iter()
        .map(|path| format!("path={}", escape(path)))
        .collect();
    format!("/v1/files/archive?{}&format={format}", paths.join("&"))
}

async fn both(agent: &Agent, paths: &[&str]) -> (Entries, Entries) {
    let zip = agent.get(&uri(paths, "zip")).await;
    let tar = agent.get(&uri(paths, "tar.gz")).await;
    assert_eq!(
        (zip.status.as_u16(), tar.status.as_u16()),
        (200, 200),
        "{zip:?}"
    );
    (read_zip(&zip.body), read_tar(&tar.body))
}

fn names(entries: &Entries) -> Vec<String> {
    let text = |name: &Vec<u8>| String::from_utf8_lossy(name).into_owned();
    entries.keys().map(text).collect()
}

#[tokio::test]
async fn a_tree_is_archived_as_it_is() {
    let agent = Agent::new();
    let program = agent.file("app/run.sh", "#!/bin/sh");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    agent.file("app/big", vec![7; 3 << 20]);
    agent.file(&format!("app/{}/x", "long".repeat(60)), "deep");
    fs::create_dir(agent.path("app/empty")).unwrap();
    agent.file("secret", "outside");
    symlink("../secret", agent.path("app/out")).unwrap();
    symlink("..", agent.path("app/loop")).unwrap();
    agent.file("app/.atelier-tmp-1-1", "being written");

    let (zip, tar) = both(&agent, &["app"]).await;
    for entries in [&zip, &tar] {
        assert_eq!(entries.len(), 8, "{:?}", names(entries));
        let (mode, content) = &entries[&b"app/run.sh"[..]];
        assert_eq!((mode & 0o777, &content[..]), (0o755, &b"#!/bin/sh"[..]));
        assert_eq!(entries[&b"app/big"[..]].1, vec![7; 3 << 20]);
        // Links are kept, not followed.
        assert_eq!(entries[&b"app/out"[..]].1, b"../secret");
        assert_eq!(entries[&b"app/loop"[..]].1, b"..");
    }
    assert_eq!(zip[&b"app/out"[..]].0 & 0o170_000, 0o120_000);
    assert_eq!(names(&zip), names(&tar));

    let reply = agent.get(&uri(&["app"], "zip")).await;
    assert_eq!(reply.header("content-type"), "application/zip");
    let disposition = reply.header("content-disposition");
    assert!(
        disposition.contains("filename=\"app.zip\""),
        "{disposition}"
    );
}

#[tokio::test]
async fn entries_from_anywhere_stand_side_by_side() {
    let agent = Agent::new();
    for path in ["a/x.txt", "b/x.txt", "c"] {
        agent.file(path, path);
    }
    let (zip, tar) = both(&agent, &["a/x.txt", "b/x.txt", "c"]).await;
    assert_eq!(names(&zip), ["c", "x (2).txt", "x.txt"]);
    assert_eq!(zip[&b"x (2).txt"[..]].1, b"b/x.txt");
    assert_eq!(names(&tar), names(&zip));
    // The root is all that is in it, and the trash is nobody's.
    let trash = json!({ "paths": ["c"] });
    agent.json(Method::POST, "/v1/files/trash", trash).await;
    assert!(agent.path(TRASH_DIRECTORY).exists());
    let (zip, _) = both(&agent, &[""]).await;
    assert_eq!(names(&zip), ["a/", "a/x.txt", "b/", "b/x.txt"]);
}

#[tokio::test]
async fn odd_names_are_kept_or_said() {
    let agent = Agent::new();
    for name in [
        &b"two words"[..],
        b"new\nline",
        "\u{202e}gpj.exe".as_bytes(),
        b"caf\xe9",
    ] {
        fs::create_dir_all(agent.path("odd")).unwrap();
        fs::write(agent.path("odd").join(OsStr::from_bytes(name)), name).unwrap();
    }
    let (zip, tar) = both(&agent, &["odd"]).await;
    assert_eq!(tar[&b"odd/caf\xe9"[..]].1, b"caf\xe9");
    assert_eq!(zip[&b"odd/caf%E9"[..]].1, b"caf\xe9");
    let notes = String::from_utf8(zip[NOTES_NAME.as_bytes()].1.clone()).unwrap();
    assert!(
        notes.contains("odd/caf%E9: has a name that is not UTF-8"),
        "{notes}"
    );
    assert!(!tar.contains_key(NOTES_NAME.as_bytes()));
    for entries in [&zip, &tar] {
        assert_eq!(entries[&b"odd/new\nline"[..]].1, b"new\nline");
        assert!(entries.contains_key("odd/\u{202e}gpj.exe".as_bytes()));
    }
}

#[tokio::test]
async fn what_cannot_be_archived_is_refused_or_said() {
    let agent = Agent::new();
    agent.file("app/a", "");
    let pipe = agent.path("app/pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, pipe, rustix::fs::Mode::RUSR).unwrap();
    fs::create_dir_all(agent.path(&format!("app/{}", vec!["d"; 300].join("/")))).unwrap();
    let (zip, tar) = both(&agent, &["app"]).await;
    for entries in [&zip, &tar] {
        let notes = String::from_utf8(entries[NOTES_NAME.as_bytes()].1.clone()).unwrap();
        assert!(notes.contains("app/pipe"), "{notes}");
        assert!(notes.contains("deeper than 200"), "{notes}");
        assert!(entries.contains_key(&b"app/a"[..]));
    }
    for (uri, code) in [
        ("/v1/files/archive", ErrorCode::Invalid),
        ("/v1/files/archive?path=app&format=rar", ErrorCode::Invalid),
        ("/v1/files/archive?path=app&root=moon", ErrorCode::Malformed),
        (
            "/v1/files/archive?path=app&path=missing",
            ErrorCode::NotFound,
        ),
        ("/v1/files/archive?path=../x", ErrorCode::Invalid),
    ] {
        agent.get(uri).await.problem(code);
    }
}

/// Reads an archive of `app`, and changes the tree once a part of it has come.
async fn while_changing(agent: &Agent, format: &str, change: impl FnOnce()) -> Vec<u8> {
    let request = Request::get(uri(&["app"], format)).body(Body::empty());
    let response = agent
        .router
        .clone()
        .oneshot(request.unwrap())
        .await
        .unwrap();
    let mut body = response.into_body();
    let frame = async |body: &mut Body| -> Option<Bytes> {
        body.frame()
            .await
            .map(|frame| frame.unwrap().into_data().unwrap())
    };
    let mut received = frame(&mut body).await.unwrap().to_vec();
    change();
    while let Some(chunk) = frame(&mut body).await {
        received.extend_from_slice(&chunk);
    }
    received
}

#[tokio::test]
async fn a_folder_that_changes_meanwhile_gives_a_valid_archive() {
    for format in ["zip", "tar.gz"] {
        let agent = Agent::new();
        // It does not compress, so that the archive's buffers are full long before its end.
        let noise = noise(8 << 20);
        for name in ["a", "b", "c"] {
            agent.file(&format!("app/{name}"), &noise);
        }
        let bytes = while_changing(&agent, format, || {
            for name in ["a", "b", "c"] {
                let file = fs::File::options()
                    .write(true)
                    .open(agent.path(&format!("app/{name}")));
                file.unwrap().set_len(100).unwrap();
            }
            fs::create_dir(agent.path("app/new")).unwrap();
        })
        .await;
        let entries = if format == "zip" {
            read_zip(&bytes)
        } else {
            read_tar(&bytes)
        };
        for name in [&b"app/a"[..], b"app/b", b"app/c"] {
            assert!(entries.contains_key(name), "{format}");
        }
        let notes = String::from_utf8(entries[NOTES_NAME.as_bytes()].1.clone()).unwrap();
        assert!(
            notes.contains("changed while") || notes.contains("to its end"),
            "{notes}"
        );
    }
}

#[tokio::test]
async fn an_archive_that_nobody_wants_any_more_is_not_made() {
    let agent = Agent::new();
    agent.file("noise", noise(2 << 20));
    let file = agent.file("large", "");
    let large = fs::File::options().write(true).open(&file).unwrap();
    large.set_len(1 << 40).unwrap();
    drop(large);
    let is_open = || {
        let open = fs::read_dir("/proc/self/fd").unwrap();
        open.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok())
            .any(|target| target == file)
    };
    for format in ["tar.gz", "zip"] {
        let request = Request::get(uri(&["noise", "large"], format)).body(Body::empty());
        let response = agent
            .router
            .clone()
            .oneshot(request.unwrap())
            .await
            .unwrap();
        let mut body = response.into_body();
        while !is_open() {
            body.frame().await.unwrap().unwrap();
        }
        drop(body);
        until("the file is let go", || !is_open()).await;
    }
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56).to_le_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

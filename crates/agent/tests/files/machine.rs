//! The agent of a machine itself: the host's policy on its files, links and renames included.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use atelier_agent::{AgentArgs, Config};
use atelier_api::node::FilesPolicy;
use axum::Router;
use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::json;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// A machine whose `/` is a temporary directory: `srv/open` may be reached, `etc` may not.
struct Machine {
    router: Router,
    directory: TempDir,
}

impl Machine {
    fn new(change: impl FnOnce(&Path, &mut FilesPolicy)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for name in ["srv/open/sub", "srv/openly", "etc", "home"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        for name in ["srv/open/a", "srv/openly/a", "etc/secret", "home/a"] {
            fs::write(root.join(name), "content").unwrap();
        }
        symlink("../../etc", root.join("srv/open/relative")).unwrap();
        symlink("/etc", root.join("srv/open/absolute")).unwrap();
        symlink("/srv/open/sub", root.join("srv/open/inside")).unwrap();
        symlink("/srv/open/new", root.join("srv/open/to-new")).unwrap();
        symlink("/etc/new", root.join("srv/open/to-outside")).unwrap();
        let mut config = Config::from_args(AgentArgs {
            socket: root.join("socket"),
            workspace: root.join("home"),
            home: root.join("home"),
            name: "machine".into(),
        });
        root.clone_into(&mut config.system);
        let mut policy = FilesPolicy {
            roots: vec![root.join("srv/open").to_str().unwrap().to_owned()],
            ..FilesPolicy::default()
        };
        change(root, &mut policy);
        config.machine = Some(policy);
        Self {
            router: atelier_agent::router(config),
            directory,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    async fn send(&self, method: Method, path: &str, body: impl Into<Body>) -> StatusCode {
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1/{path}"))
            .header("content-type", "application/json")
            .header("if-match", "*")
            .body(body.into())
            .unwrap();
        self.router.clone().oneshot(request).await.unwrap().status()
    }

    async fn read(&self, path: &str) -> StatusCode {
        self.send(Method::GET, &format!("files/content?path={path}"), "")
            .await
    }

    async fn write(&self, path: &str) -> StatusCode {
        self.send(Method::PUT, &format!("files/content?path={path}"), "new")
            .await
    }

    async fn transfer(&self, what: &str, from: &str, to: &str) -> StatusCode {
        let body = json!({ "root": "system", "from": from, "to": to }).to_string();
        self.send(Method::POST, &format!("files/{what}"), body)
            .await
    }
}

#[tokio::test]
async fn only_what_lies_below_the_roots_is_reached() {
    let machine = Machine::new(|_, _| {});
    for (path, expected) in [
        ("srv/open/a", 200),
        ("srv/open/inside", 409), // a directory
        ("etc/secret", 403),
        ("srv/openly/a", 403),
        ("srv/open/relative/secret", 403),
        ("srv/open/absolute/secret", 403),
        ("srv/open/../../etc/secret", 422),
        ("etc/missing", 404),
    ] {
        assert_eq!(machine.read(path).await.as_u16(), expected, "{path}");
    }
    for (query, expected) in [
        ("list?path=srv/open", 200),
        ("list?root=system&path=srv/open/inside", 200),
        ("list?path=", 403),
        ("list?path=srv", 403),
        ("list?root=home", 403),
        ("stat?path=srv/open/absolute", 200), // the link itself
        ("stat?path=srv/open/absolute/secret", 403),
    ] {
        let status = machine
            .send(Method::GET, &format!("files/{query}"), "")
            .await;
        assert_eq!(status.as_u16(), expected, "{query}");
    }
}

#[tokio::test]
async fn nothing_is_changed_outside_of_the_roots() {
    let machine = Machine::new(|_, _| {});
    for (path, expected) in [
        ("etc/new", 403),
        ("srv/open/relative/new", 403),
        ("srv/open/absolute/new", 403),
        ("srv/open/to-outside", 403),
    ] {
        assert_eq!(machine.write(path).await.as_u16(), expected, "{path}");
    }
    for (what, from, to) in [
        ("copy", "etc/secret", "srv/open/stolen"),
        ("copy", "srv/open/absolute/secret", "srv/open/stolen"),
        ("move", "etc/secret", "srv/open/stolen"),
        ("move", "srv/open/a", "etc/a"),
        ("move", "srv/open", "srv/moved"),
    ] {
        let status = machine.transfer(what, from, to).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{what} {from} {to}");
    }
    let deleted = machine
        .send(Method::DELETE, "files?path=srv/open&recursive=true", "")
        .await;
    assert_eq!(deleted, StatusCode::FORBIDDEN, "the root itself");
    let mode = json!({ "root": "system", "path": "srv/open/absolute/secret", "mode": 511 });
    let mode = machine
        .send(Method::PUT, "files/mode", mode.to_string())
        .await;
    assert_eq!(mode, StatusCode::FORBIDDEN);
    assert_eq!(fs::read(machine.path("etc/secret")).unwrap(), b"content");
    assert_eq!(fs::read_dir(machine.path("etc")).unwrap().count(), 1);
    assert!(!machine.path("srv/open/stolen").exists());
}

#[tokio::test]
async fn below_the_roots_everything_works() {
    let machine = Machine::new(|_, _| {});
    assert_eq!(machine.write("srv/open/new").await, StatusCode::OK);
    assert_eq!(machine.write("srv/open/inside/b").await, StatusCode::OK);
    // Through an absolute link, which on a machine leads where it says.
    assert_eq!(machine.write("srv/open/to-new").await, StatusCode::OK);
    assert_eq!(fs::read(machine.path("srv/open/new")).unwrap(), b"new");
    let moved = machine
        .transfer("move", "srv/open/new", "srv/open/sub/new")
        .await;
    assert_eq!(moved, StatusCode::OK);
    let deleted = machine
        .send(Method::DELETE, "files?path=srv/open/sub/new", "")
        .await;
    assert_eq!(deleted, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn read_only_and_forbidden_files_are_that() {
    let machine = Machine::new(|_, policy| policy.read_only = true);
    assert_eq!(machine.read("srv/open/a").await, StatusCode::OK);
    assert_eq!(machine.write("srv/open/new").await, StatusCode::FORBIDDEN);
    let machine = Machine::new(|_, policy| policy.permitted = false);
    assert_eq!(machine.read("srv/open/a").await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_roots_the_users_permissions_decide() {
    let machine = Machine::new(|_, policy| policy.roots.clear());
    assert_eq!(machine.read("etc/secret").await, StatusCode::OK);
    assert_eq!(machine.write("etc/new").await, StatusCode::OK);
    let git = machine.send(Method::GET, "git/status?path=", "").await;
    assert_eq!(git, StatusCode::NOT_FOUND, "Git is for workspaces");
}

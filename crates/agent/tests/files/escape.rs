//! Attempts to leave a root.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use atelier_api::ErrorCode;
use axum::body::Body;
use http::{Method, Request};
use serde_json::json;

use crate::support::{Agent, Reply, content, escape, stat};

/// Every operation on `path`.
async fn every_operation(agent: &Agent, path: &str) -> Vec<(&'static str, Reply)> {
    let query = escape(path);
    let other = json!({ "from": "inside", "to": path });
    let from = json!({ "from": path, "to": "stolen" });
    let put = Request::put(content(path))
        .header("if-match", "*")
        .body(Body::from("owned"))
        .unwrap();
    vec![
        (
            "list",
            agent.get(&format!("/v1/files/list?path={query}")).await,
        ),
        ("stat", agent.get(&stat(path)).await),
        ("read", agent.get(&content(path)).await),
        ("write", agent.send(put).await),
        (
            "move to",
            agent
                .json(Method::POST, "/v1/files/move", other.clone())
                .await,
        ),
        (
            "copy to",
            agent.json(Method::POST, "/v1/files/copy", other).await,
        ),
        (
            "move from",
            agent
                .json(Method::POST, "/v1/files/move", from.clone())
                .await,
        ),
        (
            "copy from",
            agent.json(Method::POST, "/v1/files/copy", from).await,
        ),
        (
            "directory",
            agent
                .json(
                    Method::POST,
                    "/v1/files/directory",
                    json!({ "path": path, "parents": true }),
                )
                .await,
        ),
        (
            "mode",
            agent
                .json(
                    Method::PUT,
                    "/v1/files/mode",
                    json!({ "path": path, "mode": 0o777 }),
                )
                .await,
        ),
        (
            "delete",
            agent
                .delete(&format!("/v1/files?recursive=true&path={query}"))
                .await,
        ),
    ]
}

#[tokio::test]
async fn paths_that_would_leave_the_root_are_refused() {
    let agent = Agent::new();
    agent.file("inside", "mine");
    fs::write(agent.outside().join("secret"), "theirs").unwrap();
    for path in [
        "../secret",
        "../../etc/passwd",
        "/etc/passwd",
        "a/../../secret",
        "%2e%2e/secret",
        "a%2F..%2Fb",
        "nul\0byte",
        "nul%00byte",
    ] {
        for (operation, reply) in every_operation(&agent, path).await {
            let problem = reply.problem(ErrorCode::Invalid);
            assert_eq!(
                problem.field.as_deref(),
                Some("path"),
                "{operation} {path:?}"
            );
        }
    }
    assert_eq!(agent.names(""), ["inside"]);
    assert_eq!(fs::read(agent.outside().join("secret")).unwrap(), b"theirs");
}

#[tokio::test]
async fn links_that_leave_the_root_are_not_followed() {
    let agent = Agent::new();
    agent.file("inside", "mine");
    let outside = agent.outside().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "theirs").unwrap();
    symlink("../outside", agent.path("relative")).unwrap();
    symlink(&outside, agent.path("absolute")).unwrap();
    symlink("../outside/secret", agent.path("file")).unwrap();
    symlink("../outside/new", agent.path("dangling")).unwrap();
    symlink("/proc/self/root", agent.path("magic")).unwrap();

    for path in [
        "relative/secret",
        "absolute/secret",
        "relative/new",
        "magic/etc/passwd",
    ] {
        for (operation, reply) in every_operation(&agent, path).await {
            let problem = reply.problem(ErrorCode::Forbidden);
            assert!(
                problem.detail.contains("link"),
                "{operation} {path}: {problem:?}"
            );
        }
    }
    // A write through a link to a file outside, or to nothing there.
    for path in ["file", "dangling"] {
        let reply = agent.put(path, ("if-match", "*"), "owned").await;
        reply.problem(ErrorCode::Forbidden);
        agent
            .get(&content(path))
            .await
            .problem(ErrorCode::Forbidden);
    }
    // The links themselves can be seen, moved and deleted.
    let link = agent.stat("relative").await;
    assert_eq!(link.target.as_deref(), Some("../outside"));
    let request = json!({ "from": "relative", "to": "renamed" });
    assert_eq!(
        agent
            .json(Method::POST, "/v1/files/move", request)
            .await
            .status,
        200
    );
    let request = json!({ "from": "renamed", "to": "copy" });
    assert_eq!(
        agent
            .json(Method::POST, "/v1/files/copy", request)
            .await
            .status,
        200
    );
    for path in ["renamed", "copy", "absolute"] {
        let uri = format!("/v1/files?recursive=true&path={path}");
        assert_eq!(agent.delete(&uri).await.status, 204);
    }
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(fs::read(outside.join("secret")).unwrap(), b"theirs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_swapped_during_the_call_leads_nowhere_else() {
    let agent = Agent::new();
    let outside = agent.outside().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("file"), "theirs").unwrap();
    agent.file("real/file", "mine");
    symlink("real", agent.path("good")).unwrap();
    symlink(&outside, agent.path("bad")).unwrap();

    // `swap` is a directory, a link inside, and a link outside, in turns and as fast as can be.
    let stop = Arc::new(AtomicBool::new(false));
    let swapping = std::thread::spawn({
        let (stop, workspace) = (Arc::clone(&stop), agent.workspace());
        move || {
            let mut swaps = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                for name in ["good", "bad"] {
                    let copy = workspace.join("copy");
                    let target = fs::read_link(workspace.join(name)).unwrap();
                    symlink(target, &copy).unwrap();
                    fs::rename(&copy, workspace.join("swap")).unwrap();
                    swaps += 1;
                }
            }
            swaps
        }
    });
    let mut outcomes = [0_u32; 2];
    for round in 0..600 {
        let read = agent.get(&content("swap/file")).await;
        match read.status.as_u16() {
            200 => {
                assert_ne!(&*read.body, b"theirs", "read outside");
                outcomes[0] += 1;
            }
            403 | 404 | 503 => outcomes[1] += 1,
            _ => panic!("{read:?}"),
        }
        let name = format!("swap/new{round}");
        agent.put(&name, ("if-match", "*"), "owned").await;
        agent.put("swap/file", ("if-match", "*"), "changed").await;
        let request = json!({ "path": format!("swap/d{round}"), "parents": false });
        agent
            .json(Method::POST, "/v1/files/directory", request)
            .await;
        agent
            .delete("/v1/files?recursive=true&path=swap/file")
            .await;
        fs::write(agent.path("real/file"), "mine").unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    assert!(swapping.join().unwrap() > 0);
    assert!(
        outcomes[0] > 0 && outcomes[1] > 0,
        "both ways were met: {outcomes:?}"
    );
    let names: Vec<_> = fs::read_dir(&outside)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["file"], "something was made or deleted outside");
    assert_eq!(fs::read(outside.join("file")).unwrap(), b"theirs");
}

#[tokio::test]
async fn the_system_root_is_read_only_and_follows_absolute_links_inside() {
    let agent = Agent::new();
    let system = agent.outside().join("system");
    fs::create_dir_all(system.join("usr/lib")).unwrap();
    fs::write(system.join("usr/lib/std.rs"), "pub mod std;").unwrap();
    symlink("/usr/lib", system.join("lib")).unwrap();
    symlink("../../../../etc/passwd", system.join("usr/out")).unwrap();

    let read = agent
        .get("/v1/files/content?root=system&path=lib/std.rs")
        .await;
    assert_eq!(read.body, "pub mod std;");
    // As in a chroot, `..` at the top stays there.
    let out = agent
        .get("/v1/files/content?root=system&path=usr/out")
        .await;
    out.problem(ErrorCode::NotFound);

    let write = Request::put("/v1/files/content?root=system&path=usr/lib/std.rs")
        .header("if-match", "*")
        .body(Body::from("owned"));
    agent
        .send(write.unwrap())
        .await
        .problem(ErrorCode::Forbidden);
    let delete = agent
        .delete("/v1/files?root=system&path=usr/lib/std.rs")
        .await;
    delete.problem(ErrorCode::Forbidden);
    for (uri, body) in [
        (
            "/v1/files/directory",
            json!({ "root": "system", "path": "x" }),
        ),
        (
            "/v1/files/move",
            json!({ "root": "system", "from": "lib", "to": "x" }),
        ),
        (
            "/v1/files/copy",
            json!({ "root": "system", "from": "lib", "to": "x" }),
        ),
    ] {
        agent
            .json(Method::POST, uri, body)
            .await
            .problem(ErrorCode::Forbidden);
    }
    let mode = json!({ "root": "system", "path": "lib", "mode": 0 });
    agent
        .json(Method::PUT, "/v1/files/mode", mode)
        .await
        .problem(ErrorCode::Forbidden);
    assert_eq!(
        fs::read(system.join("usr/lib/std.rs")).unwrap(),
        b"pub mod std;"
    );
}

//! VS Code with a stand-in: found, started, looked after, ended.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::time::Duration;

use atelier_api::agent::vscode::VsCodeState;
use http::{Method, StatusCode};
use support::{Agent, mode_of, patiently};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test]
async fn it_starts_isolated_answers_and_stops() {
    let agent = Agent::with("good", |_| ()).await;
    assert_eq!(agent.view().await.state, VsCodeState::Stopped);
    let (status, view) = agent.start().await;
    assert_eq!(
        (status, view["state"].as_str()),
        (StatusCode::OK, Some("ready")),
        "{view}"
    );
    let arguments = agent.noted("arguments");
    for option in [
        "--auth\nnone",
        "--disable-telemetry",
        "--config",
        "--user-data-dir",
    ] {
        assert!(arguments.contains(option), "{option}: {arguments}");
    }
    assert!(arguments.ends_with("work space"), "{arguments}");
    let environment = agent.noted("environment");
    assert!(environment.contains("VSCODE_PROXY_URI=http://{{port}}.example/"));
    assert!(!environment.contains("inherited"));
    assert_eq!(mode_of(&agent.data().join("run")), 0o700);

    let (mut stream, status) = agent.connect().await;
    assert!(status.contains(" 101 "), "{status}");
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut words = [0; 12];
    patiently("its answer", stream.read_exact(&mut words))
        .await
        .unwrap();
    assert_eq!(&words, b"HTTP/1.1 200");
    assert_eq!(agent.view().await.connections, 1);
    // Who is connected is seen to leave.
    drop(stream);
    patiently("nobody connected", async {
        while agent.view().await.connections > 0 {}
    })
    .await;
    let (mut stream, _) = agent.connect().await;

    let (status, view) = agent.send(Method::POST, "/stop").await;
    assert_eq!(
        (status, view["state"].as_str()),
        (StatusCode::OK, Some("stopped")),
        "{view}"
    );
    // Whoever was connected notices, and nobody else gets in.
    let mut rest = Vec::new();
    patiently("the cut", stream.read_to_end(&mut rest))
        .await
        .unwrap();
    let (_, status) = agent.connect().await;
    assert!(status.contains(" 503 "), "{status}");
    // Settings stay until they are asked for.
    assert!(agent.data().join("data").exists());
    let (status, _) = agent.send(Method::DELETE, "?data=true").await;
    assert_eq!(status, StatusCode::OK);
    assert!(!agent.data().join("data").exists());
}

#[tokio::test]
async fn where_its_path_is_too_long_the_socket_is_elsewhere_and_leaves_nothing() {
    let agent = Agent::with_long_home().await;
    let run = agent.data().join("run");
    let link = run.join("elsewhere");
    // An agent that was killed has left this.
    let left = tempfile::tempdir().unwrap().keep();
    std::fs::write(left.join("vscode.sock"), "").unwrap();
    std::fs::create_dir_all(&run).unwrap();
    std::os::unix::fs::symlink(&left, &link).unwrap();

    let (_, view) = agent.start().await;
    assert_eq!(view["state"].as_str(), Some("ready"), "{view}");
    assert!(!left.exists());
    let directory = std::fs::read_link(&link).unwrap();
    assert_eq!(mode_of(&directory), 0o700);
    let (_, status) = agent.connect().await;
    assert!(status.contains(" 101 "), "{status}");

    let (status, view) = agent.send(Method::POST, "/stop").await;
    assert_eq!(status, StatusCode::OK, "{view}");
    assert!(!directory.exists());
    assert!(std::fs::symlink_metadata(link).is_err());
}

#[tokio::test]
async fn two_who_start_it_at_once_get_one() {
    let agent = Agent::with("good", |_| ()).await;
    let (one, other) = tokio::join!(agent.start(), agent.start());
    assert_eq!((one.0, other.0), (StatusCode::OK, StatusCode::OK));
    assert_eq!(one.1["pid"], other.1["pid"]);
    assert_eq!(agent.starts(), 1);
}

#[tokio::test]
async fn what_is_missing_is_said() {
    let agent = Agent::bare(|_| ()).await;
    let view = agent.view().await;
    assert_eq!((view.state, view.installs), (VsCodeState::Absent, None));
    let detail = view.detail.unwrap();
    for lacks in ["Node.js", "npm", "C++ compiler"] {
        assert!(detail.contains(lacks), "{detail}");
    }
    for path in ["/start", "/install"] {
        let (status, problem) = agent.send(Method::POST, path).await;
        assert_eq!(status, StatusCode::CONFLICT, "{path}: {problem}");
    }
    let (status, _) = agent.send(Method::POST, "/install?version=newest").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = agent.send(Method::POST, "/stop").await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn one_that_does_not_get_ready_fails_with_its_reason() {
    for (mode, reason) in [
        ("crash", "the last words"),
        ("garbage", "does not speak HTTP"),
        ("errors", "errors only"),
    ] {
        let agent = Agent::with(mode, |_| ()).await;
        let (status, problem) = agent.start().await;
        assert_eq!(status, StatusCode::BAD_GATEWAY, "{mode}: {problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(reason), "{mode}: {detail}");
        let view = agent.view().await;
        assert_eq!(
            (view.state, view.pid),
            (VsCodeState::Failed, None),
            "{mode}"
        );
        assert_eq!(agent.starts(), 1, "{mode}");
        // When the cause is removed, it starts.
        agent.mode("good");
        assert_eq!(agent.start().await.0, StatusCode::OK, "{mode}");
    }
}

#[tokio::test]
async fn one_that_ends_again_and_again_is_given_up() {
    let agent = Agent::with("once", |_| ()).await;
    let _ = agent.start().await;
    let view = agent.until(VsCodeState::Failed).await;
    assert_eq!((agent.starts(), view.restarts), (3, 2));
    let detail = view.detail.unwrap();
    assert!(detail.contains("3 times"), "{detail}");
}

#[tokio::test]
async fn it_is_stopped_when_nobody_is_connected() {
    // Each moment without a connection is too long.
    let agent = Agent::with("good", |limits| limits.idle = Duration::ZERO).await;
    // It may be over before who has started it has looked.
    let _ = agent.start().await;
    let view = agent.until(VsCodeState::Stopped).await;
    assert!(view.detail.unwrap().contains("Nobody was connected"));
    // Its end follows.
    patiently("its end", async {
        while agent.view().await.pid.is_some() {}
    })
    .await;
    assert_eq!(agent.starts(), 1);
}

#[tokio::test]
async fn one_that_hangs_is_given_up() {
    let agent = Agent::with("hang", |limits| limits.ready = Duration::ZERO).await;
    let (status, problem) = agent.start().await;
    assert_eq!(status, StatusCode::BAD_GATEWAY, "{problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("did not answer"), "{detail}");
    let view = agent.view().await;
    assert_eq!((view.state, view.pid), (VsCodeState::Failed, None));
}

#[tokio::test]
async fn one_that_takes_too_much_memory_is_ended() {
    let agent = Agent::with("good", |limits| limits.memory_bytes = 1).await;
    let _ = agent.start().await;
    let view = agent.until(VsCodeState::Failed).await;
    assert!(view.detail.unwrap().contains("MiB"));
}

#[tokio::test]
async fn it_ends_with_the_agent() {
    let agent = Agent::with("hang", |_| ()).await;
    let starting = agent.start();
    let pid = async {
        loop {
            if let Some(pid) = agent.view().await.pid {
                return pid;
            }
        }
    };
    let pid = tokio::select! {
        pid = patiently("its start", pid) => pid,
        (status, problem) = starting => panic!("{status} {problem}"),
    };
    agent.end().await;
    patiently("its end", async {
        while std::path::Path::new(&format!("/proc/{pid}/cmdline")).exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

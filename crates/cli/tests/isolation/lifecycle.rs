//! Stopping leaves nothing behind, and the node's death ends nothing.

use atelier_api::agent::processes::Process;
use atelier_api::node::{ActualState, DesiredState, WorkspaceLimits};
use http::{Method, StatusCode};
use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{TestNode, cgroups_left, spec, wait_for};

#[tokio::test]
async fn stopping_leaves_no_process_and_keeps_the_files() {
    let mut node = TestNode::open().await;
    let id = node.start(1, WorkspaceLimits::default()).await;
    // Deaf to polite signals, in a session of its own, and an orphan.
    let stubborn = "trap '' TERM HUP INT; (setsid sh -c 'trap \"\" TERM; sleep 1000' &) ; \
                    echo kept > kept; echo gone > \"${TMPDIR:-/tmp}/gone\"; sleep 1000";
    node.spawn(id, &["/bin/sh", "-c", stubborn]).await;
    wait_for("the file", || async {
        node.shell(id, "cat kept").await.success.then_some(())
    })
    .await;
    assert_ne!(node.processes_left(id), Vec::<String>::new());
    let view = node.stop(id).await;
    assert_eq!(view.state, ActualState::Stopped, "{view:?}");
    assert_eq!(node.processes_left(id), Vec::<String>::new());
    assert_eq!(cgroups_left(id), Vec::<String>::new());
    assert!(!node.data().join(format!("run/{id}")).exists());

    let view = node.apply(id, &spec(1, 3, DesiredState::Running)).await;
    assert_eq!(view.state, ActualState::Running);
    assert_eq!(node.shell(id, "cat kept").await.stdout, "kept\n");
    assert!(!node.shell(id, "cat \"${TMPDIR:-/tmp}/gone\"").await.success);
    node.close().await;
}

#[tokio::test]
async fn deleting_leaves_nothing_at_all() {
    let mut node = TestNode::open().await;
    let id = node.start(1, WorkspaceLimits::default()).await;
    node.spawn(id, &["/bin/sleep", "1000"]).await;
    let left = node.identity(id);
    let path = format!("/v1/workspaces/{id}");
    for _ in 0..2 {
        let (status, _) = node
            .request(Method::DELETE, &path, axum::body::Body::empty())
            .await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    assert_eq!(left.processes(), Vec::<String>::new());
    let (status, _) = node
        .request(Method::GET, &path, axum::body::Body::empty())
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    wait_for("the files to be deleted", || async {
        let trash = std::fs::read_dir(node.data().join("trash")).unwrap();
        (trash.count() == 0).then_some(())
    })
    .await;
    assert!(!node.data().join(format!("workspaces/{id}")).exists());
    node.close().await;
}

#[tokio::test]
async fn a_workspace_outlives_the_node() {
    let mut node = TestNode::open().await;
    let id = node.start(1, WorkspaceLimits::default()).await;
    let counting = "i=0; while true; do i=$((i+1)); echo $i; sleep 0.01; done";
    let process = node.spawn(id, &["/bin/sh", "-c", counting]).await;
    let before = node.view(id).await;
    node.replace().await;
    let after = node.view(id).await;
    assert_eq!(after, before, "adopted as it was");
    let path = format!("/v1/workspaces/{id}/agent/processes/{}", process.id);
    let now: Process = node.json(Method::GET, &path, &()).await;
    assert_eq!(
        (now.pid, now.exit),
        (process.pid, None),
        "the same process still runs"
    );
    wait_for("more output", || async {
        let later: Process = node.json(Method::GET, &path, &()).await;
        (later.stdout.end > now.stdout.end).then_some(())
    })
    .await;
    let output = format!("{path}/output?stream=stdout");
    let (_, output) = node
        .request(Method::GET, &output, axum::body::Body::empty())
        .await;
    let text = String::from_utf8(output).unwrap();
    let numbers: Vec<usize> = text.lines().filter_map(|line| line.parse().ok()).collect();
    assert!(
        numbers.iter().enumerate().all(|(i, n)| *n == i + 1),
        "every number once"
    );
    // The new node can also stop what the old one started.
    node.stop(id).await;
    assert_eq!(node.processes_left(id), Vec::<String>::new());
    node.close().await;
}

#[tokio::test]
async fn an_agent_that_ends_by_itself_is_reported_and_can_be_started_again() {
    let mut node = TestNode::open().await;
    let id = node.start(1, WorkspaceLimits::default()).await;
    let health: atelier_api::agent::AgentHealth = node
        .json(
            Method::GET,
            &format!("/v1/workspaces/{id}/agent/health"),
            &(),
        )
        .await;
    node.attempt(id, &["/bin/kill", "-9", &health.pid.to_string()])
        .await;
    let failed = wait_for("the failure to be noticed", || async {
        let view = node.view(id).await;
        (view.state == ActualState::Failed).then_some(view)
    })
    .await;
    let detail = failed.detail.unwrap();
    assert!(detail.contains("signal 9"), "{detail}");
    assert_eq!(node.processes_left(id), Vec::<String>::new());
    let path = format!("/v1/workspaces/{id}/agent/health");
    let (status, body) = node
        .request(Method::GET, &path, axum::body::Body::empty())
        .await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        String::from_utf8(body)
            .unwrap()
            .contains("workspace_not_running")
    );
    let view = node.apply(id, &spec(1, 2, DesiredState::Running)).await;
    assert_eq!((view.state, view.detail), (ActualState::Running, None));
    node.close().await;
}

#[tokio::test]
async fn one_that_ended_while_no_node_was_there_is_cleaned_up() {
    let mut node = TestNode::open().await;
    let id = node.start(1, WorkspaceLimits::default()).await;
    let init = node.identity(id).init;
    node.close_node();
    kill_process(Pid::from_raw(init).unwrap(), Signal::KILL).unwrap();
    node.reopen().await;
    // Where the kernel has not ended it yet, the new node adopts it and sees it end.
    wait_for("the end to be noticed and cleaned up", || async {
        let failed = node.view(id).await.state == ActualState::Failed;
        (failed && cgroups_left(id).is_empty()).then_some(())
    })
    .await;
    let view = node.apply(id, &spec(1, 2, DesiredState::Running)).await;
    assert_eq!(view.state, ActualState::Running, "{view:?}");
    node.close().await;
}

//! Commands on a joined server, by the real daemon and the real agent.

use std::time::{Duration, Instant};

use atelier_api::Page;
use atelier_api::v1::node_jobs::{NodeJob, NodeRun, NodeRunState};
use atelier_api::v1::nodes::NodeState;
use serde_json::json;

use crate::bridge::{Daemon, remote};
use crate::program::Program;

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

async fn run(program: &Program, job: &NodeJob) -> NodeRun {
    let path = format!("/node-jobs/{}/runs", job.id);
    let page: Page<NodeRun> = program.get(&path).await;
    page.items.into_iter().next().unwrap()
}

/// Waits until the command has printed something.
pub(crate) async fn begun(program: &Program, job: &NodeJob) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let run = run(program, job).await;
        if run.state == NodeRunState::Running {
            let path = format!("/node-runs/{}/output?wait_ms=1000", run.id);
            if !program.bytes(&path).await.is_empty() {
                return;
            }
        }
        assert!(Instant::now() < deadline, "{run:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_command_outlives_either_side_being_killed_and_runs_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start().await;
    let mut daemon = Daemon::join(&program, folder.path()).await;
    let node = remote(&program, NodeState::Online).await;
    let count = "i=0; while [ $i -lt 100 ]; do echo $i; i=$((i+1)); sleep 0.05; done; exit 7";
    let path = format!("/organizations/{}/node-jobs", program.organization.unwrap());
    let body = json!({ "nodes": [node.id], "command": count });
    let job: NodeJob = program.post(&path, &body).await;
    begun(&program, &job).await;
    daemon.restart();
    remote(&program, NodeState::Online).await;
    program.kill();
    program.start_again();
    let deadline = Instant::now() + PATIENCE;
    let ended = loop {
        let run = run(&program, &job).await;
        if run.state.has_ended() {
            break run;
        }
        assert!(Instant::now() < deadline, "{run:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(ended.state, NodeRunState::Failed, "{ended:?}");
    assert_eq!(ended.exit.unwrap().code, Some(7));
    let expected = crate::survival::lines(100);
    let path = format!("/node-runs/{}/output", ended.id);
    assert_eq!(
        String::from_utf8(program.bytes(&path).await).unwrap(),
        expected
    );
    let shown = program.command(&["nodes", "run", "--node", &node.name, "--", "echo after"]);
    assert_eq!(String::from_utf8(shown.stdout).unwrap(), "after\n");
}

#[tokio::test]
async fn output_and_exit_status_pass_through() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start().await;
    let _daemon = Daemon::join(&program, folder.path()).await;
    let node = remote(&program, NodeState::Online).await;
    let command = |arguments: &[&str]| {
        let all = [&["nodes", "run", "--node", &node.name, "--"], arguments].concat();
        program.command(&all)
    };
    let ran = command(&["echo out; echo err >&2; exit 42"]);
    assert_eq!(ran.status.code(), Some(42), "{ran:?}");
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), "out\nerr\n");
    let ran = command(&["printf", "%s|", "a b", "it's"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), "a b|it's|");
    let ran = command(&["kill -9 $$"]);
    assert_eq!(ran.status.code(), Some(128 + 9), "{ran:?}");
    let ran = command(&["rm", "-rf", "/"]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("policy refuses"), "{said}");
}

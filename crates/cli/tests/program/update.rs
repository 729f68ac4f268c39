//! New programs for a joined server, by the real daemon and the real control plane: nothing that runs there
//! is lost, and what does not work is taken back.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use atelier_api::Page;
use atelier_api::v1::node_jobs::{NodeJob, NodeRun, NodeRunState};
use atelier_api::v1::node_rollouts::{
    NodeRollout, NodeRolloutState, NodeUpdateRun, NodeUpdateState,
};
use atelier_api::v1::nodes::{Node, NodeState};
use serde_json::json;

use crate::bridge::{Daemon, remote};
use crate::jobs::begun;
use crate::program::{ATELIER, Program};
use crate::survival::lines;

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(120);

/// Prints numbers until it is told that it is enough, however long that takes here, and then how many they were.
const COUNTER: &str = "stty raw -echo; i=0; until [ -e enough ]; do echo $i; i=$((i+1)); \
     [ $((i % 10)) -ne 0 ] || sleep 0.1; done; echo $i in all";

/// This very program with something at its end that nobody reads: another version, as far as files go.
fn version(name: &str) -> Vec<u8> {
    let mut program = std::fs::read(ATELIER).unwrap();
    program.extend_from_slice(name.as_bytes());
    program
}

/// A program that answers the probe as a good one does, and then does this.
fn pretender(folder: &Path, does: &str) -> Vec<u8> {
    let source = folder.join("pretender.c");
    let text = format!(
        r#"#include <stdio.h>
        #include <string.h>
        #include <unistd.h>
        int main(int count, char **arguments) {{
            if (count > 2 && !strcmp(arguments[2], "probe")) {{
                puts("{{\"succession\":1,\"version\":\"9\",\"protocols\":[1,1]}}");
                return 0;
            }}
            {does}
        }}"#
    );
    std::fs::write(&source, text).unwrap();
    let program = folder.join("pretender");
    // What links the tests themselves.
    let made = Command::new("cc")
        .arg("-o")
        .arg(&program)
        .arg(&source)
        .status();
    assert!(made.unwrap().success());
    std::fs::read(program).unwrap()
}

async fn start(program: &Program, node: &Node, healthy_within_s: u32) -> NodeRollout {
    let organization = program.organization.unwrap();
    let path = format!("/organizations/{organization}/node-rollouts");
    let body = json!({ "nodes": [node.id], "healthy_within_s": healthy_within_s });
    program.post(&path, &body).await
}

/// Waits for a rollout's end; answers it with its first server's part.
async fn ended(program: &Program, rollout: &NodeRollout) -> (NodeRollout, NodeUpdateRun) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen: NodeRollout = program.get(&format!("/node-rollouts/{}", rollout.id)).await;
        if seen.state.has_ended() {
            let path = format!("/node-rollouts/{}/nodes", rollout.id);
            let page: Page<NodeUpdateRun> = program.get(&path).await;
            return (seen, page.items.into_iter().next().unwrap());
        }
        assert!(Instant::now() < deadline, "{seen:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The program that the joined server runs, once its daemon is connected.
async fn running(program: &Program) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let node = remote(program, NodeState::Online).await;
        // `join` connects, too, and does not say what it is.
        if let Some(program) = node.info.and_then(|info| info.program) {
            return program;
        }
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn job(program: &Program, node: &Node, command: &str) -> NodeJob {
    let path = format!("/organizations/{}/node-jobs", program.organization.unwrap());
    let body = json!({ "nodes": [node.id], "command": command });
    program.post(&path, &body).await
}

async fn output(program: &Program, job: &NodeJob) -> (NodeRunState, String) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let path = format!("/node-jobs/{}/runs", job.id);
        let page: Page<NodeRun> = program.get(&path).await;
        let run = &page.items[0];
        if run.state.has_ended() {
            let bytes = program
                .bytes(&format!("/node-runs/{}/output", run.id))
                .await;
            return (run.state, String::from_utf8(bytes).unwrap());
        }
        assert!(Instant::now() < deadline, "{run:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn updates_under_load_lose_no_terminal_and_run_every_job_once() {
    const TERMINALS: usize = 20;
    const JOBS: usize = 5;
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start_offering(&version("second")).await;
    let _daemon = Daemon::join(&program, folder.path()).await;
    let node = remote(&program, NodeState::Online).await;
    let first = running(&program).await;
    let workspace = program.workspace_on("load", Some(node.id)).await;
    let mut viewers = Vec::new();
    for _ in 0..TERMINALS {
        let terminal = program.terminal(workspace, COUNTER).await;
        let mut viewer = program.viewer(workspace, &terminal);
        viewers.push(tokio::spawn(async move {
            viewer.read_to(usize::MAX).await;
            viewer.output
        }));
    }
    let count = "i=0; while [ $i -lt 100 ]; do echo $i; i=$((i+1)); sleep 0.1; done";
    let mut jobs = Vec::new();
    for _ in 0..JOBS {
        jobs.push(job(&program, &node, count).await);
    }

    let updated = program.command(&["nodes", "update", &node.name]);
    assert!(updated.status.success(), "{updated:?}");
    let second = running(&program).await;
    assert_ne!(second, first);

    // From one that was received to the next.
    program.offer(&version("third"));
    let rollout = start(&program, &node, 60).await;
    let (rollout, run) = ended(&program, &rollout).await;
    assert_eq!(rollout.state, NodeRolloutState::Succeeded, "{run:?}");
    let third = running(&program).await;
    assert_eq!(Some(&third), run.program.as_ref());
    assert_ne!(third, second);

    assert!(
        viewers.iter().all(|viewer| !viewer.is_finished()),
        "the load lasted"
    );
    // What is started from here on is started with the new program.
    let fresh = program.workspace_on("fresh", Some(node.id)).await;
    let terminal = program.terminal(fresh, "echo here").await;
    let mut viewer = program.viewer(fresh, &terminal);
    viewer.read_to(usize::MAX).await;
    assert!(String::from_utf8_lossy(&viewer.output).contains("here"));

    program.terminal(workspace, "touch enough").await;
    for viewer in viewers {
        let output = String::from_utf8(viewer.await.unwrap()).unwrap();
        let count = u32::try_from(output.lines().count()).unwrap() - 1;
        assert!(
            output == lines(count) + &format!("{count} in all\n"),
            "{} bytes came",
            output.len()
        );
    }
    for job in &jobs {
        let (state, output) = output(&program, job).await;
        assert_eq!(state, NodeRunState::Succeeded);
        assert_eq!(output, lines(100));
    }
    for workspace in [workspace, fresh] {
        let stopped = program.command(&["workspace", "stop", &workspace.to_string()]);
        assert!(stopped.status.success(), "{stopped:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_do_not_work_are_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut program =
        Program::start_offering(b"#!/bin/sh\nexit 1\n# to be as long as a header\n").await;
    let _daemon = Daemon::join(&program, folder.path()).await;
    let node = remote(&program, NodeState::Online).await;
    let first = running(&program).await;
    let workspace = program.workspace_on("steady", Some(node.id)).await;
    let terminal = program
        .terminal(workspace, "stty raw -echo; read line; echo $line")
        .await;
    let before = job(&program, &node, "sleep 3; echo done").await;

    let good = version("");
    let truncated = good[..good.len() / 2].to_vec();
    let silent = pretender(folder.path(), "for (;;) pause();");
    let dying = pretender(folder.path(), "fputs(\"no such luck\", stderr); return 3;");
    let liar = pretender(
        folder.path(),
        "puts(\"{\\\"workspaces\\\":[],\\\"machine\\\":false}\"); fflush(stdout); for (;;) pause();",
    );
    for (bad, expected) in [
        (None, "no ELF header"),
        (Some(truncated), "cut short"),
        (Some(dying), "no such luck"),
        (Some(silent), "not healthy within 3 s"),
        (Some(liar), "did not find the workspace"),
    ] {
        if let Some(bad) = bad {
            program.offer(&bad);
        }
        let rollout = start(&program, &node, 3).await;
        let (rollout, run) = ended(&program, &rollout).await;
        assert_eq!(
            rollout.state,
            NodeRolloutState::Failed,
            "{expected}: {run:?}"
        );
        assert_eq!(run.state, NodeUpdateState::Failed, "{expected}");
        let reason = run.reason.unwrap();
        assert!(reason.contains(expected), "{expected}: {reason}");
        assert_eq!(running(&program).await, first, "{expected}");
    }
    let (state, said) = output(&program, &before).await;
    assert_eq!((state, said.as_str()), (NodeRunState::Succeeded, "done\n"));
    // The terminal is there still, and waits for its line.
    let typed = program.terminal(workspace, "true").await;
    assert_ne!(typed.id, terminal.id);
    let path = format!("/workspaces/{workspace}/terminals/{}", terminal.id);
    let still: serde_json::Value = program.get(&path).await;
    assert!(still["exit"].is_null(), "{still}");
    let stopped = program.command(&["workspace", "stop", &workspace.to_string()]);
    assert!(stopped.status.success(), "{stopped:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_comes_back_whenever_its_daemon_is_killed_in_an_update() {
    const KILLS: u32 = 10;
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start_offering(&version("0")).await;
    let mut daemon = Daemon::join(&program, folder.path()).await;
    let node = remote(&program, NodeState::Online).await;
    let counted = job(
        &program,
        &node,
        "i=0; while [ $i -lt 300 ]; do echo $i; i=$((i+1)); sleep 0.1; done",
    )
    .await;
    // A daemon that is killed while it begins takes the beginning with it: then the job is interrupted.
    begun(&program, &counted).await;
    // A fixed sequence of uneven pauses, the same in every run, from the sending to the end.
    let mut seed = 11_u32;
    for kill in 1..=KILLS {
        let rollout = start(&program, &node, 20).await;
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        tokio::time::sleep(Duration::from_millis(u64::from(seed >> 21))).await;
        daemon.kill();
        daemon.start_again();
        let (rollout, run) = ended(&program, &rollout).await;
        let runs = running(&program).await;
        let updated = Some(&runs) == run.program.as_ref();
        assert_eq!(
            updated,
            rollout.state == NodeRolloutState::Succeeded,
            "{rollout:?} {run:?} but it runs {runs}"
        );
        program.offer(&version(&kill.to_string()));
    }
    // At the moment from which on the new program counts: it has to go on alone.
    let rollout = start(&program, &node, 60).await;
    let choice = folder.path().join("node/programs/choice.json");
    let deadline = Instant::now() + PATIENCE;
    while !std::fs::read_to_string(&choice).is_ok_and(|text| text.contains("starts")) {
        assert!(Instant::now() < deadline, "it is never chosen");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    daemon.kill();
    daemon.start_again();
    let (rollout, run) = ended(&program, &rollout).await;
    assert_eq!(rollout.state, NodeRolloutState::Succeeded, "{run:?}");
    assert_eq!(Some(running(&program).await), run.program);
    let (state, said) = output(&program, &counted).await;
    assert_eq!((state, said), (NodeRunState::Succeeded, lines(300)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollout_goes_on_when_the_control_plane_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start_offering(&version("0")).await;
    let _daemon = Daemon::join(&program, folder.path()).await;
    let node = remote(&program, NodeState::Online).await;
    for (kill, after_ms) in [0, 150, 300, 600, 900].into_iter().enumerate() {
        let rollout = start(&program, &node, 60).await;
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        program.kill();
        program.start_again();
        let (rollout, run) = ended(&program, &rollout).await;
        assert_eq!(rollout.state, NodeRolloutState::Succeeded, "{run:?}");
        assert_eq!(run.state, NodeUpdateState::Succeeded, "{run:?}");
        assert_eq!(Some(running(&program).await), run.program);
        program.offer(&version(&(kill + 1).to_string()));
    }
}

#[tokio::test]
async fn what_cannot_or_must_not_be_updated_is_passed_over_and_said() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("node.toml"), "update = false\n").unwrap();
    let program = Program::start_offering(&version("second")).await;
    let _daemon = Daemon::join(&program, folder.path()).await;
    remote(&program, NodeState::Online).await;
    let first = running(&program).await;
    let updated = program.command(&["nodes", "update", "--all"]);
    assert!(updated.status.success(), "{updated:?}");
    let said = String::from_utf8(updated.stderr).unwrap();
    assert!(said.contains("owner does not permit updates"), "{said}");
    assert!(said.contains("updated together with it"), "{said}");
    assert_eq!(running(&program).await, first);
    let unknown = program.command(&["nodes", "update", "nobody"]);
    assert!(!unknown.status.success());
    let nothing = program.command(&["nodes", "update"]);
    let said = String::from_utf8(nothing.stderr).unwrap();
    assert!(said.contains("--all"), "{said}");
}

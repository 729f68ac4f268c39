//! Executions of node jobs, through the node's API, with a real agent and real processes.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use atelier_api::node::jobs::{Execution, ExecutionSpec, ExecutionState, OFFSET_HEADER};
use atelier_api::{ErrorCode, Problem};
use atelier_node::{Launcher, Node, NodeConfig};
use axum::body::Body;
use axum::response::Response;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// How long anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

struct Host {
    directory: tempfile::TempDir,
    node: Node,
}

async fn open(directory: &Path, policy: &str) -> Node {
    let file = directory.join("node.toml");
    fs::write(&file, policy).unwrap();
    let mut config = NodeConfig::new(directory.join("data"), Launcher::InProcess);
    config.policy_file = Some(file);
    Node::open(config).await.unwrap()
}

fn spec(command: &str) -> ExecutionSpec {
    ExecutionSpec {
        command: command.to_owned(),
        cwd: None,
        env: [].into(),
        timeout_ms: 600_000,
        output_limit_bytes: 64 << 10,
        approved: false,
    }
}

fn path(number: u8) -> String {
    format!("/v1/jobs/exec_000000000000000000000000{number:02}")
}

impl Host {
    async fn open(policy: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let node = open(directory.path(), policy).await;
        Self { directory, node }
    }

    /// The node ends and another is opened on what it left.
    async fn reopen(self) -> Self {
        let Self { directory, node } = self;
        node.shutdown().await;
        drop(node);
        let node = open(directory.path(), "").await;
        Self { directory, node }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    async fn send(&self, method: Method, path: &str, body: Option<&ExecutionSpec>) -> Response {
        let body = body.map_or_else(Body::empty, |it| serde_json::to_vec(it).unwrap().into());
        let request = Request::builder().method(method).uri(path);
        let request = request.header("content-type", "application/json");
        let request = request.body(body).unwrap();
        self.node.router().oneshot(request).await.unwrap()
    }

    async fn put(&self, number: u8, spec: &ExecutionSpec) -> Execution {
        ok(self.send(Method::PUT, &path(number), Some(spec)).await).await
    }

    async fn refused(&self, spec: &ExecutionSpec) -> Problem {
        let response = self.send(Method::PUT, &path(99), Some(spec)).await;
        assert!(response.status().is_client_error(), "{response:?}");
        let problem = json(response).await;
        let known = self.send(Method::GET, &path(99), None).await;
        assert_eq!(known.status(), 404, "nothing was taken on");
        problem
    }

    async fn cancel(&self, number: u8) -> Execution {
        ok(self.send(Method::DELETE, &path(number), None).await).await
    }

    async fn ended(&self, number: u8) -> Execution {
        let asked = format!("{}?wait_ms=20000", path(number));
        let in_time = tokio::time::timeout(PATIENCE, async {
            loop {
                let execution: Execution = ok(self.send(Method::GET, &asked, None).await).await;
                if execution.state != ExecutionState::Running {
                    return execution;
                }
            }
        });
        in_time.await.unwrap()
    }

    async fn output(&self, number: u8, offset: u64) -> (u64, Vec<u8>) {
        let asked = format!("{}/output?offset={offset}&wait_ms=20000", path(number));
        let response = self.send(Method::GET, &asked, None).await;
        assert!(response.status().is_success(), "{response:?}");
        let from = response.headers()[OFFSET_HEADER].to_str().unwrap();
        let from = from.parse().unwrap();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (from, bytes.to_vec())
    }

    async fn file_appears(&self, name: &str) {
        let in_time = tokio::time::timeout(PATIENCE, async {
            while !self.file(name).exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        in_time.await.unwrap();
    }
}

async fn json<T: serde::de::DeserializeOwned>(response: Response) -> T {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap()
}

async fn ok(response: Response) -> Execution {
    assert!(response.status().is_success(), "{response:?}");
    json(response).await
}

#[tokio::test]
async fn a_command_runs_with_both_streams_as_one_and_its_status_is_told() {
    let host = Host::open("").await;
    let mut wanted = spec("echo out; echo err >&2\necho \"$WORD in $PWD\"; exit 3");
    wanted.env.insert("WORD".to_owned(), "hello".to_owned());
    wanted.cwd = Some("/".to_owned());
    host.put(1, &wanted).await;
    let ended = host.ended(1).await;
    assert_eq!(ended.state, ExecutionState::Ended);
    assert_eq!(ended.exit.unwrap().code, Some(3));
    assert_eq!(
        host.output(1, 0).await,
        (0, b"out\nerr\nhello in /\n".to_vec())
    );
    assert_eq!(host.output(1, 4).await, (4, b"err\nhello in /\n".to_vec()));
}

#[tokio::test]
async fn an_id_is_run_once_however_often_it_is_asked_for() {
    let host = Host::open("").await;
    let counted = host.file("count");
    let wanted = spec(&format!("echo once >> {}", counted.display()));
    // The answers to these are lost.
    let asked = (0..8).map(|_| host.put(1, &wanted));
    futures_util::future::join_all(asked).await;
    host.ended(1).await;
    let after = host.put(1, &wanted).await;
    assert_eq!(after.state, ExecutionState::Ended);

    let host = host.reopen().await;
    let again = host.put(1, &wanted).await;
    assert_eq!(again, after);
    assert_eq!(fs::read_to_string(&counted).unwrap(), "once\n");
}

#[tokio::test]
async fn the_output_of_a_long_one_outlives_the_many_that_ended_before_it() {
    let host = Host::open("").await;
    let go = host.file("go");
    let long = spec(&format!(
        "while ! [ -e {} ]; do sleep 0.02; done; echo kept",
        go.display()
    ));
    host.put(1, &long).await;
    // More than those whose output is kept.
    for number in 2..72 {
        host.put(number, &spec("echo short")).await;
        host.ended(number).await;
    }
    fs::write(&go, "").unwrap();
    host.ended(1).await;
    assert_eq!(host.output(1, 0).await, (0, b"kept\n".to_vec()));
    assert_eq!(host.output(2, 0).await.1, b"", "it ended the longest ago");
    assert_eq!(host.output(71, 0).await.1, b"short\n");
}

#[tokio::test]
async fn a_caller_who_goes_away_at_any_moment_leaves_nothing_half_done() {
    let host = Host::open("").await;
    let counted = host.file("count");
    let wanted = spec(&format!("echo once >> {}", counted.display()));
    for polls in 1..20 {
        let path = path(polls);
        let request = host.send(Method::PUT, &path, Some(&wanted));
        tokio::pin!(request);
        for _ in 0..polls {
            if futures_util::poll!(&mut request).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    for number in 1..20 {
        host.put(number, &wanted).await;
        let ended = host.ended(number).await;
        assert_eq!(ended.exit.unwrap().code, Some(0));
    }
    let counted = fs::read_to_string(&counted).unwrap();
    assert_eq!(counted.lines().count(), 19);
}

#[tokio::test]
async fn what_ends_with_the_machine_is_interrupted_and_not_run_again() {
    let host = Host::open("").await;
    let (counted, begun) = (host.file("count"), host.file("begun"));
    let line = format!(
        "echo once >> {}; touch {}; exec sleep 600",
        counted.display(),
        begun.display()
    );
    host.put(1, &spec(&line)).await;
    host.file_appears("begun").await;
    // In this test the machine's agent ends with the node.
    let host = host.reopen().await;
    let ended = host.ended(1).await;
    assert_eq!(ended.state, ExecutionState::Interrupted);
    assert!(ended.detail.unwrap().contains("not run again"));
    let again = host.put(1, &spec(&line)).await;
    assert_eq!(again.state, ExecutionState::Interrupted);
    assert_eq!(fs::read_to_string(&counted).unwrap(), "once\n");
}

#[tokio::test]
async fn an_id_that_was_noted_but_not_begun_is_not_begun_later() {
    let host = Host::open("").await;
    let counted = host.file("count");
    let wanted = spec(&format!("echo once >> {}", counted.display()));
    host.put(1, &wanted).await;
    host.ended(1).await;
    let record = host.file("data/jobs/exec_00000000000000000000000001/record.json");
    // As it is on the disk when the power fails right before the start.
    let mut text: serde_json::Value = serde_json::from_slice(&fs::read(&record).unwrap()).unwrap();
    text["execution"]["state"] = "running".into();
    text["process"] = serde_json::Value::Null;
    fs::write(&record, text.to_string()).unwrap();
    let host = host.reopen().await;
    assert_eq!(host.ended(1).await.state, ExecutionState::Interrupted);
    assert_eq!(fs::read_to_string(&counted).unwrap(), "once\n");
}

#[tokio::test]
async fn a_hundred_megabytes_of_output_stay_within_the_limit() {
    let host = Host::open("").await;
    let line = "head -c 100000000 /dev/zero | tr '\\0' 'x'; echo; echo last";
    host.put(1, &spec(line)).await;
    let ended = host.ended(1).await;
    assert_eq!(ended.exit.unwrap().code, Some(0));
    assert_eq!(ended.output.end, 100_000_006);
    let held = ended.output.end - ended.output.start;
    assert!((32 << 10..=64 << 10).contains(&held), "{held}");
    let (from, bytes) = host.output(1, 0).await;
    assert_eq!(from, ended.output.start, "what is gone is said");
    assert_eq!(bytes.len() as u64, held);
    assert!(bytes.ends_with(b"xx\nlast\n"));
    let directory = host.file("data/jobs/exec_00000000000000000000000001");
    let on_disk: u64 = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(on_disk < 80 << 10, "{on_disk}");
}

#[tokio::test]
async fn a_command_that_ignores_sigterm_is_killed_with_what_it_started() {
    let host = Host::open("").await;
    let begun = host.file("begun");
    let line = format!(
        "trap '' TERM; sleep 600 & echo $! ; touch {}; while true; do sleep 600; done",
        begun.display()
    );
    host.put(1, &spec(&line)).await;
    host.file_appears("begun").await;
    let (_, pid) = host.output(1, 0).await;
    let pid = String::from_utf8(pid).unwrap().trim().to_owned();
    assert_eq!(host.cancel(1).await.state, ExecutionState::Running);
    let ended = host.ended(1).await;
    assert_eq!(ended.state, ExecutionState::Cancelled);
    assert!(ended.detail.unwrap().contains("killed"));
    let in_time = tokio::time::timeout(PATIENCE, async {
        // Gone, or dead and not yet taken note of.
        while fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|it| !it.contains(") Z")) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    in_time.await.unwrap();
    assert_eq!(
        host.cancel(1).await.state,
        ExecutionState::Cancelled,
        "twice does no harm"
    );
}

#[tokio::test]
async fn what_was_cancelled_before_it_came_is_not_run() {
    let host = Host::open("").await;
    let counted = host.file("count");
    host.cancel(1).await;
    let host = host.reopen().await;
    let late = spec(&format!("touch {}", counted.display()));
    assert_eq!(host.put(1, &late).await.state, ExecutionState::Cancelled);
    host.put(2, &spec("true")).await;
    host.ended(2).await;
    assert!(!counted.exists());
}

#[tokio::test]
async fn a_timeout_ends_it() {
    let host = Host::open("").await;
    let mut wanted = spec("echo begun; sleep 600");
    wanted.timeout_ms = 300;
    host.put(1, &wanted).await;
    let ended = host.ended(1).await;
    assert!(ended.timed_out);
    assert_eq!(ended.state, ExecutionState::Ended);
    assert_eq!(host.output(1, 0).await.1, b"begun\n");
}

#[tokio::test]
async fn commands_are_checked_here_again() {
    let host = Host::open("").await;
    for line in ["rm -rf /", "true; sudo sh -c 'mkfs.ext4 /dev/sda1'"] {
        let mut wanted = spec(line);
        wanted.approved = true;
        let problem = host.refused(&wanted).await;
        assert_eq!(problem.code, ErrorCode::Forbidden, "{line}");
    }
    let mut asked = spec("c=true; $c");
    let problem = host.refused(&asked).await;
    assert!(problem.detail.contains("yes"), "{}", problem.detail);
    asked.approved = true;
    host.put(1, &asked).await;
    assert_eq!(host.ended(1).await.exit.unwrap().code, Some(0));
    assert_eq!(
        host.refused(&spec(" \n")).await.field.as_deref(),
        Some("command")
    );
}

#[tokio::test]
async fn a_host_that_permits_no_exec_runs_nothing() {
    let host = Host::open("exec = false").await;
    let problem = host.refused(&spec("true")).await;
    assert_eq!(problem.code, ErrorCode::Forbidden);
    assert!(problem.detail.contains("node.toml"), "{}", problem.detail);
}

#[tokio::test]
async fn a_command_that_cannot_be_started_says_why() {
    let host = Host::open("").await;
    let mut wanted = spec("true");
    wanted.cwd = Some("/does/not/exist".to_owned());
    host.put(1, &wanted).await;
    let ended = host.ended(1).await;
    assert_eq!(ended.state, ExecutionState::Failed);
    assert!(ended.detail.is_some());
}

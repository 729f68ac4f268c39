//! The machine's own agent: outside of any sandbox, of the user that the policy says, and longer-lived
//! than the node.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;

use atelier_api::agent::AgentHealth;
use atelier_api::agent::processes::{Process, ProcessCreate};
use axum::body::Body;
use http::{Method, StatusCode};
use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{TestNode, root, wait_for};

/// A node with a policy, whose machine agent ends with the test.
struct Owned {
    node: TestNode,
    policy: PathBuf,
    agents: Vec<u32>,
}

impl Owned {
    async fn open(policy: &str) -> Self {
        let mut path = PathBuf::new();
        let node = TestNode::open_with(|config, directory| {
            path = directory.join("node.toml");
            fs::write(&path, policy).unwrap();
            config.policy_file = Some(path.clone());
        })
        .await;
        Self {
            node,
            policy: path,
            agents: Vec::new(),
        }
    }

    /// The agent's process id.
    async fn agent(&mut self) -> u32 {
        let path = "/v1/machine/health";
        let health: AgentHealth = self.node.json(Method::GET, path, &()).await;
        self.agents.push(health.pid);
        health.pid
    }

    async fn spawn(&self, script: &str) -> Process {
        let create = ProcessCreate {
            command: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
            ..ProcessCreate::default()
        };
        let path = "/v1/machine/processes";
        self.node.json(Method::POST, path, &create).await
    }

    async fn output(&self, script: &str) -> String {
        let process = self.spawn(script).await;
        let path = format!("/v1/machine/processes/{}", process.id);
        wait_for("the command", || async {
            let process: Process = self.node.json(Method::GET, &path, &()).await;
            process.exit
        })
        .await;
        let path = format!("{path}/output");
        let (_, output) = self.node.request(Method::GET, &path, Body::empty()).await;
        String::from_utf8_lossy(&output).trim().to_owned()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        for pid in &self.agents {
            // Its own children end with it.
            if let Some(pid) = Pid::from_raw(pid.cast_signed())
                && fs::read_to_string(format!("/proc/{}/cmdline", pid.as_raw_nonzero()))
                    .is_ok_and(|line| line.contains("--machine"))
            {
                let _ = kill_process(pid, Signal::TERM);
            }
        }
    }
}

fn status(pid: u32, key: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    line.unwrap().trim().to_owned()
}

/// `pid (name) state ppid pgrp session`: the last.
fn session(pid: u32) -> u32 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    rest.split(' ').nth(3).unwrap().parse().unwrap()
}

#[tokio::test]
async fn it_survives_the_node_and_is_found_again() {
    let mut owned = Owned::open("").await;
    let before = owned.agent().await;
    let process = owned.spawn("while true; do sleep 0.05; done").await;
    owned.node.close_node();
    owned
        .node
        .reopen_with(|config| config.policy_file = Some(owned.policy.clone()))
        .await;
    assert_eq!(owned.agent().await, before);
    let path = format!("/v1/machine/processes/{}", process.id);
    let now: Process = owned.node.json(Method::GET, &path, &()).await;
    assert_eq!((now.pid, now.exit), (process.pid, None));
    assert_eq!(session(before), before, "a session of its own");
    if root() {
        let groups = fs::read_to_string(format!("/proc/{before}/cgroup")).unwrap();
        assert!(
            groups.contains("/machine\n"),
            "a group of its own: {groups}"
        );
    }
}

#[tokio::test]
async fn it_is_of_an_ordinary_user_who_stays_one() {
    let mut owned = Owned::open("").await;
    let pid = owned.agent().await;
    assert_eq!(status(pid, "NoNewPrivs:"), "1");
    let uid = fs::metadata(format!("/proc/{pid}")).unwrap().uid();
    assert_ne!(uid, 0, "not root");
    assert_eq!(status(pid, "CapEff:"), "0000000000000000");
    let socket = fs::metadata(owned.node.data().join("machine/run/agent.sock")).unwrap();
    assert!(socket.file_type().is_socket());
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    assert_eq!(socket.uid(), uid);
    assert_eq!(owned.output("id -u").await, uid.to_string());
    if root() {
        let data = owned.node.data();
        let peek = format!("ls {} && echo seen", data.display());
        assert_eq!(
            owned.output(&peek).await,
            "",
            "the node's own files are closed"
        );
        assert_eq!(status(pid, "Groups:"), "", "nobody's groups");
    }
}

#[tokio::test]
async fn what_the_policy_takes_away_ends() {
    let mut owned = Owned::open("privileged = true\n").await;
    let before = owned.agent().await;
    let own = rustix::process::geteuid().as_raw().to_string();
    assert_eq!(owned.output("id -u").await, own);
    assert_eq!(status(before, "NoNewPrivs:"), "0");
    owned.node.close_node();
    fs::write(&owned.policy, "terminal = false\n").unwrap();
    owned
        .node
        .reopen_with(|config| config.policy_file = Some(owned.policy.clone()))
        .await;
    assert!(!PathBuf::from(format!("/proc/{before}/exe")).exists());
    assert_ne!(owned.agent().await, before);
    let path = "/v1/machine/terminals";
    let (refused, _) = owned.node.request(Method::GET, path, Body::empty()).await;
    assert_eq!(refused, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn it_ends_with_all_that_it_started_when_the_server_leaves() {
    let mut owned = Owned::open("").await;
    let pid = owned.agent().await;
    let below = owned.spawn("trap '' TERM; sleep 1000").await;
    owned.node.stop_all().await;
    for pid in [pid, below.pid] {
        // What has ended may wait for its parent to take note.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
    }
}

#[tokio::test]
async fn one_that_was_killed_is_started_again() {
    let mut owned = Owned::open("").await;
    let before = owned.agent().await;
    let pid = Pid::from_raw(before.cast_signed()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    wait_for("another agent", || async {
        let path = "/v1/machine/health";
        let (status, body) = owned.node.request(Method::GET, path, Body::empty()).await;
        let health: Option<AgentHealth> = serde_json::from_slice(&body).ok();
        health.filter(|health| status == 200 && health.pid != before)
    })
    .await;
    owned.agent().await;
}

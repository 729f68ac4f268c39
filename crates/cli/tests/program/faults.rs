//! What goes wrong between and beside a server and its control plane, with real packets and processes.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use atelier_api::Page;
use atelier_api::ids::WorkspaceId;
use atelier_api::v1::node_jobs::{NodeJob, NodeRun, NodeRunState};
use atelier_api::v1::nodes::{Node, NodeState};
use atelier_testkit::network::{HERE, Network, THERE, ip};
use serde_json::json;

use crate::bridge::{Daemon, remote};
use crate::program::{ATELIER, Program, Viewer};
use crate::survival::lines;

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Within which time a dead line is noticed, and shown (10 s), and what a busy machine takes more.
const NOTICED: Duration = Duration::from_secs(10 + 5);

/// A counter that is at it for some 20 s.
const COUNTER: &str = "stty raw -echo; i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i+1)); \
     [ $((i % 50)) -ne 0 ] || sleep 0.5; done";

/// Runs a test on the machine of the control plane.
fn on_both<F: Future<Output = ()>>(test: impl FnOnce(Network, Program) -> F + Send) {
    let Some(network) = Network::new() else {
        return;
    };
    let here = network.here.same();
    here.run(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let program = Program::start_at(HERE).await;
            test(network, program).await;
        });
    });
}

/// A server on the other machine, and what its daemon says.
async fn far_away(network: &Network, program: &Program, folder: &Path) -> (Daemon, Node) {
    let secret = Daemon::token(program).await;
    let log = fs::File::create(folder.join("log")).unwrap();
    let daemon = network.there.run(|| {
        let flags = ["--allow-plaintext"];
        Daemon::join_with(&secret, &program.url, folder, &flags, log.into())
    });
    (daemon, remote(program, NodeState::Online).await)
}

/// Waits until the daemon has said this.
async fn has_said(folder: &Path, words: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let log = fs::read_to_string(folder.join("log")).unwrap();
        if log.contains(words) {
            return;
        }
        assert!(Instant::now() < deadline, "not said: {words}\n{log}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn read_all(viewer: &mut Viewer) {
    while !viewer.exited {
        viewer.read_to(viewer.output.len() + 1).await;
    }
}

async fn stop(program: &Program, workspace: WorkspaceId) {
    remote(program, NodeState::Online).await;
    let stopped = program.command(&["workspace", "stop", &workspace.to_string()]);
    assert!(stopped.status.success(), "{stopped:?}");
}

#[test]
fn packets_that_vanish_are_noticed_on_both_sides_and_the_server_comes_back_by_itself() {
    on_both(async |network, mut program| {
        let folder = tempfile::tempdir().unwrap();
        let (_daemon, node) = far_away(&network, &program, folder.path()).await;
        let workspace = program.workspace_on("black hole", Some(node.id)).await;
        let terminal = program.terminal(workspace, COUNTER).await;
        let mut viewer = program.viewer(workspace, &terminal);
        viewer.read_to(500).await;

        network.lose(1000);
        let lost = Instant::now();
        remote(&program, NodeState::Offline).await;
        let here = lost.elapsed();
        has_said(folder.path(), "the connection to the control plane ended").await;
        let there = lost.elapsed();
        println!("noticed after {here:?} here, after {there:?} at most there");
        assert!(here < NOTICED && there < NOTICED, "{here:?} {there:?}");

        network.lose(0);
        remote(&program, NodeState::Online).await;
        read_all(&mut viewer).await;
        assert!(
            viewer.output == lines(2_000).as_bytes(),
            "every number once"
        );
        stop(&program, workspace).await;
    });
}

#[test]
fn a_line_that_loses_packets_and_is_slow_works() {
    on_both(async |network, mut program| {
        let folder = tempfile::tempdir().unwrap();
        // A round trip of 200 ms; each direction loses 5 %.
        network.delay(Duration::from_millis(100));
        network.lose(50);
        let (_daemon, node) = far_away(&network, &program, folder.path()).await;
        let workspace = program.workspace_on("far away", Some(node.id)).await;
        let terminal = program.terminal(workspace, "echo here I am").await;
        let mut viewer = program.viewer(workspace, &terminal);
        read_all(&mut viewer).await;
        assert_eq!(viewer.output, b"here I am\r\n");

        let (up, down) = (folder.path().join("up"), folder.path().join("down"));
        let content: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
        fs::write(&up, &content).unwrap();
        let there = format!("{workspace}:file");
        for (from, to) in [
            (up.to_str().unwrap(), &*there),
            (&there, down.to_str().unwrap()),
        ] {
            let copied = program.command(&["cp", from, to]);
            assert!(copied.status.success(), "{copied:?}");
        }
        assert!(fs::read(&down).unwrap() == content, "every byte came back");
        let node = remote(&program, NodeState::Online).await;
        assert!(
            node.round_trip_us.is_some_and(|us| us >= 200_000),
            "{node:?}"
        );
        network.lose(0);
        stop(&program, workspace).await;
    });
}

/// The person and the server are on the machine whose address changes: both their connections die without
/// a word while the file goes out over the one and comes back over the other.
#[test]
fn an_upload_goes_on_when_the_address_changes() {
    on_both(async |network, mut program| {
        let folder = tempfile::tempdir().unwrap();
        let (_daemon, node) = far_away(&network, &program, folder.path()).await;
        let workspace = program.workspace_on("moving", Some(node.id)).await;
        let file = folder.path().join("file");
        let content: Vec<u8> = (0..1_500_000_u32).flat_map(u32::to_le_bytes).collect();
        fs::write(&file, &content).unwrap();
        network.slow(1_000_000);
        let mut copying = network.there.run(|| {
            Command::new(ATELIER)
                .arg("cp")
                .arg(&file)
                .arg(format!("{workspace}:file"))
                .env("ATELIER_URL", &program.url)
                .env("ATELIER_TOKEN", &program.token)
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        });
        let hidden = || {
            let found = Command::new("find")
                .arg(folder.path().join("node"))
                .args(["-name", ".atelier-tmp-*", "-size", "+1000k"])
                .output()
                .unwrap();
            !found.stdout.is_empty()
        };
        let deadline = Instant::now() + PATIENCE;
        while !hidden() {
            assert!(Instant::now() < deadline, "the upload must come in");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(copying.try_wait().unwrap().is_none(), "it is not done yet");
        network.there.run(|| {
            ip(&format!("address delete {THERE}/24 dev line"));
            ip("address add 10.87.0.3/24 dev line");
        });
        has_said(folder.path(), "the connection to the control plane ended").await;
        network.slow(0);
        let copied = copying.wait_with_output().unwrap();
        let said = String::from_utf8(copied.stderr).unwrap();
        assert!(copied.status.success(), "{said}");
        assert!(said.contains("Trying again"), "{said}");
        let id = workspace.to_string();
        remote(&program, NodeState::Online).await;
        let sum = program.command(&["exec", "-n", &id, "--", "sha256sum", "file"]);
        let own = Command::new("sha256sum").arg(&file).output().unwrap();
        assert_eq!(sum.stdout[..64], own.stdout[..64], "{sum:?}");
        stop(&program, workspace).await;
    });
}

/// Holds the database so that nobody else can write to it; dropped, it lets go.
struct Locked(Child);

impl Locked {
    fn new(database: &Path) -> Self {
        let script = "import sqlite3, sys\n\
            database = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)\n\
            database.execute('BEGIN EXCLUSIVE')\n\
            print('locked', flush=True)\n\
            sys.stdin.read()\n\
            database.execute('ROLLBACK')\n";
        let mut child = Command::new("python3")
            .args(["-c", script])
            .arg(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.as_mut().unwrap());
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "locked\n");
        Self(child)
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        if let Some(mut stdin) = self.0.stdin.take() {
            let _ = stdin.flush();
        }
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_while_the_database_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start().await;
    let _daemon = Daemon::join(&program, folder.path()).await;
    let node = remote(&program, NodeState::Online).await;
    let workspace = program.workspace_on("locked", Some(node.id)).await;
    let terminal = program.terminal(workspace, COUNTER).await;
    let mut viewer = program.viewer(workspace, &terminal);
    viewer.read_to(100).await;
    let jobs = format!("/organizations/{}/node-jobs", program.organization.unwrap());
    let body = json!({ "nodes": [node.id], "command": "sleep 3; echo done" });
    let job: NodeJob = program.post(&jobs, &body).await;
    let file = folder.path().join("file");
    fs::write(&file, vec![7; 3_000_000]).unwrap();

    let lock = Locked::new(&program.data().join("atelier.db"));
    let mut copying = Command::new(ATELIER)
        .arg("cp")
        .arg(&file)
        .arg(format!("{workspace}:file"))
        .env("ATELIER_URL", &program.url)
        .env("ATELIER_TOKEN", &program.token)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The terminal asks nobody.
    viewer.read_to(5_000).await;
    assert!(
        copying.try_wait().unwrap().is_none(),
        "what is audited waits"
    );
    drop(lock);

    let copied = copying.wait_with_output().unwrap();
    assert!(copied.status.success(), "{copied:?}");
    read_all(&mut viewer).await;
    assert!(
        viewer.output == lines(2_000).as_bytes(),
        "every number once"
    );
    let deadline = Instant::now() + PATIENCE;
    let runs = format!("/node-jobs/{}/runs", job.id);
    let run = loop {
        let page: Page<NodeRun> = program.get(&runs).await;
        let run = page.items.into_iter().next().unwrap();
        if run.state.has_ended() {
            break run;
        }
        assert!(Instant::now() < deadline, "{run:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(run.state, NodeRunState::Succeeded, "{run:?}");
    let output = program
        .bytes(&format!("/node-runs/{}/output", run.id))
        .await;
    assert_eq!(output, b"done\n");
    stop(&program, workspace).await;
}

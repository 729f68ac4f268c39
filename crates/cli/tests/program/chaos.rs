//! Whatever is killed and cut, nothing is lost and nothing is done twice.
//!
//! The ordinary suite does this for some seconds with the same seed every time. How to run it for longer,
//! or with another seed, stands in docs/how-to/chaos.md.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use atelier_api::Page;
use atelier_api::ids::WorkspaceId;
use atelier_api::v1::node_jobs::{NodeJob, NodeRun, NodeRunState};
use atelier_api::v1::nodes::NodeState;
use serde_json::json;
use tokio::process::{Child, Command};

use crate::bridge::{Daemon, remote};
use crate::line::Line;
use crate::program::{ATELIER, Program};
use crate::survival::lines;

const TERMINALS: usize = 20;
const JOBS: usize = 20;
const FILES: usize = 5;

/// How long after the last fault everything may take to come to its end.
const SETTLING: Duration = Duration::from_secs(120);

/// Numbers that a counter prints a second.
const COUNTED_PER_SECOND: u32 = 100;

/// The seed of the ordinary suite.
const SEED: u64 = 7;

/// How long, and how large.
struct Plan {
    seconds: u32,
    file_bytes: u32,
    seed: u64,
}

impl Plan {
    /// Half a minute with all that follows; or as the environment says.
    fn read() -> Self {
        let number = |name: &str| {
            let found = std::env::vars().find(|(key, _)| key == name);
            found.map(|(_, value)| value.parse::<u32>().unwrap())
        };
        let seed = number("ATELIER_CHAOS_SEED").map_or(SEED, u64::from);
        match number("ATELIER_CHAOS_SECONDS") {
            None => Self {
                seconds: 15,
                file_bytes: 6 << 20,
                seed,
            },
            Some(seconds) => Self {
                seconds,
                file_bytes: 200_000_000,
                seed,
            },
        }
    }

    /// So slow a line that the uploads last nearly as long as the faults, in bytes a second.
    fn rate(&self) -> u32 {
        let all = u64::from(self.file_bytes) * FILES as u64;
        u32::try_from(all * 4 / (u64::from(self.seconds) * 3)).unwrap()
    }
}

/// Numbers that look random, the same for the same seed (xorshift64*, Vigna 2016).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        // Never zero, and unlike for seeds that are alike.
        Self((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % bound
    }

    /// A pause of at most so many milliseconds.
    async fn pause(&mut self, at_most: u64) {
        tokio::time::sleep(Duration::from_millis(self.below(at_most))).await;
    }
}

/// How often what was done.
#[derive(Debug, Default)]
struct Faults {
    control_plane_kills: u32,
    node_kills: u32,
    cuts: u32,
}

/// An upload by the real command.
struct Upload {
    source: PathBuf,
    name: String,
    command: Child,
}

impl Upload {
    fn start(
        program: &Program,
        workspace: WorkspaceId,
        folder: &Path,
        number: usize,
        bytes: u32,
    ) -> Self {
        let name = format!("file {number}");
        let source = folder.join(&name);
        let mut noise = fs::File::open("/dev/urandom").unwrap().take(bytes.into());
        std::io::copy(&mut noise, &mut fs::File::create(&source).unwrap()).unwrap();
        let command = Command::new(ATELIER)
            .args(["cp", "--patience", "120"])
            .arg(&source)
            .arg(format!("{workspace}:"))
            .env("ATELIER_URL", &program.url)
            .env("ATELIER_TOKEN", &program.token)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            source,
            name,
            command,
        }
    }

    /// Waits for its end; answers with what it said.
    async fn end(self) -> String {
        let ended = tokio::time::timeout(SETTLING, self.command.wait_with_output());
        let output = ended.await.expect("the upload must end").unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{}: {said}", self.name);
        said
    }
}

/// Prints numbers for so many seconds, in bursts.
fn counter(seconds: u32) -> String {
    let numbers = seconds * COUNTED_PER_SECOND;
    let burst = COUNTED_PER_SECOND / 2;
    format!(
        "stty raw -echo; i=0; while [ $i -lt {numbers} ]; do echo $i; i=$((i+1)); \
         [ $((i % {burst})) -ne 0 ] || sleep 0.5; done"
    )
}

/// Each job writes its number into the file, once, and takes a moment for it.
async fn start_job(program: &Program, node: &str, number: usize, file: &Path) -> NodeJob {
    let path = format!("/organizations/{}/node-jobs", program.organization.unwrap());
    let command = format!("sleep 0.3; echo {number} >>{}; sleep 0.3", file.display());
    program
        .post(&path, &json!({ "nodes": [node], "command": command }))
        .await
}

async fn end_of_job(program: &Program, job: &NodeJob) -> NodeRun {
    let deadline = Instant::now() + SETTLING;
    let path = format!("/node-jobs/{}/runs", job.id);
    loop {
        let page: Page<NodeRun> = program.get(&path).await;
        match page.items.into_iter().next() {
            Some(run) if run.state.has_ended() => return run,
            run => assert!(Instant::now() < deadline, "{run:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The first words of each line, sorted.
fn sums(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8(output.to_vec()).unwrap();
    let first = text.lines().filter_map(|line| line.split(' ').next());
    first.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_and_nothing_done_twice_whatever_is_killed_and_cut() {
    let plan = Plan::read();
    println!("{} seconds of faults, seed {}", plan.seconds, plan.seed);
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start().await;
    let line = Line::to(program.address(), Some(plan.rate()));
    let mut daemon = Daemon::join_at(&program, folder.path(), &line.url()).await;
    let node = remote(&program, NodeState::Online).await;
    let workspace = program.workspace_on("chaos", Some(node.id)).await;

    let mut viewers = Vec::new();
    for _ in 0..TERMINALS {
        let terminal = program.terminal(workspace, &counter(plan.seconds)).await;
        let mut viewer = program.viewer(workspace, &terminal);
        viewers.push(tokio::spawn(async move {
            while !viewer.exited {
                viewer.read_to(viewer.output.len() + 1).await;
            }
            viewer.output
        }));
    }
    let uploads: Vec<_> = (0..FILES)
        .map(|number| Upload::start(&program, workspace, folder.path(), number, plan.file_bytes))
        .collect();
    // Jobs are run by an ordinary user.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let file = folder.path().join("jobs");
    fs::File::create(&file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();

    let mut random = Random::new(plan.seed);
    let mut faults = Faults::default();
    let mut jobs = Vec::new();
    let end = Instant::now() + Duration::from_secs(plan.seconds.into());
    let node_id = node.id.to_string();
    while Instant::now() < end || jobs.len() < JOBS {
        for _ in 0..4.min(JOBS - jobs.len()) {
            jobs.push(start_job(&program, &node_id, jobs.len(), &file).await);
        }
        random.pause(3_000).await;
        match random.below(3) {
            0 => {
                faults.control_plane_kills += 1;
                program.kill();
                random.pause(1_000).await;
                program.start_again();
            }
            1 => {
                faults.node_kills += 1;
                daemon.restart();
            }
            _ => {
                faults.cuts += 1;
                line.cut();
                random.pause(1_000).await;
                line.mend();
            }
        }
    }
    println!("{faults:?}, {} connections", line.connections());
    line.hurry();

    let expected = lines(plan.seconds * COUNTED_PER_SECOND);
    for viewer in viewers {
        let output = tokio::time::timeout(SETTLING, viewer).await;
        let output = output.expect("a counter must end").unwrap();
        assert!(output == expected.as_bytes(), "{} bytes came", output.len());
    }
    for job in &jobs {
        let run = end_of_job(&program, job).await;
        assert_eq!(run.state, NodeRunState::Succeeded, "{run:?}");
    }
    let mut ran: Vec<usize> = fs::read_to_string(&file)
        .unwrap()
        .lines()
        .map(|line| line.parse().unwrap())
        .collect();
    ran.sort_unstable();
    assert_eq!(ran, (0..JOBS).collect::<Vec<_>>(), "each job ran once");

    let (mut names, mut sources, mut interruptions) = (Vec::new(), Vec::new(), 0);
    for upload in uploads {
        names.push(upload.name.clone());
        sources.push(upload.source.clone());
        interruptions += upload.end().await.matches("Trying again").count();
    }
    assert!(interruptions > 0, "the faults must have hit some upload");
    println!("{interruptions} times an upload was interrupted");
    let sent = std::process::Command::new("sha256sum")
        .args(&sources)
        .output();
    let id = workspace.to_string();
    remote(&program, NodeState::Online).await;
    let names = names.iter().map(String::as_str);
    let arguments = ["exec", "-n", &id, "--", "sha256sum"]
        .into_iter()
        .chain(names);
    let arrived = program.command(&arguments.collect::<Vec<_>>());
    let sent = sums(&sent.unwrap().stdout);
    assert_eq!(sent.len(), FILES);
    assert_eq!(sums(&arrived.stdout), sent, "{arrived:?}");

    // The workspace ends while its server can still be told.
    let stopped = program.command(&["workspace", "stop", &id]);
    assert!(stopped.status.success(), "{stopped:?}");
}

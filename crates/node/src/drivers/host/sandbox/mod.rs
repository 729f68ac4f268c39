//! The inside of a sandbox: what `atelier sandbox-init` does between its start and the agent's.
//!
//! The node starts this process with a [`SandboxSpec`] (one line of JSON) on stdin and reads
//! [`Message`]s, a line of JSON each, from its stdout. stderr is the workspace's log. The process:
//!
//! 1. leaves the node: own session, the workspace's cgroup, its own namespaces;
//! 2. forks. The parent says the child's process id, waits for the node to have it (end of stdin)
//!    and ends, so that the child belongs to nobody who could take it along;
//! 3. the child, PID 1 of its namespace, builds the file system that the workspace sees, drops every
//!    privilege, says which protections hold, and stays as a small init that runs the agent.
//!
//! Invariant: one thread only, from the start to the fork; no privilege is left when the agent starts.

pub(crate) mod descendants;
mod etc;
mod identity;
mod init;
mod landlock;
mod mounts;
mod namespaces;
mod signals;

use std::fs::{self, File};
use std::io::{self, BufRead, Read, Write};
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

use atelier_api::node::{Protection, ProtectionKind};
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

pub(crate) use self::identity::leave_keyring;
pub(crate) use self::init::EXIT_FILE;
pub(crate) use self::mounts::SYSTEM_PATHS;

/// The name and home of the user in a workspace.
pub(crate) const USER: &str = "dev";
const HOME: &str = "/home/dev";

/// What the sandbox is made of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SandboxSpec {
    /// The workspace's name.
    pub name: String,
    /// The user and group inside. Where the node is not root: its own.
    pub uid: u32,
    /// See `uid`.
    pub gid: u32,
    /// The node is root: the user is the workspace's own and namespaces need no user namespace.
    pub privileged: bool,
    /// Try to make namespaces; where the node is not root, they may turn out impossible.
    pub namespaces: bool,
    /// Files that take the process into the workspace's cgroup.
    pub cgroup_joins: Vec<PathBuf>,
    /// The program whose subcommand `agent` is started.
    pub program: PathBuf,
    /// What the workspace may read besides the system, at the same paths.
    pub read_only: Vec<PathBuf>,
    /// What the workspace must not see, though it lies below something that it may read.
    pub hidden: Vec<PathBuf>,
    /// The storage on the host.
    pub storage: SandboxStorage,
    /// The whole environment of the agent.
    pub env: Vec<(String, String)>,
    /// A limit on processes where no cgroup sets one.
    pub process_limit: Option<u64>,
    /// Start no agent: only find out which protections hold.
    pub probe: bool,
}

/// The directories on the host that a workspace writes to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SandboxStorage {
    /// `/workspace`.
    pub workspace: PathBuf,
    /// The home.
    pub home: PathBuf,
    /// `/tmp`.
    pub tmp: PathBuf,
    /// `/var/tmp`.
    pub var_tmp: PathBuf,
    /// `/run/atelier`, with the agent's socket.
    pub run: PathBuf,
}

/// What `sandbox-init` tells the node.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Message {
    /// The init process exists.
    Started {
        /// Its process id on the host.
        pid: i32,
    },
    /// Everything is in place; the agent starts now.
    Ready {
        /// What holds.
        protections: Vec<Protection>,
        /// Whether the init is PID 1 of a namespace, so that its end is everything's end.
        pid_namespace: bool,
    },
    /// It could not be done.
    Failed {
        /// Why, and what to do.
        detail: String,
    },
}

/// Where the agent finds its things: the paths differ where nothing could be mounted.
#[derive(Debug)]
struct Layout {
    program: PathBuf,
    workspace: PathBuf,
    home: PathBuf,
    run: PathBuf,
}

/// Why the sandbox could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {source}")]
pub(crate) struct SandboxError {
    what: String,
    source: io::Error,
}

/// Names what was being done when a system call failed.
trait During<T> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, SandboxError>;
}

impl<T, E: Into<io::Error>> During<T> for Result<T, E> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, SandboxError> {
        self.map_err(|error| SandboxError {
            what: what(),
            source: error.into(),
        })
    }
}

/// Runs `atelier sandbox-init`: never returns to its caller's work, only an exit status.
pub fn sandbox_init() -> u8 {
    match start() {
        Ok(status) => status,
        Err(error) => {
            send(&Message::Failed {
                detail: error.to_string(),
            });
            1
        }
    }
}

fn start() -> Result<u8, SandboxError> {
    namespaces::close_inherited_files();
    let mut stdin = io::stdin().lock();
    let mut line = String::new();
    stdin
        .read_line(&mut line)
        .during(|| "reading the sandbox specification".into())?;
    let spec: SandboxSpec = serde_json::from_str(&line)
        .map_err(io::Error::other)
        .during(|| "understanding the sandbox specification".into())?;
    drop(line);
    // Fails only for a group leader, which a freshly spawned process is not.
    let _ = rustix::process::setsid();
    let joined = join_cgroup(&spec.cgroup_joins);
    let level = namespaces::enter(&spec)?;
    match namespaces::fork().during(|| "forking".into())? {
        Some(child) => {
            send(&Message::Started {
                pid: child_id(child),
            });
            // The node closes stdin when it holds the child by a pidfd.
            let _ = stdin.read_to_end(&mut Vec::new());
            Ok(0)
        }
        None => inside(&spec, level, joined),
    }
}

fn child_id(pid: Pid) -> i32 {
    pid.as_raw_nonzero().get()
}

/// In the child: everything from the mounts to the agent's end.
fn inside(
    spec: &SandboxSpec,
    level: namespaces::Level,
    joined: Result<(), String>,
) -> Result<u8, SandboxError> {
    let mut protections = Vec::new();
    // The way to the program may be closed to the workspace's user, who has to start it where nothing can be
    // mounted. Open, it needs no way.
    let program = (spec.privileged && !level.mounts()).then(|| File::open(&spec.program));
    let program = program
        .transpose()
        .during(|| format!("opening {}", spec.program.display()))?;
    let by_descriptor = program.as_ref().map(|program| SandboxSpec {
        program: format!("/proc/self/fd/{}", program.as_raw_fd()).into(),
        ..spec.clone()
    });
    let spec = by_descriptor.as_ref().unwrap_or(spec);
    let layout = if level.mounts() {
        mounts::build(spec)?
    } else {
        rustix::process::chdir(&spec.storage.workspace)
            .during(|| "entering the workspace's directory".into())?;
        Layout {
            program: spec.program.clone(),
            workspace: spec.storage.workspace.clone(),
            home: spec.storage.home.clone(),
            run: spec.storage.run.clone(),
        }
    };
    identity::drop_privileges(spec, level)?;
    let landlocked = landlock::restrict(spec, level);
    protections.extend(namespaces::protections(spec, level));
    protections.push(landlocked);
    if let Some(limit) = spec.process_limit
        && level.mounts()
    {
        protections.push(Protection {
            kind: ProtectionKind::ProcessLimit,
            holds: true,
            detail: format!("At most {limit} processes and threads, by RLIMIT_NPROC."),
        });
    }
    if let Err(detail) = joined {
        // The node set the limits; without the process in the cgroup none of them holds.
        for kind in [
            ProtectionKind::MemoryLimit,
            ProtectionKind::CpuLimit,
            ProtectionKind::ProcessLimit,
        ] {
            protections.push(Protection {
                kind,
                holds: false,
                detail: detail.clone(),
            });
        }
    }
    send(&Message::Ready {
        protections,
        pid_namespace: level.mounts(),
    });
    if spec.probe {
        return Ok(0);
    }
    init::run(spec, &layout, level).during(|| "running the agent".into())
}

fn join_cgroup(files: &[PathBuf]) -> Result<(), String> {
    for file in files {
        // "0" is the writing process itself.
        fs::write(file, "0").map_err(|error| {
            format!(
                "The workspace could not enter its cgroup ({}: {error}), so its limits do not apply.",
                file.display()
            )
        })?;
    }
    Ok(())
}

fn send(message: &Message) {
    let mut line = serde_json::to_vec(message).expect("a message is plain data");
    line.push(b'\n');
    // A node that no longer listens has given up on this sandbox; nothing is left to tell.
    let _ = io::stdout().lock().write_all(&line);
    let _ = io::stdout().lock().flush();
}

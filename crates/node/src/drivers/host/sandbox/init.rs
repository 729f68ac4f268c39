//! PID 1 of a workspace: starts the agent, reaps orphans, passes SIGTERM on, and ends when the agent
//! ends. It keeps the agent's log within bounds.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, wait};

use super::namespaces::Level;
use super::{Layout, SandboxSpec, descendants, signals};

/// How much an agent may log in one run; the rest is dropped.
const LOG_BYTES_MAX: usize = 256 * 1024;

/// How long programs have to end by themselves when the workspace stops. Less than the node waits.
const GRACE: Duration = Duration::from_millis(1500);

/// The name of the file, in the run directory, that says how the agent ended.
pub(crate) const EXIT_FILE: &str = "exit";

/// Runs the agent to its end and gives back this process's own exit status.
pub(super) fn run(spec: &SandboxSpec, layout: &Layout, level: Level) -> io::Result<u8> {
    let signals = signals::block()?;
    if level == Level::Bare {
        // Orphans come here instead of to the host's init, so that none is lost at the end.
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    }
    let (log, log_writer) = pipe_with(PipeFlags::CLOEXEC)?;
    let agent = spawn_agent(spec, layout, level, log_writer)?;
    detach_from_node()?;
    let mut init = Init {
        agent,
        level,
        signals,
        log: Some(File::from(log)),
        logged: 0,
        ended: None,
        deadline: None,
    };
    init.supervise()?;
    // The node reads it to say why the workspace failed; without it the reason stays unknown.
    let _ = fs::write(layout.run.join(EXIT_FILE), init.epitaph());
    if level == Level::Bare {
        descendants::kill_all();
    }
    Ok(0)
}

fn spawn_agent(spec: &SandboxSpec, layout: &Layout, level: Level, log: OwnedFd) -> io::Result<Pid> {
    let mut command = Command::new(&layout.program);
    command
        .arg("agent")
        .arg("--socket")
        .arg(layout.run.join("agent.sock"))
        .arg("--workspace")
        .arg(&layout.workspace)
        .arg("--home")
        .arg(&layout.home)
        .arg("--name")
        .arg(&spec.name)
        .env_clear()
        .envs(spec.env.iter().map(|(key, value)| (key, value)))
        .current_dir(&layout.workspace)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    if level == Level::Bare {
        // There is no private /tmp; this is the next best.
        command.env("TMPDIR", &spec.storage.tmp);
    }
    // Without a PID namespace nothing else ends the agent when its init is killed.
    let death_signal = (level == Level::Bare).then_some(Signal::KILL);
    #[expect(unsafe_code, reason = "the child must not inherit the blocked signals")]
    // SAFETY: only sigprocmask and prctl, which are async-signal-safe, are called between fork and
    // exec.
    unsafe {
        command.pre_exec(move || {
            rustix::process::set_parent_process_death_signal(death_signal)?;
            signals::unblock()
        });
    }
    let child = command.spawn()?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    pid.ok_or_else(|| io::Error::other("the agent has no process id"))
}

/// Lets go of the pipes to the node: stdin and stdout become `/dev/null`, stderr stays the log.
fn detach_from_node() -> io::Result<()> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    Ok(())
}

struct Init {
    agent: Pid,
    level: Level,
    signals: OwnedFd,
    /// What the agent writes to stdout and stderr; gone when it has closed both.
    log: Option<File>,
    logged: usize,
    /// How the agent ended.
    ended: Option<WaitStatus>,
    /// Set by SIGTERM: when everything must have ended.
    deadline: Option<Instant>,
}

impl Init {
    /// Until the agent has ended; after SIGTERM until nothing is left or the time is over.
    fn supervise(&mut self) -> io::Result<()> {
        loop {
            let left = match self.deadline {
                None if self.ended.is_some() => return Ok(()),
                None => None,
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Ok(());
                    }
                    Some(Timespec::try_from(left).map_err(io::Error::other)?)
                }
            };
            let mut files = vec![PollFd::new(&self.signals, PollFlags::IN)];
            files.extend(self.log.iter().map(|log| PollFd::new(log, PollFlags::IN)));
            match poll(&mut files, left.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let log_ready = files.get(1).is_some_and(|file| !file.revents().is_empty());
            if log_ready {
                self.copy_log();
            }
            if signals::take(&self.signals).any(|signal| signal != libc::SIGCHLD) {
                self.terminate();
            }
            if self.reap() && self.deadline.is_some() {
                return Ok(());
            }
        }
    }

    /// Reaps what has ended; says whether no child is left.
    fn reap(&mut self) -> bool {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.agent => self.ended = Some(status),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => return false,
                Err(_) => return true,
            }
        }
    }

    fn terminate(&mut self) {
        self.deadline.get_or_insert_with(|| Instant::now() + GRACE);
        if self.level == Level::Bare {
            descendants::signal(Signal::TERM);
        } else {
            signals::send_to_all(libc::SIGTERM);
        }
    }

    fn copy_log(&mut self) {
        let Some(log) = &mut self.log else { return };
        let mut buffer = [0; 4096];
        match log.read(&mut buffer) {
            Ok(0) | Err(_) => self.log = None,
            Ok(read) => {
                let room = LOG_BYTES_MAX.saturating_sub(self.logged);
                // A full disk must not stop the workspace; its log is a help, not a record.
                let _ = io::stderr().write_all(&buffer[..read.min(room)]);
                self.logged += read;
            }
        }
    }

    /// How the agent ended, for people; nothing when it was asked to.
    fn epitaph(&self) -> String {
        match self.ended {
            _ if self.deadline.is_some() => String::new(),
            Some(status) => match (status.exit_status(), status.terminating_signal()) {
                (_, Some(signal)) => format!("The agent was ended by signal {signal}."),
                (Some(code), _) => format!("The agent ended with exit status {code}."),
                _ => "The agent ended.".to_owned(),
            },
            None => String::new(),
        }
    }
}

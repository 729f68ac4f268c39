//! One run of the program, from its start to its end; and how many there may be.

use std::collections::{BTreeMap, VecDeque};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use atelier_api::agent::vscode::{VsCodeStart, VsCodeState};
use rustix::process::{Signal, kill_process_group};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::process::Child;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

use super::program::Program;
use super::{Asked, VsCode, VsCodeLimits, say};
use crate::languages::{Group, each_line, resident};
use crate::launch::Launch;

/// The longest pause before it is started again.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// How long a program that was told to end may take.
const FAREWELL: Duration = Duration::from_secs(5);

/// How often it is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(25);

/// The socket's name.
const SOCKET: &str = "vscode.sock";

/// A link to the directory that it is in instead, where its path would be too long.
const ELSEWHERE: &str = "elsewhere";

/// The longest path of a Unix socket, in bytes (unix(7): 108 with the zero at its end).
const SOCKET_PATH_MAX: usize = 107;

/// What is said of one that nobody was connected to.
const IDLE: &str = "Nobody was connected for a while. It starts again when it is opened.";

/// Variables that would make the program something else than what it is started as.
const NOT_INHERITED: [&str; 5] = [
    "PORT",
    "PASSWORD",
    "HASHED_PASSWORD",
    "VSCODE_IPC_HOOK_CLI",
    "CODE_SERVER_PARENT_PID",
];

/// Why a run has ended.
enum Ending {
    /// Somebody wants something else.
    Asked(Option<Asked>),
    /// Nobody is connected.
    Idle,
    /// It never got ready: to start it again would end the same way.
    Unready(String),
    /// It was ready, and ended by itself or had to be ended.
    Failed(String),
}

impl VsCode {
    /// Keeps it running until it is not wanted, not used, or cannot be kept.
    pub(super) async fn running(
        self: &Arc<Self>,
        start: &VsCodeStart,
        inbox: &mut mpsc::Receiver<Asked>,
    ) -> Option<Asked> {
        let limits = &self.config.vscode;
        let mut failures = VecDeque::new();
        self.state.lock().status.restarts = 0;
        loop {
            let reason = match self.session(start, inbox).await {
                Ending::Asked(next) => return next,
                Ending::Idle => return None,
                Ending::Unready(reason) => {
                    self.set(VsCodeState::Failed, Some(reason));
                    return None;
                }
                Ending::Failed(reason) => reason,
            };
            failures.push_back(Instant::now());
            failures.retain(|at: &Instant| at.elapsed() < limits.failures_within);
            if failures.len() >= limits.failures {
                let times = failures.len();
                let minutes = limits.failures_within.as_secs().div_ceil(60);
                let detail = format!(
                    "It has ended {times} times within {minutes} minutes and is not started any more. The last \
                     time: {reason} Look at its log; start it when the cause is removed."
                );
                self.set(VsCodeState::Failed, Some(detail));
                return None;
            }
            let doublings = u32::try_from(failures.len() - 1).unwrap_or(u32::MAX);
            let pause = limits
                .restart_pause
                .saturating_mul(2_u32.saturating_pow(doublings))
                .min(PAUSE_MAX);
            self.state.lock().status.restarts += 1;
            self.set(
                VsCodeState::Restarting,
                Some(format!("{reason} It starts again.")),
            );
            if let Ok(asked) = tokio::time::timeout(pause, other_wish(inbox)).await {
                return asked;
            }
        }
    }

    async fn session(
        self: &Arc<Self>,
        start: &VsCodeStart,
        inbox: &mut mpsc::Receiver<Asked>,
    ) -> Ending {
        let Some(program) = self.find().await else {
            return Ending::Unready("The program is gone. Install it again.".to_owned());
        };
        let socket = match self.socket() {
            Ok(socket) => socket,
            Err(error) => {
                return Ending::Unready(format!(
                    "Its directories cannot be made: {error}. Look at the home's rights and space."
                ));
            }
        };
        let (mut child, group) = match self.spawn(&program, &socket, start) {
            Ok(spawned) => spawned,
            Err(reason) => return Ending::Unready(reason),
        };
        {
            let mut state = self.state.lock();
            state.status.pid = child.id();
            state.socket = Some(socket.clone());
            state.used = Instant::now();
        }
        self.set(VsCodeState::Starting, None);
        let said = self.listen(&mut child);
        let ending = self.look_after(&mut child, &group, &socket, inbox).await;
        // From now on nobody is led to it, however long it takes its leave.
        match &ending {
            Ending::Asked(_) => self.set(VsCodeState::Stopped, None),
            Ending::Idle => self.set(VsCodeState::Stopped, Some(IDLE.to_owned())),
            Ending::Failed(_) => self.set(VsCodeState::Restarting, None),
            Ending::Unready(_) => {}
        }
        let by_itself = matches!(ending, Ending::Failed(_) | Ending::Unready(_));
        if let (false, Some(pid)) = (by_itself, group.pid()) {
            // It may have ended by itself.
            let _ = kill_process_group(pid, Signal::TERM);
            let _ = tokio::time::timeout(FAREWELL, child.wait()).await;
        }
        drop(group);
        let _ = child.wait().await;
        // What it said last is in the log before its end is told.
        let _ = tokio::time::timeout(FAREWELL, said).await;
        let mut state = self.state.lock();
        state.status.pid = None;
        state.status.memory_bytes = 0;
        state.socket = None;
        let _ = std::fs::remove_file(&socket);
        self.leave_temporary();
        let last = state.log.back().cloned().unwrap_or_default();
        let with_words = |reason: String| match last.as_str() {
            "" => reason,
            last => format!("{reason} It said last: {last}"),
        };
        match ending {
            Ending::Unready(reason) => Ending::Unready(with_words(reason)),
            Ending::Failed(reason) => Ending::Failed(with_words(reason)),
            other => other,
        }
    }

    /// Makes the directories; where its socket is to be.
    fn socket(&self) -> io::Result<PathBuf> {
        let private = |path: &Path| DirBuilder::new().recursive(true).mode(0o700).create(path);
        let places = &self.places;
        private(&places.data)?;
        private(&places.extensions)?;
        // It may not be empty.
        std::fs::write(&places.configuration, "auth: none\n")?;
        private(&places.run)?;
        // One that was killed has left its directory.
        self.leave_temporary();
        let socket = places.run.join(SOCKET);
        if socket.as_os_str().len() <= SOCKET_PATH_MAX {
            match std::fs::remove_file(&socket) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => return Ok(socket),
            }
        }
        // Nobody else can have made it, nor may enter it: `create` fails where there is something.
        let name = format!("atelier-vscode-{}", crate::ids::process());
        let directory = Path::new("/tmp").join(name);
        DirBuilder::new().mode(0o700).create(&directory)?;
        symlink(&directory, places.run.join(ELSEWHERE))?;
        Ok(directory.join(SOCKET))
    }

    /// Removes the directory for a socket whose path was too long, if there is one.
    fn leave_temporary(&self) {
        let elsewhere = self.places.run.join(ELSEWHERE);
        if let Ok(directory) = std::fs::read_link(&elsewhere) {
            let _ = std::fs::remove_file(directory.join(SOCKET));
            let _ = std::fs::remove_dir(directory);
            let _ = std::fs::remove_file(elsewhere);
        }
    }

    fn spawn(
        &self,
        program: &Program,
        socket: &Path,
        start: &VsCodeStart,
    ) -> Result<(Child, Group), String> {
        let command = program.command(&self.config, &self.places, socket, start);
        let mut env = BTreeMap::new();
        if let Some(url) = &start.port_url {
            env.insert("VSCODE_PROXY_URI".to_owned(), url.clone());
        }
        let mut launch =
            Launch::new(&self.config, command, None, env).map_err(|error| error.to_string())?;
        for name in NOT_INHERITED {
            launch.env.remove(name);
        }
        say(
            &mut self.state.lock().log,
            &format!("Started: {}", launch.command.join(" ")),
        );
        let child = launch
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| launch.refused(error).to_string())?;
        let group = Group::of(&child);
        Ok((child, group))
    }

    /// Writes down what it says.
    fn listen(self: &Arc<Self>, child: &mut Child) -> tokio::task::JoinHandle<()> {
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        let vscode = Arc::clone(self);
        tokio::spawn(async move {
            let hear = |line: &str| say(&mut vscode.state.lock().log, line);
            tokio::join!(each_line(stdout, &hear), each_line(stderr, &hear));
        })
    }

    async fn look_after(
        &self,
        child: &mut Child,
        group: &Group,
        socket: &Path,
        inbox: &mut mpsc::Receiver<Asked>,
    ) -> Ending {
        let limits = &self.config.vscode;
        let ready = tokio::time::timeout(limits.ready, answers(socket));
        tokio::select! {
            // One that has answered and ended since was ready.
            biased;
            ready = ready => match ready {
                Ok(Ok(())) => {}
                Ok(Err(reason)) => return Ending::Unready(reason),
                Err(_) => {
                    let seconds = limits.ready.as_secs_f32();
                    return Ending::Unready(format!("It was ended, because it did not answer within {seconds} s."));
                }
            },
            status = child.wait() => return Ending::Unready(ended(&status)),
            asked = other_wish(inbox) => return Ending::Asked(asked),
        }
        self.state.lock().used = Instant::now();
        self.set(VsCodeState::Ready, None);
        let mut ticks = tokio::time::interval(limits.watch_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                status = child.wait() => return Ending::Failed(ended(&status)),
                asked = other_wish(inbox) => return Ending::Asked(asked),
                _ = ticks.tick() => if let Some(ending) = self.may_go_on(group).await {
                    return ending;
                },
            }
        }
    }

    async fn may_go_on(&self, group: &Group) -> Option<Ending> {
        let limits = &self.config.vscode;
        let memory = match group.pid() {
            Some(pid) => tokio::task::spawn_blocking(move || resident(pid))
                .await
                .unwrap_or(0),
            None => 0,
        };
        let unused_for = {
            let mut state = self.state.lock();
            state.status.memory_bytes = memory;
            let unused = self.connections.load(Ordering::Relaxed) == 0;
            unused.then(|| state.used.elapsed())
        };
        judged(limits, memory, unused_for)
    }
}

/// Why it may not go on, with this memory, unused for this long if nobody is connected.
fn judged(limits: &VsCodeLimits, memory: u64, unused_for: Option<Duration>) -> Option<Ending> {
    if memory > limits.memory_bytes {
        let mib = |bytes: u64| bytes / 1024 / 1024;
        let (used, most) = (mib(memory), mib(limits.memory_bytes));
        return Some(Ending::Failed(format!(
            "It was ended, because it used {used} MiB of memory; {most} MiB is the most."
        )));
    }
    unused_for
        .is_some_and(|unused_for| unused_for > limits.idle)
        .then_some(Ending::Idle)
}

/// What else is wanted than that it runs.
async fn other_wish(inbox: &mut mpsc::Receiver<Asked>) -> Option<Asked> {
    loop {
        match inbox.recv().await {
            Some(Asked::Start(_) | Asked::Install(_)) => {}
            other => return other,
        }
    }
}

fn ended(status: &io::Result<std::process::ExitStatus>) -> String {
    match status {
        Ok(status) => format!("It ended by itself ({status})."),
        Err(error) => format!("It was lost: {error}."),
    }
}

/// Waits until it answers in HTTP; the error says what it does instead.
async fn answers(socket: &Path) -> Result<(), String> {
    loop {
        if let Ok(mut stream) = UnixStream::connect(socket).await {
            let asked = stream
                .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                .await;
            let mut words = [0; 12];
            if asked.is_ok() && stream.read_exact(&mut words).await.is_ok() {
                return match words.strip_prefix(b"HTTP/1.1 ") {
                    Some([b'2'..=b'4', ..]) => Ok(()),
                    Some(_) => Err("It was ended, because it answers with errors only.".to_owned()),
                    None => Err("It was ended, because it does not speak HTTP.".to_owned()),
                };
            }
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_may_go_on_while_somebody_is_connected_or_was_lately() {
        let limits = VsCodeLimits::default();
        let (little, long) = (limits.memory_bytes, limits.idle + Duration::from_millis(1));
        for (unused_for, idle) in [
            (None, false),
            (Some(Duration::ZERO), false),
            (Some(limits.idle), false),
            (Some(long), true),
        ] {
            let ending = judged(&limits, little, unused_for);
            assert_eq!(matches!(ending, Some(Ending::Idle)), idle, "{unused_for:?}");
            assert_eq!(ending.is_some(), idle, "{unused_for:?}");
        }
        let greedy = judged(&limits, little + 1, None);
        assert!(matches!(greedy, Some(Ending::Failed(_))));
    }
}

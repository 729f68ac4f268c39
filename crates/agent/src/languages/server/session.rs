//! One run of a server's program, from its start to its end.

use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::agent::languages::{LanguageLogSource, LanguageState};
use tokio::io::AsyncReadExt as _;
use tokio::process::Child;
use tokio::time::{Instant, MissedTickBehavior};

use super::{Server, project};
use crate::languages::find::Found;
use crate::languages::framing::Frames;
use crate::languages::install::each_line;
use crate::languages::memory;
use crate::languages::process::{Group, Running};
use crate::launch::Launch;

/// The longest message of a server, in bytes: a list of completions has a few MiB.
const MESSAGE_MAX: usize = 32 * 1024 * 1024;

/// How much is read at once, in bytes.
const READ_BYTES: usize = 64 * 1024;

/// More than so many messages between two looks, and nobody can follow: each costs every viewer.
const FLOOD_MESSAGES: u64 = 50_000;

/// And so many bytes.
const FLOOD_BYTES: u64 = 256 * 1024 * 1024;

/// How long a server that was told to end may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why a run has ended.
pub(super) enum Ending {
    /// Somebody wants something else.
    Asked,
    /// Nobody needs it.
    Idle,
    /// By itself, or because it had to be ended.
    Failed(String),
}

/// What came of a server since it was looked after last.
struct Watch {
    started: Instant,
    heard: Instant,
    messages: u64,
    bytes: u64,
}

impl Server {
    /// Runs the program until it ends.
    pub(super) async fn session(self: &Arc<Self>, found: Found) -> Ending {
        let directory = crate::languages::find::directory(&self.config, &self.root);
        let launch = Launch::new(
            &self.config,
            found.command.clone(),
            directory.to_str(),
            std::collections::BTreeMap::new(),
        );
        let running = match launch.and_then(|launch| Running::start(&launch)) {
            Ok(running) => running,
            Err(error) => return Ending::Failed(error.to_string()),
        };
        let Running {
            mut child,
            group,
            mut stdout,
            stderr,
            input,
        } = running;
        {
            let mut state = self.state.lock();
            state.status.pid = child.id();
            state.input = Some(input);
            state.deaf = false;
            let said = format!("Started: {}", found.command.join(" "));
            state.log.say(LanguageLogSource::Agent, &said);
            self.change(&mut state, LanguageState::Starting, None);
            let project = project(self.known, &self.root, &self.config, Some(&found));
            state.mux.started(project);
            self.deliver(&mut state);
        }
        let complaints = tokio::spawn({
            let server = Arc::clone(self);
            async move {
                let hear =
                    |line: &str| server.state.lock().log.say(LanguageLogSource::Server, line);
                each_line(stderr, &hear).await;
            }
        });
        let ending = self.converse(&mut stdout, &group, &mut child).await;
        if !matches!(ending, Ending::Failed(_)) {
            self.part(&mut stdout, &mut child).await;
        }
        drop(group);
        let _ = child.wait().await;
        // What it said last is in the log before its end is told.
        let _ = tokio::time::timeout(FAREWELL, complaints).await;
        let reason = match &ending {
            Ending::Failed(reason) => reason.as_str(),
            Ending::Asked | Ending::Idle => "The language server was ended.",
        };
        let mut state = self.state.lock();
        state.status.pid = None;
        state.status.memory_bytes = 0;
        state.input = None;
        state.mux.ended(reason);
        self.deliver(&mut state);
        drop(state);
        ending
    }

    /// Passes on what the server says, until it ends or has to be ended.
    async fn converse(
        &self,
        stdout: &mut tokio::process::ChildStdout,
        group: &Group,
        child: &mut Child,
    ) -> Ending {
        let mut frames = Frames::new(MESSAGE_MAX);
        let mut bytes = vec![0; READ_BYTES];
        let mut ticks = tokio::time::interval(self.config.languages.watch_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let now = Instant::now();
        let mut watch = Watch {
            started: now,
            heard: now,
            messages: 0,
            bytes: 0,
        };
        loop {
            tokio::select! {
                read = stdout.read(&mut bytes) => {
                    let count = read.unwrap_or(0);
                    if count == 0 {
                        return Ending::Failed(last_of(child).await);
                    }
                    watch.heard = Instant::now();
                    watch.bytes += count as u64;
                    frames.push(&bytes[..count]);
                    match self.take_in(&mut frames) {
                        Ok(messages) => watch.messages += messages,
                        Err(error) => return Ending::Failed(format!("It was ended, because {error}.")),
                    }
                    if watch.messages > FLOOD_MESSAGES || watch.bytes > FLOOD_BYTES {
                        return Ending::Failed(
                            "It was ended, because it floods its viewers with messages.".to_owned(),
                        );
                    }
                }
                _ = ticks.tick() => {
                    if let Some(ending) = self.look_after(group, &watch).await {
                        return ending;
                    }
                    watch.messages = 0;
                    watch.bytes = 0;
                }
                () = self.news.notified() => {
                    let state = self.state.lock();
                    if state.asked.is_some() {
                        return Ending::Asked;
                    }
                    if state.deaf {
                        return Ending::Failed(
                            "It was ended, because it does not read what is sent to it.".to_owned(),
                        );
                    }
                }
            }
        }
    }

    /// Takes in the whole messages; how many.
    fn take_in(&self, frames: &mut Frames) -> Result<u64, crate::languages::framing::FramingError> {
        let mut count = 0;
        let mut state = self.state.lock();
        while let Some(message) = frames.next()? {
            state.mux.hear_server(&message)?;
            self.deliver(&mut state);
            count += 1;
        }
        Ok(count)
    }

    /// Whether it may go on.
    async fn look_after(&self, group: &Group, watch: &Watch) -> Option<Ending> {
        let limits = &self.config.languages;
        let memory = match group.pid() {
            Some(pid) => tokio::task::spawn_blocking(move || memory::resident(pid))
                .await
                .unwrap_or(0),
            None => 0,
        };
        let mut state = self.state.lock();
        state.status.memory_bytes = memory;
        let failed =
            |reason: String| Some(Ending::Failed(format!("It was ended, because {reason}.")));
        if memory > limits.memory_bytes {
            let mib = |bytes: u64| bytes / 1024 / 1024;
            let (used, most) = (mib(memory), mib(limits.memory_bytes));
            return failed(format!(
                "it used {used} MiB of memory; {most} MiB is the most"
            ));
        }
        if state.mux.is_initializing() && watch.started.elapsed() > limits.initialize {
            let seconds = limits.initialize.as_secs_f32();
            return failed(format!("it was not ready after {seconds} s"));
        }
        let waits = state
            .mux
            .waiting_since()
            .is_some_and(|since| since.elapsed() > limits.answer);
        if waits && watch.heard.elapsed() > limits.answer {
            let seconds = limits.answer.as_secs_f32();
            return failed(format!("it has answered nothing for {seconds} s"));
        }
        let idle = state.mux.viewers() == 0 && state.empty_since.elapsed() > limits.idle;
        idle.then_some(Ending::Idle)
    }

    /// Ends the program as the protocol wants it, or else by force.
    async fn part(&self, stdout: &mut tokio::process::ChildStdout, child: &mut Child) {
        {
            let mut state = self.state.lock();
            let farewell = state.mux.farewell();
            if let Some(input) = &state.input {
                for message in farewell {
                    input.send(&message);
                }
            }
            // Its end of the pipe is closed when the last message is through.
            state.input = None;
        }
        let mut rest = tokio::io::sink();
        let end = async { tokio::join!(tokio::io::copy(stdout, &mut rest), child.wait()) };
        let _ = tokio::time::timeout(FAREWELL, end).await;
    }
}

/// How a program ended that says nothing more.
async fn last_of(child: &mut Child) -> String {
    match tokio::time::timeout(FAREWELL, child.wait()).await {
        Ok(Ok(status)) => format!("It ended by itself ({}).", how(status)),
        _ => "It has closed its output.".to_owned(),
    }
}

fn how(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "unknown".to_owned(),
    }
}

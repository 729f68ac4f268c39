//! VS Code in the browser: one server for the workspace, and the way to it (decision 0022).
//!
//! A task of its own does what is asked, one thing after the other: [`session`] is one run of the program,
//! [`install`] puts one into the home. It listens on a Unix socket in a directory that only the workspace's
//! user may enter, and asks for no password: whoever reaches the socket may run programs as that user
//! anyway.
//!
//! * Invariant: there is one at most, however many ask for it at once.
//! * Invariant: what is not asked for stays: settings and extensions outlive the program.

mod connect;
mod install;
mod limits;
mod program;
mod routes;
mod session;

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use atelier_api::Timestamp;
use atelier_api::agent::vscode::{
    VsCode as View, VsCodeDelete, VsCodeInstall, VsCodeStart, VsCodeState,
};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::{AgentError, Config, clock};
use program::Program;

pub use limits::VsCodeLimits;
pub(crate) use routes::routes;

/// How many lines of the log are held.
const LINES_MAX: usize = 200;

/// How many characters of a line are held.
const LINE_MAX: usize = 500;

/// How many wishes may wait.
const ASKED_MAX: usize = 16;

/// Where its things are.
#[derive(Debug, Clone)]
struct Places {
    /// What was installed.
    program: PathBuf,
    /// Its settings and state.
    data: PathBuf,
    extensions: PathBuf,
    configuration: PathBuf,
    /// Where its socket is, if the path is short enough.
    run: PathBuf,
}

impl Places {
    fn new(config: &Config) -> Self {
        let base = config.home.join(".local/share/atelier/vscode");
        Self {
            program: base.join("program"),
            data: base.join("data"),
            extensions: base.join("extensions"),
            configuration: base.join("data/atelier.yaml"),
            run: base.join("run"),
        }
    }
}

/// What somebody wants; who waits for it is told.
#[derive(Debug)]
enum Asked {
    Install(String),
    Start(VsCodeStart),
    Stop(oneshot::Sender<()>),
    Delete(VsCodeDelete, oneshot::Sender<io::Result<()>>),
}

/// VS Code of the workspace.
pub(crate) struct VsCode {
    config: Arc<Config>,
    places: Places,
    state: Mutex<State>,
    connections: AtomicU32,
    changes: watch::Sender<()>,
    inbox: mpsc::Sender<Asked>,
    task: Mutex<Task>,
}

enum Task {
    Waits(mpsc::Receiver<Asked>),
    Runs(JoinHandle<()>),
    Over,
}

struct State {
    status: Status,
    log: VecDeque<String>,
    socket: Option<PathBuf>,
    /// When it was last connected to.
    used: Instant,
}

struct Status {
    state: VsCodeState,
    since: Timestamp,
    detail: Option<String>,
    pid: Option<u32>,
    memory_bytes: u64,
    restarts: u32,
}

fn is_active(state: VsCodeState) -> bool {
    matches!(
        state,
        VsCodeState::Starting | VsCodeState::Ready | VsCodeState::Restarting
    )
}

impl VsCode {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        let (inbox, receiver) = mpsc::channel(ASKED_MAX);
        Self {
            places: Places::new(&config),
            config,
            state: Mutex::new(State {
                status: Status {
                    state: VsCodeState::Stopped,
                    since: clock::now(),
                    detail: None,
                    pid: None,
                    memory_bytes: 0,
                    restarts: 0,
                },
                log: VecDeque::new(),
                socket: None,
                used: Instant::now(),
            }),
            connections: AtomicU32::new(0),
            changes: watch::Sender::new(()),
            inbox,
            task: Mutex::new(Task::Waits(receiver)),
        }
    }

    /// Ends it for good.
    pub(crate) async fn kill(&self) {
        let task = std::mem::replace(&mut *self.task.lock(), Task::Over);
        if let Task::Runs(task) = task {
            task.abort();
            // Its program is killed when the task is dropped.
            let _ = task.await;
        }
    }

    /// How it is.
    async fn view(&self) -> View {
        let program = self.find().await;
        let installable = match program {
            Some(_) => None,
            None => Some(install::installable(&self.config).await),
        };
        let state = self.state.lock();
        let status = &state.status;
        let absent = program.is_none() && status.state == VsCodeState::Stopped;
        let lacks = installable
            .as_ref()
            .and_then(|result| result.as_ref().err());
        View {
            state: if absent {
                VsCodeState::Absent
            } else {
                status.state
            },
            since: status.since,
            detail: status
                .detail
                .clone()
                .or_else(|| lacks.filter(|_| absent).cloned()),
            version: program.as_ref().and_then(|it| it.version.clone()),
            installed: program.as_ref().is_some_and(|it| it.installed),
            program: program.map(|it| it.path.to_string_lossy().into_owned()),
            installs: installable
                .and_then(Result::ok)
                .map(|version| format!("code-server {version}")),
            pid: status.pid,
            memory_bytes: status.memory_bytes,
            connections: self.connections.load(Ordering::Relaxed),
            restarts: status.restarts,
            log: state.log.iter().cloned().collect(),
        }
    }

    async fn find(&self) -> Option<Program> {
        let (config, places) = (Arc::clone(&self.config), self.places.clone());
        let found = tokio::task::spawn_blocking(move || program::find(&config, &places)).await;
        found.unwrap_or_default()
    }

    /// Has it installed; that follows.
    async fn install(self: &Arc<Self>, query: VsCodeInstall) -> Result<(), AgentError> {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
        let is_version = |text: &String| text.len() < 20 && text.split('.').all(is_number);
        if query.version.as_ref().is_some_and(|it| !is_version(it)) {
            return Err(AgentError::invalid(
                "version",
                "A version is numbers with dots between them, as `4.99.4`.",
            ));
        }
        if let Some(program) = self.find().await {
            return Err(AgentError::conflict(format!(
                "This workspace has it already: `{}`.",
                program.path.display()
            )));
        }
        let fits = install::installable(&self.config)
            .await
            .map_err(AgentError::conflict)?;
        let version = query.version.unwrap_or_else(|| fits.to_owned());
        {
            let mut state = self.state.lock();
            if state.status.state == VsCodeState::Installing {
                return Ok(());
            }
            if is_active(state.status.state) {
                return Err(AgentError::conflict(
                    "VS Code runs, though its program is gone. Stop it first.",
                ));
            }
            self.change(&mut state, VsCodeState::Installing, None);
        }
        self.ask(Asked::Install(version))
    }

    /// Starts it, if it does not run; returns when it is ready.
    async fn start(self: &Arc<Self>, start: VsCodeStart) -> Result<(), AgentError> {
        let program = self.find().await;
        let mut changes = self.changes.subscribe();
        let begins = {
            let mut state = self.state.lock();
            match state.status.state {
                VsCodeState::Installing => {
                    return Err(AgentError::conflict(
                        "VS Code is being installed. Start it when that is done.",
                    ));
                }
                running if is_active(running) => false,
                _ if program.is_none() => {
                    return Err(AgentError::conflict(
                        "This workspace has neither code-server nor openvscode-server. Install it first.",
                    ));
                }
                _ => {
                    self.change(&mut state, VsCodeState::Starting, None);
                    true
                }
            }
        };
        if begins {
            self.ask(Asked::Start(start))?;
        }
        loop {
            changes.mark_unchanged();
            let (now, detail) = {
                let status = &self.state.lock().status;
                (status.state, status.detail.clone())
            };
            match now {
                VsCodeState::Ready => return Ok(()),
                VsCodeState::Starting | VsCodeState::Restarting => {}
                _ => {
                    return Err(AgentError::bad_gateway(detail.unwrap_or_else(|| {
                        "VS Code was stopped before it was ready.".to_owned()
                    })));
                }
            }
            let _ = changes.changed().await;
        }
    }

    /// Ends it, or its installation.
    async fn stop(self: &Arc<Self>) -> Result<(), AgentError> {
        let (tell, told) = oneshot::channel();
        self.ask(Asked::Stop(tell))?;
        told.await.map_err(|_| over())
    }

    /// Ends it, and removes what is asked for.
    async fn delete(self: &Arc<Self>, query: VsCodeDelete) -> Result<(), AgentError> {
        let (tell, told) = oneshot::channel();
        self.ask(Asked::Delete(query, tell))?;
        let removed = told.await.map_err(|_| over())?;
        removed.map_err(|error| AgentError::internal("Not everything could be removed.", error))
    }

    fn ask(self: &Arc<Self>, asked: Asked) -> Result<(), AgentError> {
        {
            let mut task = self.task.lock();
            *task = match std::mem::replace(&mut *task, Task::Over) {
                Task::Waits(inbox) => Task::Runs(tokio::spawn(Arc::clone(self).run(inbox))),
                other => other,
            };
        }
        self.inbox.try_send(asked).map_err(|_| {
            AgentError::unavailable(5, "VS Code is busy with what was asked before. Try again.")
        })
    }

    /// Does what is asked, for ever.
    async fn run(self: Arc<Self>, mut inbox: mpsc::Receiver<Asked>) {
        let mut next = None;
        loop {
            let asked = match next.take() {
                Some(asked) => asked,
                None => match inbox.recv().await {
                    Some(asked) => asked,
                    None => return,
                },
            };
            next = match asked {
                Asked::Install(version) => self.installing(&version, &mut inbox).await,
                Asked::Start(start) => self.running(&start, &mut inbox).await,
                Asked::Stop(tell) => {
                    self.ended();
                    // Whoever asked may have gone.
                    let _ = tell.send(());
                    None
                }
                Asked::Delete(what, tell) => {
                    let removed = self.remove(what).await;
                    self.ended();
                    let _ = tell.send(removed);
                    None
                }
            };
        }
    }

    async fn installing(&self, version: &str, inbox: &mut mpsc::Receiver<Asked>) -> Option<Asked> {
        self.set(VsCodeState::Installing, None);
        let progress = |line: &str| {
            let mut state = self.state.lock();
            say(&mut state.log, line);
            state.status.detail = Some(line.chars().take(200).collect());
        };
        let installed = install::install(&self.config, &self.places, version, progress);
        let interrupted = async {
            loop {
                match inbox.recv().await {
                    Some(Asked::Install(_) | Asked::Start(_)) => {}
                    other => return other,
                }
            }
        };
        let result = tokio::select! {
            result = installed => result,
            // Dropping the installation kills it.
            next = interrupted => return next,
        };
        self.set(VsCodeState::Stopped, result.err());
        None
    }

    async fn remove(&self, what: VsCodeDelete) -> io::Result<()> {
        let Places {
            program,
            data,
            extensions,
            ..
        } = self.places.clone();
        let mut gone = Vec::new();
        if what.program {
            gone.push(program);
        }
        if what.data {
            gone.extend([data, extensions]);
        }
        let removed = tokio::task::spawn_blocking(move || {
            for directory in gone {
                match std::fs::remove_dir_all(&directory) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        });
        removed.await.map_err(io::Error::other)?
    }

    /// It was ended as was asked; who has asked since that it starts is not forgotten.
    fn ended(&self) {
        let mut state = self.state.lock();
        if state.status.state != VsCodeState::Starting {
            self.change(&mut state, VsCodeState::Stopped, None);
        }
    }

    fn set(&self, to: VsCodeState, detail: Option<String>) {
        self.change(&mut self.state.lock(), to, detail);
    }

    fn change(&self, state: &mut State, to: VsCodeState, detail: Option<String>) {
        if let Some(detail) = &detail {
            say(&mut state.log, detail);
        }
        if state.status.state != to {
            state.status.since = clock::now();
        }
        state.status.state = to;
        state.status.detail = detail;
        self.changes.send_replace(());
    }
}

fn over() -> AgentError {
    AgentError::unavailable(5, "The workspace is being stopped.")
}

fn say(log: &mut VecDeque<String>, line: &str) {
    let line = plain(line);
    if line.trim().is_empty() {
        return;
    }
    if log.len() == LINES_MAX {
        log.pop_front();
    }
    log.push_back(line.chars().take(LINE_MAX).collect());
}

/// Without the colours of a terminal (ECMA-48, control sequences) and without other control characters.
fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        if char == '\u{1b}' && chars.next_if_eq(&'[').is_some() {
            let is_last = |char: &char| ('@'..='~').contains(char);
            let _ = chars.by_ref().find(is_last);
        } else if char == '\t' || !char.is_control() {
            plain.push(char);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_without_colours() {
        let line = "\u{1b}[32m> Moving\t\u{1b}[1;31mü\u{1b}[0m\r\u{7} \u{1b}[3";
        assert_eq!(plain(line), "> Moving\tü ");
    }
}

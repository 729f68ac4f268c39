//! One language's server for one project: its state, and who looks after it.

mod session;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::agent::languages::{
    LanguageLog, LanguageLogSource, LanguageServer, LanguageState, STATE_METHOD,
};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::known::Known;
use super::log::Log;
use super::mux::{Mux, Out, Project, Urgency, ViewerId};
use super::outbox::Outbox;
use super::process::Input;
use super::{find, install, message};
use crate::files::RelativePath;
use crate::websocket::Closing;
use crate::{Config, clock};
use session::Ending;

/// The longest pause before a server is started again.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Something that a person wants of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Restart,
    Stop,
    Install,
}

/// A language server for one project.
pub(super) struct Server {
    pub(super) known: &'static Known,
    pub(super) root: RelativePath,
    config: Arc<Config>,
    state: Mutex<State>,
    /// Something has changed that its task should know.
    news: Notify,
}

struct State {
    mux: Mux,
    log: Log,
    status: Status,
    input: Option<Input>,
    /// It does not take what is sent to it any more.
    deaf: bool,
    outboxes: BTreeMap<ViewerId, Arc<Outbox>>,
    asked: Option<Asked>,
    /// Somebody has come since the server was looked for.
    joined: bool,
    /// Since when nobody is attached.
    empty_since: Instant,
}

#[derive(Debug)]
struct Status {
    state: LanguageState,
    since: Timestamp,
    detail: Option<String>,
    command: Vec<String>,
    pid: Option<u32>,
    memory_bytes: u64,
    restarts: u32,
    installs: Option<String>,
}

impl Server {
    pub(super) fn new(known: &'static Known, root: RelativePath, config: Arc<Config>) -> Arc<Self> {
        let installs = find::installable(&config, known).map(super::known::Install::packages);
        let project = project(known, &root, &config, None);
        Arc::new(Self {
            known,
            root,
            config,
            state: Mutex::new(State {
                mux: Mux::new(project),
                log: Log::default(),
                status: Status {
                    state: LanguageState::Starting,
                    since: clock::now(),
                    detail: None,
                    command: Vec::new(),
                    pid: None,
                    memory_bytes: 0,
                    restarts: 0,
                    installs,
                },
                input: None,
                deaf: false,
                outboxes: BTreeMap::new(),
                asked: None,
                joined: false,
                empty_since: Instant::now(),
            }),
            news: Notify::new(),
        })
    }

    /// The server as it is shown.
    pub(super) fn view(&self) -> LanguageServer {
        self.shown(&self.state.lock())
    }

    pub(super) fn log(&self) -> LanguageLog {
        self.state.lock().log.view()
    }

    /// Whether it takes anything of the workspace.
    pub(super) fn is_active(&self) -> bool {
        let state = self.state.lock();
        state.status.pid.is_some() || state.mux.viewers() > 0
    }

    /// Asks for something; its task does it.
    pub(super) fn ask(&self, asked: Asked) {
        self.state.lock().asked = Some(asked);
        self.news.notify_one();
    }

    /// A viewer comes; what it gets waits in the outbox.
    pub(super) fn join(&self) -> (ViewerId, Arc<Outbox>) {
        let mut state = self.state.lock();
        let viewer = state.mux.join();
        let outbox = Arc::new(Outbox::default());
        state.outboxes.insert(viewer, Arc::clone(&outbox));
        state.joined = true;
        self.tell(&state);
        drop(state);
        self.news.notify_one();
        (viewer, outbox)
    }

    pub(super) fn leave(&self, viewer: ViewerId) {
        let mut state = self.state.lock();
        state.outboxes.remove(&viewer);
        state.mux.leave(viewer);
        state.empty_since = Instant::now();
        self.deliver(&mut state);
        self.tell(&state);
    }

    /// A viewer has sent a message.
    pub(super) fn hear(&self, viewer: ViewerId, text: &str) {
        let mut state = self.state.lock();
        state.mux.hear_viewer(viewer, text);
        self.deliver(&mut state);
    }

    /// Looks after the server, for ever.
    pub(super) async fn run(self: Arc<Self>) {
        let mut failures = VecDeque::new();
        loop {
            self.until(|state| state.mux.viewers() > 0 || state.asked.is_some())
                .await;
            let asked = self.state.lock().asked.take();
            match asked {
                Some(Asked::Stop) => {
                    self.set(
                        LanguageState::Stopped,
                        "Somebody has stopped it. Restart it to go on.",
                    );
                    self.until(|state| state.asked.is_some()).await;
                    continue;
                }
                Some(Asked::Install) => self.install().await,
                Some(Asked::Restart) => failures.clear(),
                None => {}
            }
            let Some(found) = self.find().await else {
                self.missing().await;
                continue;
            };
            match self.session(found).await {
                Ending::Asked => {}
                Ending::Idle => {
                    self.set(
                        LanguageState::Stopped,
                        "Nobody needed it for a while. It starts again with the next file.",
                    );
                }
                Ending::Failed(reason) => self.failed(&reason, &mut failures).await,
            }
        }
    }

    /// It has ended by itself: starts again after a while, or not at all.
    async fn failed(&self, reason: &str, failures: &mut VecDeque<Instant>) {
        let limits = &self.config.languages;
        let last_words = {
            let state = self.state.lock();
            state
                .log
                .last_words()
                .map(|words| format!(" It said last: {words}"))
        };
        let last_words = last_words.unwrap_or_default();
        failures.push_back(Instant::now());
        failures.retain(|at| at.elapsed() < limits.failures_within);
        if failures.len() >= limits.failures {
            let times = failures.len();
            let minutes = limits.failures_within.as_secs().div_ceil(60);
            failures.clear();
            self.set(
                LanguageState::Failed,
                &format!(
                    "It has ended {times} times within {minutes} minutes and is not started any more. The last \
                     time: {reason}{last_words} Look at its log; restart it when the cause is removed."
                ),
            );
            return self.until(|state| state.asked.is_some()).await;
        }
        let doublings = u32::try_from(failures.len() - 1).unwrap_or(u32::MAX);
        let pause = limits
            .restart_pause
            .saturating_mul(2_u32.saturating_pow(doublings))
            .min(PAUSE_MAX);
        self.state.lock().status.restarts += 1;
        self.set(
            LanguageState::Restarting,
            &format!("{reason}{last_words} It starts again."),
        );
        // Whoever asks for something meanwhile need not wait.
        let asked = self.until(|state| state.asked.is_some());
        let _ = tokio::time::timeout(pause, asked).await;
    }

    /// The workspace has no server of the language: waits until that may be otherwise.
    async fn missing(&self) {
        {
            let mut state = self.state.lock();
            state.joined = false;
            if state.status.state != LanguageState::Missing || state.status.detail.is_none() {
                let what = self.known.title;
                let detail = match &state.status.installs {
                    Some(packages) => format!(
                        "This workspace has no language server for {what}. {packages} can be installed."
                    ),
                    None => format!(
                        "This workspace has no language server for {what}. {}",
                        self.known.advice
                    ),
                };
                self.change(&mut state, LanguageState::Missing, Some(detail));
            }
        }
        self.until(|state| state.asked.is_some() || state.joined)
            .await;
    }

    async fn find(&self) -> Option<find::Found> {
        let (known, config, root) = (self.known, Arc::clone(&self.config), self.root.clone());
        let found = tokio::task::spawn_blocking(move || find::server(known, &config, &root)).await;
        let found = found.unwrap_or_default();
        self.state.lock().status.command = found.clone().map_or(Vec::new(), |found| found.command);
        found
    }

    async fn install(&self) {
        let Some(method) = find::installable(&self.config, self.known) else {
            return self.set(LanguageState::Missing, self.known.advice);
        };
        let packages = method.packages();
        self.set(LanguageState::Installing, &packages);
        let installed = install::install(&self.config, self.known, method, &self.root, |line| {
            let mut state = self.state.lock();
            state.log.say(LanguageLogSource::Install, line);
            let detail: String = line.chars().take(200).collect();
            state.status.detail = Some(format!("{packages}: {detail}"));
            self.tell(&state);
        });
        // Who wants it stopped meanwhile need not wait for it; dropping it kills the installation.
        let stop = self.until(|state| state.asked == Some(Asked::Stop));
        let result = tokio::select! {
            result = installed => result,
            () = stop => Err("The installation was stopped.".to_owned()),
        };
        if let Err(reason) = result {
            self.say(&reason);
            self.set(LanguageState::Missing, &reason);
        }
    }

    /// Waits until something is so.
    async fn until(&self, wanted: impl Fn(&State) -> bool) {
        while !wanted(&self.state.lock()) {
            self.news.notified().await;
        }
    }

    fn set(&self, to: LanguageState, detail: &str) {
        let detail = (!detail.is_empty()).then(|| detail.to_owned());
        self.change(&mut self.state.lock(), to, detail);
    }

    fn say(&self, text: &str) {
        self.state.lock().log.say(LanguageLogSource::Agent, text);
    }

    fn change(&self, state: &mut State, to: LanguageState, detail: Option<String>) {
        if let Some(detail) = &detail {
            state.log.say(LanguageLogSource::Agent, detail);
        }
        state.status.state = to;
        state.status.since = clock::now();
        state.status.detail = detail;
        self.tell(state);
    }

    /// Tells all viewers how it is with the server.
    fn tell(&self, state: &State) {
        let text: Arc<str> = message::notification(STATE_METHOD, &self.shown(state)).into();
        for outbox in state.outboxes.values() {
            outbox.push(
                Urgency::Replaced(STATE_METHOD.to_owned()),
                Arc::clone(&text),
            );
        }
    }

    /// Does what the multiplexer wants done.
    fn deliver(&self, state: &mut State) {
        for out in state.mux.take() {
            match out {
                Out::Server(text) => {
                    let taken = state.input.as_ref().is_none_or(|input| input.send(&text));
                    if !taken {
                        state.deaf = true;
                        self.news.notify_one();
                    }
                }
                Out::Viewer(viewer, urgency, text) => {
                    if let Some(outbox) = state.outboxes.get(&viewer) {
                        outbox.push(urgency, text);
                    }
                }
                Out::Log(source, text) => state.log.say(source, &text),
                Out::Ready => self.change(state, LanguageState::Ready, None),
                Out::Busy => self.tell(state),
                Out::Reject(viewer, reason) => {
                    if let Some(outbox) = state.outboxes.get(&viewer) {
                        outbox.close(Closing::new(Closing::POLICY, reason));
                    }
                }
            }
        }
    }

    fn shown(&self, state: &State) -> LanguageServer {
        let status = &state.status;
        LanguageServer {
            language: self.known.language.to_owned(),
            title: self.known.title.to_owned(),
            root: self.root.wire(),
            workspace_uri: workspace_uri(&self.config),
            state: status.state,
            since: status.since,
            detail: status.detail.clone(),
            command: status.command.clone(),
            pid: status.pid,
            memory_bytes: status.memory_bytes,
            viewers: u32::try_from(state.mux.viewers()).unwrap_or(u32::MAX),
            restarts: status.restarts,
            installs: status.installs.clone(),
            work: state.mux.work().cloned(),
        }
    }
}

/// The `workspace` root as a `file:` URI that ends with a slash.
pub(super) fn workspace_uri(config: &Config) -> String {
    format!("{}/", file_uri(&config.workspace))
}

/// A path as a `file:` URI (RFC 8089).
fn file_uri(path: &std::path::Path) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    let mut uri = "file://".to_owned();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(*byte));
            }
            _ => write!(uri, "%{byte:02X}").expect("a text takes everything"),
        }
    }
    uri
}

/// What the server is told of its project.
fn project(
    known: &Known,
    root: &RelativePath,
    config: &Config,
    found: Option<&find::Found>,
) -> Project {
    let directory = find::directory(config, root);
    let options = match found {
        Some(found) => known.options(found.library.as_deref()),
        None => Value::Null,
    };
    Project {
        root_uri: file_uri(&directory),
        root_path: directory.to_string_lossy().into_owned(),
        options,
        settings: known.settings(),
    }
}

//! Many viewers on one server: what each sends becomes what the server gets, and back. Knows no
//! transport: messages come in as texts and go out as [`Out`].
//!
//! Invariants: the server has one text of a document, and whoever asks about it is answered about the
//! text that they themselves have; every request of a viewer gets one answer, also from a server that
//! has ended; what is held for a viewer is bounded.

mod documents;
mod from_server;
mod from_viewer;
#[cfg(test)]
mod tests;
mod work;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use atelier_api::agent::languages::LanguageLogSource;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::message::{self, REQUEST_FAILED};
use documents::{Document, ViewerDocument};
use work::Works;

/// A viewer, by a number that is never given twice.
pub(super) type ViewerId = u64;

/// How many documents' diagnostics are kept for viewers who come later.
const DIAGNOSTICS_MAX: usize = 2000;

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Out {
    /// Send it to the server.
    Server(String),
    /// Send it to a viewer.
    Viewer(ViewerId, Urgency, Arc<str>),
    /// A line for the log.
    Log(LanguageLogSource, String),
    /// The server answers from now on.
    Ready,
    /// The server is busy with something else than before, or with nothing.
    Busy,
    /// End the viewer's connection, and say why.
    Reject(ViewerId, String),
}

/// What may become of a message for a viewer who takes them slowly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Urgency {
    /// It has to arrive.
    Needed,
    /// The next one of that name takes its place.
    Replaced(String),
    /// It may be left out.
    Spare,
}

/// What a server is told of its project.
#[derive(Debug, Clone)]
pub(super) struct Project {
    /// The project's directory, as a `file:` URI without a slash at the end.
    pub(super) root_uri: String,
    pub(super) root_path: String,
    pub(super) options: Value,
    /// What `workspace/configuration` is answered from.
    pub(super) settings: Value,
}

/// How far the server is.
#[derive(Debug)]
enum Phase {
    /// There is none.
    Down,
    /// It runs, and no viewer has said yet what it can do.
    Waiting,
    /// It was asked to get ready.
    Initializing,
    /// It answers.
    Up {
        result: Box<RawValue>,
        incremental: bool,
    },
}

#[derive(Debug, Default)]
struct Viewer {
    documents: BTreeMap<String, ViewerDocument>,
    /// The id of its `initialize`, while that waits.
    initializing: Option<Box<RawValue>>,
    initialized: bool,
    requests: usize,
}

/// A viewer's request that the server has not answered yet.
#[derive(Debug)]
struct Pending {
    viewer: ViewerId,
    id: Box<RawValue>,
    since: Instant,
}

/// The state between viewers and server.
#[derive(Debug)]
pub(super) struct Mux {
    project: Project,
    phase: Phase,
    viewers: BTreeMap<ViewerId, Viewer>,
    documents: BTreeMap<String, Document>,
    pending: HashMap<u64, Pending>,
    /// The server's requests that a viewer has to answer.
    asked: HashMap<u64, (ViewerId, Box<RawValue>)>,
    diagnostics: BTreeMap<String, Arc<str>>,
    works: Works,
    /// What the first viewer said that it can do.
    capabilities: Option<Value>,
    /// Who wrote or asked last.
    speaker: Option<ViewerId>,
    next: u64,
    out: Vec<Out>,
}

impl Mux {
    pub(super) fn new(project: Project) -> Self {
        Self {
            project,
            phase: Phase::Down,
            viewers: BTreeMap::new(),
            documents: BTreeMap::new(),
            pending: HashMap::new(),
            asked: HashMap::new(),
            diagnostics: BTreeMap::new(),
            works: Works::default(),
            capabilities: None,
            speaker: None,
            next: 1,
            out: Vec::new(),
        }
    }

    /// What has to be done since the last time.
    pub(super) fn take(&mut self) -> Vec<Out> {
        std::mem::take(&mut self.out)
    }

    pub(super) fn viewers(&self) -> usize {
        self.viewers.len()
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Up { .. })
    }

    /// Whether it was asked to get ready and has not answered yet.
    pub(super) fn is_initializing(&self) -> bool {
        matches!(self.phase, Phase::Initializing)
    }

    /// Whether the server was asked for something, and since when the oldest of it waits.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        self.pending.values().map(|pending| pending.since).min()
    }

    /// A viewer comes.
    pub(super) fn join(&mut self) -> ViewerId {
        let id = self.fresh();
        self.viewers.insert(id, Viewer::default());
        id
    }

    /// A viewer has gone: its documents are closed and its requests cancelled.
    pub(super) fn leave(&mut self, viewer: ViewerId) {
        let uris: Vec<String> = match self.viewers.get(&viewer) {
            Some(state) => state.documents.keys().cloned().collect(),
            None => return,
        };
        for uri in uris {
            self.close(viewer, &uri);
        }
        self.viewers.remove(&viewer);
        if self.speaker == Some(viewer) {
            self.speaker = None;
        }
        let theirs: Vec<u64> = self
            .pending
            .iter()
            .filter(|(_, pending)| pending.viewer == viewer)
            .map(|(id, _)| *id)
            .collect();
        for id in theirs {
            self.pending.remove(&id);
            self.cancel(id);
        }
        let unanswered: Vec<u64> = self
            .asked
            .iter()
            .filter(|(_, (asked, _))| *asked == viewer)
            .map(|(id, _)| *id)
            .collect();
        for id in unanswered {
            if let Some((_, id)) = self.asked.remove(&id) {
                let answer = message::error(&id, REQUEST_FAILED, "Whoever was asked has gone.");
                self.out.push(Out::Server(answer));
            }
        }
    }

    /// The server's program runs.
    pub(super) fn started(&mut self, project: Project) {
        self.project = project;
        self.phase = Phase::Waiting;
        self.initialize();
    }

    /// The server has ended. What was asked of it is answered with `reason`.
    pub(super) fn ended(&mut self, reason: &str) {
        self.phase = Phase::Down;
        self.works = Works::default();
        self.asked.clear();
        let pending: Vec<Pending> = self.pending.drain().map(|(_, pending)| pending).collect();
        for Pending { viewer, id, .. } in pending {
            self.answer(viewer, message::error(&id, REQUEST_FAILED, reason));
        }
        let said: Vec<String> = std::mem::take(&mut self.diagnostics).into_keys().collect();
        for uri in said {
            self.broadcast_diagnostics(&uri, "[]");
        }
        self.diagnostics.clear();
    }

    /// Tells all viewers.
    pub(super) fn broadcast(&mut self, urgency: &Urgency, text: &str) {
        let text: Arc<str> = text.into();
        for viewer in self.viewers.keys() {
            self.out
                .push(Out::Viewer(*viewer, urgency.clone(), Arc::clone(&text)));
        }
    }

    /// The messages that end a server as it should be ended.
    pub(super) fn farewell(&mut self) -> [String; 2] {
        let id = self.fresh();
        [
            message::request(id, "shutdown", None),
            r#"{"jsonrpc":"2.0","method":"exit"}"#.to_owned(),
        ]
    }

    fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn send(&mut self, viewer: ViewerId, text: String) {
        self.out
            .push(Out::Viewer(viewer, Urgency::Needed, text.into()));
    }

    /// Answers a request that counted.
    fn answer(&mut self, viewer: ViewerId, text: String) {
        if let Some(state) = self.viewers.get_mut(&viewer) {
            state.requests = state.requests.saturating_sub(1);
            self.send(viewer, text);
        }
    }

    fn tell_server(&mut self, method: &str, params: &(impl serde::Serialize + ?Sized)) {
        if self.is_up() {
            self.out
                .push(Out::Server(message::notification(method, params)));
        }
    }

    fn cancel(&mut self, id: u64) {
        self.tell_server("$/cancelRequest", &serde_json::json!({ "id": id }));
    }
}

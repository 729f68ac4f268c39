//! A connection's side of the protocol, without a transport: requests go in, messages come out.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use atelier_api::agent::bridge::{
    Base64, BridgeHead, BridgeMessage, BridgeRequest, ID_MAX, SESSION_CHARS,
};
use atelier_api::agent::files::WatchMessage;
use atelier_api::agent::terminals::TerminalViewer;
use atelier_api::ids::{ProcessId, TerminalId};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Bridge;
use super::memory::Seen;
use super::session::{Seat, text};
use crate::AgentError;
use crate::processes::{FollowProcess, ProcessNews};
use crate::terminals::{FollowTerminal, TerminalNews};

/// How many messages may wait to be sent before no further request is taken.
const OUTBOX_MAX: usize = 64;

/// How many requests that take their time may be under way before no further one is taken, of those that
/// read and of those that change something.
const WORKING_MAX: usize = 16;

/// How many messages of watches and reads may wait; they wait for room.
const LATE_MAX: usize = 32;

/// A connection.
pub(super) struct Connection {
    pub(super) bridge: Arc<Bridge>,
    pub(super) who: TerminalViewer,
    /// Notified when there may be something to send.
    pub(super) wake: Arc<Notify>,
    pub(super) seat: Option<Seat>,
    outbox: VecDeque<Arc<str>>,
    /// What is being done for this connection, and will be answered.
    pub(super) awaited: Vec<u64>,
    /// How many reads are under way.
    pub(super) reading: usize,
    pub(super) terminals: Vec<(TerminalId, FollowTerminal)>,
    pub(super) processes: Vec<(ProcessId, FollowProcess)>,
    /// Whose turn it is.
    turn: usize,
    pub(super) watches: HashMap<u64, AbortOnDropHandle<()>>,
    pub(super) late: mpsc::Sender<Late>,
    coming: mpsc::Receiver<Late>,
}

/// What comes later than its request.
pub(super) enum Late {
    /// The answer to a read.
    Read(Box<BridgeMessage>),
    /// A watch was set, or not.
    Watching(u64, Result<(), AgentError>),
    /// A watch says something.
    Watched(u64, WatchMessage),
}

impl Connection {
    pub(super) fn new(bridge: Arc<Bridge>, who: TerminalViewer) -> Self {
        let (late, coming) = mpsc::channel(LATE_MAX);
        Self {
            bridge,
            who,
            wake: Arc::default(),
            seat: None,
            outbox: VecDeque::new(),
            awaited: Vec::new(),
            reading: 0,
            terminals: Vec::new(),
            processes: Vec::new(),
            turn: 0,
            watches: HashMap::new(),
            late,
            coming,
        }
    }

    /// Whether a further request may be taken now: the bound on what one client has under way.
    pub(super) fn may_take(&self) -> bool {
        let working = self.seat.as_ref().map_or(0, |seat| seat.session.working());
        self.outbox.len() < OUTBOX_MAX && self.reading < WORKING_MAX && working < WORKING_MAX
    }

    /// Cancelled when another connection has taken the session over.
    pub(super) fn taken_over(&self) -> Option<CancellationToken> {
        self.seat.as_ref().map(|seat| seat.taken_over.clone())
    }

    /// Resolves when something has come that is late; it is then among what there is to send.
    pub(super) async fn late(&mut self) {
        let Some(late) = self.coming.recv().await else {
            return;
        };
        match late {
            Late::Read(answer) => {
                self.reading -= 1;
                self.say(&answer);
            }
            Late::Watching(watch, Err(error)) => {
                self.watches.remove(&watch);
                self.refuse(Some(watch), &error);
            }
            Late::Watching(id, Ok(())) => self.say(&BridgeMessage::Watching { id }),
            Late::Watched(watch, _) if !self.watches.contains_key(&watch) => {}
            Late::Watched(watch, message) => self.watched(watch, message),
        }
    }

    fn watched(&mut self, watch: u64, message: WatchMessage) {
        let message = match message {
            WatchMessage::Changes { changes } => BridgeMessage::FileChanged { watch, changes },
            WatchMessage::Rescan { reason } => BridgeMessage::WatchRescan { watch, reason },
            WatchMessage::Limited { reason } => BridgeMessage::WatchLimited { watch, reason },
            // `watching` has said it.
            _ => return,
        };
        self.say(&message);
    }

    /// Takes a client's message.
    pub(super) fn take(&mut self, message: &str) {
        let request = match serde_json::from_str::<BridgeRequest>(message) {
            Ok(request) => request,
            Err(error) => {
                let head = serde_json::from_str::<BridgeHead>(message).unwrap_or_default();
                let detail = format!("The message cannot be understood: {error}.");
                return self.refuse(head.id, &AgentError::malformed(detail));
            }
        };
        if let BridgeRequest::Hello { session } = &request {
            return self.hello(session);
        }
        let id = request.id();
        let Some(seat) = &self.seat else {
            let detail = "The first message of a connection is `hello`, with the session.";
            return self.refuse(id, &AgentError::conflict(detail));
        };
        if id.is_some_and(|id| id == 0 || id > ID_MAX) {
            let detail = format!("An id is a number from 1 to {ID_MAX}.");
            return self.refuse(id, &AgentError::invalid("id", detail));
        }
        let Some(id) = id.filter(|_| request.is_done_once()) else {
            return self.at_once(request);
        };
        let session = Arc::clone(&seat.session);
        match session.begin(id, digest(&request)) {
            Seen::New => self.once(&session, id, request),
            Seen::Pending if self.awaited.contains(&id) => {}
            Seen::Pending => self.awaited.push(id),
            Seen::Answered(answer) => self.outbox.push_back(answer),
            Seen::Other => {
                let detail = "Another request of this session had this id. Use a new one.";
                self.refuse(Some(id), &AgentError::invalid("id", detail));
            }
            Seen::Forgotten => self.refuse(Some(id), &forgotten()),
        }
    }

    fn hello(&mut self, session: &str) {
        if self.seat.is_some() {
            let detail = "The connection has a session already.";
            return self.refuse(None, &AgentError::conflict(detail));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !SESSION_CHARS.contains(&session.len()) || !session.chars().all(fits) {
            let detail = "A session's name is 16 to 64 letters, digits, `-` and `_`.";
            return self.refuse(None, &AgentError::invalid("session", detail));
        }
        match self.bridge.sessions.enter(session, Arc::clone(&self.wake)) {
            Ok((seat, resumed)) => {
                self.seat = Some(seat);
                self.say(&BridgeMessage::Welcome { resumed });
            }
            Err(error) => self.refuse(None, &error),
        }
    }

    pub(super) fn say(&mut self, message: &BridgeMessage) {
        self.outbox.push_back(text(message));
    }

    pub(super) fn refuse(&mut self, id: Option<u64>, error: &AgentError) {
        let problem = error.problem().clone();
        self.say(&BridgeMessage::Error { id, problem });
    }

    /// What to send next, if there is anything.
    pub(super) async fn next(&mut self) -> Option<Arc<str>> {
        self.collect();
        if let Some(message) = self.outbox.pop_front() {
            return Some(message);
        }
        for _ in 0..self.terminals.len() + self.processes.len() {
            self.turn += 1;
            let (terminals, processes) = (self.terminals.len(), self.processes.len());
            let turn = self.turn % (terminals + processes).max(1);
            let news = match turn.checked_sub(terminals) {
                None => self.of_terminal(turn).await,
                Some(index) => self.of_process(index),
            };
            if let Some(news) = news {
                return Some(text(&news));
            }
        }
        None
    }

    /// Takes the answers to what has been done meanwhile.
    fn collect(&mut self) {
        let Some(seat) = &self.seat else { return };
        let (outbox, mut forgot) = (&mut self.outbox, Vec::new());
        self.awaited.retain(|id| match seat.session.look(*id) {
            Seen::Answered(answer) => {
                outbox.push_back(answer);
                false
            }
            Seen::Forgotten => {
                forgot.push(*id);
                false
            }
            _ => true,
        });
        for id in forgot {
            self.refuse(Some(id), &forgotten());
        }
    }

    async fn of_terminal(&mut self, index: usize) -> Option<BridgeMessage> {
        let (terminal, follow) = &mut self.terminals[index];
        let terminal = *terminal;
        loop {
            return match follow.next() {
                TerminalNews::Output { offset, bytes } => Some(BridgeMessage::TerminalOutput {
                    terminal,
                    offset,
                    data: Base64(bytes),
                }),
                TerminalNews::Resync { offset, snapshot } => Some(BridgeMessage::TerminalResync {
                    terminal,
                    offset,
                    data: Base64(snapshot),
                }),
                TerminalNews::Size { cols, rows } => Some(BridgeMessage::TerminalResized {
                    terminal,
                    cols,
                    rows,
                }),
                TerminalNews::Exit(status) => {
                    Some(BridgeMessage::TerminalExited { terminal, status })
                }
                TerminalNews::Lost => {
                    follow.catch_up().await;
                    continue;
                }
                TerminalNews::Wait => None,
                TerminalNews::End => {
                    self.terminals.remove(index);
                    None
                }
            };
        }
    }

    fn of_process(&mut self, index: usize) -> Option<BridgeMessage> {
        let (process, follow) = &mut self.processes[index];
        let process = *process;
        match follow.next() {
            ProcessNews::Output {
                stream,
                offset,
                bytes,
            } => Some(BridgeMessage::ProcessOutput {
                process,
                stream,
                offset,
                data: Base64(bytes),
            }),
            ProcessNews::Exit { status, timed_out } => {
                self.processes.remove(index);
                Some(BridgeMessage::ProcessExited {
                    process,
                    status,
                    timed_out,
                })
            }
            ProcessNews::Wait => None,
            ProcessNews::End => {
                self.processes.remove(index);
                None
            }
        }
    }
}

/// What tells two requests apart.
fn digest(request: &BridgeRequest) -> u64 {
    let text = serde_json::to_string(request).expect("a request is plain data");
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
}

fn forgotten() -> AgentError {
    AgentError::invalid(
        "id",
        "The request is so old that nothing is known of it any more: it may have been done, and is not \
         done again.",
    )
}

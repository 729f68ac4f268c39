//! Sessions: what outlives a client's connections.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use atelier_api::agent::bridge::{BridgeMessage, SESSIONS_MAX};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::input::Inputs;
use super::memory::{Memory, Seen};
use crate::AgentError;

/// The sessions, by their names.
#[derive(Default)]
pub(super) struct Sessions {
    all: Mutex<HashMap<String, Arc<Session>>>,
}

/// A session.
#[derive(Default)]
pub(super) struct Session {
    state: Mutex<State>,
    pub(super) inputs: Inputs,
}

#[derive(Default)]
struct State {
    memory: Memory,
    /// The connection that has the session now.
    connection: Option<Live>,
    /// Counts the connections that there were.
    connections: u64,
    /// Changes whenever a connection ends; the higher, the later.
    left: u64,
    /// How many requests are being done.
    working: usize,
}

struct Live {
    number: u64,
    wake: Arc<Notify>,
    taken_over: CancellationToken,
}

/// A connection's hold of its session, given up when it is dropped.
pub(super) struct Seat {
    pub(super) session: Arc<Session>,
    /// Cancelled when another connection takes the session over.
    pub(super) taken_over: CancellationToken,
    number: u64,
    sessions: Arc<Sessions>,
}

impl Sessions {
    /// Enters a session, in place of the connection that has it; and whether it was known.
    pub(super) fn enter(
        self: &Arc<Self>,
        name: &str,
        wake: Arc<Notify>,
    ) -> Result<(Seat, bool), AgentError> {
        let mut all = self.all.lock();
        let known = all.get(name).cloned();
        let resumed = known.is_some();
        let session = if let Some(session) = known {
            session
        } else {
            if all.len() >= SESSIONS_MAX {
                forget_one(&mut all)?;
            }
            let session = Arc::<Session>::default();
            all.insert(name.to_owned(), Arc::clone(&session));
            session
        };
        drop(all);
        let taken_over = CancellationToken::new();
        let mut state = session.state.lock();
        state.connections += 1;
        let number = state.connections;
        let live = Live {
            number,
            wake,
            taken_over: taken_over.clone(),
        };
        if let Some(before) = state.connection.replace(live) {
            before.taken_over.cancel();
        }
        drop(state);
        let seat = Seat {
            session,
            taken_over,
            number,
            sessions: Arc::clone(self),
        };
        Ok((seat, resumed))
    }
}

/// Makes room: the session goes that has been without a connection for longest.
fn forget_one(all: &mut HashMap<String, Arc<Session>>) -> Result<(), AgentError> {
    let left = all.iter().filter_map(|(name, session)| {
        let state = session.state.lock();
        (state.connection.is_none() && state.working == 0).then_some((state.left, name))
    });
    let oldest = left.min().map(|(_, name)| name.clone());
    let Some(oldest) = oldest else {
        return Err(AgentError::limit_reached(format!(
            "{SESSIONS_MAX} bridge sessions are connected to this workspace, as many as may. Close one first."
        )));
    };
    all.remove(&oldest);
    Ok(())
}

impl Drop for Seat {
    fn drop(&mut self) {
        let all = self.sessions.all.lock();
        let latest = all.values().filter_map(|session| {
            let other = !Arc::ptr_eq(session, &self.session);
            other.then(|| session.state.lock().left)
        });
        let latest = latest.max().unwrap_or_default();
        let mut state = self.session.state.lock();
        let mine = state.connection.as_ref();
        if mine.is_some_and(|live| live.number == self.number) {
            state.connection = None;
            state.left = latest + 1;
        }
    }
}

impl Session {
    /// What is known of an id; of a new one from now on that it is being done.
    pub(super) fn begin(&self, id: u64, digest: u64) -> Seen {
        self.state.lock().memory.begin(id, digest)
    }

    /// What is known of an id that is being done, or was.
    pub(super) fn look(&self, id: u64) -> Seen {
        self.state.lock().memory.look(id)
    }

    /// It was done. The connection that has the session now is told.
    pub(super) fn finish(&self, id: u64, answer: &BridgeMessage) {
        let answer = text(answer);
        let mut state = self.state.lock();
        state.memory.finish(id, answer);
        if let Some(live) = &state.connection {
            live.wake.notify_one();
        }
    }

    /// How many requests are being done beside.
    pub(super) fn working(&self) -> usize {
        self.state.lock().working
    }

    /// Does something that takes its time, whether or not the client stays.
    pub(super) fn work(
        self: &Arc<Self>,
        id: u64,
        work: impl Future<Output = BridgeMessage> + Send + 'static,
    ) {
        self.state.lock().working += 1;
        let session = Arc::clone(self);
        tokio::spawn(async move {
            let answer = work.await;
            session.state.lock().working -= 1;
            session.finish(id, &answer);
        });
    }
}

/// A message as it is sent.
pub(super) fn text(message: &BridgeMessage) -> Arc<str> {
    let text = serde_json::to_string(message);
    text.expect("a message is plain data").into()
}

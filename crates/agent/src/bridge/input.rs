//! Input of terminals: in the order in which it came, without one program that does not read holding up
//! everything else.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use atelier_api::agent::bridge::{BridgeMessage, INPUT_WAITING_MAX_BYTES};
use atelier_api::ids::TerminalId;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::session::Session;
use crate::AgentError;
use crate::terminals::Terminals;

/// How many pieces of input may wait for a terminal.
const PIECES_MAX: usize = 256;

/// The terminals that a session types into.
#[derive(Default)]
pub(super) struct Inputs {
    all: Mutex<HashMap<TerminalId, Input>>,
}

struct Input {
    pieces: mpsc::Sender<Piece>,
    waiting: Arc<AtomicUsize>,
}

struct Piece {
    id: u64,
    bytes: Vec<u8>,
}

impl Session {
    /// Types into a terminal after what was typed before; answered when the program's terminal has taken
    /// it.
    pub(super) fn type_in(
        self: &Arc<Self>,
        terminals: &Arc<Terminals>,
        id: u64,
        terminal: TerminalId,
        bytes: Vec<u8>,
    ) -> Result<(), AgentError> {
        let mut all = self.inputs.all.lock();
        all.retain(|_, input| !input.pieces.is_closed());
        let input = all.entry(terminal).or_insert_with(|| {
            let (pieces, coming) = mpsc::channel(PIECES_MAX);
            let waiting = Arc::<AtomicUsize>::default();
            let typing = typing(
                Arc::downgrade(self),
                Arc::clone(terminals),
                terminal,
                coming,
                Arc::clone(&waiting),
            );
            tokio::spawn(typing);
            Input { pieces, waiting }
        });
        let length = bytes.len();
        let full = || {
            AgentError::limit_reached(
                "The program in the terminal does not read what was typed before. Nothing of this was \
                 typed.",
            )
        };
        if input.waiting.fetch_add(length, Ordering::Relaxed) + length > INPUT_WAITING_MAX_BYTES {
            input.waiting.fetch_sub(length, Ordering::Relaxed);
            return Err(full());
        }
        input.pieces.try_send(Piece { id, bytes }).map_err(|_| {
            input.waiting.fetch_sub(length, Ordering::Relaxed);
            full()
        })
    }
}

/// Types what comes, until the session is gone.
async fn typing(
    session: std::sync::Weak<Session>,
    terminals: Arc<Terminals>,
    terminal: TerminalId,
    mut coming: mpsc::Receiver<Piece>,
    waiting: Arc<AtomicUsize>,
) {
    while let Some(Piece { id, bytes }) = coming.recv().await {
        let typed = terminals.type_in(terminal, &bytes).await;
        waiting.fetch_sub(bytes.len(), Ordering::Relaxed);
        let Some(session) = session.upgrade() else {
            return;
        };
        let answer = match typed {
            Ok(()) => BridgeMessage::Done { id },
            Err(error) => super::perform::failed(id, &error),
        };
        session.finish(id, &answer);
    }
}

//! What a search has found and its caller has not been sent yet.

use std::time::Duration;

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

/// How much waits for a slow caller, in bytes; then the search waits, too.
const WAITING_MAX: usize = 1024 * 1024;

/// How much is sent without waiting for more, in bytes.
const PORTION_BYTES: usize = 32 * 1024;

/// How long something may wait for more to be sent with it. The first result does not wait.
const GATHER: Duration = Duration::from_millis(16);

/// Lines on their way from the threads that search to the caller, gathered into few portions.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    /// Something has come, or enough, or the end.
    filled: Notify,
    /// There is room again.
    emptied: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Nothing more comes, or nobody takes it.
    closed: bool,
}

impl Outbox {
    /// Adds a line; waits while there is no room.
    pub(super) fn push(&self, line: &impl serde::Serialize) {
        let mut waiting = self.waiting.lock();
        while waiting.bytes.len() > WAITING_MAX && !waiting.closed {
            self.emptied.wait(&mut waiting);
        }
        if waiting.closed {
            return;
        }
        let before = waiting.bytes.len();
        serde_json::to_writer(&mut waiting.bytes, line).expect("a line is plain data");
        waiting.bytes.push(b'\n');
        let after = waiting.bytes.len();
        drop(waiting);
        if before == 0 || before < PORTION_BYTES && after >= PORTION_BYTES {
            self.filled.notify_one();
        }
    }

    /// Says that nothing more comes, or that nobody takes it any more.
    pub(super) fn close(&self) {
        self.waiting.lock().closed = true;
        self.filled.notify_one();
        self.emptied.notify_all();
    }

    /// What there is when `enough` is, at the latest `patience` from now. Ends with nothing.
    pub(super) async fn next(&self, sent: Option<Instant>, patience: Duration) -> Next {
        if let Some(sent) = sent {
            let gathered = async {
                while !self.is(|waiting| waiting.closed || waiting.bytes.len() >= PORTION_BYTES) {
                    self.filled.notified().await;
                }
            };
            tokio::select! {
                () = gathered => {}
                () = sleep(GATHER.saturating_sub(sent.elapsed())) => {}
            }
        }
        let something = async {
            while !self.is(|waiting| waiting.closed || !waiting.bytes.is_empty()) {
                self.filled.notified().await;
            }
        };
        if timeout(patience, something).await.is_err() {
            return Next::Nothing;
        }
        let bytes = std::mem::take(&mut self.waiting.lock().bytes);
        self.emptied.notify_all();
        if bytes.is_empty() {
            Next::End
        } else {
            Next::Lines(bytes.into())
        }
    }

    fn is(&self, condition: impl Fn(&Waiting) -> bool) -> bool {
        condition(&self.waiting.lock())
    }
}

/// What has come.
#[derive(Debug)]
pub(super) enum Next {
    Lines(Bytes),
    /// Not for as long as was waited.
    Nothing,
    /// Nothing more will.
    End,
}

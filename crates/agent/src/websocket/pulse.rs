//! Keeping track of whether the peer is there: pings, both ways.

use std::future::Future;
use std::io;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::AsyncWrite;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::{End, Writer};

/// How often the peer is asked.
const PING_EVERY: Duration = Duration::from_secs(30);

/// A peer that was silent for so long is gone, and must not hold up the program any more.
const SILENCE_MAX: Duration = Duration::from_secs(90);

/// What the two directions of a connection share about the peer being there.
pub(crate) struct Pulse {
    /// When the peer sent something last; `None` while nothing is read from it.
    heard: Mutex<Option<Instant>>,
    pong: Mutex<Option<Vec<u8>>>,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self {
            heard: Mutex::new(Some(Instant::now())),
            pong: Mutex::new(None),
        }
    }

    /// Ticks whenever [`Pulse::check`] is due.
    pub(crate) fn ticks() -> Interval {
        let mut ticks = tokio::time::interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    }

    /// The peer sent something.
    pub(crate) fn heard(&self) {
        *self.heard.lock() = Some(Instant::now());
    }

    /// Runs `work`, during which nothing is read from the peer, so that it may well be silent.
    pub(crate) async fn unheard<T>(&self, work: impl Future<Output = T>) -> T {
        *self.heard.lock() = None;
        let result = work.await;
        self.heard();
        result
    }

    /// The peer wants an answer. Only its last ping needs one (RFC 6455 §5.5.3).
    pub(crate) fn asked(&self, payload: Vec<u8>) {
        *self.pong.lock() = Some(payload);
    }

    /// Gives the answer, if the peer wants one.
    pub(crate) async fn answer(
        &self,
        writer: &mut Writer<impl AsyncWrite + Unpin>,
    ) -> io::Result<()> {
        let pong = self.pong.lock().take();
        match pong {
            Some(payload) => writer.pong(&payload).await,
            None => Ok(()),
        }
    }

    /// Gives up on a peer that was silent for too long.
    pub(crate) fn check(&self) -> Result<(), End> {
        match *self.heard.lock() {
            Some(heard) if heard.elapsed() > SILENCE_MAX => Err(End::Gone),
            _ => Ok(()),
        }
    }
}

//! The node's end: dial, serve, dial again.

mod backoff;
mod config;
mod connect;
mod identity;
mod pieces;
mod proxy;
mod serve;
mod tls;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use parking_lot::Mutex;
use rand::{Rng as _, RngExt as _};
use rustls::ClientConfig;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::backoff::{Backoff, STEADY};
use self::connect::{Attempt, Dialed, Way};
use crate::handshake::{Reason, Refusal};
use crate::line::End;
use crate::settings::Lane;

pub use self::config::{DialConfig, InvalidConfig};
pub use self::connect::{DialError, Reached, reach};
pub use self::identity::{Asked, Identity};
pub use self::proxy::Proxy;
pub use self::tls::Trust;

/// No refusal keeps a node away for longer.
const REFUSAL_MAX: Duration = Duration::from_secs(3600);

/// How the node's interactive connection stands.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum State {
    /// An attempt is under way.
    Connecting,
    /// The control plane can call the node.
    Connected {
        /// Since when.
        since: Instant,
    },
    /// The control plane said no.
    Refused {
        /// What it said.
        refusal: Refusal,
        /// When the next attempt is.
        retry_at: Instant,
    },
    /// The last attempt failed, or the connection ended.
    Waiting {
        /// Why, with causes.
        error: String,
        /// When the next attempt is.
        retry_at: Instant,
    },
    /// The daemon stops.
    Stopped,
}

/// Keeps a node connected.
pub struct Dialer {
    config: DialConfig,
    tls: Option<Arc<ClientConfig>>,
    identity: Arc<dyn Identity>,
    router: Router,
    instance: String,
    state: watch::Sender<State>,
    /// The control plane asked for the bulk lane.
    bulk: Arc<Notify>,
    /// Where the control plane is now: it may have sent the node elsewhere.
    url: Mutex<Url>,
}

impl std::fmt::Debug for Dialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialer")
            .field("config", &self.config)
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}

impl Dialer {
    /// For a node that serves this router.
    ///
    /// # Errors
    /// When the configuration makes no sense, or is not safe.
    pub fn new(
        config: DialConfig,
        identity: Arc<dyn Identity>,
        router: Router,
    ) -> Result<Self, InvalidConfig> {
        config.check(&config.url)?;
        let mut instance = [0; 16];
        rand::rng().fill_bytes(&mut instance);
        Ok(Self {
            tls: config.tls()?,
            url: Mutex::new(config.url.clone()),
            config,
            identity,
            router,
            instance: hex::encode(instance),
            state: watch::channel(State::Connecting).0,
            bulk: Arc::default(),
        })
    }

    /// How the connection stands, now and later.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Stays connected until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        let dialer = Arc::new(self);
        // Tasks of their own run on the threads of those that they wake with every piece, and beside each other.
        let mut lanes = JoinSet::new();
        let (bulk, stop) = (Arc::clone(&dialer), shutdown.clone());
        lanes.spawn(async move { bulk.run_bulk(&stop).await });
        let interactive = Arc::clone(&dialer);
        lanes.spawn(async move { interactive.run_interactive(&shutdown).await });
        let ended = lanes.join_next().await;
        // The bulk lane needs no farewell of its own: it ends with this, and nothing of it is left.
        lanes.shutdown().await;
        if let Some(Err(error)) = ended
            && let Ok(panic) = error.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
        dialer.state.send_replace(State::Stopped);
    }

    async fn run_interactive(&self, shutdown: &CancellationToken) {
        let mut backoff = Backoff::default();
        while !shutdown.is_cancelled() {
            self.state.send_replace(State::Connecting);
            let dialed = tokio::select! {
                dialed = self.dial(Lane::Interactive) => dialed,
                () = shutdown.cancelled() => return,
            };
            let failed = match dialed {
                Ok(dialed) => {
                    let since = Instant::now();
                    let redial_within = dialed.redial_within;
                    self.state.send_replace(State::Connected { since });
                    tracing::info!(url = %self.url.lock(), "connected to the control plane");
                    let end = self.serve(dialed, Lane::Interactive, shutdown).await;
                    if since.elapsed() >= STEADY {
                        backoff.reset();
                    }
                    let all_ended = matches!(end, End::Closed | End::Failed(_));
                    backoff.spread(if all_ended {
                        redial_within
                    } else {
                        Duration::ZERO
                    });
                    Failed::Ended(end)
                }
                Err(error) => Failed::Attempt(error),
            };
            if shutdown.is_cancelled() {
                return;
            }
            if let Some(moved) = self.moved(&failed) {
                *self.url.lock() = moved;
            } else if matches!(failed, Failed::Attempt(_)) {
                self.url.lock().clone_from(&self.config.url);
            }
            let delay = delay(&failed, &mut backoff);
            self.publish(failed, delay);
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }

    /// The bulk lane, whenever the control plane asks for it. If it asks while one stands here, that one
    /// is dead on its side.
    async fn run_bulk(&self, shutdown: &CancellationToken) {
        self.bulk.notified().await;
        loop {
            match self.dial(Lane::Bulk).await {
                Ok(dialed) => tokio::select! {
                    end = self.serve(dialed, Lane::Bulk, shutdown) => {
                        tracing::debug!(%end, "the bulk connection ended");
                        self.bulk.notified().await;
                    }
                    () = self.bulk.notified() => {}
                },
                // The control plane falls back to the interactive lane and asks again later.
                Err(error) => {
                    tracing::debug!(error = chain(&error), "no bulk connection");
                    self.bulk.notified().await;
                }
            }
        }
    }

    async fn dial(&self, lane: Lane) -> Result<Dialed, DialError> {
        let url = self.url.lock().clone();
        let way = Way {
            config: &self.config,
            tls: self.tls.as_ref(),
            url: &url,
            lane,
        };
        let attempt = Attempt {
            way,
            instance: &self.instance,
            identity: &*self.identity,
        };
        attempt.dial().await
    }

    async fn serve(&self, dialed: Dialed, lane: Lane, shutdown: &CancellationToken) -> End {
        let bulk = self.bulk.clone();
        let want_bulk = move || bulk.notify_one();
        serve::serve(dialed, lane, self.router.clone(), want_bulk, shutdown).await
    }

    /// Where the control plane sends this node, if it may be sent there.
    fn moved(&self, failed: &Failed) -> Option<Url> {
        let Failed::Attempt(DialError::Refused(refusal)) = failed else {
            return None;
        };
        let url = Url::parse(refusal.url.as_deref()?).ok()?;
        let same = url.scheme() == self.config.url.scheme();
        let fit = refusal.reason == Reason::Moved && same;
        (fit && self.config.check(&url).is_ok()).then_some(url)
    }

    fn publish(&self, failed: Failed, delay: Duration) {
        let retry_at = Instant::now() + delay;
        let retry_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        let state = match failed {
            Failed::Attempt(DialError::Refused(refusal)) => {
                tracing::warn!(reason = ?refusal.reason, detail = %refusal, retry_ms, "refused by the control plane");
                State::Refused { refusal, retry_at }
            }
            Failed::Attempt(error) => {
                let error = chain(&error);
                tracing::warn!(error, retry_ms, "not connected to the control plane");
                State::Waiting { error, retry_at }
            }
            Failed::Ended(end) => {
                tracing::warn!(%end, retry_ms, "the connection to the control plane ended");
                let error = format!("the connection ended: {end}");
                State::Waiting { error, retry_at }
            }
        };
        self.state.send_replace(state);
    }
}

/// Why the node is not connected.
enum Failed {
    Attempt(DialError),
    Ended(End),
}

/// What the other side said, a little later so that not all come at once; else the backoff.
fn delay(failed: &Failed, backoff: &mut Backoff) -> Duration {
    let mut random = rand::rng();
    let jittered = backoff.next(&mut random);
    match failed {
        Failed::Attempt(error) => match error.retry_after() {
            Some(said) => {
                said.min(REFUSAL_MAX).mul_f64(random.random_range(1.0..1.1))
                    + jittered.min(Duration::from_millis(200))
            }
            None => jittered,
        },
        Failed::Ended(_) => jittered,
    }
}

/// An error with its causes, for people.
fn chain(error: &DialError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

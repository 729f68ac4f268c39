//! The nodes that are connected, with fencing: a newer connection replaces the older one at once, and
//! the older one's late end takes nothing away from the newer.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, Response, StatusCode};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::connection::{Connection, WANT_BULK};
use crate::forward::forward;
use crate::line::End;
use crate::link::LinkError;
use crate::settings::Lane;

/// How long a bulk request waits for its lane before it takes the interactive one.
const BULK_WAIT: Duration = Duration::from_secs(2);
/// After a bulk lane that did not come up, none is asked for during this time.
const BULK_PAUSE: Duration = Duration::from_secs(30);

/// All nodes' tunnels by key. Cheap to clone.
pub struct Tunnels<K>(Arc<Registry<K>>);

struct Registry<K> {
    slots: Mutex<HashMap<K, Tunnel>>,
    generations: AtomicU64,
}

impl<K> Clone for Tunnels<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K> Default for Tunnels<K> {
    fn default() -> Self {
        Self(Arc::new(Registry {
            slots: Mutex::default(),
            generations: AtomicU64::new(0),
        }))
    }
}

impl<K> fmt::Debug for Tunnels<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slots = self.0.slots.lock().len();
        f.debug_struct("Tunnels").field("slots", &slots).finish()
    }
}

impl<K: Eq + Hash + Clone> Tunnels<K> {
    /// A node's tunnel, which stays the same however often the node connects. It may be offline.
    pub fn tunnel(&self, node: &K) -> Tunnel {
        let mut slots = self.0.slots.lock();
        match slots.get(node) {
            Some(tunnel) => tunnel.clone(),
            None => slots.entry(node.clone()).or_default().clone(),
        }
    }

    /// Puts a new connection in its node's place. An older one of the same lane ends at once; so does
    /// a bulk lane of another start of the daemon.
    ///
    /// Whoever takes a node's right away first records it, then ends its connections; whoever attaches
    /// one looks at the record again afterwards. So neither order lets a connection slip through.
    ///
    /// # Errors
    /// A bulk lane whose daemon is not the one connected: it is ended.
    pub fn attach(
        &self,
        node: &K,
        instance: &str,
        connection: Connection,
    ) -> Result<Attached, NoSuchDaemon> {
        // Under the lock, so that a node that is being removed is not left with a connection.
        let mut slots = self.0.slots.lock();
        let tunnel = slots.entry(node.clone()).or_default().clone();
        let generation = self.0.generations.fetch_add(1, Ordering::Relaxed) + 1;
        tunnel.attach(generation, instance, connection.clone())?;
        drop(slots);
        Ok(Attached {
            tunnel,
            generation,
            connection,
        })
    }

    /// Forgets a node and ends its connections.
    pub fn remove(&self, node: &K, why: &End) {
        if let Some(tunnel) = self.0.slots.lock().remove(node) {
            tunnel.end(why);
        }
    }

    /// How many nodes it knows of, connected or not.
    pub fn known(&self) -> usize {
        self.0.slots.lock().len()
    }

    /// The nodes that are connected now.
    pub fn connected(&self) -> Vec<K> {
        let slots = self.0.slots.lock();
        let connected = slots.iter().filter(|(_, tunnel)| tunnel.is_connected());
        connected.map(|(node, _)| node.clone()).collect()
    }
}

/// A bulk lane came from a daemon that is not the one connected.
#[derive(Debug, thiserror::Error)]
#[error("the bulk lane belongs to a daemon that is not connected")]
pub struct NoSuchDaemon;

/// A connection in its place.
#[derive(Debug)]
pub struct Attached {
    /// The node's tunnel.
    pub tunnel: Tunnel,
    /// Grows with each connection; the newest is the one that counts.
    pub generation: u64,
    connection: Connection,
}

impl Attached {
    /// Waits for the connection's end. The second value is false when a newer connection had taken its
    /// place: then the node is not offline.
    pub async fn ended(self) -> (End, bool) {
        let end = self.connection.ended().await;
        let lane = self.connection.lane();
        (end, self.tunnel.detach(lane, self.generation))
    }
}

/// One node's connections. Cheap to clone; stays valid while the node comes and goes.
#[derive(Clone, Default)]
pub struct Tunnel(Arc<Slot>);

#[derive(Default)]
struct Slot {
    lanes: Mutex<Lanes>,
    /// A bulk lane came up.
    bulk_up: Notify,
}

#[derive(Default)]
struct Lanes {
    instance: String,
    interactive: Option<(u64, Connection)>,
    bulk: Option<(u64, Connection)>,
    /// The node has been asked for its bulk lane, so nobody else asks.
    bulk_asked: bool,
    bulk_not_before: Option<Instant>,
}

impl Lanes {
    fn of(&mut self, lane: Lane) -> &mut Option<(u64, Connection)> {
        match lane {
            Lane::Interactive => &mut self.interactive,
            Lane::Bulk => &mut self.bulk,
        }
    }

    fn open(&mut self, lane: Lane) -> Option<Connection> {
        let (_, connection) = self.of(lane).as_ref()?;
        connection.is_open().then(|| connection.clone())
    }
}

impl fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lanes = self.0.lanes.lock();
        f.debug_struct("Tunnel")
            .field("interactive", &lanes.interactive)
            .field("bulk", &lanes.bulk)
            .finish()
    }
}

impl Tunnel {
    /// Whether the node can be called.
    pub fn is_connected(&self) -> bool {
        self.open(Lane::Interactive).is_some()
    }

    /// Which start of the daemon is connected.
    pub fn instance(&self) -> Option<String> {
        let mut lanes = self.0.lanes.lock();
        lanes
            .open(Lane::Interactive)
            .map(|_| lanes.instance.clone())
    }

    /// Since when the node has been connected.
    pub fn connected_since(&self) -> Option<Instant> {
        self.open(Lane::Interactive).map(|c| c.opened())
    }

    /// The line's last measured round trip, of a ping or a probe.
    pub fn round_trip(&self) -> Option<Duration> {
        self.open(Lane::Interactive)?.round_trip()
    }

    /// Whether the node answers now, within `limit`. Tells a node that comes again from a second node
    /// with the same identity.
    pub async fn is_alive(&self, limit: Duration) -> bool {
        match self.open(Lane::Interactive) {
            Some(connection) => connection.probe(limit).await.is_ok(),
            None => false,
        }
    }

    /// Ends all of the node's connections and their streams at once.
    pub fn end(&self, why: &End) {
        let lanes = self.0.lanes.lock();
        for (_, connection) in lanes.interactive.iter().chain(&lanes.bulk) {
            connection.end(why.clone());
        }
    }

    /// Sends a request by its lane.
    pub(crate) async fn send(
        &self,
        request: Request<Body>,
        limit: Duration,
    ) -> Result<Response<Body>, LinkError> {
        let lane = request.extensions().get().copied().unwrap_or_default();
        let connection = match lane {
            Lane::Interactive => None,
            Lane::Bulk => self.bulk().await,
        };
        let connection = connection.or_else(|| self.open(Lane::Interactive));
        let connection = connection.ok_or(LinkError::Offline)?;
        forward(&connection, request, limit).await
    }

    fn open(&self, lane: Lane) -> Option<Connection> {
        self.0.lanes.lock().open(lane)
    }

    /// The bulk lane; if it is not up, the node is asked to dial it.
    async fn bulk(&self) -> Option<Connection> {
        let up = self.0.bulk_up.notified();
        tokio::pin!(up);
        up.as_mut().enable();
        let asking = {
            let mut lanes = self.0.lanes.lock();
            if let Some(bulk) = lanes.open(Lane::Bulk) {
                return Some(bulk);
            }
            if lanes
                .bulk_not_before
                .is_some_and(|then| Instant::now() < then)
            {
                return None;
            }
            let first = !std::mem::replace(&mut lanes.bulk_asked, true);
            let interactive = lanes.open(Lane::Interactive);
            // In a task of its own: the caller may give up, the others wait on.
            first.then(|| tokio::spawn(self.clone().ask_for_bulk(interactive)))
        };
        drop(asking);
        // Woken too when it is known that none will come.
        let _ = tokio::time::timeout(2 * BULK_WAIT, up).await;
        self.open(Lane::Bulk)
    }

    async fn ask_for_bulk(self, interactive: Option<Connection>) {
        let up = self.0.bulk_up.notified();
        tokio::pin!(up);
        up.as_mut().enable();
        let asked = match interactive {
            Some(interactive) => {
                interactive
                    .call_reserved(Method::POST, WANT_BULK, BULK_WAIT)
                    .await
            }
            None => Err(LinkError::Offline),
        };
        let came = match asked {
            Ok(StatusCode::ACCEPTED) => tokio::time::timeout(BULK_WAIT, up).await.is_ok(),
            _ => false,
        };
        let mut lanes = self.0.lanes.lock();
        lanes.bulk_asked = false;
        if !came {
            lanes.bulk_not_before = Some(Instant::now() + BULK_PAUSE);
            self.0.bulk_up.notify_waiters();
        }
    }

    fn attach(
        &self,
        generation: u64,
        instance: &str,
        connection: Connection,
    ) -> Result<(), NoSuchDaemon> {
        let lane = connection.lane();
        let mut lanes = self.0.lanes.lock();
        let same = lanes.instance == instance;
        if lane == Lane::Bulk && !same {
            connection.end(End::Killed(NoSuchDaemon.to_string()));
            return Err(NoSuchDaemon);
        }
        if let Some((_, old)) = lanes.of(lane).replace((generation, connection)) {
            old.end(End::Replaced);
        }
        if lane == Lane::Interactive {
            if !same && let Some((_, old)) = lanes.bulk.take() {
                old.end(End::Replaced);
            }
            instance.clone_into(&mut lanes.instance);
            lanes.bulk_not_before = None;
        } else {
            self.0.bulk_up.notify_waiters();
        }
        Ok(())
    }

    /// Takes an ended connection out, unless a newer one stands in its place.
    fn detach(&self, lane: Lane, generation: u64) -> bool {
        let mut lanes = self.0.lanes.lock();
        let place = lanes.of(lane);
        let current = place
            .as_ref()
            .is_some_and(|(newest, _)| *newest == generation);
        if current {
            *place = None;
        }
        current
    }
}

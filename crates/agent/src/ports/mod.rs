//! Ports: which sockets the workspace's processes listen on, and the way to them.
//!
//! The kernel's tables (`/proc/net/tcp`, `tcp6`) show whatever listens in the network namespace, which
//! the `host` driver shares with the machine. A port is the workspace's own when one of the processes
//! that the agent sees, and may look into, holds the socket.
//!
//! * Invariant: nothing but a listening socket of the workspace's own is connected to, on the address
//!   that it listens on: no open proxy, and no way to a neighbour's port of the same number.
//! * The tables are read while somebody watches, and when somebody asks.

mod connect;
mod owners;
mod pass;
mod routes;
mod sniff;
mod table;
mod watch;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use atelier_api::agent::ports::{ListeningPort, ListeningPorts, PORTS_MAX, PortProtocol};
use parking_lot::Mutex;
use tokio::sync::watch as channel;

pub(crate) use routes::{asks_to_connect, connected, routes};

use crate::AgentError;
use crate::clock;
use connect::Connected;
use owners::Owners;
use table::Listener;

/// What listens, and who watches.
pub(crate) struct Ports {
    proc: PathBuf,
    known: Mutex<Known>,
    changes: channel::Sender<Arc<ListeningPorts>>,
    /// A task reads the tables for those who watch.
    polling: Mutex<bool>,
    /// When the last reading that came to its end began.
    looked: tokio::sync::Mutex<Option<Instant>>,
}

/// What was seen last.
#[derive(Default)]
struct Known {
    owners: Owners,
    /// By socket inode.
    sockets: HashMap<u64, Socket>,
}

/// A listening socket of the workspace's own.
#[derive(Debug, Clone)]
struct Socket {
    listener: Listener,
    seen: ListeningPort,
}

impl Ports {
    fn new(proc: PathBuf) -> Self {
        Self {
            proc,
            known: Mutex::default(),
            changes: channel::Sender::new(Arc::default()),
            polling: Mutex::new(false),
            looked: tokio::sync::Mutex::default(),
        }
    }

    /// Reads the tables, and tells those who watch what is new.
    fn look(&self) -> io::Result<Arc<ListeningPorts>> {
        let mut known = self.known.lock();
        let listeners = table::read(&self.proc)?;
        let known = &mut *known;
        let owned = known.owners.of(&self.proc, &listeners);
        known.sockets.retain(|inode, _| owned.contains_key(inode));
        for listener in listeners {
            let Some(process) = owned.get(&listener.inode) else {
                continue;
            };
            let socket = known
                .sockets
                .entry(listener.inode)
                .or_insert_with(|| Socket {
                    listener,
                    seen: ListeningPort {
                        port: listener.address.port(),
                        addresses: vec![listener.address.ip().to_string()],
                        process: process.clone(),
                        since: clock::now(),
                        protocol: sniff::by_number(listener.address.port()),
                    },
                });
            socket.seen.process.clone_from(process);
        }
        let ports = Arc::new(merged(known.sockets.values()));
        self.changes.send_if_modified(|last| {
            let changed = **last != *ports;
            last.clone_from(&ports);
            changed
        });
        Ok(ports)
    }

    /// What listens now. Of those who ask at the same time, one reads the tables for all whose question is
    /// older: a crowd of new connections costs two readings.
    async fn list(self: &Arc<Self>) -> Result<Arc<ListeningPorts>, AgentError> {
        let asked = Instant::now();
        let mut looked = self.looked.lock().await;
        if looked.is_some_and(|began| began >= asked) {
            return Ok(Arc::clone(&self.changes.borrow()));
        }
        *looked = None;
        let (ports, began) = (Arc::clone(self), Instant::now());
        let list = tokio::task::spawn_blocking(move || ports.look()).await;
        let list = list
            .map_err(io::Error::other)
            .flatten()
            .map_err(|error| AgentError::internal("The kernel's tables cannot be read.", error))?;
        *looked = Some(began);
        Ok(list)
    }

    /// Where the workspace listens on a port: what to connect to, and the socket behind it.
    async fn listening_on(
        self: &Arc<Self>,
        port: u16,
    ) -> Result<Vec<(SocketAddr, u64)>, AgentError> {
        self.list().await?;
        let mut ways: Vec<_> = self
            .known
            .lock()
            .sockets
            .values()
            .filter(|socket| socket.listener.address.port() == port)
            .map(|socket| (socket.listener.way_to(), socket.listener.inode))
            .collect();
        if ways.is_empty() {
            return Err(AgentError::bad_gateway(format!(
                "Nothing of the workspace listens on port {port}. Start the application, or look whether \
                 it listens on another port."
            )));
        }
        ways.sort_unstable();
        Ok(ways)
    }

    /// Whether the socket has answered in HTTP before.
    fn speaks_http(&self, connected: &Connected) -> bool {
        let known = self.known.lock();
        let socket = known.sockets.get(&connected.inode());
        socket.is_some_and(|socket| socket.seen.protocol == PortProtocol::Http)
    }

    /// What has been learnt of a socket's protocol.
    fn learnt(&self, inode: u64, protocol: PortProtocol) {
        let mut known = self.known.lock();
        let Some(socket) = known.sockets.get_mut(&inode) else {
            return;
        };
        if socket.seen.protocol == PortProtocol::Http || socket.seen.protocol == protocol {
            return;
        }
        socket.seen.protocol = protocol;
        let ports = Arc::new(merged(known.sockets.values()));
        self.changes.send_replace(ports);
    }
}

/// A port that two sockets listen on (IPv4 and IPv6, several processes) is one.
fn merged<'a>(sockets: impl Iterator<Item = &'a Socket>) -> ListeningPorts {
    let mut sockets: Vec<_> = sockets.collect();
    sockets.sort_unstable_by_key(|socket| (socket.listener.address, socket.listener.inode));
    sockets.sort_by_key(|socket| socket.seen.port);
    let mut items: Vec<ListeningPort> = Vec::new();
    for socket in sockets {
        let full = items.len() == PORTS_MAX;
        match items.last_mut() {
            Some(last) if last.port == socket.seen.port => {
                for address in &socket.seen.addresses {
                    if !last.addresses.contains(address) {
                        last.addresses.push(address.clone());
                    }
                }
                last.since = last.since.min(socket.seen.since);
                if socket.seen.protocol == PortProtocol::Http {
                    last.protocol = PortProtocol::Http;
                }
            }
            _ if full => break,
            _ => items.push(socket.seen.clone()),
        }
    }
    ListeningPorts { items }
}

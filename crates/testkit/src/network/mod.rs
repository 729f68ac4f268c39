//! Two machines and the path between them: network namespaces, each with one interface, whose packets
//! this process passes on, late, lost, slow or not at all as a test says. What the two kernels make of it
//! is real. Needs root, `ip`, and nothing of the machine's own network.

mod bottleneck;
mod machine;
mod relay;

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use self::bottleneck::Traffic;
pub use self::machine::{Machine, ip};
use self::relay::Path;

/// The address of the machine `here`.
pub const HERE: &str = "10.87.0.1";

/// The address of the machine `there`, until it is changed.
pub const THERE: &str = "10.87.0.2";

/// Both machines and the path.
#[derive(Debug)]
pub struct Network {
    /// One of them.
    pub here: Machine,
    /// The other one.
    pub there: Machine,
    path: Arc<Path>,
    relays: Vec<JoinHandle<()>>,
}

impl Network {
    /// Two machines that reach each other; nothing without root's rights.
    pub fn new() -> Option<Self> {
        if !rustix::process::getuid().is_root() {
            left_out();
            return None;
        }
        let (here, there) = (Machine::new(), Machine::new());
        let (one, other) = (here.plug(HERE), there.plug(THERE));
        let path = Arc::new(Path::default());
        let mut relays = Vec::new();
        for (direction, (from, to)) in [(&one, &other), (&other, &one)].into_iter().enumerate() {
            relays.extend(relay::start(from, to, &path, direction));
        }
        Some(Self {
            here,
            there,
            path,
            relays,
        })
    }

    /// Of thousand packets in either direction so many are lost; with all of them, nobody is told.
    pub fn lose(&self, per_mille: u32) {
        self.path.change(|shape| shape.lost_per_mille = per_mille);
    }

    /// Packets come so much later, in either direction: half of what a round trip takes.
    pub fn delay(&self, by: Duration) {
        self.path.change(|shape| shape.late = by);
    }

    /// So many bytes pass in a second, in either direction; any number, when zero.
    pub fn slow(&self, rate: u32) {
        self.path.change(|shape| shape.rate = rate);
    }

    /// On a path that is slow, packets wait at most so long; what comes then is lost. 100 ms at first.
    pub fn queue(&self, depth: Duration) {
        self.path.change(|shape| shape.queue = depth);
    }

    /// What became of the packets so far: of those that go `there`, and of those that come back.
    pub fn traffic(&self) -> [Traffic; 2] {
        self.path.traffic()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.path.end();
        for relay in self.relays.drain(..) {
            let ended = relay.join();
            assert!(ended.is_ok() || thread::panicking(), "a relay failed");
        }
    }
}

#[expect(clippy::print_stdout, reason = "a test that is left out says so")]
fn left_out() {
    println!("not root: no network namespaces");
}

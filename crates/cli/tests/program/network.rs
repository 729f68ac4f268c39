//! Two machines and the path between them: network namespaces, each with one interface, whose packets
//! this process passes on, late, lost, slow or not at all as a test says. What the two kernels make of it
//! is real. Needs root, `ip`, and nothing of the machine's own network.

use std::fs::File;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space, unshare_unsafe};

/// The address of the machine of the control plane.
pub(crate) const HERE: &str = "10.87.0.1";

/// The address of the other one, until it is changed.
pub(crate) const THERE: &str = "10.87.0.2";

/// The largest packet of the interfaces, in bytes.
const PACKET_BYTES: usize = 1500;

/// How often the relay looks whether it is to end.
const LOOK_EVERY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// `TUNSETIFF` of `linux/if_tun.h`.
const TUNSETIFF: libc::c_ulong = 0x4004_54ca;

/// A machine's network, for as long as it lives.
pub(crate) struct Machine {
    namespace: File,
}

impl Machine {
    fn new() -> Self {
        let made = thread::spawn(|| {
            #[expect(unsafe_code, reason = "rustix cannot know what is shared")]
            // SAFETY: only the network is unshared, and only of this thread, which then ends; memory and
            // descriptors stay shared as they were.
            unsafe { unshare_unsafe(UnshareFlags::NEWNET) }.unwrap();
            let namespace = File::open("/proc/thread-self/ns/net").unwrap();
            ip("link set lo up");
            namespace
        });
        Self {
            namespace: made.join().unwrap(),
        }
    }

    /// Another handle of it.
    pub(crate) fn same(&self) -> Self {
        let namespace = self.namespace.try_clone().unwrap();
        Self { namespace }
    }

    /// Does something on this machine; what it starts stays there.
    pub(crate) fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let working = scope.spawn(|| {
                let network = Some(LinkNameSpaceType::Network);
                move_into_link_name_space(self.namespace.as_fd(), network).unwrap();
                work()
            });
            working
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Gives it an interface; answers with the other end of its cable.
    fn plug(&self, address: &str) -> File {
        self.run(|| {
            let cable = File::options()
                .read(true)
                .write(true)
                .open("/dev/net/tun")
                .unwrap();
            let mut request = [0_u8; 40];
            request[..4].copy_from_slice(b"line");
            let flags = u16::try_from(libc::IFF_TUN | libc::IFF_NO_PI).unwrap();
            request[16..18].copy_from_slice(&flags.to_ne_bytes());
            #[expect(unsafe_code, reason = "rustix does not know this request")]
            // SAFETY: the kernel reads and writes a `struct ifreq`, which is 40 bytes here; it begins
            // with the name, and the flags follow at 16.
            let made = unsafe { libc::ioctl(cable.as_raw_fd(), TUNSETIFF, request.as_mut_ptr()) };
            assert_eq!(made, 0, "{}", std::io::Error::last_os_error());
            ip(&format!("address add {address}/24 dev line"));
            ip("link set line up");
            cable
        })
    }
}

#[expect(clippy::print_stdout, reason = "a test that is left out says so")]
fn left_out() {
    println!("not root: no network namespaces");
}

/// Configures the network of this thread.
pub(crate) fn ip(arguments: &str) {
    let done = Command::new("ip").args(arguments.split(' ')).output();
    let done = done.unwrap();
    assert!(done.status.success(), "ip {arguments}: {done:?}");
}

/// What the path does to packets.
#[derive(Debug, Default)]
struct Path {
    /// Of thousand, how many are lost.
    lost_per_mille: AtomicU32,
    /// How late each comes, in milliseconds.
    late_ms: AtomicU32,
    /// How many bytes pass in a second; any, when zero.
    rate: AtomicU32,
    ends: AtomicBool,
}

/// Both machines and the path.
pub(crate) struct Network {
    pub(crate) here: Machine,
    pub(crate) there: Machine,
    path: Arc<Path>,
    relays: Vec<JoinHandle<()>>,
}

impl Network {
    /// Two machines that reach each other; nothing without root's rights.
    pub(crate) fn new() -> Option<Self> {
        if !rustix::process::getuid().is_root() {
            left_out();
            return None;
        }
        let (here, there) = (Machine::new(), Machine::new());
        let (one, other) = (here.plug(HERE), there.plug(THERE));
        let path = Arc::new(Path::default());
        let relays = [(&one, &other), (&other, &one)].map(|(from, to)| {
            let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            relay(from, to, &path)
        });
        Some(Self {
            here,
            there,
            path,
            relays: relays.into_iter().flatten().collect(),
        })
    }

    /// Of thousand packets in either direction so many are lost; with all of them, nobody is told.
    pub(crate) fn lose(&self, per_mille: u32) {
        self.path.lost_per_mille.store(per_mille, Ordering::SeqCst);
    }

    /// Packets come so much later.
    pub(crate) fn delay(&self, by: Duration) {
        let ms = u32::try_from(by.as_millis()).unwrap();
        self.path.late_ms.store(ms, Ordering::SeqCst);
    }

    /// So many bytes pass in a second, in either direction.
    pub(crate) fn slow(&self, rate: u32) {
        self.path.rate.store(rate, Ordering::SeqCst);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.path.ends.store(true, Ordering::SeqCst);
        for relay in self.relays.drain(..) {
            let ended = relay.join();
            assert!(ended.is_ok() || thread::panicking(), "a relay failed");
        }
    }
}

/// Passes packets on in one direction: one thread takes them, another gives them when they are due.
fn relay(from: File, to: File, path: &Arc<Path>) -> [JoinHandle<()>; 2] {
    let (sender, receiver) = channel();
    let path = path.clone();
    [
        thread::spawn(move || take(&from, &path, &sender)),
        thread::spawn(move || give(&to, &receiver)),
    ]
}

type Packet = (Instant, Vec<u8>);

fn take(from: &File, path: &Path, sender: &Sender<Packet>) {
    // A fixed sequence (a linear congruential generator, Numerical Recipes).
    let mut random = 7_u32;
    while !path.ends.load(Ordering::SeqCst) {
        let mut ready = [PollFd::new(from, PollFlags::IN)];
        if poll(&mut ready, Some(&LOOK_EVERY)).unwrap() == 0 {
            continue;
        }
        let mut packet = vec![0; PACKET_BYTES];
        let Ok(length) = rustix::io::read(from, &mut packet) else {
            return;
        };
        packet.truncate(length);
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if (random >> 8) % 1000 < path.lost_per_mille.load(Ordering::SeqCst) {
            continue;
        }
        if let rate @ 1.. = path.rate.load(Ordering::SeqCst) {
            let length = f64::from(u32::try_from(length).unwrap());
            thread::sleep(Duration::from_secs_f64(length / f64::from(rate)));
        }
        let late = Duration::from_millis(path.late_ms.load(Ordering::SeqCst).into());
        if sender.send((Instant::now() + late, packet)).is_err() {
            return;
        }
    }
}

fn give(to: &File, receiver: &Receiver<Packet>) {
    while let Ok((due, packet)) = receiver.recv() {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        // An interface that is down loses packets, like any.
        let _ = rustix::io::write(to, &packet);
    }
}

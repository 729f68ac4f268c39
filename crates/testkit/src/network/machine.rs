//! A machine's network: a network namespace with one interface.

use std::fs::File;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::process::Command;
use std::thread;

use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space, unshare_unsafe};

/// `TUNSETIFF` of `linux/if_tun.h`.
const TUNSETIFF: libc::c_ulong = 0x4004_54ca;

/// A machine's network, for as long as it lives.
#[derive(Debug)]
pub struct Machine {
    namespace: File,
}

impl Machine {
    pub(super) fn new() -> Self {
        let made = thread::spawn(|| {
            #[expect(unsafe_code, reason = "rustix cannot know what is shared")]
            // SAFETY: only the network is unshared, and only of this thread, which then ends; memory and
            // descriptors stay shared as they were.
            let unshared = unsafe { unshare_unsafe(UnshareFlags::NEWNET) };
            unshared.expect("root may make namespaces");
            let namespace = File::open("/proc/thread-self/ns/net").expect("it has one");
            ip("link set lo up");
            namespace
        });
        Self {
            namespace: made.join().expect("a machine could not be made"),
        }
    }

    /// Another handle of it.
    #[must_use]
    pub fn same(&self) -> Self {
        let namespace = self.namespace.try_clone();
        Self {
            namespace: namespace.expect("a descriptor is free"),
        }
    }

    /// Does something on this machine; what it starts stays there.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let working = scope.spawn(|| {
                let network = Some(LinkNameSpaceType::Network);
                move_into_link_name_space(self.namespace.as_fd(), network).expect("it is one");
                work()
            });
            working
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Gives it an interface; answers with the other end of its cable, which does not block.
    pub(super) fn plug(&self, address: &str) -> File {
        self.run(|| {
            let cable = File::options()
                .read(true)
                .write(true)
                .open("/dev/net/tun")
                .expect("this kernel has TUN");
            let mut request = [0_u8; 40];
            request[..4].copy_from_slice(b"line");
            let flags = u16::try_from(libc::IFF_TUN | libc::IFF_NO_PI).expect("they are small");
            request[16..18].copy_from_slice(&flags.to_ne_bytes());
            #[expect(unsafe_code, reason = "rustix does not know this request")]
            // SAFETY: the kernel reads and writes a `struct ifreq`, which is 40 bytes here; it begins
            // with the name, and the flags follow at 16.
            let made = unsafe { libc::ioctl(cable.as_raw_fd(), TUNSETIFF, request.as_mut_ptr()) };
            assert_eq!(made, 0, "{}", std::io::Error::last_os_error());
            rustix::io::ioctl_fionbio(&cable, true).expect("it is a device");
            ip(&format!("address add {address}/24 dev line"));
            // No packet is dropped before the relay sees it: that is the bottleneck's to decide.
            ip("link set line txqueuelen 20000");
            ip("link set line up");
            cable
        })
    }
}

/// Configures the network of this thread.
pub fn ip(arguments: &str) {
    let done = Command::new("ip").args(arguments.split(' ')).output();
    let done = done.expect("`ip` is installed");
    assert!(done.status.success(), "ip {arguments}: {done:?}");
}

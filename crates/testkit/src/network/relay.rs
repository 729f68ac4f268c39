//! Passes packets on, in one direction each: one thread takes them, another gives them when they are due.

use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::bottleneck::{Bottleneck, Shape, Traffic};

/// The largest packet of the interfaces, in bytes.
const PACKET_BYTES: usize = 1500;

/// How often the relay looks whether it is to end.
const LOOK_EVERY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// Once it sleeps, it sleeps so long: some packets late by this cost less than a wake-up for each.
const TICK: Duration = Duration::from_micros(200);

/// A line does not wait until the programs at its ends let it go on.
const PRIORITY: i32 = -20;

/// What is done to the packets of both directions.
#[derive(Debug, Default)]
pub(super) struct Path {
    shape: RwLock<Shape>,
    traffic: [Mutex<Traffic>; 2],
    ends: AtomicBool,
}

impl Path {
    pub(super) fn change(&self, change: impl FnOnce(&mut Shape)) {
        change(&mut self.shape.write().expect("no holder panics"));
    }

    fn shape(&self) -> Shape {
        *self.shape.read().expect("no holder panics")
    }

    /// Of each direction.
    pub(super) fn traffic(&self) -> [Traffic; 2] {
        let traffic = self.traffic.each_ref();
        traffic.map(|traffic| *traffic.lock().expect("no holder panics"))
    }

    /// Lets the threads end, soon.
    pub(super) fn end(&self) {
        self.ends.store(true, Ordering::SeqCst);
    }
}

/// From the end of one cable to that of another, as this direction of the path.
pub(super) fn start(
    from: &File,
    to: &File,
    path: &Arc<Path>,
    direction: usize,
) -> [JoinHandle<()>; 2] {
    let (sender, receiver) = channel();
    let [from, to] = [from, to].map(|cable| cable.try_clone().expect("a descriptor is free"));
    let path = Arc::clone(path);
    [
        thread::spawn(move || take(&from, &path, direction, &sender)),
        thread::spawn(move || give(&to, &receiver)),
    ]
}

type Packet = (Instant, Box<[u8]>);

fn take(from: &File, path: &Path, direction: usize, sender: &Sender<Packet>) {
    prefer();
    let mut bottleneck = Bottleneck::new(Instant::now(), 7);
    let mut buffer = [0; PACKET_BYTES];
    while !path.ends.load(Ordering::SeqCst) {
        let length = match rustix::io::read(from, &mut buffer) {
            Ok(length) => length,
            Err(Errno::AGAIN) => {
                let mut ready = [PollFd::new(from, PollFlags::IN)];
                // Interrupted, it looks a little earlier.
                let _ = poll(&mut ready, Some(&LOOK_EVERY));
                continue;
            }
            Err(_) => return,
        };
        let due = bottleneck.pass(Instant::now(), length, &path.shape());
        *path.traffic[direction].lock().expect("no holder panics") = bottleneck.traffic;
        if let Some(due) = due
            && sender.send((due, buffer[..length].into())).is_err()
        {
            return;
        }
    }
}

fn give(to: &File, receiver: &Receiver<Packet>) {
    prefer();
    while let Ok((due, packet)) = receiver.recv() {
        let early = due.saturating_duration_since(Instant::now());
        if !early.is_zero() {
            thread::sleep(early.max(TICK));
        }
        // An interface that is down loses packets, like any.
        let _ = rustix::io::write(to, &packet);
    }
}

/// Lets this thread go first, where that is permitted; it is none that works for long.
fn prefer() {
    let _ = rustix::process::setpriority_process(None, PRIORITY);
}

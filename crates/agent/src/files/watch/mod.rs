//! Watching directories with inotify: one instance and one thread per root for all its viewers,
//! for as long as there are any.
//!
//! Invariant: after a viewer was told `ready`, it hears of every change below what it watches (less
//! what [`filter`] leaves out), or is told to rescan, or that not all is followed. What it has not yet
//! taken is bounded. Where the kernel has no more room, single directories are [looked at](poll) instead.

mod filter;
mod pending;
mod poll;
mod thread;
mod tree;

use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;

use atelier_api::agent::files::{Root, WatchMessage};
use parking_lot::Mutex;
use rustix::event::{EventfdFlags, eventfd};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

use super::error::{FileError, Reason, Result};
use super::path::RelativePath;
use super::root::RootDir;

/// How many messages wait for a viewer; then changes are gathered, and at last it has to rescan.
const MESSAGES_MAX: usize = 2;

/// The thread's stack, in bytes: it walks trees without recursion.
const STACK_BYTES: usize = 256 * 1024;

/// The watchers of all roots.
#[derive(Debug, Default)]
pub(crate) struct Watchers {
    workspace: Watcher,
    home: Watcher,
    system: Watcher,
}

impl Watchers {
    pub(crate) fn of(&self, root: Root) -> &Watcher {
        match root {
            Root::Workspace => &self.workspace,
            Root::Home => &self.home,
            Root::System => &self.system,
        }
    }
}

/// Watches one root.
#[derive(Debug, Default)]
pub(crate) struct Watcher {
    thread: Mutex<Option<Arc<Inbox>>>,
}

/// What the watching thread is told.
#[derive(Debug)]
struct Inbox {
    queue: Mutex<Queue>,
    /// An eventfd that wakes the thread.
    wake: OwnedFd,
}

#[derive(Debug, Default)]
struct Queue {
    commands: Vec<Command>,
    next_id: u64,
    /// The thread has ended; a new one is needed.
    closed: bool,
}

#[derive(Debug)]
enum Command {
    Subscribe(Request),
    Unsubscribe(u64),
}

#[derive(Debug)]
struct Request {
    id: u64,
    base: RelativePath,
    recursive: bool,
    messages: mpsc::Sender<WatchMessage>,
    ready: oneshot::Sender<Result<()>>,
}

impl Inbox {
    /// Tells the thread what `command` makes of a new id. Gives `command` back when the thread has
    /// ended.
    fn post<F: FnOnce(u64) -> Command>(&self, command: F) -> std::result::Result<u64, F> {
        let id = {
            let mut queue = self.queue.lock();
            if queue.closed {
                return Err(command);
            }
            queue.next_id += 1;
            let id = queue.next_id;
            queue.commands.push(command(id));
            id
        };
        // Fails only when the counter is full, and then the thread is about to wake anyway.
        let _ = rustix::io::write(self.wake.as_fd(), &1_u64.to_ne_bytes());
        Ok(id)
    }
}

impl Watcher {
    /// Watches the directory `base`. The first message is `ready`.
    pub(crate) async fn subscribe(
        &self,
        root: Arc<RootDir>,
        base: RelativePath,
        recursive: bool,
    ) -> Result<Subscription> {
        match self
            .follow(Arc::clone(&root), base.clone(), recursive)
            .await
        {
            Err(error) => match (error.reason(), recursive) {
                (Reason::WatchLimit(reason), false) => {
                    poll::subscribe(root, base, reason, poll::PAUSE).await
                }
                (Reason::WatchLimit(reason), true) => poll::nothing(&root, &base, reason),
                _ => Err(error),
            },
            subscription => subscription,
        }
    }

    /// Watches by inotify.
    async fn follow(
        &self,
        root: Arc<RootDir>,
        base: RelativePath,
        recursive: bool,
    ) -> Result<Subscription> {
        let (messages, receiver) = mpsc::channel(MESSAGES_MAX);
        let (ready, is_ready) = oneshot::channel();
        let command = |id| {
            Command::Subscribe(Request {
                id,
                base,
                recursive,
                messages,
                ready,
            })
        };
        let (id, inbox) = self.post(root, command)?;
        let subscription = Subscription {
            messages: receiver,
            _source: Source::Thread(Registration { id, inbox }),
        };
        is_ready
            .await
            .map_err(|_| FileError::from(Reason::Busy))??;
        Ok(subscription)
    }

    /// Tells the thread, a new one if there is none.
    fn post(
        &self,
        root: Arc<RootDir>,
        command: impl FnOnce(u64) -> Command,
    ) -> Result<(u64, Arc<Inbox>)> {
        let mut thread = self.thread.lock();
        let command = match thread.as_ref() {
            Some(inbox) => match inbox.post(command) {
                Ok(id) => return Ok((id, Arc::clone(inbox))),
                Err(command) => command,
            },
            None => command,
        };
        let inbox = Arc::new(Inbox {
            queue: Mutex::default(),
            wake: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        });
        let tree = tree::Tree::new(root)?;
        // The command is there before the thread, which ends when it has nothing to do.
        let id = inbox.post(command).ok().ok_or(Reason::Busy)?;
        let theirs = Arc::clone(&inbox);
        std::thread::Builder::new()
            .name("watch".into())
            .stack_size(STACK_BYTES)
            .spawn(move || thread::run(tree, &theirs))?;
        *thread = Some(Arc::clone(&inbox));
        Ok((id, inbox))
    }
}

/// A viewer's watch; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Subscription {
    messages: mpsc::Receiver<WatchMessage>,
    _source: Source,
}

impl Subscription {
    /// The next message; nothing when the watch has ended for good.
    pub(crate) async fn next(&mut self) -> Option<WatchMessage> {
        self.messages.recv().await
    }
}

/// Who tells a viewer, for as long as it is held.
#[derive(Debug)]
enum Source {
    Thread(#[expect(dead_code, reason = "held to be dropped")] Registration),
    Poll(#[expect(dead_code, reason = "held to be dropped")] AbortOnDropHandle<()>),
    /// Nobody: there is nothing more to be told.
    Nobody(
        #[expect(dead_code, reason = "held so that the viewer waits")] mpsc::Sender<WatchMessage>,
    ),
}

/// A viewer's place with the watching thread.
#[derive(Debug)]
struct Registration {
    id: u64,
    inbox: Arc<Inbox>,
}

impl Drop for Registration {
    fn drop(&mut self) {
        let id = self.id;
        // A thread that has ended watches nothing any more.
        let _ = self.inbox.post(|_| Command::Unsubscribe(id));
    }
}

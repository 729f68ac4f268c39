//! The thread that reads a root's events and tells its viewers.

use std::time::{Duration, Instant};

use atelier_api::agent::files::{ChangeKind, WatchMessage};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::fs::inotify::ReadFlags;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::filter::{is_reported, is_watched};
use super::pending::{CHANGES_MAX, OVERFLOWN, Pending};
use super::tree::{Coverage, Event, Tree};
use super::{Command, Inbox, Request};
use crate::files::error::{Reason, Result};
use crate::files::path::RelativePath;

/// How long changes are gathered before they are told. The contract says at most 50 ms; what is left
/// is for the way.
const GATHER: Duration = Duration::from_millis(25);

/// Why not all is followed, where there is no more room for it.
pub(super) const LIMIT_REACHED: &str = "more directories than the system can watch \
    (fs.inotify.max_user_watches); changes in some are not seen";

struct Viewer {
    id: u64,
    base: RelativePath,
    recursive: bool,
    messages: mpsc::Sender<WatchMessage>,
    pending: Pending,
}

impl Viewer {
    fn wants(&self, directory: &RelativePath) -> bool {
        match directory.below(&self.base) {
            Some([]) => true,
            Some(rest) => self.recursive && is_watched(rest),
            None => false,
        }
    }

    fn notice(&mut self, directory: &RelativePath, name: &[u8], kind: ChangeKind) {
        if self.wants(directory)
            && let Some(rest) = directory.below(&self.base)
            && is_reported(rest, name)
        {
            self.pending.push(directory.join(name), kind);
        }
    }
}

/// Watches until the last viewer has gone.
pub(super) fn run(tree: Tree, inbox: &Inbox) {
    let mut watch = Watch {
        tree,
        viewers: Vec::new(),
        tell_at: None,
    };
    loop {
        watch.obey(inbox);
        if watch.viewers.is_empty() {
            let mut queue = inbox.queue.lock();
            if queue.commands.is_empty() {
                queue.closed = true;
                return;
            }
            continue;
        }
        watch.wait(inbox);
        for event in watch.tree.read() {
            watch.handle(event);
        }
        watch.tell();
    }
}

struct Watch {
    tree: Tree,
    viewers: Vec<Viewer>,
    /// When the viewers are told what was gathered.
    tell_at: Option<Instant>,
}

impl Watch {
    /// Waits for events, commands, or the time to tell.
    fn wait(&self, inbox: &Inbox) {
        let timeout = self.tell_at.map(|at| {
            let left = at.saturating_duration_since(Instant::now());
            Timespec {
                tv_sec: 0,
                tv_nsec: left.subsec_nanos().into(),
            }
        });
        let mut ready = [
            PollFd::new(&self.tree, PollFlags::IN),
            PollFd::new(&inbox.wake, PollFlags::IN),
        ];
        // A signal interrupts it; then there is simply nothing to do.
        let _ = poll(&mut ready, timeout.as_ref());
        let mut count = [0; 8];
        let _ = rustix::io::read(&inbox.wake, &mut count);
    }

    fn obey(&mut self, inbox: &Inbox) {
        let commands = std::mem::take(&mut inbox.queue.lock().commands);
        for command in commands {
            match command {
                Command::Subscribe(request) => self.subscribe(request),
                Command::Unsubscribe(id) => {
                    self.viewers.retain(|viewer| viewer.id != id);
                    let viewers = &self.viewers;
                    self.tree
                        .retain(|path| viewers.iter().any(|viewer| viewer.wants(path)));
                }
            }
        }
    }

    fn subscribe(&mut self, request: Request) {
        let mut viewer = Viewer {
            id: request.id,
            base: request.base,
            recursive: request.recursive,
            messages: request.messages,
            pending: Pending::default(),
        };
        let result = cover(&mut self.tree, &mut viewer);
        let accepted = result.is_ok();
        if request.ready.send(result).is_err() || !accepted {
            let viewers = &self.viewers;
            self.tree
                .retain(|path| viewers.iter().any(|viewer| viewer.wants(path)));
            return;
        }
        // The channel is new and has room.
        let _ = viewer.messages.try_send(WatchMessage::Ready);
        self.viewers.push(viewer);
        self.tell_soon();
    }

    fn handle(&mut self, event: Event) {
        let flags = event.flags;
        if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
            return self.start_over();
        }
        if flags.contains(ReadFlags::IGNORED) {
            return self.tree.forget(event.watch);
        }
        let Some(directory) = self.tree.path(event.watch).cloned() else {
            return; // Of a watch that was ended while this was on its way.
        };
        self.tell_soon();
        if flags.intersects(ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::UNMOUNT) {
            return self.lose(&directory);
        }
        let Some(name) = event.name else { return };
        let (kind, arrived) = if flags.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO) {
            (ChangeKind::Created, true)
        } else if flags.intersects(ReadFlags::DELETE | ReadFlags::MOVED_FROM) {
            (ChangeKind::Deleted, false)
        } else {
            (ChangeKind::Modified, false)
        };
        for viewer in &mut self.viewers {
            viewer.notice(&directory, &name, kind);
        }
        if !flags.contains(ReadFlags::ISDIR) {
            return;
        }
        let path = directory.join(&name);
        if arrived {
            self.follow(&path);
        } else if flags.contains(ReadFlags::MOVED_FROM) {
            self.lose(&path);
        }
    }

    /// Watches a directory that has come into being or was moved here, and reports what it holds:
    /// that may be older than its watch.
    fn follow(&mut self, path: &RelativePath) {
        let Self { tree, viewers, .. } = self;
        if !viewers.iter().any(|viewer| viewer.wants(path)) {
            return;
        }
        let mut found = Vec::new();
        let mut is_too_much = false;
        let coverage = tree.cover(
            path.clone(),
            OFlags::NOFOLLOW,
            |path| viewers.iter().any(|viewer| viewer.wants(path)),
            |directory, name| {
                is_too_much |= found.len() >= CHANGES_MAX;
                if !is_too_much {
                    found.push((directory.clone(), name.to_vec()));
                }
            },
        );
        for viewer in viewers {
            for (directory, name) in &found {
                viewer.notice(directory, name, ChangeKind::Created);
            }
            if !viewer.wants(path) {
                continue;
            }
            if matches!(coverage, Ok(Coverage::Partial)) {
                viewer.pending.limit(LIMIT_REACHED);
            } else if is_too_much {
                viewer.pending.rescan(OVERFLOWN);
            }
        }
    }

    /// A directory is gone, or goes by another name now: those who watch it or something below
    /// hear that it is deleted.
    fn lose(&mut self, path: &RelativePath) {
        self.tree.remove_below(path);
        for viewer in &mut self.viewers {
            if viewer.base.below(path).is_some() {
                viewer
                    .pending
                    .push(viewer.base.clone(), ChangeKind::Deleted);
            }
        }
    }

    /// Events were lost, and with them, perhaps, new directories and new names of old ones.
    fn start_over(&mut self) {
        if let Err(error) = self.tree.reset() {
            tracing::warn!(%error, "watching could not be started over");
        }
        for viewer in &mut self.viewers {
            if let Err(error) = cover(&mut self.tree, viewer) {
                tracing::debug!(%error, "a watched directory is gone");
            }
            viewer.pending.rescan(OVERFLOWN);
        }
        self.tell_soon();
    }

    fn tell_soon(&mut self) {
        self.tell_at.get_or_insert_with(|| Instant::now() + GATHER);
    }

    /// Tells the viewers what was gathered, when it is time. One that has not taken the last
    /// messages yet is told later.
    fn tell(&mut self) {
        if self.tell_at.is_none_or(|at| at > Instant::now()) {
            return;
        }
        self.tell_at = None;
        let mut is_behind = false;
        for viewer in &mut self.viewers {
            while !viewer.pending.is_empty() {
                match viewer.messages.try_reserve() {
                    Ok(permit) => permit.send(viewer.pending.take()),
                    Err(TrySendError::Full(())) => {
                        is_behind = true;
                        break;
                    }
                    // Its farewell is on the way.
                    Err(TrySendError::Closed(())) => break,
                }
            }
        }
        if is_behind {
            self.tell_soon();
        }
    }
}

/// Watches all that a viewer wants.
fn cover(tree: &mut Tree, viewer: &mut Viewer) -> Result<()> {
    let base = viewer.base.clone();
    let coverage = tree.cover(base, OFlags::empty(), |path| viewer.wants(path), |_, _| {})?;
    if coverage == Coverage::Partial {
        if !viewer.recursive {
            // Its one directory can be looked at instead.
            return Err(Reason::WatchLimit(LIMIT_REACHED).into());
        }
        viewer.pending.limit(LIMIT_REACHED);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use atelier_api::agent::files::Root;
    use tempfile::TempDir;
    use tokio::sync::oneshot;

    use super::*;
    use crate::files::root::RootDir;

    /// A watch of a directory, without its thread.
    fn watch(limit: usize) -> (Watch, TempDir, mpsc::Receiver<WatchMessage>) {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("a/b/c")).unwrap();
        let root = RootDir::open(Root::Workspace, directory.path()).unwrap();
        let mut watch = Watch {
            tree: Tree::new(Arc::new(root)).unwrap(),
            viewers: Vec::new(),
            tell_at: None,
        };
        watch.tree.limit = limit;
        let (messages, mut receiver) = mpsc::channel(2);
        let (ready, mut is_ready) = oneshot::channel();
        watch.subscribe(Request {
            id: 1,
            base: RelativePath::default(),
            recursive: true,
            messages,
            ready,
        });
        assert!(is_ready.try_recv().unwrap().is_ok());
        assert_eq!(receiver.try_recv(), Ok(WatchMessage::Ready));
        (watch, directory, receiver)
    }

    fn handle_all(watch: &mut Watch) {
        for event in watch.tree.read() {
            watch.handle(event);
        }
        watch.tell_at = Some(Instant::now());
        watch.tell();
    }

    #[test]
    fn after_an_overflow_viewers_rescan_and_all_is_watched_anew() {
        let (mut watch, directory, mut messages) = watch(100);
        // Made while events were being lost.
        fs::create_dir_all(directory.path().join("lost/deep")).unwrap();
        watch.handle(Event {
            watch: -1,
            flags: ReadFlags::QUEUE_OVERFLOW,
            name: None,
        });
        handle_all(&mut watch);
        assert!(matches!(
            messages.try_recv(),
            Ok(WatchMessage::Rescan { .. })
        ));
        fs::write(directory.path().join("lost/deep/file"), "").unwrap();
        handle_all(&mut watch);
        let WatchMessage::Changes { changes } = messages.try_recv().unwrap() else {
            panic!("no changes");
        };
        assert_eq!(changes[0].path, "lost/deep/file");
    }

    #[test]
    fn where_not_all_can_be_watched_viewers_are_told() {
        let (mut watch, directory, mut messages) = watch(2);
        handle_all(&mut watch);
        let Ok(WatchMessage::Limited { reason }) = messages.try_recv() else {
            panic!("the limit was not noticed");
        };
        assert!(reason.contains("max_user_watches"), "{reason}");
        assert!(matches!(
            messages.try_recv(),
            Ok(WatchMessage::Rescan { .. })
        ));
        // What is watched still is.
        fs::write(directory.path().join("file"), "").unwrap();
        handle_all(&mut watch);
        assert!(matches!(
            messages.try_recv(),
            Ok(WatchMessage::Changes { .. })
        ));
    }
}

//! The directories that are watched, and the kernel's events about them.

use std::collections::{BTreeMap, HashMap};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::fs::{FileType, OFlags};
use rustix::io::Errno;

use crate::files::error::{Reason, Result};
use crate::files::list::each_entry;
use crate::files::path::RelativePath;
use crate::files::root::{RootDir, descriptor_path};

/// How many directories are watched in a root at most. The kernel's limit counts for all that a user runs,
/// and editors and build tools need some, too.
const DIRECTORIES_MAX: usize = 65_536;

/// How much one read of events takes, in bytes: about 1,500 of them.
const BUFFER_BYTES: usize = 64 * 1024;

/// What is asked of the kernel.
const EVENTS: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR)
    .union(WatchFlags::EXCL_UNLINK);

/// Whether all that was asked for is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coverage {
    Full,
    /// A limit was reached.
    Partial,
}

/// An event, as the kernel tells it.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) watch: i32,
    pub(super) flags: ReadFlags,
    pub(super) name: Option<Vec<u8>>,
}

/// One inotify instance.
#[derive(Debug)]
pub(super) struct Tree {
    root: Arc<RootDir>,
    inotify: OwnedFd,
    paths: HashMap<i32, RelativePath>,
    watches: BTreeMap<RelativePath, i32>,
    /// How many directories are watched at most.
    pub(super) limit: usize,
    buffer: Vec<MaybeUninit<u8>>,
}

impl Tree {
    pub(super) fn new(root: Arc<RootDir>) -> Result<Self> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK);
        Ok(Self {
            root,
            inotify: inotify.map_err(|errno| match errno {
                Errno::MFILE => Reason::WatchLimit(
                    "the user has as many inotify instances as the system allows \
                     (fs.inotify.max_user_instances).",
                )
                .into(),
                errno => crate::files::FileError::from(errno),
            })?,
            paths: HashMap::new(),
            watches: BTreeMap::new(),
            limit: DIRECTORIES_MAX,
            buffer: vec![MaybeUninit::uninit(); BUFFER_BYTES],
        })
    }

    /// Begins anew, watching nothing. Events that wait are lost.
    pub(super) fn reset(&mut self) -> Result<()> {
        *self = Self::new(Arc::clone(&self.root))?;
        Ok(())
    }

    /// The path of a watched directory.
    pub(super) fn path(&self, watch: i32) -> Option<&RelativePath> {
        self.paths.get(&watch)
    }

    /// Watches `start` and every directory below it that `wants` accepts, and calls `found` with
    /// the directory and name of each entry. `follow` is empty, or `NOFOLLOW` when `start` must not
    /// be a link.
    pub(super) fn cover(
        &mut self,
        start: RelativePath,
        follow: OFlags,
        wants: impl Fn(&RelativePath) -> bool,
        mut found: impl FnMut(&RelativePath, &[u8]),
    ) -> Result<Coverage> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let opened = self.root.open_at(&start, flags | follow)?;
        let mut next = Some((start, opened));
        let mut waiting = Vec::new();
        while let Some((path, directory)) = next {
            // First watched, then read, so that nothing is missed between.
            if self.watch(&path, &directory)? == Coverage::Partial {
                return Ok(Coverage::Partial);
            }
            // One that has gone since, or may not be read, has nothing more to show.
            let _ = each_entry(&directory, |name, kind| {
                found(&path, name);
                let child = path.join(name);
                if kind == FileType::Directory && wants(&child) {
                    waiting.push(child);
                }
                Ok(())
            });
            next = std::iter::from_fn(|| waiting.pop()).find_map(|path| {
                let opened = self.root.open_at(&path, flags | OFlags::NOFOLLOW).ok()?;
                Some((path, opened))
            });
        }
        Ok(Coverage::Full)
    }

    fn watch(&mut self, path: &RelativePath, directory: &OwnedFd) -> Result<Coverage> {
        if self.paths.len() >= self.limit && !self.watches.contains_key(path) {
            return Ok(Coverage::Partial);
        }
        // By its descriptor: the name may lead elsewhere by now, even out of the root.
        match inotify::add_watch(&self.inotify, descriptor_path(directory), EVENTS) {
            Ok(watch) => {
                if let Some(old) = self.paths.insert(watch, path.clone()) {
                    self.watches.remove(&old);
                }
                self.watches.insert(path.clone(), watch);
                Ok(Coverage::Full)
            }
            Err(Errno::NOSPC) => Ok(Coverage::Partial),
            // Gone already, or not to be watched by this user.
            Err(Errno::NOENT | Errno::ACCESS) => Ok(Coverage::Full),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Forgets a watch that the kernel has ended.
    pub(super) fn forget(&mut self, watch: i32) {
        if let Some(path) = self.paths.remove(&watch)
            && self.watches.get(&path) == Some(&watch)
        {
            self.watches.remove(&path);
        }
    }

    /// Ends the watches of a directory and all below it.
    pub(super) fn remove_below(&mut self, top: &RelativePath) {
        let below: Vec<i32> = self
            .watches
            .range(top..)
            .take_while(|(path, _)| path.as_bytes().starts_with(top.as_bytes()))
            .filter(|(path, _)| path.below(top).is_some())
            .map(|(_, watch)| *watch)
            .collect();
        for watch in below {
            self.remove(watch);
        }
    }

    /// Ends the watches of directories that `wants` refuses.
    pub(super) fn retain(&mut self, wants: impl Fn(&RelativePath) -> bool) {
        let unwanted: Vec<i32> = self
            .paths
            .iter()
            .filter(|(_, path)| !wants(path))
            .map(|(watch, _)| *watch)
            .collect();
        for watch in unwanted {
            self.remove(watch);
        }
    }

    fn remove(&mut self, watch: i32) {
        // Fails when the kernel has ended it; its last event is on the way then.
        let _ = inotify::remove_watch(&self.inotify, watch);
        self.forget(watch);
    }

    /// Events that have come in; none when there are none now.
    pub(super) fn read(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        let mut reader = Reader::new(&self.inotify, &mut self.buffer);
        // An error means that none wait.
        while let Ok(event) = reader.next() {
            events.push(Event {
                watch: event.wd(),
                flags: event.events(),
                name: event.file_name().map(|name| name.to_bytes().to_vec()),
            });
            if reader.is_buffer_empty() {
                break;
            }
        }
        events
    }
}

impl AsFd for Tree {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

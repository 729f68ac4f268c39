//! Looking at a directory again and again, where the kernel has no more room for a watch.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use atelier_api::agent::files::{ChangeKind, FileChange, WatchMessage};
use rustix::fs::{AtFlags, statx};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio_util::task::AbortOnDropHandle;

use super::filter::is_reported;
use super::pending::{CHANGES_MAX, OVERFLOWN};
use super::{MESSAGES_MAX, Source, Subscription};
use crate::files::entry::{self, MASK, Metadata, etag};
use crate::files::error::{Reason, Result};
use crate::files::list::each_entry;
use crate::files::path::RelativePath;
use crate::files::root::RootDir;

/// How often a directory is looked at, at the most.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// A look that takes long is followed by a pause so many times as long: looking must not be all that is done.
const PAUSE_FACTOR: u32 = 20;

/// Of how many entries it is remembered what they were, about 150 bytes each. Of a larger directory only is
/// seen that something came or went.
const ENTRIES_MAX: usize = 20_000;

/// Watches the directory `base` by looking at it; `reason` says why.
pub(super) async fn subscribe(
    root: Arc<RootDir>,
    base: RelativePath,
    reason: &str,
    pause: Duration,
) -> Result<Subscription> {
    let (sender, messages) = mpsc::channel(MESSAGES_MAX);
    let (first, cost) = look(Arc::clone(&root), base.clone()).await?;
    // The channel is new and has room for both.
    let _ = sender.try_send(WatchMessage::Ready);
    let _ = sender.try_send(limited(reason));
    let looking = tokio::spawn(follow(root, base, (first, cost), pause, sender));
    Ok(Subscription {
        messages,
        _source: Source::Poll(AbortOnDropHandle::new(looking)),
    })
}

/// Of a whole tree: it cannot be looked at, so all that is told is that nothing will be.
pub(super) fn nothing(root: &RootDir, base: &RelativePath, reason: &str) -> Result<Subscription> {
    root.open_directory(base)?;
    let (sender, messages) = mpsc::channel(MESSAGES_MAX);
    let _ = sender.try_send(WatchMessage::Ready);
    let _ = sender.try_send(limited(reason));
    Ok(Subscription {
        messages,
        _source: Source::Nobody(sender),
    })
}

fn limited(reason: &str) -> WatchMessage {
    WatchMessage::Limited {
        reason: reason.to_owned(),
    }
}

async fn follow(
    root: Arc<RootDir>,
    base: RelativePath,
    (mut seen, mut cost): (Snapshot, Duration),
    pause: Duration,
    messages: mpsc::Sender<WatchMessage>,
) {
    loop {
        tokio::time::sleep(pause.max(cost * PAUSE_FACTOR)).await;
        let message = match look(Arc::clone(&root), base.clone()).await {
            Ok((now, took)) => {
                let message = seen.told(&now, &base);
                (seen, cost) = (now, took);
                message
            }
            // Gone, or not to be read any more; it may come back.
            Err(_) if seen.is_gone => None,
            Err(_) => {
                seen = Snapshot::gone();
                Some(WatchMessage::Changes {
                    changes: vec![change(ChangeKind::Deleted, base.wire())],
                })
            }
        };
        if let Some(message) = message
            && messages.send(message).await.is_err()
        {
            return;
        }
    }
}

async fn look(root: Arc<RootDir>, base: RelativePath) -> Result<(Snapshot, Duration)> {
    let looked = spawn_blocking(move || {
        let began = Instant::now();
        Snapshot::read(&root, &base).map(|snapshot| (snapshot, began.elapsed()))
    });
    looked.await.map_err(|_| Reason::Busy)?
}

/// What a directory held when it was looked at.
#[derive(Debug, PartialEq, Eq)]
struct Snapshot {
    directory: Option<Stamp>,
    /// Nothing where there were too many.
    entries: Option<BTreeMap<Vec<u8>, Stamp>>,
    is_gone: bool,
}

/// Tells versions apart.
type Stamp = String;

fn stamp(metadata: &Metadata) -> Stamp {
    etag(metadata)
}

impl Snapshot {
    fn gone() -> Self {
        Self {
            directory: None,
            entries: Some(BTreeMap::new()),
            is_gone: true,
        }
    }

    fn read(root: &RootDir, base: &RelativePath) -> Result<Self> {
        let directory = root.open_directory(base)?;
        let own = stamp(&entry::metadata(&directory)?);
        let mut entries = Some(BTreeMap::new());
        each_entry(&directory, |name, _| {
            let Some(known) = &mut entries else {
                return Ok(());
            };
            if known.len() >= ENTRIES_MAX {
                entries = None;
            } else if is_reported(b"", name)
                && let Ok(metadata) = statx(&directory, name, AtFlags::SYMLINK_NOFOLLOW, MASK)
            {
                known.insert(name.to_vec(), stamp(&metadata));
            }
            Ok(())
        })?;
        Ok(Self {
            directory: Some(own),
            entries,
            is_gone: false,
        })
    }

    /// What is to be told of what has become of it.
    fn told(&self, now: &Self, base: &RelativePath) -> Option<WatchMessage> {
        let rescan = || WatchMessage::Rescan {
            reason: OVERFLOWN.to_owned(),
        };
        let (Some(before), Some(after)) = (&self.entries, &now.entries) else {
            return (self.directory != now.directory).then(rescan);
        };
        let mut changes = Vec::new();
        for (name, stamp) in after {
            let kind = match before.get(name) {
                None => ChangeKind::Created,
                Some(known) if known != stamp => ChangeKind::Modified,
                Some(_) => continue,
            };
            changes.push(change(kind, base.join(name).wire()));
        }
        let gone = before.keys().filter(|name| !after.contains_key(*name));
        changes.extend(gone.map(|name| change(ChangeKind::Deleted, base.join(name).wire())));
        match changes.len() {
            0 => None,
            1..=CHANGES_MAX => Some(WatchMessage::Changes { changes }),
            _ => Some(rescan()),
        }
    }
}

fn change(kind: ChangeKind, path: String) -> FileChange {
    FileChange { kind, path }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use atelier_api::agent::files::Root;

    use super::*;

    #[test]
    fn what_came_went_and_changed_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let root = RootDir::open(Root::Workspace, directory.path()).unwrap();
        let base = RelativePath::default();
        for name in ["a", "b", "c"] {
            fs::write(directory.path().join(name), "1").unwrap();
        }
        let before = Snapshot::read(&root, &base).unwrap();
        assert_eq!(
            before.told(&Snapshot::read(&root, &base).unwrap(), &base),
            None
        );
        fs::write(directory.path().join("a"), "22").unwrap();
        fs::remove_file(directory.path().join("b")).unwrap();
        fs::create_dir(directory.path().join("d")).unwrap();
        fs::write(directory.path().join(".atelier-tmp-1"), "").unwrap();
        let now = Snapshot::read(&root, &base).unwrap();
        let changes = vec![
            change(ChangeKind::Modified, "a".into()),
            change(ChangeKind::Created, "d".into()),
            change(ChangeKind::Deleted, "b".into()),
        ];
        assert_eq!(
            before.told(&now, &base),
            Some(WatchMessage::Changes { changes })
        );
    }

    #[tokio::test]
    async fn a_directory_is_looked_at_until_it_comes_back() {
        let directory = tempfile::tempdir().unwrap();
        let [inner, away] = ["inner", "away"].map(|name| directory.path().join(name));
        fs::create_dir(&inner).unwrap();
        let root = Arc::new(RootDir::open(Root::Workspace, directory.path()).unwrap());
        let base = RelativePath::parse("inner").unwrap();
        let pause = Duration::from_millis(1);
        let mut watch = subscribe(root, base, "full", pause).await.unwrap();
        assert_eq!(watch.next().await, Some(WatchMessage::Ready));
        assert_eq!(watch.next().await, Some(limited("full")));
        fs::write(inner.join("file"), "").unwrap();
        for (kind, path) in [
            (ChangeKind::Created, "inner/file"),
            (ChangeKind::Deleted, "inner"),
            (ChangeKind::Created, "inner/file"),
        ] {
            let changes = vec![change(kind, path.into())];
            assert_eq!(watch.next().await, Some(WatchMessage::Changes { changes }));
            match kind {
                ChangeKind::Deleted => fs::rename(&away, &inner).unwrap(),
                _ => fs::rename(&inner, &away).unwrap(),
            }
        }
    }
}

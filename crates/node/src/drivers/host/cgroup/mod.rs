//! Limits on memory, CPU and processes by control groups, of version 2 where its controllers are
//! available, of version 1 otherwise. Source: Linux, `Documentation/admin-guide/cgroup-v2.rst` and
//! `cgroup-v1/`.
//!
//! All groups of a node stand below one group of its own at the top of the hierarchy, outside of
//! the node's, so that they stay when the node's service is stopped.

mod v1;
mod v2;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use atelier_api::node::WorkspaceLimits;
use rustix::process::{Pid, Signal, kill_process};

/// How long the kernel may take to end what was killed. A process in uninterruptible sleep (a hung
/// network file system) outlives it.
const EMPTY_WITHIN: Duration = Duration::from_secs(5);

/// The node's place in the hierarchy.
#[derive(Debug)]
pub(crate) enum Cgroups {
    V2(v2::Root),
    V1(v1::Roots),
    /// No limits, and why.
    Unavailable(String),
}

/// What can be limited: why not, where it cannot.
#[derive(Debug, Clone)]
pub(crate) struct Controllers {
    pub memory: Result<&'static str, String>,
    pub cpu: Result<&'static str, String>,
    pub processes: Result<&'static str, String>,
}

/// One workspace's group.
#[derive(Debug, Clone)]
pub(crate) enum Group {
    V2(v2::Group),
    V1(v1::Group),
}

/// What a group has used and uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupUsage {
    pub cpu_us: u64,
    pub memory_bytes: u64,
    pub processes: u32,
    /// Bytes read from devices and written to them, where the kernel counts that for the group.
    pub moved: Option<(u64, u64)>,
}

impl Cgroups {
    /// Finds the hierarchy and makes the node's group, called `name`, in it.
    pub(crate) fn open(name: &str) -> Self {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let second = v2::Root::open(&mounts, &own, name);
        if let Ok(root) = &second
            && root.controllers().memory.is_ok()
        {
            return Self::V2(root.clone());
        }
        match (v1::Roots::open(&mounts, name), second) {
            (Ok(roots), second) => {
                // Its group was made to see what it can do.
                if let Ok(root) = second {
                    let _ = fs::remove_dir(root.directory());
                }
                Self::V1(roots)
            }
            // Version 2 without controllers still kills and counts.
            (Err(_), Ok(root)) => Self::V2(root),
            (Err(first), Err(second)) => Self::Unavailable(format!(
                "No control group can be made here ({second}; {first}). Run the node as root, or \
                 as a systemd service with Delegate=yes."
            )),
        }
    }

    /// What can be limited.
    pub(crate) fn controllers(&self) -> Controllers {
        match self {
            Self::V2(root) => root.controllers(),
            Self::V1(roots) => roots.controllers(),
            Self::Unavailable(reason) => Controllers {
                memory: Err(reason.clone()),
                cpu: Err(reason.clone()),
                processes: Err(reason.clone()),
            },
        }
    }

    /// Makes the group `name` with the limits; `None` where there are no control groups.
    pub(crate) fn create(&self, name: &str, limits: &WorkspaceLimits) -> io::Result<Option<Group>> {
        let Some(group) = self.group(name) else {
            return Ok(None);
        };
        if let Self::V2(root) = self {
            root.prepare()?;
        }
        group.make()?;
        group.set_limits(limits)?;
        Ok(Some(group))
    }

    /// The group `name`, whether it exists or not.
    pub(crate) fn group(&self, name: &str) -> Option<Group> {
        match self {
            Self::V2(root) => Some(Group::V2(root.group(name))),
            Self::V1(roots) => Some(Group::V1(roots.group(name))),
            Self::Unavailable(_) => None,
        }
    }

    /// Removes the node's group, unless workspaces go on without the node.
    pub(crate) fn remove_if_empty(&self) {
        let directories = match self {
            Self::V2(root) => vec![root.directory().to_owned()],
            Self::V1(roots) => roots.directories(),
            Self::Unavailable(_) => Vec::new(),
        };
        for directory in directories {
            // Fails where a group is left in it, which is what is wanted.
            let _ = fs::remove_dir(directory);
        }
    }

    /// The names of all groups that exist.
    pub(crate) fn names(&self) -> Vec<String> {
        let directory = match self {
            Self::V2(root) => root.directory(),
            Self::V1(roots) => roots.directory(),
            Self::Unavailable(_) => return Vec::new(),
        };
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect()
    }
}

impl Group {
    fn make(&self) -> io::Result<()> {
        match self {
            Self::V2(group) => group.make(),
            Self::V1(group) => group.make(),
        }
    }

    /// Sets the limits, of a running workspace too.
    pub(crate) fn set_limits(&self, limits: &WorkspaceLimits) -> io::Result<()> {
        match self {
            Self::V2(group) => group.set_limits(limits),
            Self::V1(group) => group.set_limits(limits),
        }
    }

    /// The files that a process writes `0` to in order to enter.
    pub(crate) fn join_files(&self) -> Vec<PathBuf> {
        match self {
            Self::V2(group) => group.join_files(),
            Self::V1(group) => group.join_files(),
        }
    }

    /// What it has used and uses.
    pub(crate) fn usage(&self) -> io::Result<GroupUsage> {
        match self {
            Self::V2(group) => group.usage(),
            Self::V1(group) => group.usage(),
        }
    }

    /// How many processes the kernel has killed in it for want of memory.
    pub(crate) fn oom_kills(&self) -> u64 {
        match self {
            Self::V2(group) => group.oom_kills(),
            Self::V1(group) => group.oom_kills(),
        }
    }

    /// Whether a process is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.processes().is_empty()
    }

    fn processes(&self) -> Vec<i32> {
        let mut found = Vec::new();
        for file in self.join_files() {
            let text = fs::read_to_string(file).unwrap_or_default();
            found.extend(text.lines().filter_map(|line| line.parse::<i32>().ok()));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Kills everything in it and removes it. Blocks until the kernel has ended the processes.
    pub(crate) fn kill_and_remove(&self) -> io::Result<()> {
        let deadline = Instant::now() + EMPTY_WITHIN;
        while !self.is_empty() {
            match self {
                Self::V2(group) if group.kill() => {}
                Self::V2(_) => self.kill_each(),
                Self::V1(group) => group.frozen(|| self.kill_each()),
            }
            if Instant::now() >= deadline {
                return Err(io::Error::other(format!(
                    "{} processes cannot be killed; they wait for a device or network file system",
                    self.processes().len()
                )));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        match self {
            Self::V2(group) => group.remove(deadline),
            Self::V1(group) => group.remove(deadline),
        }
    }

    fn kill_each(&self) {
        for pid in self.processes().into_iter().filter_map(Pid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// A cgroup file system.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CgroupMount {
    path: PathBuf,
    /// Of version 1, the controllers; none of version 2.
    controllers: Vec<String>,
}

/// The mounted cgroup file systems of the given type (proc(5), mountinfo).
fn mounts_of(mountinfo: &str, kind: &str) -> Vec<CgroupMount> {
    let mount = |line: &str| {
        let (left, right) = line.split_once(" - ")?;
        let mut right = right.split(' ');
        if right.next()? != kind {
            return None;
        }
        let options = right.nth(1)?;
        Some(CgroupMount {
            path: left.split(' ').nth(4)?.into(),
            controllers: options.split(',').map(str::to_owned).collect(),
        })
    };
    mountinfo.lines().filter_map(mount).collect()
}

/// Reads `key value` lines, as in `memory.stat`.
fn stat_value(text: &str, key: &str) -> u64 {
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(name, _)| *name == key)
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}

fn read_number(path: &Path) -> io::Result<u64> {
    let text = fs::read_to_string(path)?;
    text.trim()
        .parse()
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Removes an empty group, waiting for the kernel to have let go of the last process.
fn remove_directory(path: &Path, deadline: Instant) -> io::Result<()> {
    loop {
        match fs::remove_dir(path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if Instant::now() >= deadline => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
30 24 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct
31 24 0:27 / /sys/fs/cgroup/memory rw shared:9 - cgroup none rw,memory
32 24 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
33 24 0:29 / /proc rw - proc proc rw
";

    #[test]
    fn mounts_are_found_by_type() {
        let first = mounts_of(MOUNTS, "cgroup");
        assert_eq!(first.len(), 2);
        assert_eq!(first[0].path, Path::new("/sys/fs/cgroup/cpu,cpuacct"));
        assert!(first[0].controllers.contains(&"cpuacct".to_owned()));
        let second = mounts_of(MOUNTS, "cgroup2");
        assert_eq!(second[0].path, Path::new("/sys/fs/cgroup/unified"));
    }

    #[test]
    fn statistics_are_read_by_key() {
        let text = "cache 4096\ntotal_cache 8192\n";
        assert_eq!(stat_value(text, "total_cache"), 8192);
        assert_eq!(stat_value(text, "absent"), 0);
    }
}

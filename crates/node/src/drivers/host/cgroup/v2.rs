//! Control groups, version 2.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use atelier_api::node::WorkspaceLimits;

use super::{Controllers, GroupUsage, mounts_of, read_number, remove_directory, stat_value};

/// The period that a CPU quota is counted in, in microseconds: the kernel's default.
const PERIOD_US: u64 = 100_000;

/// The smallest quota that the kernel takes, in microseconds.
const QUOTA_MIN_US: u64 = 1000;

/// The node's group.
#[derive(Debug, Clone)]
pub(crate) struct Root {
    directory: PathBuf,
}

/// A workspace's group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    directory: PathBuf,
}

impl Root {
    /// Makes the node's group at the top of the hierarchy; where that is not allowed, below the
    /// node's own group (delegated to it by systemd, say).
    pub(super) fn open(mountinfo: &str, own: &str, name: &str) -> io::Result<Self> {
        let mount = mounts_of(mountinfo, "cgroup2")
            .pop()
            .ok_or_else(|| io::Error::other("cgroup version 2 is not mounted"))?;
        let own = own
            .lines()
            .find_map(|line| line.strip_prefix("0::/"))
            .unwrap_or_default();
        if let Ok(root) = Self::make(&mount.path, name) {
            return Ok(root);
        }
        let parent = mount.path.join(own);
        // A group with processes cannot hand controllers down ("no internal processes"), so the
        // node moves to a leaf.
        leave(&parent)?;
        Self::make(&parent, name)
    }

    fn make(parent: &Path, name: &str) -> io::Result<Self> {
        let root = Self {
            directory: parent.join(name),
        };
        root.prepare()?;
        Ok(root)
    }

    /// Makes the node's group, also when someone has tidied it away.
    pub(super) fn prepare(&self) -> io::Result<()> {
        make_directory(&self.directory)?;
        for place in [self.directory.parent(), Some(&self.directory)]
            .into_iter()
            .flatten()
        {
            for controller in ["+memory", "+cpu", "+pids", "+io"] {
                // Which of them worked is read back when it matters.
                let _ = fs::write(place.join("cgroup.subtree_control"), controller);
            }
        }
        Ok(())
    }

    /// Where the groups are.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The group of the given name.
    pub(super) fn group(&self, name: &str) -> Group {
        Group {
            directory: self.directory.join(name),
        }
    }

    /// What can be limited.
    pub(super) fn controllers(&self) -> Controllers {
        let enabled =
            fs::read_to_string(self.directory.join("cgroup.subtree_control")).unwrap_or_default();
        let controller = |name: &str| {
            if enabled.split_ascii_whitespace().any(|found| found == name) {
                Ok("cgroup version 2")
            } else {
                Err(format!(
                    "The `{name}` controller of cgroup version 2 is not available to the node. \
                     Run the node as root on the host, or as a systemd service with Delegate=yes."
                ))
            }
        };
        Controllers {
            memory: controller("memory"),
            cpu: controller("cpu"),
            processes: controller("pids"),
        }
    }
}

impl Group {
    pub(super) fn make(&self) -> io::Result<()> {
        make_directory(&self.directory)
    }

    pub(super) fn set_limits(&self, limits: &WorkspaceLimits) -> io::Result<()> {
        let number = |value: Option<u64>| value.map_or("max".to_owned(), |value| value.to_string());
        self.set("memory.max", &number(limits.memory_bytes))?;
        // Swapping out would only hide that the limit is reached.
        self.set("memory.swap.max", "0")?;
        let quota = limits
            .cpu_millis
            .map(|millis| (u64::from(millis) * PERIOD_US / 1000).max(QUOTA_MIN_US));
        self.set("cpu.max", &format!("{} {PERIOD_US}", number(quota)))?;
        self.set("pids.max", &number(limits.processes.map(u64::from)))
    }

    /// Sets a value where the controller is there; that it is not is said by `controllers`.
    fn set(&self, file: &str, value: &str) -> io::Result<()> {
        let path = self.directory.join(file);
        if path.exists() {
            fs::write(path, value)
        } else {
            Ok(())
        }
    }

    pub(super) fn join_files(&self) -> Vec<PathBuf> {
        vec![self.directory.join("cgroup.procs")]
    }

    pub(super) fn usage(&self) -> io::Result<GroupUsage> {
        let cpu = fs::read_to_string(self.directory.join("cpu.stat"))?;
        let memory = fs::read_to_string(self.directory.join("memory.stat")).unwrap_or_default();
        let cache = stat_value(&memory, "inactive_file") + stat_value(&memory, "active_file");
        let used = read_number(&self.directory.join("memory.current")).unwrap_or(0);
        let processes = read_number(&self.directory.join("pids.current")).unwrap_or(0);
        Ok(GroupUsage {
            cpu_us: stat_value(&cpu, "usage_usec"),
            memory_bytes: used.saturating_sub(cache),
            processes: u32::try_from(processes).unwrap_or(u32::MAX),
            moved: self.moved(),
        })
    }

    /// A line for each device: `254:0 rbytes=4096 wbytes=8192 rios=…` (Linux,
    /// `Documentation/admin-guide/cgroup-v2.rst`).
    fn moved(&self) -> Option<(u64, u64)> {
        let stat = fs::read_to_string(self.directory.join("io.stat")).ok()?;
        let sum = |key: &str| {
            let values = stat.split_ascii_whitespace();
            let values = values.filter_map(|word| word.strip_prefix(key)?.parse::<u64>().ok());
            values.fold(0, u64::saturating_add)
        };
        Some((sum("rbytes="), sum("wbytes=")))
    }

    pub(super) fn oom_kills(&self) -> u64 {
        let events = fs::read_to_string(self.directory.join("memory.events")).unwrap_or_default();
        stat_value(&events, "oom_kill")
    }

    /// Kills everything at once (Linux 5.14); says whether the kernel could.
    pub(super) fn kill(&self) -> bool {
        fs::write(self.directory.join("cgroup.kill"), "1").is_ok()
    }

    pub(super) fn remove(&self, deadline: Instant) -> io::Result<()> {
        remove_directory(&self.directory, deadline)
    }
}

/// Moves this process from the group to a leaf of its own below it.
fn leave(group: &Path) -> io::Result<()> {
    let leaf = group.join("node");
    make_directory(&leaf)?;
    fs::write(leaf.join("cgroup.procs"), "0")
}

fn make_directory(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory that looks like a group. Limits are files; what the kernel does with them is
    /// tested with the real thing where the machine has it.
    fn group(files: &[(&str, &str)]) -> (tempfile::TempDir, Group) {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(directory.path().join(name), content).unwrap();
        }
        let group = Group {
            directory: directory.path().to_owned(),
        };
        (directory, group)
    }

    #[test]
    fn limits_are_written_in_the_kernels_words() {
        let files = [("memory.max", ""), ("cpu.max", ""), ("pids.max", "")];
        let (directory, group) = group(&files);
        let limits = WorkspaceLimits {
            memory_bytes: Some(1 << 30),
            cpu_millis: Some(1500),
            processes: None,
        };
        group.set_limits(&limits).unwrap();
        let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
        assert_eq!(read("memory.max"), "1073741824");
        assert_eq!(read("cpu.max"), "150000 100000");
        assert_eq!(read("pids.max"), "max");
    }

    #[test]
    fn usage_leaves_the_page_cache_out() {
        let (_directory, group) = group(&[
            ("cpu.stat", "usage_usec 1234\nuser_usec 1000\n"),
            ("memory.stat", "anon 5\ninactive_file 100\nactive_file 50\n"),
            ("memory.current", "1150\n"),
            ("pids.current", "7\n"),
            ("memory.events", "oom 1\noom_kill 3\n"),
            (
                "io.stat",
                "8:0 rbytes=10 wbytes=1 rios=9\n253:0 rbytes=5 wbytes=0 wios=7\n",
            ),
        ]);
        let usage = group.usage().unwrap();
        assert_eq!(usage.cpu_us, 1234);
        assert_eq!(usage.memory_bytes, 1000);
        assert_eq!(usage.processes, 7);
        assert_eq!(usage.moved, Some((15, 1)));
        assert_eq!(group.oom_kills(), 3);
    }
}

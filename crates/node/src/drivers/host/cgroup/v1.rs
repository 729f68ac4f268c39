//! Control groups, version 1: one directory per controller.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use atelier_api::node::WorkspaceLimits;

use super::{Controllers, GroupUsage, mounts_of, read_number, remove_directory, stat_value};

/// The period that a CPU quota is counted in, in microseconds: the kernel's default.
const PERIOD_US: u64 = 100_000;

/// The smallest quota that the kernel takes, in microseconds.
const QUOTA_MIN_US: i64 = 1000;

/// What the kernel takes for "no limit".
const UNLIMITED: i64 = -1;

/// The node's group in each controller.
#[derive(Debug, Clone)]
pub(crate) struct Roots(Paths);

/// A workspace's group in each controller.
#[derive(Debug, Clone)]
pub(crate) struct Group(Paths);

#[derive(Debug, Clone)]
struct Paths {
    memory: PathBuf,
    cpu: Option<PathBuf>,
    cpuacct: Option<PathBuf>,
    pids: Option<PathBuf>,
    freezer: Option<PathBuf>,
}

impl Paths {
    fn map(&self, f: impl Fn(&Path) -> PathBuf) -> Self {
        Self {
            memory: f(&self.memory),
            cpu: self.cpu.as_deref().map(&f),
            cpuacct: self.cpuacct.as_deref().map(&f),
            pids: self.pids.as_deref().map(&f),
            freezer: self.freezer.as_deref().map(&f),
        }
    }

    /// All of them, each once: controllers may be mounted together.
    fn all(&self) -> Vec<&PathBuf> {
        let mut all = vec![&self.memory];
        all.extend(
            [&self.cpu, &self.cpuacct, &self.pids, &self.freezer]
                .into_iter()
                .flatten(),
        );
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Roots {
    /// Makes the node's group at the top of each hierarchy.
    pub(super) fn open(mountinfo: &str, name: &str) -> io::Result<Self> {
        let mounts = mounts_of(mountinfo, "cgroup");
        let find = |controller: &str| {
            let mut found = mounts
                .iter()
                .filter(|mount| mount.controllers.iter().any(|name| name == controller));
            let directory = found.next()?.path.join(name);
            make_directory(&directory).is_ok().then_some(directory)
        };
        Ok(Self(Paths {
            memory: find("memory")
                .ok_or_else(|| io::Error::other("cgroup version 1 cannot limit memory here"))?,
            cpu: find("cpu"),
            cpuacct: find("cpuacct"),
            pids: find("pids"),
            freezer: find("freezer"),
        }))
    }

    /// Where the groups are.
    pub(super) fn directory(&self) -> &Path {
        &self.0.memory
    }

    /// All of the node's directories.
    pub(super) fn directories(&self) -> Vec<PathBuf> {
        self.0.all().into_iter().cloned().collect()
    }

    /// The group of the given name.
    pub(super) fn group(&self, name: &str) -> Group {
        Group(self.0.map(|path| path.join(name)))
    }

    /// What can be limited.
    pub(super) fn controllers(&self) -> Controllers {
        let found = |name: &str, path: &Option<PathBuf>| {
            if path.is_some() {
                Ok("cgroup version 1")
            } else {
                Err(format!(
                    "The `{name}` controller of cgroup version 1 is not available to the node. \
                     Enable it in the kernel, or use cgroup version 2."
                ))
            }
        };
        Controllers {
            memory: Ok("cgroup version 1"),
            cpu: found("cpu", &self.0.cpu),
            processes: found("pids", &self.0.pids),
        }
    }
}

impl Group {
    pub(super) fn make(&self) -> io::Result<()> {
        self.0
            .all()
            .into_iter()
            .try_for_each(|path| make_directory(path))
    }

    pub(super) fn set_limits(&self, limits: &WorkspaceLimits) -> io::Result<()> {
        let memory = limits
            .memory_bytes
            .and_then(|bytes| i64::try_from(bytes).ok())
            .unwrap_or(UNLIMITED);
        self.set_memory(memory)?;
        if let Some(cpu) = &self.0.cpu {
            let quota = limits.cpu_millis.map_or(UNLIMITED, |millis| {
                (i64::from(millis) * 100).max(QUOTA_MIN_US)
            });
            fs::write(cpu.join("cpu.cfs_period_us"), PERIOD_US.to_string())?;
            fs::write(cpu.join("cpu.cfs_quota_us"), quota.to_string())?;
        }
        if let Some(pids) = &self.0.pids {
            let limit = limits
                .processes
                .map_or("max".to_owned(), |limit| limit.to_string());
            fs::write(pids.join("pids.max"), limit)?;
        }
        Ok(())
    }

    /// Memory, and memory with swap, of which the second may never be the smaller: so the order
    /// depends on the direction, and both are tried.
    fn set_memory(&self, bytes: i64) -> io::Result<()> {
        let limit = self.0.memory.join("memory.limit_in_bytes");
        let with_swap = self.0.memory.join("memory.memsw.limit_in_bytes");
        let bytes = bytes.to_string();
        if !with_swap.exists() {
            return fs::write(limit, bytes);
        }
        if fs::write(&limit, &bytes).is_ok() {
            fs::write(with_swap, bytes)
        } else {
            fs::write(with_swap, &bytes)?;
            fs::write(limit, bytes)
        }
    }

    pub(super) fn join_files(&self) -> Vec<PathBuf> {
        self.0
            .all()
            .into_iter()
            .map(|path| path.join("cgroup.procs"))
            .collect()
    }

    pub(super) fn usage(&self) -> io::Result<GroupUsage> {
        let memory = &self.0.memory;
        let stat = fs::read_to_string(memory.join("memory.stat"))?;
        let cache =
            stat_value(&stat, "total_inactive_file") + stat_value(&stat, "total_active_file");
        let used = read_number(&memory.join("memory.usage_in_bytes"))?;
        let cpu_ns = self
            .0
            .cpuacct
            .as_ref()
            .map_or(Ok(0), |path| read_number(&path.join("cpuacct.usage")))?;
        let processes = self
            .0
            .pids
            .as_ref()
            .map_or(Ok(0), |path| read_number(&path.join("pids.current")))?;
        Ok(GroupUsage {
            cpu_us: cpu_ns / 1000,
            memory_bytes: used.saturating_sub(cache),
            processes: u32::try_from(processes).unwrap_or(u32::MAX),
            moved: None,
        })
    }

    pub(super) fn oom_kills(&self) -> u64 {
        let control = fs::read_to_string(self.0.memory.join("memory.oom_control"));
        stat_value(&control.unwrap_or_default(), "oom_kill")
    }

    /// Does something while no process of the group can run, so that none can fork away from it.
    pub(super) fn frozen(&self, f: impl FnOnce()) {
        let state = self
            .0
            .freezer
            .as_ref()
            .map(|path| path.join("freezer.state"));
        if let Some(state) = &state {
            let _ = fs::write(state, "FROZEN");
        }
        f();
        if let Some(state) = &state {
            let _ = fs::write(state, "THAWED");
        }
    }

    pub(super) fn remove(&self, deadline: Instant) -> io::Result<()> {
        self.0
            .all()
            .into_iter()
            .try_for_each(|path| remove_directory(path, deadline))
    }
}

/// Makes a group, and the node's again if someone has tidied it away.
fn make_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

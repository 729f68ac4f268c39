//! What a workspace uses, read from `/proc`, for where no control group counts.

use std::fs;

use super::cgroup::GroupUsage;
use super::process::Stat;
use super::sandbox::descendants;

/// Sums over the init process and everything below it. CPU time of processes that ended without
/// being waited for is not in it, and shared memory counts for each.
pub(super) fn of_tree(init: i32) -> GroupUsage {
    let mut usage = GroupUsage {
        cpu_us: 0,
        memory_bytes: 0,
        processes: 0,
        moved: None,
    };
    let ticks_per_second = rustix::param::clock_ticks_per_second().max(1);
    let page = rustix::param::page_size() as u64;
    for pid in std::iter::once(init).chain(descendants::of(init)) {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if let Some(stat) = Stat::parse(&stat) {
            usage.cpu_us += stat.cpu_ticks * 1_000_000 / ticks_per_second;
            usage.memory_bytes += stat.resident_pages * page;
            usage.processes += stat.threads;
        }
    }
    usage
}

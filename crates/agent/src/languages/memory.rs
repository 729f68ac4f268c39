//! How much memory a process group uses.

use std::fs;

use rustix::process::Pid;

/// The memory that a process and those that it has started use, in bytes: what is resident of the whole
/// group, which counts shared pages more than once (proc(5), `/proc/pid/stat`).
pub(crate) fn resident(group: Pid) -> u64 {
    let Ok(entries) = fs::read_dir("/proc") else {
        return 0;
    };
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    let pages: u64 = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name();
            name.to_str()?.parse::<u32>().ok()?;
            let stat = fs::read_to_string(format!("/proc/{}/stat", name.to_str()?)).ok()?;
            pages_of(&stat, group.as_raw_pid())
        })
        .sum();
    pages.saturating_mul(page)
}

/// The resident pages in a line of `stat`, if it is of that group.
fn pages_of(stat: &str, group: i32) -> Option<u64> {
    // The name may hold anything, parentheses too.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    // State, parent, group; the resident pages are 19 fields further on.
    let of = fields.nth(2)?.parse::<i32>().ok()?;
    let pages = fields.nth(18)?.parse().ok()?;
    (of == group).then_some(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_uses_memory() {
        let own = rustix::process::getpgrp();
        assert!(resident(own) > 100_000);
        let stat = "7 (a) b) S 1 5 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 9 1000 42 18";
        assert_eq!(pages_of(stat, 5), Some(42));
        assert_eq!(pages_of(stat, 6), None);
    }
}

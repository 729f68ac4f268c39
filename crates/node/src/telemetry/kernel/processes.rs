//! Processes.

use std::fs;

/// A process and what it has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::telemetry) struct Process {
    pub(in crate::telemetry) pid: u32,
    pub(in crate::telemetry) name: String,
    /// Its own clock ticks, without those of children.
    pub(in crate::telemetry) cpu_ticks: u64,
    /// Tells it from a later one with the same id.
    pub(in crate::telemetry) start_ticks: u64,
    pub(in crate::telemetry) resident_pages: u64,
}

/// All processes but the kernel's own threads.
pub(in crate::telemetry) fn processes() -> Vec<Process> {
    let mut found = Vec::new();
    let mut path = String::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        path.clear();
        path.push_str("/proc/");
        path.push_str(&pid.to_string());
        path.push_str("/stat");
        // Names may hold any bytes.
        let line = fs::read(&path).unwrap_or_default();
        found.extend(parse(pid, &String::from_utf8_lossy(&line)));
    }
    found.retain(|process| process.resident_pages > 0);
    found
}

/// The name may contain anything, parentheses too.
fn parse(pid: u32, stat: &str) -> Option<Process> {
    let (left, rest) = stat.rsplit_once(") ")?;
    let (_, name) = left.split_once(" (")?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // proc(5) counts from 1, and `state`, the first here, is its field 3.
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Process {
        pid,
        name: name.to_owned(),
        cpu_ticks: number(14)? + number(15)?,
        start_ticks: number(22)?,
        resident_pages: number(24)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_not_counted() {
        let line = "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 7 5 200 100 20 0 3 0 12345 1000 250 \
                    18446744073709551615 0 0";
        let expected = Process {
            pid: 42,
            name: "a) b (c".into(),
            cpu_ticks: 12,
            start_ticks: 12345,
            resident_pages: 250,
        };
        assert_eq!(parse(42, line), Some(expected));
        assert_eq!(parse(42, "42 (a) S 1"), None);
        assert_eq!(parse(42, ""), None);
    }

    #[test]
    fn this_process_is_found() {
        let own = std::process::id();
        assert!(processes().iter().any(|process| process.pid == own));
    }
}

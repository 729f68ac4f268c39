//! CPUs, load, uptime and open files.

use super::{read, thousandths};

/// What a logical CPU has done since the machine started, in clock ticks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::telemetry) struct CoreTicks {
    pub(in crate::telemetry) busy: u64,
    pub(in crate::telemetry) all: u64,
}

/// Each logical CPU that is switched on.
pub(in crate::telemetry) fn cores() -> Vec<CoreTicks> {
    parse_cores(&read("/proc/stat"))
}

fn parse_cores(stat: &str) -> Vec<CoreTicks> {
    let core = |line: &str| {
        let (name, rest) = line.split_once(' ')?;
        name.strip_prefix("cpu")?.parse::<u32>().ok()?;
        // user nice system idle iowait irq softirq steal; guests are counted in user already.
        let ticks: Vec<u64> = rest
            .split_ascii_whitespace()
            .take(8)
            .map_while(|number| number.parse().ok())
            .collect();
        let all = ticks.iter().sum();
        let idle: u64 = ticks.get(3)? + ticks.get(4).unwrap_or(&0);
        Some(CoreTicks {
            busy: all - idle,
            all,
        })
    };
    stat.lines().filter_map(core).collect()
}

/// The load average over 1, 5 and 15 minutes, in thousandths.
pub(in crate::telemetry) fn load() -> [u64; 3] {
    parse_load(&read("/proc/loadavg"))
}

fn parse_load(loadavg: &str) -> [u64; 3] {
    let mut numbers = loadavg
        .split(' ')
        .map(|text| thousandths(text).unwrap_or(0));
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

/// Seconds since the machine started.
pub(in crate::telemetry) fn uptime() -> u64 {
    let text = read("/proc/uptime");
    let seconds = text.split(['.', ' ']).next();
    seconds.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Open file handles of the whole machine.
pub(in crate::telemetry) fn open_files() -> u64 {
    let text = read("/proc/sys/fs/file-nr");
    let allocated = text.split_ascii_whitespace().next();
    allocated.and_then(|text| text.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "\
cpu  300 0 100 700 100 0 0 0 50 0
cpu0 200 10 50 300 40 5 5 10 50 0
cpu1 100 0 50 400 60 0 0 0 0 0
intr 12345 0 0
ctxt 99
cpufreq 1 2 3
";

    #[test]
    fn waiting_for_a_device_is_idle() {
        let expected = [(280, 620), (150, 610)].map(|(busy, all)| CoreTicks { busy, all });
        assert_eq!(parse_cores(STAT), expected);
        assert_eq!(parse_cores("cpu0\ncpu1 1 2\n"), []);
    }

    #[test]
    fn the_load_is_read() {
        assert_eq!(
            parse_load("0.20 1.18 12.00 1/80 11206\n"),
            [200, 1180, 12_000]
        );
        assert_eq!(parse_load(""), [0; 3]);
    }
}

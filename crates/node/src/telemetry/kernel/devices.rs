//! Block devices and what moved to and from them (Linux, `Documentation/admin-guide/iostats.rst`).

use std::path::Path;

use super::read;

/// A sector in the kernel's counters, in bytes, whatever the device's own are.
const SECTOR: u64 = 512;

/// What a device has done since the machine started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::telemetry) struct Device {
    pub(in crate::telemetry) name: String,
    pub(in crate::telemetry) read_bytes: u64,
    pub(in crate::telemetry) written_bytes: u64,
    pub(in crate::telemetry) busy_ms: u64,
}

/// Whole devices that have done anything.
pub(in crate::telemetry) fn devices() -> Vec<Device> {
    let mut devices = parse(&read("/proc/diskstats"));
    // Partitions are counted in their devices.
    devices.retain(|device| Path::new("/sys/block").join(&device.name).exists());
    devices
}

fn parse(diskstats: &str) -> Vec<Device> {
    let device = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let name = *fields.get(2)?;
        let number = |field: usize| fields.get(field)?.parse::<u64>().ok();
        let found = Device {
            name: name.to_owned(),
            read_bytes: number(5)?.saturating_mul(SECTOR),
            written_bytes: number(9)?.saturating_mul(SECTOR),
            busy_ms: number(12)?,
        };
        let counts = !name.starts_with("loop") && !name.starts_with("ram");
        (counts && found.read_bytes + found.written_bytes > 0).then_some(found)
    };
    diskstats.lines().filter_map(device).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISKSTATS: &str = "
 253       0 vda 1000 5 2048 300 2000 6 4096 400 0 700 900 0 0 0 0 7 8
   7       0 loop0 10 0 100 1 0 0 0 0 0 1 1
 253      16 vdb 0 0 0 0 0 0 0 0 0 0 0
 broken
";

    #[test]
    fn sectors_become_bytes() {
        let expected = Device {
            name: "vda".into(),
            read_bytes: 2048 * 512,
            written_bytes: 4096 * 512,
            busy_ms: 700,
        };
        assert_eq!(parse(DISKSTATS), [expected]);
    }
}

//! Mounted file systems. Only those on devices of this machine: to ask others may take for ever.

use std::collections::BTreeSet;

use atelier_api::node::DiskSample;
use rustix::fs::statvfs;

use super::read;

/// More mounts than this are no longer looked at: containers make thousands.
const DISKS_MAX: usize = 32;

/// The file systems and their space.
pub(in crate::telemetry) fn disks() -> Vec<DiskSample> {
    let mounts = parse(&read("/proc/self/mountinfo"));
    let disk = |path: String| {
        let found = statvfs(path.as_str()).ok()?;
        Some(DiskSample {
            total_bytes: found.f_blocks.saturating_mul(found.f_frsize),
            available_bytes: found.f_bavail.saturating_mul(found.f_frsize),
            inodes: found.f_files,
            inodes_available: found.f_favail,
            path,
        })
    };
    let disks = mounts.into_iter().take(DISKS_MAX).filter_map(disk);
    disks.filter(|disk| disk.total_bytes > 0).collect()
}

/// Where each device is mounted first.
fn parse(mountinfo: &str) -> Vec<String> {
    let mut devices = BTreeSet::new();
    let mount = |line: &str| {
        let (left, right) = line.split_once(" - ")?;
        let left: Vec<&str> = left.split(' ').collect();
        let (device, path) = (left.get(2)?, left.get(4)?);
        let source = right.split(' ').nth(1)?;
        // Loop devices hold packages that are always full.
        let local = source.starts_with("/dev/") && !source.starts_with("/dev/loop");
        (local && devices.insert((*device).to_owned())).then(|| unescape(path))
    };
    mountinfo.lines().filter_map(mount).collect()
}

/// Undoes the `\040` of spaces and the like.
fn unescape(path: &str) -> String {
    let mut parts = path.split('\\');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..3).map(|octal| u8::from_str_radix(octal, 8)) {
            Some(Ok(byte)) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[3..]);
            }
            _ => bytes.extend_from_slice(part.as_bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
21 1 253:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
22 21 0:5 / /dev rw - devtmpfs udev rw
30 21 253:16 / /mnt/my\\040disk rw - xfs /dev/vdb rw
31 21 253:0 /var /elsewhere rw - ext4 /dev/vda1 rw
32 21 7:1 / /snap/x ro - squashfs /dev/loop1 ro
33 21 0:50 / /net rw - nfs4 server:/export rw
broken
";

    #[test]
    fn each_device_counts_once() {
        assert_eq!(parse(MOUNTS), ["/", "/mnt/my disk"]);
    }
}

//! What this machine is.

use std::fs;

use atelier_api::node::{Driver, NodeInfo, NodePolicy, Protection};
use sha2::{Digest as _, Sha256};

/// Bytes of memory of the machine; a cautious 1 GiB where that cannot be read.
pub(crate) fn memory_bytes() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .and_then(|number| number.trim().parse::<u64>().ok());
    kilobytes.map_or(1 << 30, |kilobytes| kilobytes * 1024)
}

/// Logical CPUs that the node may use.
pub(crate) fn cpus() -> u32 {
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What the node says of itself.
pub(crate) fn info(protections: Vec<Protection>, policy: NodePolicy) -> NodeInfo {
    let uname = rustix::system::uname();
    NodeInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        hostname: uname.nodename().to_string_lossy().into_owned(),
        kernel: format!(
            "{} {}",
            uname.sysname().to_string_lossy(),
            uname.release().to_string_lossy()
        ),
        architecture: uname.machine().to_string_lossy().into_owned(),
        cpus: cpus(),
        memory_bytes: memory_bytes(),
        drivers: vec![Driver::Host],
        protections,
        policy: Some(policy),
        machine: fs::read_to_string("/etc/machine-id")
            .ok()
            .map(|id| machine(id.trim())),
        program: None,
    }
}

/// A name of the machine that tells nobody its id, which is confidential (machine-id(5)).
fn machine(id: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"atelier machine v1\0");
    hash.update(id);
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_told_apart_without_their_ids() {
        let id = "b08dfa6083e7567a1921a715000001fb";
        let name = machine(id);
        assert_eq!(name.len(), 64);
        assert!(name == machine(id) && name != machine("") && !name.contains(id));
    }
}

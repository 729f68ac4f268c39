//! Which protections hold, put together from what the sandbox found and what limits there are.

use atelier_api::node::{Protection, ProtectionKind, WorkspaceLimits};

use super::cgroup::Cgroups;

/// Said of everything where workspaces run inside the node.
pub(super) const NOT_ISOLATED: &str =
    "Workspaces run inside the node process, without isolation. This is for tests only.";

const ALL: &[ProtectionKind] = &[
    ProtectionKind::OwnUser,
    ProtectionKind::Filesystem,
    ProtectionKind::Processes,
    ProtectionKind::Ipc,
    ProtectionKind::NoNewPrivileges,
    ProtectionKind::Landlock,
    ProtectionKind::MemoryLimit,
    ProtectionKind::CpuLimit,
    ProtectionKind::ProcessLimit,
];

/// Nothing holds: workspaces run inside the node.
pub(super) fn none() -> Vec<Protection> {
    all_lost(NOT_ISOLATED)
}

/// Nothing holds, because no sandbox can be built.
pub(super) fn failed(reason: &str) -> Vec<Protection> {
    all_lost(&format!("No sandbox can be built here. {reason}"))
}

fn all_lost(detail: &str) -> Vec<Protection> {
    let lost = |kind: &ProtectionKind| Protection {
        kind: *kind,
        holds: false,
        detail: detail.to_owned(),
    };
    ALL.iter().map(lost).collect()
}

/// Adds the limits to what the sandbox said. What the sandbox says of a limit counts: it knows
/// whether it could enter its group.
pub(super) fn complete(
    mut found: Vec<Protection>,
    cgroups: &Cgroups,
    limits: &WorkspaceLimits,
) -> Vec<Protection> {
    let controllers = cgroups.controllers();
    let memory = limits
        .memory_bytes
        .map(|bytes| format!("{} MiB", bytes >> 20));
    let cpu = limits
        .cpu_millis
        .map(|millis| format!("{}.{:02} CPUs", millis / 1000, millis % 1000 / 10));
    let processes = limits
        .processes
        .map(|count| format!("{count} processes and threads"));
    for (kind, limit, controller) in [
        (ProtectionKind::MemoryLimit, memory, controllers.memory),
        (ProtectionKind::CpuLimit, cpu, controllers.cpu),
        (
            ProtectionKind::ProcessLimit,
            processes,
            controllers.processes,
        ),
    ] {
        if found.iter().any(|protection| protection.kind == kind) {
            continue;
        }
        let (holds, detail) = match (limit, controller) {
            (Some(limit), Ok(by)) => (true, format!("At most {limit}, by {by}.")),
            (None, Ok(_)) => (
                false,
                "No limit is set. Set one in the workspace or in the node's defaults.".to_owned(),
            ),
            (_, Err(reason)) => (false, reason),
        };
        found.push(Protection {
            kind,
            holds,
            detail,
        });
    }
    found.sort_by_key(|protection| ALL.iter().position(|kind| *kind == protection.kind));
    found
}

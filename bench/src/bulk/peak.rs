//! The most memory that a process had, between two looks.

use std::fs;

use anyhow::Context as _;
use atelier_api::ids::WorkspaceId;

use crate::control_plane::ControlPlane;
use crate::memory::agent_of;
use crate::report::Report;

/// The control plane with its own node, and a workspace's agent.
#[derive(Debug)]
pub(super) struct Peak {
    processes: [(&'static str, i32); 2],
    before: [u64; 2],
}

impl Peak {
    /// Begins to look.
    pub(super) fn begin(server: &ControlPlane, id: WorkspaceId) -> anyhow::Result<Self> {
        let processes = [
            ("server and node", i32::try_from(server.pid())?),
            ("agent", agent_of(server, id)?),
        ];
        for (_, pid) in processes {
            // 5 sets the peak back to what is resident now (proc(5)).
            fs::write(format!("/proc/{pid}/clear_refs"), "5")?;
        }
        let before = [peak(processes[0].1)?, peak(processes[1].1)?];
        Ok(Self { processes, before })
    }

    /// Reports by how much each grew meanwhile, in the worst moment.
    pub(super) fn report(
        self,
        work: &str,
        bound_mib: u64,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        for ((name, pid), before) in self.processes.into_iter().zip(self.before) {
            let grown = peak(pid)?.saturating_sub(before) / 1024;
            report.row(
                &format!("{work}: memory at the peak, {name}"),
                format!("+ {grown} MiB"),
                format!("{} MiB before", before / 1024),
                &format!("≤ + {bound_mib} MiB"),
                grown <= bound_mib,
            );
        }
        Ok(())
    }
}

/// KiB, the most since it was set back.
fn peak(pid: i32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(number.context("no peak")?.parse()?)
}

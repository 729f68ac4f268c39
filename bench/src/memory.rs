//! Resident memory, from `/proc`.

use std::fs;

use anyhow::Context as _;
use atelier_api::ids::WorkspaceId;

use crate::control_plane::ControlPlane;
use crate::report::Report;
use crate::terminal::Socket;

/// How many terminals and viewers a measurement adds.
const TERMINALS: u64 = 40;
const VIEWERS: u64 = 100;

/// KiB resident, of a process.
pub(crate) fn resident(pid: i32) -> anyhow::Result<u64> {
    field(&format!("/proc/{pid}/status"), "VmRSS:")
}

/// KiB of memory that is a process's own share (PSS).
pub(crate) fn proportional(pid: i32) -> anyhow::Result<u64> {
    field(&format!("/proc/{pid}/smaps_rollup"), "Pss:")
}

fn field(path: &str, name: &str) -> anyhow::Result<u64> {
    let text = fs::read_to_string(path)?;
    let line = text
        .lines()
        .find(|line| line.starts_with(name))
        .context("no such field")?;
    let number = line.split_whitespace().nth(1).context("no number")?;
    Ok(number.parse()?)
}

/// The process ids of a workspace's init and agent.
pub(crate) fn processes_of(server: &ControlPlane, id: WorkspaceId) -> anyhow::Result<[i32; 2]> {
    let state = server
        .data
        .path()
        .join(format!("data/node/workspaces/{id}/state.json"));
    let state: serde_json::Value = serde_json::from_slice(&fs::read(state)?)?;
    let init = find_pid(&state).context("the node's state names no process")?;
    let children = fs::read_to_string(format!("/proc/{init}/task/{init}/children"))?;
    let agent = children
        .split_whitespace()
        .next()
        .context("the init has no child")?
        .parse()?;
    Ok([init, agent])
}

fn find_pid(state: &serde_json::Value) -> Option<i32> {
    match state {
        serde_json::Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let pid = if name == "pid" { value.as_i64() } else { None };
            pid.and_then(|pid| i32::try_from(pid).ok())
                .or_else(|| find_pid(value))
        }),
        _ => None,
    }
}

/// The process id of a workspace's agent.
pub(crate) fn agent_of(server: &ControlPlane, id: WorkspaceId) -> anyhow::Result<i32> {
    processes_of(server, id).map(|[_, agent]| agent)
}

pub(crate) async fn measure(server: &ControlPlane, report: &mut Report) -> anyhow::Result<()> {
    let pid = i32::try_from(server.pid())?;
    let idle = resident(pid)?;
    let workspace = server.workspace("bench memory").await?;
    let agent = agent_of(server, workspace)?;
    let agent_idle = resident(agent)?;
    mib(report, "server idle, RSS", idle, 50);
    mib(report, "agent idle, RSS", agent_idle, 8);

    let mut terminals = Vec::new();
    for _ in 0..TERMINALS {
        let terminal = server.terminal(workspace, "").await?;
        // The prompt: the shell is up.
        server.attach(workspace, &terminal).await?.output().await?;
        terminals.push(terminal);
    }
    let with_terminals = resident(agent)?;
    kib(
        report,
        "one more idle terminal, agent",
        with_terminals.saturating_sub(agent_idle) / TERMINALS,
        64,
    );

    let before = resident(agent)? + resident(pid)?;
    let mut viewers: Vec<Socket> = Vec::new();
    for _ in 0..VIEWERS {
        let mut viewer = server.attach(workspace, &terminals[0]).await?;
        viewer.output().await?;
        viewers.push(viewer);
    }
    let after = resident(agent)? + resident(pid)?;
    kib(
        report,
        "one more viewer, agent and server",
        after.saturating_sub(before) / VIEWERS,
        48,
    );
    Ok(())
}

pub(crate) fn mib(report: &mut Report, work: &str, kib: u64, bound: u64) {
    let measured = format!("{:.1} MiB", kib as f64 / 1024.0);
    report.row(
        work,
        measured,
        String::from("–"),
        &format!("≤ {bound} MiB"),
        kib <= bound * 1024,
    );
}

pub(crate) fn kib(report: &mut Report, work: &str, kib: u64, bound: u64) {
    report.row(
        work,
        format!("{kib} KiB"),
        String::from("–"),
        &format!("≤ {bound} KiB"),
        kib <= bound,
    );
}

//! `atelier agent`: the workspace agent. The node starts it; people have no reason to.

use std::path::PathBuf;

use atelier_agent::AgentArgs;
use clap::Args;

/// Serves a workspace's terminals, files and processes on a Unix socket.
#[derive(Debug, Args)]
pub(crate) struct Agent {
    /// The Unix socket.
    #[arg(long)]
    socket: PathBuf,
    /// The folder of the projects.
    #[arg(long)]
    workspace: PathBuf,
    /// The workspace user's home.
    #[arg(long)]
    home: PathBuf,
    /// The workspace's name.
    #[arg(long)]
    name: String,
}

pub(crate) fn run(arguments: Agent) -> anyhow::Result<()> {
    let Agent {
        socket,
        workspace,
        home,
        name,
    } = arguments;
    Ok(atelier_agent::main(AgentArgs {
        socket,
        workspace,
        home,
        name,
    })?)
}

//! `atelier agent`: the workspace agent. The node starts it; people have no reason to.

use std::path::PathBuf;

use atelier_agent::AgentArgs;
use atelier_api::node::FilesPolicy;
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
    /// Serve the machine itself instead of a workspace, with this policy on its files, as JSON.
    #[arg(long, value_name = "POLICY", value_parser = files_policy)]
    machine: Option<FilesPolicy>,
}

fn files_policy(json: &str) -> Result<FilesPolicy, serde_json::Error> {
    serde_json::from_str(json)
}

pub(crate) fn run(arguments: Agent) -> anyhow::Result<()> {
    let Agent {
        socket,
        workspace,
        home,
        name,
        machine,
    } = arguments;
    let args = AgentArgs {
        socket,
        workspace,
        home,
        name,
    };
    Ok(atelier_agent::main(args, machine)?)
}

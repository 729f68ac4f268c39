//! `atelier audit …`.

use std::path::PathBuf;

use clap::Subcommand;

use crate::output::Output;

/// Works on the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Walks every organization's hash chain and names the first link that is broken. Run it on the
    /// server; a running one need not be stopped.
    Verify {
        /// The server's configuration file.
        #[arg(long, env = "ATELIER_CONFIG")]
        config: Option<PathBuf>,
        /// The server's data folder.
        #[arg(long)]
        data: Option<PathBuf>,
    },
}

pub(crate) async fn run(command: AuditCommand, output: Output) -> anyhow::Result<()> {
    let _ = (command, output);
    anyhow::bail!("not yet")
}

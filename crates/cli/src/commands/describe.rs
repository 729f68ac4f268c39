//! What `cargo xtask regen` asks for: the API's description, the schemas of the
//! configuration and of the bridge; and the
//! shells' completions.
#![expect(
    clippy::print_stdout,
    reason = "printing is what these commands are for"
)]

use clap::CommandFactory as _;
use clap_complete::Shell;

/// Prints the description of the API.
pub(crate) fn openapi() -> anyhow::Result<()> {
    println!("{}", atelier_server::openapi().to_pretty_json()?);
    Ok(())
}

/// Prints the JSON schema of the configuration file.
pub(crate) fn config_schema() -> anyhow::Result<()> {
    println!(
        "{}",
        serde_json::to_string_pretty(&atelier_server::Config::schema())?
    );
    Ok(())
}

/// Prints the JSON schema of the bridge's messages.
pub(crate) fn bridge_schema() -> anyhow::Result<()> {
    let schema = atelier_server::workspaces::bridge_schema();
    println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(())
}

/// Prints the completions for a shell.
pub(crate) fn completions(shell: Shell) {
    let mut command = crate::Cli::command();
    clap_complete::generate(shell, &mut command, "atelier", &mut std::io::stdout());
}

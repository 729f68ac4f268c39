//! The `atelier` program: the control plane (`serve`), the workspace agent (`agent`, started by the
//! node inside a sandbox), and the commands that people type.

mod backoff;
mod client;
mod commands;
mod credentials;
mod output;
mod raw_mode;
mod status;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use clap_complete::Shell as CompletionShell;

use commands::{
    agent, audit, cp, describe, exec, file, login, node, nodes, policy, port, preference, sandbox,
    search, serve, shell, terminal, trash, workspace,
};
use output::Output;

/// glibc's arenas make long-running processes grow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted workshop where people and AI assistants build software together.
#[derive(Debug, Parser)]
#[command(name = "atelier", version, propagate_version = true)]
pub(crate) struct Cli {
    /// The form of the output.
    #[arg(long, global = true, value_enum, default_value_t)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Login(login::Login),
    /// Forgets the token that `login` keeps.
    Logout,
    /// Manages workspaces.
    #[command(subcommand)]
    Workspace(workspace::WorkspaceCommand),
    /// Makes this machine a server of a control plane, and looks after it.
    #[command(subcommand)]
    Node(node::NodeCommand),
    /// Manages servers.
    #[command(subcommand)]
    Nodes(nodes::NodesCommand),
    Shell(shell::Shell),
    /// Manages terminals.
    #[command(subcommand)]
    Terminal(terminal::TerminalCommand),
    /// Shows, shares and opens what listens in workspaces.
    #[command(subcommand)]
    Port(port::PortCommand),
    /// Records what terminals show.
    #[command(subcommand)]
    Recording(terminal::RecordingCommand),
    Exec(exec::Exec),
    Cp(cp::Cp),
    /// Manages files of workspaces, many at once.
    #[command(subcommand)]
    File(file::FileCommand),
    /// Manages what was deleted from a workspace.
    #[command(subcommand)]
    Trash(trash::TrashCommand),
    /// Searches the files of a workspace.
    #[command(subcommand)]
    Search(search::SearchCommand),
    /// Says what the command policy decides.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Manages your preferences.
    #[command(subcommand)]
    Preference(preference::PreferenceCommand),
    /// Proves that the audit log has not been tampered with.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Prints completions for a shell.
    Completions {
        /// Which shell.
        shell: CompletionShell,
    },
    #[command(hide = true)]
    Agent(agent::Agent),
    #[command(hide = true)]
    SandboxInit,
    #[command(hide = true)]
    MachineInit {
        /// What to do, as JSON.
        specification: String,
    },
    #[command(hide = true)]
    Openapi,
    #[command(hide = true)]
    ConfigSchema,
    #[command(hide = true)]
    BridgeSchema,
}

fn main() -> ExitCode {
    // Before anything else touches this process: it must become a sandbox.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|argument| argument == "sandbox-init")
    {
        return sandbox::run();
    }
    // Git runs this program under other names.
    if let Some(status) = atelier_agent::git_helper() {
        return status;
    }
    let cli = Cli::parse();
    match run(cli) {
        Ok(status) => ExitCode::from(u8::try_from(status).unwrap_or(1)),
        Err(error) => {
            status::say(&format!("atelier: {error:#}"));
            ExitCode::from(1)
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<i32> {
    let output = cli.output;
    match cli.command {
        Command::Serve(arguments) => serve::run(&arguments).map(|()| 0),
        Command::Agent(arguments) => agent::run(arguments).map(|()| 0),
        Command::SandboxInit => Ok(0),
        Command::MachineInit { specification } => Err(sandbox::run_machine(&specification)),
        Command::Openapi => describe::openapi().map(|()| 0),
        Command::ConfigSchema => describe::config_schema().map(|()| 0),
        Command::BridgeSchema => describe::bridge_schema().map(|()| 0),
        Command::Completions { shell } => {
            describe::completions(shell);
            Ok(0)
        }
        Command::Audit(command) => block_on(audit::run(command, output)).map(|()| 0),
        Command::Login(arguments) => block_on(login::login(arguments, output)).map(|()| 0),
        Command::Logout => login::logout(output).map(|()| 0),
        Command::Workspace(command) => block_on(workspace::run(command, output)).map(|()| 0),
        Command::Node(command) => node::run(command, output),
        Command::Nodes(command) => block_on(nodes::run(command, output)),
        Command::Policy(command) => policy::run(&command, output),
        Command::Preference(command) => block_on(preference::run(command, output)).map(|()| 0),
        Command::Terminal(command) => block_on(terminal::run(command, output)).map(|()| 0),
        Command::Port(command) => block_on(port::run(command, output)).map(|()| 0),
        Command::Recording(command) => {
            block_on(terminal::run_recording(command, output)).map(|()| 0)
        }
        Command::Shell(arguments) => block_on(shell::run(arguments)),
        Command::Exec(arguments) => block_on(exec::run(arguments)),
        Command::File(command) => block_on(file::run(command, output)).map(|()| 0),
        Command::Trash(command) => block_on(trash::run(command, output)).map(|()| 0),
        Command::Search(command) => block_on(search::run(command, output)),
        Command::Cp(arguments) => block_on(cp::run(arguments, output)).map(|()| 0),
    }
}

/// Runs a user command. The threads that read standard input do not hold the process up.
fn block_on<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(command)
}

//! The project's own commands: `cargo xtask up`, `test`, `regen` and `tidy`.
//!
//! Few dependencies, so that the first `cargo xtask up` on a fresh machine builds this in seconds.
#![expect(
    clippy::print_stdout,
    reason = "a command-line program: its output is its interface"
)]

mod npm;
mod prerequisites;
mod regen;
mod repository;
mod step;
mod test;
mod tidy;
mod up;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::repository::Repository;
use crate::test::Stage;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, run and check Atelier")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds Atelier and starts it; prints the set-up link
    Up {
        /// Where the server keeps its data
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
        /// The port to listen on [default: the server's own]
        #[arg(long, value_name = "PORT")]
        port: Option<u16>,
        /// Installs nothing: prints the command that would
        #[arg(long)]
        no_install: bool,
    },
    /// Runs every check of the project, as CI does
    Test {
        /// Only these stages
        #[arg(long, value_name = "STAGE", num_args = 1.., conflicts_with = "skip")]
        only: Vec<Stage>,
        /// All stages but these
        #[arg(long, value_name = "STAGE", num_args = 1..)]
        skip: Vec<Stage>,
        /// Installs nothing: prints the command that would
        #[arg(long)]
        no_install: bool,
    },
    /// Writes the generated files: openapi.json, config.schema.json, the TypeScript client
    Regen,
    /// Checks the walls between crates and folders, and the house rules
    Tidy,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let repository = Repository::locate()?;
    match arguments.command {
        Command::Up {
            data,
            port,
            no_install,
        } => up::run(&repository, &data, port, !no_install),
        Command::Test {
            only,
            skip,
            no_install,
        } => test::run(&repository, &only, &skip, !no_install),
        Command::Regen => regen::run(&repository),
        Command::Tidy => tidy::run(&repository),
    }
}

//! `atelier sandbox-init`: the first process of a workspace; `atelier machine-init`: that of the machine's
//! own agent. The node starts both.

use std::process::ExitCode;

pub(crate) fn run() -> ExitCode {
    ExitCode::from(atelier_node::sandbox_init())
}

pub(crate) fn run_machine(specification: &str) -> anyhow::Error {
    anyhow::Error::new(atelier_node::machine_init(specification))
}

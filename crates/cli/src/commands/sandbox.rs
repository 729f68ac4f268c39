//! `atelier sandbox-init`: the first process of a workspace. The node starts it.

use std::process::ExitCode;

pub(crate) fn run() -> ExitCode {
    ExitCode::from(atelier_node::sandbox_init())
}

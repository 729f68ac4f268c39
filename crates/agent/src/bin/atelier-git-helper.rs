//! What tests give to Git in place of the `atelier` program (`Config::helper`). It is not shipped.

use std::process::ExitCode;

fn main() -> ExitCode {
    atelier_agent::git_helper().unwrap_or(ExitCode::FAILURE)
}

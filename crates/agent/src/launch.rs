//! What it takes to start a program: its command, directory and environment, checked.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus as OsExitStatus;

use atelier_api::agent::terminals::ExitStatus;
use tokio::process::Command;

use crate::{AgentError, Config, clock};

/// A program that can be started.
#[derive(Debug)]
pub(crate) struct Launch {
    /// The program and its arguments; not empty.
    pub(crate) command: Vec<String>,
    /// Where it starts.
    pub(crate) cwd: PathBuf,
    /// Its whole environment.
    pub(crate) env: BTreeMap<String, String>,
}

impl Launch {
    /// Checks what a caller asked for. `cwd` is below the workspace root, or absolute.
    pub(crate) fn new(
        config: &Config,
        command: Vec<String>,
        cwd: Option<&str>,
        env: BTreeMap<String, String>,
    ) -> Result<Self, AgentError> {
        if command.first().is_none_or(String::is_empty) {
            return Err(AgentError::invalid("command", "Name the program to start."));
        }
        if command.iter().any(|part| part.contains('\0')) {
            return Err(AgentError::invalid(
                "command",
                "A command cannot contain the character NUL.",
            ));
        }
        for (name, value) in &env {
            if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
                let field = format!("env.{name}").replace('\0', "\u{fffd}");
                return Err(AgentError::invalid(
                    &field,
                    "A variable's name cannot be empty or contain `=`, and neither name nor value \
                     can contain the character NUL.",
                ));
            }
        }
        let cwd = config.workspace.join(cwd.unwrap_or_default());
        if !cwd.is_dir() {
            return Err(AgentError::invalid(
                "cwd",
                format!(
                    "`{}` is not a directory that can be entered.",
                    cwd.display()
                ),
            ));
        }
        let mut environment = config.environment();
        environment.extend(env);
        Ok(Self {
            command,
            cwd,
            env: environment,
        })
    }

    /// The command, ready for its standard streams.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.command[0]);
        command
            .args(&self.command[1..])
            .current_dir(&self.cwd)
            .env_clear()
            .envs(&self.env);
        command
    }

    /// Says why the program could not be started.
    pub(crate) fn refused(&self, error: io::Error) -> AgentError {
        let program = &self.command[0];
        let detail = match error.kind() {
            io::ErrorKind::NotFound => format!("There is no program `{program}` here."),
            io::ErrorKind::PermissionDenied => format!("`{program}` may not be run."),
            io::ErrorKind::ArgumentListTooLong => {
                "The command and its environment are longer than the system allows.".to_owned()
            }
            io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory => {
                return AgentError::limit_reached(
                    "The workspace has reached its limit of processes or memory. End something \
                     that runs, then try again.",
                )
                .caused_by(error);
            }
            _ => format!("`{program}` could not be started: {error}."),
        };
        AgentError::invalid("command", detail).caused_by(error)
    }
}

/// How a program ended, in the wire's form.
pub(crate) fn exit_status(status: OsExitStatus) -> ExitStatus {
    ExitStatus {
        code: status.code(),
        signal: status.signal(),
        at: clock::now(),
    }
}

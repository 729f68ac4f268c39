//! Running `ssh-keygen`, and `ssh -V`.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::Ssh;
use crate::AgentError;

/// None of them reaches a network or asks anything.
const TIMEOUT: Duration = Duration::from_secs(20);

impl Ssh {
    /// Runs one of OpenSSH's programs to its end.
    pub(super) async fn run(
        &self,
        program: &str,
        arguments: &[&str],
    ) -> Result<std::process::Output, AgentError> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        match tokio::time::timeout(TIMEOUT, command.output()).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                let detail = format!(
                    "The program {program} is not installed on this workspace's server. Have the server's \
                     package “openssh-client” installed."
                );
                Err(AgentError::unavailable(60, detail).caused_by(error))
            }
            Ok(Err(error)) => {
                let detail = format!("The program {program} cannot be started in this workspace.");
                Err(AgentError::unavailable(60, detail).caused_by(error))
            }
            Err(_) => Err(AgentError::timeout(format!(
                "{program} did not end within {} seconds, and was ended.",
                TIMEOUT.as_secs()
            ))),
        }
    }
}

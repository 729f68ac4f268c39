//! What a new program says of itself before anything is entrusted to it: `atelier node probe`.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use atelier_tunnel::PROTOCOLS;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use crate::daemon::DaemonDirectory;
use crate::text::one_line;
use crate::{HostPolicy, NodeConfig};

/// The words of [`Role`](super::Role) and what follows them, as they are now.
const SUCCESSION: u16 = 1;

/// How long a program may take to answer.
const WITHIN: Duration = Duration::from_secs(30);

/// How often, and how long each time, a file that is still being written is waited for.
const BUSY_MAX: u32 = 20;
const BUSY: Duration = Duration::from_millis(50);

/// How much of an answer is read, in bytes.
const ANSWER_MAX: u64 = 64 << 10;

/// A program's answer. Its fields only grow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// How it takes over from another.
    pub succession: u16,
    /// What it calls itself.
    pub version: String,
    /// The oldest and the newest protocol of the tunnel that it speaks.
    pub protocols: (u16, u16),
    /// Why it would not run on this data directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What this program has to say. Reads only.
pub fn probe(config: &NodeConfig, directory: &DaemonDirectory) -> Probe {
    Probe {
        succession: SUCCESSION,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocols: (*PROTOCOLS.start(), *PROTOCOLS.end()),
        problem: examine(config, directory).err(),
    }
}

fn examine(config: &NodeConfig, directory: &DaemonDirectory) -> Result<(), String> {
    if let Some(file) = &config.policy_file {
        HostPolicy::load(file).map_err(|error| crate::error::chain(&error))?;
    }
    let registration = directory
        .registration()
        .map_err(|error| format!("node.json: {error}"))?;
    let registration = registration.ok_or("this server has not joined")?;
    directory
        .key_of(&registration)
        .map(drop)
        .map_err(|error| crate::error::chain(&error))
}

/// Has a program show that it runs here and could take over; the error says for people what is wrong.
pub(super) async fn ask(program: &Path, arguments: &[OsString]) -> Result<(), String> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let failed =
        |error: std::io::Error| format!("The new program cannot be started here: {error}.");
    let mut child = spawn(&mut command).await.map_err(failed)?;
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("The new program cannot be heard.".to_owned());
    };
    let (mut answer, mut said) = (Vec::new(), Vec::new());
    let heard = async {
        let (mut out, mut err) = (out.take(ANSWER_MAX), err.take(ANSWER_MAX));
        tokio::try_join!(out.read_to_end(&mut answer), err.read_to_end(&mut said))?;
        child.wait().await
    };
    let status = match tokio::time::timeout(WITHIN, heard).await {
        Ok(status) => status.map_err(failed)?,
        Err(_) => {
            return Err(format!(
                "The new program did not answer within {} s.",
                WITHIN.as_secs()
            ));
        }
    };
    let said = one_line(&String::from_utf8_lossy(
        &said[said.len().saturating_sub(400)..],
    ));
    if !status.success() {
        return Err(
            format!("The new program does not run here ({status}). {said}")
                .trim_end()
                .to_owned(),
        );
    }
    let Ok(found) = serde_json::from_slice::<Probe>(&answer) else {
        return Err("The new program does not answer as a node does.".to_owned());
    };
    judge(&found)
}

/// A process that is just being started elsewhere may hold the freshly written file open for a moment more.
async fn spawn(command: &mut Command) -> std::io::Result<Child> {
    for _ in 0..BUSY_MAX {
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                tokio::time::sleep(BUSY).await;
            }
            result => return result,
        }
    }
    command.spawn()
}

fn judge(found: &Probe) -> Result<(), String> {
    let version = one_line(&found.version);
    if found.succession != SUCCESSION {
        return Err(format!(
            "The new program, version {version}, takes over in another way than this one hands over."
        ));
    }
    let (oldest, newest) = found.protocols;
    if oldest > *PROTOCOLS.end() || newest < *PROTOCOLS.start() {
        return Err(format!(
            "The new program, version {version}, speaks none of this one's protocols."
        ));
    }
    match &found.problem {
        Some(problem) => Err(format!(
            "The new program, version {version}, would not run here: {}.",
            one_line(problem)
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_can_take_over_passes() {
        let good = Probe {
            succession: SUCCESSION,
            version: "2".into(),
            protocols: (1, 9),
            problem: None,
        };
        assert_eq!(judge(&good), Ok(()));
        let newer = *PROTOCOLS.end() + 1;
        for bad in [
            Probe {
                succession: SUCCESSION + 1,
                ..good.clone()
            },
            Probe {
                protocols: (newer, newer),
                ..good.clone()
            },
            Probe {
                problem: Some("no key".into()),
                ..good
            },
        ] {
            assert!(judge(&bad).is_err(), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn programs_that_are_none_are_told_apart() {
        let ask = |program: &'static str| async move {
            ask(Path::new(program), &["probe".into()])
                .await
                .unwrap_err()
        };
        assert!(ask("/bin/false").await.contains("does not run here"));
        assert!(ask("/bin/echo").await.contains("does not answer"));
        assert!(ask("/nowhere").await.contains("cannot be started"));
    }
}

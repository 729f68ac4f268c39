//! The new program beside the old one, as the old one sees it.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::children::end_with_this;
use super::health::Found;
use super::role::{Role, share};
use super::start::command;
use crate::text::one_line;

/// The largest proof that is read, in bytes: a node has thousands of workspaces at most.
const PROOF_MAX: u64 = 1 << 20;

/// How much of its last words is kept, in bytes.
const WORDS_MAX: usize = 400;

/// How long it may take to end once it was asked to.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// The new program. Dropped, or when this process ends in whatever way, it is killed.
#[derive(Debug)]
pub(super) struct Successor {
    child: Child,
    proof: BufReader<tokio::io::Take<ChildStdout>>,
    words: JoinHandle<Vec<u8>>,
}

impl Successor {
    /// Starts it. From the main thread only, with whose end it ends.
    pub(super) fn start(program: &Path, arguments: &[OsString], lock: &File) -> io::Result<Self> {
        let mut command = Command::from(command(program, arguments, Role::Successor));
        command
            .stdin(Stdio::from(share(lock)?))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        end_with_this(&mut command);
        let mut child = command.spawn()?;
        let (Some(proof), Some(words)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(io::Error::other("its output cannot be read"));
        };
        Ok(Self {
            child,
            proof: BufReader::new(proof.take(PROOF_MAX)),
            words: tokio::spawn(pass_on(words)),
        })
    }

    /// Waits until it has proven itself; the error says for people why it never will.
    pub(super) async fn proof(&mut self) -> Result<Found, String> {
        let mut line = String::new();
        match self.proof.read_line(&mut line).await {
            Ok(0) | Err(_) => {}
            Ok(_) => {
                return serde_json::from_str(&line)
                    .map_err(|_| "The new program does not speak as a node does.".to_owned());
            }
        }
        let status = match tokio::time::timeout(ENDS_WITHIN, self.child.wait()).await {
            Ok(Ok(status)) => status.to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => return Err("The new program fell silent before it was healthy.".to_owned()),
        };
        let words = (&mut self.words).await.unwrap_or_default();
        let words = one_line(&String::from_utf8_lossy(&words));
        let text = format!("The new program ended ({status}) before it was healthy. {words}");
        Err(text.trim_end().to_owned())
    }

    /// Ends it; nothing is left of it afterwards.
    pub(super) async fn end(mut self) {
        if let Some(pid) = self
            .child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw)
        {
            let _ = kill_process(pid, Signal::TERM);
            if tokio::time::timeout(ENDS_WITHIN, self.child.wait())
                .await
                .is_ok()
            {
                return;
            }
        }
        self.kill().await;
    }

    /// Ends it without asking.
    pub(super) async fn kill(mut self) {
        if let Err(error) = self.child.kill().await {
            tracing::warn!(%error, "the new program could not be ended");
        }
    }
}

/// Passes what it says on to where this one's own words go; answers the end of it.
async fn pass_on(mut words: ChildStderr) -> Vec<u8> {
    let (mut last, mut buffer) = (Vec::new(), vec![0; 4096]);
    let mut out = tokio::io::stderr();
    while let Ok(count @ 1..) = words.read(&mut buffer).await {
        let _ = out.write_all(&buffer[..count]).await;
        last.extend_from_slice(&buffer[..count]);
        let over = last.len().saturating_sub(WORDS_MAX);
        last.drain(..over);
    }
    last
}

//! A process's stdin.

use std::io;

use tokio::io::AsyncWriteExt;
use tokio::process::ChildStdin;
use tokio::sync::Mutex;

use crate::AgentError;

/// The writing end of a process's stdin; writers take turns.
pub(super) struct Input {
    pipe: Mutex<Option<ChildStdin>>,
    /// The process was started with a stdin.
    given: bool,
}

impl Input {
    pub(super) fn new(pipe: Option<ChildStdin>) -> Self {
        Self {
            given: pipe.is_some(),
            pipe: Mutex::new(pipe),
        }
    }

    /// Refuses when the process was started without a stdin.
    pub(super) fn require(&self) -> Result<(), AgentError> {
        if self.given {
            return Ok(());
        }
        Err(AgentError::conflict(
            "The process was started without a stdin. Start it with `stdin: true` to write to it.",
        ))
    }

    /// Writes all bytes, as fast as the process reads them.
    pub(super) async fn write(&self, bytes: &[u8]) -> Result<(), AgentError> {
        self.require()?;
        let mut pipe = self.pipe.lock().await;
        let Some(open) = pipe.as_mut() else {
            return Err(closed());
        };
        open.write_all(bytes).await.map_err(|error| {
            *pipe = None;
            match error.kind() {
                io::ErrorKind::BrokenPipe => closed().caused_by(error),
                _ => AgentError::internal("The process's stdin cannot be written to.", error),
            }
        })
    }

    /// Ends the input: the process reads end of file after what was written.
    pub(super) async fn close(&self) {
        self.pipe.lock().await.take();
    }
}

fn closed() -> AgentError {
    AgentError::conflict("The process's stdin is closed; it takes no more input.")
}

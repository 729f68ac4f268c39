//! This program, started by itself in another role, as a process of its own.

use std::process::Stdio;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// The process. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Helper {
    pub(crate) child: Child,
    /// What it is told.
    pub(crate) input: ChildStdin,
    /// What it says after its first line.
    pub(crate) lines: Lines<BufReader<ChildStdout>>,
}

impl Helper {
    /// Starts it, and waits for its first line.
    pub(crate) async fn start(arguments: &[&str]) -> anyhow::Result<(Self, String)> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = child.stdin.take().context("the helper has no input")?;
        let output = child.stdout.take().context("the helper has no output")?;
        let mut lines = BufReader::new(output).lines();
        let first = lines.next_line().await?;
        let first = first.context("the helper ended at once")?;
        let helper = Self {
            child,
            input,
            lines,
        };
        Ok((helper, first))
    }
}

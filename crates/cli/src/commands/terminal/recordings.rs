//! `atelier recording …`.

use std::path::PathBuf;

use anyhow::Context as _;
use atelier_api::agent::recordings::{Recording, RecordingCreated, RecordingEnd, RecordingList};
use clap::{Args, Subcommand};
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use super::{Which, time};
use crate::client::Client;
use crate::output::Output;

/// Records what terminals show; never what is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum RecordingCommand {
    /// Lists the recordings of a workspace, newest first.
    List {
        /// The workspace's name or id.
        workspace: String,
    },
    /// Begins to record a terminal.
    Create(Which),
    /// Shows a recording.
    View(Of),
    /// Ends a recording.
    Stop(Of),
    /// Writes a recording to a file (asciicast v2), for `asciinema play` and others.
    Read {
        #[command(flatten)]
        of: Of,
        /// The file; it must not be there yet.
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Deletes a recording.
    Delete(Of),
}

/// A recording of a workspace.
#[derive(Debug, Args)]
pub(crate) struct Of {
    /// The workspace's name or id.
    workspace: String,
    /// The recording's id.
    recording: String,
}

impl Of {
    async fn path(&self, client: &Client) -> anyhow::Result<String> {
        let workspace = client.workspace(&self.workspace).await?;
        Ok(format!(
            "/workspaces/{}/recordings/{}",
            workspace.id, self.recording
        ))
    }
}

pub(crate) async fn run(command: RecordingCommand, output: Output) -> anyhow::Result<()> {
    let client = Client::open()?;
    match command {
        RecordingCommand::List { workspace } => {
            let workspace = client.workspace(&workspace).await?;
            let path = format!("/workspaces/{}/recordings", workspace.id);
            let list: RecordingList = client.get(&path).await?;
            show(output, &list, &list.items)
        }
        RecordingCommand::Create(which) => {
            let (path, _) = which.find(&client).await?;
            let created: RecordingCreated = client
                .post(&format!("{path}/recordings"), &json!({}))
                .await?;
            let dropped = match created.dropped.len() {
                0 => String::new(),
                count => format!(" {count} of the oldest had to go for it."),
            };
            let sentence = format!("Recording as {}.{dropped}", created.recording.id);
            output.line(&created, &sentence)
        }
        RecordingCommand::View(of) => {
            let recording: Recording = client.get(&of.path(&client).await?).await?;
            show(output, &recording, std::slice::from_ref(&recording))
        }
        RecordingCommand::Stop(of) => {
            let path = format!("{}/stop", of.path(&client).await?);
            let recording: Recording = client.post(&path, &json!({})).await?;
            show(output, &recording, std::slice::from_ref(&recording))
        }
        RecordingCommand::Read { of, to } => read(&client, &of, to, output).await,
        RecordingCommand::Delete(of) => {
            let path = of.path(&client).await?;
            client.send(Method::DELETE, &path, None::<&()>).await?;
            output.line(&json!({ "deleted": of.recording }), "Deleted.")
        }
    }
}

async fn read(client: &Client, of: &Of, to: Option<PathBuf>, output: Output) -> anyhow::Result<()> {
    let path = format!("{}/content", of.path(client).await?);
    let to = to.unwrap_or_else(|| PathBuf::from(format!("{}.cast", of.recording)));
    let response = client.stream(&path).await?;
    let file = tokio::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&to)
        .await;
    let mut file = file.with_context(|| format!("{} cannot be made", to.display()))?;
    let mut body = response.bytes_stream();
    while let Some(piece) = body.next().await {
        let piece = piece.context("the recording broke off")?;
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    output.line(&json!({ "path": to }), &format!("Wrote {}.", to.display()))
}

fn show<T: serde::Serialize>(output: Output, value: &T, list: &[Recording]) -> anyhow::Result<()> {
    let rows: Vec<_> = list
        .iter()
        .map(|recording| {
            vec![
                time(recording.started_at),
                recording.name.clone(),
                format!(
                    "{}.{} s",
                    recording.duration_ms / 1000,
                    recording.duration_ms % 1000 / 100
                ),
                format!("{} KiB", recording.size_bytes.div_ceil(1024)),
                word(recording.ended).to_owned(),
                recording.id.to_string(),
            ]
        })
        .collect();
    output.table(
        value,
        &["started", "terminal", "length", "size", "ended", "id"],
        &rows,
    )
}

fn word(ended: Option<RecordingEnd>) -> &'static str {
    match ended {
        None => "being made",
        Some(RecordingEnd::Stopped) => "stopped",
        Some(RecordingEnd::Exited) => "program ended",
        Some(RecordingEnd::Size) => "full",
        Some(RecordingEnd::Duration) => "long enough",
        Some(RecordingEnd::Write) => "disk",
        Some(RecordingEnd::Interrupted) => "workspace stopped",
        Some(_) => "ended",
    }
}

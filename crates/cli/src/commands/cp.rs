//! `atelier cp`: a file to or from a workspace, over however many connections it takes.

mod download;
mod line;
mod place;
mod progress;
mod upload;

use std::time::Duration;

use anyhow::{anyhow, bail};
use clap::Args;

use crate::client::Client;
use crate::output::Output;
use crate::status;
use download::Download;
use line::Line;
use place::Remote;
pub(crate) use place::{Place, rooted};
use progress::size;
use upload::Upload;

/// Copies a file to or from a workspace. A connection that drops is made anew, and the copy goes on where
/// it was; a file gets its name when it is whole.
#[derive(Debug, Args)]
pub(crate) struct Cp {
    /// A local file, or WORKSPACE:PATH.
    source: Place,
    /// Where it goes: WORKSPACE:PATH, or a local file or directory. PATH lies below /workspace unless it
    /// is absolute or begins with ~/.
    destination: Place,
    /// Replace what stands there, even if somebody changes it meanwhile.
    #[arg(long, short)]
    force: bool,
    /// Give up after so many seconds in which nothing came through.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    patience: u64,
}

pub(crate) async fn run(arguments: Cp, output: Output) -> anyhow::Result<()> {
    let Cp {
        source,
        destination,
        force,
        patience,
    } = arguments;
    let line = Line::new(Client::open()?, Duration::from_secs(patience));
    match (source, destination) {
        (Place::Local(file), Place::Remote { workspace, path }) => {
            let target = Remote::find(&line, &workspace, &path).await?;
            let mut upload = Upload::open(line, &file, target, force).await?;
            let outcome = interruptible(upload.run()).await;
            if outcome.is_err() {
                upload.give_up().await;
            }
            let entry = outcome?;
            let sentence = format!("Copied {} to {workspace}:{}", size(entry.size), entry.path);
            output.line(&entry, &sentence)
        }
        (Place::Remote { workspace, path }, Place::Local(to)) => {
            let source = Remote::find(&line, &workspace, &path).await?;
            let mut download = Download::create(line, source, &to)?;
            let bytes = interruptible(download.run()).await?;
            let file = download.finish()?;
            let sentence = format!("Copied {} to {}", size(bytes), file.display());
            output.line(
                &serde_json::json!({ "path": file, "size": bytes }),
                &sentence,
            )
        }
        (Place::Local(_), Place::Local(_)) => {
            bail!("Neither is in a workspace. Write one of them as WORKSPACE:PATH.")
        }
        (Place::Remote { .. }, Place::Remote { .. }) => {
            bail!("Both are in workspaces. Copy to this machine first.")
        }
    }
}

/// Ends with an error when the person presses Ctrl+C, so that what was begun can be tidied up.
async fn interruptible<T>(copy: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::select! {
        outcome = copy => outcome,
        _ = tokio::signal::ctrl_c() => {
            status::say("");
            Err(anyhow!("Cancelled. Nothing was changed."))
        }
    }
}

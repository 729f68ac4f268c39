//! The clone of a Git repository into a workspace that starts, with its progress on the timeline.

use std::time::{Duration, Instant};

use atelier_api::ErrorCode;
use atelier_api::agent::git::{CloneEvent, CloneFailure, GitClone};
use atelier_api::ids::WorkspaceId;
use futures_util::StreamExt as _;
use http::Method;

use super::{fields, jobs, service, steps};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::jobs::JobError;
use crate::nodes::NodeClient;

/// Progress is written at most so often.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);

/// The longest line that an agent may send.
const LINE_MAX: usize = 64 * 1024;

/// Clones; resolves when the agent says that it is done.
///
/// # Errors
/// Fatal where trying again by itself would not help; the text says why and what to do.
pub(super) async fn run(
    ctx: &Ctx,
    client: &NodeClient,
    id: WorkspaceId,
    generation: u64,
    url: &str,
    reference: Option<&str>,
) -> Result<(), JobError> {
    let request = GitClone {
        url: url.to_owned(),
        path: fields::project_folder(url),
        reference: reference.map(str::to_owned),
    };
    let response = client
        .agent(id, Method::POST, "git/clone", Some(&request))
        .await?;
    let mut body = response.into_body().into_data_stream();
    let mut buffer = Vec::new();
    let mut last: Option<Instant> = None;
    while let Some(chunk) = body.next().await {
        buffer.extend_from_slice(&chunk.map_err(broken)?);
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            match serde_json::from_slice(&line).map_err(broken)? {
                CloneEvent::Progress {
                    percent, detail, ..
                } if last.is_none_or(|last| last.elapsed() >= PROGRESS_EVERY) => {
                    last = Some(Instant::now());
                    report(ctx, id, generation, percent, &detail).await?;
                }
                CloneEvent::Done { .. } => return Ok(()),
                CloneEvent::Failed { reason, detail } => return Err(failed(reason, &detail)),
                _ => {}
            }
        }
        if buffer.len() > LINE_MAX {
            return Err(broken("a line of the clone's progress has no end"));
        }
    }
    Err(broken("the clone's answer ended early"))
}

async fn report(
    ctx: &Ctx,
    id: WorkspaceId,
    generation: u64,
    percent: u8,
    detail: &str,
) -> Result<()> {
    let Some((mut tx, mut row)) = jobs::held(ctx, id, generation).await? else {
        return Ok(());
    };
    steps::progress(&mut row.workspace.steps, percent, detail);
    service::save(&mut tx, &mut row, None).await?;
    tx.commit().await
}

/// The agent went away in the middle: worth trying again, the clone begins anew.
fn broken(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> JobError {
    JobError::Retry(
        Error::unavailable("The workspace's agent went away during the clone.").with_source(source),
    )
}

fn failed(reason: CloneFailure, detail: &str) -> JobError {
    let advice = match reason {
        CloneFailure::InvalidUrl => "Check the address.",
        CloneFailure::NotFound => "Check the address, and that the repository is public.",
        CloneFailure::Unauthorized => {
            "The repository needs credentials. Clone it in a terminal, where Git can ask for them."
        }
        CloneFailure::Network => "Check the network, then start the workspace to try again.",
        CloneFailure::TargetExists => "Start with an empty workspace.",
        CloneFailure::OutOfSpace => "Free some space on the server, then start it to try again.",
        _ => "Start the workspace to try again.",
    };
    let text = format!(
        "The repository could not be cloned: {} {advice}",
        detail.trim()
    );
    JobError::Fatal(Error::new(ErrorCode::Conflict, text))
}

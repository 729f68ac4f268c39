//! The clone of a Git repository into a workspace that starts, with its progress on the timeline.

use std::time::{Duration, Instant};

use atelier_api::ErrorCode;
use atelier_api::agent::git::{CloneEvent, CloneFailure, GitClone, GitCredentials};
use atelier_api::ids::WorkspaceId;
use futures_util::StreamExt as _;
use http::Method;
use serde_json::json;

use super::store::WorkspaceRow;
use super::{fields, jobs, service, steps};
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::git_credentials::{self, Found, Stored};
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
    row: &WorkspaceRow,
    url: &str,
    reference: Option<&str>,
) -> Result<(), JobError> {
    let (id, generation) = (row.workspace.id, row.generation);
    let stored = git_credentials::found_for(ctx, row.workspace.owner_id, url).await?;
    let given = match &stored {
        Found::Stored(stored) => Some(stored),
        _ => None,
    };
    if let Some(given) = given {
        let organization = row.workspace.organization_id;
        let details = json!({ "clone": given.url, "git_credential": given.id });
        ctx.audit(organization, Action::WorkspaceStart, &id, details)
            .await?;
        git_credentials::mark_used(ctx, given).await?;
    }
    let request = GitClone {
        url: url.to_owned(),
        path: fields::project_folder(url),
        reference: reference.map(str::to_owned),
        credentials: given.and_then(|given| sign_in(url, given)),
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
                CloneEvent::Done { .. } => {
                    if let Some(given) = given {
                        git_credentials::mark_refused(ctx, given, false).await?;
                    }
                    return Ok(());
                }
                CloneEvent::Failed { reason, detail, .. } => {
                    if let (Some(given), CloneFailure::Unauthorized) = (given, reason) {
                        git_credentials::mark_refused(ctx, given, true).await?;
                    }
                    return Err(failed(reason, &detail, &stored));
                }
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

/// What Git is told when it asks at this address.
pub(super) fn sign_in(url: &str, given: &Stored) -> Option<GitCredentials> {
    let (protocol, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    Some(GitCredentials {
        protocol: protocol.to_ascii_lowercase(),
        host: host.to_owned(),
        username: given.username.clone(),
        secret: given.secret.expose().to_owned(),
    })
}

fn failed(reason: CloneFailure, detail: &str, stored: &Found) -> JobError {
    let advice = match reason {
        CloneFailure::InvalidUrl => "Check the address.",
        CloneFailure::NotFound => "Check the address, and that the repository is public.",
        CloneFailure::Unauthorized => match stored {
            Found::Nothing => {
                "The repository needs credentials. Store them under Settings, Git credentials, then start \
                 the workspace to try again."
            }
            Found::Stored(_) => {
                "The credentials that you have stored for this host were refused. Replace them under \
                 Settings, Git credentials, then start the workspace to try again."
            }
            Found::Expired => {
                "The credentials that you have stored for this host have expired. Replace them under \
                 Settings, Git credentials, then start the workspace to try again."
            }
            Found::Unreadable => {
                "The credentials that you have stored for this host cannot be read with this server's \
                 key. Replace them under Settings, Git credentials, then start the workspace to try again."
            }
        },
        CloneFailure::UnknownHost | CloneFailure::HostKey => {
            "Nobody can be asked about it while the workspace starts: clone with an address that begins with \
             https, or make an empty workspace and clone into it, where you are shown the key."
        }
        CloneFailure::Network => "Check the network, then start the workspace to try again.",
        CloneFailure::TargetExists => "Start with an empty workspace.",
        CloneFailure::OutOfSpace => "Free some space on the server, then start it to try again.",
        _ => "Start the workspace to try again.",
    };
    // What Git says ends without a full stop.
    let detail = detail.trim().trim_end_matches('.');
    let text = format!("The repository could not be cloned: {detail}. {advice}");
    JobError::Fatal(Error::new(ErrorCode::Conflict, text))
}

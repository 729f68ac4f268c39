//! Passing requests on to a workspace's agent; what passes and what does not, `nodes` decides for all.

use atelier_api::ids::WorkspaceId;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::StreamExt as _;
use http::{Method, Uri};

use super::service;
use super::touched::AtEnd;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::nodes::{Passage, Viewer, pass};

pub(super) use crate::nodes::Audited;

/// Authorizes, passes the request on, audits it when it was done.
pub(super) async fn forward(
    ctx: Ctx,
    action: Action,
    audited: Audited,
    request: Request,
) -> Result<Response> {
    let (id, rest) = split(request.uri())?;
    let target = format!("/v1/workspaces/{id}/agent/{rest}");
    let placement = service::placed_running(&ctx, action, id).await?;
    let passage = Passage {
        client: service::node_client(&ctx, placement.node).await?,
        organization: placement.organization,
        action,
        audited,
        resource: id.to_string(),
        target,
        bulk: matches!(
            action,
            Action::FileRead
                | Action::FileWrite
                | Action::FileBatch
                | Action::FileUploadAppend
                | Action::FileArchive
                | Action::RecordingRead
                | Action::SearchText
        ),
        viewer: (action == Action::TerminalAttach).then(|| Viewer {
            name: ctx.actor().name().to_owned(),
            read_only: false,
        }),
    };
    // What Git changes is seen when it has ended, which for what takes long is the end of the answer.
    let is_change = action.stem().starts_with("git_") && request.method() != Method::GET;
    let response = pass(&ctx, passage, request).await?;
    if !is_change || !response.status().is_success() {
        return Ok(response);
    }
    let at_end = AtEnd::new(ctx.app().clone(), id);
    Ok(response.map(|body| {
        let chunks = body.into_data_stream().map(move |chunk| {
            let _held = &at_end;
            chunk
        });
        Body::from_stream(chunks)
    }))
}

/// `/workspaces/{id}/{rest}` → id and rest, still percent-encoded.
pub(super) fn split(uri: &Uri) -> Result<(WorkspaceId, &str)> {
    let not_found = || Error::not_found("workspace");
    let path = uri
        .path()
        .strip_prefix("/workspaces/")
        .ok_or_else(not_found)?;
    let (id, rest) = path.split_once('/').ok_or_else(not_found)?;
    Ok((id.parse().map_err(|_| not_found())?, rest))
}

//! Routes that are passed on to the machine's own agent on a server: the shapes of a workspace's, under
//! permissions of their own. The server's owner decides what of it is permitted (`NodePolicy`).

mod entries;
mod files;
mod processes;
mod recordings;
mod terminals;
mod uploads;

use atelier_api::ids::NodeId;
use axum::extract::Request;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;

use super::forward::{Audited, Passage, Viewer, pass};
use crate::app::App;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::nodes::{rows, service};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(terminals::routes())
        .merge(recordings::routes())
        .merge(files::routes())
        .merge(entries::routes())
        .merge(uploads::routes())
        .merge(processes::routes())
}

/// Authorizes, passes the request on, audits it when it was done.
async fn forward(ctx: Ctx, action: Action, audited: Audited, request: Request) -> Result<Response> {
    let not_found = || Error::not_found("server");
    let path = request.uri().path().strip_prefix("/nodes/");
    let (id, rest) = path
        .and_then(|path| path.split_once("/machine/"))
        .ok_or_else(not_found)?;
    let id: NodeId = id.parse().map_err(|_| not_found())?;
    let rest = rest.to_owned();
    let node = rows::cached(&ctx, id).await?;
    service::authorize(&ctx, action, &node)?;
    let passage = Passage {
        client: service::client_of(ctx.app(), &node)?,
        organization: node.organization_id,
        action,
        audited,
        resource: id.to_string(),
        target: format!("/v1/machine/{rest}"),
        bulk: matches!(
            action,
            Action::MachineFileRead
                | Action::MachineFileWrite
                | Action::MachineFileBatch
                | Action::MachineFileUploadAppend
                | Action::MachineRecordingRead
                | Action::MachineFileArchive
        ),
        viewer: (action == Action::MachineTerminalAttach).then(|| Viewer {
            name: ctx.actor().name().to_owned(),
            read_only: false,
        }),
    };
    pass(&ctx, passage, request).await
}

//! The route that servers connect to.

use std::os::fd::AsFd as _;

use atelier_api::Problem;
use atelier_tunnel::NotAnUpgrade;
use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::upgrade::downcast;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::authz::{Action, Resource};
use crate::ctx::{Actor, Ctx, Origin};
use crate::error::{Error, Result};
use crate::http::Connection;
use crate::middleware::origin;
use crate::nodes::connected;

/// Where servers connect.
pub(crate) const TUNNEL_PATH: &str = "/api/v1/tunnel";

/// Stands outside of what authenticates people: a server shows who it is in the handshake, and it is no
/// browser that another site could have sent.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(node_tunnel))
}

/// Connects a server: a WebSocket, over which the roles turn round once the server has shown who it
/// is. Spoken by `atelier node run`.
#[utoipa::path(
    get,
    path = "/tunnel",
    tag = "nodes",
    security(()),
    responses((status = 101, description = "WebSocket"), (status = "default", body = Problem))
)]
async fn node_tunnel(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    mut request: Request,
) -> Result<Response> {
    take(app, origin, &mut request)?.ok_or_else(|| {
        Error::malformed(format!(
            "This is not a server's connection: {NotAnUpgrade}."
        ))
    })
}

/// Takes a server's connection before the routes and their layers are gone through, which thousands that come back
/// at once would pay for: each has its line in the log when it was let in or refused. What is no such connection is
/// left as it is, to be answered as any request is.
pub(crate) fn take_connection(app: &App, request: &mut Request) -> Option<Response> {
    let origin = origin(app, request);
    let response = take(app.clone(), origin, request).ok()??;
    metrics::counter!(
        "atelier_http_requests_total",
        "route" => TUNNEL_PATH, "method" => "GET", "status" => "101"
    )
    .increment(1);
    Some(response)
}

/// `None`, and nothing of the request changed, where it is no such connection.
fn take(app: App, origin: Origin, request: &mut Request) -> Result<Option<Response>> {
    let ctx = Ctx::new(app, Actor::System("node_tunnel"), origin);
    ctx.authorize(Action::NodeTunnel, &Resource::Own)?;
    let Ok((response, upgraded)) = atelier_tunnel::upgrade(request) else {
        return Ok(None);
    };
    let tasks = ctx.app().tasks().clone();
    tasks.spawn("node_tunnel", async move {
        match upgraded.await {
            Ok(io) => run(ctx, io).await,
            Err(error) => tracing::debug!(%error, "a server's connection broke off at its start"),
        }
    });
    Ok(Some(response))
}

/// Runs the tunnel on the socket itself where that can be had: so that it can be tuned, and its bytes
/// pass through fewer hands.
async fn run(ctx: Ctx, io: TokioIo<Upgraded>) {
    match downcast::<TokioIo<Connection>>(io.into_inner()) {
        Ok(parts) if parts.read_buf.is_empty() => {
            // Empty as it is, it would hold all that was read for as long as the connection lasts.
            drop(parts.read_buf);
            let socket = parts.io.into_inner();
            let handle = socket.as_fd().try_clone_to_owned().ok();
            connected::run(ctx, socket, handle).await;
        }
        Ok(_) => tracing::info!("a server spoke before it was asked, and is cut off"),
        Err(other) => connected::run(ctx, TokioIo::new(other), None).await,
    }
}

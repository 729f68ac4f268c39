//! All routes, in one list.

use atelier_api::ErrorCode;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, handler::Handler as _};
use http::header::CONTENT_TYPE;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::error::Error;
use crate::http::JSON_BODY_MAX;
use crate::openapi::Description;
use crate::{
    assets, audit, events, gateway, git_credentials, health, identity, jobs, middleware, node_jobs,
    node_updates, nodes, organizations, preferences, repositories, schedules, telemetry, templates,
    terminal_shares, workspaces,
};

/// The API's routes with their description; paths are below `/api/v1`.
fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi()).nest(
        "/api/v1",
        OpenApiRouter::new()
            .merge(identity::routes())
            .merge(organizations::routes())
            .merge(preferences::routes())
            .merge(git_credentials::routes())
            .merge(audit::routes())
            .merge(events::routes())
            .merge(jobs::routes())
            .merge(nodes::routes())
            .merge(node_jobs::routes())
            .merge(schedules::routes())
            .merge(telemetry::routes())
            .merge(node_updates::routes())
            .merge(templates::routes())
            .merge(terminal_shares::routes())
            .merge(gateway::routes())
            .merge(repositories::routes())
            .merge(workspaces::routes()),
    )
}

/// The routes that authenticate by themselves.
fn self_authenticating() -> OpenApiRouter<App> {
    OpenApiRouter::new().nest("/api/v1", nodes::tunnel_routes())
}

/// The description of the API, as committed in `openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    api().merge(self_authenticating()).into_openapi()
}

/// All routes, with the gateway in front of them.
pub(crate) fn front(app: &App) -> gateway::Front {
    gateway::Front::new(app, router(app))
}

fn router(app: &App) -> Router {
    let (api, _) = api().split_for_parts();
    let (tunnel, _) = self_authenticating().split_for_parts();
    let frames = assets::Frames::new(&gateway::frame_sources(app));
    let description = openapi().to_json().unwrap_or_default();
    let api = api
        .route(
            "/api/v1/openapi.json",
            get(move || async move { json(description) }),
        )
        .layer(DefaultBodyLimit::max(JSON_BODY_MAX))
        .route_layer(from_fn_with_state(app.clone(), middleware::authenticate))
        .method_not_allowed_fallback(method_not_allowed);
    Router::new()
        .merge(api)
        .merge(tunnel)
        .merge(nodes::install_routes())
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/api", get(no_such_route))
        .route("/api/{*rest}", axum::routing::any(no_such_route))
        .fallback_service(assets::serve.with_state(frames))
        .layer(from_fn(catch_panic))
        .layer(from_fn_with_state(app.clone(), middleware::observe))
        .with_state(app.clone())
}

fn json(text: String) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], text)
}

async fn no_such_route() -> Error {
    Error::not_found("route in this API; see /api/v1/openapi.json for those that there are")
}

async fn method_not_allowed(State(_): State<App>) -> Error {
    Error::new(
        ErrorCode::MethodNotAllowed,
        "This path exists, but not with this method; see /api/v1/openapi.json.",
    )
}

/// A panic in a handler is this request's failure, not the server's.
async fn catch_panic(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    use futures_util::FutureExt as _;
    match std::panic::AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .await
    {
        Ok(response) => response,
        Err(panic) => {
            let text = panic
                .downcast_ref::<&str>()
                .map(ToString::to_string)
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_else(|| "unknown".to_owned());
            Error::internal(format!("a handler panicked: {text}")).into_response()
        }
    }
}

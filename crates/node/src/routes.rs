//! The node's HTTP API (shapes and table in [`atelier_api::node`]).

use std::sync::Arc;

use atelier_api::ids::WorkspaceId;
use atelier_api::node::{
    Application, DesiredState, NodeInfo, NodeWorkspace, NodeWorkspaceList, TelemetryList,
    TelemetryQuery, WorkspaceSpec, WorkspaceUsage,
};
use atelier_tunnel::{Answering, InProcess};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use http::header::CONTENT_TYPE;
use http::uri::PathAndQuery;
use http::{Request, StatusCode};

use crate::error::NodeError;
use crate::http::{Json, Query, WorkspacePath, method_not_allowed, not_found};
use crate::node::Inner;
use crate::{jobs, policy, update};

/// The largest specification: a template's files as JSON.
const SPEC_BYTES_MAX: usize = 16 << 20;

type Node = State<Arc<Inner>>;

/// All routes.
pub(crate) fn router(node: Arc<Inner>) -> Router {
    Router::new()
        .route("/v1/info", get(info))
        .route("/v1/workspaces", get(workspace_list))
        .route(
            "/v1/workspaces/{workspace}",
            get(workspace_view)
                .put(workspace_apply)
                .delete(workspace_delete),
        )
        .route("/v1/workspaces/{workspace}/usage", get(workspace_usage))
        // `any`: through the tunnel an upgrade is a CONNECT.
        .route("/v1/workspaces/{workspace}/agent/{*rest}", any(agent))
        .route(
            "/v1/workspaces/{workspace}/ports/{port}/proxy/",
            any(application),
        )
        .route(
            "/v1/workspaces/{workspace}/ports/{port}/proxy/{*rest}",
            any(application),
        )
        .route("/v1/machine/{*rest}", any(machine))
        .merge(jobs::routes())
        .merge(update::routes())
        .route("/v1/telemetry", get(telemetry_list))
        .route("/v1/telemetry/live", get(telemetry_live))
        .layer(DefaultBodyLimit::max(SPEC_BYTES_MAX))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(node)
}

/// The API within this process. What is for an application is most of what comes, and need not look for its route.
pub(crate) struct Entrance {
    node: Arc<Inner>,
    router: Router,
}

impl Entrance {
    pub(crate) fn new(node: Arc<Inner>) -> Self {
        Self {
            router: router(Arc::clone(&node)),
            node,
        }
    }
}

impl InProcess for Entrance {
    fn answer(&self, request: Request<Body>) -> Answering {
        if !is_for_application(request.uri()) {
            return self.router.answer(request);
        }
        let node = State(Arc::clone(&self.node));
        Box::pin(async move { application(node, request).await.into_response() })
    }
}

async fn info(State(node): Node) -> Json<NodeInfo> {
    Json(node.info().await)
}

async fn workspace_list(State(node): Node) -> Json<NodeWorkspaceList> {
    Json(NodeWorkspaceList {
        items: node.workspaces.list(),
    })
}

async fn workspace_view(
    State(node): Node,
    WorkspacePath(id): WorkspacePath,
) -> Result<Json<NodeWorkspace>, NodeError> {
    Ok(Json(node.workspaces.view(id)?))
}

async fn workspace_apply(
    State(node): Node,
    WorkspacePath(id): WorkspacePath,
    Json(spec): Json<WorkspaceSpec>,
) -> Result<Json<NodeWorkspace>, NodeError> {
    if spec.desired == DesiredState::Running {
        policy::workspaces_run(&node.policy.permits)?;
    }
    Ok(Json(node.workspaces.apply(id, spec).await?))
}

async fn workspace_delete(
    State(node): Node,
    WorkspacePath(id): WorkspacePath,
) -> Result<StatusCode, NodeError> {
    node.workspaces.delete(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn workspace_usage(
    State(node): Node,
    WorkspacePath(id): WorkspacePath,
) -> Result<Json<WorkspaceUsage>, NodeError> {
    Ok(Json(node.workspaces.usage(id).await?))
}

async fn agent(
    State(node): Node,
    WorkspacePath(id): WorkspacePath,
    request: Request<Body>,
) -> Result<Response, NodeError> {
    policy::workspaces_run(&node.policy.permits)?;
    let agent = node.workspaces.agent(id)?;
    let path = agent_path(request.uri())?;
    agent.forward(&path, request, &node.pipes).await
}

async fn application(State(node): Node, request: Request<Body>) -> Result<Response, NodeError> {
    policy::workspaces_run(&node.policy.permits)?;
    let (id, application, target) = application_path(request.uri())?;
    let agent = node.workspaces.agent(id)?;
    agent
        .preview(application, target, request, &node.pipes)
        .await
}

async fn machine(State(node): Node, request: Request<Body>) -> Result<Response, NodeError> {
    let path = machine_path(request.uri())?;
    let (rest, query) = path.split_once('?').unwrap_or((&path, ""));
    let home = node.machine.home();
    policy::machine_request(&node.policy.permits, home, request.method(), rest, query)?;
    let agent = node.machine.agent().await?;
    agent
        .forward(&format!("/v1/{path}"), request, &node.pipes)
        .await
}

async fn telemetry_list(
    State(node): Node,
    Query(query): Query<TelemetryQuery>,
) -> Result<Json<TelemetryList>, NodeError> {
    Ok(Json(node.telemetry.list(query).await?))
}

async fn telemetry_live(State(node): Node) -> Response {
    let lines = node.telemetry.live(&node.pipes);
    ([(CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
}

/// `/v1/workspaces/{id}/agent/{rest}?{query}` → `/v1/{rest}?{query}`, as it was encoded.
fn agent_path(uri: &http::Uri) -> Result<String, NodeError> {
    let rest = path_and_query(uri)
        .strip_prefix("/v1/workspaces/")
        .and_then(|rest| {
            let (_, rest) = rest.split_once('/')?;
            rest.strip_prefix("agent/")
        });
    match rest {
        Some(rest) => Ok(format!("/v1/{rest}")),
        None => Err(NodeError::malformed("The path cannot be passed on.")),
    }
}

/// `/v1/workspaces/{id}/ports/{application}/proxy{target}` → id, application and target, as it was encoded: what an
/// application is asked for need not be UTF-8, nor be a path that our own routes would match.
fn application_path(
    uri: &http::Uri,
) -> Result<(WorkspaceId, Application, PathAndQuery), NodeError> {
    let malformed = || NodeError::malformed("The path cannot be passed on.");
    let rest = path_and_query(uri)
        .strip_prefix("/v1/workspaces/")
        .ok_or_else(malformed)?;
    let (id, rest) = rest.split_once("/ports/").ok_or_else(malformed)?;
    let (application, target) = rest.split_once("/proxy").ok_or_else(malformed)?;
    let id = id
        .parse()
        .map_err(|error: atelier_api::ids::IdError| NodeError::not_found(error.to_string()))?;
    let application = application.parse().map_err(|_| malformed())?;
    let target = target.parse().map_err(|_| malformed())?;
    Ok((id, application, target))
}

/// Whether the path is one that [`application_path`] takes apart.
fn is_for_application(uri: &http::Uri) -> bool {
    let mut parts = uri.path().splitn(8, '/').skip(1);
    parts.next() == Some("v1")
        && parts.next() == Some("workspaces")
        && parts.nth(1) == Some("ports")
        && parts.nth(1) == Some("proxy")
        && parts.next().is_some()
}

/// `/v1/machine/{rest}?{query}` → `{rest}?{query}`, as it was encoded.
fn machine_path(uri: &http::Uri) -> Result<String, NodeError> {
    let rest = path_and_query(uri).strip_prefix("/v1/machine/");
    rest.map(str::to_owned)
        .ok_or_else(|| NodeError::malformed("The path cannot be passed on."))
}

fn path_and_query(uri: &http::Uri) -> &str {
    uri.path_and_query()
        .map_or(uri.path(), http::uri::PathAndQuery::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_reach_the_agent_as_they_were_encoded() {
        let uri = "/v1/workspaces/ws_1/agent/files/content?path=a%2Fb%20c&x=/agent/"
            .parse()
            .unwrap();
        assert_eq!(
            agent_path(&uri).unwrap(),
            "/v1/files/content?path=a%2Fb%20c&x=/agent/"
        );
    }

    #[test]
    fn targets_reach_applications_byte_for_byte() {
        let id = "ws_01h455vb4pex5vsknk084sn02q";
        for target in [
            "/",
            "/?",
            "//a//b?",
            "/%ff/%2e%2e/?q=/proxy/",
            "/a;b=c?d='{}",
        ] {
            let uri = format!("/v1/workspaces/{id}/ports/3000/proxy{target}");
            let (workspace, port, passed) = application_path(&uri.parse().unwrap()).unwrap();
            assert_eq!(workspace.to_string(), id);
            assert_eq!(port, Application::Port(3000));
            assert_eq!(passed.as_str(), target);
            assert!(is_for_application(&uri.parse().unwrap()));
        }
        for other in [
            "/ports/3000/proxy",
            "/ports/3000/",
            "/agent/ports/1/proxy/",
            "/usage",
        ] {
            let uri = format!("/v1/workspaces/{id}{other}").parse().unwrap();
            assert!(!is_for_application(&uri), "{other}");
        }
        for bad in ["/ports/70000/proxy/", "/ports/-1/proxy/", "/ports/x/proxy/"] {
            let uri = format!("/v1/workspaces/{id}{bad}").parse().unwrap();
            assert!(application_path(&uri).is_err(), "{bad}");
        }
    }
}

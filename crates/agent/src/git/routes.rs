//! The routes below `/v1/git`.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use atelier_api::agent::files::Root;
use atelier_api::agent::git::{GitClone, GitStatus, GitStatusQuery};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt as _;
use http::header;

use super::clone::clone;
use super::program::Git;
use super::status::status;
use crate::files::{Roots, parse_path};
use crate::http::{Json, Query};
use crate::{AgentError, Config};

/// What the handlers share.
struct Repositories {
    git: Arc<Git>,
    roots: Roots,
    workspace: PathBuf,
}

type RepositoriesState = State<Arc<Repositories>>;

/// The routes below `/v1/git`.
pub(crate) fn routes(config: &Arc<Config>) -> Router {
    let repositories = Repositories {
        git: Arc::new(Git::new(config)),
        roots: Roots::new(config),
        workspace: config.workspace.clone(),
    };
    Router::new()
        .route("/v1/git/clone", post(git_clone))
        .route("/v1/git/status", get(git_status))
        .with_state(Arc::new(repositories))
}

async fn git_clone(
    State(repositories): RepositoriesState,
    Json(request): Json<GitClone>,
) -> Result<Response, AgentError> {
    let path = parse_path(&request.path)?;
    let root = repositories.roots.get(Root::Workspace)?;
    let events = clone(Arc::clone(&repositories.git), root, path, request);
    let lines = events.map(|event| {
        let mut line = serde_json::to_vec(&event).expect("an event is plain data");
        line.push(b'\n');
        Ok::<_, Infallible>(line)
    });
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((headers, Body::from_stream(lines)).into_response())
}

async fn git_status(
    State(repositories): RepositoriesState,
    Query(query): Query<GitStatusQuery>,
) -> Result<Json<GitStatus>, AgentError> {
    let path = parse_path(&query.path)?;
    let root = repositories.roots.get(Root::Workspace)?;
    status(&repositories.git, root, &repositories.workspace, path)
        .await
        .map(Json)
}

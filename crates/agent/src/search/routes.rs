//! The routes below `/v1/search`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::agent::files::Root;
use atelier_api::agent::search::{
    NameList, NameSearch, Replacement, ReplacementUndo, ReplacementUndone, TextReplace, TextSearch,
};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::StreamExt as _;
use http::header;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::names::Names;
use super::replace::{replace, undo};
use super::text::Search;
use super::undo::UndoStore;
use crate::files::{Roots, WriteLocks, blocking};
use crate::http::Json;
use crate::{AgentError, Config};

/// How many texts are searched for at once: each takes all processors that it gets.
const SEARCHES_MAX: usize = 4;

/// How long a search waits for others to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the handlers share.
struct Searches {
    roots: Roots,
    locks: Arc<WriteLocks>,
    running: Arc<Semaphore>,
    undo: UndoStore,
    names: Arc<Names>,
}

type SearchesState = State<Arc<Searches>>;

/// The routes below `/v1/search`.
pub(crate) fn routes(config: &Config, locks: Arc<WriteLocks>) -> Router {
    let searches = Searches {
        roots: Roots::new(config),
        locks,
        running: Arc::new(Semaphore::new(SEARCHES_MAX)),
        undo: UndoStore::default(),
        names: Arc::default(),
    };
    Router::new()
        .route("/v1/search/text", post(search_text))
        .route("/v1/search/replace", post(search_replace))
        .route("/v1/search/undo", post(search_undo))
        .route("/v1/search/names", post(search_names))
        .with_state(Arc::new(searches))
}

async fn search_text(
    State(searches): SearchesState,
    Json(request): Json<TextSearch>,
) -> Result<Response, AgentError> {
    let root = searches.roots.get(request.scope.root)?;
    let waited = timeout(PATIENCE, Arc::clone(&searches.running).acquire_owned()).await;
    let Ok(Ok(permit)) = waited else {
        let detail = format!("{SEARCHES_MAX} searches are running here. Wait until one has ended.");
        return Err(AgentError::limit_reached(detail));
    };
    let search = blocking(move || Search::prepare(&root, &request)).await?;
    let lines = search.run(permit).map(Ok::<_, Infallible>);
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((headers, Body::from_stream(lines)).into_response())
}

async fn search_replace(
    State(searches): SearchesState,
    Json(request): Json<TextReplace>,
) -> Result<Json<Replacement>, AgentError> {
    let root = searches.roots.get(request.root)?;
    blocking(move || replace(&root, &searches.locks, &searches.undo, &request))
        .await
        .map(Json)
}

async fn search_undo(
    State(searches): SearchesState,
    Json(request): Json<ReplacementUndo>,
) -> Result<Json<ReplacementUndone>, AgentError> {
    for kind in [Root::Workspace, Root::Home] {
        let (root, theirs) = (searches.roots.get(kind)?, Arc::clone(&searches));
        let undone = blocking(move || undo(&root, &theirs.locks, &theirs.undo, request)).await?;
        if let Some(undone) = undone {
            return Ok(Json(undone));
        }
    }
    Err(AgentError::conflict(
        "This replacement cannot be undone any more: it was undone already, or later ones took its place.",
    ))
}

async fn search_names(
    State(searches): SearchesState,
    Json(request): Json<NameSearch>,
) -> Result<Json<NameList>, AgentError> {
    let root = searches.roots.get(Root::Workspace)?;
    searches.names.search(root, request).await.map(Json)
}

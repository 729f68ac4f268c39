//! The routes below `/v1/languages`.

use std::sync::Arc;

use atelier_api::agent::languages::{
    LANGUAGE_SUBPROTOCOL, LanguageList, LanguageLog, LanguageQuery, LanguageServer,
};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;

use super::server::Asked;
use super::{Languages, attach};
use crate::AgentError;
use crate::http::{Json, Path, Query};
use crate::websocket::Upgrade;

type Shared = State<Arc<Languages>>;

/// The routes.
pub(crate) fn routes(languages: Arc<Languages>) -> Router {
    Router::new()
        .route("/v1/languages", get(language_list))
        .route("/v1/languages/{language}", get(language_view))
        .route("/v1/languages/{language}/log", get(language_log))
        .route("/v1/languages/{language}/restart", post(language_restart))
        .route("/v1/languages/{language}/stop", post(language_stop))
        .route("/v1/languages/{language}/install", post(language_install))
        .route("/v1/languages/{language}/attach", get(language_attach))
        .with_state(languages)
}

async fn language_list(State(languages): Shared) -> Json<LanguageList> {
    Json(languages.list())
}

async fn language_view(
    State(languages): Shared,
    Path(language): Path<String>,
    Query(query): Query<LanguageQuery>,
) -> Result<Json<LanguageServer>, AgentError> {
    languages.view(&language, query).await.map(Json)
}

async fn language_log(
    State(languages): Shared,
    Path(language): Path<String>,
    Query(query): Query<LanguageQuery>,
) -> Result<Json<LanguageLog>, AgentError> {
    languages.log(&language, query).await.map(Json)
}

async fn language_restart(
    State(languages): Shared,
    Path(language): Path<String>,
    Query(query): Query<LanguageQuery>,
) -> Result<StatusCode, AgentError> {
    languages
        .server(&language, query)
        .await?
        .ask(Asked::Restart);
    Ok(StatusCode::NO_CONTENT)
}

async fn language_stop(
    State(languages): Shared,
    Path(language): Path<String>,
    Query(query): Query<LanguageQuery>,
) -> Result<StatusCode, AgentError> {
    languages.server(&language, query).await?.ask(Asked::Stop);
    Ok(StatusCode::NO_CONTENT)
}

async fn language_install(
    State(languages): Shared,
    Path(language): Path<String>,
    Query(query): Query<LanguageQuery>,
) -> Result<(StatusCode, Json<LanguageServer>), AgentError> {
    let server = languages.server(&language, query).await?;
    if server.view().installs.is_none() {
        return Err(AgentError::conflict(server.known.advice));
    }
    server.ask(Asked::Install);
    Ok((StatusCode::ACCEPTED, Json(server.view())))
}

async fn language_attach(
    State(languages): Shared,
    Path(language): Path<String>,
    Query(query): Query<LanguageQuery>,
    upgrade: Upgrade,
) -> Result<Response, AgentError> {
    let server = languages.server(&language, query).await?;
    Ok(upgrade.accept(LANGUAGE_SUBPROTOCOL, |socket| attach::serve(server, socket)))
}

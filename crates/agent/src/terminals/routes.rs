//! The routes below `/v1/terminals`.

use std::sync::Arc;

use atelier_api::agent::terminals::{
    self as wire, SUBPROTOCOL, SignalSend, TerminalAttachQuery, TerminalCreate, TerminalList,
    TerminalUpdate,
};
use atelier_api::ids::TerminalId;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;

use super::{Terminals, attach};
use crate::http::{Json, Path, Query};
use crate::websocket::Upgrade;
use crate::{AgentError, signals};

type Shared = State<Arc<Terminals>>;

/// The routes.
pub(crate) fn routes(terminals: Arc<Terminals>) -> Router {
    Router::new()
        .route("/v1/terminals", get(terminal_list).post(terminal_create))
        .route(
            "/v1/terminals/{terminal}",
            get(terminal_view)
                .patch(terminal_update)
                .delete(terminal_delete),
        )
        .route("/v1/terminals/{terminal}/signal", post(terminal_signal))
        .route("/v1/terminals/{terminal}/attach", get(terminal_attach))
        .with_state(terminals)
}

async fn terminal_list(State(terminals): Shared) -> Json<TerminalList> {
    Json(TerminalList {
        items: terminals.list(),
    })
}

async fn terminal_create(
    State(terminals): Shared,
    Json(create): Json<TerminalCreate>,
) -> Result<(StatusCode, Json<wire::Terminal>), AgentError> {
    Ok((StatusCode::CREATED, Json(terminals.create(create)?)))
}

async fn terminal_view(
    State(terminals): Shared,
    Path(id): Path<TerminalId>,
) -> Result<Json<wire::Terminal>, AgentError> {
    Ok(Json(terminals.get(id)?.view()))
}

async fn terminal_update(
    State(terminals): Shared,
    Path(id): Path<TerminalId>,
    Json(update): Json<TerminalUpdate>,
) -> Result<Json<wire::Terminal>, AgentError> {
    Ok(Json(terminals.update(id, update)?))
}

async fn terminal_delete(
    State(terminals): Shared,
    Path(id): Path<TerminalId>,
) -> Result<StatusCode, AgentError> {
    terminals.delete(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn terminal_signal(
    State(terminals): Shared,
    Path(id): Path<TerminalId>,
    Json(send): Json<SignalSend>,
) -> Result<StatusCode, AgentError> {
    let terminal = terminals.get(id)?;
    let signal = signals::parse(&send.signal)?;
    terminal.signal(signal)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn terminal_attach(
    State(terminals): Shared,
    Path(id): Path<TerminalId>,
    Query(query): Query<TerminalAttachQuery>,
    upgrade: Upgrade,
) -> Result<Response, AgentError> {
    let terminal = terminals.get(id)?;
    Ok(upgrade.accept(SUBPROTOCOL, move |socket| {
        attach::serve(terminal, query.offset, socket)
    }))
}

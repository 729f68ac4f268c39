//! The routes below `/v1/terminals`.

use std::sync::Arc;

use atelier_api::agent::commands::{
    TerminalCommandList, TerminalCommandListQuery, TerminalCommandSearchQuery,
};
use atelier_api::agent::terminals::{
    self as wire, SUBPROTOCOL, SignalSend, TerminalAttachQuery, TerminalCreate, TerminalList,
    TerminalUpdate, TerminalViewer, VIEWER_ACCESS_HEADER, VIEWER_NAME_HEADER, VIEWER_READ_ONLY,
    VIEWERS_MAX,
};
use atelier_api::ids::TerminalId;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::registry::checked_limit;
use super::{Recordings, Terminals, attach, osc, recordings};
use crate::http::{Json, Path, Query};
use crate::websocket::Upgrade;
use crate::{AgentError, signals};

type Shared = State<Arc<Terminals>>;

/// The routes.
pub(crate) fn routes(terminals: Arc<Terminals>, recordings: Arc<Recordings>) -> Router {
    let of_recordings = recordings::routes(terminals.clone(), recordings);
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
        .route(
            "/v1/terminals/{terminal}/commands",
            get(terminal_command_list),
        )
        .route("/v1/terminal-commands", get(terminal_command_search))
        .with_state(terminals)
        .merge(of_recordings)
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
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, AgentError> {
    let terminal = terminals.get(id)?;
    if terminal.core().viewers() as usize >= VIEWERS_MAX {
        return Err(AgentError::limit_reached(format!(
            "{VIEWERS_MAX} viewers watch this terminal, as many as may. Close one of them first."
        )));
    }
    let who = viewer(&headers);
    let read_only = who.read_only;
    let mut response = upgrade.accept(SUBPROTOCOL, move |socket| {
        attach::serve(terminal, who, query.offset, socket)
    });
    if read_only {
        response.headers_mut().insert(
            VIEWER_ACCESS_HEADER,
            HeaderValue::from_static(VIEWER_READ_ONLY),
        );
    }
    Ok(response)
}

async fn terminal_command_list(
    State(terminals): Shared,
    Path(id): Path<TerminalId>,
    Query(query): Query<TerminalCommandListQuery>,
) -> Result<Json<TerminalCommandList>, AgentError> {
    let limit = checked_limit(query.limit)?;
    let before = query.before.unwrap_or(u64::MAX);
    let terminal = terminals.get(id)?;
    Ok(Json(TerminalCommandList {
        items: terminal.commands(|entry| entry.number < before, limit),
    }))
}

async fn terminal_command_search(
    State(terminals): Shared,
    Query(query): Query<TerminalCommandSearchQuery>,
) -> Result<Json<TerminalCommandList>, AgentError> {
    let words = query.query.unwrap_or_default();
    Ok(Json(TerminalCommandList {
        items: terminals.search(&words, query.distinct, query.limit)?,
    }))
}

/// Whom the control plane says that it is.
pub(crate) fn viewer(headers: &HeaderMap) -> TerminalViewer {
    let name = headers
        .get(VIEWER_NAME_HEADER)
        .map(|name| osc::viewer_name(name.as_bytes()))
        .filter(|name| !name.is_empty());
    TerminalViewer {
        name,
        read_only: headers
            .get(VIEWER_ACCESS_HEADER)
            .is_some_and(|access| access == VIEWER_READ_ONLY),
        you: false,
    }
}

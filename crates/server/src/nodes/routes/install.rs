//! What a new server fetches: the script, and its program.

use std::sync::Arc;

use atelier_api::ErrorCode;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio_util::io::ReaderStream;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::Query;
use crate::nodes::programs::{self, Program};

const SCRIPT: &str = include_str!("../../../../../deploy/install.sh");

/// How many downloads run at once; anybody may begin one.
const DOWNLOADS_MAX: usize = 64;

static DOWNLOADS: Semaphore = Semaphore::const_new(DOWNLOADS_MAX);

/// For which machine.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgramQuery {
    /// As `uname -m` says it; any when absent.
    architecture: Option<String>,
}

/// They stand outside of `/api`: a server that fetches them has no credentials yet.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/install.sh", get(script))
        .route("/download/atelier", get(program))
        .route("/download/atelier.sha256", get(checksum))
}

async fn script() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/x-shellscript; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, SCRIPT).into_response()
}

async fn checksum(State(app): State<App>, Query(query): Query<ProgramQuery>) -> Result<Response> {
    let text = format!("{}  atelier\n", offered(&app, query).await?.sha256);
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, text).into_response())
}

async fn program(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<ProgramQuery>,
) -> Result<Response> {
    let program = offered(&app, query).await?;
    let etag = format!("\"{}\"", program.sha256);
    let unchanged = headers
        .get(IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let permit = DOWNLOADS.try_acquire().map_err(|_| {
            Error::unavailable("Many servers download at this moment. Try again in a moment.")
        })?;
        let bytes = ReaderStream::with_capacity(program.open().await?, 64 * 1024);
        let bytes = futures_util::StreamExt::map(bytes, move |chunk| {
            // Held until the last byte was read.
            let _held = &permit;
            chunk
        });
        let mut response = Body::from_stream(bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(program.size));
        let media_type = HeaderValue::from_static("application/octet-stream");
        headers.insert(CONTENT_TYPE, media_type);
        let name = HeaderValue::from_static("attachment; filename=\"atelier\"");
        headers.insert(CONTENT_DISPOSITION, name);
        response
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, HeaderValue::from_str(&etag).map_err(Error::internal)?);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// The program for the machine that asks; this server's own architecture where it does not say.
async fn offered(app: &App, query: ProgramQuery) -> Result<Arc<Program>> {
    let own = std::env::consts::ARCH;
    let asked = query.architecture.unwrap_or_else(|| own.to_owned());
    let found = programs::program(app, &asked).await?;
    found.ok_or_else(|| {
        let shown: String = asked.chars().take(32).collect();
        Error::new(
            ErrorCode::NotFound,
            format!(
                "This control plane has the program for {} only, not for {shown}. Build or copy the \
                 program for {shown}, and join with `atelier node join`, or name it in `updates.programs`.",
                programs::architectures(app).join(", ")
            ),
        )
    })
}

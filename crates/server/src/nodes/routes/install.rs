//! What a new server fetches: the script, and the program that this is.

use std::io::Read as _;

use atelier_api::ErrorCode;
use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::io::ReaderStream;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::Query;

const SCRIPT: &str = include_str!("../../../../../deploy/install.sh");

/// The running program, also when the file that it was started from has been replaced.
const OWN_PROGRAM: &str = "/proc/self/exe";

/// How many downloads run at once; anybody may begin one.
const DOWNLOADS_MAX: usize = 64;

static DOWNLOADS: Semaphore = Semaphore::const_new(DOWNLOADS_MAX);
static PROGRAM: OnceCell<Program> = OnceCell::const_new();

/// What is known of the program.
#[derive(Debug)]
struct Program {
    /// In hexadecimal.
    sha256: String,
    size: u64,
}

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

async fn checksum() -> Result<Response> {
    let text = format!("{}  atelier\n", known().await?.sha256);
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, text).into_response())
}

async fn program(headers: HeaderMap, Query(query): Query<ProgramQuery>) -> Result<Response> {
    check_architecture(query.architecture.as_deref())?;
    let Program { sha256, size } = known().await?;
    let etag = format!("\"{sha256}\"");
    let unchanged = headers
        .get(IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let permit = DOWNLOADS.try_acquire().map_err(|_| {
            Error::unavailable("Many servers download at this moment. Try again in a moment.")
        })?;
        let file = tokio::fs::File::open(OWN_PROGRAM).await;
        let bytes = ReaderStream::with_capacity(file.map_err(Error::internal)?, 64 * 1024);
        let bytes = futures_util::StreamExt::map(bytes, move |chunk| {
            // Held until the last byte was read.
            let _held = &permit;
            chunk
        });
        let mut response = Body::from_stream(bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(*size));
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

fn check_architecture(asked: Option<&str>) -> Result<()> {
    let own = std::env::consts::ARCH;
    match asked {
        Some(asked) if asked != own => {
            let shown: String = asked.chars().take(32).collect();
            Err(Error::new(
                ErrorCode::NotFound,
                format!(
                    "This control plane has the program for {own} only, not for {shown}. Build or \
                     copy the program for {shown}, and join with `atelier node join`."
                ),
            ))
        }
        _ => Ok(()),
    }
}

/// Reads the program once and remembers what came out.
async fn known() -> Result<&'static Program> {
    PROGRAM
        .get_or_try_init(|| async {
            let read = tokio::task::spawn_blocking(read);
            read.await
                .map_err(Error::internal)?
                .map_err(Error::internal)
        })
        .await
}

fn read() -> std::io::Result<Program> {
    let mut file = std::fs::File::open(OWN_PROGRAM)?;
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => {
                hash.update(&buffer[..count]);
                size += count as u64;
            }
        }
    }
    Ok(Program {
        sha256: hex::encode(hash.finalize()),
        size,
    })
}

//! Entries as one archive.

use std::sync::Arc;

use atelier_api::agent::archives::{ArchiveFormat, FileArchiveQuery};
use atelier_api::agent::files::Root;
use atelier_api::agent::transfers::ENTRIES_MAX;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

use super::FilesState;
use super::content::attachment;
use crate::AgentError;
use crate::files::archive::Archive;
use crate::files::{blocking, parse_path};
use crate::http::Query;

pub(super) async fn file_archive(
    State(files): FilesState,
    // `path` may stand there many times.
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, AgentError> {
    let query = read(pairs)?;
    let root = files.roots.get(query.root)?;
    let paths = query
        .path
        .iter()
        .map(|wire| parse_path(wire))
        .collect::<Result<Vec<_>, _>>()?;
    let archive = blocking(move || Archive::find(Arc::clone(&root), &paths)).await?;
    let format = query.format;
    let mut name = archive.name.clone();
    name.extend_from_slice(format!(".{}", format.extension()).as_bytes());
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(format.media_type()),
        ),
        (header::CONTENT_DISPOSITION, attachment(&name)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ),
    ];
    Ok((headers, Body::from_stream(archive.stream(format))).into_response())
}

fn read(pairs: Vec<(String, String)>) -> Result<FileArchiveQuery, AgentError> {
    let mut query = FileArchiveQuery::default();
    for (key, value) in pairs {
        match key.as_str() {
            "path" => query.path.push(value),
            "root" => {
                query.root = match value.as_str() {
                    "workspace" => Root::Workspace,
                    "home" => Root::Home,
                    "system" => Root::System,
                    _ => return Err(AgentError::malformed("There is no such root.")),
                }
            }
            "format" => {
                query.format = ArchiveFormat::parse(&value).ok_or_else(|| {
                    AgentError::invalid("format", "An archive is a “zip” or a “tar.gz”.")
                })?;
            }
            _ => {}
        }
    }
    if query.path.is_empty() {
        return Err(AgentError::invalid("path", "Name at least one entry."));
    }
    if query.path.len() > ENTRIES_MAX {
        let detail = format!(
            "At most {ENTRIES_MAX} entries go into one archive; name a directory above them."
        );
        return Err(AgentError::invalid("path", detail));
    }
    Ok(query)
}

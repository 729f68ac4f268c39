//! The routes below `/v1/files`.

use std::sync::Arc;

use atelier_api::agent::files::{
    DirectoryCreate, FileDeleteQuery, FileEntry, FileListQuery, FileModeUpdate, FileQuery,
    FileReadQuery, FileTransfer, FileWatchQuery, LIST_LIMIT_MAX,
};
use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post, put};
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio_util::sync::CancellationToken;

use super::conditions::{Part, is_held, part, precondition};
use super::error::{FileError, Reason};
use super::list::{Key, list};
use super::path::RelativePath;
use super::read::Content;
use super::root::RootDir;
use super::temporary::Existing;
use super::watch::{Subscription, Watchers};
use super::write::{Upload, WriteLocks};
use super::{Roots, blocking, change, copy, entry, parse_path};
use crate::http::{Json, Query};
use crate::{AgentError, Config};

/// How much of an upload is gathered before it is written, in bytes. Two such portions are in
/// memory at most: one that comes in while the other is written.
const PORTION_BYTES: usize = 512 * 1024;

/// How much a viewer of changes may say, in bytes: it has nothing to say but farewell.
const VIEWER_BUFFER_BYTES: usize = 4 * 1024;

/// What the handlers share.
struct Files {
    roots: Roots,
    locks: WriteLocks,
    watchers: Watchers,
}

type FilesState = State<Arc<Files>>;

/// The routes below `/v1/files`.
pub(crate) fn routes(config: &Arc<Config>) -> Router {
    let files = Files {
        roots: Roots::new(config),
        locks: WriteLocks::default(),
        watchers: Watchers::default(),
    };
    Router::new()
        .route("/v1/files/list", get(file_list))
        .route("/v1/files/stat", get(file_view))
        .route("/v1/files/content", get(file_read).put(file_write))
        .route("/v1/files", delete(file_delete))
        .route("/v1/files/directory", post(directory_create))
        .route("/v1/files/move", post(file_move))
        .route("/v1/files/copy", post(file_copy))
        .route("/v1/files/mode", put(file_mode_update))
        // Any method: an upgrade through HTTP/2 comes as CONNECT (RFC 8441).
        .route("/v1/files/watch", any(file_watch))
        .with_state(Arc::new(files))
}

async fn file_list(
    State(files): FilesState,
    Query(query): Query<FileListQuery>,
) -> Result<Response, AgentError> {
    let root = files.roots.get(query.root)?;
    let path = parse_path(&query.path)?;
    let after = match query.cursor {
        Some(cursor) => Some(Key::from_cursor(&cursor).ok_or_else(|| {
            AgentError::malformed("The cursor is not one that a list gave. Begin without one.")
        })?),
        None => None,
    };
    let limit = query
        .limit
        .unwrap_or(LIST_LIMIT_MAX)
        .clamp(1, LIST_LIMIT_MAX) as usize;
    let json = blocking(move || {
        let list = list(&root, &path, after.as_ref(), limit).map_err(about(&path))?;
        Ok::<_, FileError>(serde_json::to_vec(&list).expect("a list is plain data"))
    })
    .await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}

async fn file_view(
    State(files): FilesState,
    Query(query): Query<FileQuery>,
) -> Result<Json<FileEntry>, AgentError> {
    let root = files.roots.get(query.root)?;
    view(root, parse_path(&query.path)?).await.map(Json)
}

/// The entry at `path`, after what has just been done to it.
async fn view(root: Arc<RootDir>, path: RelativePath) -> Result<FileEntry, AgentError> {
    blocking(move || entry::view(&root, &path).map_err(about(&path))).await
}

async fn file_read(
    State(files): FilesState,
    Query(query): Query<FileReadQuery>,
    headers: HeaderMap,
) -> Result<Response, AgentError> {
    let root = files.roots.get(query.root)?;
    let path = parse_path(&query.path)?;
    let name = path.name().to_vec();
    let content = blocking(move || Content::open(&root, &path).map_err(about(&path))).await?;

    let mut answer = HeaderMap::new();
    answer.insert(header::ETAG, header_value(&content.etag));
    // Always ask whether it is still current.
    answer.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    if is_held(&headers, &content.etag) {
        return Ok((StatusCode::NOT_MODIFIED, answer).into_response());
    }
    answer.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // Files are anyone's work: a browser must not run them in the control plane's name.
    answer.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    answer.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox"),
    );
    answer.insert(header::CONTENT_TYPE, header_value(&content.media_type));
    if query.download {
        answer.insert(header::CONTENT_DISPOSITION, attachment(&name));
    }
    let size = content.size;
    let (status, range) = match part(&headers, size, &content.etag) {
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Bytes(range) => {
            let value = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            answer.insert(header::CONTENT_RANGE, header_value(&value));
            (StatusCode::PARTIAL_CONTENT, range)
        }
        Part::Unsatisfiable => {
            let detail = format!("The file has {size} bytes; the range lies behind its end.");
            let unsatisfied = header_value(&format!("bytes */{size}"));
            let headers = [(header::CONTENT_RANGE, unsatisfied)];
            return Ok((headers, AgentError::range_not_satisfiable(detail)).into_response());
        }
    };
    answer.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    Ok((status, answer, Body::from_stream(content.stream(range))).into_response())
}

async fn file_write(
    State(files): FilesState,
    Query(query): Query<FileQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, AgentError> {
    let root = files.roots.get(query.root)?;
    let path = parse_path(&query.path)?;
    let precondition = precondition(&headers).ok_or_else(|| {
        AgentError::precondition_required(
            "Say which version the write replaces: If-Match with the file's ETag, \
             If-None-Match: * for a new file, or If-Match: * for whatever is there.",
        )
    })?;
    let mut body = body.into_data_stream();
    let portion = next_portion(&mut body).await?;
    let begin = {
        let (root, path) = (Arc::clone(&root), path.clone());
        move || {
            let mut upload = Upload::begin(&root, &path, precondition)?;
            upload.write(&portion.chunks)?;
            Ok((upload, portion.is_last))
        }
    };
    let commit = {
        let (root, path) = (Arc::clone(&root), path.clone());
        move |upload: Upload| {
            upload.commit(&files.locks)?;
            entry::view(&root, &path)
        }
    };
    let about = move |error: FileError| error.about(|| path.wire());
    // What fits into one portion, as nearly every file does, is written in one go.
    let begun = {
        let (about, commit) = (about.clone(), commit.clone());
        blocking(move || match begin().map_err(&about)? {
            (upload, true) => Ok(Written::All(commit(upload).map_err(about)?)),
            (upload, false) => Ok::<_, FileError>(Written::Some(upload)),
        })
        .await?
    };
    let entry = match begun {
        Written::All(entry) => entry,
        Written::Some(upload) => {
            let upload = receive(upload, &mut body, about.clone()).await?;
            blocking(move || commit(upload).map_err(about)).await?
        }
    };
    let etag = entry.etag.as_deref().map(header_value);
    let headers: HeaderMap = etag.map(|etag| (header::ETAG, etag)).into_iter().collect();
    Ok((headers, Json(entry)).into_response())
}

/// How far a write has come after the first portion of the body.
enum Written {
    All(FileEntry),
    Some(Upload),
}

/// Writes what remains of the body, each portion while the next one comes in.
async fn receive(
    mut upload: Upload,
    body: &mut BodyDataStream,
    about: impl Fn(FileError) -> FileError + Clone + Send + 'static,
) -> Result<Upload, AgentError> {
    let mut portion = next_portion(body).await?;
    loop {
        let is_last = portion.is_last;
        let about = about.clone();
        let writing = blocking(move || match upload.write(&portion.chunks) {
            Ok(()) => Ok(upload),
            Err(error) => Err(about(error)),
        });
        if is_last {
            return writing.await;
        }
        (upload, portion) = tokio::try_join!(writing, next_portion(body))?;
    }
}

struct Portion {
    chunks: Vec<Bytes>,
    is_last: bool,
}

async fn next_portion(body: &mut BodyDataStream) -> Result<Portion, AgentError> {
    let mut chunks = Vec::new();
    let mut length = 0;
    while length < PORTION_BYTES {
        let Some(chunk) = body.next().await else {
            return Ok(Portion {
                chunks,
                is_last: true,
            });
        };
        let chunk = chunk.map_err(|error| {
            AgentError::malformed("The upload broke off. Nothing was changed; send it again.")
                .caused_by(error)
        })?;
        length += chunk.len();
        chunks.push(chunk);
    }
    Ok(Portion {
        chunks,
        is_last: false,
    })
}

async fn file_delete(
    State(files): FilesState,
    Query(query): Query<FileDeleteQuery>,
) -> Result<StatusCode, AgentError> {
    let root = files.roots.get(query.root)?;
    let path = parse_path(&query.path)?;
    blocking(move || super::delete::delete(&root, &path, query.recursive).map_err(about(&path)))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn directory_create(
    State(files): FilesState,
    Json(request): Json<DirectoryCreate>,
) -> Result<(StatusCode, Json<FileEntry>), AgentError> {
    let root = files.roots.get(request.root)?;
    let path = parse_path(&request.path)?;
    let entry = blocking(move || {
        if request.parents {
            change::create_directories(&root, &path)
        } else {
            change::create_directory(&root, &path)
        }
        .and_then(|()| entry::view(&root, &path))
        .map_err(about(&path))
    })
    .await?;
    Ok((StatusCode::CREATED, Json(entry)))
}

async fn file_move(
    State(files): FilesState,
    Json(request): Json<FileTransfer>,
) -> Result<Json<FileEntry>, AgentError> {
    let root = files.roots.get(request.root)?;
    let (from, to) = (parse_path(&request.from)?, parse_path(&request.to)?);
    let existing = existing(&request);
    blocking(move || {
        change::move_entry(&root, &from, &to, existing)
            .and_then(|()| entry::view(&root, &to))
            .map_err(about(&to))
    })
    .await
    .map(Json)
}

async fn file_copy(
    State(files): FilesState,
    Json(request): Json<FileTransfer>,
) -> Result<Json<FileEntry>, AgentError> {
    let root = files.roots.get(request.root)?;
    let (from, to) = (parse_path(&request.from)?, parse_path(&request.to)?);
    let existing = existing(&request);
    let cancelled = CancellationToken::new();
    // When the caller goes away, so does this future, and with it the guard.
    let _guard = cancelled.clone().drop_guard();
    blocking(move || {
        copy::copy(&root, &from, &to, existing, &cancelled)
            .and_then(|()| entry::view(&root, &to))
            .map_err(about(&to))
    })
    .await
    .map(Json)
}

fn existing(request: &FileTransfer) -> Existing {
    if request.overwrite {
        Existing::Replace
    } else {
        Existing::Keep
    }
}

async fn file_mode_update(
    State(files): FilesState,
    Json(request): Json<FileModeUpdate>,
) -> Result<Json<FileEntry>, AgentError> {
    let root = files.roots.get(request.root)?;
    let path = parse_path(&request.path)?;
    if request.mode > 0o777 {
        let detail = "Only the nine permission bits can be set: 0 to 511 (octal 777).";
        return Err(AgentError::invalid("mode", detail));
    }
    blocking(move || {
        change::update_mode(&root, &path, request.mode)
            .and_then(|()| entry::view(&root, &path))
            .map_err(about(&path))
    })
    .await
    .map(Json)
}

async fn file_watch(
    State(files): FilesState,
    Query(query): Query<FileWatchQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, AgentError> {
    let upgrade = upgrade.map_err(|rejection| AgentError::malformed(rejection.body_text()))?;
    let root = files.roots.get(query.root)?;
    let path = parse_path(&query.path)?;
    if query.recursive && root.for_writing().is_err() {
        let error = FileError::from(Reason::WatchLimit("this root is too large."));
        return Err(error.about(|| path.wire()).into());
    }
    let wire = path.wire();
    let watcher = files.watchers.of(query.root);
    let subscription = watcher
        .subscribe(root, path, query.recursive)
        .await
        .map_err(|error| error.about(|| wire))?;
    let upgrade = upgrade
        .read_buffer_size(VIEWER_BUFFER_BYTES)
        .max_message_size(VIEWER_BUFFER_BYTES);
    Ok(upgrade.on_upgrade(move |socket| report(socket, subscription)))
}

/// Sends what the watch says until the viewer leaves.
async fn report(mut socket: WebSocket, mut subscription: Subscription) {
    loop {
        tokio::select! {
            message = subscription.next() => {
                let Some(message) = message else { break };
                let json = serde_json::to_string(&message).expect("a message is plain data");
                if socket.send(Message::text(json)).await.is_err() {
                    break;
                }
            }
            // Viewers have nothing to say; this sees them close, and answers pings.
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
}

/// Says which path an error is about.
fn about(path: &RelativePath) -> impl Fn(FileError) -> FileError + use<> {
    let path = path.clone();
    move |error| error.about(|| path.wire())
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("visible ASCII")
}

/// `Content-Disposition: attachment` with the name in both forms (RFC 6266, RFC 8187).
fn attachment(name: &[u8]) -> HeaderValue {
    use std::fmt::Write as _;
    let name = String::from_utf8_lossy(name);
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '_',
        })
        .collect();
    let mut value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            value.push(byte.into());
        } else {
            write!(value, "%{byte:02X}").expect("writing to a string");
        }
    }
    header_value(&value)
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn attachments_are_named_in_both_forms() {
        assert_eq!(
            attachment("a \"b\" é\n.txt".as_bytes()),
            "attachment; filename=\"a _b_ __.txt\"; filename*=UTF-8''a%20%22b%22%20%C3%A9%0A.txt"
        );
    }
}

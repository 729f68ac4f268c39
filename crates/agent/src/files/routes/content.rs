//! The content of a file: read in part or whole, and written from a stream.

use std::sync::Arc;

use atelier_api::agent::files::{FileEntry, FileQuery, FileReadQuery};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::incoming::Incoming;
use super::{FilesState, about};
use crate::AgentError;
use crate::files::conditions::{Part, is_held, part, precondition};
use crate::files::error::FileError;
use crate::files::read::Content;
use crate::files::write::Upload;
use crate::files::{blocking, parse_path};
use crate::http::{Json, Query};

pub(super) async fn file_read(
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

pub(super) async fn file_write(
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
    let about = {
        let path = path.clone();
        move |error: FileError| error.about(|| path.wire())
    };
    let commit = {
        let (root, path) = (Arc::clone(&root), path.clone());
        move |upload: Upload| upload.publish(&files.locks, &root, &path)
    };
    let begin = move || Upload::begin(&root, &path, precondition);
    let mut body = Incoming::new(body);
    body.begin().await;
    // What comes in one piece, as nearly every file does, is written in one go.
    let entry = if let Some(end) = body.end() {
        end.map_err(broke_off)?;
        let content = body.portion();
        let all = move || {
            let mut upload = begin()?;
            upload.write(&content)?;
            commit(upload)
        };
        blocking(move || all().map_err(about)).await?
    } else {
        let mut upload = receive(begin, &mut body, about.clone()).await?;
        let last = body.portion();
        let finish = move || {
            upload.write(&last)?;
            commit(upload)
        };
        blocking(move || finish().map_err(about)).await?
    };
    Ok(written(entry))
}

/// What a write answers.
pub(super) fn written(entry: FileEntry) -> Response {
    let etag = entry.etag.as_deref().map(header_value);
    let headers: HeaderMap = etag.map(|etag| (header::ETAG, etag)).into_iter().collect();
    (headers, Json(entry)).into_response()
}

/// Writes the body up to its last portion, each while the next one comes in.
async fn receive(
    begin: impl FnOnce() -> Result<Upload, FileError> + Send + 'static,
    body: &mut Incoming,
    about: impl Fn(FileError) -> FileError + Clone + Send + 'static,
) -> Result<Upload, AgentError> {
    let first = body.portion();
    let begun = {
        let about = about.clone();
        let begin = move || begin().and_then(|upload| upload.with(&first));
        blocking(move || begin().map_err(about))
    };
    let mut upload = body.take_while(begun).await?;
    loop {
        body.gather().await;
        if let Some(end) = body.end() {
            return end.map(|()| upload).map_err(broke_off);
        }
        let (portion, about) = (body.portion(), about.clone());
        let write = blocking(move || upload.with(&portion).map_err(about));
        upload = body.take_while(write).await?;
    }
}

fn broke_off(error: axum::Error) -> AgentError {
    AgentError::malformed("The upload broke off. Nothing was changed; send it again.")
        .caused_by(error)
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("visible ASCII")
}

/// `Content-Disposition: attachment` with the name in both forms (RFC 6266, RFC 8187).
pub(super) fn attachment(name: &[u8]) -> HeaderValue {
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

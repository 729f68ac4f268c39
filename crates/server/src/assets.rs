//! The web interface, embedded into the program. Release builds hold `web/dist` as it was built;
//! debug builds read it from the source tree at run time.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::Error;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// Nothing from elsewhere, no inline script. Monaco writes style elements, hence `unsafe-inline`
/// for styles; its workers are loaded from our own origin or blobs.
const CSP: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; \
    object-src 'none'; frame-src {frames}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// The policy of pages, which says whose pages they may hold in frames: previews of applications.
#[derive(Debug, Clone)]
pub(crate) struct Frames(HeaderValue);

impl Frames {
    /// With these sources.
    pub(crate) fn new(sources: &str) -> Self {
        let policy = HeaderValue::from_str(&CSP.replace("{frames}", sources));
        Self(policy.unwrap_or(HeaderValue::from_static(
            "default-src 'self'; frame-src 'none'",
        )))
    }
}

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Atelier</title>\
    <p>The web interface has not been built into this program. Run <code>cargo xtask up</code>, or \
    <code>npm run build</code> in <code>web/</code> and build the program again.";

/// Serves a file of the interface, and its page for every path that is not a file.
pub(crate) async fn serve(
    State(frames): State<Frames>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return Error::new(
            atelier_api::ErrorCode::MethodNotAllowed,
            "Only GET is possible here. The API is below /api/v1.",
        )
        .into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if !path.is_empty() && !is_encoded(path) {
        if let Some(response) = file(path, &headers) {
            return response;
        }
        if path.starts_with("assets/") {
            return Error::not_found("file").into_response();
        }
    }
    let mut page = file("index.html", &headers).unwrap_or_else(|| {
        ([(CONTENT_TYPE, "text/html; charset=utf-8")], NOT_BUILT).into_response()
    });
    let headers = page.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, frames.0);
    page
}

/// The compressed siblings are answers to Accept-Encoding, not files of their own.
fn is_encoded(path: &str) -> bool {
    std::path::Path::new(path)
        .extension()
        .is_some_and(|end| end == "br" || end == "gz")
}

fn file(path: &str, request: &HeaderMap) -> Option<Response> {
    let accepted = request
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let accepts = |name: &str| {
        accepted
            .split(',')
            .any(|part| part.split(';').next().unwrap_or("").trim() == name)
    };
    let encoded = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(name, _)| accepts(name))
        .find_map(|(name, suffix)| Some((name, Dist::get(&format!("{path}{suffix}"))?)));
    let (encoding, file) = match encoded {
        Some((name, file)) => (Some(name), file),
        None => (None, Dist::get(path)?),
    };
    Some(respond(path, encoding, file, request))
}

fn respond(
    path: &str,
    encoding: Option<&'static str>,
    file: EmbeddedFile,
    request: &HeaderMap,
) -> Response {
    let etag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..12]));
    let unchanged = request
        .get(IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data).into_response()
    };
    let headers = response.headers_mut();
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = if kind.type_() == "text" || kind.subtype() == "javascript" {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_string()
    };
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        headers.insert(CONTENT_TYPE, kind);
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(ETAG, etag);
    }
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    // Vite puts a hash of the content into the names below assets/.
    let caching = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

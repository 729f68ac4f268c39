//! What the gateway itself says: a page for people, a line for programs.

use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFRESH};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use crate::error::Error;

const STYLE: &str = "body{font:15px/1.6 system-ui,sans-serif;max-width:36rem;margin:18vh auto;padding:0 1.5rem;\
    color:#1b2426;background:#fff}h1{font-size:1.15rem}a{color:#0f6b68}\
    @media(prefers-color-scheme:dark){body{color:#e4eaea;background:#121718}a{color:#5cc4bd}}";

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox \
    allow-top-navigation-by-user-activation allow-popups";

/// Loading itself again counts as a script for a sandbox; there are none that could run.
const POLICY_OF_WAITING: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-scripts";

/// What is said.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) title: String,
    pub(super) detail: String,
    /// Where to go from here.
    pub(super) link: Option<(&'static str, String)>,
    /// It is asked for again at once: the answer takes its time.
    pub(super) asks_again: bool,
}

impl Page {
    pub(super) fn new(status: StatusCode, title: &str, detail: &str) -> Self {
        Self {
            status,
            title: title.to_owned(),
            detail: detail.to_owned(),
            link: None,
            asks_again: false,
        }
    }

    /// Says why something failed.
    pub(super) fn failed(error: &Error) -> Self {
        let problem = error.problem();
        let status = StatusCode::from_u16(problem.status);
        Self::new(
            status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            &problem.title,
            &problem.detail,
        )
    }

    pub(super) fn with_link(mut self, text: &'static str, href: String) -> Self {
        self.link = Some((text, href));
        self
    }

    /// As a page where a person looks at it, else as text. It may be shown in a frame: it holds nothing.
    pub(super) fn render(self, page: bool) -> Response<String> {
        let asks_again = self.asks_again;
        let mut response = if page {
            let link = self.link.map_or_else(String::new, |(text, href)| {
                format!("<p><a href=\"{}\">{text}</a>", escaped(&href))
            });
            let (title, detail) = (escaped(&self.title), escaped(&self.detail));
            let page = format!(
                "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport \
                 content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style>\
                 <h1>{title}</h1><p>{detail}{link}"
            );
            with_type(page, "text/html; charset=utf-8")
        } else {
            let text = format!("{}: {}\n", self.title, self.detail);
            with_type(text, "text/plain; charset=utf-8")
        };
        *response.status_mut() = self.status;
        if asks_again {
            let headers = response.headers_mut();
            headers.insert(REFRESH, HeaderValue::from_static("0"));
            headers.insert(
                CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(POLICY_OF_WAITING),
            );
        }
        response
    }
}

fn with_type(body: String, content_type: &'static str) -> Response<String> {
    let mut response = Response::new(body);
    let headers: [(HeaderName, &'static str); 4] = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (http::header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether a person looks at the answer: a navigation, where the browser says so.
pub(super) fn wants_page(request: &HeaderMap) -> bool {
    let text = |name: HeaderName| request.get(name).and_then(|value| value.to_str().ok());
    match text(HeaderName::from_static("sec-fetch-dest")) {
        Some(dest) => matches!(dest, "document" | "iframe" | "frame"),
        None => text(ACCEPT).is_some_and(|accept| accept.contains("text/html")),
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

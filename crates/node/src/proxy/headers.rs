//! Which headers pass between callers and the agent.

use atelier_api::agent::terminals::VIEWER_ACCESS_HEADER;
use atelier_api::agent::uploads::{UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// What the agent is told. No cookie and no authorization: a workspace must not learn what its
/// visitors sign in with.
fn may_reach_agent(name: &HeaderName) -> bool {
    const LIST: &[HeaderName] = &[
        header::ACCEPT,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::IF_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_NONE_MATCH,
        header::IF_RANGE,
        header::IF_UNMODIFIED_SINCE,
        header::RANGE,
        header::SEC_WEBSOCKET_EXTENSIONS,
        header::SEC_WEBSOCKET_KEY,
        header::SEC_WEBSOCKET_PROTOCOL,
        header::SEC_WEBSOCKET_VERSION,
    ];
    LIST.contains(name)
        || [UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER].contains(&name.as_str())
        || name.as_str().starts_with("atelier-")
}

/// What callers are told by the agent.
fn may_leave_agent(name: &HeaderName) -> bool {
    const LIST: &[HeaderName] = &[
        header::ACCEPT_RANGES,
        header::CACHE_CONTROL,
        header::CONTENT_DISPOSITION,
        header::CONTENT_LENGTH,
        header::CONTENT_RANGE,
        header::CONTENT_TYPE,
        header::ETAG,
        header::LAST_MODIFIED,
        header::RETRY_AFTER,
        header::SEC_WEBSOCKET_ACCEPT,
        header::SEC_WEBSOCKET_EXTENSIONS,
        header::SEC_WEBSOCKET_PROTOCOL,
    ];
    let own = ["atelier-offset", UPLOAD_OFFSET_HEADER, VIEWER_ACCESS_HEADER];
    LIST.contains(name) || own.contains(&name.as_str())
}

/// The headers of a request, as the agent gets them.
pub(super) fn to_agent(headers: &HeaderMap) -> HeaderMap {
    filtered(headers, may_reach_agent)
}

/// The headers of an answer, as its caller gets them. A file of the workspace that is opened in a
/// browser is data: it is neither guessed to be a page nor may it do anything as one.
pub(super) fn from_agent(headers: &HeaderMap) -> HeaderMap {
    let mut passed = filtered(headers, may_leave_agent);
    passed.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    passed.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox"),
    );
    passed
}

fn filtered(headers: &HeaderMap, allowed: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let mut passed = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if allowed(name) {
            passed.append(name, value.clone());
        }
    }
    passed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn the_agent_learns_no_credentials() {
        let passed = to_agent(&headers(&[
            ("cookie", "atelier_session=s"),
            ("authorization", "Bearer atp_x"),
            ("connection", "keep-alive"),
            ("transfer-encoding", "chunked"),
            ("if-match", "\"1\""),
        ]));
        assert_eq!(passed, headers(&[("if-match", "\"1\"")]));
    }

    #[test]
    fn the_agent_cannot_set_cookies_or_policies() {
        let passed = from_agent(&headers(&[
            ("set-cookie", "atelier_session=evil"),
            ("content-security-policy", "default-src *"),
            ("access-control-allow-origin", "*"),
            ("location", "https://evil.example"),
            ("clear-site-data", "*"),
            ("etag", "\"1\""),
        ]));
        let expected = headers(&[
            ("etag", "\"1\""),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "sandbox"),
        ]);
        assert_eq!(passed, expected);
    }
}

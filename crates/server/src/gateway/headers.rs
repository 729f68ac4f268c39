//! What an application is told of a request, and what of its answer passes.

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};

use super::cookies;

/// Whence a request came and by what address, as `Forwarded` (RFC 7239) and its forerunners say it.
#[derive(Debug)]
pub(super) struct Forwarded<'a> {
    pub(super) client: Option<&'a str>,
    pub(super) host: &'a str,
    pub(super) proto: &'a str,
    /// What of the path was taken away.
    pub(super) prefix: Option<&'a str>,
}

/// What an answer must not do: it would concern more than the application's own origin.
const NEVER_PASS: [HeaderName; 3] = [
    // “cookies” reach as far as the registrable domain, the platform's perhaps.
    HeaderName::from_static("clear-site-data"),
    HeaderName::from_static("alt-svc"),
    HeaderName::from_static("public-key-pins"),
];

/// What an answer must not do where the origin is the platform's.
const NEVER_PASS_BY_PATH: [HeaderName; 12] = [
    header::SET_COOKIE,
    header::WWW_AUTHENTICATE,
    header::STRICT_TRANSPORT_SECURITY,
    header::X_FRAME_OPTIONS,
    HeaderName::from_static("service-worker-allowed"),
    HeaderName::from_static("origin-agent-cluster"),
    HeaderName::from_static("nel"),
    HeaderName::from_static("report-to"),
    HeaderName::from_static("reporting-endpoints"),
    HeaderName::from_static("accept-ch"),
    HeaderName::from_static("critical-ch"),
    HeaderName::from_static("speculation-rules"),
];

/// What every answer by path is confined to: an opaque origin, which has no cookies, no storage and no
/// service workers, and cannot lead the window away.
pub(super) const SANDBOX: &str =
    "sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads";

/// The headers of a request that an application is to see.
pub(super) fn to_application(headers: &mut HeaderMap, forwarded: &Forwarded<'_>) {
    cookies::strip_ours(headers);
    let platforms = headers.get(header::AUTHORIZATION).is_some_and(|value| {
        let value = value.as_bytes();
        value.windows(4).any(|window| window == b"atp_")
    });
    if platforms {
        headers.remove(header::AUTHORIZATION);
    }
    let said: Vec<HeaderName> = headers
        .keys()
        .filter(|name| {
            let name = name.as_str();
            name.starts_with("atelier-") || name.starts_with("x-forwarded-") || name == "x-real-ip"
        })
        .cloned()
        .collect();
    for name in said {
        headers.remove(name);
    }
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    let Forwarded {
        client,
        host,
        proto,
        prefix,
    } = forwarded;
    if let Some(client) = client {
        set("x-forwarded-for", client);
    }
    set("x-forwarded-host", host);
    set("x-forwarded-proto", proto);
    if let Some(prefix) = prefix {
        set("x-forwarded-prefix", prefix);
    }
    let client = match client {
        Some(client) if client.contains(':') => format!("for=\"[{client}]\";"),
        Some(client) => format!("for={client};"),
        None => String::new(),
    };
    set(
        "forwarded",
        &format!("{client}host=\"{host}\";proto={proto}"),
    );
}

/// An answer on the application's own origin.
pub(super) fn from_application(headers: &mut HeaderMap) {
    cookies::confine(headers);
    for name in &NEVER_PASS {
        headers.remove(name);
    }
    // Siblings below the same domain are strangers: no `document.domain` between them.
    headers
        .entry(HeaderName::from_static("origin-agent-cluster"))
        .or_insert(HeaderValue::from_static("?1"));
}

/// An answer below a path of the platform's origin.
pub(super) fn from_application_by_path(headers: &mut HeaderMap) {
    for name in NEVER_PASS.iter().chain(&NEVER_PASS_BY_PATH) {
        headers.remove(name);
    }
    confine(headers);
}

/// Confines whatever is answered below `/apps/`; the application's own policy counts beside it.
pub(super) fn confine(headers: &mut HeaderMap) {
    headers.append(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(SANDBOX),
    );
    for (name, value) in [
        (header::REFERRER_POLICY, "no-referrer"),
        // The page's origin is opaque, so that its own modules and fonts come from another one.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "null"),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "*"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.append(header::VARY, HeaderValue::from_static("origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn what_a_client_says_of_its_way_is_replaced() {
        let mut headers = map(&[
            ("x-forwarded-for", "6.6.6.6"),
            ("x-forwarded-port", "1"),
            ("forwarded", "for=6.6.6.6"),
            ("x-real-ip", "6.6.6.6"),
            ("atelier-csrf", "1"),
            ("atelier-preview-host", "evil"),
            ("authorization", "Bearer atp_secret"),
            ("cookie", "atelier_session=s; own=1"),
            ("x-own", "kept"),
        ]);
        let forwarded = Forwarded {
            client: Some("::1"),
            host: "h.localhost:7420",
            proto: "http",
            prefix: None,
        };
        to_application(&mut headers, &forwarded);
        let expected = map(&[
            ("x-forwarded-for", "::1"),
            ("x-forwarded-host", "h.localhost:7420"),
            ("x-forwarded-proto", "http"),
            (
                "forwarded",
                "for=\"[::1]\";host=\"h.localhost:7420\";proto=http",
            ),
            ("cookie", "own=1"),
            ("x-own", "kept"),
        ]);
        assert_eq!(headers, expected);
    }

    #[test]
    fn an_applications_own_authorization_passes() {
        let mut headers = map(&[("authorization", "Bearer eyJ0.app")]);
        let forwarded = Forwarded {
            client: None,
            host: "h",
            proto: "https",
            prefix: Some("/apps/x"),
        };
        to_application(&mut headers, &forwarded);
        assert_eq!(headers["authorization"], "Bearer eyJ0.app");
        assert_eq!(headers["x-forwarded-prefix"], "/apps/x");
    }

    #[test]
    fn an_answer_by_path_is_always_confined() {
        let mut headers = map(&[
            (
                "content-security-policy",
                "sandbox allow-same-origin allow-scripts",
            ),
            ("set-cookie", "a=1"),
            ("clear-site-data", "*"),
            ("service-worker-allowed", "/"),
            ("access-control-allow-origin", "*"),
            ("referrer-policy", "unsafe-url"),
        ]);
        from_application_by_path(&mut headers);
        let policies: Vec<_> = headers.get_all("content-security-policy").iter().collect();
        assert_eq!(policies[1], SANDBOX);
        assert!(!SANDBOX.contains("same-origin") && !SANDBOX.contains("navigation"));
        for gone in ["set-cookie", "clear-site-data", "service-worker-allowed"] {
            assert!(!headers.contains_key(gone), "{gone}");
        }
        assert_eq!(headers["access-control-allow-origin"], "null");
        assert_eq!(headers["referrer-policy"], "no-referrer");
    }
}

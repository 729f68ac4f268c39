//! Leading an application's absolute paths below the prefix that it is shown under.
//!
//! What can be told from the text alone is led there: `Location`; in HTML the attributes that hold one
//! address (`<base>` among them); and in every text the marker [`BASE`], which an application is given as its
//! base path where its scripts make addresses themselves. Addresses that scripts put together from `/` are
//! beyond this, which is the limit of showing applications by path.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};

/// A base path that stands for “wherever the application is shown”.
const BASE: &[u8] = b"/_atelier_/";

/// The attributes of HTML that hold one address.
const ATTRIBUTES: [&[u8]; 6] = [
    b"href",
    b"src",
    b"action",
    b"formaction",
    b"poster",
    b"data",
];

/// How far back is looked for an attribute's name, in bytes.
const LOOK_BACK: usize = 16;

/// Leads a redirect below the prefix, unless it leads to another site.
pub(super) fn location(headers: &mut HeaderMap, prefix: &str, own: &str) {
    let Some(to) = headers.get(LOCATION).and_then(|to| to.to_str().ok()) else {
        return;
    };
    let port = own.rsplit_once(':').map_or("", |(_, port)| port);
    let path = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"]
        .iter()
        .find_map(|host| {
            let rest = to.strip_prefix("http://")?.strip_prefix(host)?;
            let rest = rest.strip_prefix(':')?.strip_prefix(port)?;
            (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then_some(rest)
        })
        .or_else(|| (to.starts_with('/') && !to.starts_with("//")).then_some(to));
    let Some(path) = path.filter(|path| !below(path.as_bytes(), prefix.as_bytes())) else {
        return;
    };
    let slash = if path.starts_with('/') { "" } else { "/" };
    if let Ok(led) = HeaderValue::from_str(&format!("{prefix}{slash}{path}")) {
        headers.insert(LOCATION, led);
    }
}

fn below(text: &[u8], prefix: &[u8]) -> bool {
    text.starts_with(prefix) && matches!(text.get(prefix.len()), None | Some(b'/' | b'?'))
}

/// Rewrites a text as it passes.
#[derive(Debug)]
pub(super) struct Rewriter {
    prefix: Vec<u8>,
    html: bool,
    /// What was not looked at yet, after a little of what was.
    buffer: Vec<u8>,
    /// How much of the buffer has been passed on.
    passed: usize,
}

impl Rewriter {
    /// One for this answer, if it is a whole text.
    pub(super) fn of(status: StatusCode, headers: &HeaderMap, prefix: String) -> Option<Self> {
        let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let kind = kind.split(';').next()?.trim().to_ascii_lowercase();
        let html = matches!(kind.as_str(), "text/html" | "application/xhtml+xml");
        let text = html
            || matches!(
                kind.as_str(),
                "text/css"
                    | "text/javascript"
                    | "application/javascript"
                    | "application/json"
                    | "application/manifest+json"
                    | "image/svg+xml"
            );
        let plain = headers
            .get(CONTENT_ENCODING)
            .is_none_or(|encoding| encoding == "identity");
        (text && plain && status != StatusCode::PARTIAL_CONTENT).then(|| Self {
            prefix: prefix.into_bytes(),
            html,
            buffer: Vec::new(),
            passed: 0,
        })
    }

    /// What may pass after so much more has come.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Bytes {
        self.buffer.extend_from_slice(chunk);
        // What an address may need to be known by.
        let ahead = BASE.len().max(self.prefix.len() + 1);
        let end = self.buffer.len().saturating_sub(ahead);
        self.pass(end)
    }

    /// The rest.
    pub(super) fn finish(&mut self) -> Bytes {
        self.pass(self.buffer.len())
    }

    fn pass(&mut self, end: usize) -> Bytes {
        let mut out = Vec::with_capacity(end.saturating_sub(self.passed) + 64);
        let mut at = self.passed;
        while at < end {
            let rest = self.buffer.get(at..).unwrap_or_default();
            let window = self.buffer.get(at..end).unwrap_or_default();
            let Some(slash) = window.iter().position(|byte| *byte == b'/') else {
                out.extend_from_slice(window);
                at = end;
                break;
            };
            out.extend_from_slice(rest.get(..slash).unwrap_or_default());
            at += slash;
            let rest = self.buffer.get(at..).unwrap_or_default();
            let before = self.buffer.get(..at).unwrap_or_default();
            if rest.starts_with(BASE) && !before.ends_with(&self.prefix) {
                out.extend_from_slice(&self.prefix);
                out.extend_from_slice(BASE);
                at += BASE.len();
                continue;
            }
            if self.html && is_address(before) && self.is_absolute(rest) {
                out.extend_from_slice(&self.prefix);
            }
            out.push(b'/');
            at += 1;
        }
        // Enough is kept to see what stands before: an attribute, or the prefix itself.
        let keep = LOOK_BACK.max(self.prefix.len());
        let cut = at.saturating_sub(keep);
        self.buffer.drain(..cut);
        self.passed = at - cut;
        out.into()
    }

    /// A path of the application's own, which is not led below the prefix yet.
    fn is_absolute(&self, rest: &[u8]) -> bool {
        rest.get(1) != Some(&b'/') && !below(rest, &self.prefix)
    }
}

/// Whether an attribute's value begins here: `href="`.
fn is_address(before: &[u8]) -> bool {
    let Some((b'"' | b'\'', before)) = before.split_last() else {
        return false;
    };
    let Some(name) = before.trim_ascii_end().strip_suffix(b"=") else {
        return false;
    };
    let name = name.trim_ascii_end();
    let begins = name
        .iter()
        .rposition(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'/'));
    let name = name
        .get(begins.map_or(0, |at| at + 1)..)
        .unwrap_or_default();
    ATTRIBUTES
        .iter()
        .any(|attribute| name.eq_ignore_ascii_case(attribute))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PREFIX: &str = "/apps/t.x";

    fn rewriter(kind: &'static str) -> Rewriter {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        Rewriter::of(StatusCode::OK, &headers, PREFIX.to_owned()).unwrap()
    }

    fn rewrite(kind: &'static str, text: &str, chunk: usize) -> String {
        let mut rewriter = rewriter(kind);
        let mut out = Vec::new();
        for part in text.as_bytes().chunks(chunk) {
            out.extend_from_slice(&rewriter.push(part));
        }
        out.extend_from_slice(&rewriter.finish());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_addresses_of_a_page_are_led_below_the_prefix() {
        let page = "<base href=\"/\"><a HREF = '/a'>x</a> <img src=\"//cdn/x\" alt=\"/\"><form \
                    action='/f?x=/'><script src=\"/_atelier_/m.js\">import \"/_atelier_/n\"; a=\"/no\"\
                    </script><a href=\"/apps/t.x/b\"><a href=\"c/d\">";
        let led = "<base href=\"/apps/t.x/\"><a HREF = '/apps/t.x/a'>x</a> <img src=\"//cdn/x\" \
                   alt=\"/\"><form action='/apps/t.x/f?x=/'><script src=\"/apps/t.x/_atelier_/m.js\">import \
                   \"/apps/t.x/_atelier_/n\"; a=\"/no\"</script><a href=\"/apps/t.x/b\"><a href=\"c/d\">";
        for chunk in [1, 2, 7, 4096] {
            assert_eq!(rewrite("text/html; charset=utf-8", page, chunk), led);
        }
    }

    #[test]
    fn in_scripts_only_the_marker_is_led() {
        let script = "import '/_atelier_/a'; href = \"/b\"; `/apps/t.x/_atelier_/c`";
        let led = "import '/apps/t.x/_atelier_/a'; href = \"/b\"; `/apps/t.x/_atelier_/c`";
        for chunk in [1, 3, 4096] {
            assert_eq!(rewrite("text/javascript", script, chunk), led);
        }
    }

    #[test]
    fn what_is_no_text_passes_as_it_is() {
        let of = |kind, encoding: Option<&'static str>, status| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            if let Some(encoding) = encoding {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
            Rewriter::of(status, &headers, PREFIX.to_owned()).is_some()
        };
        assert!(of("text/html", None, StatusCode::OK));
        assert!(!of("text/html", Some("br"), StatusCode::OK));
        assert!(!of("text/html", None, StatusCode::PARTIAL_CONTENT));
        assert!(!of("image/png", None, StatusCode::OK));
        assert!(!of("text/event-stream", None, StatusCode::OK));
    }

    #[test]
    fn redirects_stay_below_the_prefix_and_leave_for_other_sites() {
        let led = |to: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(LOCATION, HeaderValue::from_static(to));
            location(&mut headers, PREFIX, "localhost:3000");
            headers[LOCATION].to_str().unwrap().to_owned()
        };
        assert_eq!(led("/a?b"), "/apps/t.x/a?b");
        assert_eq!(led("http://localhost:3000/a"), "/apps/t.x/a");
        assert_eq!(led("http://127.0.0.1:3000"), "/apps/t.x/");
        for same in [
            "a/b",
            "//evil.example/",
            "https://evil.example/",
            "http://localhost:30001/",
            "/apps/t.x/a",
        ] {
            assert_eq!(led(same), same);
        }
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(text in "[a/\"=<> hrefsc_til.0-9]{0,200}", chunk in 1_usize..9) {
            let whole = rewrite("text/html", &text, 4096);
            prop_assert_eq!(rewrite("text/html", &text, chunk), whole);
        }
    }
}

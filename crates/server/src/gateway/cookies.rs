//! Cookies: those of the platform and of the gateway are none of an application's business.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

/// The cookie that keeps a browser let in, on an application's host.
pub(super) const APP_SESSION: &str = "atelier_app_session";

/// What all cookies of the platform and of the gateway begin with, whatever guards their names.
const OURS: &str = "atelier_";

/// The values of the gateway's cookie. A page may have set others of the name: at most four are tried.
pub(super) fn app_sessions(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    pairs(headers)
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| *name == APP_SESSION)
        .map(|(_, value)| value)
        .take(4)
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .map(str::trim)
}

fn is_ours(name: &str) -> bool {
    let name = name.trim();
    let bare = ["__Host-", "__Secure-"]
        .into_iter()
        .find_map(|prefix| {
            let (start, rest) = name.split_at_checked(prefix.len())?;
            start.eq_ignore_ascii_case(prefix).then_some(rest)
        })
        .unwrap_or(name);
    bare.get(..OURS.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(OURS))
}

/// Takes ours out of a request. A header without any passes as it came.
pub(super) fn strip_ours(headers: &mut HeaderMap) {
    let lines: Vec<HeaderValue> = headers.get_all(COOKIE).iter().cloned().collect();
    headers.remove(COOKIE);
    for line in lines {
        let Ok(text) = line.to_str() else {
            // Bytes that are no text: only pairs of text can be told to be ours.
            if !contains_ours(line.as_bytes()) {
                headers.append(COOKIE, line);
            }
            continue;
        };
        if !text.split(';').any(|pair| is_ours(name(pair))) {
            headers.append(COOKIE, line);
            continue;
        }
        let kept: Vec<&str> = text
            .split(';')
            .map(str::trim)
            .filter(|pair| !pair.is_empty() && !is_ours(name(pair)))
            .collect();
        if !kept.is_empty()
            && let Ok(kept) = HeaderValue::from_str(&kept.join("; "))
        {
            headers.append(COOKIE, kept);
        }
    }
}

fn contains_ours(line: &[u8]) -> bool {
    line.to_ascii_lowercase()
        .windows(OURS.len())
        .any(|window| window == OURS.as_bytes())
}

fn name(pair: &str) -> &str {
    pair.split_once('=').map_or(pair, |(name, _)| name)
}

/// Keeps an application's cookies on its own host: none of our names, no `Domain`.
pub(super) fn confine(headers: &mut HeaderMap) {
    if !headers.contains_key(SET_COOKIE) {
        return;
    }
    let lines: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    for line in lines {
        let bytes = line.as_bytes();
        let mut parts = bytes.split(|byte| *byte == b';');
        let first = parts.next().unwrap_or_default();
        let name = first.split(|byte| *byte == b'=').next().unwrap_or_default();
        if std::str::from_utf8(name).map_or(true, is_ours) {
            continue;
        }
        if !parts.clone().any(is_domain) {
            headers.append(SET_COOKIE, line);
            continue;
        }
        let mut kept = first.to_vec();
        for part in parts.filter(|part| !is_domain(part)) {
            kept.push(b';');
            kept.extend_from_slice(part);
        }
        if let Ok(kept) = HeaderValue::from_bytes(&kept) {
            headers.append(SET_COOKIE, kept);
        }
    }
}

fn is_domain(attribute: &[u8]) -> bool {
    let name = attribute
        .split(|byte| *byte == b'=')
        .next()
        .unwrap_or_default();
    name.trim_ascii().eq_ignore_ascii_case(b"domain")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(name: &http::HeaderName, lines: &[&str], change: fn(&mut HeaderMap)) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        change(&mut headers);
        let left = headers.get_all(name).iter();
        left.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect()
    }

    #[test]
    fn ours_never_reach_an_application() {
        let strip = |lines: &[&str]| through(&COOKIE, lines, strip_ours);
        assert_eq!(strip(&["a=1;b=2 ;c"]), ["a=1;b=2 ;c"]);
        assert_eq!(
            strip(&["a=1; atelier_session=x; b=\"; \"", "Atelier_App_Session=y"]),
            ["a=1; b=\"; \""]
        );
        assert_eq!(
            strip(&["__Host-atelier_session=x; __host-ATELIER_x=1; z=ä"]),
            Vec::<String>::new(),
            "bytes that are no text pass only without ours"
        );
        assert_eq!(strip(&["z=ä"]), ["z=ä"]);
    }

    #[test]
    fn an_applications_cookies_stay_on_its_host() {
        let confined = |lines: &[&str]| through(&SET_COOKIE, lines, confine);
        assert_eq!(
            confined(&[
                "a=1; Path=/; HttpOnly",
                "b=2; DOMAIN=.example; Secure",
                "c=3;domain = x",
                "atelier_session=evil",
                "atelier_app_session=evil; Path=/",
                "__Host-atelier_session=evil; Secure; Path=/",
            ]),
            ["a=1; Path=/; HttpOnly", "b=2; Secure", "c=3"]
        );
    }

    #[test]
    fn the_gateways_own_is_found() {
        let mut headers = HeaderMap::new();
        headers.append(
            COOKIE,
            HeaderValue::from_static("x=1; atelier_app_session=a.b"),
        );
        headers.append(COOKIE, HeaderValue::from_static("atelier_app_session=c"));
        let found: Vec<_> = app_sessions(&headers).collect();
        assert_eq!(found, ["a.b", "c"]);
    }
}

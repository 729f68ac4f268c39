//! What addresses a credential is for.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest address, in bytes.
const LENGTH_MAX: usize = 2_000;

/// A scheme, host and port, and perhaps the beginning of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    is_https: bool,
    /// In lower case; an IPv6 address in brackets.
    host: String,
    port: u16,
    /// Without empty ones.
    segments: Vec<String>,
}

/// Why an address can be none of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PlaceError {
    #[error("Write the address as https://host or https://host/path.")]
    Form,
    #[error("Leave name and password out of the address; they have fields of their own.")]
    User,
    #[error(
        "Over http everybody on the way can read the password. Use https; http is taken only for this \
         machine itself (localhost)."
    )]
    Plain,
}

impl Place {
    /// Reads an address.
    pub(super) fn parse(url: &str) -> Result<Self, PlaceError> {
        let is_clean = url.len() <= LENGTH_MAX
            && !url
                .chars()
                .any(|c| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '?' | '#'));
        let (scheme, rest) = url
            .split_once("://")
            .filter(|_| is_clean)
            .ok_or(PlaceError::Form)?;
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(PlaceError::Form),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(PlaceError::User);
        }
        let (host, port) = split_port(authority).ok_or(PlaceError::Form)?;
        let host = host.to_ascii_lowercase();
        if !is_host(&host) {
            return Err(PlaceError::Form);
        }
        if !is_https && !is_loopback(&host) {
            return Err(PlaceError::Plain);
        }
        let segments: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(str::to_owned)
            .collect();
        if segments
            .iter()
            .any(|segment| segment == "." || segment == "..")
        {
            return Err(PlaceError::Form);
        }
        Ok(Self {
            is_https,
            port: port.unwrap_or(if is_https { 443 } else { 80 }),
            host,
            segments,
        })
    }

    /// How much of a place it covers, in segments of the path; nothing when it does not.
    pub(super) fn covers(&self, other: &Self) -> Option<usize> {
        let same_host =
            (self.is_https, &self.host, self.port) == (other.is_https, &other.host, other.port);
        let is_prefix = self.segments.len() <= other.segments.len()
            && self
                .segments
                .iter()
                .zip(&other.segments)
                .all(|(ours, theirs)| bare(ours) == bare(theirs));
        (same_host && is_prefix).then_some(self.segments.len())
    }

    /// The address in its one form.
    pub(super) fn url(&self) -> String {
        let mut url = format!("{}://{}", self.protocol(), self.authority());
        for segment in &self.segments {
            url.push('/');
            url.push_str(segment);
        }
        url
    }

    pub(super) fn protocol(&self) -> &'static str {
        if self.is_https { "https" } else { "http" }
    }

    /// The host, with its port if it is not the usual one.
    pub(super) fn authority(&self) -> String {
        match (self.is_https, self.port) {
            (true, 443) | (false, 80) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }
}

/// `app.git` and `app` are the same repository.
fn bare(segment: &str) -> &str {
    segment.strip_suffix(".git").unwrap_or(segment)
}

/// `host`, `host:1`, `[::1]` or `[::1]:1`.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, rest) = authority.split_at(end);
    if rest.is_empty() {
        return Some((host, None));
    }
    let port = rest.strip_prefix(':')?;
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let port: u16 = port.parse().ok().filter(|port| is_number && *port > 0)?;
    Some((host, Some(port)))
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']');
        return address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    !host.is_empty()
        && !host.starts_with(['-', '.'])
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'))
}

fn is_loopback(host: &str) -> bool {
    let inner = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback())
        || inner.is_some_and(|it| it.parse::<Ipv6Addr>().is_ok_and(|it| it.is_loopback()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(url: &str) -> Place {
        Place::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    #[test]
    fn an_address_has_one_form() {
        for (url, form) in [
            ("https://Example.COM", "https://example.com"),
            ("https://example.com:443/", "https://example.com"),
            (
                "HTTPS://example.com:8443//team/",
                "https://example.com:8443/team",
            ),
            ("http://127.0.0.1:80/a/b.git", "http://127.0.0.1/a/b.git"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://git.localhost/x", "http://git.localhost/x"),
        ] {
            assert_eq!(place(url).url(), form);
            assert_eq!(place(form), place(url));
        }
    }

    #[test]
    fn what_is_no_address_of_a_host_is_refused() {
        for (url, error) in [
            ("", PlaceError::Form),
            ("example.com", PlaceError::Form),
            ("ssh://example.com", PlaceError::Form),
            ("https://", PlaceError::Form),
            ("https://-x", PlaceError::Form),
            ("https://a b", PlaceError::Form),
            ("https://host:0", PlaceError::Form),
            ("https://host:+1", PlaceError::Form),
            ("https://host:99999", PlaceError::Form),
            ("https://[::1", PlaceError::Form),
            ("https://host/../x", PlaceError::Form),
            ("https://host?x", PlaceError::Form),
            ("https://host\\@evil", PlaceError::Form),
            ("https://host\nhost=evil", PlaceError::Form),
            ("https://ada@host", PlaceError::User),
            ("https://host@evil.example", PlaceError::User),
            ("http://example.com", PlaceError::Plain),
            ("http://127.0.0.1.example.com", PlaceError::Plain),
            ("http://localhost.example.com", PlaceError::Plain),
            ("http://10.0.0.1", PlaceError::Plain),
        ] {
            assert_eq!(Place::parse(url), Err(error), "{url:?}");
        }
    }

    #[test]
    fn it_covers_its_own_host_and_what_lies_below_its_path() {
        let wanted = place("https://example.com/team/app.git");
        for (url, covered) in [
            ("https://example.com", Some(0)),
            ("https://example.com/team", Some(1)),
            ("https://example.com/team/app", Some(2)),
            ("https://example.com/team/app.git", Some(2)),
            ("https://example.com/te", None),
            ("https://example.com/team/app/x", None),
            ("https://example.com/team2", None),
            ("https://example.com:8443", None),
            ("https://sub.example.com", None),
            ("https://example.com.evil.example", None),
            ("https://xample.com", None),
        ] {
            assert_eq!(place(url).covers(&wanted), covered, "{url}");
        }
        let loopback = place("http://localhost:443/team");
        assert_eq!(place("https://localhost/team").covers(&loopback), None);
    }

    proptest! {
        #[test]
        fn it_never_covers_another_host(
            one in "(https?://)[a-z.:@/\\[\\]0-9-]{1,30}",
            other in "(https?://)[a-z.:@/\\[\\]0-9-]{1,30}",
        ) {
            if let (Ok(one), Ok(other)) = (Place::parse(&one), Place::parse(&other))
                && one.covers(&other).is_some()
            {
                prop_assert_eq!(one.protocol(), other.protocol());
                prop_assert_eq!(one.authority(), other.authority());
            }
        }

        #[test]
        fn its_form_is_the_same_place(url in "https?://[a-zA-Z.:0-9-]{1,20}(/[a-z.]{0,5}){0,4}") {
            if let Ok(place) = Place::parse(&url) {
                prop_assert_eq!(Place::parse(&place.url()), Ok(place));
            }
        }
    }
}

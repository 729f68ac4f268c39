//! Conditional and range headers (RFC 9110 §13 and §14).

use std::ops::Range;

use http::{HeaderMap, HeaderName, header};

use super::write::Precondition;

/// The tags that a header lists, or that it is `*`.
enum Tags {
    Any,
    Listed(Vec<String>),
}

fn tags(headers: &HeaderMap, name: HeaderName) -> Option<Tags> {
    let mut listed = None;
    for value in headers.get_all(name) {
        let tags = listed.get_or_insert_with(Vec::new);
        for tag in value.to_str().unwrap_or_default().split(',').map(str::trim) {
            if tag == "*" {
                return Some(Tags::Any);
            }
            tags.push(tag.to_owned());
        }
    }
    listed.map(Tags::Listed)
}

/// Tells whether the client holds the version `etag` already (`If-None-Match`, weak comparison).
pub(crate) fn is_held(headers: &HeaderMap, etag: &str) -> bool {
    match tags(headers, header::IF_NONE_MATCH) {
        Some(Tags::Any) => true,
        Some(Tags::Listed(tags)) => tags
            .iter()
            .any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == etag),
        None => false,
    }
}

/// What a write demands; nothing when it does not say.
pub(crate) fn precondition(headers: &HeaderMap) -> Option<Precondition> {
    match tags(headers, header::IF_MATCH) {
        Some(Tags::Any) => return Some(Precondition::Any),
        Some(Tags::Listed(tags)) => return Some(Precondition::Version(tags)),
        None => {}
    }
    match tags(headers, header::IF_NONE_MATCH)? {
        Tags::Any => Some(Precondition::Absent),
        // Meant for reading; nothing that a writer could mean by it.
        Tags::Listed(_) => None,
    }
}

/// Which part of a file was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// These bytes, never none.
    Bytes(Range<u64>),
    /// Bytes that it does not have.
    Unsatisfiable,
}

/// Reads `Range` for a file of `size` bytes with the version `etag`. What is not a single byte
/// range is ignored, as §14.2 allows.
pub(crate) fn part(headers: &HeaderMap, size: u64, etag: &str) -> Part {
    let holds = match headers.get(header::IF_RANGE) {
        Some(condition) => condition.as_bytes() == etag.as_bytes(),
        None => true,
    };
    headers
        .get(header::RANGE)
        .filter(|_| holds)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| single_range(value, size))
        .unwrap_or(Part::Whole)
}

fn single_range(value: &str, size: u64) -> Option<Part> {
    let (unit, range) = value.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let bytes = match (first, last) {
        ("", suffix) => size.saturating_sub(number(suffix)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    Some(if bytes.is_empty() {
        Part::Unsatisfiable
    } else {
        Part::Bytes(bytes)
    })
}

/// Digits only: `parse` alone would take a sign. What is too large to count is as good as the end.
fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_are_read() {
        for (value, part) in [
            ("bytes=0-0", Some(Part::Bytes(0..1))),
            ("bytes=2-", Some(Part::Bytes(2..10))),
            ("bytes=-3", Some(Part::Bytes(7..10))),
            ("bytes=-30", Some(Part::Bytes(0..10))),
            ("bytes=8-99999999999999999999", Some(Part::Bytes(8..10))),
            ("Bytes=1-2", Some(Part::Bytes(1..3))),
            ("bytes=10-", Some(Part::Unsatisfiable)),
            ("bytes=-0", Some(Part::Unsatisfiable)),
            ("bytes=5-4", None),
            ("bytes=0-1,3-4", None),
            ("bytes=+1-2", None),
            ("lines=0-1", None),
            ("bytes", None),
            ("bytes=-", None),
        ] {
            assert_eq!(single_range(value, 10), part, "{value}");
        }
        assert_eq!(single_range("bytes=0-", 0), Some(Part::Unsatisfiable));
    }

    #[test]
    fn if_range_guards_the_range() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, "bytes=1-2".parse().unwrap());
        headers.insert(header::IF_RANGE, "\"old\"".parse().unwrap());
        assert_eq!(part(&headers, 10, "\"new\""), Part::Whole);
        assert_eq!(part(&headers, 10, "\"old\""), Part::Bytes(1..3));
    }

    #[test]
    fn a_write_must_say_what_it_replaces() {
        let headers =
            |name: HeaderName, value: &str| HeaderMap::from_iter([(name, value.parse().unwrap())]);
        assert_eq!(precondition(&HeaderMap::new()), None);
        assert_eq!(
            precondition(&headers(header::IF_MATCH, "*")),
            Some(Precondition::Any)
        );
        assert_eq!(
            precondition(&headers(header::IF_MATCH, "\"a\", \"b\"")),
            Some(Precondition::Version(vec!["\"a\"".into(), "\"b\"".into()]))
        );
        assert_eq!(
            precondition(&headers(header::IF_NONE_MATCH, "*")),
            Some(Precondition::Absent)
        );
        assert_eq!(precondition(&headers(header::IF_NONE_MATCH, "\"a\"")), None);
    }

    proptest! {
        #[test]
        fn a_range_lies_inside_the_file(value in "bytes=[0-9]{0,4}-[0-9]{0,4}", size in 0_u64..5000) {
            if let Some(Part::Bytes(range)) = single_range(&value, size) {
                prop_assert!(range.start < range.end && range.end <= size);
            }
        }
    }
}

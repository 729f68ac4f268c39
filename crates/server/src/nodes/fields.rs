//! Checks of what people enter.

use std::collections::BTreeMap;

use super::store::{self, Filter};
use crate::error::{Error, Result};
use crate::names;

/// How many labels a server has at most.
const LABELS_MAX: usize = 64;
/// The longest key of a label, in bytes.
const KEY_MAX: usize = 63;
/// The longest value of a label, in bytes.
const VALUE_MAX: usize = 255;
/// The longest text that is searched for, in characters.
const SEARCH_MAX: usize = 200;

/// Checks the labels of a server.
pub(super) fn labels(labels: &BTreeMap<String, String>) -> Result<()> {
    if labels.len() > LABELS_MAX {
        return Err(Error::invalid(
            "labels",
            format!("A server has at most {LABELS_MAX} labels."),
        ));
    }
    for (key, value) in labels {
        label_key("labels", key)?;
        if value.len() > VALUE_MAX || value.chars().any(names::is_unprintable) {
            return Err(Error::invalid(
                "labels",
                format!(
                    "The value of the label “{key}” is longer than {VALUE_MAX} bytes, or holds a \
                     line break or an invisible control character."
                ),
            ));
        }
    }
    Ok(())
}

fn label_key(field: &str, key: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._/-".contains(c);
    if (1..=KEY_MAX).contains(&key.len()) && key.chars().all(fits) {
        return Ok(());
    }
    let shown: String = key.chars().take(80).collect();
    Err(Error::invalid(
        field,
        format!(
            "“{shown}” is no key of a label: it has 1 to {KEY_MAX} of the characters a to z, 0 to \
             9, “.”, “_”, “/” and “-”."
        ),
    ))
}

/// Reads what a list is to be narrowed to: a part of the name, and `key` or `key=value`.
pub(super) fn filter(search: Option<&str>, label: Option<&str>) -> Result<Filter> {
    let search = search.unwrap_or("").trim();
    if search.chars().count() > SEARCH_MAX || search.contains('\0') {
        return Err(Error::invalid(
            "search",
            format!("Search for at most {SEARCH_MAX} characters."),
        ));
    }
    let label = match label.filter(|label| !label.is_empty()) {
        None => String::new(),
        Some(label) => {
            let (key, value) = match label.split_once('=') {
                Some((key, value)) => (key, Some(value)),
                None => (label, None),
            };
            label_key("label", key)?;
            if value.is_some_and(|value| value.len() > VALUE_MAX || value.contains('\0')) {
                return Err(Error::invalid("label", "No label has such a value."));
            }
            store::label_pattern(key, value)
        }
    };
    Ok(Filter {
        search: names::key(search),
        label,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(key.to_owned(), value.to_owned())])
    }

    #[test]
    fn labels_are_bounded() {
        for (key, value) in [("a", ""), ("x/y.z_0-1", "Any ✓"), (&"k".repeat(63), "v")] {
            labels(&of(key, value)).unwrap();
        }
        for (key, value) in [
            ("", "v"),
            ("A", "v"),
            ("a b", "v"),
            ("a=b", "v"),
            ("ä", "v"),
            (&"k".repeat(64), "v"),
            ("k", &"v".repeat(256)),
            ("k", "a\nb"),
            ("k", "a\u{202e}b"),
        ] {
            assert!(labels(&of(key, value)).is_err(), "{key:?}={value:?}");
        }
        let many = |count: usize| (0..count).map(|n| (n.to_string(), String::new())).collect();
        labels(&many(64)).unwrap();
        assert!(labels(&many(65)).is_err());
    }

    #[test]
    fn filters_are_checked() {
        assert_eq!(filter(Some(" Ab "), None).unwrap().search, "ab");
        assert_eq!(filter(None, Some("a=b=c")).unwrap().label, "\"a\":\"b=c\"");
        assert_eq!(filter(None, Some("")).unwrap().label, "");
        assert!(filter(None, Some("=b")).is_err());
        assert!(filter(None, Some("A")).is_err());
        assert!(filter(Some(&"x".repeat(201)), None).is_err());
    }
}

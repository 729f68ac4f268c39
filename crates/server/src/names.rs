//! Names that people give to things: workspaces, servers.

use unicode_normalization::UnicodeNormalization as _;

use crate::error::{Error, Result};

/// The longest name, in characters: a host name label's bound, so that names can become addresses.
pub(crate) const NAME_MAX: usize = 63;

/// A name as it is kept, and the key under which it must be unique.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) key: String,
}

/// Trims and checks the name of a `noun`. Letters of any script and emoji are welcome.
pub(crate) fn name(noun: &str, text: &str) -> Result<Name> {
    let invalid = |detail: &str| Err(Error::invalid("name", detail));
    let text: String = text.trim().nfc().collect();
    if text.is_empty() {
        return invalid(&format!("A {noun} needs a name."));
    }
    if text.chars().count() > NAME_MAX {
        return invalid("A name has at most 63 characters.");
    }
    if text == "." || text == ".." {
        return invalid("“.” and “..” are no names. Choose another one.");
    }
    if let Some(bad) = text
        .chars()
        .find(|c| *c == '/' || *c == '\\' || is_unprintable(*c))
    {
        return invalid(&format!(
            "A name holds no slash, line break or invisible control character (found U+{:04X}).",
            bad as u32
        ));
    }
    let key = key(&text);
    Ok(Name { text, key })
}

/// The form in which names are compared and searched.
pub(crate) fn key(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Control characters, and the marks that change the direction of what follows: they would let a
/// name look like another.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_script_are_taken_and_tricks_are_not() {
        for good in ["a", "My project", "مشروعي", "工作", "🚀 launch", "x.y-z_1"] {
            assert_eq!(name("workspace", good).unwrap().text, good);
        }
        assert_eq!(name("workspace", "  Ab ").unwrap().key, "ab");
        assert_eq!(
            name("workspace", "Ｆｕｌｌ").unwrap().key,
            name("workspace", "full").unwrap().key
        );
        let long = "x".repeat(300);
        for bad in [
            "",
            "  ",
            ".",
            "..",
            "a/b",
            "a\\b",
            "a\0b",
            "a\nb",
            "a\u{202e}b",
            &long,
        ] {
            assert!(name("workspace", bad).is_err(), "{bad:?}");
        }
    }
}

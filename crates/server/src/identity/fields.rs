//! What people type about themselves, checked.

use unicode_normalization::UnicodeNormalization as _;

use crate::error::{Error, Result};

/// The longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3, less the angle brackets).
const EMAIL_MAX: usize = 254;

/// The longest name, in characters.
const NAME_MAX: usize = 100;

/// An e-mail address, plainly checked: whether it exists only a mail to it would tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Email {
    text: String,
    key: String,
}

impl Email {
    /// Reads one.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let plain = |part: &str| {
            !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || is_unprintable(c))
        };
        let valid = text.len() <= EMAIL_MAX
            && text
                .rsplit_once('@')
                .is_some_and(|(local, domain)| plain(local) && plain(domain))
            && text.matches('@').count() == 1;
        if !valid {
            return Err(Error::invalid(
                "email",
                "This is not an e-mail address of the form name@example.org.",
            ));
        }
        Ok(Self {
            text: text.to_owned(),
            key: fold(text),
        })
    }

    /// As entered.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// For comparing.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

/// The name of a person, organization or token: trimmed, 1 to 100 characters, all printable.
pub(crate) fn name(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > NAME_MAX {
        return Err(Error::invalid(
            field,
            format!("A name has 1 to {NAME_MAX} characters; this one has {length}."),
        ));
    }
    if text.chars().any(is_unprintable) {
        return Err(Error::invalid(
            field,
            "A name cannot contain control characters or line breaks.",
        ));
    }
    Ok(text.to_owned())
}

/// The form for comparing without regard to case or to how characters are composed.
pub(super) fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}

/// Control characters, line and paragraph separators, and the controls that turn the direction of
/// the text after them, with which one name can pass for another.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_compare_without_case_and_composition() {
        let key = |text| Email::parse(text).unwrap().key().to_owned();
        assert_eq!(key("Ada@Example.ORG"), key(" ada@example.org "));
        assert_eq!(key("caf\u{e9}@x.y"), key("cafe\u{301}@x.y"));
        assert_eq!(Email::parse(" Ada@x.y ").unwrap().text(), "Ada@x.y");
    }

    #[test]
    fn refuses_what_is_no_email() {
        let long = format!("{}@x.y", "a".repeat(EMAIL_MAX));
        for text in [
            "", "a", "@", "a@", "@b", "a b@c", "a@b@c", "a@b\0", "a\n@b", &long,
        ] {
            let error = Email::parse(text).unwrap_err();
            assert_eq!(error.problem().field.as_deref(), Some("email"), "{text:?}");
        }
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(name("name", "  Ada 🦀 ").unwrap(), "Ada 🦀");
        assert_eq!(name("name", "عائشة").unwrap(), "عائشة");
        assert!(name("name", &"é".repeat(100)).is_ok());
        for text in ["", "   ", "a\0b", "a\nb", "a\u{202e}b", &"é".repeat(101)] {
            assert!(name("name", text).is_err(), "{text:?}");
        }
    }
}

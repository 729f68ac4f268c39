//! What is known of an argument before its command runs.

use std::fmt;

/// Stands for any text, also none: the value of a variable or of a substitution.
pub(crate) const UNKNOWN: char = '\u{fdd0}';
/// Stands for any text without a slash: `*` in a file name pattern.
pub(crate) const STAR: char = '\u{fdd1}';
/// Stands for one character but a slash: `?` or `[…]` in a file name pattern.
pub(crate) const ONE: char = '\u{fdd2}';
/// Stands for the home directory of whoever runs the command.
pub(crate) const HOME: char = '\u{fdd3}';

/// An argument: its text, with [`UNKNOWN`], [`STAR`], [`ONE`] and [`HOME`] where it is not literal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Argument {
    pub(crate) text: String,
    /// Whether it may become several arguments, or none: an unquoted variable.
    pub(crate) many: bool,
}

impl Argument {
    /// An argument that is passed on just as it stands.
    pub(crate) fn exact(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            many: false,
        }
    }

    /// An argument of which nothing is known.
    pub(crate) fn unknown() -> Self {
        Self::exact(UNKNOWN)
    }

    /// The text, if all of it is known.
    pub(crate) fn known(&self) -> Option<&str> {
        (!self.many && !self.text.contains([UNKNOWN, STAR, ONE, HOME])).then_some(&self.text)
    }

    /// The text up to the first character that is not known.
    pub(crate) fn known_start(&self) -> &str {
        self.text
            .split([UNKNOWN, STAR, ONE, HOME])
            .next()
            .unwrap_or_default()
    }

    /// Whether the value of a variable or of a substitution is in it.
    pub(crate) fn is_computed(&self) -> bool {
        self.many || self.text.contains(UNKNOWN)
    }

    /// Whether it may be an option, for all that is known.
    pub(crate) fn could_be_option(&self) -> bool {
        self.text.starts_with(['-', UNKNOWN, STAR, ONE])
    }

    /// Whether it may become this very text.
    pub(crate) fn could_be(&self, candidate: &str) -> bool {
        let candidate: Vec<char> = candidate.chars().collect();
        // reach[i]: the pattern up to here may have taken the first i characters.
        let mut reach = vec![false; candidate.len() + 1];
        reach[0] = true;
        for atom in self.text.chars() {
            let mut next = vec![false; reach.len()];
            for (i, reached) in reach.iter().enumerate() {
                let following = candidate.get(i);
                match atom {
                    UNKNOWN | STAR => {
                        let from_before =
                            i > 0 && next[i - 1] && (atom == UNKNOWN || candidate[i - 1] != '/');
                        next[i] |= *reached || from_before;
                    }
                    ONE if *reached && following.is_some_and(|c| *c != '/') => next[i + 1] = true,
                    _ if *reached && following == Some(&atom) => next[i + 1] = true,
                    _ => {}
                }
            }
            reach = next;
        }
        reach[candidate.len()]
    }
}

impl fmt::Display for Argument {
    /// As a person may read it; what is not known is `…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.text.chars() {
            match character {
                UNKNOWN => f.write_str("…")?,
                STAR => f.write_str("*")?,
                ONE => f.write_str("?")?,
                HOME => f.write_str("~")?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?}{}",
            self.to_string(),
            if self.many { "+" } else { "" }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_argument_may_become() {
        let argument = |text: &str| Argument::exact(text);
        assert!(argument("push").could_be("push"));
        assert!(!argument("push").could_be("pus"));
        assert!(argument(&format!("{STAR}.c")).could_be("a.c"));
        assert!(!argument(&format!("{STAR}.c")).could_be("a/b.c"));
        assert!(argument(&format!("/{UNKNOWN}/c")).could_be("/a/b/c"));
        assert!(argument(&format!("r{ONE}")).could_be("rm"));
        assert!(!argument(&format!("r{ONE}")).could_be("r"));
        assert!(argument(&format!("{UNKNOWN}")).could_be(""));
    }
}

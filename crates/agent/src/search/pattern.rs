//! What is looked for, compiled; and what matches become.

use std::ops::Range;

use atelier_api::agent::search::{CaseMatching, QUERY_BYTES_MAX, TextPattern};
use grep_matcher::{Captures as _, Matcher as _};
use grep_regex::{RegexCaptures, RegexMatcher, RegexMatcherBuilder};

use crate::AgentError;

/// How large a compiled expression may be, in bytes: what needs more was not typed by a person. The time
/// that matching takes grows linearly with the text, whatever the expression.
const REGEX_BYTES_MAX: usize = 10 * 1024 * 1024;

/// How deeply an expression may be nested.
const REGEX_NESTING_MAX: u32 = 96;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    matcher: RegexMatcher,
    replacement: Option<Replacement>,
}

/// How long what one match becomes may be, in bytes: a group that is long may be repeated often.
const EXPANDED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What matches become.
#[derive(Debug, Clone)]
enum Replacement {
    Text(Vec<u8>),
    /// With references to groups.
    Template(Vec<u8>),
}

impl Pattern {
    /// Compiles `pattern`. With a replacement, [`Self::each_match`] says what each match becomes.
    pub(super) fn new(
        pattern: &TextPattern,
        replacement: Option<&str>,
    ) -> Result<Self, AgentError> {
        let query = pattern.query.as_str();
        if query.is_empty() {
            return Err(invalid("Say what to look for: the query is empty."));
        }
        check_length("pattern.query", query)?;
        if query.contains(['\n', '\r']) {
            return Err(invalid(
                "The query goes over several lines; matches lie within one.",
            ));
        }
        let mut builder = RegexMatcherBuilder::new();
        builder
            .fixed_strings(!pattern.regex)
            .case_insensitive(pattern.case == CaseMatching::Insensitive)
            .case_smart(pattern.case == CaseMatching::Smart)
            .word(pattern.word)
            .multi_line(true)
            .crlf(true)
            .size_limit(REGEX_BYTES_MAX)
            .dfa_size_limit(REGEX_BYTES_MAX)
            .nest_limit(REGEX_NESTING_MAX);
        let matcher = builder.build(query).map_err(|error| unreadable(&error))?;
        let replacement = match replacement {
            None => None,
            Some(text) => {
                check_length("replacement", text)?;
                Some(if pattern.regex {
                    Replacement::Template(numbered(&unescape(text)))
                } else {
                    Replacement::Text(text.into())
                })
            }
        };
        Ok(Self {
            matcher,
            replacement,
        })
    }

    pub(super) fn matcher(&self) -> &RegexMatcher {
        &self.matcher
    }

    /// Calls `visit` with each match in `line`, which has no ending, and what it becomes, until `visit` says
    /// that it is enough. It becomes nothing that is known without a replacement, or with one that would be
    /// longer than can be.
    pub(super) fn each_match(
        &self,
        line: &[u8],
        mut visit: impl FnMut(Range<usize>, Option<Vec<u8>>) -> bool,
    ) {
        let done = match &self.replacement {
            Some(Replacement::Template(template)) => {
                let captures = self.matcher.new_captures();
                let mut captures = captures.expect("a compiled pattern cannot fail");
                self.matcher.captures_iter(line, &mut captures, |captures| {
                    let Some(found) = captures.get(0) else {
                        return true;
                    };
                    let text = self.expand(captures, line, template);
                    visit(found.start()..found.end(), text)
                })
            }
            replacement => {
                let text = match replacement {
                    Some(Replacement::Text(text)) => Some(text),
                    _ => None,
                };
                self.matcher.find_iter(line, |found| {
                    visit(found.start()..found.end(), text.cloned())
                })
            }
        };
        done.expect("a compiled pattern cannot fail");
    }

    fn expand(&self, captures: &RegexCaptures, line: &[u8], template: &[u8]) -> Option<Vec<u8>> {
        let references = memchr::memchr_iter(b'$', template).count();
        let longest = (0..captures.len())
            .filter_map(|group| captures.get(group))
            .map(|group| group.len())
            .max();
        if references.saturating_mul(longest.unwrap_or(0)) > EXPANDED_BYTES_MAX {
            return None;
        }
        let mut text = Vec::with_capacity(template.len());
        let index = |name: &str| self.matcher.capture_index(name);
        captures.interpolate(index, line, template, &mut text);
        Some(text)
    }
}

/// Ends a group's number where its digits end, as editors do: `$1st` is `${1}st`, and no group “1st”.
fn numbered(template: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = memchr::memchr(b'$', rest) {
        let (before, from) = rest.split_at(at);
        plain.extend_from_slice(before);
        let digits = from[1..].iter().take_while(|byte| byte.is_ascii_digit());
        let end = 1 + digits.count();
        if end > 1 {
            plain.extend_from_slice(b"${");
            plain.extend_from_slice(&from[1..end]);
            plain.push(b'}');
            rest = &from[end..];
        } else {
            // With what follows: of `$$1` the second dollar begins no group.
            let end = from.len().min(2);
            plain.extend_from_slice(&from[..end]);
            rest = &from[end..];
        }
    }
    plain.extend_from_slice(rest);
    plain
}

fn invalid(detail: &str) -> AgentError {
    AgentError::invalid("pattern.query", detail)
}

fn check_length(field: &str, text: &str) -> Result<(), AgentError> {
    if text.len() <= QUERY_BYTES_MAX {
        return Ok(());
    }
    let detail = format!("It is longer than {QUERY_BYTES_MAX} bytes. Look for something shorter.");
    Err(AgentError::invalid(field, detail))
}

/// Says in one sentence why an expression cannot be used.
fn unreadable(error: &grep_regex::Error) -> AgentError {
    let text = error.to_string();
    if text.contains("size limit") {
        return invalid(
            "The regular expression is too large: compiled, it would take more than 10 MiB. \
             Repeat less, or smaller classes.",
        );
    }
    // The whole text draws the place below the expression, over several lines.
    let reason = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("error: "))
        .unwrap_or(&text);
    invalid(&format!("The regular expression cannot be used: {reason}."))
}

/// Reads `\n`, `\t` and `\\` in what an expression's matches become.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes().peekable();
    while let Some(byte) = rest.next() {
        let escaped = match (byte, rest.peek()) {
            (b'\\', Some(b'n')) => b'\n',
            (b'\\', Some(b't')) => b'\t',
            (b'\\', Some(b'\\')) => b'\\',
            _ => {
                bytes.push(byte);
                continue;
            }
        };
        rest.next();
        bytes.push(escaped);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(query: &str, regex: bool) -> TextPattern {
        TextPattern {
            query: query.into(),
            regex,
            ..TextPattern::default()
        }
    }

    /// Each match in a line, and what it becomes.
    fn matches(pattern: &TextPattern, replacement: &str, line: &str) -> Vec<(String, String)> {
        let compiled = Pattern::new(pattern, Some(replacement)).unwrap();
        let mut found = Vec::new();
        compiled.each_match(line.as_bytes(), |range, text| {
            let text = String::from_utf8(text.unwrap()).unwrap();
            found.push((line[range].to_owned(), text));
            true
        });
        found
    }

    #[test]
    fn a_text_stands_for_itself() {
        let found = matches(&pattern("a.b", false), "$1\\n", "a.b axb A.B");
        let expected = [("a.b", "$1\\n"), ("A.B", "$1\\n")];
        assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn groups_and_escapes_are_expanded() {
        let query = r"(\w+)=(?P<value>\w+)";
        let found = matches(&pattern(query, true), r"$$${value}\t\\$1\n", "a=1");
        assert_eq!(found, [("a=1".to_owned(), "$1\t\\a\n".to_owned())]);
    }

    #[test]
    fn case_and_words_count_as_asked() {
        let count = |pattern: &TextPattern, line: &str| matches(pattern, "", line).len();
        let mut asked = pattern("Cat", false);
        assert_eq!(count(&asked, "Cat cat CAT"), 1);
        asked.case = CaseMatching::Insensitive;
        assert_eq!(count(&asked, "Cat cat CAT concat"), 4);
        asked.word = true;
        assert_eq!(count(&asked, "Cat cat CAT concat"), 3);
        asked.case = CaseMatching::Sensitive;
        assert_eq!(count(&asked, "Cat cat CAT"), 1);
    }

    #[test]
    fn a_group_of_whole_words_keeps_its_number() {
        let asked = TextPattern {
            word: true,
            ..pattern("(a)(b)", true)
        };
        assert_eq!(
            matches(&asked, "$2$1", "ab abc"),
            [("ab".to_owned(), "ba".to_owned())]
        );
    }

    #[test]
    fn the_number_of_a_group_ends_with_its_digits() {
        let asked = pattern("(b)", true);
        for (template, text) in [
            ("<$1st>", "<bst>"),
            ("${1}0", "b0"),
            ("$$1", "$1"),
            ("$", "$"),
            ("$1$1", "bb"),
        ] {
            assert_eq!(
                matches(&asked, template, "b"),
                [("b".to_owned(), text.to_owned())]
            );
        }
    }

    #[test]
    fn a_replacement_cannot_grow_without_bound() {
        let compiled = Pattern::new(&pattern("(.*)", true), Some(&"$1".repeat(2_000))).unwrap();
        let mut becomes = Vec::new();
        for line in [&[b'x'; 10][..], &[b'x'; 10_000]] {
            compiled.each_match(line, |_, text| {
                becomes.push(text.map(|text| text.len()));
                false
            });
        }
        assert_eq!(becomes, [Some(20_000), None]);
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        for (query, regex, says) in [
            ("", false, "empty"),
            ("a\nb", false, "several lines"),
            ("(a", true, "unclosed group"),
            (r"a\n", true, "not allowed"),
            (r"(\w{1000}){1000}", true, "too large"),
            (&"(".repeat(200), true, "cannot be used"),
            (&"a".repeat(5_000), false, "longer"),
        ] {
            let error = Pattern::new(&pattern(query, regex), None).unwrap_err();
            let problem = error.problem();
            assert!(
                problem.detail.contains(says),
                "{query:.20}: {}",
                problem.detail
            );
            assert_eq!(problem.field.as_deref(), Some("pattern.query"));
            assert!(!problem.detail.contains('\n'));
        }
    }
}

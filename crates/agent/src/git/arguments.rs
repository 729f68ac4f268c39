//! What goes to Git, checked: names, revisions, files.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use super::remote::is_reference;
use crate::AgentError;
use crate::files::parse_path;

/// How many files a request may name.
const FILES_MAX: usize = 10_000;

/// The longest text of a search, message or name, in bytes.
const TEXT_MAX: usize = 64 * 1024;

/// Arguments of one command.
#[derive(Debug, Clone)]
pub(super) struct Arguments(Vec<OsString>);

impl Arguments {
    pub(super) fn of(fixed: &[&str]) -> Self {
        Self(fixed.iter().map(OsString::from).collect())
    }

    /// The same, with one more.
    #[must_use]
    pub(super) fn and(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.0.push(argument.as_ref().to_owned());
        self
    }

    /// The same with another one, where `condition` holds.
    #[must_use]
    pub(super) fn and_if(self, condition: bool, argument: &str) -> Self {
        if condition { self.and(argument) } else { self }
    }

    /// The same, with files at its end.
    #[must_use]
    pub(super) fn files(mut self, files: &[OsString]) -> Self {
        self.0.push("--".into());
        self.0.extend(files.iter().cloned());
        self
    }

    pub(super) fn as_slice(&self) -> &[OsString] {
        &self.0
    }

    /// The command as one would type it.
    pub(super) fn shown(&self) -> String {
        let mut shown = "git".to_owned();
        for argument in &self.0 {
            shown.push(' ');
            shown.push_str(&quoted(&argument.to_string_lossy()));
            if shown.len() > 4_000 {
                shown.push_str(" …");
                break;
            }
        }
        shown
    }
}

fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:@,+^~%{}".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', "'\\''"))
    }
}

/// A file below the repository's top directory.
pub(super) fn file(field: &str, wire: &str) -> Result<OsString, AgentError> {
    let path = parse_path(wire)?;
    if path.is_root() {
        return Err(AgentError::invalid(field, "Name a file."));
    }
    let is_git = |name: &[u8]| name.eq_ignore_ascii_case(b".git");
    if path.as_bytes().split(|byte| *byte == b'/').any(is_git) {
        let detail = "What lies in “.git” is Git's own.";
        return Err(AgentError::invalid(field, detail));
    }
    Ok(OsString::from_vec(path.as_bytes().to_vec()))
}

/// Files below the repository's top directory.
pub(super) fn files(field: &str, wires: &[String]) -> Result<Vec<OsString>, AgentError> {
    if wires.len() > FILES_MAX {
        let detail = "No more than 10,000 files can be named at once. Name their directory.";
        return Err(AgentError::invalid(field, detail));
    }
    wires.iter().map(|wire| file(field, wire)).collect()
}

/// Paths, each ended by NUL, for `--pathspec-from-file=-`.
pub(super) fn nul_separated(files: &[OsString]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for file in files {
        bytes.extend_from_slice(file.as_bytes());
        bytes.push(0);
    }
    bytes
}

/// The name of a branch, tag or remote.
pub(super) fn name<'a>(field: &str, name: &'a str) -> Result<&'a str, AgentError> {
    let is_fine = is_reference(name)
        && name.strip_suffix(".lock").is_none()
        && !name.contains("//")
        && !name.contains("/.")
        && name != "@"
        && name != "HEAD";
    if is_fine {
        Ok(name)
    } else {
        let detail = format!(
            "“{}” cannot be a name in Git: no spaces, no “..”, none of ~ ^ : ? * [ \\, no “-” at its \
             beginning.",
            name.replace(char::is_control, "\u{fffd}")
        );
        Err(AgentError::invalid(field, detail))
    }
}

/// A commit, by its hash or the name of something that points at it, `~2` or `^` behind it perhaps.
pub(super) fn revision<'a>(field: &str, text: &'a str) -> Result<&'a str, AgentError> {
    let end = text.find(['~', '^']).unwrap_or(text.len());
    let (reference, steps) = text.split_at(end);
    let fits = is_reference(reference)
        && steps
            .bytes()
            .all(|byte| matches!(byte, b'~' | b'^') || byte.is_ascii_digit());
    if fits {
        Ok(text)
    } else {
        let detail = "Name a branch, a tag or a commit's hash.";
        Err(AgentError::invalid(field, detail))
    }
}

/// A commit's or object's hash.
pub(super) fn hash<'a>(field: &str, text: &'a str) -> Result<&'a str, AgentError> {
    let fits = (4..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if fits {
        Ok(text)
    } else {
        Err(AgentError::invalid(field, "This is no hash of a commit."))
    }
}

/// A text that is an argument's value, or a message.
pub(super) fn text<'a>(field: &str, text: &'a str) -> Result<&'a str, AgentError> {
    if text.contains('\0') {
        let detail = "It contains the character NUL.";
        return Err(AgentError::invalid(field, detail));
    }
    if text.len() > TEXT_MAX {
        let detail = "It is longer than 64 KiB.";
        return Err(AgentError::invalid(field, detail));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let command = Arguments::of(&["commit", "--amend"]).and("it's so").and("");
        assert_eq!(command.shown(), "git commit --amend 'it'\\''s so' ''");
    }

    #[test]
    fn what_looks_like_an_option_is_no_name() {
        for bad in [
            "-d", "--all", "", "a b", "a..b", "HEAD", "x.lock", "a//b", "a\nb", "@",
        ] {
            assert!(name("name", bad).is_err(), "{bad:?}");
        }
        for bad in [
            "-1",
            "--all",
            "a..b",
            "a:b",
            "HEAD^{/x}",
            "HEAD@{1}",
            "",
            "^a",
        ] {
            assert!(revision("commit", bad).is_err(), "{bad:?}");
        }
        for good in [
            "HEAD",
            "HEAD~2",
            "main^",
            "v1.0",
            "origin/main",
            "0123abcd^2~1",
        ] {
            assert!(revision("commit", good).is_ok(), "{good:?}");
        }
        assert!(file("file", ".git/config").is_err());
        assert!(file("file", "a/.GIT/hooks/x").is_err());
        assert!(file("file", "../x").is_err());
        assert!(file("file", "--force").is_ok(), "it stands behind `--`");
    }

    proptest! {
        #[test]
        fn no_name_or_revision_begins_like_an_option(text in "[-a-z~^:@{}. \n/]{0,20}") {
            for passed in [name("n", &text), revision("r", &text), hash("h", &text)].into_iter().flatten() {
                prop_assert!(!passed.starts_with('-') && !passed.contains(char::is_control));
            }
        }
    }
}

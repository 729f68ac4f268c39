//! The repository's text files.

use std::fs;

use anyhow::{Context as _, Result};

use super::Finding;
use crate::repository::Repository;

/// A text file.
#[derive(Debug)]
pub(super) struct Source {
    /// Relative to the root, with slashes.
    pub(super) path: String,
    /// Its content.
    pub(super) text: String,
}

/// Reads every tracked file; one that is not text is empty.
pub(super) fn read(repository: &Repository) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in repository.files()? {
        let bytes =
            fs::read(repository.path(&path)).with_context(|| format!("cannot read {path}"))?;
        // Pictures and fonts are not text; that they are there is known all the same.
        let text = String::from_utf8(bytes).unwrap_or_default();
        sources.push(Source { path, text });
    }
    Ok(sources)
}

impl Source {
    /// The file's extension, or nothing.
    pub(super) fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The lines that are code of the product, with their numbers: no comment lines, and nothing from
    /// an inline test module on.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let test_module = self
            .text
            .find("#[cfg(test)]\nmod ")
            .unwrap_or(self.text.len());
        let code = &self.text[..test_module];
        let numbered = code
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line));
        numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Whether it holds nothing but tests.
    pub(super) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// A finding in this file.
    pub(super) fn finding(&self, line: usize, message: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line,
            message: message.into(),
        }
    }
}

/// Fixtures: pairs of path and text.
#[cfg(test)]
pub(super) fn fixtures(files: &[(&str, &str)]) -> Vec<Source> {
    let source = |&(path, text): &(&str, &str)| Source {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    files.iter().map(source).collect()
}

/// Where findings are, as `path:line`.
#[cfg(test)]
pub(super) fn places(findings: &[Finding]) -> Vec<String> {
    let place = |finding: &Finding| format!("{}:{}", finding.path, finding.line);
    findings.iter().map(place).collect()
}

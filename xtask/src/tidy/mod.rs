//! `cargo xtask tidy`: the walls of `docs/ARCHITECTURE.md` and the rules of `docs/STYLE.md` that no
//! compiler and no linter checks.
//!
//! A rule is a function from the repository's texts to findings, so each is tested on small fixtures
//! that break it.

mod crates;
mod dependencies;
mod docs;
mod hygiene;
mod lengths;
mod licences;
mod metadata;
mod server;
mod source;
mod web;

use std::fmt;

use anyhow::{Context as _, Result, bail};

use self::metadata::Metadata;
use self::source::Source;
use crate::repository::Repository;

/// Something that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    /// The file, relative to the root.
    path: String,
    /// The line, from 1; 0 when it is about the whole file.
    line: usize,
    /// What is wrong and what to do instead.
    message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            message,
        } = self;
        match line {
            0 => write!(f, "{path}: {message}"),
            line => write!(f, "{path}:{line}: {message}"),
        }
    }
}

/// A rule that needs only the repository's texts.
type Rule = fn(&[Source]) -> Vec<Finding>;

const RULES: [Rule; 11] = [
    lengths::check,
    dependencies::unused,
    dependencies::npm_locks,
    server::features,
    server::layers,
    server::sql,
    server::axum,
    web::features,
    hygiene::check,
    docs::paths,
    docs::architecture,
];

/// Checks everything and prints what it finds.
pub(crate) fn run(repository: &Repository) -> Result<()> {
    let sources = source::read(repository)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&sources)).collect();

    let metadata = Metadata::read(repository)?;
    findings.extend(crates::check(&metadata));
    let deny = std::fs::read_to_string(repository.path("deny.toml")).context("deny.toml")?;
    let allowed = licences::Allowed::parse(&deny)?;
    findings.extend(licences::crates(&metadata, &allowed));
    findings.extend(licences::npm(&sources, &allowed));

    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("tidy: {} files, nothing found", sources.len()),
        count => bail!("tidy: {count} findings"),
    }
    Ok(())
}

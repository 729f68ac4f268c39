//! What cargo knows of the workspace and its dependencies.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::repository::Repository;

/// The part of `cargo metadata` that the rules use.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    /// All packages, the workspace's own and their dependencies.
    pub(super) packages: Vec<Package>,
    resolve: Resolve,
}

/// A package.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    id: String,
    /// Its name.
    pub(super) name: String,
    /// Its version.
    pub(super) version: String,
    /// Its licence, an SPDX expression.
    pub(super) license: Option<String>,
    /// Where it comes from; nothing for the workspace's own.
    pub(super) source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: Option<String>,
}

impl Metadata {
    /// Asks cargo; fails when `Cargo.lock` is not up to date.
    pub(super) fn read(repository: &Repository) -> Result<Self> {
        let mut command = repository.cargo(&["metadata", "--format-version=1", "--locked"]);
        let output = command.output().context("cannot run cargo")?;
        ensure!(
            output.status.success(),
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        serde_json::from_slice(&output.stdout).context("cargo metadata's output is not understood")
    }

    /// The names of all packages that one is built with, itself included; its tests aside.
    pub(super) fn built_with(&self, name: &str) -> BTreeSet<&str> {
        let names: BTreeMap<&str, &str> = self
            .packages
            .iter()
            .map(|package| (package.id.as_str(), package.name.as_str()))
            .collect();
        let edges: BTreeMap<&str, &[Edge]> = self
            .resolve
            .nodes
            .iter()
            .map(|node| (node.id.as_str(), node.deps.as_slice()))
            .collect();
        let first = self.packages.iter().find(|package| package.name == name);
        let mut open: Vec<&str> = first
            .map(|package| package.id.as_str())
            .into_iter()
            .collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let built = edges
                .get(id)
                .copied()
                .unwrap_or_default()
                .iter()
                .filter(|edge| {
                    edge.dep_kinds
                        .iter()
                        .any(|kind| kind.kind.as_deref() != Some("dev"))
                });
            open.extend(built.map(|edge| edge.pkg.as_str()));
        }
        seen.into_iter()
            .filter_map(|id| names.get(id).copied())
            .collect()
    }
}

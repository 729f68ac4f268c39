//! What the two arguments name.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context as _, bail};
use atelier_api::agent::files::{FileEntry, FileKind};
use reqwest::{Method, StatusCode};

use super::line::Line;

/// A file, here or there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// On this machine.
    Local(PathBuf),
    /// In a workspace.
    Remote {
        /// Its name or id.
        workspace: String,
        /// As it was written.
        path: String,
    },
}

impl FromStr for Place {
    type Err = Infallible;

    /// As for scp: what has a colon before any slash is remote.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once(':') {
            Some((workspace, path)) if !workspace.is_empty() && !workspace.contains('/') => {
                Self::Remote {
                    workspace: workspace.to_owned(),
                    path: path.to_owned(),
                }
            }
            _ => Self::Local(text.into()),
        })
    }
}

/// A path in a workspace, and what stands there.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    /// The workspace's route.
    pub(super) base: String,
    root: &'static str,
    /// As the API wants it: `%` is written as `%25`.
    path: String,
    entry: Option<FileEntry>,
}

impl Remote {
    /// Finds the workspace, and what the path leads to in it.
    pub(super) async fn find(line: &Line, workspace: &str, path: &str) -> anyhow::Result<Self> {
        let workspace = line.client.workspace(workspace).await?;
        let (root, path) = rooted(path);
        let mut remote = Self {
            base: format!("/workspaces/{}", workspace.id),
            root,
            path: path.replace('%', "%25"),
            entry: None,
        };
        remote.look(line).await?;
        Ok(remote)
    }

    async fn look(&mut self, line: &Line) -> anyhow::Result<()> {
        let stat = format!("{}/files/stat", self.base);
        let request = line.client.request(Method::GET, &stat).query(&self.query());
        self.entry = match line.send(request).await {
            Ok(answer) => Some(answer.json().await.context("the answer cannot be read")?),
            Err(failure) if failure.status == Some(StatusCode::NOT_FOUND) => None,
            Err(failure) => return Err(failure.error),
        };
        Ok(())
    }

    /// The query that names it.
    pub(super) fn query(&self) -> [(&'static str, String); 2] {
        [("root", self.root.to_owned()), ("path", self.path.clone())]
    }

    /// The last part of its path.
    pub(super) fn name(&self) -> String {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.replace("%25", "%")
    }

    /// The file itself where a directory is named: in it, under this name.
    pub(super) async fn or_in_it(mut self, line: &Line, name: &str) -> anyhow::Result<Self> {
        let named = self.path.is_empty() || self.path.ends_with('/');
        if !named && !self.is_directory() {
            return Ok(self);
        }
        let directory = self.path.trim_end_matches('/');
        let name = name.replace('%', "%25");
        self.path = match directory {
            "" => name,
            directory => format!("{directory}/{name}"),
        };
        self.look(line).await?;
        if self.is_directory() {
            bail!("“{}” is a directory.", self.path);
        }
        Ok(self)
    }

    fn is_directory(&self) -> bool {
        self.entry.as_ref().is_some_and(|entry| {
            entry.kind == FileKind::Directory || entry.target_kind == Some(FileKind::Directory)
        })
    }

    /// The version that stands there; nothing when nothing does.
    pub(super) fn etag(&self) -> Option<&str> {
        self.entry.as_ref()?.etag.as_deref()
    }

    /// Whether something stands there.
    pub(super) fn exists(&self) -> bool {
        self.entry.is_some()
    }
}

/// The root that a path lies in, and the path below it.
pub(crate) fn rooted(path: &str) -> (&'static str, &str) {
    if let Some(rest) = path.strip_prefix("~/") {
        return ("home", rest);
    }
    if path == "~" {
        return ("home", "");
    }
    match path.strip_prefix("/workspace") {
        Some("") => return ("workspace", ""),
        Some(rest) if rest.starts_with('/') => {
            return ("workspace", rest.trim_start_matches('/'));
        }
        _ => {}
    }
    match path.strip_prefix('/') {
        Some(rest) => ("system", rest.trim_start_matches('/')),
        None => ("workspace", path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_before_any_slash_names_a_workspace() {
        let remote = |workspace: &str, path: &str| Place::Remote {
            workspace: workspace.to_owned(),
            path: path.to_owned(),
        };
        for (text, place) in [
            ("demo:a/b", remote("demo", "a/b")),
            ("my demo:", remote("my demo", "")),
            ("demo:a:b", remote("demo", "a:b")),
            ("./demo:a", Place::Local("./demo:a".into())),
            ("/tmp/x:y", Place::Local("/tmp/x:y".into())),
            (":a", Place::Local(":a".into())),
            ("a", Place::Local("a".into())),
        ] {
            assert_eq!(text.parse(), Ok(place), "{text}");
        }
    }

    #[test]
    fn paths_lie_in_one_of_the_three_roots() {
        for (path, expected) in [
            ("a/b", ("workspace", "a/b")),
            ("", ("workspace", "")),
            ("/workspace", ("workspace", "")),
            ("/workspace/a", ("workspace", "a")),
            ("/workspaces/a", ("system", "workspaces/a")),
            ("/etc/hosts", ("system", "etc/hosts")),
            ("~", ("home", "")),
            ("~/.profile", ("home", ".profile")),
            ("~a", ("workspace", "~a")),
        ] {
            assert_eq!(rooted(path), expected, "{path}");
        }
    }
}

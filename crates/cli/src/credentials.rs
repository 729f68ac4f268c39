//! Where the user commands keep which server they are signed in to.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

/// A server, and the token for it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The server's address, without a trailing slash.
    pub(crate) url: String,
    /// A personal access token.
    pub(crate) token: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// From `ATELIER_URL` and `ATELIER_TOKEN`, else from the file.
    pub(crate) fn load() -> anyhow::Result<Self> {
        if let (Some(url), Some(token)) = (variable("ATELIER_URL"), variable("ATELIER_TOKEN")) {
            return Ok(Self {
                url: url.trim_end_matches('/').to_owned(),
                token,
            });
        }
        let path = path()?;
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                bail!("You are not signed in. Run: atelier login URL");
            }
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", path.display()));
            }
        };
        toml::from_str(&text)
            .with_context(|| format!("{} is damaged: sign in again", path.display()))
    }

    /// Keeps them, readable by this user only. Answers where.
    pub(crate) fn save(&self) -> anyhow::Result<PathBuf> {
        let path = path()?;
        let folder = path
            .parent()
            .context("the credentials file has no folder")?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let temporary = path.with_extension("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)
            .with_context(|| format!("{} cannot be written", temporary.display()))?;
        file.write_all(toml::to_string(self)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        Ok(path)
    }

    /// Forgets them.
    pub(crate) fn forget() -> anyhow::Result<()> {
        match fs::remove_file(path()?) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn path() -> anyhow::Result<PathBuf> {
    let base = variable("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".config")))
        .context("neither XDG_CONFIG_HOME nor HOME is set")?;
    Ok(base.join("atelier").join("credentials.toml"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the user commands' configuration is read here"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

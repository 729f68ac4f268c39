//! Files below the workspace's roots: list, read, write, change and watch them. The wire contract
//! stands in [`atelier_api::agent::files`].
//!
//! Invariants: the kernel resolves every path beneath its root ([`root`]); a file is written whole
//! or not at all, and never over a version that the writer has not seen ([`mod@write`]); nothing that
//! touches the disk runs on the event loop.

mod archive;
mod batch;
mod change;
mod conditions;
mod confinement;
mod content_type;
mod copy;
mod delete;
mod direct;
mod durability;
mod entry;
mod error;
mod group;
mod list;
mod page_cache;
mod path;
mod read;
mod reserved;
mod root;
mod routes;
mod temporary;
mod transfer;
mod trash;
mod uploads;
mod watch;
mod write;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use atelier_api::agent::files::Root;
use atelier_api::node::FilesPolicy;

use crate::{AgentError, Config};

pub(crate) use change::create_directories;
pub(crate) use copy::Progress as CopyProgress;
pub(crate) use delete::remove;
pub(crate) use entry::{Metadata, etag, is_directory, is_file, metadata};
pub(crate) use error::{FileError, Reason};
pub(crate) use group::{GROUP, Group};
pub(crate) use list::each_entry;
pub(crate) use path::{RelativePath, encode, percent_decode};
pub(crate) use reserved::{UNDO_DIRECTORY, is_reserved};
pub(crate) use root::{
    O_DIRECTORY_PATH, Place, RootDir, descriptor_path, open_without_links, sync_directory,
};
pub(crate) use routes::{Files, routes};
pub(crate) use temporary::{Existing, Temporary};
pub(crate) use trash::{Trash, settle as settle_trash};
pub(crate) use write::{Precondition, Upload, WriteLocks};

/// The three roots, each opened when it is first needed and then held.
#[derive(Debug)]
pub(crate) struct Roots {
    workspace: LazyRoot,
    home: LazyRoot,
    system: LazyRoot,
    machine: Option<FilesPolicy>,
}

#[derive(Debug)]
struct LazyRoot {
    kind: Root,
    path: PathBuf,
    opened: OnceLock<Arc<RootDir>>,
}

impl Roots {
    pub(crate) fn new(config: &Config) -> Self {
        let root = |kind, path: &PathBuf| LazyRoot {
            kind,
            path: path.clone(),
            opened: OnceLock::new(),
        };
        let workspace = match config.machine {
            None => &config.workspace,
            Some(_) => &config.system,
        };
        Self {
            machine: config.machine.clone(),
            workspace: root(Root::Workspace, workspace),
            home: root(Root::Home, &config.home),
            system: root(Root::System, &config.system),
        }
    }

    pub(crate) fn get(&self, kind: Root) -> Result<Arc<RootDir>, AgentError> {
        let root = match kind {
            Root::Workspace => &self.workspace,
            Root::Home => &self.home,
            Root::System => &self.system,
        };
        if let Some(opened) = root.opened.get() {
            return Ok(Arc::clone(opened));
        }
        let opened = match &self.machine {
            None => RootDir::open(root.kind, &root.path),
            Some(files) => RootDir::on_machine(root.kind, &root.path, files),
        };
        let opened = opened.map_err(|error| {
            AgentError::unavailable(5, "The root's directory cannot be opened.").caused_by(error)
        })?;
        Ok(Arc::clone(root.opened.get_or_init(|| Arc::new(opened))))
    }
}

/// Reads a path that came in a request.
pub(crate) fn parse_path(wire: &str) -> Result<RelativePath, AgentError> {
    RelativePath::parse(wire).map_err(|error| FileError::from(error).about(|| wire.into()).into())
}

/// Runs what touches the disk away from the event loop.
pub(crate) async fn blocking<T, E>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, AgentError>
where
    T: Send + 'static,
    E: Into<AgentError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Into::into),
        Err(error) => Err(AgentError::internal(
            "The operation stopped unexpectedly.",
            error,
        )),
    }
}

//! Language servers: one for each language and project, for all viewers (protocol:
//! [`atelier_api::agent::languages`]).
//!
//! [`mux`] is what stands between viewers and a server, and knows no transport; [`server`] starts the
//! program, looks after it and starts it again; [`attach`] joins a viewer's WebSocket to it.
//!
//! Invariants: a server that crashes, hangs, floods or answers garbage costs its viewers answers and
//! nothing else; none runs without anybody who needs it for longer than [`LanguageLimits::idle`].

mod attach;
mod find;
mod framing;
mod install;
mod known;
mod limits;
mod log;
mod memory;
mod message;
mod mux;
mod outbox;
mod process;
mod routes;
mod server;
mod text;

use std::sync::Arc;

use atelier_api::agent::files::Root;
use atelier_api::agent::languages::{
    LanguageList, LanguageLog, LanguageQuery, LanguageServer, LanguageState,
};
use parking_lot::Mutex;
use tokio::task::JoinHandle;

use crate::files::{RelativePath, Roots, blocking, parse_path};
use crate::{AgentError, Config};
use known::Known;
use server::Server;

pub(crate) use find::{is_program, path as search_path};
pub(crate) use install::{each_line, run as run_to_end};
pub use limits::LanguageLimits;
pub(crate) use memory::resident;
pub(crate) use process::Group;
pub(crate) use routes::routes;

/// How many servers may run or have viewers.
const ACTIVE_MAX: usize = 16;

/// How many servers are remembered; beyond it one that does nothing is forgotten.
const SERVERS_MAX: usize = 64;

/// The language servers of the workspace.
pub(crate) struct Languages {
    config: Arc<Config>,
    roots: Roots,
    servers: Mutex<Vec<Entry>>,
}

struct Entry {
    server: Arc<Server>,
    task: JoinHandle<()>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Languages {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self {
            roots: Roots::new(&config),
            config,
            servers: Mutex::new(Vec::new()),
        }
    }

    /// Ends all servers.
    pub(crate) async fn kill_all(&self) {
        let servers = std::mem::take(&mut *self.servers.lock());
        for mut entry in servers {
            entry.task.abort();
            // Its program is killed when the task is dropped.
            let _ = (&mut entry.task).await;
        }
    }

    fn list(&self) -> LanguageList {
        LanguageList {
            known: known::ALL.iter().map(Known::view).collect(),
            items: self
                .servers
                .lock()
                .iter()
                .map(|entry| entry.server.view())
                .collect(),
        }
    }

    /// The server that was asked for, or what it would be.
    async fn view(
        &self,
        language: &str,
        query: LanguageQuery,
    ) -> Result<LanguageServer, AgentError> {
        let (known, root) = self.project(language, query).await?;
        if let Some(server) = self.existing(known, &root) {
            return Ok(server.view());
        }
        let config = Arc::clone(&self.config);
        let place = root.clone();
        let found =
            blocking(move || Ok::<_, AgentError>(find::server(known, &config, &place))).await?;
        let server = Server::new(known, root, Arc::clone(&self.config));
        let mut view = server.view();
        (view.state, view.command) = match found {
            Some(found) => (LanguageState::Stopped, found.command),
            None => (LanguageState::Missing, Vec::new()),
        };
        Ok(view)
    }

    async fn log(&self, language: &str, query: LanguageQuery) -> Result<LanguageLog, AgentError> {
        let (known, root) = self.project(language, query).await?;
        let server = self.existing(known, &root);
        Ok(server.map_or(
            LanguageLog {
                lines: Vec::new(),
                dropped: 0,
            },
            |server| server.log(),
        ))
    }

    /// The server for a project; it starts when a viewer comes.
    async fn server(
        &self,
        language: &str,
        query: LanguageQuery,
    ) -> Result<Arc<Server>, AgentError> {
        let (known, root) = self.project(language, query).await?;
        if let Some(server) = self.existing(known, &root) {
            return Ok(server);
        }
        let mut servers = self.servers.lock();
        let active = servers
            .iter()
            .filter(|entry| entry.server.is_active())
            .count();
        if active >= ACTIVE_MAX {
            return Err(AgentError::limit_reached(format!(
                "{ACTIVE_MAX} language servers are in use, which is the most that a workspace may have. Close \
                 files of projects that are not needed, or stop a server."
            )));
        }
        let useless = servers.iter().position(|entry| !entry.server.is_active());
        if let Some(index) = useless.filter(|_| servers.len() >= SERVERS_MAX) {
            servers.remove(index);
        }
        let server = Server::new(known, root, Arc::clone(&self.config));
        servers.push(Entry {
            task: tokio::spawn(Arc::clone(&server).run()),
            server: Arc::clone(&server),
        });
        Ok(server)
    }

    fn existing(&self, known: &Known, root: &RelativePath) -> Option<Arc<Server>> {
        let servers = self.servers.lock();
        let is_it =
            |server: &Server| server.known.language == known.language && server.root == *root;
        servers
            .iter()
            .map(|entry| &entry.server)
            .find(|server| is_it(server))
            .cloned()
    }

    /// The language and the project's directory.
    async fn project(
        &self,
        language: &str,
        query: LanguageQuery,
    ) -> Result<(&'static Known, RelativePath), AgentError> {
        let known = known::find(language).ok_or_else(|| {
            let known: Vec<&str> = known::ALL.iter().map(|known| known.language).collect();
            AgentError::not_found(format!(
                "No language server is known for `{}`; there are some for {}.",
                language.chars().take(32).collect::<String>(),
                known.join(", ")
            ))
        })?;
        let directory = self.roots.get(Root::Workspace)?;
        let config = Arc::clone(&self.config);
        let wire = query.root.clone().unwrap_or_default();
        let root = match (&query.root, &query.path) {
            (None, Some(path)) => {
                let path = parse_path(path)?;
                blocking(move || Ok::<_, AgentError>(find::root_of(known, &config, &path))).await?
            }
            _ => parse_path(&wire)?,
        };
        let place = root.clone();
        blocking(move || {
            directory
                .open_directory(&place)
                .map_err(|error| error.about(|| place.wire()))
        })
        .await?;
        Ok((known, root))
    }
}

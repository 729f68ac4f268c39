//! The workspace agent: one small process inside a workspace that serves its terminals, processes,
//! files, search, Git and language servers over HTTP on a Unix socket, under `/v1` (shapes in [`atelier_api::agent`]).
//!
//! It is where user code runs, and it runs with the workspace's rights: whoever reaches the socket
//! (mode 0600) may do what the workspace's user may do. Authorization is the control plane's work.
//!
//! Invariant: sessions outlive connections. Terminals and processes belong to the agent and survive
//! every viewer, the tunnel, the node and the control plane.

mod bridge;
mod clock;
mod config;
mod error;
mod files;
mod git;
mod health;
mod http;
mod ids;
mod languages;
mod launch;
mod pages;
mod ports;
mod processes;
mod ring;
mod search;
mod serve;
mod signals;
mod terminals;
mod vscode;
mod websocket;

use std::sync::Arc;

use axum::Router;

pub use config::{AgentArgs, Config};
pub use error::AgentError;
pub use git::git_helper;
pub use languages::LanguageLimits;
pub use pages::release as release_pages;
pub use serve::{main, serve};
pub use terminals::RecordingLimits;
pub use vscode::VsCodeLimits;

use languages::Languages;
use processes::Processes;
use terminals::{Recordings, Terminals};
use vscode::VsCode;

/// The agent's routes, ready to be served.
pub fn router(config: Config) -> Router {
    Agent::new(config).router()
}

/// What the agent holds.
struct Agent {
    config: Arc<Config>,
    terminals: Arc<Terminals>,
    recordings: Arc<Recordings>,
    processes: Arc<Processes>,
    languages: Arc<Languages>,
    vscode: Arc<VsCode>,
}

impl Agent {
    fn new(config: Config) -> Self {
        let config = Arc::new(config);
        Self {
            terminals: Arc::new(Terminals::new(config.clone())),
            recordings: Arc::new(Recordings::new(&config.home, config.recordings)),
            processes: Arc::new(Processes::new(config.clone())),
            languages: Arc::new(Languages::new(config.clone())),
            vscode: Arc::new(VsCode::new(config.clone())),
            config,
        }
    }

    fn router(&self) -> Router {
        let mut router = Router::new()
            .merge(health::routes(
                self.terminals.clone(),
                self.processes.clone(),
            ))
            .merge(terminals::routes(
                self.terminals.clone(),
                self.recordings.clone(),
            ))
            .merge(processes::routes(self.processes.clone()));
        let machine = self.config.machine.as_ref();
        // Whoever writes files keeps apart from whoever else does.
        let locks = Arc::new(files::WriteLocks::default());
        if machine.is_none_or(|files| files.permitted) {
            let files = Arc::new(files::Files::new(&self.config, locks.clone()));
            router = router.merge(files::routes(files.clone()));
            if machine.is_none() {
                let (terminals, processes) = (self.terminals.clone(), self.processes.clone());
                let bridge = bridge::Bridge::new(terminals, processes, files);
                router = router.merge(bridge::routes(Arc::new(bridge)));
            }
        }
        if machine.is_none() {
            router = router
                .merge(git::routes(&self.config))
                .merge(ports::routes())
                .merge(languages::routes(self.languages.clone()))
                .merge(vscode::routes(self.vscode.clone()))
                .merge(search::routes(&self.config, locks));
        }
        router
            .fallback(http::not_found)
            .method_not_allowed_fallback(http::method_not_allowed)
    }

    /// Ends everything that runs.
    async fn shut_down(&self) {
        tokio::join!(
            self.terminals.kill_all(),
            self.processes.kill_all(),
            self.languages.kill_all(),
            self.vscode.kill()
        );
    }
}

//! The gateway to applications that run in workspaces (decision 0019).
//!
//! An application is shown on an origin of its own: on the host name
//! `{port}--{workspace}--{organization}.{apps domain}` (`vscode--…` for VS Code, decision 0022), or, where there are no such names, below
//! `/apps/{capability}/` of the platform, confined by `Content-Security-Policy: sandbox` to an opaque one.
//! What asks is let in by a token that was signed here: an entry token, good for a minute, makes a session
//! of the browser with that one port. The hot path checks a signature, once for each token;
//! whether the person may still see the application is decided anew every minute.
//!
//! * Invariant: an application's host never serves anything of the platform, and what an application answers
//!   never runs with the platform's origin.
//! * Invariant: no credential of the platform reaches an application: neither its cookies, nor those of the
//!   gateway itself.
//! * Invariant: nothing is reached but a port that the workspace's own processes listen on, and the VS Code
//!   that its agent looks after (the agent sees to that).
//! * Invariant: who is signed out, removed, or no longer allowed is out within a minute, open connections
//!   included.

mod address;
mod app_routes;
mod cookies;
mod decide;
mod entry_routes;
mod front_routes;
mod grants;
mod headers;
mod host_routes;
mod memo;
mod page;
mod path_routes;
mod rewrite;
mod routes;
mod service;
mod store;
mod token;
mod vscode;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) use front_routes::Front;
pub(crate) use grants::start;

/// What the gateway keeps in memory.
#[derive(Debug)]
pub struct Gateway {
    signer: token::Signer,
    grants: grants::Grants,
    domain: Option<address::Domain>,
}

impl Gateway {
    /// With this key, and this domain for applications; none when it is empty.
    pub fn new(key: &[u8], apps_domain: &str) -> Self {
        Self {
            signer: token::Signer::new(key),
            grants: grants::Grants::default(),
            domain: address::Domain::new(apps_domain),
        }
    }

    /// Whether applications have host names.
    pub(crate) fn has_domain(&self) -> bool {
        self.domain.is_some()
    }
}

pub(crate) fn routes() -> OpenApiRouter<App> {
    routes::routes()
}

/// Where the platform's pages may show applications, as sources of a `frame-src`.
pub(crate) fn frame_sources(app: &App) -> String {
    address::frame_sources(app)
}

//! VS Code in the browser: one server of the workspace, which the agent finds or installs, starts, looks
//! after and ends.
//!
//! | request | does |
//! | --- | --- |
//! | `GET /v1/vscode` | [`VsCode`]: its state |
//! | `POST /v1/vscode/install?version` | [`VsCodeInstall`]: installs code-server; it follows |
//! | `POST /v1/vscode/start` | [`VsCodeStart`] → [`VsCode`] that is ready; nothing new when it runs |
//! | `POST /v1/vscode/stop` | ends it, also an installation → [`VsCode`] |
//! | `DELETE /v1/vscode?program&data` | [`VsCodeDelete`]: ends it, removes what is asked for |
//! | `GET /v1/vscode/connect` | a connection to it, as to a port ([`super::ports::CONNECT_PROTOCOL`]) |

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The server of VS Code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VsCode {
    /// What it is doing.
    pub state: VsCodeState,
    /// Since when.
    pub since: Timestamp,
    /// Why, and what can be done; or how far it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The program that was found: its whole path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// What it says its version is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether the program was installed here, and can be removed.
    pub installed: bool,
    /// What `install` would install; absent where nothing can be, and `detail` says what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installs: Option<String>,
    /// Its process id inside the workspace, while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The memory that it and what it has started use, in bytes, as it was looked at last.
    pub memory_bytes: u64,
    /// How many connections are open to it: some for each browser that shows it.
    pub connections: u32,
    /// How often it was started again because it had ended by itself.
    pub restarts: u32,
    /// The last lines that it, its installation or the agent have said, oldest first.
    pub log: Vec<String>,
}

/// What the server of VS Code is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum VsCodeState {
    /// The workspace has no such program.
    Absent,
    /// It is being installed.
    Installing,
    /// It does not run.
    Stopped,
    /// It was started and is getting ready.
    Starting,
    /// It answers.
    Ready,
    /// It has ended by itself and is started again after a while.
    Restarting,
    /// It could not be started, or ended again and again.
    Failed,
}

/// What is installed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct VsCodeInstall {
    /// A version of code-server, `4.99.4`; by default one that is known to fit the workspace's Node.js.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Under which addresses it is shown. Whoever starts it first decides, until it is stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VsCodeStart {
    /// Its own host name and port, as browsers see them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The address of a port's preview, with `{{port}}` in the port's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port_url: Option<String>,
}

/// What is removed, beside that it is ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct VsCodeDelete {
    /// The program that was installed.
    #[serde(default)]
    pub program: bool,
    /// Its settings, extensions and state.
    #[serde(default)]
    pub data: bool,
}
